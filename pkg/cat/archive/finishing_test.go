package archive

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	fileage "filippo.io/age"

	"p1/pkg/cat/seal"
	"p1/pkg/fileio"
	"p1/pkg/record"
)

// key is an identity, and how it is sealed for it.
type key struct {
	open fileio.Unseal
	seal Seal
}

func newKey(t testing.TB) key {
	t.Helper()
	id := mustID(t)
	to, err := seal.ParseRecipients([]string{id.Recipient().String()})
	if err != nil {
		t.Fatal(err)
	}
	return key{func(r io.Reader) (io.Reader, error) { return fileage.Decrypt(r, id) }, to.Day}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mustID(t testing.TB) *fileage.X25519Identity {
	t.Helper()
	id, err := fileage.GenerateX25519Identity()
	must(t, err)
	return id
}

// told is words that several goroutines say.
type told struct {
	mu  sync.Mutex
	all words
}

func (s *told) say(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all.say(text)
}

func (s *told) words() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.all...)
}

// hour is a clock that is set by the hours since noon of 2026-11-22.
type hour struct{ atomic.Int64 }

func (h *hour) now() time.Time { return noon().at.Add(time.Duration(h.Load()) * time.Hour) }

// chunkAt is a telegram that came at a time.
func chunkAt(at time.Time, offset int64) *record.Chunk {
	return &record.Chunk{
		Origin: record.Origin{Source: "tty", Session: "s", Offset: offset}, Live: true,
		Time: at.Format(time.RFC3339Nano), End: record.EndPause, Data: []byte("/TST5 0123456789!"),
	}
}

// unsealed returns the lines of an archive as its reader gets them, with the identity.
func unsealed(t testing.TB, dir string, k key) string {
	t.Helper()
	paths, err := fileio.Expand([]string{filepath.Join(dir, "p1-*")})
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, path := range paths {
		in, err := fileio.OpenSealed(path, nil, fileio.Records, k.open)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(in)
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		all.Write(got)
		_ = in.Close()
	}
	return all.String()
}

// until waits until it holds.
func until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for range 6000 {
		if holds() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("it has not come to it: %s", what)
}

// Days are sealed as they end, and nothing of them is left as it was; today's is not, nor is what
// goes on after a wrong clock.
func TestDaysAreSealed(t *testing.T) {
	dir, k, h := filepath.Join(t.TempDir(), "kept"), newKey(t), &hour{}
	var said told
	a := &Archive{o: Options{Dir: dir, Sync: time.Minute, Seal: k.seal, FinishAll: true, Say: said.say}, now: h.now, open: openHandle}
	a.begin()
	want := ""
	for i, at := range []int64{0, 1, 24, 25, 48, 30, 49, 72} { // at 30 the clock is wrong
		h.Store(at)
		r := chunkAt(h.now(), int64(i)*17)
		want += text(t, r)
		_ = a.Take(r)
		if day := h.now().Format(time.DateOnly); at == 48 || at == 72 {
			until(t, "the day before "+day+" is sealed", func() bool {
				return strings.Contains(names(t, dir), h.now().AddDate(0, 0, -1).Format(time.DateOnly)+".jsonl.zst.age")
			})
		}
	}
	mustClose(t, a)
	const files = "2026-11-22.jsonl.zst.age 2026-11-23.jsonl.zst.age 2026-11-23.part002.jsonl.zst.age " +
		"2026-11-24.jsonl.zst.age 2026-11-25"
	if got := names(t, dir); got != files && got != strings.Replace(files, "24.jsonl", "24.jsonl.zst.age 2026-11-24.part002.jsonl", 1) {
		t.Errorf("there are %s", got)
	}
	if w := said.words(); len(w) != 1 || !strings.Contains(w[0], ": files sealed now: 4; in all: 4; today's file is not, ") && !strings.Contains(w[0], ": files sealed now: 5; in all: 5; today's file is not, ") {
		t.Errorf("it said %q", w)
	}
	got := unsealed(t, dir, k)
	if len(got) != len(want) || strings.Count(got, "\n") != 8 {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// The recipients are those of the start: where their file is removed or emptied meanwhile, the
// next day is sealed for them all the same.
func TestRecipientsFileGoes(t *testing.T) {
	for name, change := range map[string]func(string) error{
		"removed": os.Remove,
		"emptied": func(path string) error { return os.Truncate(path, 0) },
	} {
		list, id := filepath.Join(t.TempDir(), "recipients.txt"), mustID(t)
		must(t, os.WriteFile(list, []byte(id.Recipient().String()+"\n"), 0o600))
		to, err := seal.ParseRecipients([]string{list})
		must(t, err)
		k := key{func(r io.Reader) (io.Reader, error) { return fileage.Decrypt(r, id) }, to.Day}
		dir, h := filepath.Join(t.TempDir(), "kept"), &hour{}
		var said told
		a := &Archive{o: Options{Dir: dir, Sync: time.Minute, Seal: k.seal, Say: said.say}, now: h.now, open: openHandle}
		a.begin()
		want := ""
		take := func(offset int64) {
			r := chunkAt(h.now(), offset)
			want += text(t, r)
			_ = a.Take(r)
		}
		take(0)
		must(t, change(list))
		h.Store(24)
		take(17)
		until(t, "the first day is sealed", func() bool { return strings.Contains(names(t, dir), "11-22.jsonl.zst.age") })
		mustClose(t, a)
		if got := unsealed(t, dir, k); strings.Count(got, "\n") != 2 || len(got) != len(want) || len(said.words()) != 0 {
			t.Errorf("%s: %s\nwant %s, said %q", name, got, want, said.words())
		}
	}
}

// What is left from before is sealed at the start: plain days, days that were about to be
// removed; and what was half written is removed.
func TestSealsWhatIsLeft(t *testing.T) {
	dir, k := t.TempDir(), newKey(t)
	want := ""
	for i, name := range []string{"p1-2026-11-18", "p1-2026-11-18.part002", "p1-2026-11-19", "p1-2026-11-20", "p1-2026-11-22"} {
		lines := text(t, chunkAt(noon().at, int64(i)*17))
		want += lines
		file(t, filepath.Join(dir, name+".jsonl.zst"), lines)
	}
	both := filepath.Join(dir, "p1-2026-11-19.jsonl.zst")
	copied, err := os.ReadFile(both)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.seal(both, func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	for path, data := range map[string][]byte{
		both: copied, both + ".age.tmp": []byte("half"), filepath.Join(dir, "mine.age.tmp"): []byte("mine"),
		filepath.Join(dir, "p1-2026-11-20.jsonl.zst.age.tmp"): copied[:20],
	} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := unsealed(t, dir, k); got != want {
		t.Errorf("before: %s\nwant %s", got, want)
	}
	a := newArchive(Options{Dir: dir, Seal: k.seal, FinishAll: true}, noon(), nil)
	mustClose(t, a)
	const files = "mine.age.tmp 2026-11-18.jsonl.zst.age 2026-11-18.part002.jsonl.zst.age 2026-11-19.jsonl.zst.age 2026-11-20.jsonl.zst.age 2026-11-22"
	if got := names(t, dir); got != files {
		t.Errorf("there are %s", got)
	}
	if got := unsealed(t, dir, k); got != want {
		t.Errorf("after: %s\nwant %s", got, want)
	}
	if info, err := os.Stat(both + ".age"); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

// file writes a day's file.
func file(t testing.TB, path, lines string) {
	t.Helper()
	out, err := fileio.Create(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = io.WriteString(out, lines); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// aged says that files were last written to before their day was over.
func aged(t testing.TB, paths ...string) {
	t.Helper()
	for _, path := range paths {
		must(t, os.Chtimes(path, noon().at.AddDate(0, 0, -5), noon().at.AddDate(0, 0, -5)))
	}
}

// Sealed days are as old as they were, and count.
func TestSealedFilesAreDeleted(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Keep: 72 * time.Hour}, "2026-11-19.jsonl.zst.age 2026-11-20"},
		{Options{MaxSize: 2999}, "2026-11-19.jsonl.zst.age 2026-11-20"},
		{Options{MaxSize: 4000}, "2026-11-17.jsonl.zst.age 2026-11-18.jsonl.zst.age 2026-11-19.jsonl.zst.age 2026-11-20"},
	} {
		c.o.Dir = t.TempDir()
		fill(t, c.o.Dir, "p1-2026-11-17.jsonl.zst.age", "p1-2026-11-18.jsonl.zst.age", "p1-2026-11-19.jsonl.zst.age", "p1-2026-11-20.jsonl.zst")
		mustClose(t, newArchive(c.o, noon(), nil))
		if got := names(t, c.o.Dir); got != c.want {
			t.Errorf("%+v: there are %s", c.o, got)
		}
	}
}

// A day that cannot be sealed stays as it is, which is said once.
func TestCannotSeal(t *testing.T) {
	dir, k := t.TempDir(), newKey(t)
	lines := text(t, chunkAt(noon().at, 0))
	file(t, filepath.Join(dir, "p1-2026-11-18.jsonl.zst"), lines)
	file(t, filepath.Join(dir, "p1-2026-11-19.jsonl.zst"), lines)
	var said told
	full := func(string, func() error) error { return syscall.ENOSPC }
	a := newArchive(Options{Dir: dir, Seal: full, FinishAll: true, Say: said.say}, noon(), nil)
	if err := a.Close(); err == nil || !strings.Contains(err.Error(), "stays readable") {
		t.Errorf("at the end: %v", err)
	}
	if w := said.words(); len(w) != 1 || !strings.Contains(w[0], "it is not sealed and stays readable") || !strings.Contains(w[0], "no space left") {
		t.Errorf("it said %q", said.words())
	}
	if got := names(t, dir); got != "2026-11-18 2026-11-19" {
		t.Errorf("there are %s", got)
	}

	// At the end of a live line, what is not sealed is left, and at once.
	began := make(chan struct{}, 2)
	slow := func(path string, pause func() error) error {
		began <- struct{}{}
		for {
			if err := pause(); err != nil {
				return err
			}
		}
	}
	a = newArchive(Options{Dir: dir, Seal: slow, Say: said.say}, noon(), nil)
	<-began
	mustClose(t, a)
	if w := said.words(); len(w) != 1 {
		t.Errorf("it said %q", w)
	}
	if got := unsealed(t, dir, k); got != lines+lines {
		t.Errorf("%s", got)
	}
}

// Where the archive cannot be had, nothing is sealed, which is a failure.
func TestNothingCouldBeSealed(t *testing.T) {
	dir, k := t.TempDir(), newKey(t)
	file(t, filepath.Join(dir, "p1-2026-11-18.jsonl.zst"), text(t, chunkAt(noon().at, 0)))
	other := newArchive(Options{Dir: dir}, noon(), nil)
	var said told
	for _, place := range []string{dir, filepath.Join(dir, "none", "kept")} {
		if err := newArchive(Options{Dir: place, Seal: k.seal, FinishAll: true, Say: said.say}, noon(), nil).Close(); err == nil {
			t.Errorf("%s: it ends as if all were sealed", place)
		}
	}
	mustClose(t, other)
	mustClose(t, newArchive(Options{Dir: dir, Seal: k.seal, FinishAll: true}, noon(), nil))
	if got := names(t, dir); got != "2026-11-18.jsonl.zst.age" {
		t.Errorf("there are %s", got)
	}
}

// Of a day that is there plain and sealed, --max-size deletes the sealed form first, and no more
// than has to go: the day stays, and is sealed again.
func TestBothFormsAndMaxSize(t *testing.T) {
	for range 20 {
		dir, k := t.TempDir(), newKey(t)
		path := filepath.Join(dir, "p1-2026-11-18.jsonl.zst")
		want := text(t, chunkAt(noon().at, 0))
		file(t, path, want)
		plain, err := os.ReadFile(path)
		must(t, err)
		must(t, k.seal(path, noPause))
		must(t, os.WriteFile(path, plain, 0o600))
		aged(t, path, path+".age")
		fill(t, dir, "p1-2026-11-19.jsonl.zst.age")
		mustClose(t, newArchive(Options{Dir: dir, Seal: k.seal, FinishAll: true, MaxSize: 1000 + int64(len(plain)) + 300}, noon(), nil))
		if got := names(t, dir); got != "2026-11-18.jsonl.zst.age 2026-11-19.jsonl.zst.age" {
			t.Fatalf("there are %s", got)
		}
		must(t, os.Remove(filepath.Join(dir, "p1-2026-11-19.jsonl.zst.age")))
		if got := unsealed(t, dir, k); got != want {
			t.Fatalf("%s", got)
		}
	}
}

// While a day is sealed, neither form of it is deleted, nor anything in its place; it is
// deleted afterwards if that still is to be.
func TestNothingIsDeletedWhileSealed(t *testing.T) {
	for limit, want := range map[int64]string{
		2000: "2026-11-18.jsonl.zst.age 2026-11-19.jsonl.zst.age",
		1100: "2026-11-19.jsonl.zst.age",
	} {
		dir, k := t.TempDir(), newKey(t)
		path := filepath.Join(dir, "p1-2026-11-18.jsonl.zst")
		file(t, path, text(t, chunkAt(noon().at, 0)))
		aged(t, path)
		fill(t, dir, "p1-2026-11-19.jsonl.zst.age")
		began, goOn := make(chan struct{}), make(chan struct{})
		held := func(path string, pause func() error) error {
			must(t, os.WriteFile(path+".age", make([]byte, 1500), 0o600)) // as large as that for a moment
			aged(t, path+".age")
			close(began)
			<-goOn
			return errors.Join(os.Remove(path+".age"), k.seal(path, pause))
		}
		a := newArchive(Options{Dir: dir, Seal: held, FinishAll: true}, noon(), nil)
		<-began
		a.o.MaxSize = limit
		a.tidy()
		if got := names(t, dir); got != "2026-11-18 2026-11-18.jsonl.zst.age 2026-11-19.jsonl.zst.age" {
			t.Errorf("%d bytes: there are %s", limit, got)
		}
		close(goOn)
		mustClose(t, a)
		if got := names(t, dir); got != want {
			t.Errorf("%d bytes: there are %s", limit, got)
		}
	}
}

// No index outlives its day: not one that is sealed, nor one that is deleted, nor one that was
// sealed or deleted by who left the index.
func TestIndexesGo(t *testing.T) {
	for o, want := range map[*Options][]string{
		{Seal: newKey(t).seal, FinishAll: true}: nil,
		{Keep: 72 * time.Hour}:                  {"p1-2026-11-19.jsonl.zst"},
		{}:                                      {"p1-2026-11-18.jsonl.zst", "p1-2026-11-19.jsonl.zst"},
	} {
		o.Dir = t.TempDir()
		must(t, os.Mkdir(filepath.Join(o.Dir, fileio.IndexFolder), 0o700))
		for i, name := range []string{"p1-2026-11-18.jsonl.zst", "p1-2026-11-19.jsonl.zst", "p1-2026-11-10.jsonl.zst"} {
			path := filepath.Join(o.Dir, name)
			must(t, os.WriteFile(fileio.IndexOf(path), []byte("{}\n"), 0o600))
			if i < 2 {
				file(t, path, text(t, chunkAt(noon().at, 0)))
				aged(t, path)
			}
		}
		mustClose(t, newArchive(*o, noon(), nil))
		var got []string
		entries, err := os.ReadDir(filepath.Join(o.Dir, fileio.IndexFolder))
		must(t, err)
		for _, e := range entries {
			got = append(got, strings.TrimSuffix(e.Name(), fileio.IndexSuffix))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%+v: there are indexes of %q", o, got)
		}
	}
}

// While a file is sealed, its day may come back: it goes on in the next part.
func TestDayComesBackWhileSealed(t *testing.T) {
	dir, k, h := t.TempDir(), newKey(t), &hour{}
	before := text(t, chunkAt(noon().at, 0))
	file(t, filepath.Join(dir, "p1-2026-11-21.jsonl.zst"), before)
	began, goOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	held := func(path string, pause func() error) error {
		once.Do(func() { close(began); <-goOn })
		return k.seal(path, pause)
	}
	a := &Archive{o: Options{Dir: dir, Seal: held, FinishAll: true}, now: h.now, open: openHandle}
	a.begin()
	<-began
	h.Store(-24)
	r := chunkAt(h.now(), 17)
	_ = a.Take(r)
	close(goOn)
	h.Store(0)
	mustClose(t, a)
	if got := names(t, dir); got != "2026-11-21.jsonl.zst.age 2026-11-21.part002.jsonl.zst.age" {
		t.Errorf("there are %s", got)
	}
	if got := unsealed(t, dir, k); got != before+text(t, r) {
		t.Errorf("%s", got)
	}
}

// A line that falls silent before midnight does not keep its day from being sealed.
func TestSilentLine(t *testing.T) {
	dir, k, h := t.TempDir(), newKey(t), &hour{}
	a := &Archive{o: Options{Dir: dir, Seal: k.seal, FinishAll: true, Sync: time.Minute}, now: h.now, open: openHandle}
	a.begin()
	_ = a.Take(chunkAt(h.now(), 0))
	h.Store(1)
	_ = a.Expire()
	if w := a.Wait(); w != 11*time.Hour+patience && w > time.Minute {
		t.Errorf("it waits %v", w)
	}
	h.Store(2) // synced
	_ = a.Expire()
	if w := a.Wait(); w != 10*time.Hour+patience {
		t.Errorf("it waits %v", w)
	}
	h.Store(13)
	_ = a.Expire()
	until(t, "the day is sealed", func() bool { return names(t, dir) == "2026-11-22.jsonl.zst.age" })
	mustClose(t, a)
}

// A disk that is really full while days are sealed keeps every day readable; when there is room,
// they are sealed.
func TestSealingOnFullTmpfs(t *testing.T) {
	dir := t.TempDir()
	if err := mountTmpfs(dir, "256k"); err != nil {
		t.Skipf("no tmpfs can be mounted here: %v", err)
	}
	defer func() {
		if err := unmount(dir); err != nil {
			t.Error(err)
		}
	}()
	k, want := newKey(t), ""
	for i := range 3 {
		lines := text(t, chunkAt(noon().at, int64(i)*17))
		want += lines
		file(t, filepath.Join(dir, fmt.Sprintf("p1-2026-11-1%d.jsonl.zst", i)), lines)
	}
	ballast := filepath.Join(dir, "ballast")
	err := os.WriteFile(ballast, bytes.Repeat([]byte{1}, 1<<20), 0o600)
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	var said told
	if err := newArchive(Options{Dir: dir, Seal: k.seal, FinishAll: true, Say: said.say}, noon(), nil).Close(); err == nil {
		t.Error("it ends as if all were sealed")
	}
	if w := said.words(); len(w) != 1 || !strings.Contains(w[0], "no space left") {
		t.Errorf("it said %q", w)
	}
	if got := unsealed(t, dir, k); got != want {
		t.Errorf("on the full disk: %s\nwant %s", got, want)
	}
	if got := names(t, dir); got != "ballast 2026-11-10 2026-11-11 2026-11-12" {
		t.Errorf("there are %s", got)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	mustClose(t, newArchive(Options{Dir: dir, Seal: k.seal, FinishAll: true, Say: said.say}, noon(), nil))
	if got := unsealed(t, dir, k); got != want || strings.Count(names(t, dir), ".age") != 3 {
		t.Errorf("with room: %s in %s\nwant %s", got, names(t, dir), want)
	}
}
