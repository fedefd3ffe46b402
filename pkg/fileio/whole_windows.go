package fileio

import (
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// holdOf does nothing: a file that is open here cannot be removed.
func holdOf(*os.File) (*os.File, bool) { return nil, true }

// removeLeft removes a file that nobody has open, and that was not just closed to be renamed.
func removeLeft(path string) {
	if info, err := os.Lstat(path); err == nil && time.Since(info.ModTime()) > written {
		_ = os.Remove(path)
	}
}

// takeName gives a file a name that nobody has (MoveFileEx fails where the name exists, unless
// it is told to replace it).
func takeName(from, to string) error {
	source, err := windows.UTF16PtrFromString(from)
	if err != nil {
		return err
	}
	target, err := windows.UTF16PtrFromString(to)
	if err != nil {
		return err
	}
	err = patiently(func() error { return windows.MoveFileEx(source, target, windows.MOVEFILE_WRITE_THROUGH) })
	if err != nil {
		return &fs.PathError{Op: "create", Path: to, Err: err}
	}
	return nil
}
