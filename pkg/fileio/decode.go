package fileio

import (
	"bufio"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/therootcompany/xz"
)

// bufferSize is also the largest read that reaches the file.
const bufferSize = 64 << 10

// coding is what a file's first bytes say that it is.
type coding struct {
	mark string
	// open returns what decodes it, and what closes that; nil where it needs no closing.
	open func(r io.Reader) (io.Reader, func(), error)
}

func codings() []coding {
	return []coding{
		{"\x1F\x8B", func(r io.Reader) (io.Reader, func(), error) {
			z, err := gzip.NewReader(r)
			return z, nil, err // it needs no Close, which would only say again what Read has said
		}},
		{"\x28\xB5\x2F\xFD", func(r io.Reader) (io.Reader, func(), error) {
			z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
			if err != nil {
				return nil, nil, err
			}
			return zstdReader{z}, z.Close, nil
		}},
		{"\xFD7zXZ\x00", func(r io.Reader) (io.Reader, func(), error) {
			z, err := xz.NewReader(r, xzMemory)
			return z, nil, err
		}},
		{"BZh", func(r io.Reader) (io.Reader, func(), error) {
			return bzip2.NewReader(r), nil, nil
		}},
		{sealMark, nil},
		{armorMark, nil},
		{zipMark, nil},
		{littleMark, nil},
		{bigMark, nil},
	}
}

const (
	sealMark   = "age-encryption.org/v1\n"
	armorMark  = "-----BEGIN AGE ENCRYPTED FILE-----"
	zipMark    = "PK\x03\x04"
	littleMark = "\xFF\xFE"
	bigMark    = "\xFE\xFF"
	// xzMemory is the memory that xz -9 asks for.
	xzMemory = 64 << 20
)

// unsealed decrypts, if it is known how.
func (in *Input) unsealed(r io.Reader) (io.Reader, func(), error) {
	if in.unseal == nil {
		return nil, nil, ErrSealed
	}
	plain, err := in.unseal(r)
	return plain, nil, err
}

// ErrZip is what is wrong with a zip where one stream of bytes is wanted.
var ErrZip = errors.New("it is a zip, which holds files of its own: p1cat reads the logs in it, else unpack it first")

// beginning returns the coding that r begins with, and the first bytes; it waits for no
// byte that does not matter.
func beginning(r *bufio.Reader) (coding, []byte, error) {
	for n := 1; ; n++ {
		head, err := r.Peek(n)
		if err != nil {
			return coding{}, head, err
		}
		more := false
		for _, c := range codings() {
			if string(head) == c.mark {
				return c, head, nil
			}
			more = more || strings.HasPrefix(c.mark, string(head))
		}
		if !more {
			return coding{}, head, nil
		}
	}
}

// decode puts decompression and decoding between the file and the reader, as its first
// bytes ask for: one compression within another one, and UTF-16 within these.
func (in *Input) decode(content Content) error {
	const deepest = 4
	r := bufio.NewReaderSize(in.raw, bufferSize)
	for depth := 0; ; depth++ {
		c, head, err := beginning(r)
		if c.mark == sealMark || c.mark == armorMark {
			c.open = in.unsealed
		}
		switch {
		case len(head) == 0 && err != nil && err != io.EOF && depth == 0:
			return err // what is wrong behind that, reading says
		case c.mark == zipMark:
			in.zipped = r
			return ErrZip
		case c.mark == littleMark || c.mark == bigMark:
			in.Reader = newUTF16(r, c.mark == bigMark, content)
			return nil
		case c.open == nil || depth == deepest:
			if suffix := compression(in.Name); suffix != "" && len(head) > 0 && depth == 0 {
				return fmt.Errorf("not compressed as its name says (%s)", suffix)
			}
			if strings.HasSuffix(in.Name, SealSuffix) && len(head) > 0 && depth == 0 {
				return fmt.Errorf("not encrypted by age as its name says (%s)", SealSuffix)
			}
			in.Reader = r
			return nil
		}
		z, closes, err := c.open(r)
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			err = errCut
		}
		if err != nil {
			return err
		}
		if closes != nil {
			in.closers = append(in.closers, func() error { closes(); return nil })
		}
		r = bufio.NewReaderSize(&bounded{r: z, in: in.raw, out: new(int64)}, bufferSize)
	}
}

const (
	// A file that becomes more than maxRatio times as large, and more than maxFree bytes, is
	// no log: it was made to fill memory and disks.
	maxRatio = 1000
	maxFree  = 64 << 20
)

// ErrRatio is what is wrong with a file that decompression makes too large.
var ErrRatio = errors.New("it becomes more than 1,000 times as large as it is: this is no log, and it is read no further")

// errCut is what is wrong with a compressed file that ends too early.
var errCut = fmt.Errorf("it is cut off: what came before that is handed on (%w)", io.ErrUnexpectedEOF)

// bounded ends a reader of what was decompressed once it is too much for what was read.
type bounded struct {
	r   io.Reader
	in  *counter
	out *int64 // how much that is, of all readers that share it
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errCut
	}
	*b.out += int64(n)
	if *b.out > maxFree && *b.out/maxRatio > b.in.n {
		return 0, ErrRatio
	}
	return n, err
}

// zstdReader hands out the last block of a file that is cut off right after it
// before the error; the decoder does so after it.
type zstdReader struct{ *zstd.Decoder }

func (z zstdReader) Read(p []byte) (int, error) {
	n, err := z.Decoder.Read(p)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		return n, err
	}
	if n == 0 {
		n, _ = z.Decoder.Read(p)
	}
	if n > 0 {
		return n, nil
	}
	return 0, err
}

// compression returns the suffix of a name that asks for compression, or "".
func compression(name string) string {
	switch suffix := strings.ToLower(filepath.Ext(name)); suffix {
	case ".gz", ".zst", ".xz", ".bz2":
		return suffix
	}
	return ""
}
