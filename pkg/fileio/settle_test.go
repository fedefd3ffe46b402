package fileio

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A file is known again by another name; one that has its name, its size and its time is not it.
func TestUnchanged(t *testing.T) {
	dir := t.TempDir()
	was, is := filepath.Join(dir, "was"), filepath.Join(dir, "is")
	when := time.Unix(1796049058, 0)
	write := func(path string) {
		t.Helper()
		if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, when, when); err != nil {
			t.Fatal(err)
		}
	}
	write(was)
	info, err := Identify(was)
	if err == nil {
		err = os.Rename(was, is)
	}
	if err != nil {
		t.Fatal(err)
	}
	write(was)
	if same, err := Unchanged(is, info); !same || err != nil {
		t.Errorf("by its new name: %v, %v", same, err)
	}
	if same, err := Unchanged(was, info); same || err != nil {
		t.Errorf("another one by its old name: %v, %v", same, err)
	}
}
