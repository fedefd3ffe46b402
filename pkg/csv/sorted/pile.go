package sorted

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"

	"p1/pkg/fileio"
)

// Pile keeps bytes in the order in which they were written, few in memory, more in a
// temporary file.
type Pile struct {
	output string
	held   []byte
	f      *os.File
	disk   Disk
}

// pileMemory is how many bytes a Pile holds.
const pileMemory = 2 << 20

// NewPile returns a Pile whose temporary file is beside a file that is being written, or, where
// that is none, where the system has such files.
func NewPile(output string) *Pile { return &Pile{output: output} }

// Write adds bytes.
func (p *Pile) Write(b []byte) (int, error) {
	if p.held = append(p.held, b...); len(p.held) < pileMemory {
		return len(b), nil
	}
	return len(b), p.put()
}

func (p *Pile) put() (err error) {
	if p.f == nil {
		if p.f, p.disk.Dir, err = fileio.Scratch(p.output); err != nil {
			return err
		}
	}
	if _, err := p.f.Write(p.held); err != nil {
		return &fileio.ScratchError{Dir: p.disk.Dir, Err: err}
	}
	p.disk.Bytes += int64(len(p.held))
	p.held = p.held[:0]
	return nil
}

// Disk is what of it is on disk; it knows of no items.
func (p *Pile) Disk() Disk { return p.disk }

// Much reports whether more is on disk than is not worth a word.
func (p *Pile) Much() bool { return p.disk.Bytes > little }

// Read hands what was written to take, from its beginning.
func (p *Pile) Read(take func(io.Reader) error) error {
	var from io.Reader = bytes.NewReader(p.held)
	if p.f != nil {
		if _, err := p.f.Seek(0, io.SeekStart); err != nil {
			return &fileio.ScratchError{Dir: p.disk.Dir, Err: err}
		}
		from = io.MultiReader(&pileFile{p.f, p.disk.Dir}, from)
	}
	return take(bufio.NewReaderSize(from, 64<<10))
}

// Whole returns what was written so far, to be read from anywhere in it until Close.
func (p *Pile) Whole() (from io.ReaderAt, size int64, err error) {
	if p.f == nil {
		return bytes.NewReader(p.held), int64(len(p.held)), nil
	}
	if err := p.put(); err != nil {
		return nil, 0, err
	}
	return p.f, p.disk.Bytes, nil
}

// Close forgets what was written.
func (p *Pile) Close() error {
	f := p.f
	p.f, p.held, p.disk = nil, nil, Disk{}
	if f == nil {
		return nil
	}
	return f.Close()
}

// pileFile says where the file is that cannot be read.
type pileFile struct {
	f   *os.File
	dir string
}

func (p *pileFile) Read(b []byte) (int, error) {
	n, err := p.f.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &fileio.ScratchError{Dir: p.dir, Err: err}
	}
	return n, err
}
