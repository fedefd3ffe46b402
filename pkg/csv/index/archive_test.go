package index

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"p1/pkg/fileio"
)

// folder is an archive's, with files of no telegram that are old enough to be finished; what
// programs keep for themselves is in another one, its cache.
func folder(t *testing.T, files ...string) (dir, cache string) {
	t.Helper()
	dir, cache = t.TempDir(), t.TempDir()
	for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		t.Setenv(name, cache)
	}
	for _, name := range files {
		path := filepath.Join(dir, name)
		ago := time.Now().Add(-time.Hour)
		if err := os.WriteFile(path, []byte("\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, ago, ago); err != nil {
			t.Fatal(err)
		}
	}
	return dir, cache
}

// asked reads the indexes of an archive, or makes them.
func asked(t *testing.T, dir string) {
	t.Helper()
	a := New([]string{dir}, Options{Say: func(err error) { t.Error(err) }})
	files, _, err := a.Files()
	if err != nil {
		t.Fatal(err)
	}
	if _, failed, err := a.Days(t.Context(), files, all, func(int, int) {}); err != nil || failed > 0 {
		t.Fatalf("%d files failed, %v", failed, err)
	}
}

// indexes lists all that there are somewhere, by the names of their files.
func indexes(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if of, ok := strings.CutSuffix(filepath.Base(path), fileio.IndexSuffix); ok {
			names = append(names, of)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

// The index of a file that was sealed or deleted goes at the next question, beside the
// archive and elsewhere.
func TestOrphansGo(t *testing.T) {
	for _, link := range []bool{false, true} {
		dir, cache := folder(t, "a.jsonl", "b.jsonl", "c.jsonl")
		place := dir
		if link { // so that they are in the cache
			elsewhere := t.TempDir()
			if err := os.Symlink(elsewhere, filepath.Join(dir, fileio.IndexFolder)); err != nil {
				t.Skip(err)
			}
			place = cache
			defer func() {
				if got := indexes(t, elsewhere); len(got) > 0 {
					t.Errorf("where the link leads: %q", got)
				}
			}()
		}
		asked(t, dir)
		if got := indexes(t, place); !slices.Equal(got, []string{"a.jsonl", "b.jsonl", "c.jsonl"}) {
			t.Fatalf("there are indexes of %q", got)
		}
		remove(t, filepath.Join(dir, "a.jsonl"))
		if err := os.Rename(filepath.Join(dir, "b.jsonl"), filepath.Join(dir, "b.jsonl.age")); err != nil {
			t.Fatal(err)
		}
		asked(t, dir)
		if got := indexes(t, place); !slices.Equal(got, []string{"c.jsonl"}) {
			t.Errorf("there are indexes of %q", got)
		}
	}
}

// Where a file is gone by the time its index is written, so is the index.
func TestFileGoesMeanwhile(t *testing.T) {
	dir, _ := folder(t, "a.jsonl")
	a := New([]string{dir}, Options{})
	files, _, err := a.Files()
	if err != nil {
		t.Fatal(err)
	}
	d, err := a.build(t.Context(), files[0])
	if err != nil {
		t.Fatal(err)
	}
	remove(t, files[0].Path)
	if err := files[0].keep(d); err != nil {
		t.Fatal(err)
	}
	if got := indexes(t, dir); len(got) > 0 {
		t.Errorf("there are indexes of %q", got)
	}
}

// What stands in the place of an index and is none is neither followed nor waited for, but replaced.
func TestNoIndexInItsPlace(t *testing.T) {
	dir, _ := folder(t, "a.jsonl")
	asked(t, dir)
	place := fileio.IndexOf(filepath.Join(dir, "a.jsonl"))
	good, err := os.ReadFile(place)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := filepath.Join(t.TempDir(), "good")
	if err := os.WriteFile(elsewhere, good, 0o600); err != nil {
		t.Fatal(err)
	}
	for what, put := range map[string]func() error{
		"nothing":    func() error { return os.WriteFile(place, nil, 0o600) },
		"half":       func() error { return os.WriteFile(place, good[:len(good)/2], 0o600) },
		"all but \n": func() error { return os.WriteFile(place, good[:len(good)-1], 0o600) },
		"a link":     func() error { return os.Symlink(elsewhere, place) },
		"a device":   func() error { return os.Symlink("/dev/zero", place) },
	} {
		remove(t, place)
		if err := put(); err != nil && runtime.GOOS == "windows" {
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		asked(t, dir)
		info, err := os.Lstat(place)
		if err != nil || !info.Mode().IsRegular() || info.Size() != int64(len(good)) {
			t.Errorf("%s: %v, %v", what, info, err)
		}
	}
}
