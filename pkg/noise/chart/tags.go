package chart

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// tag names a place on the horizontal axis.
type tag struct {
	at   float64
	text string
}

// tags draws a line at each place that is on the axis, a sign on top of it, and the name
// beside it as far as there is room.
func tags(all []tag, rule draw.LineStyle) shape {
	const levels, step = 3, 14
	return func(c draw.Canvas, p *plot.Plot) {
		x, _ := p.Transforms(&c)
		letters := style(solid(mark), textSize-1, draw.XLeft, draw.YTop)
		var taken [levels]vg.Length // how far to the right names reach
		for _, one := range sortedBy(all, func(one tag) float64 { return one.at }) {
			if one.at < p.X.Min || one.at > p.X.Max {
				continue
			}
			at, level := x(one.at), 0
			left := at + 7
			if left+letters.Width(one.text) > c.Max.X {
				left = at - 7 - letters.Width(one.text)
			}
			for level < levels && left < taken[level] {
				level++
			}
			top := c.Max.Y
			if level < levels {
				top -= vg.Length(level) * step
				c.FillText(letters, vg.Point{X: left, Y: top}, one.text)
				taken[level] = left + letters.Width(one.text) + 12
			}
			tip(solid(mark))(c, vg.Point{X: at, Y: top - 6})
			c.StrokeLine2(rule, at, c.Min.Y, at, top-10)
		}
	}
}

// tip is the sign of a place: it points down.
func tip(i Colour) func(draw.Canvas, vg.Point) {
	return func(c draw.Canvas, at vg.Point) {
		var p vg.Path
		p.Move(vg.Point{X: at.X - 4, Y: at.Y + 3})
		p.Line(vg.Point{X: at.X + 4, Y: at.Y + 3})
		p.Line(vg.Point{X: at.X, Y: at.Y - 4})
		p.Close()
		fill(c, i, p)
	}
}
