package statefile_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"p1/pkg/fix/statefile"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, path string) *statefile.File {
	t.Helper()
	f, err := statefile.Open(path, "v1.2.3")
	must(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

func read(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	must(t, err)
	return string(data)
}

func write(t testing.TB, path, text string) {
	t.Helper()
	must(t, os.WriteFile(path, []byte(text), 0o600))
}

func raws(texts ...string) []json.RawMessage {
	var list []json.RawMessage
	for _, text := range texts {
		list = append(list, json.RawMessage(text))
	}
	return list
}

// same fails unless both say the same of each meter.
func same(t testing.TB, got, want []json.RawMessage) {
	t.Helper()
	compact := func(list []json.RawMessage) string {
		var b bytes.Buffer
		for _, m := range list {
			must(t, json.Compact(&b, m))
			b.WriteByte('\n')
		}
		return b.String()
	}
	if a, b := compact(got), compact(want); a != b {
		t.Fatalf("got %s want %s", a, b)
	}
}

// names lists the directory.
func names(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func anyMeter(d *rand.Rand) json.RawMessage {
	text := make([]rune, d.IntN(50))
	for i := range text {
		text[i] = []rune{'a', '<', '"', '\\', '\n', 'ÿ', 'ű', 0, '\u2028', '&'}[d.IntN(10)]
	}
	m, _ := json.Marshal(map[string]any{"text": string(text), "n": d.Float64(), "list": []int{1, d.IntN(9)}, "none": nil})
	return m
}

// What one run saves, the next one gets, with and without the lock.
func TestNextRunGetsIt(t *testing.T) {
	d := rand.New(rand.NewPCG(1, 2))
	path := filepath.Join(t.TempDir(), "p1.state")
	want := raws()
	for i := range 30 {
		f := open(t, path)
		same(t, f.Meters(), want)
		want = nil
		for range d.IntN(4) {
			want = append(want, anyMeter(d))
		}
		for range 1 + i%2 {
			must(t, f.Save(want))
			got, err := statefile.Read(path)
			must(t, err)
			same(t, got, want)
		}
		must(t, f.Close())
	}
}

// The file says whose it is, in lines that people can read.
func TestFileIsReadable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p1.state")
	f := open(t, path)
	must(t, f.Save(raws(`{"text":"<ÿ&","n":[1]}`)))
	want := `{
  "program": "p1fix",
  "version": "v1.2.3",
  "format": 1,
  "meters": [
    {
      "text": "<ÿ&",
      "n": [
        1
      ]
    }
  ]
}
`
	if got := read(t, path); got != want {
		t.Errorf("the file is\n%swant\n%s", got, want)
	}
	must(t, f.Save(nil))
	if got := read(t, path); !strings.Contains(got, `"meters": []`) {
		t.Errorf("without a meter the file is\n%s", got)
	}
}

// A first run leaves no file before it has something to save.
func TestFirstRun(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "p1.state")
	f := open(t, path)
	if len(f.Meters()) > 0 {
		t.Errorf("there are meters: %s", f.Meters())
	}
	if got := names(t, dir); fmt.Sprint(got) != "[p1.state.lock]" {
		t.Errorf("the directory holds %v", got)
	}
	if _, err := statefile.Read(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading what is not there: %v", err)
	}
	must(t, f.Save(raws(`1`)))
	must(t, f.Close())
	must(t, f.Close())
	if err := f.Save(raws(`2`)); err == nil {
		t.Error("a closed file is written")
	}
	if got := names(t, dir); fmt.Sprint(got) != "[p1.state p1.state.lock]" {
		t.Errorf("the directory holds %v", got)
	}
}

// A file named without a directory stands in the current one, and so does what it
// is made from.
func TestCurrentDirectory(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("TMPDIR", filepath.Join(dir, "elsewhere"))
	f := open(t, "p1.state")
	must(t, f.Save(raws(`1`)))
	if got := names(t, dir); fmt.Sprint(got) != "[p1.state p1.state.lock]" {
		t.Errorf("the directory holds %v", got)
	}
}

// checkRefused fails unless reading and opening a file both say what is wrong
// with it, and leave it alone.
func checkRefused(t *testing.T, path string, want error, words string) {
	t.Helper()
	before := read(t, path)
	_, readErr := statefile.Read(path)
	f, openErr := statefile.Open(path, "v1")
	if openErr == nil {
		f.Close()
	}
	for _, err := range []error{readErr, openErr} {
		var e *statefile.Error
		if !errors.Is(err, want) || !errors.As(err, &e) {
			t.Errorf("%.40q: error %v, want %v", before, err, want)
			continue
		}
		if e.Path != path || !strings.HasPrefix(err.Error(), path+" ") || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "\n") {
			t.Errorf("it says %q, want %q with the name %s", err, words, path)
		}
		if e.Hint() == "" {
			t.Errorf("%v: no hint", err)
		}
	}
	if after := read(t, path); after != before {
		t.Errorf("%.40q has become %.40q", before, after)
	}
}

func TestRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p1.state")
	for _, c := range []struct {
		text  string
		want  error
		words string
	}{
		{"", statefile.ErrEmpty, "is empty"},
		{"\r\n", statefile.ErrEmpty, "is empty"},
		{"{}", statefile.ErrForeign, "no state of p1fix"},
		{"[1]", statefile.ErrForeign, ""},
		{"null", statefile.ErrForeign, ""},
		{`"p1fix"`, statefile.ErrForeign, ""},
		{"\x00\x00\x00\x00", statefile.ErrForeign, ""},
		{`{"program":"p2fix","format":1,"meters":[]}`, statefile.ErrForeign, ""},
		{`{"program":7,"format":1,"meters":[]}`, statefile.ErrForeign, ""},
		{`{"v":1,"type":"gap","source":"s","offset":0}` + "\n" + `{"v":1}`, statefile.ErrForeign, ""},
		{"/AUX5990\r\n\r\n!0000\r\n", statefile.ErrForeign, ""},
		{`{"program":"p1fix","format":2,"meters":{"now":"otherwise"}}`, statefile.ErrNewer, "format is 2, and this one reads up to 1"},
		{`{"program":"p1fix","format":1.5}`, statefile.ErrNewer, ""},
		{`{"program":"p1fix","format":0,"meters":[]}`, statefile.ErrOlder, "format is 0, and this one reads from 1 on"},
		{`{"program":"p1fix","format":1}`, statefile.ErrDamaged, "no meters"},
		{`{"program":"p1fix","meters":[]}`, statefile.ErrDamaged, "no format"},
		{`{"program":"p1fix","format":"1","meters":[]}`, statefile.ErrDamaged, "its format is a string"},
		{`{"program":"p1fix","format":1,"meters":{}}`, statefile.ErrDamaged, "no list"},
		{"{\"program\":\"p1fix\",\n\"format\":1,\n\"meters\":[}]}", statefile.ErrDamaged, "line 3"},
		{`{"program":"p1fix","format":1,"meters":[]}{`, statefile.ErrDamaged, "line 1"},
	} {
		write(t, path, c.text)
		checkRefused(t, path, c.want, c.words)
	}
	f, err := os.Create(path)
	must(t, err)
	must(t, f.Truncate(64<<20+1))
	must(t, f.Close())
	if _, err := statefile.Read(path); !errors.Is(err, statefile.ErrTooLarge) || !strings.Contains(err.Error(), "64 MiB") {
		t.Errorf("of a file that is too large it says %v", err)
	}
}

// A file that is cut off anywhere is never taken for a whole one.
func TestCutOff(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p1.state")
	f := open(t, path)
	must(t, f.Save(raws(`{"a":[1,2,{"b":"c"}]}`, `7`)))
	must(t, f.Close())
	whole := read(t, path)
	for n := range len(whole) - 1 { // without the last line end it is whole
		write(t, path, whole[:n])
		want := statefile.ErrDamaged
		if n == 0 {
			want = statefile.ErrEmpty
		} else if n < strings.Index(whole, ",") {
			want = statefile.ErrForeign
		}
		checkRefused(t, path, want, "")
	}
	write(t, path, "\xEF\xBB\xBF"+strings.ReplaceAll(whole, "\n", "\r\n"))
	got, err := statefile.Read(path)
	must(t, err)
	same(t, got, raws(`{"a":[1,2,{"b":"c"}]}`, `7`))
}

func TestUnfit(t *testing.T) {
	why := errors.New("shape 1: it has no text")
	err := statefile.Unfit("p1.state", why)
	var e *statefile.Error
	if !errors.Is(err, statefile.ErrUnfit) || !errors.Is(err, why) || !errors.As(err, &e) || e.Hint() == "" {
		t.Errorf("it says %v", err)
	}
	if got, want := err.Error(), "p1.state holds what does not fit: shape 1: it has no text"; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
}

// What would fail at the end of a day fails at its start.
func TestFailsAtTheStart(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	write(t, file, "")
	for path, want := range map[string]error{
		filepath.Join(dir, "no", "p1.state"): fs.ErrNotExist,
		filepath.Join(file, "p1.state"):      nil, // the system's own words
		dir:                                  statefile.ErrNoFile,
		dir + string(filepath.Separator):     statefile.ErrNoFile,
		"":                                   nil,
		os.DevNull:                           statefile.ErrNoFile,
	} {
		if runtime.GOOS == "windows" && path == os.DevNull {
			continue
		}
		f, err := statefile.Open(path, "v1")
		if err == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%q: error %v, want %v", path, err, want)
		}
		if err == nil {
			f.Close()
		}
		if _, err := statefile.Read(path); err == nil {
			t.Errorf("%q can be read", path)
		}
	}
	if got := names(t, dir); fmt.Sprint(got) != "[file]" {
		t.Errorf("the directory holds %v", got)
	}
}

// A file or directory that may not be written is refused at the start, and can be
// read all the same.
func TestReadOnly(t *testing.T) {
	if os.Geteuid() <= 0 {
		t.Skip("this user may write anything, or the system knows no such right")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "p1.state")
	f := open(t, path)
	must(t, f.Save(raws(`1`)))
	must(t, f.Close())
	for _, c := range []struct {
		name         string
		mode, normal fs.FileMode
	}{{path, 0o400, 0o600}, {dir, 0o500, 0o700}} {
		must(t, os.Chmod(c.name, c.mode))
		f, err := statefile.Open(path, "v1")
		var e *statefile.Error
		if !errors.Is(err, fs.ErrPermission) || !errors.As(err, &e) || e.Hint() == "" {
			t.Errorf("%s: error %v", c.name, err)
		}
		if err == nil {
			f.Close()
		}
		got, err := statefile.Read(path)
		must(t, err)
		same(t, got, raws(`1`))
		must(t, os.Chmod(c.name, c.normal))
	}
}

// Saving what is saved already touches nothing.
func TestNothingNew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p1.state")
	stat := func() os.FileInfo {
		info, err := os.Stat(path)
		must(t, err)
		return info
	}
	f := open(t, path)
	must(t, f.Save(raws(`{"a":1}`)))
	first := stat()
	must(t, f.Save(raws(`{"a":1}`)))
	must(t, f.Close())
	f = open(t, path)
	must(t, f.Save(f.Meters()))
	must(t, f.Save(raws(`{ "a" : 1 }`)))
	if now := stat(); !os.SameFile(first, now) || !now.ModTime().Equal(first.ModTime()) {
		t.Error("a file that says the same was written again")
	}
	must(t, f.Save(raws(`{"a":2}`)))
	if strings.Contains(read(t, path), `"a": 1`) {
		t.Error("what is new was not written")
	}
	must(t, os.Remove(path))
	must(t, f.Save(raws(`{"a":2}`)))
	stat()
	must(t, f.Close())
	newer, err := statefile.Open(path, "v9")
	must(t, err)
	defer newer.Close()
	must(t, newer.Save(newer.Meters()))
	if !strings.Contains(read(t, path), `"version": "v9"`) {
		t.Error("the version is not that of who wrote it last")
	}
}

func TestPermissionsAreKept(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no such permissions")
	}
	path := filepath.Join(t.TempDir(), "p1.state")
	mode := func() fs.FileMode {
		info, err := os.Stat(path)
		must(t, err)
		return info.Mode()
	}
	f := open(t, path)
	must(t, f.Save(raws(`0`)))
	if m := mode(); m != 0o600 {
		t.Errorf("a new file has the mode %v", m)
	}
	for i, want := range []fs.FileMode{0o640, 0o666, 0o600} {
		must(t, os.Chmod(path, want))
		must(t, f.Save(raws(fmt.Sprint(i+1))))
		if m := mode(); m != want {
			t.Errorf("the mode %v has become %v", want, m)
		}
	}
}

// A link stays one; what it leads to is written, there.
func TestLinks(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b", filepath.Join("b", "c")} {
		must(t, os.Mkdir(filepath.Join(dir, name), 0o700))
	}
	link := func(to, name string) string {
		name = filepath.Join(dir, name)
		if err := os.Symlink(filepath.FromSlash(to), name); err != nil {
			t.Skip(err)
		}
		return name
	}
	link("../b/c", "a/dir")
	real := filepath.Join(dir, "b", "real.state")
	link("../real.state", "b/c/link") // by way of a/dir, ".." is b, not a
	for i, path := range []string{link("b/real.state", "near"), link("near", "far"), link(real, "whole"), filepath.Join(dir, "a", "dir", "link")} {
		f := open(t, path) // at first there is no such file
		if _, err := statefile.Open(real, "v1"); !errors.Is(err, statefile.ErrInUse) {
			t.Errorf("%s is locked, and what it leads to is not: %v", path, err)
		}
		must(t, f.Save(raws(fmt.Sprint(i))))
		must(t, f.Close())
		if info, err := os.Lstat(path); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			t.Errorf("%s is no link any more (%v)", path, err)
		}
		got, err := statefile.Read(real)
		must(t, err)
		same(t, got, raws(fmt.Sprint(i)))
	}
	link("loop", "loop")
	if _, err := statefile.Open(filepath.Join(dir, "loop"), "v1"); err == nil {
		t.Error("a loop of links leads somewhere")
	}
	if got := names(t, filepath.Join(dir, "b")); fmt.Sprint(got) != "[c real.state real.state.lock]" {
		t.Errorf("beside the file are %v", got)
	}
}

// FuzzRead: whatever a file holds, it is refused as a whole, or kept as it is.
func FuzzRead(f *testing.F) {
	for _, text := range []string{"", "{}", `{"program":"p1fix","format":1,"meters":[{"a":1},null,"ÿ"]}`, `{"program":"p1fix","format":9}`, "\xEF\xBB\xBF{"} {
		f.Add([]byte(text))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(dir, fmt.Sprint(os.Getpid()))
		must(t, os.WriteFile(path, data, 0o600))
		got, err := statefile.Read(path)
		if err != nil {
			if !errors.As(err, new(*statefile.Error)) {
				t.Fatalf("error %v", err)
			}
			return
		}
		file := open(t, path)
		must(t, file.Save(got))
		again, err := statefile.Read(path)
		must(t, err)
		same(t, again, got)
		must(t, file.Close())
	})
}
