//go:build unix

package fileio

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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

// A folder that may not be read is no folder in which nothing matches, wherever in a pattern it
// stands. Root may read all: the test runs once more as nobody.
func TestExpandWhereNobodyMayRead(t *testing.T) {
	const variable = "P1_TEST_FOLDER"
	dir := os.Getenv(variable)
	if dir == "" {
		if os.Getuid() != 0 {
			t.Skip("only root becomes another user")
		}
		var err error
		if dir, err = os.MkdirTemp("/tmp", "p1fileio"); err != nil { // where nobody may go
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(dir) })
		closed := filepath.Join(dir, "closed")
		if err := errors.Join(os.Mkdir(closed, 0o700), os.Mkdir(filepath.Join(dir, "open"), 0o755),
			os.WriteFile(filepath.Join(closed, "a.log"), nil, Private), os.Chmod(dir, 0o755)); err != nil {
			t.Fatal(err)
		}
		program, err := os.ReadFile(os.Args[0])
		copied := filepath.Join(dir, "test")
		if err := errors.Join(err, os.WriteFile(copied, program, 0o755)); err != nil {
			t.Fatal(err)
		}
		run := exec.Command(copied, "-test.run=^TestExpandWhereNobodyMayRead$", "-test.v")
		run.Env, run.Dir = append(os.Environ(), variable+"="+dir), dir
		run.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		if out, err := run.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS: TestExpandWhereNobodyMayRead")) {
			t.Errorf("%v: %s", err, out)
		}
		return
	}
	for pattern, want := range map[string]error{
		"closed/*": fs.ErrPermission, "c*d/*.log": fs.ErrPermission, "closed/2*/*.log": fs.ErrPermission,
		"open/*": fs.ErrNotExist, "o*n/*": fs.ErrNotExist, "none/*": fs.ErrNotExist,
	} {
		pattern = filepath.Join(dir, pattern)
		_, err := Expand([]string{pattern})
		if !errors.Is(err, want) || !strings.HasPrefix(err.Error(), pattern+": ") && want == fs.ErrNotExist {
			t.Errorf("%s: %v, want %v", pattern, err, want)
		}
	}
}
