package forms

import (
	"fmt"
	"strings"
)

// A counter is a number that a meter shows: digits before and after the point, and how
// far it may go from one telegram to the next.
type counter struct {
	n               int64 // in the last digit
	whole, decimals int
	up              bool  // it only grows
	step            int64 // at most
}

// number draws one with about so many digits.
func (c *composer) number(whole, decimals int, up bool) *counter {
	limit := int64(1)
	for range min(whole, 6) + decimals {
		limit *= 10
	}
	v := &counter{n: limit/20 + c.Int64N(limit/2), whole: whole, decimals: decimals, up: up, step: 2}
	if up && decimals > 0 && decimals < 3 {
		v.step = 0 // a hundredth in ten seconds is much for a register
	}
	return v
}

// next goes on by a little.
func (c *composer) next(v *counter) {
	if v.up {
		v.n += c.Int64N(v.step + 1)
	} else {
		v.n += c.Int64N(2*v.step+1) - v.step
		v.n = max(v.n, 0)
	}
}

// written is the number with its leading zeros, or without for no width.
func (v *counter) written() string { return digits(v.n, v.whole, v.decimals) }

// meant is the number without leading zeros.
func (v *counter) meant() string { return digits(v.n, 1, v.decimals) }

func digits(n int64, whole, decimals int) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	s := fmt.Sprintf("%0*d", whole+decimals, n)
	if decimals == 0 {
		return sign + s
	}
	return sign + s[:len(s)-decimals] + "." + s[len(s)-decimals:]
}

// star puts the unit behind a number.
func star(number, unit string) string {
	if unit == "" {
		return number
	}
	return number + "*" + unit
}

// groups takes a code apart: A-B, C, D.E.
func groups(code string) (ab, c, de string) {
	ab, rest, _ := strings.Cut(code, ":")
	c, de, _ = strings.Cut(rest, ".")
	return ab, c, de
}
