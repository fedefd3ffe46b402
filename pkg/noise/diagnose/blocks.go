package diagnose

import (
	"cmp"
	"math"
	"slices"
)

// blocks keeps the damage of a log by time and segment, in no more memory than a few
// thousand cells: all are as wide as it takes.
type blocks struct {
	width int64 // seconds
	cells map[cell]count
}

// cell is a stretch of the meter's clock, within a segment.
type cell struct {
	segment int
	number  int64 // seconds since 1970 over width
}

// count is how many telegrams came, and how often they were hit: the sum over them, and
// the sum of the squares.
type count struct{ telegrams, hits, squares int64 }

func (c *count) add(o count) {
	c.telegrams += o.telegrams
	c.hits += o.hits
	c.squares += o.squares
}

const (
	narrowest = 10   // seconds of a cell, at first
	mostCells = 2000 // beyond them each two become one
	widest    = 1 << 40
)

func newBlocks() *blocks { return &blocks{width: narrowest, cells: map[cell]count{}} }

// add counts telegrams at a time, in seconds since 1970.
func (b *blocks) add(segment int, at int64, one count) {
	b.put(cell{segment, floorDiv(at, b.width)}, one)
	for len(b.cells) > mostCells && b.width < widest {
		b.widen()
	}
}

func (b *blocks) put(at cell, one count) {
	one.add(b.cells[at])
	b.cells[at] = one
}

// widen doubles the width of the cells.
func (b *blocks) widen() {
	old := b.cells
	b.width, b.cells = 2*b.width, make(map[cell]count, len(old))
	for at, one := range old {
		b.put(cell{at.segment, floorDiv(at.number, 2)}, one)
	}
}

func floorDiv(a, b int64) int64 {
	if a < 0 {
		return -((-a + b - 1) / b)
	}
	return a / b
}

// window is a stretch of a segment in which storms are looked for.
type window struct {
	segment int
	at      float64 // seconds since 1970; the middle of its telegrams
	count
}

func (w *window) rate() float64 { return float64(w.hits) / float64(w.telegrams) }

// windows joins the cells of the segments from a first one up to another, to windows of a
// four-hundredth of the telegrams each, or more where so few are hardly hit, segment by
// segment and in the order of time. The first segment counts as 0.
func (b *blocks) windows(from, to int) []window {
	var order []cell
	sum := count{}
	for at, one := range b.cells {
		if at.segment >= from && at.segment < to {
			order = append(order, at)
			sum.add(one)
		}
	}
	slices.SortFunc(order, func(a, c cell) int {
		return cmp.Or(cmp.Compare(a.segment, c.segment), cmp.Compare(a.number, c.number))
	})
	full := max(8, sum.telegrams/400, min(sum.telegrams/40, int64(2*sum.apart()*float64(sum.telegrams)/float64(max(sum.hits, 1)))))
	var out []window
	for _, at := range order {
		segment := at.segment - from
		if n := len(out); n == 0 || out[n-1].segment != segment || out[n-1].telegrams >= full {
			out = append(out, window{segment: segment})
		}
		w, one := &out[len(out)-1], b.cells[at]
		w.add(one)
		w.at += ((float64(at.number)+0.5)*float64(b.width) - w.at) * float64(one.telegrams) / float64(w.telegrams)
	}
	return out
}

// calm leaves the storms out, and says how many telegrams of each segment were in them. A
// storm hits many telegrams in a row: it is one disturbance that says little about what
// the line is like. Where the storms are most of the damage nothing is left out.
func calm(all []window, segments int) (left []window, stormy []int64) {
	stormy = make([]int64, segments)
	sum, inStorms := count{}, int64(0)
	for _, w := range all {
		sum.add(w.count)
	}
	for i := range all {
		w := &all[i]
		if w.storm(rateNear(all, i), sum.apart()) {
			stormy[w.segment] += w.telegrams
			inStorms += w.hits
		} else {
			left = append(left, *w)
		}
	}
	if 3*(sum.hits-inStorms) < sum.hits {
		return all, make([]int64, segments)
	}
	return left, stormy
}

// apart is how many hits of a telegram stand for one that is independent of others, at
// most: their mean over the hits.
func (c *count) apart() float64 { return max(1, float64(c.squares)/float64(max(c.hits, 1))) }

// storm reports whether a window is hit more than three times as often as what is around
// it, and that not by chance, which is that of independent hits.
func (w *window) storm(rate, apart float64) bool {
	three := 3 * rate * float64(w.telegrams) / apart
	return float64(w.hits)/apart > three+2*math.Sqrt(three)+2
}

// nearby is how many windows on either side are around one.
const nearby = 60

// rateNear is how often telegrams are hit around a window, in its segment, without the
// three tenths of the windows that are hit most.
func rateNear(all []window, i int) float64 {
	var near []window
	for j := max(i-nearby, 0); j <= min(i+nearby, len(all)-1); j++ {
		if all[j].segment == all[i].segment {
			near = append(near, all[j])
		}
	}
	slices.SortFunc(near, func(a, c window) int { return cmp.Compare(a.rate(), c.rate()) })
	sum := count{}
	for _, w := range near[:(len(near)*7+9)/10] {
		sum.add(w.count)
	}
	return float64(sum.hits) / float64(sum.telegrams)
}

// block is a stretch of time within a segment. Hits that come together in a telegram say
// no more than one, so hits and telegrams are divided by how many do.
type block struct {
	segment    int
	at         float64 // seconds since 1970; the middle of its telegrams
	begin, end float64 // of its first and last window
	telegrams  float64
	hits       float64
	cos, sin   float64 // of the time of day
}

const (
	hitsInBlock = 8  // on average, at least: of fewer the logarithm says little
	mostBlocks  = 50 // of a segment
	allBlocks   = 400
)

// joined makes blocks of windows, of about as many telegrams each within a segment, in the
// order of time.
func joined(windows []window, segments int) []block {
	phi := together(windows)
	full := make([]float64, segments) // telegrams of a block
	for k := range full {
		n := sumOf(windows, k)
		most := min(mostBlocks, float64(allBlocks/segments))
		full[k] = float64(n.telegrams) / phi / max(min(math.Floor(float64(n.hits)/phi/hitsInBlock), most), 1)
	}
	var out []block
	for _, w := range windows {
		if n := len(out); n == 0 || out[n-1].segment != w.segment || out[n-1].telegrams >= full[w.segment]*(1-1e-9) {
			out = append(out, block{segment: w.segment, begin: w.at})
		}
		b, more := &out[len(out)-1], float64(w.telegrams)/phi
		b.telegrams += more
		b.hits += float64(w.hits) / phi
		b.end = w.at
		b.place(b.at + (w.at-b.at)*more/b.telegrams)
	}
	slices.SortStableFunc(out, func(a, c block) int { return cmp.Compare(a.at, c.at) })
	return out
}

// place says when the block is.
func (b *block) place(at float64) {
	b.at = at
	b.sin, b.cos = math.Sincos(at * 2 * math.Pi / day)
}

// sumOf counts what is in the windows of a segment.
func sumOf(all []window, segment int) (sum count) {
	for _, w := range all {
		if w.segment == segment {
			sum.add(w.count)
		}
	}
	return sum
}

// together is how many hits come together in a telegram: their variance over their mean.
// Where they are independent it is 1.
func together(all []window) float64 {
	sum := count{}
	for _, w := range all {
		sum.add(w.count)
	}
	if sum.hits == 0 {
		return 1
	}
	return max(1, float64(sum.squares)/float64(sum.hits)-float64(sum.hits)/float64(sum.telegrams))
}

// wander is what the segments from a first one up to another say of the line's drift.
func (b *blocks) wander(from, to int) *wander {
	segments := to - from
	windows, stormy := calm(b.windows(from, to), segments)
	return wanderOf(joined(windows, segments), segments, stormy)
}
