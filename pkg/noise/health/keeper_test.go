package health

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"p1/pkg/record"
)

// kept is a Keeper whose looks a test orders.
func kept(t *testing.T, path string) (*clock, *Health, *Keeper, *[]string) {
	c := newClock()
	h := New(c.now)
	words := &[]string{}
	k := newKeeper(h, path, func(text string) { *words = append(*words, text) })
	k.write()
	return c, h, k, words
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func names(t *testing.T, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// The file is there from the start, has what has come a second later, and is written
// every 15 s without anything new, so that the age in it grows.
func TestKeeperWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p1.prom")
	c, h, k, words := kept(t, path)
	if got := samples(t, readFile(t, path)); len(got) != 1 {
		t.Errorf("at first %v", got)
	}
	h.Take(tel("tty", record.OK))
	c.forward(time.Second)
	k.look()
	const name = "p1_last_telegram_age_seconds{source=tty}"
	age := func() float64 { return samples(t, readFile(t, path))[name] }
	if age() != 1 {
		t.Errorf("the age is %v, want 1", age())
	}
	written := 0
	for i := range 60 {
		before := age()
		c.forward(time.Second)
		k.look()
		if now := age(); now > before {
			written++
			if want := float64(i + 2); now != want {
				t.Errorf("after %v s the age is %v", want, now)
			}
		}
		if real := float64(i + 2); real-age() >= 15 {
			t.Errorf("the age is %v, and %v s have passed", age(), real)
		}
	}
	if written != 4 || len(*words) > 0 {
		t.Errorf("written %d times in 60 s, and said %q", written, *words)
	}
	if list := names(t, filepath.Dir(path)); len(list) != 1 {
		t.Errorf("the directory holds %q", list)
	}
}

// A directory that is not there costs one sentence, and the file comes once it is.
func TestKeeperTriesAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "later")
	path := filepath.Join(dir, "p1.prom")
	c, h, k, words := kept(t, path)
	for range 40 {
		h.Take(tel("tty", record.OK))
		c.forward(time.Second)
		k.look()
	}
	if len(*words) != 1 || !strings.HasPrefix((*words)[0], path+": the metrics cannot be written: ") ||
		!strings.HasSuffix((*words)[0], "; make the directory: mkdir -p "+dir) {
		t.Fatalf("said %q", *words)
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for range 15 {
		c.forward(time.Second)
		k.look()
	}
	if got := samples(t, readFile(t, path))["p1_telegrams_total{source=tty status=ok}"]; got != 40 {
		t.Errorf("%v telegrams are written, want 40", got)
	}
	if len(*words) != 2 || (*words)[1] != path+": can be written again" {
		t.Errorf("said %q", *words)
	}
}

// What is no file, such as a device, is not replaced by one; a link's target is.
func TestKeeperReplacesFilesOnly(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "folder")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	_, _, k, words := kept(t, folder)
	if k.failed == nil || len(*words) != 1 || !strings.Contains((*words)[0], "is not a file") {
		t.Errorf("%v, said %q", k.failed, *words)
	}
	target, link := filepath.Join(folder, "real.prom"), filepath.Join(dir, "p1.prom")
	if err := os.WriteFile(target, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Skip(err)
	}
	kept(t, link)
	samples(t, readFile(t, target))
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("%v, %v: the link is gone", info, err)
	}
	if len(readFile(t, target)) == 0 {
		t.Error("the target is not written")
	}
}

// In the background it does the same, and Close writes what came last.
func TestKeep(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p1.prom")
	h := New(time.Now)
	k := Keep(h, path, func(text string) { t.Error(text) })
	h.Take(tel("tty", record.OK))
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	if got := samples(t, readFile(t, path))["p1_telegrams_total{source=tty status=ok}"]; got != 1 {
		t.Errorf("%v telegrams", got)
	}
	k = Keep(h, filepath.Join(path, "no", "directory"), func(string) {})
	if k.Close() == nil {
		t.Error("Close does not say that the file could not be written")
	}
}
