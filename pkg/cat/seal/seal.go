// Package seal takes a finished day of the archive and its recipients, and makes of it the
// same day encrypted by age, which only their identities open; and takes identities and
// what was sealed, and gives back the day.
//
//	p1-2026-11-22.jsonl.zst        the day
//	p1-2026-11-22.jsonl.zst.age    the day, sealed; then the one above is gone
//
// What is done, in this order, so that at any moment the day is whole in one of the two, or
// in both:
//
//	write NAME.age.tmp | sync | read back | rename to NAME.age | sync the folder | remove the index of NAME | remove NAME | sync the folder
//
// A NAME.age that is there already may have been written by anybody and damaged since, and no
// identity is here to look into it. So as long as NAME is there, what counts is NAME: it is sealed
// anew, and what was read back takes the place of the other.
//
// No identity is needed to read back: age encrypts each file with a key of its own
// (C2SP age.md, "File key"), which is kept until the file has been read from the disk,
// decrypted and compared with the day, and then forgotten. So all is checked but whether
// the recipients' stanzas open, which is age's own work.
package seal

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"filippo.io/age"

	"p1/pkg/fileio"
)

const (
	// Suffix is what the name of a sealed day ends in.
	Suffix = fileio.SealSuffix
	// Unfinished is what the name of one ends in that is being written. It may be removed
	// whenever nobody writes it: the day itself is still there.
	Unfinished = Suffix + fileio.Unfinished
)

var (
	// ErrTwin is what is wrong with a day beside which there is another one, sealed.
	ErrTwin = errors.New("the sealed file beside it holds another number of bytes, so neither is touched: " +
		"move one of the two elsewhere")
	errChanged  = errors.New("it was written to while it was being sealed")
	errGone     = errors.New("the sealed file was removed or replaced by somebody else")
	errReadBack = errors.New("what was read back from the disk is not what was written")
)

// Day seals a file, or finishes what was begun. pause is called now and then: it may wait, and
// its error ends the work. Where there is an error, the file is as it was.
func (r *Recipients) Day(path string, pause func() error) error {
	return (&work{path: path, to: r.list, pause: pause, step: func(string) {}}).do()
}

// work is the sealing of one file.
type work struct {
	path  string
	to    []age.Recipient
	pause func() error
	step  func(next string) // told before each step: tests end there
	was   fs.FileInfo       // the file when it was begun
	made  fs.FileInfo       // the sealed file that was read back
}

func (w *work) do() (err error) {
	if w.was, err = fileio.Identify(w.path); err != nil {
		return err
	}
	if !w.was.Mode().IsRegular() {
		return fmt.Errorf("%s is no file", w.path)
	}
	if err := w.noTwin(); err != nil {
		return err
	}
	err = w.write()
	if err == nil {
		w.step("rename")
		if err = same(w.path, w.was); err == nil {
			err = fileio.Rename(w.path+Unfinished, w.path+Suffix)
		}
	}
	if err != nil {
		return errors.Join(err, removed(w.path+Unfinished))
	}
	w.step("sync the folder")
	if err := fileio.SyncFolder(w.path); err != nil {
		return err
	}
	return w.remove()
}

// remove removes the plain file and its index. That the index stays is an error, but keeps nobody
// from removing what says more.
func (w *work) remove() error {
	w.step("remove")
	if err := same(w.path, w.was); err != nil {
		return err
	}
	if same(w.path+Suffix, w.made) != nil {
		return errGone
	}
	index := fileio.RemoveIndex(w.path)
	if index != nil {
		index = fmt.Errorf("its index stays readable: %w", index)
	}
	if err := os.Remove(w.path); err != nil {
		return errors.Join(index, err)
	}
	w.step("sync the folder again")
	return errors.Join(index, fileio.SyncFolder(w.path))
}

// same is an error where a file is no longer the one that it was.
func same(path string, was fs.FileInfo) error {
	is, err := fileio.Unchanged(path, was)
	if err == nil && !is {
		err = errChanged
	}
	return err
}

// noTwin is [ErrTwin] where the sealed file that is there holds more or fewer bytes than the day,
// or is none of age: it is of something else, such as a day that somebody is just decrypting
// into the archive.
func (w *work) noTwin() error {
	info, err := os.Lstat(w.path + Suffix)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return ErrTwin
	}
	f, err := os.Open(w.path + Suffix)
	if err != nil {
		return err
	}
	defer f.Close()
	header, err := age.ExtractHeader(f)
	if err != nil || info.Size()-int64(len(header)) != sealedSize(w.was.Size()) {
		return ErrTwin
	}
	return nil
}

// sealedSize is how many bytes follow the header where so many were sealed: a nonce, and a tag
// for each chunk, of which there is at least one (C2SP age.md, "Payload").
func sealedSize(n int64) int64 {
	const nonce, chunk, tag = 16, 64 << 10, 16
	return nonce + n + tag*max(1, (n+chunk-1)/chunk)
}

// write writes the sealed file under its passing name, and reads it back.
func (w *work) write() error {
	from, err := os.Open(w.path)
	if err != nil {
		return err
	}
	defer from.Close()
	w.step("write")
	to, err := fileio.CreateNew(w.path + Unfinished)
	if err != nil {
		return err
	}
	err = w.encrypt(to, from)
	if err = errors.Join(err, to.Close()); err != nil {
		return err
	}
	// --keep counts from the day itself.
	if err := os.Chtimes(w.path+Unfinished, w.was.ModTime(), w.was.ModTime()); err != nil {
		return err
	}
	w.made, err = fileio.Identify(w.path + Unfinished)
	return err
}

func (w *work) encrypt(to *os.File, from io.Reader) error {
	key := &witness{Recipient: w.to[0]}
	z, err := age.Encrypt(to, append([]age.Recipient{key}, w.to[1:]...)...)
	if err != nil {
		return err
	}
	want, err := w.copy(z, from)
	if err = errors.Join(err, z.Close()); err != nil {
		return err
	}
	w.step("sync")
	if err := fileio.Settle(to, w.was); err != nil {
		return err
	}
	w.step("read back")
	if err := fileio.Reread(to); err != nil {
		return err
	}
	plain, err := age.Decrypt(to, age.NewInjectedFileKeyIdentity(key.key))
	if err != nil {
		return fmt.Errorf("%w: %w", errReadBack, err)
	}
	got, err := w.copy(io.Discard, plain)
	if err == nil && !bytes.Equal(got, want) {
		err = errReadBack
	}
	return err
}

// copy copies with pauses, and returns the hash of what it has copied.
func (w *work) copy(to io.Writer, from io.Reader) ([]byte, error) {
	sum := sha256.New()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		sum.Write(buf[:n])
		if _, err := to.Write(buf[:n]); err != nil {
			return nil, err
		}
		if err == io.EOF {
			return sum.Sum(nil), nil
		}
		if err == nil {
			err = w.pause()
		}
		if err != nil {
			return nil, err
		}
	}
}

// witness is a recipient that keeps the file's key.
type witness struct {
	age.Recipient
	key []byte
}

// WrapWithLabels wraps the key for the recipient; the labels are what keeps recipients that do
// not fit each other apart.
func (w *witness) WrapWithLabels(key []byte) ([]*age.Stanza, []string, error) {
	w.key = bytes.Clone(key)
	if r, ok := w.Recipient.(age.RecipientWithLabels); ok {
		return r.WrapWithLabels(key)
	}
	stanzas, err := w.Recipient.Wrap(key)
	return stanzas, nil, err
}

// removed removes a file, if there is one.
func removed(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
