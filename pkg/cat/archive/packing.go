package archive

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"runtime/debug"

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
// A day that a crash has cut off, within a block or after one, is packed as far as it can be read.
// Readers know such a day by a stream without an end, and say that the last seconds may be missing.
// So that they do so ever after, the beginning of a second stream stands behind the packed one:
//
//	28 B5 2F FD | header | block | … | block, the last | checksum | 28 B5 2F FD | header
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
	errUnread   = errors.New("it cannot be read to its end")
	errForeign  = errors.New("what it holds are no records of this archive")
)

// cutMark is the beginning of a stream, up to its first block: of no single segment, without a
// checksum, with a window of 1 KiB.
const cutMark = frameMagic + "\x00\x00"

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

// garbage is what may lie about while a file is packed, in percent of what is in use. By it p1cat packs a day of
// nl in 54 MB in place of 62, and in the same time.
const garbage = 10

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

// state is how a finished day is packed.
type state int

const (
	asItWas state = iota // packed already, about to be sealed as it is, or empty; or there is an error
	packed
	packedCut // as far as it can be read: what a crash has cut off
)

// day packs a file. [errUnread] and [errForeign] are of one that stays as it is for good.
func (p *packer) day(path string, pause func() error) (state, error) {
	was, err := fileio.Identify(path)
	if err != nil {
		return asItWas, err
	}
	if _, err := os.Lstat(path + fileio.SealSuffix); err == nil || was.Size() == 0 || isPacked(path) {
		return asItWas, nil
	}
	if err := p.prepare(); err != nil {
		return asItWas, err
	}
	// Beside the encoder, which is no garbage, as much again and twice that would be let lie before it is collected.
	defer debug.SetGCPercent(debug.SetGCPercent(garbage))
	w := &packing{packer: p, path: path, was: was, pause: pause, step: func(string) {}}
	switch err := w.do(); {
	case err != nil:
		return asItWas, err
	case w.cut:
		return packedCut, nil
	}
	return packed, nil
}

// packing is how one file is packed.
type packing struct {
	*packer
	path  string
	was   fs.FileInfo // the file when it was begun
	cut   bool        // it has no end
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
	end, in, err := streams(from)
	if errors.Is(err, errTail) {
		err = errUnread
	}
	if err != nil {
		return err
	}
	w.cut = !end.whole || end.end < w.was.Size()
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

// compress writes the text of streams as one, and behind it what it takes for a day without an end.
func (w *packing) compress(to *os.File, streams io.Reader) error {
	want := sha256.New()
	w.to.Reset(to)
	if err := w.copy(w.to, want, streams); err != nil {
		return err
	}
	if err := w.to.Close(); err != nil {
		return err
	}
	size, err := to.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	mark := ""
	if w.cut {
		mark = cutMark
	}
	if _, err := to.WriteString(mark); err != nil {
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
	return w.compare(to, size, want.Sum(nil), mark)
}

// compare reads back a stream of a size, and what stands behind it.
func (w *packing) compare(to *os.File, size int64, want []byte, mark string) error {
	got := sha256.New()
	err := w.copy(io.Discard, got, io.NewSectionReader(to, 0, size))
	if errors.Is(err, errUnread) || errors.Is(err, errForeign) || err == nil && !bytes.Equal(got.Sum(nil), want) {
		return errReadBack
	}
	if err != nil {
		return err
	}
	behind, err := peek(to, size, len(cutMark)+1)
	if err == nil && string(behind) != mark {
		err = errReadBack
	}
	return err
}

// copy copies the text of streams with pauses, and adds it to a hash. [errUnread] where it cannot
// be read, [errForeign] where it does not begin as records do.
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
		case err == io.EOF && !text.any:
			return errUnread
		case err == io.EOF && text.first != '{':
			return errForeign
		case err == io.EOF:
			return nil
		case err == nil:
			err = w.pause()
		case !errors.As(err, new(*fs.PathError)): // or the disk cannot be read
			err = errUnread
		}
		if err != nil {
			return err
		}
	}
}
