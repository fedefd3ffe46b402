package channel

import (
	"math"
	"testing"
)

// What a line that rises too slowly makes of some bytes: the first 1 after a 0 is
// read as 0, the start bit counting as a 0.
var slowRise = map[byte]byte{
	'0': ' ', '1': ' ', '2': ' ', '3': '"', '4': ' ', '5': ' ', '6': '$', '7': '&', '8': '0', '9': '0',
	':': '0', 'k': 'B', 'h': '@', 'r': '`', 'v': 'd', '/': 0x0E, '(': 0, ')': 0, '.': 0x0C, '*': 0,
	'-': 8, '\r': 8, '\n': 0, 'W': 6, 'A': 0,
}

// On a line that has shown slow rising edges, these readings are the likeliest.
func TestSlowRise(t *testing.T) {
	m := NewModel(false)
	for range 500 {
		m.Hit('8', '0')
		m.Hit('k', 'B')
	}
	m.Settle()
	for sent, read := range slowRise {
		for r := range 256 {
			if byte(r) != sent && m.Costs().Reading(sent, byte(r)) < m.Costs().Reading(sent, read) {
				t.Errorf("%q is read as %q at %.1f, as %q at %.1f", sent, read, m.Costs().Reading(sent, read), r, m.Costs().Reading(sent, byte(r)))
			}
		}
	}
	if m.Rate(Rise) < 20*m.Rate(Fall) || m.Rate(Rise) < 20*m.Rate(Flip) {
		t.Errorf("rates: rise %g, fall %g, flip %g", m.Rate(Rise), m.Rate(Fall), m.Rate(Flip))
	}
}

// The readings of a byte, its vanishing and its staying as it is are all that can
// happen: their probabilities sum to 1 but for what is counted twice.
func TestCostsAreProbabilities(t *testing.T) {
	for _, printable := range []bool{false, true} {
		m := NewModel(printable)
		m.Sent(100000)
		for range 300 {
			m.Hit('8', '0')
			m.Hit('3', '7')
			m.Vanished('(')
			m.Added()
		}
		m.Settle()
		for sent := range 256 {
			sum := math.Exp(-float64(m.Costs().Vanish(byte(sent))))
			for r := range 256 {
				if r != sent {
					sum += math.Exp(-float64(m.Costs().Reading(byte(sent), byte(r))))
				}
			}
			if sum > m.HitRate()*1.001 {
				t.Errorf("printable %v: byte %02X is hit at %g, the line at %g", printable, sent, sum, m.HitRate())
			}
		}
	}
}

// Where the logger drops what is not printable, a byte whose usual reading is not
// printable vanishes instead.
func TestPrintable(t *testing.T) {
	all, printable := NewModel(false), NewModel(true)
	for _, b := range []byte("(.-*\n") {
		if printable.Costs().Vanish(b) >= all.Costs().Vanish(b) {
			t.Errorf("%q vanishes no more easily", b)
		}
	}
	if printable.Costs().Reading('(', 0) != Never {
		t.Error("a dropped byte is read")
	}
}

// A clean line is not suspected of what a bad one does; a line that gets bad is.
func TestRatesFollow(t *testing.T) {
	m := NewModel(false)
	before := m.HitRate()
	m.Sent(1e6)
	if m.HitRate() > before/100 {
		t.Errorf("after a million clean bytes the rate is %g, before %g", m.HitRate(), before)
	}
	for range 5000 {
		m.Hit('8', '0')
	}
	if m.HitRate() < 1e-3 {
		t.Errorf("after 5,000 hits the rate is %g", m.HitRate())
	}
}
