package telegram

import (
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

// Rat returns d as an exact fraction.
func (d Decimal) Rat() *big.Rat {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.Scale)), nil)
	return new(big.Rat).SetFrac(big.NewInt(d.Digits), scale)
}
