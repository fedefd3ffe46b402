package pseudonym

import (
	"bytes"

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
// digits there may be no other one; then the digits become zeros, and the CRC of
// telegrams that are valid is written anew.

// enoughDigits is how many digits leave several identifiers with the same CRC.
const enoughDigits = 6

// kindOf returns the CRC of a stream's telegrams; where there is none, or an
// unknown one, that of most meters.
func kindOf(name string) crc.Kind {
	k, _ := crc.Named(name)
	return k
}

// digitPlaces returns the places of a text at which a pseudonym may differ: its
// digits, or, where the digits code characters, those that tell digits apart.
//
//	AUX1047776772044            1047776772044
//	4530303437303434313136      E0047044116: the second one of each pair 30 to 39
func digitPlaces(text []byte) []int {
	coded := codesText(text)
	var places []int
	for i, c := range text {
		if telegram.IsDigit(c) && (!coded || i%2 == 1 && text[i-1] == '3') {
			places = append(places, i)
		}
	}
	return places
}

// codesText reports whether the text is a number of several digits, and perhaps
// letters, of which each character stands in hex. A decimal number can look like
// it only where it holds six pairs between 30 and 39 and no others but those of
// letters.
func codesText(text []byte) bool {
	if len(text)%2 == 1 {
		return false
	}
	digits := 0
	for i := 0; i < len(text); i += 2 {
		if !telegram.IsHex(text[i]) || !telegram.IsHex(text[i+1]) {
			return false
		}
		switch c := fromHex(text[i])<<4 | fromHex(text[i+1]); {
		case telegram.IsDigit(c):
			digits++
		case c|0x20 < 'a' || c|0x20 > 'z':
			return false
		}
	}
	return digits >= enoughDigits
}

func fromHex(c byte) byte {
	if telegram.IsDigit(c) {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// pseudonymOf returns the smallest text that differs from this one in digits only
// and has the same CRC. same is false where the digits are too few: then they are
// zeros, and the CRC may be another one.
func pseudonymOf(text []byte, kind crc.Kind) (pseudonym []byte, same bool) {
	places := digitPlaces(text)
	pseudonym = bytes.Clone(text)
	if len(places) < enoughDigits {
		for _, at := range places {
			pseudonym[at] = '0'
		}
		return pseudonym, string(pseudonym) == string(text)
	}
	changes := changesAt(text, places, kind)
	// From reached[i] on, the digits from places[i] on can undo a change.
	reached := make([]*syndromes, len(places)+1)
	reached[len(places)] = new(syndromes)
	reached[len(places)].add(0)
	for i := len(places) - 1; i >= 0; i-- {
		reached[i] = reached[i+1].widen(&changes[i])
	}
	open := uint16(0)
	for i, at := range places {
		d := 0
		for !reached[i+1].has(open ^ changes[i][d]) {
			d++ // the text's own digit is one that will do, if none before it is
		}
		open ^= changes[i][d]
		pseudonym[at] = '0' + byte(d)
	}
	return pseudonym, true
}

// changesAt returns for each place how the CRC at the end of the text changes when
// the digit there becomes 0, 1, … 9.
func changesAt(text []byte, places []int, kind crc.Kind) [][10]uint16 {
	changes := make([][10]uint16, len(places))
	changed, sum := bytes.Clone(text), kind.Sum(text)
	for i, at := range places {
		for d := range changes[i] {
			changed[at] = '0' + byte(d)
			changes[i][d] = kind.Sum(changed) ^ sum
		}
		changed[at] = text[at]
	}
	return changes
}

// syndromes is a set of changes of a CRC.
type syndromes struct {
	bits [1 << 16 / 64]uint64
	n    int
}

func (s *syndromes) has(x uint16) bool { return s.bits[x/64]>>(x%64)&1 == 1 }

func (s *syndromes) add(x uint16) {
	if !s.has(x) {
		s.bits[x/64] |= 1 << (x % 64)
		s.n++
	}
}

// widen returns what a digit more can reach.
func (s *syndromes) widen(changes *[10]uint16) *syndromes {
	if s.n == 1<<16 {
		return s
	}
	wider := new(syndromes)
	for x := range 1 << 16 {
		if s.has(uint16(x)) {
			for _, c := range changes {
				wider.add(uint16(x) ^ c)
			}
		}
	}
	return wider
}
