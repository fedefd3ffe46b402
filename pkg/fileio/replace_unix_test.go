//go:build unix

package fileio

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Each trouble that a person can do something about has its hint.
func TestHints(t *testing.T) {
	for err, want := range map[error]string{
		syscall.EACCES: "let this user write in some/dir",
		syscall.ENOENT: "mkdir -p some/dir",
		syscall.ENOSPC: "the disk is full",
		syscall.EROFS:  "read-only",
	} {
		got := ReplaceHint("some/dir/p1.prom", &fs.PathError{Op: "open", Path: "x", Err: err})
		if !strings.Contains(got, want) {
			t.Errorf("%v: %q", err, got)
		}
	}
	if got := ReplaceHint("x", errors.New("strange")); got != "" {
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
	if err := Replace(link, []byte("x"), Public); !errors.Is(err, ErrKind) {
		t.Errorf("%v", err)
	}
	after, err := os.Stat(os.DevNull)
	if err != nil || after.Mode() != before.Mode() {
		t.Errorf("%v, %v", after, err)
	}
}
