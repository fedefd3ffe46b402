package tool

import (
	"errors"
	"io"
	"os"
	"time"

	"p1/pkg/fileio"
)

// followPace is how often a file that is followed is looked at.
const followPace = 100 * time.Millisecond

// errStopped ends a file that is followed.
var errStopped = errors.New("no longer followed")

// open opens an input; under --follow a file has no end.
func (f *feed) open(name string) (*fileio.Input, error) {
	info, err := os.Stat(name)
	if !f.c.Bool(FlagFollow) || name == fileio.Stdin || err != nil || !info.Mode().IsRegular() {
		return fileio.Open(name, f.c.App.Reader, fileio.Records)
	}
	from, err := fileio.OpenShared(name)
	if err != nil {
		return nil, err
	}
	// What is decoded late is decoded as it comes: the file may still be empty.
	in, err := fileio.Open(fileio.Stdin, &followed{name: name, file: from, stop: f.sig.Asked, say: Say(f.c)}, fileio.Records)
	if err != nil {
		return nil, errors.Join(err, from.Close())
	}
	in.Name = name
	return in, nil
}

// followed reads a file that another program writes records to, as tail -F does. It
// lasts as long as the process.
type followed struct {
	name string
	file *os.File
	at   int64 // bytes of this file that have been read
	stop <-chan struct{}
	say  func(text string)

	text    bool // it begins as JSON lines do, and not as something compressed
	partial bool // a line has been begun
}

func (f *followed) Read(p []byte) (int, error) {
	for {
		n, err := f.file.Read(p)
		if n > 0 {
			f.note(p[:n])
			return n, nil
		}
		if err != nil && err != io.EOF {
			return 0, err
		}
		again, err := f.changed()
		switch {
		case err != nil:
			return 0, err
		case again && f.text && f.partial:
			f.partial = false // what has been begun never ends: it is a line of its own
			return copy(p, "\n"), nil
		case again:
			continue
		}
		select {
		case <-time.After(followPace):
		case <-f.stop:
			return 0, errStopped
		}
	}
}

func (f *followed) note(data []byte) {
	if f.at == 0 {
		const byteOrderMark = 0xEF // the first byte of it in UTF-8
		f.text = data[0] == '{' || data[0] == byteOrderMark
	}
	f.at += int64(len(data))
	f.partial = data[len(data)-1] != '\n'
}

// changed looks, at the end of the file, whether it goes on elsewhere: the file has
// been emptied, or another one has its name.
func (f *followed) changed() (bool, error) {
	old, err := f.file.Stat()
	if err != nil {
		return false, err
	}
	if old.Size() < f.at {
		f.say(f.name + ": it has become shorter: reading it from its beginning")
		f.at = 0
		_, err := f.file.Seek(0, io.SeekStart)
		return true, err
	}
	named, err := os.Stat(f.name)
	if err != nil || os.SameFile(named, old) || !named.Mode().IsRegular() || named.Size() == 0 {
		return false, nil // whoever has made an empty file may still write to the old one
	}
	if now, err := f.file.Stat(); err != nil || now.Size() > f.at {
		return false, err // the rest of the old one comes first
	}
	next, err := fileio.OpenShared(f.name)
	if err != nil {
		return false, nil // gone again, or not for us: the next look tells
	}
	f.say(f.name + ": a new file has that name: going on with it")
	err = f.file.Close()
	f.file, f.at = next, 0
	return true, err
}
