package statefile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/gofrs/flock"

	"p1/pkg/fileio"
)

// File is a file that is kept up to date. Nobody else writes it until it is
// closed.
type File struct {
	path    string // as the user named it
	target  string // the file itself, where path is a link to it
	version string
	lock    *flock.Flock
	meters  []json.RawMessage
	written []byte // what the file holds
}

// Open locks a file and reads it; where there is none, this is the first run. It
// fails where the file could not be written later. The version is that of the
// program, to be written into the file.
func Open(path, version string) (*File, error) {
	f := &File{path: path, version: version}
	if err := f.open(); err != nil {
		return nil, &Error{path, errors.Join(err, f.Close())}
	}
	return f, nil
}

func (f *File) open() error {
	var err error
	if f.path == "" {
		return errors.New("names no file")
	}
	if f.target, err = fileio.Target(f.path); err != nil {
		return err
	}
	if info, err := os.Stat(fileio.Directory(f.target)); err != nil {
		return fmt.Errorf("cannot be written: its directory: %w", err)
	} else if !info.IsDir() {
		return fmt.Errorf("cannot be written: %s is no directory", fileio.Directory(f.target))
	}
	if err := checkKind(f.target); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot be used: %w", err)
	}
	lock := flock.New(f.target+".lock", flock.SetFlag(os.O_CREATE|os.O_RDWR))
	ok, err := lock.TryLock()
	if err != nil {
		return fmt.Errorf("cannot be locked: %w", err)
	}
	if !ok {
		return ErrInUse
	}
	f.lock = lock
	if err := f.tryWriting(); err != nil {
		return fmt.Errorf("cannot be written: %w", err)
	}
	return f.load()
}

// load reads the file, which may have come while the lock was waited for.
func (f *File) load() error {
	data, err := load(f.target)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	f.written = data
	f.meters, err = decode(data)
	return err
}

// tryWriting finds out now what would else be said after a day of work.
func (f *File) tryWriting() error {
	// A new file replaces one that may not be written without asking.
	old, err := os.OpenFile(f.target, os.O_RDWR, 0)
	if err == nil {
		err = old.Close()
	} else if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return err
	}
	return fileio.CanReplace(f.target)
}

// Meters returns what the file said of each meter when it was opened.
func (f *File) Meters() []json.RawMessage { return f.meters }

// Save replaces the file by one that says this of each meter. It leaves alone a
// file that says so already.
func (f *File) Save(meters []json.RawMessage) error {
	if f.lock == nil {
		return &Error{f.path, errors.New("cannot be written: it is closed")}
	}
	data, err := encode(f.version, meters)
	if err != nil {
		return &Error{f.path, err}
	}
	if bytes.Equal(data, f.written) && checkKind(f.target) == nil {
		return nil
	}
	if err := replace(f.target, data); err != nil {
		return &Error{f.path, fmt.Errorf("cannot be written: %w", err)}
	}
	f.written = data
	return nil
}

// Close lets others have the file.
func (f *File) Close() error {
	if f.lock == nil {
		return nil
	}
	lock := f.lock
	f.lock = nil
	return lock.Unlock()
}

// replace puts data in the place of a file, all of it or nothing.
func replace(path string, data []byte) error {
	w, err := fileio.ReplaceWhole(path, fileio.Private)
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		return errors.Join(err, w.Discard())
	}
	return w.Close()
}
