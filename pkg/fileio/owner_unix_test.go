//go:build unix

package fileio

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A file that takes the place of a service's own is the service's, though root has made it.
func TestInherit(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root gives files away")
	}
	dir := t.TempDir()
	was, now := filepath.Join(dir, "was"), filepath.Join(dir, "now")
	if err := errors.Join(os.WriteFile(was, nil, Private), os.Chmod(was, 0o640), os.Chown(was, 65534, 65533)); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(was)
	if err != nil {
		t.Fatal(err)
	}
	f, err := CreateNew(now)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(Inherit(f, info), f.Close()); err != nil {
		t.Fatal(err)
	}
	got, err := os.Stat(now)
	if err != nil {
		t.Fatal(err)
	}
	if owner := got.Sys().(*syscall.Stat_t); owner.Uid != 65534 || owner.Gid != 65533 || got.Mode().Perm() != 0o640 {
		t.Errorf("it is %d's, of group %d, %s", owner.Uid, owner.Gid, got.Mode())
	}
}
