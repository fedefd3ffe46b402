package pseudonym

import "math/bits"

// damaged returns what becomes of the character p by what made r of t: the line
// does the same to the pseudonym as it has done to the identifier.
//
//	t '8' 0011 1000 → r '0' 0011 0000   the rising edge lost
//	p '2' 0011 0010 → r ' ' 0010 0000   both
//
// Had only the differing bits been carried over, who knows the line could work
// out t. What is damaged stays damaged, and what is not stays right.
func damaged(t, r, p byte) byte {
	if t == r || t == p {
		return r ^ t ^ p
	}
	for _, m := range mechanisms {
		if m(t) == r && m(p) != p {
			return m(p)
		}
	}
	lost, gained := t&^r, r&^t
	switch {
	case gained == 0 && lost&^rising(t) == 0:
		return p &^ someOf(rising(p), lost)
	case lost == 0 && gained&^falling(t) == 0:
		return p | someOf(falling(p), gained)
	}
	return p ^ t ^ r
}

// mechanisms are what a line or a receiver does to a whole character.
var mechanisms = []func(byte) byte{
	func(b byte) byte { return b &^ rising(b) },
	func(b byte) byte { return b | falling(b) },
	func(b byte) byte { return b << 1 },      // one bit time late
	func(b byte) byte { return b>>1 | 0x80 }, // one bit time early
	func(b byte) byte { return ^b },          // the wrong way round
}

// rising has a bit for each 1 of b that follows a 0; the start bit is one.
func rising(b byte) byte { return b &^ (b << 1) }

// falling has a bit for each 0 of b that follows a 1.
func falling(b byte) byte { return ^b & (b << 1) }

// someOf returns the edges of a character that are hit where hit ones were hit in
// another: the same bits, or, where it has none there, its last one.
func someOf(edges, hit byte) byte {
	if same := edges & hit; same != 0 {
		return same
	}
	if edges == 0 {
		return hit
	}
	return 1 << (bits.Len8(edges) - 1)
}
