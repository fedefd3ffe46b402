package frame

import (
	"encoding/binary"
	"math/bits"
)

// passOrdinary moves f.line on over the complete lines of buf[:limit] that end,
// begin and show nothing, as nearly all lines of a telegram do: what cut would find
// nothing in.
func (f *Framer) passOrdinary(limit int) {
	if !f.obis || f.stream.parity != parityNone {
		return
	}
	for f.line < limit {
		line := f.buf[f.line:limit]
		n := ordinaryLine(line)
		if n == 0 || f.stream.mayBeHeadless(line) && f.stream.headless(line[:n]) {
			return
		}
		f.line += n
	}
}

// ordinaryLine returns how long the line is that data begins with, its end included,
// where it ends in CR LF or LF and holds nothing but plain characters and FF: no '!',
// '/' or '=', no other control character, and no bit 7 that may be one of parity. It
// returns 0 for any other line, and for one that is not complete.
func ordinaryLine(data []byte) int {
	i := 0
	for i <= len(data)-8 {
		w := binary.LittleEndian.Uint64(data[i:])
		if w == ^uint64(0) {
			i += 8
			continue
		}
		n := ordinaryRun(w)
		i += n
		if n < 8 {
			break
		}
	}
	for i < len(data) && ordinaryByte(data[i]) {
		i++
	}
	switch {
	case i < len(data) && data[i] == '\n':
		return i + 1
	case i+1 < len(data) && data[i] == '\r' && data[i+1] == '\n':
		return i + 2
	}
	return 0
}

func ordinaryByte(c byte) bool {
	return c >= 0x20 && c < 0x80 && c != '!' && c != '/' && c != '=' || c == 0xFF
}

// ordinaryRun returns how many bytes of a word are ordinary, from its first on. A
// subtraction borrows from the bytes behind the first one that is not.
func ordinaryRun(w uint64) int {
	const (
		ones  = 0x0101010101010101
		highs = 0x80 * ones
	)
	high := w & highs
	odd := (w - 0x20*ones) | ((w ^ '!'*ones) - ones) | ((w ^ '/'*ones) - ones) | ((w ^ '='*ones) - ones)
	odd &^= w // what these say of the bytes from 0x80 on
	if high != 0 {
		low := w &^ highs
		odd |= high &^ (low + ones) // those that are not FF
	}
	return bits.TrailingZeros64(odd&highs) / 8
}
