//go:build unix

package fileio

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// holdOf locks a file that is being written, by a descriptor of its own: the lock stays until
// the file has its name, and ends with the process. Where there are no locks nothing that was left is
// removed. It is false where somebody else has removed the file before it was locked.
func holdOf(f *os.File) (hold *os.File, ok bool) {
	hold, err := os.OpenFile(f.Name(), os.O_WRONLY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, !errors.Is(err, fs.ErrNotExist)
	}
	for unix.Flock(int(hold.Fd()), unix.LOCK_EX) == unix.EINTR {
	}
	if !named(hold) {
		_ = hold.Close() // nothing was written by it
		return nil, false
	}
	return hold, true
}

// named reports whether a file still has its name.
func named(f *os.File) bool {
	is, err := f.Stat()
	now, err2 := os.Lstat(f.Name())
	return err == nil && err2 == nil && os.SameFile(is, now)
}

// removeLeft removes a file that nobody has locked.
func removeLeft(path string) {
	f, err := os.OpenFile(path, os.O_WRONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return
	}
	defer f.Close()
	if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil && named(f) {
		_ = os.Remove(path) // then it stays
	}
}

// takeName gives a file a name that nobody has, without a moment in which another one could
// take it (link(2): it fails where the name exists). Not all file systems have links.
func takeName(from, to string) error {
	err := os.Link(from, to)
	switch {
	case err == nil:
		return os.Remove(from)
	case errors.Is(err, fs.ErrExist):
		return &fs.PathError{Op: "create", Path: to, Err: fs.ErrExist}
	case errors.Is(err, syscall.EPERM), errors.Is(err, syscall.EACCES), errors.Is(err, syscall.ENOSYS), errors.Is(err, errors.ErrUnsupported):
		return takeFree(from, to)
	}
	return err
}

// takeFree gives a file a name that nobody has, where the system cannot do that at once: the
// name is taken by an empty file first, in whose place it comes.
func takeFree(from, to string) error {
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, Private)
	if err != nil {
		return err
	}
	err = f.Close()
	if err == nil {
		err = Rename(from, to)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(to))
	}
	return err
}
