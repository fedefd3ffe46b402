package align

import (
	"encoding/binary"
	"math/bits"
)

// NextChange returns where two texts of the same length differ next, from an index
// on; their length where they differ no more. It looks at 32 bytes at once: nearly
// all of a telegram is what the one before was. Its plain twin, a byte at a time, is
// nextChangePlainly in its test.
//
//	for i := NextChange(a, b, 0); i < len(a); i = NextChange(a, b, i+1) {
func NextChange(a, b []byte, from int) int {
	b = b[:len(a)]
	for ; len(a)-from >= 32; from += 32 {
		x, y := a[from:from+32], b[from:from+32]
		d0, d1, d2, d3 := word(x)^word(y), word(x[8:])^word(y[8:]), word(x[16:])^word(y[16:]), word(x[24:])^word(y[24:])
		switch {
		case d0|d1|d2|d3 == 0:
			continue
		case d0 != 0:
			return from + firstByte(d0)
		case d1 != 0:
			return from + 8 + firstByte(d1)
		case d2 != 0:
			return from + 16 + firstByte(d2)
		}
		return from + 24 + firstByte(d3)
	}
	for from < len(a) && a[from] == b[from] {
		from++
	}
	return from
}

func word(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// firstByte is the first byte of a word that is not 0.
func firstByte(w uint64) int { return bits.TrailingZeros64(w) / 8 }
