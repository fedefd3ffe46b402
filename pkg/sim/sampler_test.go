package sim

import (
	"bytes"
	"math"
	"slices"
	"testing"
)

const (
	testBaud = 115200.0
	testBit  = 1 / testBaud
)

// ttl is a receiver of 5 V logic.
var ttl = Sampler{Baud: testBaud, Low: 2.4, High: 2.6}

// charge draws a line between 0 and 5 V that follows a drive through a resistor and
// a capacitor: up with one time constant, down with another.
func charge(d Drive, up, down float64) []Volt {
	const step = testBit / 64
	level, target, next := 5.0, 5.0, 0
	var line []Volt
	for t := -testBit; t < d.End+2*testBit; t += step {
		tau := down
		if target > level {
			tau = up
		}
		level += (target - level) * (1 - math.Exp(-step/tau))
		line = append(line, Volt{t, level})
		for next < len(d.Edges) && d.Edges[next].Time <= t {
			target = 0
			if d.Edges[next].High {
				target = 5
			}
			next++
		}
	}
	return line
}

// lateBy is the time constant with which half of the voltage is reached after so many
// bit times.
func lateBy(bits float64) float64 { return bits * testBit / math.Ln2 }

const quick = testBit / 100

func values(heard []Sampled) []byte {
	var text []byte
	for _, h := range heard {
		text = append(text, h.Value)
	}
	return text
}

func allBytes() []byte {
	var text []byte
	for b := range 256 {
		text = append(text, byte(b), byte(b*7))
	}
	return text
}

// A line without noise is read as it was sent, with or without inversion, whatever
// the clock of the receiver.
func TestSamplerReads(t *testing.T) {
	text := allBytes()
	d := NewDrive(testBaud, text, []int{100, 101, 300}, 13)
	for _, clock := range []int{0, 16, 8} {
		for _, inverted := range []bool{false, true} {
			line := charge(d, quick, quick)
			s := ttl
			s.Clock, s.Inverted = clock, inverted
			if inverted {
				for i := range line {
					line[i].V = 5 - line[i].V
				}
			}
			heard := s.Receive(line)
			if got := values(heard); !bytes.Equal(got, text) {
				t.Fatalf("clock %d, inverted %v: % X", clock, inverted, got)
			}
			for i, h := range heard {
				if off := h.Start - d.Starts[i]; !h.Stop || math.Abs(off) > testBit/20 {
					t.Errorf("byte %d begins %g s late, its stop bit is %v", i, off, h.Stop)
				}
			}
		}
	}
}

// With rising edges later than half a bit, the first 1 of each run is read as 0;
// before that, nothing happens. The table is that of the real meter's log.
func TestSamplerSlowRise(t *testing.T) {
	pairs := map[byte]byte{
		'0': ' ', '1': ' ', '2': ' ', '3': '"', '4': ' ', '5': ' ', '6': '$', '7': '&', '8': '0', '9': '0',
		':': '0', 'k': 'B', 'h': '@', 'r': '`', 'v': 'd', '/': 0x0E, '(': 0, ')': 0, '.': 0x0C, '*': 0,
		'-': 8, '\r': 8, '\n': 0, 'W': 6, 'A': 0,
	}
	for sent, want := range pairs {
		d := NewDrive(testBaud, []byte{sent}, nil, 3)
		if got := values(ttl.Receive(charge(d, lateBy(0.4), quick))); !bytes.Equal(got, []byte{sent}) {
			t.Errorf("%q, late by 0.4 bit: % X", sent, got)
		}
		if got := values(ttl.Receive(charge(d, lateBy(0.6), quick))); !bytes.Equal(got, []byte{want}) {
			t.Errorf("%q, late by 0.6 bit: % X, want %X", sent, got, want)
		}
	}
}

// The start bit begins with a falling edge: where all of these are late, so is the
// receiver, and the rising ones come early.
func TestSamplerSlowFall(t *testing.T) {
	for _, c := range []struct {
		late float64
		sent string
		want []byte
	}{
		{0.4, "U5.0", []byte("U5.0")},
		{1.2, "\xFF", nil}, // a start bit alone vanishes
		// Low from 1.2 to 4 bit times: the start bit and two more.
		{1.2, "\xF8", []byte{0xFC}},
		// Low from 0.7 to 7 bit times; then for 0.3, which is no start bit.
		{0.7, "\xC0\xFF", []byte{0xE0}},
	} {
		d := NewDrive(testBaud, []byte(c.sent), nil, 3)
		if got := values(ttl.Receive(charge(d, quick, lateBy(c.late)))); !bytes.Equal(got, c.want) {
			t.Errorf("%q, late by %.1f bit: % X, want % X", c.sent, c.late, got, c.want)
		}
	}
}

// A line that is low for longer than a byte is a framing error.
func TestSamplerBreak(t *testing.T) {
	line := []Volt{{0, 5}, {1e-4, 5}, {1.001e-4, 0}, {3e-4, 0}, {3.001e-4, 5}, {4e-4, 5}}
	heard := ttl.Receive(line)
	if len(heard) != 1 || heard[0].Stop || heard[0].Value != 0 {
		t.Errorf("a break is read as %v", heard)
	}
	s := ttl
	s.DropFraming = true
	if heard := s.Receive(line); len(heard) != 0 {
		t.Errorf("a driver that drops framing errors gives %v", heard)
	}
}

// Nothing is read where nothing is sent: no change, a line that begins low, a pulse
// shorter than half a bit, noise within the hysteresis.
func TestSamplerReadsNothing(t *testing.T) {
	for name, line := range map[string][]Volt{
		"nothing":      nil,
		"one point":    {{0, 0}},
		"high":         {{0, 5}, {1, 5}},
		"begins low":   {{0, 0}, {1e-4, 0}, {1.1e-4, 5}, {2e-4, 5}},
		"in between":   {{0, 2.5}, {1e-4, 2.45}, {2e-4, 2.55}},
		"short pulse":  {{0, 5}, {1e-4, 5}, {1.001e-4, 0}, {1.04e-4, 0}, {1.041e-4, 5}, {9e-4, 5}},
		"within 0.2 V": {{0, 5}, {1e-4, 2.41}, {2e-4, 2.59}, {3e-4, 2.41}, {4e-4, 5}},
	} {
		if heard := ttl.Receive(line); len(heard) != 0 {
			t.Errorf("%s: %v", name, heard)
		}
	}
}

// The speeds of sender and receiver may differ by half a bit in the 9.5 bits from
// the start edge to the middle of the stop bit, 5.3 %.
func TestSamplerSpeed(t *testing.T) {
	text := allBytes()
	for _, c := range []struct {
		faster float64
		right  bool
	}{{1.045, true}, {0.955, true}, {1.062, false}, {0.93, false}} {
		d := NewDrive(testBaud*c.faster, text, nil, 3)
		heard := ttl.Receive(charge(d, quick, quick))
		wrong := slices.ContainsFunc(heard, func(h Sampled) bool { return !h.Stop })
		if right := bytes.Equal(values(heard), text) && !wrong; right != c.right {
			t.Errorf("a sender that is %g times as fast is read right: %v", c.faster, right)
		}
	}
}

// The clock of the receiver makes it see a start edge late, by up to one of its
// periods: what is late by less than half a bit is read right more easily.
func TestSamplerClock(t *testing.T) {
	d := NewDrive(testBaud, []byte("00000000"), nil, 0)
	s := ttl
	s.Clock = 4
	line := charge(d, lateBy(0.51), quick)
	if got := values(ttl.Receive(line)); !bytes.Equal(got, []byte("        ")) {
		t.Errorf("without a clock: %q", got)
	}
	// All start edges come a little after a tick of the clock.
	if got := values(s.Receive(line)); !bytes.Equal(got, []byte("00000000")) {
		t.Errorf("with one: %q", got)
	}
}
