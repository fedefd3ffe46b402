package stranger_test

import (
	"bytes"
	"strings"
	"testing"

	"p1/pkg/sim"
	"p1/pkg/sim/stranger"
)

// An observer knows all of a telegram but its digits, and how many bytes were substituted
// and by what. How sure the CRC makes it says what can be won: of each open digit any
// other is as likely. Leading zeros, codes, units and the half of hex text that is the
// same for all digits are known. A decoder that knows more of the values, a clock or a
// sum of registers, can be surer; one that does not know the lines cannot.
type observer struct {
	signs string
	sent  []byte
	open  []string          // what may stand in each place
	first int               // place of the first digit of the CRC
	steps [][8]uint16       // what each bit of each place does to the CRC
	odds  [256][256]float64 // of a byte that is hit: what it is received as
}

// newObserver looks at a telegram. odds are those of what hits it.
func newObserver(sent []byte, signs string, odds [256][256]float64) *observer {
	o := &observer{signs: signs, sent: sent, first: len(sent) - len("FFFF\r\n"), odds: odds}
	o.open = alphabets(sent, o.first)
	polynomial := uint16(0xA001)
	if signs == "X25" {
		polynomial = 0x8408
	}
	o.steps = make([][8]uint16, o.first)
	shift := func(crc uint16) uint16 {
		for range 8 {
			low := crc & 1
			crc >>= 1
			if low == 1 {
				crc ^= polynomial
			}
		}
		return crc
	}
	for i := o.first - 1; i >= 0; i-- {
		for bit := range 8 {
			if i == o.first-1 {
				o.steps[i][bit] = shift(1 << bit)
			} else {
				o.steps[i][bit] = shift(o.steps[i+1][bit])
			}
		}
	}
	return o
}

// alphabets are what may stand in each place: itself only, or any digit.
func alphabets(sent []byte, crc int) []string {
	const digits = "0123456789"
	open := make([]string, len(sent))
	for i := range open {
		open[i] = string(sent[i : i+1])
	}
	for i := crc; i < crc+4; i++ {
		open[i] = digits + "ABCDEF"
	}
	for i := 1; sent[i] != '\r'; i++ { // the header
		if sent[i] >= '0' && sent[i] <= '9' || sent[i] >= 'A' && sent[i] <= 'Z' {
			open[i] = digits + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		}
	}
	for at, b := range sent[:crc] {
		if b == '(' {
			value, _, _ := bytes.Cut(sent[at+1:], []byte(")"))
			openDigits(open[at+1:], value)
		}
	}
	return open
}

// openDigits opens the digits of a value, but for leading zeros of a number and what is the
// same in the hex text of all digits.
func openDigits(open []string, value []byte) {
	const digits = "0123456789"
	hex := len(value) >= 20 && len(value)%2 == 0 && len(bytes.Trim(value, digits+"ABCDEF")) == 0
	leading := bytes.IndexByte(value, '*') > 0
	for i, b := range value {
		leading = leading && (b == '0' || b == '.')
		if b >= '0' && b <= '9' && !leading && !(hex && i%2 == 0) {
			open[i] = digits
		}
	}
}

// change is what another byte in a place does to the difference between the CRC that is
// calculated and the one that was sent.
func (o *observer) change(at int, from, to byte) uint16 {
	if at >= o.first {
		nibble := func(b byte) uint16 { return uint16(strings.IndexByte("0123456789ABCDEF", b)) }
		return (nibble(from) ^ nibble(to)) << (4 * (o.first + 3 - at))
	}
	var crc uint16
	for bit := range 8 {
		if (from^to)>>bit&1 == 1 {
			crc ^= o.steps[at][bit]
		}
	}
	return crc
}

// A guess is a byte that may have been sent in a place.
type guess struct {
	at     int
	crc    uint16
	weight float64
}

// guesses are what may have been sent where a byte was received, itself left out. Where
// no such byte can stand, the CRC counts from the one that was sent.
func (o *observer) guesses(at int, received byte) []guess {
	var list []guess
	for _, b := range []byte(o.open[at]) {
		if w := o.odds[b][received]; b != received && w > 0 {
			list = append(list, guess{at, o.change(at, o.sent[at], b), w})
		}
	}
	return list
}

// sure is the probability that the observer finds for what was sent. It gives up where
// three bytes or more were replaced by others that may stand there.
func (o *observer) sure(received []byte) float64 {
	seen := []guess{{weight: 1}} // all ways to mend what cannot stand where it does
	var silent []guess           // and one more byte elsewhere
	truth, hidden := 1.0, 0
	var target uint16
	for at := range o.first + 4 {
		b := received[at]
		if b != o.sent[at] {
			truth *= o.odds[o.sent[at]][b]
		}
		if strings.IndexByte(o.open[at], b) >= 0 {
			if b != o.sent[at] {
				hidden++
				target ^= o.change(at, o.sent[at], b)
			}
			for _, g := range o.guesses(at, b) {
				g.crc ^= o.change(at, o.sent[at], b) // counted from what was received
				silent = append(silent, g)
			}
			continue
		}
		var next []guess
		for _, s := range seen {
			for _, g := range o.guesses(at, b) {
				next = append(next, guess{0, s.crc ^ g.crc, s.weight * g.weight})
			}
		}
		seen = next
	}
	all := 0.0
	for _, s := range seen {
		all += s.weight * ways(silent, target^s.crc, hidden)
	}
	if all == 0 {
		return 0
	}
	return truth / all
}

// ways is the weight of all choices of so many bytes in different places that change the
// CRC so.
func ways(silent []guess, crc uint16, n int) float64 {
	switch {
	case n == 0 && crc == 0:
		return 1
	case n == 0:
		return 0
	case n > 2:
		return 1e9 // too many
	}
	all := 0.0
	if n == 1 {
		for _, g := range silent {
			if g.crc == crc {
				all += g.weight
			}
		}
		return all
	}
	by := map[uint16][]guess{}
	for _, g := range silent {
		by[g.crc] = append(by[g.crc], g)
	}
	for _, g := range silent {
		for _, h := range by[crc^g.crc] {
			if h.at > g.at {
				all += g.weight * h.weight
			}
		}
	}
	return all
}

// oddsOf are what a hitter makes of each byte, by late edges or by single bits.
func (x *hitter) oddsOf(edges bool) [256][256]float64 {
	var odds [256][256]float64
	for b := range odds {
		for range 200 {
			odds[b][x.substitute(byte(b), edges)] += 1.0 / 200
		}
	}
	return odds
}

// The observer's change of the CRC is that of the CRC itself, and one that sees all hits
// but for what each digit was is sure where the CRC leaves one way.
func TestObserver(t *testing.T) {
	t.Parallel()
	sent := stranger.Dialects()[1].Meter(stranger.Prescribed, 5).Next()
	x := newHitter(t, 3)
	o := newObserver(sent, "ARC", x.oddsOf(false))
	for range 200 {
		at := x.IntN(o.first)
		other := bytes.Clone(sent)
		other[at] ^= 1 << x.IntN(8)
		if got, want := o.change(at, sent[at], other[at]), sim.ARC(sent[:o.first])^sim.ARC(other[:o.first]); got != want {
			t.Fatalf("byte %d: changes the CRC by %04X, want %04X", at, got, want)
		}
	}
	place := bytes.Index(sent, []byte("*kWh")) - 1
	digit := sent[place]
	one := bytes.Clone(sent)
	one[place] = 0x7F // can be a digit with one wrong bit in no way
	if got := o.sure(one); got != 0 {
		t.Errorf("%q read as DEL: sure %g", digit, got)
	}
	one[place] = digit ^ 0x40
	if got := o.sure(one); got != 1 {
		t.Errorf("%q with a high bit: sure %g", digit, got)
	}
	one[place] = '0' + (digit - '0') ^ 1
	if got := o.sure(one); got < 0.5 {
		t.Errorf("%q read as %q: sure %g", digit, one[place], got)
	}
}
