package chart

import "strings"

// plane is where a picture shows values: between two axes, whose texts are left of it and
// below it.
//
//	99 %  ├──────────────────
//	      │    •────•────•
//	90 %  ├────────────────── rungs
//	      00:00   03:00   06:00
//	              hour
type plane struct {
	tall   float64 // with the texts
	x, y   axis
	shapes []shape

	left, top, right, bottom float64 // where the values are, once it is laid out
}

// axis says which values a side of the plane shows.
type axis struct {
	from, to float64
	ticks    []tick
	title    string // of the horizontal one
	lined    bool   // the horizontal one is drawn
}

// tick is a value that an axis names.
type tick struct {
	value float64
	label string
}

// shape is what is drawn on a plane.
type shape func(c canvas, p *plane)

// part returns where a value is on an axis: 0 at its beginning, 1 at its end.
func (a axis) part(v float64) float64 {
	if a.to == a.from {
		return 0
	}
	return (v - a.from) / (a.to - a.from)
}

// across and up return where values are in the picture.
func (p *plane) across(v float64) float64 { return p.left + p.x.part(v)*(p.right-p.left) }
func (p *plane) up(v float64) float64     { return p.bottom - p.y.part(v)*(p.bottom-p.top) }

// Distances of an axis from its texts, and from one line of them to the next.
const (
	axisSize    = textSize - 1
	besideLabel = 6
	belowAxis   = 7
	axisRow     = 13
)

func axisStyle() style { return style{colour: solid(muted), size: axisSize} }

// draw lays the plane out between two corners, and draws it.
func (p *plane) draw(c canvas, left, top, right, bottom float64) {
	p.layOut(c, left, top, right, bottom)
	p.labels(c)
	if p.x.lined {
		c.stroke(line{colour: solid(grid), width: 1}, point{p.left, p.bottom}, point{p.right, p.bottom})
	}
	for _, s := range p.shapes {
		s(c, p)
	}
}

// layOut makes room for the texts: left for the longest of the vertical axis, below for
// the lines of the horizontal one, and on each side for what sticks out of it.
func (p *plane) layOut(c canvas, left, top, right, bottom float64) {
	p.left, p.top, p.right, p.bottom = left, top, right, bottom
	for _, t := range p.y.ticks {
		p.left = max(p.left, left+c.width(axisStyle(), t.label)+besideLabel)
		if p.y.part(t.value) > 0.99 {
			p.top = top + rise*axisSize
		}
	}
	rows := 0
	for _, t := range p.x.ticks {
		rows = max(rows, strings.Count(t.label, "\n")+1)
	}
	if p.x.title != "" {
		rows++
	}
	p.bottom -= belowAxis + float64(rows)*axisRow
	for range 2 { // room on one side moves what is at the other
		for _, t := range p.x.ticks {
			at, half, part := p.across(t.value), labelWidth(c, t.label)/2, p.x.part(t.value)
			if out := left - (at - half); out > 0 && part < 0.5 {
				p.left += out / (1 - part)
			}
			if out := at + half - right; out > 0 && part >= 0.5 {
				p.right -= out / part
			}
		}
	}
}

// labelWidth is the width of the longest line of a label.
func labelWidth(c canvas, label string) (width float64) {
	for line := range strings.SplitSeq(label, "\n") {
		width = max(width, c.width(axisStyle(), line))
	}
	return width
}

// labels writes the texts of both axes.
func (p *plane) labels(c canvas) {
	s := axisStyle()
	for _, t := range p.y.ticks {
		write(c, s, point{p.left - besideLabel, p.up(t.value) + rise*axisSize}, end, t.label)
	}
	first := p.bottom + belowAxis + 2*rise*axisSize
	last := first
	for _, t := range p.x.ticks {
		y := first
		for line := range strings.SplitSeq(t.label, "\n") {
			write(c, s, point{p.across(t.value), y}, middle, line)
			last = max(last, y)
			y += axisRow
		}
	}
	if len(p.x.ticks) > 0 {
		last += axisRow
	}
	if p.x.title != "" {
		write(c, s, point{(p.left + p.right) / 2, last + 1}, middle, p.x.title)
	}
}

// rungs draws lines across the plane at the ticks of the vertical axis.
func rungs(c canvas, p *plane) {
	for _, t := range p.y.ticks {
		c.stroke(line{colour: solid(grid), width: 1}, point{p.left, p.up(t.value)}, point{p.right, p.up(t.value)})
	}
}
