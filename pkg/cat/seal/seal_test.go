package seal

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"filippo.io/age"

	"p1/pkg/fileio"
)

// identity makes an identity and its recipient, classic or post-quantum.
func identity(t testing.TB, postQuantum bool) (*Identities, string, string) {
	t.Helper()
	if postQuantum {
		id, err := age.GenerateHybridIdentity()
		must(t, err)
		return &Identities{list: []age.Identity{id}}, id.Recipient().String(), id.String()
	}
	id, err := age.GenerateX25519Identity()
	must(t, err)
	return &Identities{list: []age.Identity{id}}, id.Recipient().String(), id.String()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func noPause() error { return nil }

// day writes a file of so many bytes, and returns its path and what is in it.
func day(t testing.TB, size int) (string, []byte) {
	t.Helper()
	data := make([]byte, size)
	rng := rand.New(rand.NewPCG(uint64(size), 1))
	for i := range data {
		data[i] = byte(rng.Uint32())
	}
	copy(data, "log") // no compression
	path := filepath.Join(t.TempDir(), "p1-2026-11-22.jsonl.zst")
	must(t, os.WriteFile(path, data, 0o640))
	old := time.Date(2026, 11, 23, 0, 0, 3, 0, time.UTC)
	must(t, os.Chtimes(path, old, old))
	return path, data
}

// opened is what an identity finds in a file.
func opened(path string, ids *Identities) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := ids.Unseal(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// names lists what is beside a file.
func names(t testing.TB, path string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	must(t, err)
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// Each recipient opens a day of any size, and nobody else; the plain file is gone, and the
// sealed one has its time and mode.
func TestDay(t *testing.T) {
	for _, postQuantum := range []bool{false, true} {
		first, to1, _ := identity(t, postQuantum)
		second, to2, _ := identity(t, postQuantum)
		stranger, _, _ := identity(t, postQuantum)
		r, err := ParseRecipients([]string{to1, to2})
		must(t, err)
		for _, size := range []int{3, 65535, 65536, 65537, 131072, 300001} {
			path, data := day(t, size)
			must(t, r.Day(path, noPause))
			if got := names(t, path); !slices.Equal(got, []string{"p1-2026-11-22.jsonl.zst.age"}) {
				t.Fatalf("%d bytes: there are %q", size, got)
			}
			for _, ids := range []*Identities{first, second} {
				if got, err := opened(path+Suffix, ids); err != nil || !bytes.Equal(got, data) {
					t.Errorf("%d bytes come back as %d, %v", size, len(got), err)
				}
			}
			if _, err := opened(path+Suffix, stranger); err == nil {
				t.Error("a stranger opens it")
			}
			if _, err := opened(path+Suffix, &Identities{}); !errors.Is(err, fileio.ErrSealed) {
				t.Errorf("without an identity: %v", err)
			}
			info, err := os.Stat(path + Suffix)
			must(t, err)
			if runtime.GOOS != "windows" && info.Mode().Perm() != 0o640 || info.ModTime().Year() != 2026 || info.ModTime().UTC().Day() != 23 {
				t.Errorf("the sealed file is %v of %v", info.Mode(), info.ModTime())
			}
			sealed, err := os.ReadFile(path + Suffix)
			must(t, err)
			if n := min(size, 16); size > n && bytes.Contains(sealed, data[:n]) {
				t.Error("a piece of the day stands in it as it was")
			}
		}
	}
}

// ended is what ends a sealing in a test, as a kill would: nothing is tidied up.
type ended struct{}

// Ended before any of its steps, the day is whole in one readable file at least; the next time
// it is finished, whatever was left.
func TestEndedAtEachStep(t *testing.T) {
	ids, to, _ := identity(t, false)
	r, err := ParseRecipients([]string{to})
	must(t, err)
	var steps []string
	path, _ := day(t, 100000)
	must(t, (&work{path: path, to: r.list, pause: noPause, step: func(s string) { steps = append(steps, s) }}).do())
	want := []string{"write", "sync", "read back", "rename", "sync the folder", "remove", "sync the folder again"}
	if !slices.Equal(steps, want) {
		t.Fatalf("the steps are %q, want %q", steps, want)
	}
	for _, last := range want {
		path, data := day(t, 100000)
		func() {
			defer func() {
				if r := recover(); r != any(ended{}) {
					t.Fatal(r)
				}
			}()
			_ = (&work{path: path, to: r.list, pause: noPause, step: func(s string) {
				if s == last {
					panic(ended{})
				}
			}}).do()
		}()
		plain, err := os.ReadFile(path)
		sealed, errSealed := opened(path+Suffix, ids)
		isPlain, isSealed := err == nil && bytes.Equal(plain, data), errSealed == nil && bytes.Equal(sealed, data)
		if !isPlain && !isSealed {
			t.Fatalf("ended before %s: the day is gone", last)
		}
		if err == nil && !isPlain || !errors.Is(errSealed, fs.ErrNotExist) && !isSealed {
			t.Errorf("ended before %s: one of its files is not whole", last)
		}
		if !isPlain {
			continue
		}
		must(t, r.Day(path, noPause))
		if got, err := opened(path+Suffix, ids); err != nil || !bytes.Equal(got, data) {
			t.Errorf("ended before %s, and finished: %v", last, err)
		}
		if got := names(t, path); len(got) != 1 {
			t.Errorf("ended before %s, and finished: there are %q", last, got)
		}
	}
}

// What is read back is compared: a byte that the disk has changed keeps the day plain.
func TestReadBack(t *testing.T) {
	_, to, _ := identity(t, false)
	r, err := ParseRecipients([]string{to})
	must(t, err)
	for _, at := range []int64{0, 30, 210, 70000, -1} {
		path, data := day(t, 100000)
		w := &work{path: path, to: r.list, pause: noPause}
		w.step = func(s string) {
			if s != "read back" {
				return
			}
			f, err := os.OpenFile(path+Unfinished, os.O_RDWR, 0)
			must(t, err)
			defer f.Close()
			if at < 0 {
				must(t, f.Truncate(65536+300)) // near the end of a chunk
				return
			}
			b := make([]byte, 1)
			_, err = f.ReadAt(b, at)
			must(t, err)
			_, err = f.WriteAt([]byte{b[0] ^ 4}, at)
			must(t, err)
		}
		if err := w.do(); err == nil {
			t.Errorf("with byte %d changed: %v", at, err)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, data) || len(names(t, path)) != 1 {
			t.Errorf("with byte %d changed: there are %q, %v", at, names(t, path), err)
		}
	}
}

// A day that is written to meanwhile, one beside which something else is sealed, and one whose
// sealing is to stop, stay as they are.
func TestLeftAlone(t *testing.T) {
	_, to, _ := identity(t, false)
	r, err := ParseRecipients([]string{to})
	must(t, err)
	path, data := day(t, 100000)
	grow := func(s string) {
		if s == "rename" {
			must(t, os.WriteFile(path, append(slices.Clone(data), "more"...), 0o600))
		}
	}
	if err := (&work{path: path, to: r.list, pause: noPause, step: grow}).do(); !errors.Is(err, errChanged) {
		t.Errorf("it grew: %v", err)
	}
	if got, _ := os.ReadFile(path); len(got) != len(data)+4 || len(names(t, path)) != 1 {
		t.Errorf("it grew: %d bytes, %q", len(got), names(t, path))
	}

	if err := r.Day(path, func() error { return syscall.EINTR }); !errors.Is(err, syscall.EINTR) || len(names(t, path)) != 1 {
		t.Errorf("it is to stop: %v, %q", err, names(t, path))
	}

	// Somebody decrypts a sealed day beside it, and is half way.
	must(t, r.Day(path, noPause))
	must(t, os.WriteFile(path, data[:50000], 0o600))
	if err := r.Day(path, noPause); !errors.Is(err, ErrTwin) || len(names(t, path)) != 2 {
		t.Errorf("half a day beside the whole: %v, %q", err, names(t, path))
	}
	// A file that is not of age is nobody's to write over.
	must(t, os.WriteFile(path+Suffix, []byte("mine"), 0o600))
	if err := r.Day(path, noPause); !errors.Is(err, ErrTwin) || len(names(t, path)) != 2 {
		t.Errorf("beside a stranger's file: %v, %q", err, names(t, path))
	}
}

// A sealed file that is there already may be anybody's, or damaged: as long as the plain one is
// there, the day is sealed anew, and comes back.
func TestSealedAnew(t *testing.T) {
	ids, to, _ := identity(t, false)
	r, err := ParseRecipients([]string{to})
	must(t, err)
	_, stranger, _ := identity(t, false)
	other, err := ParseRecipients([]string{stranger})
	must(t, err)
	for name, damage := range map[string]func(sealed []byte){
		"one bit":          func(sealed []byte) { sealed[len(sealed)-20] ^= 1 },
		"zeros":            func(sealed []byte) { clear(sealed[300:]) },
		"the key's stanza": func(sealed []byte) { sealed[60] ^= 1 },
		"nothing":          func([]byte) {},
	} {
		for _, before := range []*Recipients{r, other} {
			path, data := day(t, 100000)
			must(t, before.Day(path, noPause))
			sealed, err := os.ReadFile(path + Suffix)
			must(t, err)
			damage(sealed)
			must(t, errors.Join(os.WriteFile(path+Suffix, sealed, 0o600), os.WriteFile(path, data, 0o600)))
			err = r.Day(path, noPause)
			if got, errOpen := opened(path+Suffix, ids); err != nil || errOpen != nil || !bytes.Equal(got, data) {
				t.Errorf("%s damaged: %v, %d bytes of %d come back, %v", name, err, len(got), len(data), errOpen)
			}
		}
	}
}

// Where the sealed file is gone or another one before the plain one is removed, the plain one stays.
func TestSealedIsGone(t *testing.T) {
	_, to, _ := identity(t, false)
	r, err := ParseRecipients([]string{to})
	must(t, err)
	for _, change := range []func(path string) error{
		os.Remove,
		func(path string) error { return os.WriteFile(path, []byte("mine"), 0o600) },
		func(path string) error {
			data, err := os.ReadFile(path)
			return errors.Join(err, os.Remove(path), os.WriteFile(path+"2", data, 0o600), os.Rename(path+"2", path))
		},
	} {
		path, data := day(t, 1000)
		err := (&work{path: path, to: r.list, pause: noPause, step: func(s string) {
			if s == "remove" {
				must(t, change(path+Suffix))
			}
		}}).do()
		if got, errRead := os.ReadFile(path); !errors.Is(err, errGone) || errRead != nil || !bytes.Equal(got, data) {
			t.Errorf("%v, and %v", err, errRead)
		}
	}
}

// A link that has the passing name is replaced, not followed; one that has the sealed file's is
// left alone.
func TestLinks(t *testing.T) {
	ids, to, _ := identity(t, false)
	r, err := ParseRecipients([]string{to})
	must(t, err)
	precious := filepath.Join(t.TempDir(), "precious")
	must(t, os.WriteFile(precious, []byte("precious"), 0o600))
	link := func(path string) {
		if err := os.Symlink(precious, path); err != nil {
			t.Skip(err)
		}
	}
	path, data := day(t, 1000)
	link(path + Unfinished)
	must(t, r.Day(path, noPause))
	info, err := os.Lstat(path + Suffix)
	must(t, err)
	if got, err := opened(path+Suffix, ids); err != nil || !bytes.Equal(got, data) || !info.Mode().IsRegular() {
		t.Errorf("%d bytes come back, %v; it is %v", len(got), err, info.Mode())
	}
	path, _ = day(t, 1000)
	must(t, r.Day(path, noPause))
	must(t, os.Rename(path+Suffix, path+"2"))
	link(path + Suffix)
	must(t, os.WriteFile(path, data, 0o600))
	if err := r.Day(path, noPause); !errors.Is(err, ErrTwin) {
		t.Errorf("beside a link: %v", err)
	}
	if got, err := os.ReadFile(precious); err != nil || string(got) != "precious" {
		t.Errorf("what the links lead to: %q, %v", got, err)
	}
}

// The index of a day goes with its plain file; no other one does.
func TestIndexGoes(t *testing.T) {
	_, to, _ := identity(t, false)
	r, err := ParseRecipients([]string{to})
	must(t, err)
	path, _ := day(t, 1000)
	other := filepath.Join(filepath.Dir(path), "p1-2026-11-23.jsonl.zst")
	must(t, os.Mkdir(filepath.Join(filepath.Dir(path), ".p1index"), 0o700))
	for _, of := range []string{path, other} {
		must(t, os.WriteFile(fileio.IndexOf(of), []byte("{}\n"), 0o600))
	}
	must(t, r.Day(path, noPause))
	if got := names(t, fileio.IndexOf(path)); !slices.Equal(got, []string{"p1-2026-11-23.jsonl.zst.index.jsonl"}) {
		t.Errorf("there are %q", got)
	}
}

func TestSealedSize(t *testing.T) {
	_, to, _ := identity(t, false)
	r, err := ParseRecipients([]string{to})
	must(t, err)
	for _, n := range []int64{0, 1, 65535, 65536, 65537, 131072, 131073, 200000} {
		var out bytes.Buffer
		z, err := age.Encrypt(&out, r.list...)
		must(t, err)
		_, err = z.Write(make([]byte, n))
		must(t, errors.Join(err, z.Close()))
		header, err := age.ExtractHeader(bytes.NewReader(out.Bytes()))
		must(t, err)
		if got := int64(out.Len() - len(header)); got != sealedSize(n) {
			t.Errorf("%d bytes become %d, not %d", n, got, sealedSize(n))
		}
	}
}

// Recipients come as text and in files, all of one kind; what may be a secret is not repeated.
func TestParseRecipients(t *testing.T) {
	_, classic1, secret1 := identity(t, false)
	_, classic2, _ := identity(t, false)
	_, quantum1, secretQuantum := identity(t, true)
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "recipients")
		must(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	for _, c := range []struct {
		given []string
		n     int    // recipients
		says  string // of an error
	}{
		{[]string{classic1}, 1, ""},
		{[]string{classic1, classic2}, 2, ""},
		{[]string{quantum1}, 1, ""},
		{[]string{write("\uFEFF# of the house\r\n" + classic1 + "\r\n\r\n " + classic2 + "\r\n")}, 2, ""},
		{[]string{write(quantum1), quantum1}, 2, ""},
		{[]string{classic1, quantum1}, 0, "no mixture"},
		{[]string{write(classic1 + "\n" + quantum1 + "\n")}, 0, "no mixture"},
		{[]string{quantum1, write(classic2)}, 0, "no mixture"},
		{[]string{secret1}, 0, "this is an identity"},
		{[]string{write("# public key: " + classic1 + "\n" + secret1 + "\n")}, 0, "this is an identity"},
		{[]string{strings.ToLower(secretQuantum)}, 0, "this is an identity"},
		{[]string{write("# none\n")}, 0, "there is no recipient in it"},
		{[]string{write("hello\n")}, 0, "this is no recipient"},
		{[]string{"ssh-ed25519 AAAA"}, 0, "ssh"},
		{[]string{write("ssh-ed25519 AAAA\n")}, 0, "ssh"},
		{[]string{classic1[:40]}, 0, "not whole"},
		{[]string{"age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t"}, 0, "plugin"},
		{[]string{"no such file"}, 0, "no such file"},
		{[]string{""}, 0, "empty"},
		{[]string{"-"}, 0, "standard input"},
		{nil, 0, "no recipient"},
	} {
		r, err := ParseRecipients(c.given)
		switch {
		case c.says == "" && (err != nil || len(r.list) != c.n):
			t.Errorf("%.60q: %v", c.given, err)
		case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%.60q: %v, want %q", c.given, err, c.says)
		case err != nil && strings.Contains(strings.ToUpper(err.Error()), secret1[:20]):
			t.Errorf("%v repeats a secret", err)
		}
	}
}

// Identities come in a file that only its owner may read, and may be kept by a passphrase.
func TestReadIdentities(t *testing.T) {
	_, to, secret := identity(t, false)
	r, err := ParseRecipients([]string{to})
	must(t, err)
	path, data := day(t, 1000)
	must(t, r.Day(path, noPause))
	file := filepath.Join(t.TempDir(), "my key")
	must(t, os.WriteFile(file, []byte("# comment\n"+secret+"\n"), 0o600))
	check := func(name string, ask Ask) {
		t.Helper()
		ids, err := ReadIdentities(name, ask)
		must(t, err)
		if got, err := opened(path+Suffix, ids); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	check(file, nil)

	locked := filepath.Join(t.TempDir(), "locked")
	pass, err := age.NewScryptRecipient("correct horse")
	must(t, err)
	pass.SetWorkFactor(8)
	var out bytes.Buffer
	z, err := age.Encrypt(&out, pass)
	must(t, err)
	_, err = io.WriteString(z, secret+"\n")
	must(t, errors.Join(err, z.Close()))
	must(t, os.WriteFile(locked, out.Bytes(), 0o600))
	check(locked, func() (string, error) { return "correct horse", nil })
	for text, says := range map[string]string{"wrong": "not its passphrase", "": "empty"} {
		if _, err := ReadIdentities(locked, func() (string, error) { return text, nil }); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("passphrase %q: %v", text, err)
		}
	}
	if _, err := ReadIdentities(locked, func() (string, error) { return "", errors.New("no terminal") }); err == nil || !strings.Contains(err.Error(), "no terminal") {
		t.Errorf("nobody is there: %v", err)
	}
	for name, says := range map[string]string{"-": "standard input", path + Suffix: "is sealed", filepath.Join(t.TempDir(), "none"): "none"} {
		if _, err := ReadIdentities(name, nil); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", name, err, says)
		}
	}
	must(t, os.WriteFile(file, []byte("AGE-SECRET-KEY-1ZZZ\n"), 0o600))
	if _, err := ReadIdentities(file, nil); err == nil || strings.Contains(err.Error(), "ZZZ") {
		t.Errorf("half an identity: %v", err)
	}
}
