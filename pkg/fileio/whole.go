package fileio

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Whole is a file that is there under its name once it is closed, and not before: until then
// it stands beside, and its name ends in .tmp.
type Whole struct {
	f    *os.File
	path string
	done bool // closed
}

// CreateWhole begins a file that is not there yet, and makes its folders.
func CreateWhole(path string) (*Whole, error) {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
		}
		return nil, err
	}
	const owner = 0o700 // as its file is
	if err := os.MkdirAll(filepath.Dir(path), owner); err != nil {
		return nil, err
	}
	f, err := createBeside(path, Private)
	if err != nil {
		return nil, err
	}
	return &Whole{f: f, path: path}, nil
}

// Write writes to it.
func (w *Whole) Write(b []byte) (int, error) { return w.f.Write(b) }

// Close gives it its name. What has failed is not there under it.
func (w *Whole) Close() error {
	w.done = true
	err := errors.Join(w.f.Sync(), w.f.Close())
	if err == nil {
		err = Rename(w.f.Name(), w.path)
	}
	return err
}

// Done reports whether it was closed.
func (w *Whole) Done() bool { return w.done }

// Discard removes what was not closed.
func (w *Whole) Discard() error {
	if w.done {
		return nil
	}
	w.done = true
	return errors.Join(w.f.Close(), os.Remove(w.f.Name()))
}
