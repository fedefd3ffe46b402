package frame

import (
	"bytes"
	"testing"

	"p1/pkg/record"
)

// checkOrdinary fails unless a line that is passed over is one in which the framer
// finds nothing.
func checkOrdinary(t *testing.T, data []byte, ident string) {
	t.Helper()
	n := ordinaryLine(data)
	if n == 0 {
		return
	}
	s := stream{ident: ident}
	line := data[:n]
	if got := lineLen(data); got != n {
		t.Fatalf("%q: the line is %d bytes long, and %d are passed over", data, got, n)
	}
	if b, ok := s.boundary(line, 0, false); ok != s.headless(line) {
		t.Fatalf("%q with %q: a boundary is passed over: %+v, %t", line, ident, b, ok)
	}
	if hasHigh(line) && parityOf(line) == parityEven {
		t.Fatalf("%q has parity bits", line)
	}
}

// FuzzOrdinary: nothing is passed over that means something.
func FuzzOrdinary(f *testing.F) {
	for _, text := range []string{
		"1-0:1.8.0(008234.524*kWh)\r\n", "\r\n", "\n", "0-0:96.13.0(" + string(bytes.Repeat([]byte{0xFF}, 40)) + ")\r\n",
		"AUX5990\r\n", "xAUX5990\r\n", "AUX5990(\r\n", "0-0:1.0.0(1\r", "0-0:1.0.0(1\r\r\n", "!5B60\r\n", "a/b\r\n", "=~=~=~=~\r\n",
	} {
		for i := range text {
			f.Add([]byte(text[i:]), "AUX5")
			for bit := range 8 {
				flipped := []byte(text)
				flipped[i] ^= 1 << bit
				f.Add(flipped, "AUX5")
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, ident string) {
		if len(ident) != 4 {
			ident = ""
		}
		checkOrdinary(t, data, ident)
		for i, c := range data { // a byte at a time says the same
			if n := ordinaryRun(word(data[i:])); n == 0 != !ordinaryByte(c) {
				t.Fatalf("%q: %d of a word are ordinary, of a byte %t", data[i:], n, ordinaryByte(c))
			}
		}
	})
}

// word is the first eight bytes of data, filled up with zeros.
func word(data []byte) uint64 {
	w := uint64(0)
	for i := range min(len(data), 8) {
		w |= uint64(data[i]) << (8 * i)
	}
	return w
}

// last is a writer that keeps nothing but a count.
type last struct{ telegrams int }

func (l *last) Write(r record.Record) error {
	if t, ok := r.(*record.Telegram); ok && t.Status == record.OK {
		l.telegrams++
	}
	return nil
}

func (l *last) Flush() error { return nil }

// Once a stream is known, its telegrams need no memory, whatever the chunks.
func TestFramerNeedsNoMemory(t *testing.T) {
	text := []byte("/AUX5990\r\n\r\n0-0:1.0.0(230824012130S)\r\n1-0:1.8.0(008234.524*kWh)\r\n0-0:96.13.0(" +
		string(bytes.Repeat([]byte{0xFF}, 1024)) + ")\r\n!")
	text = append(text, finding{}.kind.Digits(text)+"\r\n"...)
	var out last
	f := New(&out, Options{})
	c := &record.Chunk{Origin: record.Origin{Source: "p1.log"}}
	feed := func() {
		for from := 0; from < len(text); from += 300 {
			c.Data = text[from:min(from+300, len(text))]
			if err := f.Take(c); err != nil {
				t.Fatal(err)
			}
			c.Offset += int64(len(c.Data))
		}
	}
	for range 100 {
		feed()
	}
	before := out.telegrams
	if n := testing.AllocsPerRun(500, feed); n > 0 {
		t.Errorf("%.0f allocations a telegram", n)
	}
	if out.telegrams-before < 500 {
		t.Errorf("%d telegrams came out", out.telegrams-before)
	}
}
