// Package polarity takes bytes that nobody can read and gives the text that they are
// on a line turned over, if they are.
//
// Where the polarity of a line is wrong, its levels are upside down, so that it
// rests at 0. The receiver takes the first falling edge that it sees, which is one
// inside of a character, for a start bit, and groups the bits anew:
//
//	sent      rest └── '0' 0x30 ─────────┘ └── '.' 0x2E ─────────┘ └─ '1' …
//	meant     1  1 | 0  0 0 0 0 1 1 0 0  1 | 0  0 1 1 1 0 1 0 0  1 | 0  1 …
//	line      0  0 | 1  1 1 1 1 0 0 1 1  0 | 1  1 0 0 0 1 0 1 1  0 | 1  0 …
//	read             (not seen) └─ 0x36, stop bit 1 ─┘    └ 0x16 …
//
// So each byte stands for the ten bits 0, b0 … b7 and its stop bit. How many bits
// pass unseen before the next falling edge is not known, but only ones do; where
// the stop bit was a 0 (which is not known either) the receiver takes it for the
// next start bit, as a 16550 does, or waits for a one first.
//
// The text is found as the cheapest way through all of that: of the ways that stand
// at the same place in a character, with the same bits of it, the best one goes on.
package polarity

import (
	"cmp"
	"math/bits"
	"slices"

	"p1/pkg/telegram"
)

// A reading is one way to explain the bytes up to here.
type reading struct {
	cost  int
	phase int   // place of the next bit in its character: 0 the start bit, 9 the stop bit
	char  uint8 // the data bits before it
	text  *typed
}

// typed is a text, backwards.
type typed struct {
	c    byte
	more *typed
}

const (
	charBits = 10
	// hidden is the cost of a bit that passed unseen, broken that of a stop bit
	// that was 0.
	hidden, broken = 1, 2
	// maxTurned is how many bytes are looked at: a few lines tell.
	maxTurned = 512
	// maxPaths is how many readings are followed at a time.
	maxPaths = 24
	// maxRest bounds the zeros between two characters.
	maxRest = 12
)

// Upright returns the text that data reads as on a line turned over, if that holds
// a line of a telegram, else nil.
func Upright(data []byte) []byte {
	data = data[:min(len(data), maxTurned)]
	for _, parity := range []bool{false, true} {
		if text := turnOver(data, parity); telegram.HasLine(text) {
			return fromLine(text)
		}
	}
	return nil
}

// fromLine drops what stands before the first line that can be read.
func fromLine(text []byte) []byte {
	for i := range text {
		if telegram.CodeLen(text[i:]) > 0 {
			return text[i:]
		}
	}
	return text
}

// turnOver returns the likeliest text; parity says that bit 7 is one.
func turnOver(data []byte, parity bool) []byte {
	paths := make([]reading, charBits)
	for phase := range paths {
		paths[phase].phase = phase
	}
	var next, spare []reading
	for _, b := range data {
		next = spare[:0]
		var at [charBits << 8]uint16 // where in next the reading of each place is, from 1
		keep := func(r reading) {
			n := &at[r.phase<<8|int(r.char)]
			switch {
			case *n == 0:
				next = append(next, r)
				*n = uint16(len(next))
			case r.cost < next[*n-1].cost:
				next[*n-1] = r
			}
		}
		for _, r := range paths {
			if r, ok := r.byte(b, parity); ok {
				r.stop(parity, keep)
			}
		}
		slices.SortFunc(next, cheaper)
		spare = paths[:0]
		paths = next[:min(len(next), maxPaths)]
	}
	if len(paths) == 0 {
		return nil
	}
	var text []byte
	for t := paths[0].text; t != nil; t = t.more {
		text = append(text, t.c)
	}
	slices.Reverse(text)
	return text
}

// cheaper orders readings by their cost, and those of like cost in some fixed way.
func cheaper(a, b reading) int {
	return cmp.Or(a.cost-b.cost, a.phase-b.phase, int(a.char)-int(b.char))
}

// bit goes on with one level of the line; ok is false where no character has it.
func (r reading) bit(level uint8, parity bool) (_ reading, ok bool) {
	switch {
	case r.phase == 0 && level == 0:
		return r, true // at rest
	case r.phase == 0:
		r.phase = 1
		return r, true
	case r.phase < charBits-1:
		r.char |= (1 - level) << (r.phase - 1)
		r.phase++
		return r, true
	case level == 1:
		return r, false
	}
	c := r.char
	if parity {
		if bits.OnesCount8(c)&1 == 1 {
			r.cost += costOdd
		}
		c &= 0x7F
	}
	r.cost += unlikely(c)
	r.text = &typed{c, r.text}
	r.phase, r.char = 0, 0
	return r, true
}

// byte goes on with a start bit and the eight bits of a received byte.
func (r reading) byte(b byte, parity bool) (_ reading, ok bool) {
	r, ok = r.bit(0, parity)
	for k := 0; ok && k < 8; k++ {
		r, ok = r.bit(b>>k&1, parity)
	}
	return r, ok
}

// stop keeps all ways from the stop bit to the next falling edge.
func (r reading) stop(parity bool, keep func(reading)) {
	r.ones(parity, keep)
	r.cost += broken
	keep(r) // that 0 begins the next byte
	for range maxRest {
		var ok bool
		if r, ok = r.bit(0, parity); !ok {
			return
		}
		r.ones(parity, keep)
		r.cost += hidden
	}
}

// ones keeps what stands after one 1 or more.
func (r reading) ones(parity bool, keep func(reading)) {
	for {
		var ok bool
		if r, ok = r.bit(1, parity); !ok {
			return
		}
		keep(r)
		r.cost += hidden
	}
}

const costOdd = 12

// unlikely is the cost of a character: what telegrams are made of costs little.
func unlikely(c byte) int {
	switch {
	case telegram.IsDigit(c):
		return 0
	case slices.Contains([]byte("-:.()*"), c):
		return 1
	case c == '\r', c == '\n', slices.Contains([]byte("/!\\kWhVAmSW"), c):
		return 3
	case c >= 0x20 && c < 0x7F:
		return 6
	}
	return 14
}
