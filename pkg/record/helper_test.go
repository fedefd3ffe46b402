package record

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// newRand returns a generator that is the same in every run.
func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// write returns the records as JSON lines.
func write(tb testing.TB, ascii bool, records ...Record) string {
	tb.Helper()
	var out bytes.Buffer
	w := &LineWriter{w: &out, ascii: ascii} // without a buffer of full size
	for _, r := range records {
		if err := w.Write(r); err != nil {
			tb.Fatalf("write %T: %v", r, err)
		}
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	return out.String()
}

// scratch is the buffer of all short-lived readers. That saves most of the time
// that they take, and shows it if a record keeps its reader's memory.
var scratch = make([]byte, 0, 2*readSize)

func newScratchReader(name string, in io.Reader) *LineReader {
	r := NewReader(name, in)
	r.buf = scratch[:0]
	return r
}

// outcome is all that a reader says of an input.
type outcome struct {
	records []Record
	errs    []string // of lines that are no records
	end     error
}

// readAll reads until an error that is not one line's.
func readAll(r Reader) outcome {
	var o outcome
	for {
		rec, err := r.Read()
		var line *LineError
		switch {
		case errors.As(err, &line):
			o.errs = append(o.errs, err.Error())
		case err != nil:
			o.end = err
			return o
		default:
			o.records = append(o.records, rec)
		}
	}
}

// parse reads lines of which every one has to be a record.
func parse(tb testing.TB, text string) []Record {
	tb.Helper()
	o := readAll(newScratchReader("test", strings.NewReader(text)))
	if o.end != io.EOF || len(o.errs) > 0 {
		tb.Fatalf("read %.200q: %v, errors %q", text, o.end, o.errs)
	}
	return o.records
}

// parseOne reads one line that has to be a record.
func parseOne(tb testing.TB, line string) Record {
	tb.Helper()
	records := parse(tb, line)
	if len(records) != 1 {
		tb.Fatalf("%d records in %.200q, want 1", len(records), line)
	}
	return records[0]
}

// allBytes holds each byte value once, in order.
func allBytes() Bytes {
	b := make(Bytes, 256)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

// asText is what meter bytes are in JSON: a code point for each byte.
func asText(b []byte) string {
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}

// pieces is a reader that hands out its input in pieces of random sizes.
type pieces struct {
	r    io.Reader
	rng  *rand.Rand
	most int
}

func (p pieces) Read(buf []byte) (int, error) {
	return p.r.Read(buf[:min(len(buf), 1+p.rng.IntN(p.most))])
}
