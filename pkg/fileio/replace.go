package fileio

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// ReplaceHint says what to do about a file that [Replace] could not write; empty where
// it does not know.
func ReplaceHint(path string, err error) string {
	dir := filepath.Dir(path)
	const diskFull = syscall.Errno(112) // of Windows
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("a file is written beside it and renamed: let this user write in %s, or name a file elsewhere", dir)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("make the directory: mkdir -p %s", dir)
	case errors.Is(err, syscall.ENOSPC) || filepath.Separator == '\\' && errors.Is(err, diskFull):
		return "the disk is full: make room, or name a file on another one, such as a tmpfs"
	case errors.Is(err, syscall.EROFS):
		return "the file system is read-only: name a file on another one, such as a tmpfs"
	}
	return ""
}

// ErrKind keeps a device from being replaced by a file.
var ErrKind = errors.New("exists, and is not a file")

// Replace puts data in the place of a file, all of it or nothing: a reader finds the
// old file or the new one. Nothing is synced, since after a power failure the file is
// written anew, and flash memory wears.
//
// The temporary file does not end as the file does, or node_exporter would read it too. A
// file that is there keeps its mode; a new one has that which is given, [Private] or [Public].
func Replace(path string, data []byte, mode fs.FileMode) error {
	w, err := ReplaceWhole(path, mode)
	if err != nil {
		return err
	}
	w.passing = true
	if _, err = w.Write(data); err != nil {
		return errors.Join(err, w.Discard())
	}
	return w.Close()
}

// CanReplace finds out now what [Replace] would say after a day of work.
func CanReplace(path string) error {
	w, err := ReplaceWhole(path, Private)
	if err != nil {
		return err
	}
	return w.Discard()
}

// CreateNew makes a file for its owner only, to be written and read back, in the place of what
// has its name. Of a link it takes the place, and does not follow it.
func CreateNew(path string) (*os.File, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, Private)
}

// Rename puts one file in the place of another.
func Rename(from, to string) error {
	return patiently(func() error { return os.Rename(from, to) })
}

// patiently gives a file another name. Windows refuses that while somebody has one
// of the two open without sharing it, as scanners and indexers do with each new file;
// they are done within a second or two.
func patiently(rename func() error) error {
	const tries, moment = 100, 30 * time.Millisecond
	for i := 1; ; i++ {
		err := rename()
		if err == nil || runtime.GOOS != "windows" || i == tries || errors.Is(err, fs.ErrExist) {
			return err
		}
		time.Sleep(moment)
	}
}

// SyncFolder makes last what names are in the folder of a file, where the system knows how.
func SyncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(Directory(path))
	if err != nil {
		return err
	}
	err = dir.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil // it does not
	}
	return errors.Join(err, dir.Close())
}
