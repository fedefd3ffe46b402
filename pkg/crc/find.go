package crc

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
)

// Signed is a telegram from '/' to '!', and the CRC that was received after it.
type Signed struct {
	Text []byte
	Sum  uint16
}

// MaxText is how long a telegram may be to be looked at, in bytes: the longest that meters
// are known to send have half as many.
const MaxText = 8 << 10

// Certainty is how unlikely a CRC has to be by accident before [Find] claims it: once in
// 2^30 streams, or 10^9.
const Certainty = 30

// Find learns by which CRC of 16 bits a meter signs, whatever its polynomial, start value,
// final XOR, order of bits and bytes, with '/' and '!' or without, from telegrams of which
// any may be damaged. Those that are likeliest to be whole come first. It reports false
// where no CRC is certain; work is bounded, and takes up to some seconds.
//
// A CRC is linear: in the XOR of two telegrams that are equally long start value and final
// XOR cancel, and the text's XOR times x16, with the CRCs' XOR, is a multiple of the
// polynomial over GF(2). So the greatest common divisor of a few such is the polynomial:
//
//	/XYZ…(000123.456*kWh)…!  1F03
//	/XYZ…(000123.478*kWh)…!  88A1
//	 000…000000000002E000 0  97A2   the XOR of both: a multiple
//
// Of three telegrams that are whole it is the divisor in half of the cases, and a small
// multiple in the others. Which telegrams are whole shows only in that they agree: found is
// a CRC by which so many verify that no stream of random CRCs would have it, after
// multiplying by all that was tried. Start value and final XOR can't be told apart at one
// length; of several sets that do the same to all telegrams the simplest is given.
func Find(list []Signed) (Kind, bool) {
	list = distinct(list)
	groups := byLength(list)
	threes := byTurns(groups)
	for _, r := range readings() {
		for _, g := range r.generators(threes, groups) {
			if p, ok := r.params(g, list); ok {
				return p.Kind()
			}
		}
	}
	return ARC, false
}

// distinct leaves out telegrams whose text was there before: they confirm nothing.
func distinct(list []Signed) (texts []Signed) {
	seen := map[string]bool{}
	for _, s := range list {
		if n := len(s.Text); n > 2 && n <= MaxText && s.Text[0] == '/' && s.Text[n-1] == '!' && !seen[string(s.Text)] {
			seen[string(s.Text)] = true
			texts = append(texts, s)
		}
	}
	return texts
}

// reading is how the bits of a telegram and of its CRC may make a polynomial.
type reading struct{ refIn, refOut, swapped, noBang bool }

// readings are all, those of well-known CRCs first.
func readings() (list []reading) {
	for n := range 16 {
		list = append(list, reading{n&1 == 0, (n>>1)&1 == n&1, n>>2&1 == 1, n>>3 == 1})
	}
	return list
}

// difference is the polynomial that the CRC's is a divisor of, for two telegrams of a length.
func (r reading) difference(a, b Signed) polynomial {
	n := len(a.Text)
	if r.noBang {
		n--
	}
	p := make(polynomial, (8*n+16+63)/64)
	put := func(at int, b byte) { p[at/8] |= uint64(b) << (at % 8 * 8) } // at counts bytes, from the lowest power
	for i := range n {
		x := a.Text[i] ^ b.Text[i]
		if r.refIn {
			x = bits.Reverse8(x)
		}
		put(n+1-i, x)
	}
	sum := a.Sum ^ b.Sum
	if r.swapped {
		sum = bits.ReverseBytes16(sum)
	}
	if r.refOut {
		sum = bits.Reverse16(sum)
	}
	put(1, byte(sum>>8))
	put(0, byte(sum))
	return p.trimmed()
}

// tries bounds how many groups of three telegrams of one length are tried in a reading, if
// these have usual bytes; the work grows with the square of their length.
const (
	tries = 60
	usual = 1400
)

// triesOf is how many groups of three telegrams of a length are tried.
func triesOf(length int) int {
	return min(tries, max(1, tries*usual/max(length, 1)*usual/max(length, 1)))
}

// generators are polynomials of degree 16 that three telegrams or more agree on, with their
// terms from x15 down.
func (r reading) generators(threes [][3]Signed, groups [][]Signed) (found []uint16) {
	spent := 0.0 // of all tries
	for _, x := range threes {
		if spent += 1 / float64(triesOf(len(x[0].Text))); spent > 1.001 {
			break
		}
		d := commonDivisor(r.difference(x[0], x[1]), r.difference(x[0], x[2])).withoutX()
		if g, ok := r.narrowed(d, groups).only16(); ok && !slices.Contains(found, g) {
			found = append(found, g)
		}
	}
	return found
}

// byTurns are groups of three telegrams of a length, the first of each length first: those of
// one may all be damaged.
func byTurns(groups [][]Signed) (threes [][3]Signed) {
	indices := make([][][3]int, len(groups))
	for i, same := range groups {
		indices[i] = triples(len(same))
	}
	for turn := range tries {
		for i, same := range groups {
			if turn < len(indices[i]) {
				x := indices[i][turn]
				threes = append(threes, [3]Signed{same[x[0]], same[x[1]], same[x[2]]})
			}
		}
	}
	return threes
}

// narrowed is what a multiple of the polynomial has in common with the differences of
// other telegrams; one that leaves too little for a CRC is of a damaged telegram.
func (r reading) narrowed(d polynomial, groups [][]Signed) polynomial {
	for _, same := range groups {
		for i := 0; i+1 < len(same) && d.degree() > 16; i++ {
			less := commonDivisor(r.difference(same[i], same[i+1]), slices.Clone(d)).withoutX()
			if less.degree() >= 16 {
				d = less
			}
		}
	}
	return d
}

// byLength are telegrams by their lengths, those of which there are most first; two of a
// length at least.
func byLength(list []Signed) (groups [][]Signed) {
	of := map[int][]Signed{}
	for _, s := range list {
		of[len(s.Text)] = append(of[len(s.Text)], s)
	}
	for _, g := range of {
		if len(g) >= 2 {
			groups = append(groups, g)
		}
	}
	slices.SortFunc(groups, func(a, b []Signed) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return len(a[0].Text) - len(b[0].Text)
	})
	return groups
}

// triples are groups of three of n telegrams: the first ones, then any.
func triples(n int) (list [][3]int) {
	for at := 0; at+2 < n && len(list) < tries/2; at += 3 {
		list = append(list, [3]int{at, at + 1, at + 2})
	}
	dice := rand.New(rand.NewPCG(uint64(n), tries)) // the same each time
	for len(list) < min(tries, n*(n-1)*(n-2)/6) {
		any := dice.Perm(n)
		list = append(list, [3]int(any[:3]))
	}
	return list
}

// params are those by which most telegrams verify, with a generator, if they are certain.
func (r reading) params(generator uint16, list []Signed) (Params, bool) {
	base := Params{Poly: generator, RefIn: r.refIn, RefOut: r.refOut, Swapped: r.swapped, NoBang: r.noBang}
	agree := base.agreeing(list)
	if len(agree) == 0 || !certain(agree, math.Log2(16*32768)) {
		return base, false
	}
	return base.simplest(agree), true
}

// agreement is what telegrams of a length that agree have in common.
type agreement struct {
	length int
	xor    uint16 // final XOR if the start value is 0
	n      int    // how many agree
	of     int    // of so many
}

// agreeing is the largest agreement of each length at which two telegrams agree.
func (p Params) agreeing(list []Signed) (all []agreement) {
	k := Kind{newAlgebra("", p)}
	votes := map[int]map[uint16]int{}
	of := map[int]int{}
	for _, s := range list {
		n := len(s.Text)
		if votes[n] == nil {
			votes[n] = map[uint16]int{}
		}
		votes[n][k.xorOf(s)]++
		of[n]++
	}
	for length, xors := range votes {
		best := agreement{length: length, of: of[length]}
		for xor, n := range xors {
			if n > best.n || n == best.n && xor < best.xor {
				best.xor, best.n = xor, n
			}
		}
		if best.n > 1 {
			all = append(all, best)
		}
	}
	slices.SortFunc(all, func(a, b agreement) int {
		if a.n != b.n {
			return b.n - a.n
		}
		return a.length - b.length
	})
	return all
}

// xorOf is the final XOR by which a telegram verifies.
func (k Kind) xorOf(s Signed) uint16 {
	xor := k.Sum(s.Text) ^ s.Sum
	if k.of().Swapped {
		xor = bits.ReverseBytes16(xor)
	}
	return xor ^ k.of().Xor
}

// certain reports whether so many telegrams don't agree by accident: the bits that they
// have in common, less those of all CRCs that were tried (given as a binary logarithm) and
// of all choices of telegrams that could have agreed.
func certain(agree []agreement, tried float64) bool {
	have := 0.0
	for _, a := range agree {
		have += 16 * float64(a.n-1)
		tried += choices(a.of, a.n)
	}
	return have-tried >= Certainty
}

// choices is the binary logarithm of the number of ways to choose k of n.
func choices(n, k int) float64 {
	of, _ := math.Lgamma(float64(n + 1))
	in, _ := math.Lgamma(float64(k + 1))
	out, _ := math.Lgamma(float64(n - k + 1))
	return (of - in - out) / math.Ln2
}

// simplest are the parameters by which all agreements verify, or as many of them as there
// are any for, the largest first: a usual start value and final XOR if they do, else the
// start value that the lengths determine, or 0 where there is only one.
func (p Params) simplest(agree []agreement) Params {
	var fit *Params
	for n := len(agree); n > 0 && fit == nil; n-- {
		for _, q := range p.starts(agree[:n]) {
			xor, same := q.commonXor(agree[:n])
			q.Xor = xor
			usual := xor == 0 || xor == 0xFFFF
			if same && (usual || fit == nil) {
				fit = &q
				if usual {
					break
				}
			}
		}
	}
	return *fit
}

// starts are the parameters with each start value worth a try, the simplest first.
func (p Params) starts(agree []agreement) (list []Params) {
	for n := range 4 {
		q := p
		q.Init, q.NoSlash = uint16(-(n & 1)), n>>1 == 1
		list = append(list, q)
	}
	if init, ok := p.solved(agree); ok && len(agree) > 1 {
		p.Init = init
		list = append(list, p)
	}
	return list
}

// commonXor is the final XOR by which all agreements verify.
func (p Params) commonXor(agree []agreement) (uint16, bool) {
	xor := agree[0].xor ^ p.effect(agree[0].length)
	for _, a := range agree[1:] {
		if a.xor^p.effect(a.length) != xor {
			return 0, false
		}
	}
	return xor, true
}

// effect is what a start value changes in the CRC of a telegram, before it is written,
// against the start value 0 with '/' in it.
func (p Params) effect(length int) uint16 {
	text := make([]byte, length)
	text[0], text[length-1] = '/', '!'
	plain := p
	plain.Init, plain.NoSlash = 0, false
	change := Kind{newAlgebra("", p)}.Sum(text) ^ Kind{newAlgebra("", plain)}.Sum(text)
	if p.Swapped {
		change = bits.ReverseBytes16(change)
	}
	return change
}

// solved is the start value by which agreements at several lengths verify: what its bits
// change is linear, so this is Gauss's elimination over GF(2).
func (p Params) solved(agree []agreement) (uint16, bool) {
	type equation struct{ bits, right uint16 }
	var reduced []equation
	changes := make([][16]uint16, len(agree))
	for i, a := range agree {
		for bit := range 16 {
			q := p
			q.Init = 1 << bit
			changes[i][bit] = q.effect(a.length)
		}
	}
	for i := 1; i < len(agree); i++ {
		for row := range 16 {
			var e equation
			for bit := range 16 {
				e.bits |= (changes[i][bit] ^ changes[0][bit]) >> row & 1 << bit
			}
			e.right = (agree[i].xor ^ agree[0].xor) >> row & 1
			for _, r := range reduced {
				if top := bits.Len16(r.bits) - 1; e.bits>>top&1 == 1 {
					e.bits, e.right = e.bits^r.bits, e.right^r.right
				}
			}
			switch {
			case e.bits != 0:
				reduced = append(reduced, e)
			case e.right != 0:
				return 0, false
			}
		}
	}
	init := uint16(0)
	for i := len(reduced) - 1; i >= 0; i-- {
		r := reduced[i]
		top := bits.Len16(r.bits) - 1
		if uint16(bits.OnesCount16(r.bits&^(1<<top)&init)&1) != r.right {
			init |= 1 << top
		}
	}
	return init, true
}
