package fileio

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// A temporary file is beside what is written, can be read again, and is not left.
func TestScratch(t *testing.T) {
	dir, system := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", system)
	t.Setenv("TMP", system)
	f, where, err := Scratch(filepath.Join(dir, "out.csv"))
	if err != nil || filepath.Clean(where) != dir {
		t.Fatalf("it is in %s, want %s: %v", where, dir, err)
	}
	if left, _ := os.ReadDir(dir); runtime.GOOS != "windows" && len(left) != 0 {
		t.Errorf("it has a name while it is open: %v", left)
	}
	if _, err := f.WriteString("text"); err != nil {
		t.Error(err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		t.Error(err)
	}
	if text, err := io.ReadAll(f); err != nil || string(text) != "text" {
		t.Errorf("it holds %q: %v", text, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("files are left: %v", left)
	}
}

// Where nothing is written that has a place, it is where the system has such files.
func TestScratchElsewhere(t *testing.T) {
	system := t.TempDir()
	t.Setenv("TMPDIR", system)
	t.Setenv("TMP", system)
	for _, output := range []string{"", "-", os.DevNull, filepath.Join(t.TempDir(), "missing", "out.csv")} {
		f, where, err := Scratch(output)
		if err != nil || filepath.Clean(where) != system {
			t.Errorf("%q: it is in %s, want %s: %v", output, where, system, err)
			continue
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}
