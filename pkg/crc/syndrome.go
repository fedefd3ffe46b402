package crc

import "math/bits"

// Syndromes knows how the CRC of a telegram changes with a bit of it. A CRC is
// linear: the change does not depend on the rest of the telegram, only on how
// many bytes follow, and the changes of several bits are XORed. It grows with the
// longest telegram asked about. The zero value is ready, for ARC.
type Syndromes struct {
	kind Kind
	rows [][8]uint16 // rows[n][k]: bit k of a byte that n bytes follow
}

// NewSyndromes returns those of a kind.
func NewSyndromes(k Kind) *Syndromes { return &Syndromes{kind: k} }

// Of returns the change of the CRC when the byte that n more bytes follow, up to
// and including '!', is XORed with diff.
func (s *Syndromes) Of(n int, diff byte) uint16 {
	for len(s.rows) <= n {
		s.grow()
	}
	a := s.kind.of()
	if a.mirrored {
		diff = bits.Reverse8(diff)
	}
	row := &s.rows[n]
	change := uint16(0) // of the register
	for ; diff != 0; diff &= diff - 1 {
		change ^= row[bits.TrailingZeros8(diff)]
	}
	return a.sum(change) ^ a.sum(0)
}

// grow adds the row before the first. The change of a register passes through the
// bytes after it as a register does that began with 0 and sees zeros.
func (s *Syndromes) grow() {
	step := &s.kind.of().step
	var row [8]uint16
	if n := len(s.rows); n == 0 {
		for k := range row {
			row[k] = step[1<<k]
		}
	} else {
		for k, above := range s.rows[n-1] {
			row[k] = above>>8 ^ step[byte(above)]
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
