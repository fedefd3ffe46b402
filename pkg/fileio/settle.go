package fileio

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

// What is made of a file and then takes its place is settled first, and read back.

// Inherit gives a file that is to take the place of another one its owner, group and mode.
func Inherit(f *os.File, was fs.FileInfo) error {
	return errors.Join(chown(f, was), f.Chmod(was.Mode().Perm()))
}

// Settle puts what was written to a file on the disk, with the owner, group and mode of the one
// whose place it is to take.
func Settle(f *os.File, was fs.FileInfo) error { return errors.Join(Inherit(f, was), f.Sync()) }

// Reread goes back to the beginning of a file that is settled: what is read then comes from the
// disk, where the system can do that.
func Reread(f *os.File) error {
	Uncache(f)
	_, err := f.Seek(0, io.SeekStart)
	return err
}

// Identify says which file it is, for [Unchanged], also where it then gets another name. Windows is
// asked that by the name, and by os.Lstat not before two files are compared: then the name may be
// nobody's any more, or another file's.
func Identify(path string) (fs.FileInfo, error) {
	info, err := os.Lstat(path)
	if err == nil {
		_ = os.SameFile(info, info) // asks now
	}
	return info, err
}

// Unchanged reports whether a file is still the one of [Identify].
func Unchanged(path string, was fs.FileInfo) (bool, error) {
	now, err := os.Lstat(path)
	return err == nil && os.SameFile(now, was) && now.Size() == was.Size() && now.ModTime().Equal(was.ModTime()), err
}
