package archive

import (
	"bytes"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
)

// errTail is what is wrong with a file that cannot be continued.
var errTail = errors.New("its end cannot be read")

const frameMagic = "\x28\xB5\x2F\xFD"

// tail is how a file of Zstandard streams ends (RFC 8878 §3.1).
//
//	28 B5 2F FD  20 …        05 02 00 …  45 01 00 …  01 00 00
//	└ magic      └ header    └ block     └ block     └ an empty block, the last:
//	                           bit 0: the last one; bits 1, 2: raw, one byte
//	                           repeated, compressed; the rest: size
type tail struct {
	frame int64 // where the last stream begins
	end   int64 // after its last whole block, or after the stream where it has its end
	whole bool  // it has
	sum   bool  // there is to be a checksum after it
}

// mend makes a file ready for another stream after those that it holds, and returns
// its size. A stream that was cut off gets an end. A file that cannot be read to its
// end, or does not end with a line, is left as it is: errTail.
func mend(f handle) (int64, error) {
	t, in, err := streams(f)
	if err != nil {
		return 0, err
	}
	if !readable(in) {
		return 0, errTail
	}
	if !t.whole {
		n, err := f.WriteAt(lastBlock(), t.end)
		if err != nil {
			return 0, err
		}
		t.end += int64(n)
	}
	return t.end, f.Truncate(t.end)
}

// streams returns how a file ends, and what is whole of it, with the end that it may lack.
func streams(f io.ReaderAt) (tail, io.Reader, error) {
	t, err := findTail(f)
	if err != nil {
		return t, nil, err
	}
	in := io.NewSectionReader(f, 0, t.end)
	switch {
	case t.whole:
		return t, in, nil
	case t.sum:
		return t, nil, errTail
	}
	return t, io.MultiReader(in, bytes.NewReader(lastBlock())), nil
}

// lastBlock is an empty one that ends its stream.
func lastBlock() []byte { return []byte{1, 0, 0} }

// readable reports whether streams can be read, and hold whole lines, the first of which
// begins as a record does: what another program wrote is not gone on with. A day takes a
// second or less.
func readable(in io.Reader) bool {
	z, err := decoder(in)
	if err != nil {
		return false
	}
	defer z.Close()
	var text outermost
	_, err = io.Copy(&text, z)
	return (err == nil || err == io.EOF) && text.lines()
}

// decoder reads streams in little memory.
func decoder(in io.Reader) (*zstd.Decoder, error) {
	return zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(8<<20))
}

// findTail looks at the headers of all streams and blocks.
func findTail(f io.ReaderAt) (tail, error) {
	p := &paged{f: f}
	at := int64(0)
	for {
		t, err := oneFrame(p, at)
		if err != nil || !t.whole || t.end == at {
			return t, err
		}
		at = t.end
	}
}

// oneFrame looks at the stream that begins at a place. Where none does, or so little
// of it that it has no block, it is whole and empty.
func oneFrame(f io.ReaderAt, at int64) (tail, error) {
	none := tail{frame: at, end: at, whole: true}
	head, err := peek(f, at, 18) // the longest header
	if err != nil {
		return none, err
	}
	if n := min(len(head), len(frameMagic)); string(head[:n]) != frameMagic[:n] {
		return tail{}, errTail // what another program wrote, however short
	}
	if len(head) <= len(frameMagic) {
		return none, nil
	}
	d := head[4]
	size := headerSize(d)
	if len(head) < size {
		return none, nil
	}
	t := tail{frame: at, end: at + int64(size), sum: d&4 != 0}
	for {
		next, last, err := oneBlock(f, t.end)
		switch {
		case err == io.EOF && t.end == at+int64(size):
			return none, nil
		case err == io.EOF:
			return t, nil
		case err != nil:
			return tail{}, err
		}
		t.end = next
		if last {
			return t.checked(f)
		}
	}
}

// checked is the tail after the checksum, if there is to be one.
func (t tail) checked(f io.ReaderAt) (tail, error) {
	t.whole = true
	if t.sum {
		sum, err := peek(f, t.end, 4)
		if err != nil {
			return tail{}, err
		}
		if len(sum) < 4 {
			return tail{}, errTail
		}
		t.end += 4
	}
	return t, nil
}

// headerSize is the size of a stream's header with its magic, by its descriptor
// (RFC 8878 §3.1.1.1.1).
func headerSize(descriptor byte) int {
	single := descriptor >> 5 & 1
	size := 4 + 1 + 1 - int(single)
	size += []int{0, 1, 2, 4}[descriptor&3]
	return size + []int{int(single), 2, 4, 8}[descriptor>>6]
}

// oneBlock returns where the block at a place ends; io.EOF where it is not whole.
func oneBlock(f io.ReaderAt, at int64) (next int64, last bool, err error) {
	b, err := peek(f, at, 3)
	if err != nil {
		return 0, false, err
	}
	if len(b) < 3 {
		return 0, false, io.EOF
	}
	head := int64(b[0]) | int64(b[1])<<8 | int64(b[2])<<16
	const repeated, reserved = 1, 3
	size := head >> 3
	switch head >> 1 & 3 {
	case repeated:
		size = 1
	case reserved:
		return 0, false, errTail
	}
	next = at + 3 + size
	if size > 0 {
		if b, err = peek(f, next-1, 1); err != nil {
			return 0, false, err
		}
		if len(b) == 0 {
			return 0, false, io.EOF
		}
	}
	return next, head&1 == 1, nil
}

// paged reads pieces of a file: the headers of a day are forty thousand places, near each other.
type paged struct {
	f    io.ReaderAt
	from int64
	page []byte // what stands there
}

func (p *paged) ReadAt(b []byte, at int64) (int, error) {
	if at < p.from || at+int64(len(b)) > p.from+int64(len(p.page)) {
		const size = 64 << 10
		if cap(p.page) < max(size, len(b)) {
			p.page = make([]byte, max(size, len(b)))
		}
		n, err := p.f.ReadAt(p.page[:cap(p.page)], at)
		p.from, p.page = at, p.page[:n]
		if err != nil && err != io.EOF {
			return 0, err
		}
	}
	n := copy(b, p.page[at-p.from:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// peek reads n bytes, or as many as there are.
func peek(f io.ReaderAt, at int64, n int) ([]byte, error) {
	b := make([]byte, n)
	n, err := f.ReadAt(b, at)
	if err == io.EOF {
		err = nil
	}
	return b[:n], err
}

// outermost keeps the first and the last byte of what is written to it.
type outermost struct {
	any         bool // there was one
	first, last byte
}

// lines reports whether it can be whole lines of records.
func (e *outermost) lines() bool { return !e.any || e.first == '{' && e.last == '\n' }

func (e *outermost) Write(p []byte) (int, error) {
	if len(p) > 0 {
		if !e.any {
			e.any, e.first = true, p[0]
		}
		e.last = p[len(p)-1]
	}
	return len(p), nil
}
