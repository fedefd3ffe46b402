package crc

import "math/bits"

// polynomial is one over GF(2): the bit i of word w is the coefficient of x^(64w+i). The
// last word is not 0, except that of no polynomial but 0, which has none.
type polynomial []uint64

// degree is that of a polynomial; -1 of 0.
func (p polynomial) degree() int {
	if len(p) == 0 {
		return -1
	}
	return 64*len(p) - 1 - bits.LeadingZeros64(p[len(p)-1])
}

// trimmed is the polynomial without leading zeros.
func (p polynomial) trimmed() polynomial {
	for len(p) > 0 && p[len(p)-1] == 0 {
		p = p[:len(p)-1]
	}
	return p
}

// withoutX is the polynomial divided by x as often as that goes. A CRC's polynomial has
// the term 1, so x is no factor of it.
func (p polynomial) withoutX() polynomial {
	for len(p) > 0 && p[0] == 0 {
		p = p[1:]
	}
	if len(p) == 0 {
		return p
	}
	n := bits.TrailingZeros64(p[0])
	if n == 0 {
		return p
	}
	q := make(polynomial, len(p))
	for i := range p {
		q[i] = p[i] >> n
		if i+1 < len(p) {
			q[i] |= p[i+1] << (64 - n)
		}
	}
	return q.trimmed()
}

// mod turns p into what is left of it after the division by q, which is not 0.
func (p polynomial) mod(q polynomial) polynomial {
	d := q.degree()
	for {
		shift := p.degree() - d
		if shift < 0 {
			return p
		}
		p[shift/64:].add(q, uint(shift%64))
		p = p.trimmed()
	}
}

// add adds q times x^by to a polynomial that is long enough; by is less than 64.
func (p polynomial) add(q polynomial, by uint) {
	low := uint64(0)
	head := p[:len(q)]
	for i, w := range q {
		head[i] ^= w<<(by&63) | low
		low = w >> 1 >> (^by & 63)
	}
	if low != 0 {
		p[len(q)] ^= low
	}
}

// commonDivisor is the greatest common divisor of two polynomials; both are used up.
func commonDivisor(a, b polynomial) polynomial {
	for len(b) > 0 {
		a, b = b, a.mod(b)
	}
	return a
}

// mostSpare is the highest degree of what a divisor of degree 16 is looked for without.
const mostSpare = 6

// only16 is the divisor of degree 16 that has the term 1, without its term x16, where there is
// one and no other: what telegrams have in common may be a small multiple of the CRC's.
//
//	x17+x16+x13+x12+x6+x5+x+1 = (x16+x12+x5+1)·(x+1)   of degree 1 there is x+1 only
func (p polynomial) only16() (low uint16, ok bool) {
	spare := p.degree() - 16
	if spare < 0 || spare > mostSpare {
		return 0, false
	}
	if spare == 0 {
		return uint16(p[0]), true
	}
	for h := uint64(1)<<spare | 1; h < 2<<spare; h += 2 {
		q, rest := divided(p[0], h)
		switch {
		case rest != 0:
		case ok:
			return 0, false
		default:
			low, ok = uint16(q), true
		}
	}
	return low, ok
}

// divided divides polynomials that fit one word.
func divided(p, q uint64) (quotient, rest uint64) {
	d := bits.Len64(q)
	for bits.Len64(p) >= d {
		shift := bits.Len64(p) - d
		quotient |= 1 << shift
		p ^= q << shift
	}
	return quotient, p
}
