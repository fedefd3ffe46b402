package fileio

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

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
