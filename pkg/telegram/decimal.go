package telegram

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Decimal is a meter's number, exact: Digits × 10^-Scale.
type Decimal struct {
	Digits int64
	Scale  int
}

// maxDigits is how many digits surely fit in an int64.
const maxDigits = 18

// ParseDecimal reads the decimal text of a meter: digits, with at most one point
// among them and a minus before them or not. It has at most 18 digits.
func ParseDecimal(text string) (Decimal, bool) {
	d := Decimal{}
	digits, point := 0, -1
	body, negative := strings.CutPrefix(text, "-")
	for i := 0; i < len(body); i++ {
		c := body[i]
		switch {
		case c == '.' && point < 0:
			point = i
		case IsDigit(c):
			digits++
			if digits > maxDigits {
				return Decimal{}, false
			}
			d.Digits = d.Digits*10 + int64(c-'0')
		default:
			return Decimal{}, false
		}
	}
	if digits == 0 {
		return Decimal{}, false
	}
	if point >= 0 {
		d.Scale = len(body) - point - 1
	}
	if negative {
		d.Digits = -d.Digits
	}
	return d, true
}

// Shift returns d × 10^-n with the same digits: a number of W becomes one of kW
// with n = 3. A negative n that exceeds the decimals appends zeros.
func (d Decimal) Shift(n int) Decimal {
	d.Scale += n
	for d.Scale < 0 {
		d.Digits *= 10
		d.Scale++
	}
	return d
}

// String writes d with all its decimals and no leading zeros: 8234.524, 0.000.
func (d Decimal) String() string {
	var room [48]byte
	return string(d.Append(room[:0]))
}

// Append appends what String writes.
func (d Decimal) Append(b []byte) []byte {
	n := uint64(d.Digits)
	if d.Digits < 0 {
		b = append(b, '-')
		n = -n
	}
	var room [20]byte
	digits := strconv.AppendUint(room[:0], n, 10)
	whole := len(digits) - d.Scale // digits before the point
	switch {
	case d.Scale == 0:
		return append(b, digits...)
	case whole > 0:
		b = append(append(b, digits[:whole]...), '.')
		return append(b, digits[whole:]...)
	}
	b = append(b, '0', '.')
	for ; whole < 0; whole++ {
		b = append(b, '0')
	}
	return append(b, digits...)
}

// Plus returns d + e, exact; false where that has more digits than a Decimal holds.
func (d Decimal) Plus(e Decimal) (sum Decimal, ok bool) {
	const most = math.MaxInt64 / 10
	for d.Scale != e.Scale {
		less := &d
		if e.Scale < d.Scale {
			less = &e
		}
		if less.Digits > most || less.Digits < -most {
			return sum, false
		}
		*less = Decimal{Digits: less.Digits * 10, Scale: less.Scale + 1}
	}
	sum = Decimal{Digits: d.Digits + e.Digits, Scale: d.Scale}
	return sum, (sum.Digits > d.Digits) == (e.Digits > 0) // else it has wrapped
}

// Times returns d × e, exact; false where that has more digits than a Decimal holds.
func (d Decimal) Times(e Decimal) (product Decimal, ok bool) {
	product = Decimal{Digits: d.Digits * e.Digits, Scale: d.Scale + e.Scale}
	return product, d.Digits == 0 || product.Digits/d.Digits == e.Digits && (d.Digits != -1 || e.Digits != math.MinInt64)
}

// Rat returns d as an exact fraction.
func (d Decimal) Rat() *big.Rat {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.Scale)), nil)
	return new(big.Rat).SetFrac(big.NewInt(d.Digits), scale)
}
