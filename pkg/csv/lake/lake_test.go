package lake

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"p1/pkg/csv/parquet"
)

// add adds a part with a row at each of some times, and a text that tells it from others.
func add(f *Folder, name, text string, times ...int64) error {
	out, err := f.Create(name)
	if err != nil {
		return err
	}
	w := parquet.NewWriter(out, "p1", []parquet.Column{{Name: "time", Kind: parquet.Timestamp}, {Name: "text"}}, 8, parquet.NewCompressor())
	for _, at := range times {
		w.Int(0, at*1e6)
		w.Text(1, []byte(text))
		if err := w.EndRow(); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return out.Close()
}

func once(string) string { return "time" }

// files lists what is below a folder.
func files(t *testing.T, dir string) (list []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			list = append(list, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// What overlaps is refused, what fills a hole is not; what is the same is left as it is; parts of one
// run are not held against each other; where rows may share a time nothing is looked at.
func TestOverlap(t *testing.T) {
	dir := t.TempDir()
	run := func(once func(string) string, parts map[string][]int64) (there int, refused error) {
		t.Helper()
		f := New(dir)
		f.Once, f.Unique = once, "--once"
		for _, name := range slices.Sorted(maps.Keys(parts)) {
			if err := add(f, name, "x", parts[name]...); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(f.Finish(), f.Discard()); err != nil {
			t.Error(err)
		}
		return f.There(), f.Err()
	}
	for i, c := range []struct {
		once    func(string) string
		parts   map[string][]int64
		there   int
		refused string
	}{
		{once, map[string][]int64{"d/1": {10, 20, 50, 60}, "d/2": {60, 70}}, 0, ""},
		{once, map[string][]int64{"d/1": {10, 20, 50, 60}, "d/2": {60, 70}}, 2, ""},
		{once, map[string][]int64{"d/3": {30, 40}, "e/1": {20}}, 0, ""},
		{once, map[string][]int64{"d/4": {25, 50, 60}, "d/5": {80}, "d/1": {10}}, 0, "2 files were not written, all others are: "},
		{once, map[string][]int64{"d/1": {10, 20, 50, 60}, "d/5": {80}}, 2, ""},
		{nil, map[string][]int64{"d/6": {10, 80}}, 0, ""},
		{nil, map[string][]int64{"d/6": {11}}, 0, "it holds other rows, of which the first is the same"},
	} {
		there, err := run(c.once, c.parts)
		if there != c.there || (err != nil) != (c.refused != "") || err != nil && !strings.Contains(err.Error(), c.refused) {
			t.Errorf("%d: %d are there, want %d: %v", i, there, c.there, err)
		}
		if refused := new(RefusedError); errors.As(err, &refused) && !strings.Contains(refused.Hint(), "start again with --once and all logs that these days have: rm -r "+filepath.Join(dir, "d")+";") {
			t.Errorf("%d: %s", i, refused.Hint())
		}
	}
	want := []string{"d/1.parquet", "d/2.parquet", "d/3.parquet", "d/5.parquet", "d/6.parquet", "e/1.parquet"}
	if got := files(t, dir); !slices.Equal(got, want) {
		t.Errorf("there is %q", got)
	}
}

// Of parts of one run that share times, another run that reads the same may have written the
// later one before: then all are there once both have ended. What else is there refuses it.
func TestLaterPartOfAnotherRun(t *testing.T) {
	for _, same := range []bool{true, false} {
		dir := t.TempDir()
		f, other := New(dir), New(dir)
		f.Once = once
		text := map[bool]string{true: "x", false: "y"}[same]
		if err := errors.Join(add(other, "d/2", text, 60, 70), add(f, "d/1", "x", 10, 60)); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(add(f, "d/2", "x", 60, 70), f.Finish(), f.Discard()); err != nil {
			t.Fatal(err)
		}
		want := []string{"d/1.parquet", "d/2.parquet"}
		if !same {
			want = want[1:]
		}
		if got := files(t, dir); !slices.Equal(got, want) || (f.Err() == nil) != same {
			t.Errorf("%v: %q, %v", same, got, f.Err())
		}
	}
}

// Several runs at once, of the same and of other rows: one of them writes a file, each says what
// became of its own, and nothing is left beside.
func TestAtOnce(t *testing.T) {
	dir := t.TempDir()
	const runs, parts = 8, 5
	var all sync.WaitGroup
	var mu sync.Mutex
	there, refused := 0, 0
	for i := range runs {
		all.Go(func() {
			f := New(dir)
			for p := range parts {
				if err := add(f, fmt.Sprint("d/", p), fmt.Sprint(i%2), int64(p)); err != nil {
					t.Error(err)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			there += f.There()
			if err := new(RefusedError); errors.As(f.Err(), &err) {
				refused += err.N
			}
		})
	}
	all.Wait()
	if got := files(t, dir); len(got) != parts {
		t.Errorf("there is %q", got)
	}
	if refused != runs/2*parts || there != runs/2*parts-parts {
		t.Errorf("%d were there, %d refused", there, refused)
	}
}

// What is not ours, or no file any more, hinders nothing; a disk that is full leaves nothing.
func TestOthers(t *testing.T) {
	dir := t.TempDir()
	dice := rand.New(rand.NewPCG(1, 2))
	junk := make([]byte, 500)
	for i := range junk {
		junk[i] = byte(dice.Uint32())
	}
	if err := os.MkdirAll(filepath.Join(dir, "d"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"empty": nil, "junk": junk, "ends": append(slices.Clone(junk), "\x10\x00\x00\x00PAR1"...)} {
		if err := os.WriteFile(filepath.Join(dir, "d", name+".parquet"), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f := New(dir)
	f.Once = once
	if err := errors.Join(add(f, "d/1", "x", 1, 2), f.Err()); err != nil {
		t.Error(err)
	}
	if out, err := f.Create("d/2"); err != nil {
		t.Error(err)
	} else if _, err := out.Write(junk); err != nil {
		t.Error(err)
	}
	if err := f.Discard(); err != nil {
		t.Error(err)
	}
	if got := files(t, dir); len(got) != 4 {
		t.Errorf("there is %q", got)
	}
}
