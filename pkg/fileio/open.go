// Package fileio opens what the commands read and creates what they write: names
// and globs in, plain bytes out, whatever the file's compression and encoding.
//
// gzip, Zstandard, xz and bzip2 are recognised by their first bytes, so that they may also
// come through a pipe; UTF-16 by its byte order mark, as PowerShell 5 writes it. Zip, which
// holds files of its own, is read by [OpenZip] and [Input.Zip].
package fileio

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
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
	Size    int64     // of the file on disk, in bytes; -1 where it has none (a pipe)
	Regular bool      // reading never waits for somebody to write
	Wrapped []string  // what it stands in: "zip" of a file in one
	zipped  io.Reader // what it holds where that is a zip, from its first byte on
	unseal  Unseal    // nil where nothing is to be decrypted
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
	return OpenSealed(name, stdin, content, nil)
}

// OpenSealed is [Open], of what may be encrypted by age as well.
func OpenSealed(name string, stdin io.Reader, content Content, unseal Unseal) (*Input, error) {
	in := &Input{Name: name, Size: -1, unseal: unseal}
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
				return nil, errors.Join(fmt.Errorf("%s is a directory: name the files in it, such as '%s'", name, filepath.Join(name, "*")), in.Close())
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

// options is how the name of a source begins that is told how to be.
var options = regexp.MustCompile(`^[A-Za-z][A-Za-z]+:\?`)

// Expand replaces each name that is no file but a pattern (*, ?, [) by the files
// that match it, sorted by name, 2 before 10: some shells leave that to the command. As in a
// shell, * is no file whose name begins with a dot. A name with a scheme (demo:…) is left
// alone. A day that is there both plain and sealed is named once, plain.
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
		if !strings.HasPrefix(filepath.Base(name), ".") {
			matches = slices.DeleteFunc(matches, func(match string) bool { return strings.HasPrefix(filepath.Base(match), ".") })
		}
		if err != nil && strings.ContainsAny(path, "*?") {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if len(matches) == 0 && (!strings.ContainsAny(path, "*?") || options.MatchString(name)) {
			out = append(out, name) // a name with a [ or a scheme in it: whoever opens it says that there is none
			continue
		}
		if len(matches) == 0 {
			return nil, unmatched(name)
		}
		slices.SortFunc(matches, naturally)
		out = append(out, matches...)
	}
	return wholeOnce(out), nil
}

// unmatched says why no file matches a pattern: there is none, or a folder in which one might be
// cannot be read.
func unmatched(pattern string) error {
	dir := filepath.Dir(pattern)
	folders := []string{dir}
	if strings.ContainsAny(dir, "*?[") {
		if above := unmatched(dir); !errors.Is(above, fs.ErrNotExist) {
			return above
		}
		folders, _ = filepath.Glob(dir)
	}
	for _, folder := range folders {
		f, err := os.Open(folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: %w: run this as a user who may read that folder, as root may (sudo)", pattern, err)
		}
		f.Close() // nil closes too
	}
	return fmt.Errorf("%s: no file matches: %w", pattern, fs.ErrNotExist)
}
