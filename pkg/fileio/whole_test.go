package fileio

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// in lists what is in a folder, each file with what it holds.
func in(t *testing.T, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e.Name()+"="+string(b))
	}
	return list
}

func holds(t *testing.T, dir string, want ...string) {
	t.Helper()
	if got := in(t, dir); !slices.Equal(got, want) {
		t.Errorf("there is %q, want %q", got, want)
	}
}

// Of many that want one name each at once only one has it; nothing is left of the others, and
// nobody's file is another's.
func TestNameIsTakenOnce(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "p1.parquet")
	var all sync.WaitGroup
	var mu sync.Mutex
	var won []string
	for i := range 20 {
		w, err := CreateWhole(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprint(w, i); err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			err := w.Close()
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won = append(won, fmt.Sprint("p1.parquet=", i))
			} else if !errors.Is(err, fs.ErrExist) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	holds(t, dir, won...)
	if len(won) != 1 {
		t.Errorf("%q have the name", won)
	}
}

// One whose name is taken may try another one, and is there under none until it has it.
func TestNextName(t *testing.T) {
	dir := t.TempDir()
	for n := range 3 {
		w, err := CreateWhole(filepath.Join(dir, "new", "1"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprint(w, n); err != nil {
			t.Fatal(err)
		}
		name := 1
		for err = w.As(filepath.Join(dir, "new", "1")); errors.Is(err, fs.ErrExist); err = w.As(filepath.Join(dir, "new", fmt.Sprint(name))) {
			name++
		}
		if err != nil || !w.Done() || errors.Join(w.Discard(), w.Close()) != nil {
			t.Fatal(err)
		}
	}
	holds(t, filepath.Join(dir, "new"), "1=0", "2=1", "3=2")
}

// What a killed program has left goes when the next one begins a file of that name; what somebody
// is writing, and what only looks like it, stays.
func TestLeftovers(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"x.xlsx.0123abcd.tmp", "y.xlsx.0123abcd.tmp", "x.xlsx.0123abcg.tmp", "x.xlsx.tmp", "x.xlsx"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("x.xlsx", filepath.Join(dir, "x.xlsx.00000000.tmp")); err != nil {
		t.Skip(err)
	}
	age(t, dir)
	first, err := ReplaceWhole(filepath.Join(dir, "x.xlsx"), Private)
	if err != nil {
		t.Fatal(err)
	}
	second, err := ReplaceWhole(filepath.Join(dir, "x.xlsx"), Private)
	if err != nil {
		t.Fatal(err)
	}
	Sweep(dir, func(name string) bool { return strings.HasPrefix(name, "x") })
	for text, w := range map[string]*Whole{"first": first, "second": second} {
		if _, err := fmt.Fprint(w, text); err != nil {
			t.Error(err)
		}
	}
	if err := errors.Join(second.Close(), first.Close()); err != nil {
		t.Error(err)
	}
	holds(t, dir, "x.xlsx=first", "x.xlsx.00000000.tmp=first", "x.xlsx.0123abcg.tmp=old", "x.xlsx.tmp=old", "y.xlsx.0123abcd.tmp=old")
}

// A file that is whole at its end only stays as it was until then, whatever becomes of what is
// written; a link leads where it led, and modes stay.
func TestWholeOutput(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "day.xlsx"), filepath.Join(dir, "link.xlsx")
	if err := os.WriteFile(path, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("day.xlsx", link); err != nil {
		t.Skip(err)
	}
	begin := func(name, text string) *Output {
		o, err := Create(name, nil)
		if err == nil {
			err = o.Whole()
		}
		if err == nil && text != "" {
			_, err = o.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(path); string(b) != "old" || err != nil {
			t.Fatalf("%s: while %q is written the file holds %q (%v)", name, text, b, err)
		}
		return o
	}
	both := []string{"day.xlsx=old", "link.xlsx=old"}
	for _, name := range []string{path, link, filepath.Join(dir, "other.xlsx")} {
		for _, text := range []string{"", "new"} {
			if err := begin(name, text).Discard(); err != nil {
				t.Error(err)
			}
			holds(t, dir, both...)
		}
		if o := begin(name, ""); errors.Join(o.Abandon(), o.Close()) != nil {
			t.Error("not abandoned")
		}
		holds(t, dir, both...)
	}
	if o := begin(link, "new"); o.Abandon() != nil || errors.Join(o.Close(), o.Discard(), o.Close()) != nil {
		t.Error("not closed")
	}
	holds(t, dir, "day.xlsx=new", "link.xlsx=new")
	if to, err := os.Readlink(link); to != "day.xlsx" || err != nil {
		t.Errorf("the link leads to %q (%v)", to, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// What another process has written or put there meanwhile is not taken for the empty file that was made.
func TestMadeMeanwhile(t *testing.T) {
	for _, whole := range []bool{false, true} {
		for _, other := range []func(path string) error{
			func(path string) error { return os.WriteFile(path, []byte("other"), 0o600) },
			func(path string) error {
				return errors.Join(os.WriteFile(path+".2", []byte("other"), 0o600), os.Rename(path+".2", path))
			},
		} {
			dir := t.TempDir()
			path := filepath.Join(dir, "x.xlsx")
			o, err := Create(path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if other(path) != nil { // Windows replaces no file that is open
				_ = o.Abandon()
				continue
			}
			if whole {
				err = o.Whole()
			}
			if err = errors.Join(err, o.Abandon()); err != nil {
				t.Error(err)
			}
			holds(t, dir, "x.xlsx=other")
		}
	}
}
