package diagnose_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"p1/pkg/noise/diagnose"
	"p1/pkg/sim/longtest"
)

// steadyLine is a line on which every edge is late by itself, as the simulation has it.
type steadyLine struct {
	query          string
	late           float64 // bits, of rising edges against falling ones
	scatter, shift float64 // bits
	clock          float64
	telegrams      int
}

var steadyLines = []steadyLine{
	{"noise=slow-rise&rate=1&pause-rate=1&late=3.12&scatter=0.26", 3.12 / bit, 0.26 / bit, 0, 0, 300},
	{"noise=slow-rise&rate=1&pause-rate=1&late=3.00&scatter=0.36", 3.00 / bit, 0.36 / bit, 0, 0, 300},
	{"noise=slow-fall&rate=1&pause-rate=1&late=2.40&scatter=0.36", -2.40 / bit, 0.36 / bit, 0, 0, 120},
	{"noise=jitter&scatter=0.82", 0, 0.82 / bit, 0, 0, 100},
	{"noise=jitter&scatter=0.6&shift=0.9", 0, 0.6 / bit, 0.9 / bit, 0, 200},
	{"noise=clock&clock-error=2&scatter=0.55", 0, 0.55 / bit, 0, 0.02, 100},
}

// looks is how often the receiver looks at the line in a bit time: it sees a start edge
// late by up to one of these.
const looks = 16

// spread is the scatter of an edge against the start edge, but for how late that is seen.
func (l *steadyLine) spread() float64 {
	return math.Sqrt(2*l.scatter*l.scatter + l.shift*l.shift)
}

// margin is, in the report's terms, how far edges of a kind stay from the middle of a bit.
func (l *steadyLine) margin(edge string, k float64) float64 {
	by := l.late
	if strings.Contains(edge, "falling") {
		by = 0
	}
	p := 0.0
	const steps = 200
	for i := range steps {
		seen := (float64(i) + 0.5) / steps / looks
		away := 0.5 + seen + l.clock*(k+1.5) - by
		if strings.Contains(edge, "before") {
			away = 0.5 - seen - l.clock*(k+1.5) + by
		}
		p += math.Erfc(away/l.spread()/math.Sqrt2) / 2 / steps
	}
	return math.Sqrt2 * math.Erfinv(1-2*p)
}

// common is the share of the scatter that all edges of a character have in common.
func (l *steadyLine) common() float64 {
	seen := 1. / looks / looks / 12
	return (l.scatter*l.scatter + l.shift*l.shift + seen) / (l.spread()*l.spread() + seen)
}

// The 95 % intervals of what is measured hold the truth in 90 to 98 % of logs, and that of
// the margin is no wider than 15 % either way where 200 bits are wrong.
func TestMeasures(t *testing.T) {
	logs := longtest.Pick(2, 20, 100)
	held, all := 0, 0
	for _, l := range steadyLines {
		count := map[string][2]int{}
		check := func(name string, m *diagnose.Measured, truth float64) {
			if m == nil {
				return
			}
			c := count[name]
			if c[1]++; m.Low <= truth && truth <= m.High {
				c[0]++
			}
			count[name] = c
		}
		for seed := range logs {
			log, _ := simulated(t, fmt.Sprintf("meter=nl&%s&telegrams=%d&seed=%d", l.query, l.telegrams, 3000+seed))
			r := diagnosed(t, diagnose.Options{}, log)
			e := &r.Edges
			if e.Edge == "" {
				continue
			}
			check("margin", e.Margin, l.margin(e.Edge, e.Bit))
			check("growth", e.Growth, l.margin(e.Edge, e.Bit+0.5)-l.margin(e.Edge, e.Bit-0.5))
			check("common", e.Common, l.common())
			check("late", e.Late, l.late)
			if wrong(&r) >= 200 && e.Margin.High-e.Margin.Low > 0.3*e.Margin.Value {
				t.Errorf("%s, seed %d: the margin is %+v", l.query, 3000+seed, *e.Margin)
			}
		}
		t.Logf("%s: intervals that hold, of so many: %v", l.query, count)
		for _, c := range count {
			held += c[0]
			all += c[1]
		}
	}
	t.Logf("%d of %d intervals hold", held, all)
	chance := 3 * math.Sqrt(0.05*0.95/float64(max(all, 1)))
	if share := float64(held) / float64(max(all, 1)); all == 0 || share < 0.90-chance || share > 0.98+chance {
		t.Errorf("%d of %d intervals hold", held, all)
	}
}

// wrong is how many bits are wrong.
func wrong(r *diagnose.Report) (n int64) {
	for row := range r.Bits.Wrong {
		for _, c := range r.Bits.Wrong[row] {
			n += c
		}
	}
	return n
}
