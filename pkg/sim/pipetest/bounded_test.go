//go:build unix

package pipetest

import (
	"io"
	"path/filepath"
	"strings"
	"testing"

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
			if u.Code != 0 || u.Stderr != "" {
				t.Errorf("%s, repeated: %s ends with %d: %s", name, u.Name, u.Code, u.Stderr)
			}
		}
	}
}
