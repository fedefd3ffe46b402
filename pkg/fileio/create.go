package fileio

import (
	"errors"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Output is a file being written, compressed where its name ends in .gz or
// .zst.
type Output struct {
	w     io.Writer
	flush func() error
	close []func() error
}

// Create creates the file, or returns stdout where the name is empty or "-". A file of
// that name is overwritten: that it is not read too has been checked before.
func Create(name string, stdout io.Writer) (*Output, error) {
	if name == "" || name == Stdin {
		if f, ok := stdout.(*os.File); ok {
			widen(f)
		}
		return &Output{w: stdout}, nil
	}
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	o := &Output{w: f, close: []func() error{f.Close}}
	switch compression(name) {
	case ".gz":
		z := gzip.NewWriter(f)
		o.w, o.flush = z, z.Flush
		o.close = append([]func() error{z.Close}, o.close...)
	case ".zst":
		z, err := zstd.NewWriter(f, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		o.w, o.flush = z, z.Flush
		o.close = append([]func() error{z.Close}, o.close...)
	}
	return o, nil
}

// Write writes to the file, through its compression.
func (o *Output) Write(p []byte) (int, error) { return o.w.Write(p) }

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
	for _, c := range o.close {
		err = errors.Join(err, c())
	}
	o.close = nil
	return err
}
