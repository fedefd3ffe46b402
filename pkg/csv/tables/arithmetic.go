package tables

import "p1/pkg/telegram"

// Minus returns a − b, exactly, false where that has more digits than a Decimal holds.
func Minus(a, b telegram.Decimal) (telegram.Decimal, bool) { return minus(a, b) }

// Above reports whether a > b.
func Above(a, b telegram.Decimal) bool { return above(a, b) }

// Quotient returns a × factor / b with three decimals, halves rounded away from zero;
// false where that has more digits than a Decimal holds. b and factor are above zero.
func Quotient(a telegram.Decimal, factor int64, b telegram.Decimal) (telegram.Decimal, bool) {
	return rounded(a, factor, b)
}
