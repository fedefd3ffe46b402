package tables

import (
	"math"
	"math/big"

	"p1/pkg/telegram"
)

// minus returns a − b, false where that has more digits than a Decimal holds.
func minus(a, b telegram.Decimal) (difference telegram.Decimal, ok bool) {
	b.Digits = -b.Digits
	return a.Plus(b)
}

// above reports whether a > b.
func above(a, b telegram.Decimal) bool {
	if a.Scale == b.Scale {
		return a.Digits > b.Digits
	}
	if d, ok := minus(a, b); ok {
		return d.Digits > 0
	}
	return a.Rat().Cmp(b.Rat()) > 0
}

// rounded returns a × factor / b with three decimals, halves rounded away from
// zero; false where that has more digits than a Decimal holds. b and factor are above
// zero.
func rounded(a telegram.Decimal, factor int64, b telegram.Decimal) (telegram.Decimal, bool) {
	n := abs(a.Digits)
	shift := 3 + b.Scale - a.Scale
	if n > 1e9 || factor > 1e5 || b.Digits > 1e14 || shift < -4 || shift > 4 {
		return roundedRat(a, factor, b)
	}
	// All below fits: the dividend is at most 10^18, and so is the divisor.
	n *= factor
	d := b.Digits
	for ; shift > 0; shift-- {
		n *= 10
	}
	for ; shift < 0; shift++ {
		d *= 10
	}
	q := telegram.Decimal{Digits: (2*n + d) / (2 * d), Scale: 3}
	if a.Digits < 0 {
		q.Digits = -q.Digits
	}
	return q, true
}

// roundedRat is rounded for numbers of any size.
func roundedRat(a telegram.Decimal, factor int64, b telegram.Decimal) (telegram.Decimal, bool) {
	thousands := new(big.Rat).Mul(a.Rat(), big.NewRat(1000*factor, 1))
	thousands.Quo(thousands, b.Rat())
	digits, ok := new(big.Int).SetString(thousands.FloatString(0), 10)
	return telegram.Decimal{Digits: digits.Int64(), Scale: 3}, ok && digits.IsInt64()
}

// times returns a × n with the decimals of a, false where that has more digits than
// a Decimal holds. n is above zero.
func times(a telegram.Decimal, n int64) (telegram.Decimal, bool) {
	return telegram.Decimal{Digits: a.Digits * n, Scale: a.Scale}, abs(a.Digits) <= math.MaxInt64/n
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}
