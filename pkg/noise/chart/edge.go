package chart

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"p1/pkg/noise/diagnose"
)

// edge sketches what a late edge does to a bit: the level that the meter sends, the one
// that the receiver sees, and the moment at which it looks.
//
//	sent       ▁▁▁▁▁▁▁▁▁█████████
//	seen       ▁▁▁▁▁▁▁▁▁▁▁▁▁▂▄▆▇█
//	looks here          ▲ too low: still a 0
func (p *Picture) edge(r *diagnose.Report) {
	p.Title = "How a late edge becomes a wrong bit"
	falls := false
	switch {
	case len(r.Findings) > 0 && r.Findings[0].Signature == diagnose.OnesLost:
	case len(r.Findings) > 0 && r.Findings[0].Signature == diagnose.ZerosLost:
		falls = true
	default:
		p.none("No late edge is to blame.")
		return
	}
	was, is := "0", "1"
	if falls {
		was, is = is, was
	}
	p.Unit = "A sketch, not a measurement: two bits of 8.68 µs at 115,200 baud, a " + was + " and then a " + is
	p.keys = []key{{swatch(faint(good, 0.5)), "sent"}, {swatch(solid(bad)), "seen by the receiver"}, {tip(solid(mark)), "it looks here"}}
	p.Words = "The level turns so late that in the middle of the bit, when the receiver looks, it is still on the old side: the " + is + " is read as a " + was + "."
	pl := p.axes(150)
	pl.X.Min, pl.X.Max = 0, 2
	pl.Y.Min, pl.Y.Max = -0.12, 1.45
	pl.X.LineStyle.Width = 0
	pl.X.Tick.Marker = ticks{{Value: 0.5, Label: "sent " + was}, {Value: 1.5, Label: "sent " + is}}
	pl.Y.Tick.Marker = ticks{{Value: 0, Label: "low"}, {Value: 1, Label: "high"}}
	pl.Add(sketch{falls, [2]string{was, was}})
}

// sketch is the two bits, falling or rising, and what is read of each.
type sketch struct {
	falls bool
	read  [2]string
}

// The level that is seen follows the sent one as a capacitor is charged: it crosses the
// half, at which the receiver tells 0 from 1, 0.62 of a bit after the edge.
const (
	crossing = 0.62 // bits
	looks    = 0.5  // bits, after the beginning of each
)

// Plot makes it a plotter of gonum.
func (s sketch) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	level := func(v float64) vg.Length {
		if s.falls {
			v = 1 - v
		}
		return y(v)
	}
	c.StrokeLine2(line(solid(muted), 1, 2, 3), c.Min.X, y(0.5), c.Max.X, y(0.5))
	letters := style(solid(muted), textSize-1, draw.XLeft, draw.YBottom)
	c.FillText(letters, vg.Point{X: c.Min.X + 4, Y: y(0.5) + 2}, "threshold")
	c.StrokeLines(line(faint(good, 0.5), 4), []vg.Point{{X: x(0), Y: level(0)}, {X: x(1), Y: level(0)}, {X: x(1), Y: level(1)}, {X: x(2), Y: level(1)}})
	seen := []vg.Point{{X: x(0), Y: level(0)}}
	for t := 0.0; t <= 1; t += 0.02 {
		seen = append(seen, vg.Point{X: x(1 + t), Y: level(1 - math.Exp(-t*math.Ln2/crossing))})
	}
	c.StrokeLines(line(solid(bad), 2), seen)
	for bit, what := range s.read {
		at := x(float64(bit) + looks)
		c.StrokeLine2(line(faint(mark, 0.8), 1.5, 4, 3), at, y(0), at, y(1.12))
		tip(solid(mark))(c, vg.Point{X: at, Y: y(1.15)})
		c.FillText(style(solid(mark), textSize, draw.XCenter, draw.YBottom), vg.Point{X: at, Y: y(1.22)}, "reads "+what)
	}
}
