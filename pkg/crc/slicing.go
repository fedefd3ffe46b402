package crc

import "encoding/binary"

// sliceLen is how many bytes Sum takes at once.
const sliceLen = 16

// Sum returns the CRC of data. It takes sixteen bytes at once (slicing, Kounavis and
// Berry 2005): a CRC is linear, so that what a byte leaves in the register after
// fifteen more is looked up without them. Only the first two meet the register.
func (k Kind) Sum(data []byte) uint16 {
	a := k.of()
	if a.mirrored {
		return k.Start().After(data).Sum()
	}
	t, register := &a.sliced, a.start
	for len(data) >= sliceLen {
		lo, hi := binary.LittleEndian.Uint64(data), binary.LittleEndian.Uint64(data[8:])
		if lo&hi == filler {
			register = a.filler ^ t[14][byte(register>>8)] ^ t[15][byte(register)]
			data = data[sliceLen:]
			continue
		}
		// These are at hand before the register is.
		early := t[0][byte(hi>>56)] ^ t[1][byte(hi>>48)] ^ t[2][byte(hi>>40)] ^ t[3][byte(hi>>32)] ^
			t[4][byte(hi>>24)] ^ t[5][byte(hi>>16)] ^ t[6][byte(hi>>8)] ^ t[7][byte(hi)] ^
			t[8][byte(lo>>56)] ^ t[9][byte(lo>>48)] ^ t[10][byte(lo>>40)] ^ t[11][byte(lo>>32)] ^
			t[12][byte(lo>>24)] ^ t[13][byte(lo>>16)]
		register ^= uint16(lo)
		register = early ^ t[14][byte(register>>8)] ^ t[15][byte(register)]
		data = data[sliceLen:]
	}
	return State{a, register}.After(data).Sum()
}

// filler is what Hungarian meters send in place of a message, a thousand times: FF.
const filler = 1<<64 - 1

// newSliced returns the tables of Sum: row n is what a byte leaves in the register
// after n zeros.
func newSliced(step *[256]uint16) (t [sliceLen][256]uint16) {
	t[0] = *step
	for n := 1; n < sliceLen; n++ {
		for x, before := range t[n-1] {
			t[n][x] = before>>8 ^ step[byte(before)]
		}
	}
	return t
}
