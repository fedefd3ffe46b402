//go:build unix

package health

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
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

// Each trouble that a person can do something about has its hint.
func TestHints(t *testing.T) {
	for err, want := range map[error]string{
		syscall.EACCES: "let this user write in some/dir",
		syscall.ENOENT: "mkdir -p some/dir",
		syscall.ENOSPC: "the disk is full",
		syscall.EROFS:  "read-only",
	} {
		got := hint("some/dir/p1.prom", &fs.PathError{Op: "open", Path: "x", Err: err})
		if !strings.HasPrefix(got, "\nhint: ") || !strings.Contains(got, want) {
			t.Errorf("%v: %q", err, got)
		}
	}
	if got := hint("x", errors.New("strange")); got != "" {
		t.Errorf("%q", got)
	}
}

// A device stays what it is, whoever runs the command.
func TestNoDeviceIsReplaced(t *testing.T) {
	before, err := os.Stat(os.DevNull)
	if err != nil {
		t.Skip(err)
	}
	link := filepath.Join(t.TempDir(), "null")
	if err := os.Symlink(os.DevNull, link); err != nil {
		t.Fatal(err)
	}
	if err := replace(link, []byte("x")); !errors.Is(err, errKind) {
		t.Errorf("%v", err)
	}
	after, err := os.Stat(os.DevNull)
	if err != nil || after.Mode() != before.Mode() {
		t.Errorf("%v, %v", after, err)
	}
}
