package fileio

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// What was made is closed before it is removed: Windows refuses to remove what is open.
func TestWholeRemovesNothingThatIsOpen(t *testing.T) {
	dir := t.TempDir()
	o, err := Create(filepath.Join(dir, "x.xlsx"), nil)
	if err == nil {
		err = o.Whole()
	}
	if err != nil {
		t.Fatal(err)
	}
	open, err := filepath.Glob("/proc/self/fd/*")
	if err != nil || len(open) == 0 {
		t.Fatal(open, err)
	}
	for _, fd := range open {
		if name, _ := os.Readlink(fd); name == filepath.Join(dir, "x.xlsx (deleted)") {
			t.Errorf("%s: %s is open", fd, name)
		}
	}
	if _, err = io.WriteString(o, "new"); err == nil {
		err = o.Close()
	}
	if err != nil {
		t.Error(err)
	}
	holds(t, dir, "x.xlsx=new")
}

// A file that cannot be replaced, or beside which none can be made, is written itself.
func TestWholeWhereNoneIsReplaced(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.xlsx")
	if err := os.WriteFile(path, []byte("what was there before"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount(path, path, "", syscall.MS_BIND, ""); err != nil {
		t.Skip(err)
	}
	defer func() { _ = syscall.Unmount(path, 0) }()
	o, err := Create(path, nil)
	if err == nil {
		err = o.Whole()
	}
	if err == nil {
		_, err = io.WriteString(o, "new")
	}
	if b, err := os.ReadFile(path); string(b) != "what was there before" {
		t.Errorf("while it is written the file holds %q (%v)", b, err)
	}
	if err = errors.Join(err, o.Close()); err != nil {
		t.Error(err)
	}
	holds(t, dir, "x.xlsx=new")
}
