package crc

import (
	"math"
	"math/bits"
	"slices"
)

// fewMoved telegrams with different text have to agree on what has moved their CRCs.
const fewMoved = 4

// FindMoved looks for what has moved the CRCs of one of the known kinds ([Kinds]) where the
// same bytes were replaced in all telegrams after they were signed: an identifier that was
// masked by hand.
//
//	/ABC5\1  0-0:1.0.0(260104162515W)  0-0:96.1.1(4B42…)  1-0:1.8.0(003340.003*kWh)  !0C33   sent
//	/ABC5\1  0-0:1.0.0(260104162515W)  0-0:96.1.1(XXXX…)  1-0:1.8.0(003340.003*kWh)  !0C33   in the log
//	                                              ↑ as far from the start in each telegram
//
// The XOR of both texts, a polynomial D, is the same in all telegrams, but for the power of
// x that says how far from the end it stands; it moves the CRC by D·x^(8·distance) modulo the
// kind's polynomial. Where that place is as far from the '/' in all of them, so does another
// start value, at every length; where it is as far from the '!', another final XOR; where
// several identifiers were masked, of which some stand behind what varies in length, both do.
// So one unknown word links telegrams of all lengths, and what is found is a kind like any
// other. Between two parts that vary in length nothing links them.
//
// It reports false where no four telegrams agree so that it is no accident. At one length
// start value and final XOR can't be told apart: early says that nothing before the
// replaced bytes varies in length. No kind is found that has a usual start value and final
// XOR (0 or FFFF): that is another CRC of the same polynomial, and nothing was replaced.
func FindMoved(list []Signed, early bool) (Kind, bool) {
	list = distinct(list)
	for _, k := range Kinds() {
		base := k.of().Params
		p, n := base, fewMoved-1
		for _, try := range base.moves(list, early) {
			if q, agree := try(); agree > n {
				p, n = q, agree
			}
		}
		if n >= fewMoved && !base.usualFits(list, n) {
			return p.Kind()
		}
	}
	return ARC, false
}

// moves are the ways in which the CRCs of a kind may have moved, and how many telegrams
// agree on each, those that take one word before the one that takes two; 0 where too few do
// to be no accident.
func (p Params) moves(list []Signed, early bool) []func() (Params, int) {
	k := Kind{newAlgebra("", p)}
	start := func() (Params, int) {
		q := p
		n := vote(list, k.startOf, &q.Init)
		return q, n
	}
	end := func() (Params, int) {
		q := p
		n := vote(list, k.xorOf, &q.Xor)
		return q, n
	}
	both := func() (Params, int) {
		q := p
		q.Init, q.Xor = 0, 0
		agree := slices.DeleteFunc(q.agreeing(list), func(a agreement) bool { return a.n < fewMoved })
		if len(agree) < 2 || !certain(agree, triedMoved()) {
			return p, 0
		}
		var ok bool
		if q.Init, ok = q.solved(agree); ok {
			q.Xor, ok = q.commonXor(agree)
		}
		if !ok {
			return p, 0
		}
		return q, q.holding(list)
	}
	if early {
		return []func() (Params, int){start, end, both}
	}
	return []func() (Params, int){end, start, both}
}

// triedMoved is the binary logarithm of how many kinds are tried.
func triedMoved() float64 { return math.Log2(float64(len(Kinds()))) }

// startOf is the start value by which a telegram verifies.
func (k Kind) startOf(s Signed) uint16 {
	return bits.Reverse16(k.Ending(s.Sum).Before(s.Text).register)
}

// vote sets word to what most telegrams say, and returns how many do; 0 where that may be an
// accident.
func vote(list []Signed, of func(Signed) uint16, word *uint16) int {
	votes, most := map[uint16]int{}, 0
	for _, s := range list {
		w := of(s)
		if votes[w]++; votes[w] > most {
			most, *word = votes[w], w
		}
	}
	a := agreement{n: most, of: len(list)}
	if most == 0 || !certain([]agreement{a}, triedMoved()) {
		return 0
	}
	return most
}

// holding counts the telegrams that verify.
func (p Params) holding(list []Signed) (n int) {
	k := Kind{newAlgebra("", p)}
	for _, s := range list {
		if k.Sum(s.Text) == s.Sum {
			n++
		}
	}
	return n
}

// usualFits reports whether as many telegrams verify by a usual start value and final XOR.
func (p Params) usualFits(list []Signed, n int) bool {
	for i := range 8 {
		q := p
		q.Init, q.Xor, q.NoSlash = -uint16(i&1), -uint16(i>>1&1), i>>2 == 1
		if q.holding(list) >= n {
			return true
		}
	}
	return false
}

// Moved reports whether a kind is one of the known ones but for a start value or a final XOR
// that no standard has: either the meter's own, or something that was replaced by hand.
func (k Kind) Moved() bool {
	p := k.of().Params
	usual := func(word uint16) bool { return word == 0 || word == 0xFFFF }
	if usual(p.Init) && usual(p.Xor) {
		return false
	}
	for _, known := range Kinds() {
		if k.SamePolynomial(known) {
			return true
		}
	}
	return false
}
