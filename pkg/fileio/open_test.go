package fileio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"p1/pkg/sim/longtest"
)

// log is a log with all byte values.
func log() []byte {
	b := []byte("/AUX59902759022\r\n\r\n0-0:1.0.0(230824012130S)\r\n!5B60\r\n")
	for c := range 256 {
		b = append(b, byte(c))
	}
	return b
}

func gz(data []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(data)
	_ = z.Close()
	return out.Bytes()
}

func zst(data []byte) []byte {
	var out bytes.Buffer
	z, _ := zstd.NewWriter(&out, zstd.WithEncoderConcurrency(1))
	_, _ = z.Write(data)
	_ = z.Close()
	return out.Bytes()
}

// units writes UTF-16 code units after a byte order mark.
func units(big bool, us ...uint16) []byte {
	var b []byte
	for _, u := range append([]uint16{0xFEFF}, us...) {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return b
}

// wide is what a shell makes of a log that passes through it: a UTF-16
// character for each byte.
func wide(data []byte, big bool) []byte {
	us := make([]uint16, len(data))
	for i, c := range data {
		us[i] = uint16(c)
	}
	return units(big, us...)
}

// encoded holds the same log in every form that a file may have.
func encoded() map[string][]byte {
	l := log()
	half := len(l) / 2
	return map[string][]byte{
		"plain.log":        l,
		"log.gz":           gz(l),
		"members.gz":       append(gz(l[:half]), gz(l[half:])...),
		"gzip without.log": gz(l),
		"log.zst":          zst(l),
		"frames.zst":       append(zst(l[:half]), zst(l[half:])...),
		"zstd without.log": zst(l),
		"gzip named.zst":   gz(l),
		"LOG.GZ":           gz(l),
		"le.log":           wide(l, false),
		"be.log":           wide(l, true),
		"le.gz":            gz(wide(l, false)),
		"be.zst":           zst(wide(l, true)),
	}
}

func writeFile(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// open opens a file that has to open.
func open(t *testing.T, name string, stdin io.Reader, content Content) *Input {
	t.Helper()
	in, err := Open(name, stdin, content)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	})
	return in
}

func TestEveryFormGivesTheSameBytes(t *testing.T) {
	for name, data := range encoded() {
		in := open(t, writeFile(t, name, data), nil, Log)
		if err := iotest.TestReader(in, log()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !in.Regular || in.Size != int64(len(data)) || in.Consumed() != in.Size {
			t.Errorf("%s: regular %v, %d of %d bytes consumed, want all of %d", name, in.Regular, in.Consumed(), in.Size, len(data))
		}
	}
}

// Through a pipe, a file has no name that could say how it is compressed, and
// may come in pieces of any size.
func TestEveryFormComesThroughAPipe(t *testing.T) {
	for name, data := range encoded() {
		for cut, pieces := range map[string]func(io.Reader) io.Reader{
			"bytes": iotest.OneByteReader, "halves": iotest.HalfReader, "with EOF": iotest.DataErrReader,
		} {
			in := open(t, Stdin, pieces(bytes.NewReader(data)), Log)
			if got, err := io.ReadAll(in); err != nil || !bytes.Equal(got, log()) {
				t.Errorf("%s in %s: %v, %q", name, cut, err, got)
			}
			if in.Regular || in.Size != -1 || in.Name != "-" {
				t.Errorf("%s: regular %v, size %d, name %q", name, in.Regular, in.Size, in.Name)
			}
		}
	}
}

func TestStandardInputThatIsAFile(t *testing.T) {
	f, err := os.Open(writeFile(t, "log.gz", gz(log())))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in := open(t, Stdin, f, Log)
	if got, err := io.ReadAll(in); err != nil || !bytes.Equal(got, log()) {
		t.Errorf("%v, %q", err, got)
	}
	if !in.Regular || in.Size != int64(len(gz(log()))) {
		t.Errorf("regular %v, size %d", in.Regular, in.Size)
	}
	if err := in.Close(); err != nil {
		t.Error(err)
	}
	if _, err := f.Stat(); err != nil {
		t.Errorf("Close has closed standard input: %v", err)
	}
}

// sized hands out pieces of one size.
type sized struct {
	r io.Reader
	n int
}

func (s sized) Read(p []byte) (int, error) { return s.r.Read(p[:min(len(p), s.n)]) }

func TestUTF16(t *testing.T) {
	const high, low = 0xD83D, 0xDE00 // U+1F600
	cases := []struct {
		name         string
		units        []uint16
		odd          string
		log, records string
	}{
		{"up to U+00FF", []uint16{'/', 0, 0x7F, 0x80, 0xFF}, "", "/\x00\x7f\x80\xff", "/\x00\x7f\u0080ÿ"},
		{"above U+00FF", []uint16{0x100, 0x20AC, 0xFFFD, 0xFFFF}, "", "Ā€\uFFFD\uFFFF", "Ā€\uFFFD\uFFFF"},
		{"surrogate pairs", []uint16{'a', high, low, high, low, 'b'}, "", "a😀😀b", "a😀😀b"},
		{"high surrogate alone", []uint16{high, 'b', 'c'}, "", "\uFFFDbc", "\uFFFDbc"},
		{"low surrogate alone", []uint16{'a', low, 'b'}, "", "a\uFFFDb", "a\uFFFDb"},
		{"two high surrogates", []uint16{high, high, low}, "", "\uFFFD😀", "\uFFFD😀"},
		{"high surrogate at the end", []uint16{'a', high}, "", "a\uFFFD", "a\uFFFD"},
		{"odd byte at the end", []uint16{'a', 'b'}, "c", "abc", "abc"},
		{"odd byte after a high surrogate", []uint16{'a', high}, "c", "a\uFFFDc", "a\uFFFDc"},
		{"odd byte after the mark", nil, "c", "c", "c"},
		{"second mark is a character", []uint16{0xFEFF, 'a'}, "", "\uFEFFa", "\uFEFFa"},
		{"nothing after the mark", nil, "", "", ""},
	}
	for _, c := range cases {
		for _, big := range []bool{false, true} {
			data := append(units(big, c.units...), c.odd...)
			for size := 1; size <= 9; size++ {
				name := fmt.Sprintf("%s, big-endian %v, pieces of %d", c.name, big, size)
				checkText(t, name, sized{bytes.NewReader(data), size}, Log, c.log)
				checkText(t, name, sized{bytes.NewReader(data), size}, Records, c.records)
			}
		}
	}
}

func checkText(t *testing.T, name string, stdin io.Reader, content Content, want string) {
	t.Helper()
	if got, err := io.ReadAll(open(t, Stdin, stdin, content)); err != nil || string(got) != want {
		t.Errorf("%s: %q, %v, want %q", name, got, err, want)
	}
}

// A text longer than every buffer, with characters of 2 and 4 bytes at all
// positions.
func TestLongUTF16(t *testing.T) {
	var us []uint16
	var want strings.Builder
	for i := range 30000 {
		if i%7 == 0 {
			us = append(us, 0xD83D, 0xDE00)
			want.WriteString("😀")
		} else {
			us = append(us, 'é')
			want.WriteString("é")
		}
	}
	for _, big := range []bool{false, true} {
		checkText(t, "long", bytes.NewReader(units(big, us...)), Records, want.String())
	}
}

// A byte order mark of UTF-8 is left to the reader of records.
func TestUTF8PassesThrough(t *testing.T) {
	const text = "\uFEFF{\"v\":1}\n"
	checkText(t, "records", strings.NewReader(text), Records, text)
	checkText(t, "log", strings.NewReader(text), Log, text)
}

func TestShortFiles(t *testing.T) {
	for _, text := range []string{"", "/", "\x1f", "(\xb5/", "\xff", "\r\n", "abc"} {
		checkText(t, "pipe", strings.NewReader(text), Log, text)
		in := open(t, writeFile(t, "short.log", []byte(text)), nil, Log)
		if got, err := io.ReadAll(in); err != nil || string(got) != text {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func TestEmptyFilesOfAnyName(t *testing.T) {
	for _, name := range []string{"a.log", "a.gz", "a.zst", "compressed.gz", "compressed.zst"} {
		data := map[string][]byte{"compressed.gz": gz(nil), "compressed.zst": zst(nil)}[name]
		in := open(t, writeFile(t, name, data), nil, Log)
		if got, err := io.ReadAll(in); err != nil || len(got) > 0 {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// noise is data that no compression makes shorter.
func noise(n int, seed uint64) []byte {
	rng := rand.New(rand.NewPCG(seed, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	b[0] = '/'
	return b
}

// flushed compresses first and second, and returns how long the file was when
// all of first had been flushed.
func flushed(first, second []byte, suffix string) (data []byte, n int) {
	var out bytes.Buffer
	type writer interface {
		io.WriteCloser
		Flush() error
	}
	var z writer = gzip.NewWriter(&out)
	if suffix == ".zst" {
		z, _ = zstd.NewWriter(&out, zstd.WithEncoderConcurrency(1))
	}
	_, _ = z.Write(first)
	_ = z.Flush()
	n = out.Len()
	_, _ = z.Write(second)
	_ = z.Close()
	return out.Bytes(), n
}

func TestTruncatedFileGivesAllThatIsGood(t *testing.T) {
	first, second := noise(100_000, 1), noise(100_000, 2)
	whole := append(bytes.Clone(first), second...)
	for _, suffix := range []string{".gz", ".zst"} {
		data, n := flushed(first, second, suffix)
		for _, cut := range []int{n, n + 1, n + 10, n + 50_000, len(data) - 5, len(data) - 1} {
			in := open(t, writeFile(t, "log"+suffix, data[:cut]), nil, Log)
			got, err := io.ReadAll(in)
			if err == nil {
				t.Errorf("%s cut at %d: no error", suffix, cut)
			}
			if !bytes.HasPrefix(whole, got) || len(got) < len(first) {
				t.Errorf("%s cut at %d: %d bytes, want the first %d or more", suffix, cut, len(got), len(first))
			}
			if n, again := in.Read(make([]byte, 10)); n > 0 || again == nil || again == io.EOF {
				t.Errorf("%s cut at %d: read again: %d bytes, %v", suffix, cut, n, again)
			}
		}
	}
}

func TestFileCutInItsHeader(t *testing.T) {
	for _, suffix := range []string{".gz", ".zst"} {
		data, _ := flushed(log(), nil, suffix)
		for cut := 1; cut < 12; cut++ {
			in, err := Open(writeFile(t, "log"+suffix, data[:cut]), nil, Log)
			if err == nil {
				_, err = io.ReadAll(in)
				_ = in.Close()
			}
			if err == nil {
				t.Errorf("%s cut at %d: no error", suffix, cut)
			}
		}
	}
}

// The checksums of both formats hold: a hit byte never gives other data without
// an error.
func TestDamagedFileIsNoticed(t *testing.T) {
	for _, suffix := range []string{".gz", ".zst"} {
		data, _ := flushed(log(), log(), suffix)
		want := append(log(), log()...)
		for i := 4; i < len(data); i++ {
			hit := bytes.Clone(data)
			hit[i] ^= 1 << (i % 8)
			in := open(t, Stdin, bytes.NewReader(hit), Log)
			if got, err := io.ReadAll(in); err == nil && !bytes.Equal(got, want) {
				t.Errorf("%s, byte %d hit: %d other bytes and no error", suffix, i, len(got))
			}
		}
	}
}

func TestNamesThatPromiseCompression(t *testing.T) {
	for _, name := range []string{"a.gz", "a.zst", "a.GZ", "a.Zst"} {
		path := writeFile(t, name, log())
		_, err := Open(path, nil, Log)
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "compressed") {
			t.Errorf("%s: %v, want an error that names file and reason", name, err)
		}
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.log")
	if _, err := Open(missing, nil, Log); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), missing) {
		t.Errorf("missing: %v", err)
	}
	dir := t.TempDir()
	if _, err := Open(dir, nil, Log); err == nil || !strings.Contains(err.Error(), dir+" is a directory") {
		t.Errorf("directory: %v", err)
	}
	broken := errors.New("cable pulled")
	in, err := Open(Stdin, iotest.ErrReader(broken), Log)
	if err == nil {
		_, err = io.ReadAll(in)
	}
	if !errors.Is(err, broken) {
		t.Errorf("standard input: %v", err)
	}
}

func TestReadErrorComesBehindGoodBytes(t *testing.T) {
	broken := errors.New("cable pulled")
	in := open(t, Stdin, io.MultiReader(bytes.NewReader(log()), iotest.ErrReader(broken)), Log)
	if got, err := io.ReadAll(in); err != broken || !bytes.Equal(got, log()) {
		t.Errorf("%v, %q", err, got)
	}
}

// Opening a pipe must not wait for its first bytes: who opens may have to be
// stopped, or to open another.
func TestOpenDoesNotWait(t *testing.T) {
	r, w := io.Pipe()
	opened := make(chan *Input)
	go func() {
		in, _ := Open(Stdin, r, Log)
		opened <- in
	}()
	select {
	case in := <-opened:
		go func() { _, _ = w.Write(gz(log())); _ = w.Close() }()
		if got, err := io.ReadAll(in); err != nil || !bytes.Equal(got, log()) {
			t.Errorf("%v, %q", err, got)
		}
	case <-time.After(longtest.Patience):
		_ = w.Close()
		t.Error("it waits")
	}
}
