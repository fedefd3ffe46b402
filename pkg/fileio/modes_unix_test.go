//go:build unix

package fileio

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// What is new is for its owner, but for what is said to be for all; what is there keeps its mode.
func TestModes(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o022))
	dir := t.TempDir()
	create := func(path string) error {
		out, err := Create(path, nil)
		if err != nil {
			return err
		}
		return out.Close()
	}
	private := func(path string) error { return Replace(path, []byte("x"), Private) }
	public := func(path string) error { return Replace(path, []byte("x"), Public) }
	for _, c := range []struct {
		name  string
		write func(path string) error
		want  fs.FileMode
	}{
		{"p1.csv", create, 0o600}, {"p1.csv.gz", create, 0o600}, {"page.html", private, 0o600}, {"p1.prom", public, 0o644},
	} {
		path := filepath.Join(dir, c.name)
		for i, want := range []fs.FileMode{c.want, 0o664, 0o600} {
			if i > 0 {
				if err := os.Chmod(path, want); err != nil {
					t.Fatal(err)
				}
			}
			if err := c.write(path); err != nil {
				t.Fatal(err)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s: %v, %v, want %v", c.name, info.Mode(), err, want)
			}
		}
	}
}
