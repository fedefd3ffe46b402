package unwrap

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"p1/pkg/sim"
)

// unwrapAll returns what a stream makes of bytes that come in pieces of that size, and the
// stream. Those of a plain one it takes as they are, unless a form may begin in them.
func unwrapAll(o Options, data []byte, size int) ([]byte, []Piece, *Stream) {
	s := New(o)
	var out []byte
	var all []Piece
	add := func(pieces []Piece) {
		for _, p := range pieces {
			out = append(out, p.Data...)
			all = append(all, Piece{bytes.Clone(p.Data), p.Time, p.AsIs})
		}
	}
	for rest := data; len(rest) > 0; {
		n := min(size, len(rest))
		if s.Plain() && !s.Watch(rest[:n]) {
			add([]Piece{{Data: rest[:n]}})
		} else {
			add(s.Take(rest[:n]))
		}
		rest = rest[n:]
	}
	add(s.End())
	return out, all, s
}

func logOf(t testing.TB, query string) []byte {
	o, err := sim.ParseOptions(query)
	if err != nil {
		t.Fatal(query, err)
	}
	s, err := sim.New(o)
	if err != nil {
		t.Fatal(query, err)
	}
	data, err := io.ReadAll(s)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Logs that nobody has wrapped come through byte for byte, whatever the line and the logger
// have done to them: all noises at all rates, all loggers, noise that writes marks and hex,
// and logs that begin anywhere.
func TestPlainLogsStay(t *testing.T) {
	n := 300
	if text := os.Getenv("P1_PLAIN_LOGS"); text != "" {
		n, _ = strconv.Atoi(text)
	} else if testing.Short() {
		n = 60
	}
	d := rand.New(rand.NewPCG(1, uint64(n)))
	pick := func(list []string) string { return list[d.IntN(len(list))] }
	loggers := slices.DeleteFunc(sim.Loggers(), func(l string) bool { return l == "crcrlf" }) // which translates line ends
	rates := []string{"", "&rate=0.001", "&rate=0.01", "&rate=0.1", "&rate=0.5", "&rate=1"}
	for i := range n {
		noise := pick(sim.Noises())
		query := fmt.Sprintf("?meter=%s&telegrams=%d&noise=%s&logger=%s&seed=%d", pick(sim.Meters()), 1+d.IntN(8), noise, pick(loggers), i)
		switch noise {
		case "slow-rise", "slow-fall", "flip", "delete", "late", "overrun", "burst", "slip":
			query += pick(rates)
		}
		data := logOf(t, query)
		if d.IntN(3) == 0 {
			data = data[d.IntN(len(data)+1):]
		}
		data = hitBy(d, data)
		for _, live := range []bool{false, true} {
			got, _, s := unwrapAll(Options{Live: live}, data, 1+d.IntN(8000))
			if !bytes.Equal(got, data) {
				t.Errorf("%s, live %v: taken off: %q", query, live, s.Unwrapped())
			}
		}
	}
}

// hitBy hits some bytes with what forms are made of.
func hitBy(d *rand.Rand, data []byte) []byte {
	const marks = `>^\"' 0123456789abcdefABCDEF[]:{}<$M-` + "\t\x00\x1b"
	if d.IntN(2) == 0 {
		return data
	}
	one := 20 + d.IntN(1000)
	out := bytes.Clone(data)
	for i := range out {
		if d.IntN(one) == 0 {
			out[i] = marks[d.IntN(len(marks))]
		}
	}
	return out
}
