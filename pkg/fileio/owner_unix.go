//go:build unix

package fileio

import (
	"io/fs"
	"os"
	"syscall"
)

// chown gives a file the owner and group of another one, where it has not got them: root, who
// tidies up a service's archive, leaves it to the service. It is an error where that is not allowed.
func chown(f *os.File, was fs.FileInfo) error {
	want, ok := was.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	is, err := f.Stat()
	if err != nil {
		return err
	}
	if now, ok := is.Sys().(*syscall.Stat_t); ok && now.Uid == want.Uid && now.Gid == want.Gid {
		return nil
	}
	return f.Chown(int(want.Uid), int(want.Gid))
}
