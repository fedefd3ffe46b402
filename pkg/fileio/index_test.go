package fileio

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func namesIn(t *testing.T, folder string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// What is no index of a file that is there goes, and what was being written long ago; what is
// being written, and what is somebody's own, stays.
func TestTidyIndexes(t *testing.T) {
	files := t.TempDir()
	indexes := filepath.Join(files, IndexFolder)
	day := filepath.Join(files, "p1.jsonl")
	if err := os.WriteFile(day, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := TidyIndexes(indexes, files); err != nil {
		t.Errorf("without indexes: %v", err)
	}
	for _, index := range []string{IndexOf(day), IndexOf(filepath.Join(files, "gone.jsonl")), filepath.Join(indexes, "mine")} {
		f, err := NewIndex(index)
		if err == nil {
			err = os.Rename(f.Name(), index)
			_ = f.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	young, err := NewIndex(IndexOf(day))
	if err != nil {
		t.Fatal(err)
	}
	defer young.Close()
	left, err := NewIndex(IndexOf(day))
	if err != nil {
		t.Fatal(err)
	}
	_ = left.Close()
	ago := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(left.Name(), ago, ago); err != nil {
		t.Fatal(err)
	}
	if err := TidyIndexes(indexes, files); err != nil {
		t.Error(err)
	}
	if got := namesIn(t, indexes); !slices.Equal(got, []string{filepath.Base(young.Name()), "mine", "p1.jsonl.index.jsonl"}) {
		t.Errorf("there are %q", got)
	}
}

// Where the folder of indexes is a link, nothing is made or removed where it leads.
func TestIndexesBehindLink(t *testing.T) {
	files, elsewhere := t.TempDir(), t.TempDir()
	if err := os.Symlink(elsewhere, filepath.Join(files, IndexFolder)); err != nil {
		t.Skip(err)
	}
	day := filepath.Join(files, "p1.jsonl")
	there := filepath.Join(elsewhere, "p1.jsonl"+IndexSuffix)
	if err := os.WriteFile(there, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewIndex(IndexOf(day)); err == nil {
		t.Error("an index is made there")
	}
	if err := RemoveIndex(day); err != nil {
		t.Error(err)
	}
	if err := TidyIndexes(filepath.Join(files, IndexFolder), files); err != nil {
		t.Error(err)
	}
	if got := namesIn(t, elsewhere); len(got) != 1 {
		t.Errorf("there are %q", got)
	}
}
