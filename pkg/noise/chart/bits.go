package chart

import (
	"fmt"
	"strings"

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
	const row = 24
	pl := p.axes(8*row + belowAxis + 2*axisRow)
	pl.x = axis{to: 8, title: "bit of the byte"}
	pl.y = axis{to: 8}
	for b := range 8 {
		pl.x.ticks = append(pl.x.ticks, tick{float64(b) + 0.5, fmt.Sprint(b)})
	}
	for e, kind := range kinds {
		pl.y.ticks = append(pl.y.ticks, tick{7.5 - float64(e), kind.Name})
	}
	pl.shapes = []shape{func(c canvas, pl *plane) { bitCells(c, pl, share, highest, scale) }}
}

func bitCells(c canvas, p *plane, share [8][8]float64, highest, scale float64) {
	s := style{colour: solid(text), size: textSize - 1}
	for e := range share {
		for b, v := range share[e] {
			if v < 0 {
				continue
			}
			left, right := p.across(float64(b))+1, p.across(float64(b+1))-1
			top, bottom := p.up(8-float64(e))+1, p.up(7-float64(e))-1
			i, label := clean(), "0"
			if v > 0 {
				i, label = faint(bad, 0.12+0.55*v/highest), cellNumber(v*scale)
			}
			box(c, i, left, top, right, bottom)
			write(c, s, point{(left + right) / 2, (top+bottom)/2 + rise*s.size}, middle, label)
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
