package pair_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"p1/pkg/fix/pair"
	"p1/pkg/record"
	"p1/pkg/sim"
)

// twice simulates telegrams as two receivers have them.
func twice(t *testing.T, line, each string) (logs [2][][]byte) {
	t.Helper()
	options := func(query string) sim.Options {
		o, err := sim.ParseOptions(query)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	r, err := sim.NewReceivers(options(line), [2]sim.Options{options(each + "&logger=raw&seed=1"), options(each + "&logger=raw&seed=2")})
	if err != nil {
		t.Fatal(err)
	}
	for _, logged, ok := r.Next(); ok; _, logged, ok = r.Next() {
		for i := range logs {
			logs[i] = append(logs[i], logged[i])
		}
	}
	return logs
}

// capture is a capture of telegrams; read counts those that were asked for.
func capture(list [][]byte, read *int) *pair.Capture {
	return pair.New(func() (record.Record, error) {
		if *read == len(list) {
			return nil, io.EOF
		}
		*read++
		return &record.Telegram{Raw: list[*read-1], Status: record.Bad}, nil
	})
}

// Damaged telegrams of two captures that begin at other times and lack some are found, and
// never another one.
func TestFind(t *testing.T) {
	for _, line := range []string{"meter=nl", "meter=be"} {
		for _, each := range []string{"noise=delete&rate=0.04", "noise=overrun&rate=0.005", "noise=clean"} {
			for _, from := range [][2]int{{0, 0}, {0, 20}, {20, 0}} {
				logs := twice(t, line+"&telegrams=60&seed=3", each)
				lacks := func(i, n int) bool { return n < from[i] || n%11 == 4+3*i || 40 <= n && n < 40+4*i }
				var second [][]byte
				var numbers []int
				for n, raw := range logs[1] {
					if !lacks(1, n) {
						second, numbers = append(second, raw), append(numbers, n)
					}
				}
				read := 0
				c := capture(second, &read)
				found, there := 0, 0
				for n, raw := range logs[0] {
					if lacks(0, n) {
						continue
					}
					if !lacks(1, n) {
						there++
					}
					m, ok := c.Find(raw)
					switch {
					case ok && numbers[m.Number-1] != n:
						t.Errorf("%s, %s, %v: telegram %d is taken for %d, with a doubt of %v", line, each, from, n, numbers[m.Number-1], m.Doubt)
					case ok:
						found++
					}
				}
				if 20*found < 16*there {
					t.Errorf("%s, %s, %v: %d of %d telegrams are found", line, each, from, found, there)
				}
				if s := c.Stats(); s.Paired != found {
					t.Errorf("%d pairs are counted, and %d were found", s.Paired, found)
				}
			}
		}
	}
}

// A second capture that has nothing of the first is read only as far as the window goes.
func TestWindowIsBounded(t *testing.T) {
	const size, most = 1000, 20<<20/1000 + 1000
	n := 0
	c := pair.New(func() (record.Record, error) {
		n++
		return &record.Telegram{Raw: bytes.Repeat([]byte{'a' + byte(n%7)}, size)}, nil
	})
	for range 50 {
		if _, ok := c.Find([]byte("/XMX5LGBBFG1009021021\r\n\r\n1-0:1.8.0(000001.000*kWh)\r\n!1234\r\n")); ok {
			t.Fatal("found")
		}
	}
	if n > most {
		t.Errorf("%d telegrams of %d bytes were read", n, size)
	}
}

// What ends the second capture before its time is told.
func TestErr(t *testing.T) {
	broken := errors.New("broken")
	c := pair.New(func() (record.Record, error) { return nil, broken })
	c.Pass([]byte("/A\r\n!1234\r\n"))
	if c.Err() != broken {
		t.Error(c.Err())
	}
}

// What both say together leads back to the first, and has nothing that neither has.
func FuzzMerge(f *testing.F) {
	fill := string(bytes.Repeat([]byte{0xFF}, 100))
	for _, x := range [][2]string{
		{"", ""}, {"1-0:1.8.0(001)", "1-0:1.8.0(001)"}, {"1-0:1.8 0(01)", "1-0:1..0(001)"}, {"1.8.0(001)", "1.8.0(xyz)"},
		{"a(" + fill + ")", "a()"}, {"a()", "a(" + fill + ")"}, {"a(" + fill[:70] + ")b", "a(" + fill + ")c"},
	} {
		f.Add([]byte(x[0]), []byte(x[1]))
	}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		merged, edits := pair.Merge(first, second)
		if merged == nil {
			return
		}
		undone, err := record.Undo(merged, edits)
		if err != nil || !bytes.Equal(undone, first) {
			t.Fatalf("%q and %q: %q, which leads back to %q: %v", first, second, merged, undone, err)
		}
		if len(merged) > len(first)+len(second) || len(merged) < len(first) {
			t.Errorf("%q and %q: %q", first, second, merged)
		}
		if same, edits := pair.Merge(first, first); !bytes.Equal(same, first) || len(edits) > 0 {
			t.Errorf("%q with itself: %q", first, same)
		}
	})
}
