package repair

import (
	"math"
	"slices"
)

// choice is another value of a column than its best, with what it costs more and
// how it changes the CRC.
type choice struct {
	column int
	value  int // index among the column's values
	cost   float64
	mass   float64
	delta  uint16
}

// walk goes through the combinations of choices, at most one a column, in layers
// of rising cost.
type walk struct {
	columns [][]choice // each sorted by cost, the columns by their cheapest choice
	target  uint16     // the change of the CRC that is looked for
	limit   int        // how many combinations may be tested
	open    *changes   // of the CRC that was sent, where that is not known; or nil
	all     bool       // any combination is looked at

	low, high float64   // the layer: low < cost ≤ high
	chosen    []*choice // of the combination being tested
	tests     int
	seen      float64                             // mass of the combinations tested
	hit       func(cost float64, chosen []choice) // chosen is its own
}

func newWalk(columns [][]choice, target uint16, limit int, hit func(float64, []choice)) *walk {
	columns = slices.DeleteFunc(columns, func(c []choice) bool { return len(c) == 0 })
	slices.SortFunc(columns, func(a, b []choice) int { return cmpFloat(a[0].cost, b[0].cost) })
	return &walk{columns: columns, target: target, limit: limit, hit: hit, high: -1}
}

// layer tests all combinations that cost more than the layer before and at most
// high; it returns false once the limit is reached.
func (w *walk) layer(high float64) bool {
	w.low, w.high = w.high, high
	if w.low < 0 {
		w.test(0, 1, 0)
	}
	w.from(0, 0, 1, 0)
	return w.tests < w.limit
}

// from adds one more choice, of the columns from first on, and goes deeper.
func (w *walk) from(first int, cost, mass float64, delta uint16) {
	for i := first; i < len(w.columns); i++ {
		column := w.columns[i]
		if cost+column[0].cost > w.high {
			return // and so do all columns after it
		}
		for k := range column {
			c := &column[k]
			sum := cost + c.cost
			if sum > w.high || w.tests >= w.limit {
				break
			}
			w.chosen = append(w.chosen, c)
			if sum > w.low {
				w.test(sum, mass*c.mass, delta^c.delta)
			}
			if i+1 < len(w.columns) && sum+w.columns[i+1][0].cost <= w.high {
				w.from(i+1, sum, mass*c.mass, delta^c.delta)
			}
			w.chosen = w.chosen[:len(w.chosen)-1]
		}
	}
}

func (w *walk) test(cost, mass float64, delta uint16) {
	w.tests++
	if w.open != nil {
		w.seen += mass * float64(len(w.open.choices))
		w.testOpen(cost, delta^w.target)
		return
	}
	w.seen += mass
	if delta == w.target || w.all {
		chosen := make([]choice, len(w.chosen))
		for i, c := range w.chosen {
			chosen[i] = *c
		}
		w.hit(cost, chosen)
	}
}

// changes are those of CRCs that are all as likely: instead of one combination
// for each of them, what is left to be changed is looked up.
type changes struct {
	choices []choice // one for each CRC
	has     [1 << 16 / 64]uint64
}

// set makes these the changes.
func (c *changes) set(best choice, others []choice) {
	c.choices = append(append(c.choices[:0], best), others...)
	clear(c.has[:])
	for i := range c.choices {
		delta := c.choices[i].delta
		c.has[delta>>6] |= 1 << (delta & 63)
	}
}

// testOpen is test where the CRC may change by rest.
func (w *walk) testOpen(cost float64, rest uint16) {
	if w.open.has[rest>>6]>>(rest&63)&1 == 0 {
		return
	}
	chosen := make([]choice, 0, len(w.chosen)+1)
	for _, c := range w.chosen {
		chosen = append(chosen, *c)
	}
	i := slices.IndexFunc(w.open.choices, func(c choice) bool { return c.delta == rest })
	w.hit(cost, append(chosen, w.open.choices[i]))
}

// mass is the probability of a value of that cost, relative to the best one.
func mass(cost float64) float64 { return math.Exp(-cost) }
