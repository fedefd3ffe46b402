package expect

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"p1/pkg/telegram"
)

// seconds reads what telegram.ParseClock reads: every day of the century with a
// day more in each month, each hour, and texts that are nearly clocks.
func TestSecondsAgreesWithParseClock(t *testing.T) {
	check := func(text string) {
		t.Helper()
		c, err := telegram.ParseClock(text)
		got, ok := Seconds([]byte(text))
		if got != c.Time.Unix() || ok != (err == nil) {
			t.Fatalf("%q is %d, %v; want %d, %v", text, got, ok, c.Time.Unix(), err)
		}
	}
	for day := range 100 * 13 * 33 {
		check(fmt.Sprintf("%02d%02d%02d120000", day/33/13, day/33%13, day%33))
	}
	start := time.Date(2026, time.January, 1, 0, 0, 59, 0, time.UTC)
	for m := range 2 * 24 * 60 {
		check(start.Add(time.Duration(m)*time.Minute).Format("060102150405") + "SW"[m%2:m%2+1])
	}
	dice := rand.New(rand.NewPCG(1, 2))
	for range 100000 {
		text := []byte("260329015959W")[:11+dice.IntN(3)]
		for range 1 + dice.IntN(3) {
			text[dice.IntN(len(text))] = "0123456789SW:/ \xff"[dice.IntN(16)]
		}
		check(string(text))
	}
}

// Where the usual changes are left out, they would not have changed a bit.
func TestNegligible(t *testing.T) {
	for mean := 1.0; mean < 1e9; mean *= 1.7 {
		tr := trend{mean: mean}
		for x := 40.0; x < 1e6; x *= 1.01 {
			d := math.Round(x * mean)
			rare := tr.mean / ((d + tr.mean) * (d + tr.mean))
			if want := 0.9*(math.Exp(-(d-1)/tr.mean)/tr.mean) + 0.1*rare; tr.register(d) != want {
				t.Fatalf("register, mean %g, change %g: %g, want %g", mean, d, tr.register(d), want)
			}
			rare = 1 / (2 * (d + 1) * 12)
			if want := 0.8*(math.Exp(-d/tr.mean)/(2*tr.mean)) + 0.2*rare; tr.instant(d) != want {
				t.Fatalf("instant, mean %g, change %g: %g, want %g", mean, d, tr.instant(d), want)
			}
		}
	}
}

// Up to a limit the costs are those without one, and above it they stay above.
func TestCostUpTo(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 4))
	for range 200000 {
		f := Field{Kind: Kind(dice.IntN(4)), seen: 1000, changed: float64(dice.IntN(1000)), size: 1e4 * dice.Float64()}
		s := Shape{Fields: []Field{f}, period: 10}
		c := Context{Seq: 5}
		if dice.IntN(3) > 0 {
			c.Prev = &Observed{Seq: 4 - dice.Int64N(4), Values: []int64{dice.Int64N(10000)}}
		}
		if dice.IntN(3) > 0 {
			c.Next = &Observed{Seq: 6 + dice.Int64N(4), Values: []int64{dice.Int64N(20000)}}
		}
		p := s.Prior(0, c)
		v, most := dice.Int64N(20000), 40*dice.Float64()
		want, got := p.Cost(v), p.CostUpTo(most, v)
		if got != want && (want <= most || got <= most) {
			t.Fatalf("field %+v, context %+v, value %d: %g up to %g, want %g", f, c, v, got, most, want)
		}
	}
}
