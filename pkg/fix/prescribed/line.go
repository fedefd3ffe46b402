package prescribed

import (
	"math"
	"slices"

	"p1/pkg/channel"
	"p1/pkg/fix/expect"
)

// Line is what one received line was.
type Line struct {
	Start, End int // of the text of the shape
	// Likely is how likely it is that the meter has sent such a line; the values in it are another
	// matter. It is 0 of a line that nothing explains, or that has a unit which nobody knows.
	Likely float64
}

// Lines reads a telegram line by line, of a line that does to bytes what the costs say, which may
// be known better by now than when it was planned: the shape that it may have had, and of each
// received line what it was.
func (p *Plans) Lines(costs *channel.Costs) (*expect.Shape, []Line) {
	c := p.chooser.by(costs)
	list, _ := c.choose(p.dialect)
	plan := c.plan(p.dialect, list, 0, nil)
	lines := make([]Line, len(list))
	w := c.weigh(p.dialect)
	for j, ch := range list {
		lines[j] = Line{Start: plan.lines[j].start, End: plan.lines[j].end}
		if len(ch.list) > 0 && !ch.list[0].odd {
			lines[j].Likely = w.share(j, &ch.list[0]) * ch.list[0].sure()
		}
	}
	return plan.Shape, lines
}

// by returns a chooser of the same telegram by other costs: all that may explain its lines is
// priced anew.
func (c *chooser) by(costs *channel.Costs) *chooser {
	again := *c
	again.explained = true
	again.costs, again.fits, again.letters = costs, map[[2]int][]form{}, map[letterKey]string{}
	for key, list := range c.fits {
		var priced []form
		for _, f := range list {
			if g, ok := fit(f.cells, c.text(key[1]), costs); ok {
				g.text, g.odd = f.text, f.odd
				g.surprise(f.prior)
				priced = append(priced, g)
			}
		}
		again.fits[key] = distinct(priced)
	}
	return &again
}

// weights are those of all walks over the lines of a dialect and the received ones: ahead[k][j] of
// the ways to k lines and j received ones, behind[k][j] of the ways on from there. A line that is
// passed over comes after the received ones that are none of the dialect's, so that each
// explanation is one walk; skipping is of the walks that have just passed one over.
type weights struct {
	*chooser
	d                      *dialect
	least                  []float64 // of each received line, the cost of the best form
	ahead, skipping        [][]float64
	behind, behindSkipping [][]float64
}

// weigh works out the weights.
func (c *chooser) weigh(d *dialect) *weights {
	n, m := len(d.lines), len(c.segs)
	w := &weights{chooser: c, d: d}
	for j := range c.segs {
		least := never
		for _, f := range c.others(j) {
			least = min(least, f.cost)
		}
		for _, l := range d.lines {
			for _, f := range c.explain(l, j) {
				least = min(least, f.cost)
			}
		}
		w.least = append(w.least, min(least, garbage))
	}
	grid := func() [][]float64 {
		g := make([][]float64, n+2)
		for k := range g {
			g[k] = make([]float64, m+2)
		}
		return g
	}
	w.ahead, w.skipping, w.behind, w.behindSkipping = grid(), grid(), grid(), grid()
	w.forwards(n, m)
	w.backwards(n, m)
	return w
}

// forwards works out the ways to each place, of n lines and m received ones.
func (w *weights) forwards(n, m int) {
	for j := range m + 1 {
		most := 0.0
		for k := range n + 1 {
			a, s := 0.0, 0.0
			switch {
			case j == 0 && k == 0:
				a = 1
			case j > 0:
				a = w.ahead[k][j-1] * w.extra(j-1)
			}
			if k > 0 && j > 0 {
				a += (w.ahead[k-1][j-1] + w.skipping[k-1][j-1]) * w.match(k-1, j-1)
			}
			if k > 0 {
				s = (w.ahead[k-1][j] + w.skipping[k-1][j]) * math.Exp(-absent(w.d.lines[k-1]))
			}
			w.ahead[k][j], w.skipping[k][j] = a, s
			most = max(most, a, s)
		}
		normalise(j, most, w.ahead, w.skipping)
	}
}

// backwards works out the ways on from each place.
func (w *weights) backwards(n, m int) {
	for j := m; j >= 0; j-- {
		most := 0.0
		for k := n; k >= 0; k-- {
			on := 0.0
			if k == n && j == m {
				on = 1
			}
			if k < n && j < m {
				on += w.match(k, j) * w.behind[k+1][j+1]
			}
			if k < n {
				on += math.Exp(-absent(w.d.lines[k])) * w.behindSkipping[k+1][j]
			}
			w.behindSkipping[k][j] = on
			if j < m {
				on += w.extra(j) * w.behind[k][j+1]
			}
			w.behind[k][j] = on
			most = max(most, on)
		}
		normalise(j, most, w.behind, w.behindSkipping)
	}
}

// normalise keeps the weights of so many received lines near 1: their shares are what counts.
func normalise(j int, most float64, grids ...[][]float64) {
	for _, g := range grids {
		for k := range g {
			if most > 0 {
				g[k][j] /= most
			}
		}
	}
}

// extra is the weight of a received line that is none of the dialect's at its place, match that of
// one that is line k of it.
func (w *weights) extra(j int) float64 {
	if len(w.others(j)) == 0 {
		return math.Exp(w.least[j] - garbage)
	}
	return w.sum(w.others(j), j, nil)
}

func (w *weights) match(k, j int) float64 {
	l := w.d.lines[k]
	return w.sum(w.explain(l, j), j, nil) * math.Exp(-present(l))
}

// sum is the weight of those of some forms of a received line that are the same as one, or of all.
func (w *weights) sum(list []form, j int, as *form) (sum float64) {
	for i := range list {
		if as == nil || slices.Equal(list[i].cells, as.cells) {
			sum += math.Exp(w.least[j] - list[i].cost)
		}
	}
	return sum
}

// share is how likely a form is what received line j was.
func (w *weights) share(j int, f *form) float64 {
	this, all := 0.0, 0.0
	for k := range len(w.d.lines) + 1 {
		if as := w.ahead[k][j] * w.behind[k][j+1]; as > 0 {
			this += as * w.sum(w.others(j), j, f)
			all += as * w.extra(j)
		}
		if k == len(w.d.lines) {
			continue
		}
		if as := (w.ahead[k][j] + w.skipping[k][j]) * w.behind[k+1][j+1]; as > 0 {
			l := w.d.lines[k]
			this += as * w.sum(w.explain(l, j), j, f) * math.Exp(-present(l))
			all += as * w.match(k, j)
		}
	}
	if all == 0 {
		return 0
	}
	return this / all
}
