package diagnose

import (
	"math"
	"testing"
)

// TestWilsonOfNothing: of nothing the interval begins at 0, and of all it ends at 1, to the
// last digit; the other end is z²/(n+z²) away, as the formula comes out there.
func TestWilsonOfNothing(t *testing.T) {
	for n := 1.0; n < 5000; n++ {
		s := wilson(0, n)
		if want := 1.96 * 1.96 / (n + 1.96*1.96); s.Value != 0 || s.Low != 0 || math.Abs(s.High-want) > 1e-12 {
			t.Fatalf("0 of %v: %v, want up to %v", n, s, want)
		}
		if s := wilson(n, n); s.Value != 1 || s.High != 1 || math.Abs(s.Low-n/(1.96*1.96+n)) > 1e-12 {
			t.Fatalf("%v of %v: %v, want up to 1", n, n, s)
		}
	}
}

// TestRhythmFigures: of four windows with 1, 3, 1 and 3 hits the mean is 2 and the
// variance 4/3; of distances of 1 and 3 telegrams the mean is 2 and the deviation 1.
// Where all are alike nothing deviates.
func TestRhythmFigures(t *testing.T) {
	for _, c := range []struct {
		r                      rhythm
		dispersion, burstiness float64
	}{
		{rhythm{windows: map[int]int64{1: 2, 3: 2}, n: 4, sum: 8, squares: 20}, 2. / 3, -1. / 3},
		{rhythm{windows: map[int]int64{7: 49}, n: 49, sum: 147, squares: 441}, 0, -1},
		{rhythm{windows: map[int]int64{0: 3, 4: 1}, n: 4, sum: 8, squares: 32}, 4, 0},
	} {
		out := c.r.report()
		if math.Abs(out.Dispersion-c.dispersion) > 1e-15 || math.Abs(out.Burstiness-c.burstiness) > 1e-15 {
			t.Errorf("%+v: dispersion %v and burstiness %v, want %v and %v", c.r, out.Dispersion, out.Burstiness, c.dispersion, c.burstiness)
		}
	}
}
