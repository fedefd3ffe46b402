package uart

import "math/bits"

// Pulled is what may be read of a byte where interference pulls the line to a level, high
// or low, for some of its bits: anywhere with the same chance, and mostly for less than a
// bit time. What is not changed by it counts too.
func Pulled(sent byte, high bool) Readings {
	var r Readings
	level := uint16(0)
	if high {
		level = 1
	}
	for length, share := range pulseLengths {
		for first := -length; first <= 9; first++ {
			read := levelsOf(sent)
			for k := max(first, 0); k <= min(first+length, 9); k++ {
				read = set(read, k, level)
			}
			r.add(read, share/float64(10+length))
			if !high && first <= 9 && first+length > 9 {
				r.Passed += share / float64(10+length) // the next start edge is hidden
			}
		}
	}
	return r
}

// pulseLengths is how likely it is that a pulse holds the middle of one bit, of two, …
var pulseLengths = [...]float64{0.75, 0.17, 0.08}

// MissedStart is the byte that is read where the start bit does not show and nothing
// follows the character: the first 0 of its data bits is taken for the start bit.
//
//	sent  (start) 0 0 0 0 1 1 0 0 stop    '0' 0x30
//	read          ↑ 0 0 0 1 1 0 0 1       0x98
func MissedStart(sent byte) byte {
	j := bits.TrailingZeros8(^sent)
	if j >= 7 {
		return 0xFF
	}
	return sent>>(j+1) | 0xFF<<(7-j)
}
