package report

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"p1/pkg/noise/words"
)

func TestPercentText(t *testing.T) {
	for _, c := range []struct {
		failed, total int64
		want          string
	}{
		{0, 0, "0 %"}, {0, 54, "0 %"}, {1, 1, "100 %"}, {804, 804, "100 %"},
		{999, 1000, "99.9 %"}, {199, 200, "99.5 %"}, {994, 1000, "99.4 %"}, {99_999, 100_000, "99.999 %"},
		{721, 804, "90 %"}, {798, 804, "99.25 %"}, {9_005, 10_000, "90.1 %"}, // 90.05 exactly
		{21, 25, "84 %"}, {1, 3, "33 %"}, {2, 3, "67 %"}, {1, 8, "13 %"}, {3, 8, "38 %"},
		{1, 10, "10 %"}, {1, 20, "5 %"}, {996, 10000, "10 %"}, {994, 10000, "9.9 %"},
		{13, 10000, "0.13 %"}, {21, 1000000, "0.0021 %"}, {1, 1000000, "0.0001 %"},
		{1, 1_000_000_000_000_000, "0.0000000000001 %"},
	} {
		if got := percentText(c.failed, c.total); got != c.want {
			t.Errorf("%d of %d: %s, want %s", c.failed, c.total, got, c.want)
		}
	}
}

// slowPercent is percent by exact fractions and the standard library's rounding.
func slowPercent(failed, total int64) *big.Rat {
	p := big.NewRat(100*failed, total)
	ten, hundred := big.NewRat(10, 1), big.NewRat(100, 1)
	scaled := new(big.Rat).Sub(hundred, p) // what is missing
	if p.Cmp(scaled) < 0 {
		scaled.Set(p)
	}
	decimals := 0
	for ; scaled.Sign() > 0 && scaled.Cmp(ten) < 0; decimals++ {
		scaled.Mul(scaled, ten)
	}
	text := p.FloatString(decimals)
	rounded, _ := new(big.Rat).SetString(text)
	// 9.96 gives 10.0, which is written 10: the value is the same.
	if rounded.Cmp(hundred) > 0 {
		panic(text)
	}
	return rounded
}

func TestPercentIsExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	check := func(failed, total int64) {
		t.Helper()
		if got, want := percent(failed, total).Rat(), slowPercent(failed, total); got.Cmp(want) != 0 {
			t.Fatalf("%d of %d: %s %%, want %s", failed, total, percent(failed, total), want.FloatString(12))
		}
	}
	for total := int64(1); total <= 150; total++ {
		for failed := int64(1); failed <= total; failed++ {
			check(failed, total)
		}
	}
	for range 3000 {
		total := 1 + rng.Int64N(1_000_000_000_000_000)
		check(1+rng.Int64N(total), total)
		check(1+rng.Int64N(min(total, 1000)), total)
	}
}

// What is counted and what is estimated are written alike.
func TestOneStyle(t *testing.T) {
	for total := int64(2); total <= 400; total += 7 {
		for part := int64(0); part <= total; part++ {
			p := 100 * float64(part) / float64(total)
			if tie := p * 1000; math.Abs(tie-math.Round(tie)) < 1e-6 && tie != math.Round(tie/1000)*1000 {
				continue // a float may round it the other way
			}
			if got, want := words.Ratio(part, total), percentText(part, total); got != want {
				t.Errorf("%d of %d is %q and %q", part, total, got, want)
			}
		}
	}
}

func TestStepAgainstBruteForce(t *testing.T) {
	check := func(failed, total int64) {
		t.Helper()
		now, n := slowPercent(failed, total), int64(1)
		for slowPercent(failed, total+n).Cmp(now) >= 0 {
			n++
		}
		if got := cleanUntilStep(failed, total); got != n {
			t.Fatalf("%d of %d: %d, want %d", failed, total, got, n)
		}
	}
	for total := int64(1); total <= 60; total++ {
		for failed := int64(1); failed <= total; failed++ {
			check(failed, total)
		}
	}
	for _, c := range [][2]int64{{1, 1000}, {5, 1000}, {100, 1000}, {721, 804}, {2000, 2445}, {1, 201}, {199, 200}} {
		check(c[0], c[1])
	}
}

// Where brute force takes too long: the step happens at n, and not at n-1.
func TestStepIsTheFirst(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		total := 1 + rng.Int64N(1_000_000_000_000)
		failed := 1 + rng.Int64N(min(total, 1+rng.Int64N(total)))
		now, n := slowPercent(failed, total), cleanUntilStep(failed, total)
		if n < 1 || slowPercent(failed, total+n).Cmp(now) >= 0 || slowPercent(failed, total+n-1).Cmp(now) != 0 {
			t.Fatalf("%d of %d: %d", failed, total, n)
		}
	}
	if got := cleanUntilStep(0, 54); got != 0 {
		t.Errorf("no failure: %d", got)
	}
}

func TestReliability(t *testing.T) {
	for _, c := range []struct {
		failed, total int64
		want          string
	}{
		{1, 10, "1.0 nines"}, {1, 1000, "3.0 nines"}, {5, 1000, "2.3 nines"}, {1, 2, "0.3 nines"},
		{804, 804, "0.0 nines"}, {3, 8, "0.4 nines"}, {2, 8, "0.6 nines"},
		{0, 54, "1.2 nines or more"}, {0, 30, "1.0 nines or more"}, {0, 29, "0.9 nines or more"}, {0, 3000, "3.0 nines or more"},
		{0, 3, "too few to say more"},
	} {
		if got := Reliability(c.failed, c.total); got != c.want {
			t.Errorf("%d of %d: %s, want %s", c.failed, c.total, got, c.want)
		}
	}
}

func TestHoursText(t *testing.T) {
	for _, c := range []struct {
		n, pace int64
		want    string
	}{
		{1, 10, "under 0.1 hours"}, {17, 10, "under 0.1 hours"}, {18, 10, "0.1 hours"}, {360, 10, "1.0 hours"},
		{3600, 1, "1.0 hours"}, {359_999, 1, "100 hours"}, {35_900, 10, "99.7 hours"}, {36_720, 10, "102 hours"},
	} {
		if got := hoursText(c.n, c.pace); got != c.want {
			t.Errorf("%d at %d s: %s, want %s", c.n, c.pace, got, c.want)
		}
	}
}
