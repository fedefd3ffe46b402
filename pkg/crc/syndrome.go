package crc

import "math/bits"

// Syndromes knows how the CRC of a telegram changes with a bit of it. A CRC is
// linear: the change does not depend on the rest of the telegram, only on how
// many bytes follow, and the changes of several bits are XORed. The zero value
// is ready; it grows with the longest telegram asked about.
type Syndromes struct {
	rows [][8]uint16 // rows[n][k]: bit k of a byte that n bytes follow
}

// Of returns the change of the CRC when the byte that n more bytes follow, up to
// and including '!', is XORed with diff.
func (s *Syndromes) Of(n int, diff byte) uint16 {
	for len(s.rows) <= n {
		s.grow()
	}
	row := &s.rows[n]
	sum := uint16(0)
	for ; diff != 0; diff &= diff - 1 {
		sum ^= row[bits.TrailingZeros8(diff)]
	}
	return sum
}

func (s *Syndromes) grow() {
	var row [8]uint16
	if n := len(s.rows); n == 0 {
		for k := range row {
			row[k] = uint16(State(0).Step(1 << k))
		}
	} else {
		for k, above := range s.rows[n-1] {
			row[k] = uint16(State(above).Step(0))
		}
	}
	s.rows = append(s.rows, row)
}

// Diff returns the change of the CRC when the bytes a become b, of the same
// length, and n more bytes follow.
func (s *Syndromes) Diff(a, b []byte, n int) uint16 {
	sum := uint16(0)
	for i := range a {
		if d := a[i] ^ b[i]; d != 0 {
			sum ^= s.Of(n+len(a)-1-i, d)
		}
	}
	return sum
}
