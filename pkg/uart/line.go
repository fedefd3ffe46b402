// Package uart takes how late the edges of a line are and gives what a receiver makes
// of each byte: how likely every reading is.
//
// A character is a start bit (0), eight data bits, the lowest first, and a stop bit (1).
// The receiver's clock starts at the edge of the start bit and looks at the middle of
// each bit time:
//
//	position  0     1  2  3  4  5  6  7  8   9
//	          start 0  1  2  3  4  5  6  7   stop
//	'8'       0     0  0  0  1  1  1  0  0   1
//	boundary      0   1  2  3  4  5  6  7   8       the edges are at 3, 6 and 8
//	looked at   ↑   ↑  ↑  ↑  ↑  ↑  ↑  ↑  ↑   ↑
//
// What counts is how late an edge is relative to that of the start bit. By more than half
// a bit late, and the position after it is read as the one before; by more than half a
// bit early, and the position before it is read as the one after. So there are four kinds
// of wrong bits that a line can make, and a bit with no edge beside it is none of them:
//
//	1 read as 0, a rising edge before it:   rising edges are late, or the receiver looks early
//	0 read as 1, a falling edge before it:  a falling edge is late, or the receiver looks early
//	1 read as 0, a falling edge after it:   the start edge is late, or the receiver looks late
//	0 read as 1, a rising edge after it:    falling edges, the start edge among them, are late
//
// All times are in bit times: at 115200 baud 8.68 µs.
package uart

import "math"

// Line is what a line and a receiver do to each character. The zero value does nothing.
type Line struct {
	Rise, Fall float64 // how late rising and falling edges are; the start edge is a falling one
	Own        float64 // scatter of each edge's own: a standard deviation
	Common     float64 // scatter that the rising edges of a character share, and, each for itself, the falling ones
	StartLate  float64 // how much later than other falling edges the start edge is; below 0 earlier
	Shift      float64 // scatter of all edges of a character but its start edge, which they share
	Clock      float64 // share by which the receiver's clock is slow: 0.02 looks at bit 7 0.17 bit late
}

// SeenLate is by how much a receiver sees a start edge late on average, in bit times: it
// looks 16 times in one.
const SeenLate = 1.0 / 32

// sharpest is the least scatter of an edge's own that is calculated with, and finest the
// least distance of two steps of an integration.
const (
	sharpest = 0.001
	finest   = 0.012
)

// Readings is what may be read of a byte, as probabilities that add up to 1.
type Readings struct {
	Good    [256]float64 // the byte that is read, with a stop bit of 1
	Framing [256]float64 // the same, with a stop bit read as 0
	Missed  float64      // the start bit is not taken for one: its middle is high
	// Passed is how often the next character, if it follows at once, begins before the
	// stop bit is looked at: that is read as 0, and the next start edge is missed.
	Passed float64
}

// Reader returns what gives the readings of a byte. That of one line is for many bytes: how
// likely an edge between two bits is late or early is worked out once.
func (l Line) Reader() func(sent byte) Readings {
	passed := Beyond((0.5 - 9.5*l.Clock - SeenLate) / (math.Sqrt2 * math.Hypot(max(l.Own, sharpest), l.Common)))
	own := max(l.Own, sharpest)
	start := math.Hypot(own, l.Shift)
	var all []edges
	for _, s := range normal(start, stepsOf(start, own)) {
		late := l.StartLate + s.at
		falling := l.margins(-late, own)
		for _, c := range normal(math.Sqrt2*l.Common, stepsOf(math.Sqrt2*l.Common, own)) {
			if weight := s.weight * c.weight; weight >= negligible {
				all = append(all, edges{l.margins(l.Rise-l.Fall+c.at-late, own), falling, weight})
			}
		}
	}
	return func(sent byte) Readings {
		r := Readings{Passed: passed}
		for i := range all {
			all[i].read(&r, sent)
		}
		return r
	}
}

// edges is how likely each edge of a character is late or early, the place of its start edge
// and what its edges share being given; weight is how likely that is.
type edges struct {
	rising, falling *margins
	weight          float64
}

// margins is how likely an edge at each boundary is late or early by more than half a bit.
type margins struct{ late, early [boundaries]float64 }

// margins are those of edges that are late by so much, and scatter by own.
func (l Line) margins(by, own float64) *margins {
	m := &margins{}
	for b := range boundaries {
		after := 0.5 + l.Clock*(float64(b)+1.5) + SeenLate
		before := 0.5 - l.Clock*(float64(b)+0.5) - SeenLate
		m.late[b], m.early[b] = Beyond((after-by)/own), Beyond((before+by)/own)
	}
	return m
}

// read adds what is read of a byte.
func (e *edges) read(r *Readings, sent byte) {
	w := walk{levels: levelsOf(sent), out: r}
	for b := range boundaries {
		high := w.levels>>(b+1)&1 == 1
		if high == (w.levels>>b&1 == 1) {
			continue
		}
		m := e.falling
		if high {
			m = e.rising
		}
		w.late[b], w.early[b] = m.late[b], m.early[b]
	}
	w.step(0, w.levels, e.weight)
}

// boundaries is how many boundaries between positions a character has.
const boundaries = 9

// levelsOf is a character as it is sent: position k is bit k.
func levelsOf(b byte) uint16 { return uint16(b)<<1 | 1<<9 }

// walk goes from boundary to boundary: each edge is on time, late or early.
type walk struct {
	levels      uint16
	late, early [boundaries]float64
	out         *Readings
}

// negligible is the probability below which a reading is not followed.
const negligible = 1e-12

func (w *walk) step(b int, read uint16, p float64) {
	if p < negligible {
		return
	}
	for b < boundaries && w.late[b]+w.early[b] < negligible {
		b++
	}
	if b == boundaries {
		w.out.add(read, p)
		return
	}
	w.step(b+1, read, p*(1-w.late[b]-w.early[b]))
	w.step(b+1, set(read, b+1, w.levels>>b), p*w.late[b])
	w.step(b+1, set(read, b, w.levels>>(b+1)), p*w.early[b])
}

// set gives a position the level that stands lowest.
func set(levels uint16, position int, level uint16) uint16 {
	return levels&^(1<<position) | level&1<<position
}

// add counts a character as it is read.
func (r *Readings) add(levels uint16, p float64) {
	value := byte(levels >> 1)
	switch {
	case levels&1 == 1:
		r.Missed += p
	case levels>>9&1 == 1:
		r.Good[value] += p
	default:
		r.Framing[value] += p
	}
}

// A point of an integral over a normal distribution.
type point struct{ at, weight float64 }

// reach is how far an integral goes, in standard deviations.
const reach = 5.5

// stepsOf is how many points an integral takes on each side, so that two stand no further
// apart than the scatter that smooths what is integrated.
func stepsOf(deviation, smooth float64) int {
	return min(max(6, int(math.Ceil(reach*deviation/max(smooth, finest)))), 80)
}

// normal are points of a normal distribution around 0, with weights that add up to 1.
func normal(deviation float64, steps int) []point {
	if deviation == 0 {
		return []point{{0, 1}}
	}
	var points []point
	sum := 0.0
	for i := -steps; i <= steps; i++ {
		x := reach * float64(i) / float64(steps)
		p := point{x * deviation, math.Exp(-x * x / 2)}
		sum += p.weight
		points = append(points, p)
	}
	for i := range points {
		points[i].weight /= sum
	}
	return points
}

// Beyond is the probability that a standard normal variable lies above x.
func Beyond(x float64) float64 { return math.Erfc(x/math.Sqrt2) / 2 }
