package fileio

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// Whole is a file that is there under its name once it is closed, and not before: until then
// it stands beside, under a passing name that nobody else has.
//
//	NAME.1f3a9c24.tmp │ sync │ take the name │ sync the folder
//
// What a killed program has left is removed by the next one that begins a file of that name: see
// [Sweep].
type Whole struct {
	f       *os.File
	hold    *os.File // says that somebody writes it; nil where the system says so itself
	path    string
	another bool // it takes the place of a file, and not a free name
	passing bool // it is made anew after a power failure, so that nothing is synced
	settled bool // its file is closed
	done    bool // it has its name, or is discarded
}

// CreateWhole begins a file that takes a free name, and makes its folders.
func CreateWhole(path string) (*Whole, error) {
	const owner = 0o700 // as its file is
	if err := os.MkdirAll(filepath.Dir(path), owner); err != nil {
		return nil, err
	}
	return newWhole(path, Private)
}

// ReplaceWhole begins a file that takes the place of another one, of a link that of what it leads
// to, with its mode, and with its owner where that is allowed; a new one has the mode that is given.
func ReplaceWhole(path string, made fs.FileMode) (*Whole, error) {
	target := path
	if leads, err := filepath.EvalSymlinks(path); err == nil {
		target = leads
	}
	was, err := os.Stat(target)
	if err != nil {
		was = nil
	} else if !was.Mode().IsRegular() {
		return nil, ErrKind
	}
	w, err := newWhole(target, made)
	if err != nil {
		return nil, err
	}
	w.another = true
	if was != nil {
		_ = chown(w.f, was) // few may
		if err := w.f.Chmod(was.Mode().Perm()); err != nil {
			return nil, errors.Join(err, w.Discard())
		}
	}
	return w, nil
}

// newWhole creates the file under its passing name, after what others have left beside it.
func newWhole(path string, mode fs.FileMode) (*Whole, error) {
	base := filepath.Base(path)
	Sweep(Directory(path), func(name string) bool { return name == base })
	for {
		f, err := os.OpenFile(fmt.Sprintf("%s.%08x%s", path, rand.Uint32(), Unfinished), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if err != nil {
			return nil, err
		}
		if hold, ok := holdOf(f); ok {
			return &Whole{f: f, hold: hold, path: path}, nil
		}
		if err := f.Close(); err != nil { // another program took it for a left one
			return nil, err
		}
	}
}

// Write writes to it.
func (w *Whole) Write(b []byte) (int, error) {
	n, err := w.f.Write(b)
	return n, w.by(err)
}

// by is an error with the name that the file is to have: nobody knows the other one.
func (w *Whole) by(err error) error {
	if is := new(fs.PathError); errors.As(err, &is) {
		return &fs.PathError{Op: is.Op, Path: w.path, Err: is.Err}
	}
	return err
}

// Path is the name that it will have.
func (w *Whole) Path() string { return w.path }

// Close gives it its name. What has failed is not there, under whatever name; where
// another one has the name, that is [fs.ErrExist].
func (w *Whole) Close() error {
	if w.done {
		return nil
	}
	err := w.As(w.path)
	if err != nil {
		err = errors.Join(err, w.Discard())
	}
	return err
}

// As gives it a name in its folder. Where that fails it is still there under its passing name, so that
// another name may be tried.
func (w *Whole) As(path string) error {
	if err := w.Settle(); err != nil {
		return err
	}
	take := takeName
	if w.another {
		take = Rename
	}
	if err := take(w.f.Name(), path); err != nil {
		return err
	}
	w.done = true
	w.release()
	if w.passing {
		return nil
	}
	return SyncFolder(path)
}

// Settle ends what is written, and puts it on the disk.
func (w *Whole) Settle() (err error) {
	if w.settled {
		return nil
	}
	if !w.passing {
		err = w.f.Sync()
	}
	w.settled = true
	return w.by(errors.Join(err, w.f.Close()))
}

// Open opens what was settled for reading.
func (w *Whole) Open() (*os.File, error) { return os.Open(w.f.Name()) }

// Done reports whether it has its name, or is discarded.
func (w *Whole) Done() bool { return w.done }

// Discard removes what has not its name.
func (w *Whole) Discard() (err error) {
	if w.done {
		return nil
	}
	w.done = true
	if !w.settled {
		w.settled, err = true, w.f.Close()
	}
	err = errors.Join(err, os.Remove(w.f.Name()))
	w.release()
	return err
}

// release lets others know that nobody writes it any more.
func (w *Whole) release() {
	if w.hold != nil {
		_ = w.hold.Close() // nothing was written by it
	}
}

// Sweep removes from a folder what killed programs have left of the files of the names that of
// says are its own: what has a passing name, and nobody is writing. What cannot be removed stays.
func Sweep(dir string, of func(name string) bool) {
	entries, _ := os.ReadDir(dir) // where that fails, creating a file there says so
	for _, e := range entries {
		if name, ok := ofPassing(e.Name()); ok && e.Type().IsRegular() && of(name) {
			removeLeft(filepath.Join(dir, e.Name()))
		}
	}
}

// ofPassing is the name that a file of a passing name was to have.
func ofPassing(name string) (of string, ok bool) {
	const digits = len("1f3a9c24")
	at := len(name) - len(Unfinished) - digits - 1
	if at < 1 || name[at] != '.' || name[at+1+digits:] != Unfinished {
		return "", false
	}
	for _, c := range []byte(name[at+1 : at+1+digits]) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return "", false
		}
	}
	return name[:at], true
}
