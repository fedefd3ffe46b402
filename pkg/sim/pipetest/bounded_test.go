//go:build unix

package pipetest

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"p1/pkg/sim/longtest"
)

// size is how many bytes a test reads, of two numbers of MiB: the usual one, or
// that of a run of hours.
func size(usual, long int64) int64 {
	const mega = 1 << 20
	return longtest.Pick(usual, usual, long) * mega
}

// maxPeak is how much memory a command may take, whatever it reads.
const maxPeak = 64 << 20

func checkPeaks(t *testing.T, list []usage) {
	t.Helper()
	for _, u := range list {
		t.Logf("%s: %d MiB", u.Name, u.Peak>>20)
		if u.Peak >= maxPeak {
			t.Errorf("%s took %d MiB of memory, more than %d", u.Name, u.Peak>>20, maxPeak>>20)
		}
		if u.Peak == 0 {
			t.Errorf("the memory of %s was not measured", u.Name)
		}
	}
}

// repeated reads one text over and over.
type repeated struct {
	text string
	at   int
}

func (r *repeated) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		m := copy(p[n:], r.text[r.at:])
		r.at = (r.at + m) % len(r.text)
		n += m
	}
	return n, nil
}

// A line that never ends is noise, in pieces; no command keeps it.
func TestEndlessLine(t *testing.T) {
	t.Parallel()
	for text, usual := range map[string]int64{"x": 64, "1-0:1.8.0(000001.000*kWh)": 2, "/": 2} {
		in := io.LimitReader(&repeated{text: text}, size(usual, 1024))
		list := measure(t, in, "p1cat | p1frame | p1fix | p1csv")
		checkPeaks(t, list)
		for _, u := range list {
			strange := u.Name == "p1csv" && strings.Contains(u.Stderr, "no telegram stands in")
			if u.Code != 0 || u.Stderr != "" && !strange {
				t.Errorf("%q without end: %s ends with %d: %s", text, u.Name, u.Code, u.Stderr)
			}
		}
	}
}

// Where records are read, it is a line that is too long.
func TestEndlessRecord(t *testing.T) {
	t.Parallel()
	for name, usual := range map[string]int64{"p1frame": 64, "p1fix": 8, "p1csv": 8, "p1noise": 8} {
		text := `{"v":1,"type":"chunk","source":"`
		list := measure(t, io.LimitReader(&repeated{text: text}, size(usual, 1024)), name)
		checkPeaks(t, list)
		if u := list[0]; u.Code != 3 || !strings.Contains(u.Stderr, "-:1: the line is longer than 4 MiB") {
			t.Errorf("%s ends with %d: %s", name, u.Code, u.Stderr)
		}
	}
}

// Memory does not grow with the input, whether much of it is damaged or not.
func TestLongLogs(t *testing.T) {
	t.Parallel()
	for name, sizes := range map[string][2]int64{"hu-clean.log": {16, 500}, "nl-noisy.log": {1, 50}, "dsmr3.log": {1, 100}} {
		text := string(read(t, filepath.Join(testdata, name)))
		in := io.LimitReader(&repeated{text: text}, size(sizes[0], sizes[1]))
		list := measure(t, in, "p1cat | p1frame | p1fix | p1csv")
		checkPeaks(t, list)
		for _, u := range list {
			told := u.Name == "p1fix" && strings.Contains(u.Stderr, ": 1-0:1.8.") // registers that begin anew
			if u.Code != 0 || u.Stderr != "" && !told || len(u.Stderr) > 2000 {
				t.Errorf("%s, repeated: %s ends with %d: %s", name, u.Name, u.Code, u.Stderr)
			}
		}
	}
}

// shuffled are the records of a meter's telegrams, one for each ten seconds of a time, in
// an order that is none.
type shuffled struct {
	before, between, after string // around the clock and a register
	n, i                   int64
	rest                   []byte
}

func newShuffled(t *testing.T, n int64) *shuffled {
	t.Helper()
	line := run(t, "", "p1cat demo:?meter=nl&telegrams=1 | p1frame")
	before, text, ok := bytes.Cut(line, []byte("0-0:1.0.0("))
	between, after, found := bytes.Cut(text, []byte("1-0:1.8.1("))
	if !ok || !found {
		t.Fatalf("the record has no clock and no register: %s", line)
	}
	_, between, _ = bytes.Cut(between, []byte(")"))
	_, after, _ = bytes.Cut(after, []byte("*"))
	return &shuffled{before: string(before), between: string(between), after: string(after), n: n}
}

func (s *shuffled) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		if s.i == s.n {
			return 0, io.EOF
		}
		const stride = 7_368_787 // a prime, so that each comes once
		at := s.i * stride % s.n
		s.i++
		clock := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(at) * 10 * time.Second)
		s.rest = fmt.Appendf(s.rest[:0], "%s0-0:1.0.0(%sW)%s1-0:1.8.1(%06d.%03d*%s",
			s.before, clock.Format("060102150405"), s.between, at/1000, at%1000, s.after)
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// Nor does memory grow where telegrams come in any order and are put right at the end.
func TestAnyOrder(t *testing.T) {
	t.Parallel()
	n := longtest.Pick[int64](50_000, 500_000, 3_153_600) // the last is a year
	for _, flags := range []string{"--unique", "--every 1h"} {
		list := measure(t, newShuffled(t, n), "p1csv "+flags)
		checkPeaks(t, list)
		if u := list[0]; u.Code != 0 {
			t.Errorf("p1csv %s ends with %d: %s", flags, u.Code, u.Stderr)
		}
	}
}
