package fileio

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// What the system's own programs make of "/AUX5990\r\n".
const (
	xzSample    = "fd377a585a000004e6d6b4460200210116000000742fe5a30100092f415558353939300d0a0000008628089b8ac571510001220a151ae1671fb6f37d010000000004595a"
	bzip2Sample = "425a683931415926535914e8e5820000015e0000120000c220200002402000221a68d308326201ce612f705dc914e1424053a39608"
	// xz, and then gzip
	xzGzipSample = "1f8b0800000000000003fb6b5e1511c5c0c0f2ecda1637260645463106068612fda78b191938f51d43234c2d2d0d78b980626d1a1cb3bb8e160632302a71894a3d4c97dff6b9961128cec0121905008cc08b2b44000000"
)

// xz and bzip2 are decoded, and one compression within another one.
func TestMoreCompressions(t *testing.T) {
	for name, digits := range map[string]string{"p1.xz": xzSample, "p1.bz2": bzip2Sample, "p1.xz.gz": xzGzipSample, "p1.log": xzSample} {
		data, err := hex.DecodeString(digits)
		if err != nil {
			t.Fatal(err)
		}
		for _, stdin := range []io.Reader{nil, bytes.NewReader(data)} {
			path := Stdin
			if stdin == nil {
				path = writeFile(t, name, data)
			}
			got, err := io.ReadAll(open(t, path, stdin, Log))
			if err != nil || string(got) != "/AUX5990\r\n" {
				t.Errorf("%s: %q, %v", name, got, err)
			}
		}
	}
	if _, err := Open(writeFile(t, "p1.xz", []byte("/AUX5")), nil, Log); err == nil || !strings.Contains(err.Error(), ".xz") {
		t.Errorf("%v, want that it is not compressed", err)
	}
}

// A file that was made to fill memory and disks is read no further; an ordinary one that
// compresses well is.
func TestTooMuch(t *testing.T) {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	for range 80 {
		_, _ = z.Write(make([]byte, 1<<20))
	}
	_ = z.Close()
	n, err := io.Copy(io.Discard, open(t, writeFile(t, "bomb.gz", out.Bytes()), nil, Log))
	if !errors.Is(err, ErrRatio) || n < maxFree-1<<20 || n > 80<<20 {
		t.Errorf("%d bytes, %v, want %v", n, err, ErrRatio)
	}
	out.Reset()
	z = gzip.NewWriter(&out)
	_, _ = z.Write(bytes.Repeat([]byte("/AUX5"), 10<<20))
	_ = z.Close()
	if n, err := io.Copy(io.Discard, open(t, writeFile(t, "p1.gz", out.Bytes()), nil, Log)); err != nil || n != 50<<20 {
		t.Errorf("%d bytes, %v", n, err)
	}
}

// A zip is a list of files with any names, none of which is a path; what systems put beside
// files is left out.
func TestZip(t *testing.T) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, text := range map[string]string{
		"day10.log": "/AUX10", "day2.log": "/AUX2", "../../etc/passwd": "/AUX", "C:\\a.log": "/AUXC", "logs/": "",
		"__MACOSX/._day2.log": "x", ".DS_Store": "x", "empty.log": "",
	} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(w, text)
	}
	w, _ := z.Create("p1.gz")
	_, _ = w.Write(gz([]byte("/AUXG")))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	name := writeFile(t, "logs.zip", out.Bytes())
	if _, err := Open(name, nil, Log); !errors.Is(err, ErrZip) {
		t.Errorf("%v, want %v", err, ErrZip)
	}
	list, err := OpenZip(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	want := []string{"../../etc/passwd", "C:\\a.log", "day2.log", "day10.log", "p1.gz"}
	got := list.Members()
	if slices.Sort(got); !slices.Equal(got, []string{"../../etc/passwd", "C:\\a.log", "day10.log", "day2.log", "p1.gz"}) {
		t.Errorf("%q, want %q", got, want)
	}
	for member, text := range map[string]string{"../../etc/passwd": "/AUX", "day2.log": "/AUX2", "p1.gz": "/AUXG"} {
		in, err := list.Open(member, Log)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(in)
		if err != nil || string(data) != text || in.Name != name+":"+member || in.Close() != nil {
			t.Errorf("%s of %s: %q, %v", member, in.Name, data, err)
		}
	}
	if list.Empties() {
		t.Error("all of its files are taken for empty")
	}
	if _, err := OpenZip(writeFile(t, "cut.zip", out.Bytes()[:50]), nil); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("a zip that is cut off: %v", err)
	}
}

// A zip comes through a pipe or from a file that standard input is redirected from, and is
// read to a limit.
func TestZipOfStandardInput(t *testing.T) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.Create("p1.log")
	if err == nil {
		_, err = io.WriteString(w, "/AUX")
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	check := func(z *Zip, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		in, err := z.Open("p1.log", Log)
		if err != nil {
			t.Fatal(err)
		}
		if data, err := io.ReadAll(in); string(data) != "/AUX" || err != nil || in.Name != "-:p1.log" || in.Close() != nil || z.Close() != nil {
			t.Errorf("%s: %q, %v", in.Name, data, err)
		}
	}
	f, err := os.Open(writeFile(t, "logs.zip", out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	check(OpenZip(Stdin, f))
	pipe := func(data []byte) *Input {
		in, err := Open(Stdin, iotest.OneByteReader(bytes.NewReader(data)), Log)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(in); !errors.Is(err, ErrZip) {
			t.Fatalf("%v, want %v", err, ErrZip)
		}
		return in
	}
	check(pipe(out.Bytes()).Zip())
	check(pipe(out.Bytes()).zipUpTo(int64(out.Len())))
	if _, err := pipe(out.Bytes()).zipUpTo(int64(out.Len()) - 1); !errors.Is(err, ErrPiped) {
		t.Errorf("%v, want %v", err, ErrPiped)
	}
	if _, err := pipe(out.Bytes()[:40]).Zip(); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("cut off: %v", err)
	}
}

// What cannot be read of a zip is said in words: a file that a password locks, a file that
// is cut off, and a zip of nothing but empty files.
func TestWordsOfZips(t *testing.T) {
	pack := func(text string, flags uint16) []byte {
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		w, err := z.CreateRaw(&zip.FileHeader{Name: "p1.log", Flags: flags, CompressedSize64: uint64(len(text)), UncompressedSize64: uint64(len(text))})
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err = errors.Join(err, z.Close()); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	locked, err := OpenZip(writeFile(t, "locked.zip", pack("secret", 1)), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer locked.Close()
	if _, err := locked.Open("p1.log", Log); err == nil || !strings.HasSuffix(err.Error(), `locked.zip: "p1.log" is encrypted with a password: unpack it first, and name what comes out`) {
		t.Errorf("encrypted: %v", err)
	}
	empty, err := OpenZip(writeFile(t, "empty.zip", pack("", 0)), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer empty.Close()
	if !empty.Empties() || len(empty.Members()) > 0 || locked.Empties() {
		t.Errorf("a zip of an empty file: %v %q", empty.Empties(), empty.Members())
	}
}

// Of a compressed file that is cut off it is said that what came before is there.
func TestWordsOfACut(t *testing.T) {
	data, _ := flushed(log(), nil, ".gz")
	for _, cut := range []int{3, len(data) - 1} {
		in, err := Open(writeFile(t, "p1.log.gz", data[:cut]), nil, Log)
		if err == nil {
			_, err = io.ReadAll(in)
			_ = in.Close()
		}
		if err == nil || !strings.HasSuffix(err.Error(), "it is cut off: what came before that is handed on (unexpected EOF)") {
			t.Errorf("cut at %d: %v", cut, err)
		}
	}
}

// Files of the same name in a zip are all read, each under a name of its own.
func TestZipWithOneNameTwice(t *testing.T) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i, name := range []string{"p1.log", "p1.log", "p1.log (2)", "p1.log"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintf(w, "/AUX%d", i)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	list, err := OpenZip(writeFile(t, "logs.zip", out.Bytes()), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	var texts []string
	names := map[string]bool{}
	for _, member := range list.Members() {
		in, err := list.Open(member, Log)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil || in.Close() != nil {
			t.Fatal(err)
		}
		texts, names[in.Name] = append(texts, string(text)), true
	}
	if slices.Sort(texts); !slices.Equal(texts, []string{"/AUX0", "/AUX1", "/AUX2", "/AUX3"}) || len(names) != 4 {
		t.Errorf("%q of %v", texts, names)
	}
}

// What a zip may become is counted of all its files together.
func TestTooMuchInManyFiles(t *testing.T) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := range 4 {
		w, err := z.Create(fmt.Sprintf("%d.log", i))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write(make([]byte, maxFree/3))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	list, err := OpenZip(writeFile(t, "logs.zip", out.Bytes()), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	n := int64(0)
	for _, member := range list.Members() {
		in, err := list.Open(member, Log)
		if err != nil {
			t.Fatal(err)
		}
		m, err := io.Copy(io.Discard, in)
		if n += m; errors.Is(err, ErrRatio) != (member == "3.log") {
			t.Errorf("%s: %v after %d bytes", member, err, n)
		}
		_ = in.Close()
	}
}
