package fileio

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// How files are made that are not there yet. What a household uses says when somebody is at
// home, so that only its owner reads it, unless it is for another user's program.
const (
	Private fs.FileMode = 0o600
	Public  fs.FileMode = 0o666 // but for what the umask takes away
)

// Output is a file being written, compressed where its name ends in .gz or
// .zst. What the file held before stays until the first byte is written, or until Close.
type Output struct {
	w     io.Writer
	flush func() error
	close []func() error
	file  *lazy // nil for standard output
	given bool  // something was written to it, which the compression may still hold
}

// lazy is a file that is emptied when the first byte is written to it, or whose place is
// taken at the end.
type lazy struct {
	*os.File
	begun bool
	made  fs.FileInfo // of a file that this process has made; nil where one was there
	holds bool        // there was something in it
	whole *Whole      // what takes its place; nil where it is written itself, else the file is closed
}

// begin empties the file, if it is one that can be.
func (l *lazy) begin() error {
	if l.begun {
		return nil
	}
	l.begun = true
	if l.whole != nil {
		return nil
	}
	if info, err := l.Stat(); err != nil || !info.Mode().IsRegular() {
		return err
	}
	return l.Truncate(0)
}

func (l *lazy) Write(p []byte) (int, error) {
	if err := l.begin(); err != nil {
		return 0, err
	}
	if l.whole != nil {
		return l.whole.Write(p)
	}
	return l.File.Write(p)
}

// Close closes it, and lets what is to take its place do so.
func (l *lazy) Close() error {
	if l.whole != nil {
		return l.takePlace()
	}
	return l.File.Close()
}

// takePlace puts what was written in the place of the file. One that cannot be replaced, since it is
// mounted by itself (in a container) or another user's in a folder for all, is written over.
func (l *lazy) takePlace() error {
	err := l.whole.As(l.whole.Path())
	if errors.Is(err, syscall.EBUSY) || errors.Is(err, fs.ErrPermission) {
		err = overwrite(l.whole)
	}
	return errors.Join(err, l.whole.Discard()) // unless it has its name
}

// overwrite puts what was settled into a file that is there.
func overwrite(w *Whole) error {
	from, err := w.Open()
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(w.Path(), os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

// leave closes the file as it was; one that was not there before is removed.
func (l *lazy) leave() error {
	if l.whole != nil {
		return l.whole.Discard()
	}
	return errors.Join(l.File.Close(), l.unmake())
}

// unmake removes the empty file that was made, and is closed, but not what another process has written
// or put there since.
func (l *lazy) unmake() error {
	if l.made == nil {
		return nil
	}
	if now, err := os.Lstat(l.Name()); err != nil || now.Size() > 0 || !os.SameFile(now, l.made) {
		return nil
	}
	return os.Remove(l.Name())
}

// Create opens the file for writing, or returns stdout where the name is empty, "-" or a
// system's name of standard output: that may be a file to which is appended. A
// file of that name is overwritten, and keeps its mode; that it is not read too has been checked
// before. A new one is [Private]; what the shell makes for > is as the umask says.
func Create(name string, stdout io.Writer) (*Output, error) {
	if name == "" || name == Stdin || name == "/dev/stdout" || name == "/dev/fd/1" || name == "/proc/self/fd/1" {
		if f, ok := stdout.(*os.File); ok {
			widen(f)
		}
		return &Output{w: stdout}, nil
	}
	_, err := os.Lstat(name)
	made := errors.Is(err, fs.ErrNotExist)
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, Private)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	l := &lazy{File: f, holds: info.Mode().IsRegular() && info.Size() > 0}
	if made {
		l.made = info
	}
	o := &Output{w: l, close: []func() error{l.Close}, file: l}
	switch compression(name) {
	case ".gz":
		z := gzip.NewWriter(l)
		o.w, o.flush = z, z.Flush
		o.close = append([]func() error{z.Close}, o.close...)
	case ".zst":
		z, err := zstd.NewWriter(l, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		o.w, o.flush = z, z.Flush
		o.close = append([]func() error{z.Close}, o.close...)
	}
	return o, nil
}

// Whole lets what will be written stand beside the file and take its place at Close, for what can
// be read once it is whole and not before: until then the file is what it was, also where the program
// is killed or the disk is full. What is no file, or open already, is written as it is, and so is one
// beside which this user may make none, or whose name has no room for more.
func (o *Output) Whole() error {
	if o.file == nil || isDescriptor(o.file.Name()) {
		return nil
	}
	w, err := ReplaceWhole(o.file.Name(), Private)
	switch {
	case errors.Is(err, ErrKind), errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS), errors.Is(err, syscall.ENAMETOOLONG):
		return nil
	case err != nil:
		return err
	}
	o.file.whole = w
	return errors.Join(o.file.File.Close(), o.file.unmake()) // Windows removes no file that is open
}

// Abandon closes a file to which nothing was written, and leaves what it held; one that
// was not there before is removed. Where something was written, or it is closed, it does nothing.
func (o *Output) Abandon() error {
	if o.file == nil || o.file.begun || o.given || len(o.close) == 0 {
		return nil
	}
	o.close = nil
	return o.file.leave()
}

// Discard leaves a file of [Output.Whole] as it was, whatever was written: it has not come to its
// end. Any other one, or one that is closed, it leaves alone.
func (o *Output) Discard() error {
	if o.file == nil || o.file.whole == nil || len(o.close) == 0 {
		return nil
	}
	o.close = nil
	return o.file.leave()
}

// Named reports whether it is a file, and not standard output.
func (o *Output) Named() bool { return o.file != nil }

// Holds reports whether it is a file with something in it that was there before, and still is.
func (o *Output) Holds() bool { return o.file != nil && o.file.holds && !o.file.begun && !o.given }

// Write writes to the file, through its compression.
func (o *Output) Write(p []byte) (int, error) {
	o.given = o.given || len(p) > 0
	return o.w.Write(p)
}

// Flush hands on what the compression holds back.
func (o *Output) Flush() error {
	if o.flush == nil {
		return nil
	}
	return o.flush()
}

// Close finishes the compression and closes the file; standard output stays
// open.
func (o *Output) Close() error {
	var err error
	if o.file != nil && len(o.close) > 0 {
		err = o.file.begin()
	}
	for _, c := range o.close {
		err = errors.Join(err, c())
	}
	o.close = nil
	return err
}
