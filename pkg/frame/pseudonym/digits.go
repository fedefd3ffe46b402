package pseudonym

import (
	"bytes"
	"encoding/hex"
	"slices"

	"p1/pkg/crc"
	"p1/pkg/telegram"
)

// The pseudonym of an identifier differs from it by a multiple of the CRC's
// polynomial. A CRC is linear, so that such a change leaves it as it was, wherever
// the identifier stands and whatever follows it: the CRC in a damaged telegram
// stays right for what the meter would have sent, although nobody knows all of
// that, and a repair of the shared log comes to the same end.
//
//	identifier  AUX1047776772044   the digits may vary, the letters name the maker
//	pseudonym   AUX0000000114602   the smallest one whose CRC is the same
//
// All identifiers that share a CRC share the pseudonym: of those with eight digits
// some 1,500, so that none of them can be found by trying. With fewer than six
// digits there may be no other one; such a number names a type of meter, not a
// meter, and stays.

// enoughDigits is how many digits leave several identifiers with the same CRC.
const enoughDigits = 6

// The characters that a place of a pseudonym may have, in order.
const (
	decimal  = "0123456789"
	hexUpper = "0123456789ABCDEF"
	hexLower = "0123456789abcdef"
)

// varying returns the places of a text at which a pseudonym may differ, and what
// may stand there: its digits, or, where the digits code characters, those that
// tell digits apart. Of a number in hex with few digits the letters vary too.
//
//	AUX1047776772044            1047776772044
//	4530303437303434313136      E0047044116: the second one of each pair 30 to 39
//	0AFE3BCD9E                  0AFE3BCD9E
//	MA304H4, 6525               none
func varying(text []byte) (places []int, alphabet string) {
	coded := codesText(text)
	lower, isHex := false, true
	for i, c := range text {
		if telegram.IsDigit(c) && (!coded || i%2 == 1 && text[i-1] == '3') {
			places = append(places, i)
		}
		lower = lower || c >= 'a'
		isHex = isHex && telegram.IsHex(c)
	}
	if len(places) >= enoughDigits {
		return places, decimal
	}
	if !isHex || len(text) < enoughDigits || digits(text) == len(text) {
		return nil, ""
	}
	places = places[:0]
	for i := range text {
		places = append(places, i)
	}
	if lower {
		return places, hexLower
	}
	return places, hexUpper
}

// codesText reports whether the text is a number of several digits, and perhaps
// letters, of which each character stands in hex. A decimal number can look like
// it only where it holds six pairs between 30 and 39 and no others but those of
// letters.
func codesText(text []byte) bool {
	characters, err := hex.DecodeString(string(text))
	if err != nil {
		return false
	}
	digits := 0
	for _, c := range characters {
		switch {
		case telegram.IsDigit(c):
			digits++
		case c|0x20 < 'a' || c|0x20 > 'z':
			return false
		}
	}
	return digits >= enoughDigits
}

// pseudonymOf returns the smallest text that differs from this one in varying
// places only and has the same CRC.
func pseudonymOf(text []byte, kind crc.Kind) []byte {
	pseudonym := bytes.Clone(text)
	places, alphabet := varying(text)
	if len(places) == 0 {
		return pseudonym
	}
	changes := changesAt(text, places, alphabet, kind)
	// reached[i] is what the places from i on can change.
	reached := make([]*syndromes, len(places)+1)
	reached[len(places)] = new(syndromes)
	reached[len(places)].add(0)
	for i := len(places) - 1; i >= 0; i-- {
		reached[i] = reached[i+1].widen(changes[i])
	}
	owed := uint16(0) // what the places still to come must change
	for i, at := range places {
		c := 0
		for !reached[i+1].has(owed ^ changes[i][c]) {
			c++ // the text's own character will do, if none before it does
		}
		owed ^= changes[i][c]
		pseudonym[at] = alphabet[c]
	}
	return pseudonym
}

// changesAt returns for each place how the CRC at the end of the text changes when
// the character there becomes each one of the alphabet.
func changesAt(text []byte, places []int, alphabet string, kind crc.Kind) [][]uint16 {
	changes := make([][]uint16, len(places))
	changed, sum := bytes.Clone(text), kind.Sum(text)
	for i, at := range places {
		for _, c := range []byte(alphabet) {
			changed[at] = c
			changes[i] = append(changes[i], kind.Sum(changed)^sum)
		}
		changed[at] = text[at]
	}
	return changes
}

// syndromes is a set of changes of a CRC, a bit for each of them.
type syndromes [1 << 16 / 64]uint64

func (s *syndromes) has(x uint16) bool { return s[x/64]>>(x%64)&1 == 1 }

func (s *syndromes) add(x uint16) { s[x/64] |= 1 << (x % 64) }

// widen returns what a place more can change.
func (s *syndromes) widen(changes []uint16) *syndromes {
	if !slices.ContainsFunc(s[:], func(word uint64) bool { return word != ^uint64(0) }) {
		return s
	}
	wider := new(syndromes)
	for i, word := range s {
		if word == 0 {
			continue
		}
		for _, c := range changes {
			wider[i^int(c/64)] |= exchange(word, c%64)
		}
	}
	return wider
}

// halves has a bit for each place in the first half of every pair of blocks of 1,
// 2, 4, … 32 bits.
var halves = [6]uint64{
	0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F,
	0x00FF00FF00FF00FF, 0x0000FFFF0000FFFF, 0x00000000FFFFFFFF,
}

// exchange moves each bit of a word from place n to place n XOR x.
func exchange(word uint64, x uint16) uint64 {
	for i, half := range halves {
		if x>>i&1 == 1 {
			word = word>>(1<<i)&half | word&half<<(1<<i)
		}
	}
	return word
}
