package pipebench

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"p1/pkg/sim"
)

// mb is the unit of sizes here.
const mb = 1_000_000

// log is a log file on disk.
type log struct {
	name      string
	what      string // what is repeated in it
	telegrams int
}

// Where captures of a Hungarian meter are, if they are at hand, and what stands for
// them.
const (
	realLogs  = "../../../../shared/data"
	hungarian = "eon-clean.log"
	noisy     = "eon-noisy.log"
	likeReal  = "demo:?meter=hu&telegrams=54"
	likeNoisy = "demo:?meter=hu&telegrams=446&noise=slow-rise&logger=printable&seed=1"
	dutch     = "demo:?meter=nl&telegrams=3600"
)

// makeLog writes a log of about the size, by repeating a capture, or a simulated one
// where that is not at hand. It is written piece by piece: what this process needs,
// its children seem to need too.
func makeLog(tb testing.TB, capture, otherwise string, size int) *log {
	tb.Helper()
	once, what := load(tb, capture, otherwise)
	l := &log{name: filepath.Join(tb.TempDir(), "p1.log"), what: what}
	f, err := os.Create(l.name)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	for range max(size/len(once), 1) {
		if _, err := f.Write(once); err != nil {
			tb.Fatal(err)
		}
		l.telegrams += bytes.Count(once, []byte("\n!"))
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
	return l
}

// load returns a capture, or a simulated one where that is not at hand, and its name.
func load(tb testing.TB, capture, otherwise string) ([]byte, string) {
	tb.Helper()
	if capture != "" {
		data, err := os.ReadFile(filepath.Join(filepath.FromSlash(realLogs), capture))
		if err == nil {
			return data, capture
		}
		if !errors.Is(err, os.ErrNotExist) {
			tb.Fatal(err)
		}
	}
	o, err := sim.ParseOptions(otherwise[len("demo:"):])
	if err != nil {
		tb.Fatal(err)
	}
	s, err := sim.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	data, err := io.ReadAll(s)
	if err != nil {
		tb.Fatal(err)
	}
	return data, otherwise
}

// countLines counts the lines of a file.
func countLines(tb testing.TB, name string) int {
	tb.Helper()
	f, err := os.Open(name)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	lines := 0
	buf := make([]byte, 64<<10)
	for {
		n, err := f.Read(buf)
		lines += bytes.Count(buf[:n], []byte("\n"))
		if err == io.EOF {
			return lines
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
}
