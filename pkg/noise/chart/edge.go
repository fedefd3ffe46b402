package chart

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

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
	pl.X.Min, pl.X.Max = 0, 2
	pl.Y.Min, pl.Y.Max = -0.12, 1.45
	pl.X.LineStyle.Width = 0
	pl.X.Tick.Marker = ticks{{Value: 0.5, Label: "sent 0"}, {Value: 1.5, Label: "sent 1"}}
	pl.Y.Tick.Marker = ticks{{Value: 0, Label: "low"}, {Value: 1, Label: "high"}}
	pl.Add(s)
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

// Plot makes it a plotter of gonum. A late level follows the sent one as a capacitor is
// charged.
func (s sketch) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	c.StrokeLine2(line(solid(muted), 1, 2, 3), c.Min.X, y(0.5), c.Max.X, y(0.5))
	letters := style(solid(muted), textSize-1, draw.XLeft, draw.YBottom)
	c.FillText(letters, vg.Point{X: c.Min.X + 4, Y: y(0.5) + 2}, "threshold")
	c.StrokeLines(line(faint(good, 0.5), 4), []vg.Point{{X: x(0), Y: y(0)}, {X: x(1), Y: y(0)}, {X: x(1), Y: y(1)}, {X: x(2), Y: y(1)}})
	if s.delay > 0 {
		seen := []vg.Point{{X: x(0), Y: y(0)}}
		for t := 0.0; t <= 1; t += 0.02 {
			seen = append(seen, vg.Point{X: x(1 + t), Y: y(1 - math.Exp(-t*math.Ln2/s.delay))})
		}
		c.StrokeLines(line(solid(bad), 2), seen)
	}
	for _, l := range s.looks {
		at := x(l.at)
		c.StrokeLine2(line(faint(mark, 0.8), 1.5, 4, 3), at, y(0), at, y(1.12))
		tip(solid(mark))(c, vg.Point{X: at, Y: y(1.15)})
		c.FillText(style(solid(mark), textSize, draw.XCenter, draw.YBottom), vg.Point{X: at, Y: y(1.22)}, "reads "+l.reads)
	}
}
