package diagnose

import (
	"bytes"
	"fmt"
	"math"
	"testing"
	"time"

	"p1/pkg/noise/verdict"
	"p1/pkg/sim"
	"p1/pkg/telegram"
)

// bitTime is that of 115200 baud in µs.
const bitTime = 1e6 / 115200

// The share of damaged telegrams is what the simulated line does to them, with and without
// stop bits that are missed, within three deviations of chance.
func TestDamagedShare(t *testing.T) {
	for _, c := range []struct{ late, scatter float64 }{{3.12, 0.26}, {2.9, 0.35}, {2.5, 0.5}, {3.4, 0.26}, {-3.0, 0.26}, {-2.6, 0.3}} {
		noise, late := "slow-rise", c.late
		if late < 0 {
			noise, late = "slow-fall", -late
		}
		o, err := sim.ParseOptions(fmt.Sprintf("meter=nl&telegrams=1500&logger=all&noise=%s&rate=1&pause-rate=1&late=%g&scatter=%g", noise, late, c.scatter))
		if err != nil {
			t.Fatal(err)
		}
		s, err := sim.New(o)
		if err != nil {
			t.Fatal(err)
		}
		d, r := New(Options{}), Report{}
		damaged := 0.0
		for x, ok := s.Next(); ok; x, ok = s.Next() {
			r.Totals.Telegrams++
			r.Totals.Bytes += int64(len(x.Sent))
			for _, b := range x.Sent {
				d.sent[b]++
			}
			if !bytes.Equal(x.Received, x.Sent) {
				damaged++
			}
		}
		n := float64(r.Totals.Telegrams)
		chars := d.characters(&r)
		low, high := chars.damaged(c.late/bitTime, c.scatter/bitTime, false), chars.damaged(c.late/bitTime, c.scatter/bitTime, true)
		chance := 3 * math.Sqrt(n*high*(1-high))
		t.Logf("late %g ± %g µs: %g of %g, expected %.1f to %.1f", c.late, c.scatter, damaged, n, low*n, high*n)
		if damaged < low*n-chance || damaged > high*n+chance {
			t.Errorf("late %g ± %g µs: %g of %g are damaged, expected %.1f to %.1f", c.late, c.scatter, damaged, n, low*n, high*n)
		}
	}
}

// Edges that come in time and hardly scatter damage nothing; so late that all are missed
// they damage everything.
func TestDamagedShareAtTheEnds(t *testing.T) {
	c := characters{{100, 20}, {300, 200}, {100, 100}}
	if x := c.damaged(0, 0.03, true); x > 1e-12 {
		t.Errorf("in time: %g", x)
	}
	if x := c.damaged(0.9, 0.03, false); x < 1-1e-12 || x > 1 {
		t.Errorf("late: %g", x)
	}
	// One character with one edge, that is missed from 0.1 to 0.1625 bit on, wherever in a
	// 16th of a bit the start edge is seen, with hypot(0.05, 0.05) bit of scatter of both:
	// 3.6038 % by the midpoint rule with 100,000 points.
	one := characters{{0, 0}, {1, 0}}
	if x := one.damaged(0.4, 0.05, false); math.Abs(x-0.036038) > 1e-6 {
		t.Errorf("one edge: %g", x)
	}
}

// The pace is the median of the steps, whatever was lost between two telegrams, and holes
// do not count.
func TestPace(t *testing.T) {
	begin := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	var p pace
	at := func(seconds int, sure bool) {
		p.add(verdict.Moment{Clock: telegram.Clock{Time: begin.Add(time.Duration(seconds) * time.Second)}, Known: true}, sure)
	}
	if p.aDay() != 0 {
		t.Error("of nothing there is a pace")
	}
	for _, s := range []int{0, 10, 20, 31, 40, 50} {
		at(s, true)
	}
	at(77777, false) // damaged
	at(70, true)
	at(7000, true)
	p.rest()
	at(90000, true)
	if got := p.aDay(); got != 8640 {
		t.Errorf("%g telegrams a day, want 8640", got)
	}
}
