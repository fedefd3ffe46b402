package archive

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"runtime"

	"github.com/klauspost/compress/zstd"

	"p1/pkg/fileio"
)

// A finished day is packed once: its streams become a single one of the library's best level,
// which holds the same bytes of text and has a checksum, as no stream that is flushed while the
// line goes on could have. By that a packed file is known, and nothing is added to it.
//
//	write NAME.tmp | sync | read back | rename to NAME | sync the folder
//
// The rename puts the packed day in the place of the other one, so that at any moment readers
// find the day once, and whole. A program that reads the old file keeps it until it closes it.
//
// Bytes a telegram, hu each 10 s and nl each second, a simulated day with times of arrival to
// the millisecond, by the window; more makes it worse, since the best match is nearly always
// the telegram before, and what is farther away takes more bits to name:
//
//	      as it grew   32 KiB   64 KiB   128 KiB   256 KiB   512 KiB   8 MiB
//	hu       83.1       42.8     42.0      40.0      41.5      41.8    42.2
//	nl       59.0       28.6     28.5      28.8      29.2      29.4    29.5
const packedWindow = 128 << 10

var (
	errChanged  = errors.New("it was written to while it was being packed")
	errReadBack = errors.New("what was read back from the disk is not what was written")
)

// isPacked reports whether the first stream of a file is to end with a checksum.
func isPacked(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	const sum = 4 // RFC 8878 §3.1.1.1.1.5
	head, err := peek(f, 0, len(frameMagic)+1)
	return err == nil && len(head) > len(frameMagic) && string(head[:len(frameMagic)]) == frameMagic && head[len(frameMagic)]&sum != 0
}

// packer packs files, one after the other, with the same memory: the encoder takes 34 MB.
type packer struct {
	to   *zstd.Encoder // nil before the first
	from *zstd.Decoder
}

func (p *packer) prepare() (err error) {
	if p.to != nil {
		return nil
	}
	if p.from, err = decoder(nil); err != nil {
		return err
	}
	p.to, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression),
		zstd.WithWindowSize(packedWindow), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
	return err
}

// day packs a file, and reports whether it did. One that is packed already, that is about to be
// sealed as it is, or whose text cannot be read to its end is left as it is, which is no error.
func (p *packer) day(path string, pause func() error) (packed bool, err error) {
	was, err := os.Lstat(path)
	if err != nil {
		return false, err
	}
	if _, err := os.Lstat(path + fileio.SealSuffix); err == nil || was.Size() == 0 || isPacked(path) {
		return false, nil
	}
	if err := p.prepare(); err != nil {
		return false, err
	}
	runtime.GC() // what the day before has left would double what is in use before it is collected
	err = (&packing{packer: p, path: path, was: was, pause: pause, step: func(string) {}}).do()
	if errors.Is(err, errTail) {
		return false, nil
	}
	return err == nil, err
}

// packing is how one file is packed.
type packing struct {
	*packer
	path  string
	was   fs.FileInfo // the file when it was begun
	pause func() error
	step  func(next string) // told before each step: tests end there
}

func (w *packing) do() error {
	tmp := w.path + fileio.Unfinished
	err := w.write(tmp)
	if err == nil {
		w.step("rename")
		if err = w.unchanged(); err == nil {
			err = fileio.Rename(tmp, w.path)
		}
	}
	if err != nil {
		if gone := os.Remove(tmp); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
		return err
	}
	w.step("sync the folder")
	return fileio.SyncFolder(w.path)
}

// unchanged is an error where the file is no longer the one that was packed.
func (w *packing) unchanged() error {
	is, err := fileio.Unchanged(w.path, w.was)
	if err == nil && !is {
		err = errChanged
	}
	return err
}

// write writes the packed file under its passing name, and reads it back.
func (w *packing) write(tmp string) error {
	from, err := os.Open(w.path)
	if err != nil {
		return err
	}
	defer from.Close()
	_, in, err := streams(from)
	if err != nil {
		return err
	}
	w.step("write")
	to, err := fileio.CreateNew(tmp)
	if err != nil {
		return err
	}
	err = w.compress(to, in)
	if err = errors.Join(err, to.Close()); err != nil {
		return err
	}
	// --keep counts from the day itself.
	return os.Chtimes(tmp, w.was.ModTime(), w.was.ModTime())
}

func (w *packing) compress(to *os.File, streams io.Reader) error {
	want := sha256.New()
	w.to.Reset(to)
	if err := w.copy(w.to, want, streams); err != nil {
		return err
	}
	if err := w.to.Close(); err != nil {
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
	got := sha256.New()
	err := w.copy(io.Discard, got, to)
	if errors.Is(err, errTail) || err == nil && !bytes.Equal(got.Sum(nil), want.Sum(nil)) {
		err = errReadBack
	}
	return err
}

// copy copies the text of streams with pauses, and adds it to a hash. Where it cannot be read,
// or is not whole lines of records, at least one: errTail.
func (w *packing) copy(to io.Writer, sum hash.Hash, streams io.Reader) error {
	if err := w.from.Reset(streams); err != nil {
		return err
	}
	var text outermost
	buf := make([]byte, 256<<10)
	for {
		n, err := w.from.Read(buf)
		_, _ = sum.Write(buf[:n])
		_, _ = text.Write(buf[:n])
		if _, err := to.Write(buf[:n]); err != nil {
			return err
		}
		switch {
		case err == io.EOF && text.any && text.lines():
			return nil
		case err == nil:
			err = w.pause()
		case !errors.As(err, new(*fs.PathError)): // or the disk cannot be read
			err = errTail
		}
		if err != nil {
			return err
		}
	}
}
