//go:build unix

package health

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// The collector is another user than who writes: the file is as readable as the
// umask allows, and stays as somebody has made it.
func TestModeOfTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p1.prom")
	mode := func() fs.FileMode {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	plain, err := os.Create(filepath.Join(t.TempDir(), "plain"))
	if err != nil {
		t.Fatal(err)
	}
	info, err := plain.Stat()
	if err != nil {
		t.Fatal(err)
	}
	plain.Close()
	kept(t, path)
	if mode() != info.Mode().Perm() {
		t.Errorf("the mode is %v, that of other files %v", mode(), info.Mode())
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	kept(t, path)
	if mode() != 0o640 {
		t.Errorf("the mode is %v", mode())
	}
}
