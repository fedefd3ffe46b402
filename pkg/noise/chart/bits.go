package chart

import (
	"fmt"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/words"
)

// bits draws how often a bit was read as its opposite, by the edges beside it and its
// place in the byte.
func (p *Picture) bits(r *diagnose.Report) {
	p.Title = "Bits read as their opposite"
	kinds := r.Bits.Kinds()
	var share [8][8]float64
	highest := 0.0
	where := ""
	for e := range share {
		for b := range share[e] {
			sent, wrong := kinds[e].Sent[b], kinds[e].Wrong[b]
			share[e][b] = -1
			if sent > 0 && wrong >= 0 {
				share[e][b] = min(float64(wrong)/float64(sent), 1)
			}
			if share[e][b] > highest {
				highest, where = share[e][b], fmt.Sprintf("bit %d, a %s", b, kinds[e].Name)
			}
		}
	}
	if highest == 0 {
		p.none("No bit was read as its opposite.")
		return
	}
	scale, per := 100.0, "in per cent of those sent"
	for highest*scale < 1 && scale < 1e7 {
		scale *= 10
		per = "of " + words.Count(int64(scale)) + " sent"
	}
	p.Unit = "How many bits were read as their opposite, " + per + ", by the edges beside it and the place in the byte (bit 0 comes first). An edge before a bit makes it wrong by coming too late, one after it by coming too early; beside no edge it takes something else"
	p.Words = fmt.Sprintf("Most often %s: %s of those sent.", where, words.Percent(highest))
	pl := p.axes(8*24 + 36)
	pl.X.Min, pl.X.Max = 0, 8
	pl.Y.Min, pl.Y.Max = 0, 8
	pl.X.LineStyle.Width = 0
	pl.X.Label.Text = "bit of the byte"
	var x, y ticks
	for b := range 8 {
		x = append(x, plot.Tick{Value: float64(b) + 0.5, Label: fmt.Sprint(b)})
	}
	for e, kind := range kinds {
		y = append(y, plot.Tick{Value: 7.5 - float64(e), Label: kind.Name})
	}
	pl.X.Tick.Marker, pl.Y.Tick.Marker = x, y
	pl.Add(shape(func(c draw.Canvas, pl *plot.Plot) { bitCells(c, pl, share, highest, scale) }))
}

func bitCells(c draw.Canvas, p *plot.Plot, share [8][8]float64, highest, scale float64) {
	x, y := p.Transforms(&c)
	for e := range share {
		for b, v := range share[e] {
			if v < 0 {
				continue
			}
			left, right := x(float64(b))+1, x(float64(b+1))-1
			low, high := y(7-float64(e))+1, y(8-float64(e))-1
			i, letters := clean(), solid(text)
			if v > 0 {
				strength := v / highest
				i = faint(bad, 0.12+0.55*strength)
			}
			fill(c, i, rectangle(left, low, right, high))
			s := style(letters, textSize-1, draw.XCenter, draw.YCenter)
			label := "0"
			if v > 0 {
				label = cellNumber(v * scale)
			}
			c.FillText(s, vg.Point{X: (left + right) / 2, Y: (low + high) / 2}, label)
		}
	}
}

// cellNumber writes a number that is at most 100 in four characters.
func cellNumber(v float64) string {
	switch {
	case v < 0.05:
		return "<.1"
	case v < 9.95:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
	}
	return fmt.Sprintf("%.0f", v)
}
