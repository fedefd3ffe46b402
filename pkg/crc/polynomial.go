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
