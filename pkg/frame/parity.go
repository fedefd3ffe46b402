package frame

import (
	"bytes"
	"math/bits"

	"p1/pkg/telegram"
)

// parity says what bit 7 of a stream's bytes is.
type parity int

const (
	parityUnknown parity = iota
	parityNone           // a data bit
	parityEven           // the even parity of bits 0 to 6
)

const (
	// fewVotes is how many bytes of a line must speak for one of the two. The
	// shortest OBIS lines, such as 0-0:96.13.1()␍␊, have four that do.
	fewVotes = 4
	// majority is how many times more must speak for it than against it: of
	// those that say something, one in five may be damaged.
	majority = 4
)

// parityOf says what bit 7 is by a line or more. In one of the two readings there
// must be an OBIS code, and most of the bytes that the two differ in must be right.
// They differ in characters whose ones are odd in number, about half of a text.
//
//	0  -  0  :  9  6  .  1  4  .  0  (  0  0  0  2  )  ␍  ␊
//	30 2D 30 3A 39 36 2E 31 34 2E 30 28 30 30 30 32 29 0D 0A   none
//	30 2D 30 3A 39 36 2E B1 B4 2E 30 28 30 30 30 B2 A9 8D 0A   even
//
// A code with 1, 2, 4, 7 or 8 in it, as nearly all have, is no code in the other
// reading. The filler FF of Hungarian meters has even parity too and says nothing.
func parityOf(line []byte) parity {
	even, none := 0, 0
	for _, b := range line {
		switch {
		case b == 0xFF:
		case odd(b):
			none++
		case b >= 0x80:
			even++
		}
	}
	switch {
	case even >= fewVotes && even >= majority*none:
		text := bytes.Clone(line)
		removeParity(text)
		if telegram.HasLine(text) && !telegram.HasLine(line) {
			return parityEven
		}
	case none >= fewVotes && none >= majority*even && telegram.HasLine(line):
		return parityNone
	}
	return parityUnknown
}

// hasHigh reports whether enough bytes have bit 7 set for a line to speak for parity.
func hasHigh(line []byte) bool {
	n := 0
	for _, b := range line {
		if n += int(b >> 7); n == fewVotes {
			return true
		}
	}
	return false
}

// removeParity turns bytes into the text of seven bits that they carry.
func removeParity(text []byte) {
	for i := range text {
		text[i] &= 0x7F
	}
}

// parityHolds reports whether no byte shows by its parity that it is damaged.
func parityHolds(received []byte) bool {
	for _, b := range received {
		if odd(b) {
			return false
		}
	}
	return true
}

func odd(b byte) bool { return bits.OnesCount8(b)&1 == 1 }
