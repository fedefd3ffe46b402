// Package fileio opens what the commands read and creates what they write: names
// and globs in, plain bytes out, whatever the file's compression and encoding.
//
// gzip and Zstandard are recognised by their first bytes, so that they may also
// come through a pipe; UTF-16 by its byte order mark, as PowerShell 5 writes it.
package fileio

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Stdin is the name that stands for standard input.
const Stdin = "-"

// Content says what a file holds, which decides what becomes of UTF-16.
type Content int

const (
	// Log is a serial log: each UTF-16 character up to U+00FF is one byte.
	Log Content = iota
	// Records are JSON lines: UTF-16 becomes UTF-8.
	Records
	// Either is records where it begins with '{', else a log.
	Either
)

// Input is an open file, decompressed and decoded.
type Input struct {
	io.Reader
	Name    string
	Size    int64 // of the file on disk, in bytes; -1 where it has none (a pipe)
	Regular bool  // reading never waits for somebody to write
	raw     *counter
	closers []func() error
}

// counter counts the bytes read from the file itself.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// Consumed returns how many bytes of the file on disk have been read.
func (in *Input) Consumed() int64 { return in.raw.n }

// Close closes the file; standard input stays open.
func (in *Input) Close() error {
	var err error
	for _, c := range slices.Backward(in.closers) {
		err = errors.Join(err, c())
	}
	return err
}

// Open opens a file, or stdin where the name is "-". Its errors name the file.
// It does not wait for a pipe's first bytes: what is wrong with them, reading
// says.
func Open(name string, stdin io.Reader, content Content) (*Input, error) {
	in := &Input{Name: name, Size: -1}
	f, isFile := stdin.(*os.File)
	if name != Stdin {
		var err error
		if f, err = os.Open(name); err != nil {
			return nil, err
		}
		isFile = true
		in.closers = append(in.closers, f.Close)
	}
	in.raw = &counter{r: stdin}
	if isFile {
		in.raw.r = f
		if info, err := f.Stat(); err == nil {
			if info.IsDir() {
				return nil, errors.Join(fmt.Errorf("%s is a directory: name the files in it", name), in.Close())
			}
			if in.Regular = info.Mode().IsRegular(); in.Regular {
				in.Size = info.Size()
			}
		}
	}
	if !in.Regular {
		if isFile {
			widen(f)
		}
		in.Reader = &late{in: in, content: content}
		return in, nil
	}
	if err := in.decode(content); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), in.Close())
	}
	return in, nil
}

// late decodes a pipe when it is first read.
type late struct {
	in      *Input
	content Content
	err     error
}

func (l *late) Read(p []byte) (int, error) {
	if l.err == nil {
		l.err = l.in.decode(l.content)
	}
	if l.err != nil {
		return 0, l.err
	}
	return l.in.Reader.Read(p) // no longer l
}

// bufferSize is also the largest read that reaches the file.
const bufferSize = 64 << 10

// The first bytes by which a file tells what it is.
var (
	gzipMark   = []byte{0x1F, 0x8B}
	zstdMark   = []byte{0x28, 0xB5, 0x2F, 0xFD}
	littleMark = []byte{0xFF, 0xFE}
	bigMark    = []byte{0xFE, 0xFF}
)

// beginning returns the mark that r begins with, or the first bytes that belong
// to none; it waits for no byte that does not matter.
func beginning(r *bufio.Reader) ([]byte, error) {
	marks := [][]byte{gzipMark, zstdMark, littleMark, bigMark}
	for n := 1; ; n++ {
		head, err := r.Peek(n)
		if err != nil {
			return head, err
		}
		more := false
		for _, m := range marks {
			if bytes.Equal(head, m) {
				return head, nil
			}
			more = more || bytes.HasPrefix(m, head)
		}
		if !more {
			return head, nil
		}
	}
}

// decode puts decompression and UTF-16 decoding between the file and the
// reader, as its first bytes ask for.
func (in *Input) decode(content Content) error {
	r := bufio.NewReaderSize(in.raw, bufferSize)
	head, err := beginning(r)
	if len(head) == 0 && err != nil && err != io.EOF {
		return err
	}
	switch {
	case bytes.Equal(head, gzipMark):
		z, err := gzip.NewReader(r)
		if err != nil {
			return err
		}
		// It needs no Close, which would only say again what Read has said.
		r = bufio.NewReaderSize(z, bufferSize)
	case bytes.Equal(head, zstdMark):
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return err
		}
		in.closers = append(in.closers, func() error { z.Close(); return nil })
		r = bufio.NewReaderSize(zstdReader{z}, bufferSize)
	default:
		if suffix := compression(in.Name); suffix != "" && len(head) > 0 {
			return fmt.Errorf("not compressed as its name says (%s)", suffix)
		}
	}
	in.Reader = r
	switch bom, _ := beginning(r); {
	case bytes.Equal(bom, littleMark):
		in.Reader = newUTF16(r, false, content)
	case bytes.Equal(bom, bigMark):
		in.Reader = newUTF16(r, true, content)
	}
	return nil
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
	case ".gz", ".zst":
		return suffix
	}
	return ""
}

// options is how the name of a source begins that is told how to be.
var options = regexp.MustCompile(`^[A-Za-z][A-Za-z]+:\?`)

// Expand replaces each name that is no file but a pattern (*, ?, [) by the files
// that match it, sorted by name, 2 before 10: some shells leave that to the command. A name
// with a scheme (demo:…) is left alone.
func Expand(names []string) ([]string, error) {
	var out []string
	for _, name := range names {
		path := name[len(filepath.VolumeName(name)):] // \\?\C: has a ? that is no pattern
		if !strings.ContainsAny(path, "*?[") || strings.Contains(name, "://") || strings.HasPrefix(name, "demo:") {
			out = append(out, name)
			continue
		}
		if _, err := os.Lstat(name); err == nil {
			out = append(out, name)
			continue
		}
		matches, err := filepath.Glob(name)
		if err != nil && strings.ContainsAny(path, "*?") {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if len(matches) == 0 && (!strings.ContainsAny(path, "*?") || options.MatchString(name)) {
			out = append(out, name) // a name with a [ or a scheme in it: whoever opens it says that there is none
			continue
		}
		if len(matches) == 0 {
			return nil, fmt.Errorf("%s: no file matches: %w", name, fs.ErrNotExist)
		}
		slices.SortFunc(matches, naturally)
		out = append(out, matches...)
	}
	return out, nil
}
