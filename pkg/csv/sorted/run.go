package sorted

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"

	"github.com/klauspost/compress/zstd"

	"p1/pkg/fileio"
)

// window is how far back the compression looks, which is what a reader of a run keeps:
// many of them are open at a time.
const window = 64 << 10

// run is a file of items in order, each its key and its data, before each its length.
type run struct {
	f     *os.File
	dir   string
	level int // how often its items were merged
}

// tools are what runs are written and read with, which are used again and again: they take
// much memory to make.
type tools struct {
	encoder  *zstd.Encoder
	decoders []*runReader // those that nobody uses
}

// runWriter writes a run. There is one at a time.
type runWriter struct {
	run
	z       *zstd.Encoder
	buf     []byte
	written int64 // bytes on disk
}

// Write writes what is compressed.
func (w *runWriter) Write(p []byte) (int, error) {
	n, err := w.f.Write(p)
	w.written += int64(n)
	return n, err
}

func (t *tools) write(f *os.File, dir string) (w *runWriter, err error) {
	if t.encoder == nil {
		t.encoder, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest),
			zstd.WithWindowSize(window), zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(false))
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	w = &runWriter{run: run{f: f, dir: dir}, z: t.encoder}
	w.z.Reset(w)
	return w, nil
}

// write writes an item.
func (w *runWriter) write(key, data []byte) error {
	w.buf = binary.AppendUvarint(w.buf[:0], uint64(len(key)))
	w.buf = append(w.buf, key...)
	w.buf = binary.AppendUvarint(w.buf, uint64(len(data)))
	w.buf = append(w.buf, data...)
	if _, err := w.z.Write(w.buf); err != nil {
		return &fileio.ScratchError{Dir: w.dir, Err: err}
	}
	return nil
}

// done ends the run, so that it can be read.
func (w *runWriter) done(level int) (*run, error) {
	err := w.z.Close()
	if err == nil {
		_, err = w.f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(&fileio.ScratchError{Dir: w.dir, Err: err}, w.f.Close())
	}
	w.level = level
	return &w.run, nil
}

// runReader reads a run, an item at a time.
type runReader struct {
	run
	z         *zstd.Decoder
	r         *bufio.Reader
	key, data []byte // of the item that comes next
	err       error  // io.EOF after the last one
}

func (t *tools) read(from *run) (r *runReader, err error) {
	if n := len(t.decoders); n > 0 {
		r, t.decoders = t.decoders[n-1], t.decoders[:n-1]
	} else {
		r = &runReader{r: bufio.NewReader(nil)}
		r.z, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(window))
		if err != nil {
			return nil, err
		}
	}
	r.run = *from
	if err := r.z.Reset(from.f); err != nil {
		return nil, &fileio.ScratchError{Dir: from.dir, Err: err}
	}
	r.r.Reset(r.z)
	r.next()
	return r, nil
}

// next goes on to the next item.
func (r *runReader) next() {
	if r.key, r.err = r.read(r.key); r.err == nil {
		if r.data, r.err = r.read(r.data); r.err == io.EOF {
			r.err = io.ErrUnexpectedEOF
		}
	}
}

func (r *runReader) read(into []byte) ([]byte, error) {
	n, err := binary.ReadUvarint(r.r)
	if err != nil {
		return into, err
	}
	into = slices.Grow(into[:0], int(n))[:n]
	if _, err := io.ReadFull(r.r, into); err != nil {
		return into, io.ErrUnexpectedEOF
	}
	return into, nil
}

// merge hands out the items of runs in order, of one key those of the first run first, and
// closes the runs.
func (t *tools) merge(runs []*run, take func(key, data []byte) error) (err error) {
	var open []*runReader
	defer func() {
		t.decoders = append(t.decoders, open...)
		for _, r := range runs {
			err = errors.Join(err, r.f.Close())
		}
	}()
	for _, r := range runs {
		o, err := t.read(r)
		if err != nil {
			return err
		}
		open = append(open, o)
	}
	for {
		var first *runReader
		for _, r := range open {
			switch {
			case r.err == io.EOF:
			case r.err != nil:
				return &fileio.ScratchError{Dir: r.dir, Err: r.err}
			case first == nil || bytes.Compare(r.key, first.key) < 0:
				first = r
			}
		}
		if first == nil {
			return nil
		}
		if err := take(first.key, first.data); err != nil {
			return err
		}
		first.next()
	}
}
