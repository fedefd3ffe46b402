package tables

import (
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"p1/pkg/telegram"
)

// anyDecimal is a number of a random size and scale, seldom one that is out of
// a meter's range.
func anyDecimal(rng *rand.Rand) telegram.Decimal {
	d := telegram.Decimal{Digits: rng.Int64N(1e18), Scale: rng.IntN(6)}
	for range rng.IntN(19) {
		d.Digits /= 10
	}
	if rng.IntN(10) == 0 {
		d.Scale = rng.IntN(20)
	}
	if rng.IntN(2) == 0 {
		d.Digits = -d.Digits
	}
	return d
}

// TestExact compares the arithmetic of whole numbers with that of fractions.
func TestExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	fits := 0
	for range 20000 {
		a, b := anyDecimal(rng), anyDecimal(rng)
		x, y := a.Rat(), b.Rat()
		if sum, ok := a.Plus(b); ok {
			fits++
			if sum.Rat().Cmp(new(big.Rat).Add(x, y)) != 0 {
				t.Errorf("%s + %s is %s", a, b, sum)
			}
		}
		if difference, ok := minus(a, b); ok && difference.Rat().Cmp(new(big.Rat).Sub(x, y)) != 0 {
			t.Errorf("%s - %s is %s", a, b, difference)
		}
		if got := above(a, b); got != (x.Cmp(y) > 0) {
			t.Errorf("%s > %s is %v", a, b, got)
		}
		product := new(big.Rat).Mul(x, big.NewRat(360, 1))
		if got, ok := times(a, 360); ok != holds(product, a.Scale) || ok && got.String() != product.FloatString(a.Scale) {
			t.Errorf("%s × 360 is %s, %v, want %s", a, got, ok, product.FloatString(a.Scale))
		}
		b.Digits = abs(b.Digits) + 1
		factor := 1 + rng.Int64N(4000)
		quotient := new(big.Rat).Quo(new(big.Rat).Mul(x, big.NewRat(factor, 1)), b.Rat())
		want := quotient.FloatString(3)
		if want == "-0.000" {
			want = "0.000"
		}
		for _, round := range []func(telegram.Decimal, int64, telegram.Decimal) (telegram.Decimal, bool){rounded, roundedRat} {
			if got, ok := round(a, factor, b); ok != holds(quotient, 3) || ok && got.String() != want {
				t.Errorf("%s × %d / %s is %s, %v, want %s", a, factor, b, got, ok, want)
			}
		}
	}
	if fits < 10000 {
		t.Errorf("only %d sums fit", fits)
	}
}

// holds reports whether a Decimal of a scale can hold a number, rounded to it.
func holds(r *big.Rat, scale int) bool {
	digits := strings.Replace(r.FloatString(scale), ".", "", 1)
	n, _ := new(big.Int).SetString(digits, 10)
	return n.IsInt64()
}
