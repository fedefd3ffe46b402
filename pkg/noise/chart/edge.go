package chart

import (
	"math"

	"p1/pkg/noise/diagnose"
)

// edge sketches what a late edge does to a bit: the level that the meter sends, the one
// that the receiver sees, and the moment at which it looks. Where rising edges are late, it
// looks at a 1 that has not risen yet:
//
//	sent       ▁▁▁▁▁▁▁▁▁█████████
//	seen       ▁▁▁▁▁▁▁▁▁▁▁▁▁▂▄▆▇█
//	looks here          ▲ too low: still a 0
//
// Where falling ones are, that of the start bit is one of them: the receiver counts from
// it, looks late at all bits, and sees the 1 behind a 0.
func (p *Picture) edge(r *diagnose.Report) {
	p.Title = "How a late edge becomes a wrong bit"
	s := sketch{}
	switch {
	case len(r.Findings) > 0 && r.Findings[0].Signature == diagnose.OnesLost:
		p.Words = "The level rises so late that in the middle of the bit, when the receiver looks, it is still low: the 1 is read as a 0."
		s.looks = []look{{0.5, "0"}, {1.5, "0"}}
		s.delay = crossing
		p.keys = []key{{swatch(faint(good, 0.5)), "sent"}, {swatch(solid(bad)), "seen by the receiver"}, {tip(solid(mark)), "it looks here"}}
	case len(r.Findings) > 0 && r.Findings[0].Signature == diagnose.ZerosLost:
		p.Words = "The edge of the start bit, a falling one, has come late. The receiver counts from it, and looks so late that the bit is over: the 0 is read as the 1 behind it."
		s.looks = []look{{0.5 + crossing, "1"}}
		p.keys = []key{{swatch(faint(good, 0.5)), "sent, and seen"}, {tip(solid(mark)), "it looks here for the 0, counted from a late start edge"}}
	default:
		p.none("No late edge is to blame.")
		return
	}
	p.Unit = "A sketch, not a measurement: two bits of 8.68 µs at 115,200 baud, a 0 and then a 1"
	pl := p.axes(150)
	pl.x = axis{to: 2, ticks: []tick{{0.5, "sent 0"}, {1.5, "sent 1"}}}
	pl.y = axis{from: -0.12, to: 1.45, ticks: []tick{{0, "low"}, {1, "high"}}}
	pl.shapes = []shape{s.draw}
}

// sketch is a 0 and a 1, and when the receiver looks at them.
type sketch struct {
	delay float64 // bits after which the level that is seen crosses the half; 0: at once
	looks []look
}

// look is a moment, in bits, and what is read then.
type look struct {
	at    float64
	reads string
}

// crossing is how late an edge of the sketch comes, in bits.
const crossing = 0.62

// draw draws it. A late level follows the sent one as a capacitor is charged.
func (s sketch) draw(c canvas, p *plane) {
	at := func(x, y float64) point { return point{p.across(x), p.up(y)} }
	c.stroke(line{colour: solid(muted), width: 1, dash: []float64{2, 3}}, at(0, 0.5), at(2, 0.5))
	c.text(style{colour: solid(muted), size: textSize - 1}, point{p.left + 4, p.up(0.5) - 3}, "threshold")
	c.stroke(line{colour: faint(good, 0.5), width: 4}, at(0, 0), at(1, 0), at(1, 1), at(2, 1))
	if s.delay > 0 {
		seen := []point{at(0, 0)}
		for t := 0.0; t <= 1; t += 0.02 {
			seen = append(seen, at(1+t, 1-math.Exp(-t*math.Ln2/s.delay)))
		}
		c.stroke(line{colour: solid(bad), width: 2}, seen...)
	}
	for _, l := range s.looks {
		c.stroke(line{colour: faint(mark, 0.8), width: 1.5, dash: []float64{4, 3}}, at(l.at, 0), at(l.at, 1.12))
		tip(solid(mark))(c, at(l.at, 1.15))
		write(c, style{colour: solid(mark), size: textSize}, at(l.at, 1.24), middle, "reads "+l.reads)
	}
}
