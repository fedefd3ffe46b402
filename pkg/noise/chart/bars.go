package chart

import (
	"fmt"
	"strings"

	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/words"
)

// bar is a line of a bar chart: its text stands above it, so that it fits a phone.
type bar struct {
	text  string
	level diagnose.Level
}

// causes draws which mechanism did how much of the damage.
func (p *Picture) causes(r *diagnose.Report) {
	p.Title = "What did the damage"
	var all []bar
	for _, f := range r.Findings[:min(len(r.Findings), 12)] {
		all = append(all, bar{words.Capital(f.Title), diagnose.Level(f.Share)})
	}
	if len(all) == 0 {
		p.none(map[bool]string{true: "Nothing was damaged.", false: "There is no damage whose cause is known."}[r.Clean])
		return
	}
	p.Unit = fmt.Sprintf("Share of %s, with the 95 %% interval", words.Plural(r.Totals.Events, "hit")+" of the line")
	p.bars(all, 1, words.Percent)
}

// marks draws how often telegrams are hit between the user's changes: what the sentences
// about them compare.
func (p *Picture) marks(r *diagnose.Report) {
	p.Title = "Before and after each change"
	var all []bar
	for _, s := range r.Segments[:min(len(r.Segments), 20)] {
		if s.Telegrams > 0 {
			all = append(all, bar{segmentName(s.Name) + ": " + words.Plural(s.Telegrams, "telegram"),
				diagnose.Level{Value: 100 * s.Hits.Value, Low: 100 * s.Hits.Low, High: 100 * s.Hits.High}})
		}
	}
	if len(r.Segments) < 2 || len(all) == 0 {
		p.none("No change was marked: --mark TIME=NAME sets one.")
		return
	}
	p.Unit = "Hits of the line per 100 telegrams, its storms and its own drift evened out; the 95 % interval is that beside the bar above"
	// An interval that knows nothing may leave the picture.
	highest := 4 * most(all, func(b bar) float64 { return b.level.Value })
	p.bars(all, ceiling(min(highest, most(all, func(b bar) float64 { return max(b.level.High, b.level.Value) }))), words.Number)
}

func segmentName(name string) string {
	if name == "start" {
		return "Before the first change"
	}
	return "Since " + short(name, 60)
}

// bars draws a bar for each level on an axis that ends at top.
func (p *Picture) bars(all []bar, top float64, figure func(float64) string) {
	const row = 44
	pl := p.axes(float64(row*len(all)) + belowAxis + axisRow)
	pl.x = axis{to: top, lined: true}
	pl.y = axis{to: float64(len(all))}
	for _, t := range evenTicks(top, 4) {
		if t.value > 0 { // a longer label would stick out
			t.label = figure(t.value)
		}
		pl.x.ticks = append(pl.x.ticks, t)
	}
	pl.shapes = []shape{func(c canvas, pl *plane) {
		for n, b := range all {
			b.draw(c, pl, n, figure(b.level.Value))
		}
	}}
	var said []string
	for _, b := range all {
		one := b.text + ": " + figure(b.level.Value)
		if b.level.High > b.level.Low {
			one += " (" + figure(b.level.Low) + " to " + figure(b.level.High) + ")"
		}
		said = append(said, one)
	}
	p.Words = strings.Join(said, "; ") + "."
}

// draw draws the n-th bar from above, its text and its figure over it.
func (b bar) draw(c canvas, pl *plane, n int, figure string) {
	const tall, under, over = 11, 8, 6 // of the bar, and the room below it and between it and its text
	bottom := pl.up(pl.y.to-float64(n+1)) - under
	top := bottom - tall
	s := style{colour: solid(text), size: textSize}
	thick := style{colour: solid(text), size: textSize, bold: true}
	room := pl.right - pl.left - c.width(thick, figure) - 8
	label := b.text
	for n := len([]rune(label)); n > 4 && c.width(s, label) > room; n-- {
		label = short(b.text, n-1)
	}
	c.text(s, point{pl.left, top - over}, label)
	write(c, thick, point{pl.right, top - over}, end, figure)
	box(c, faint(grid, 0.6), pl.left, top, pl.right, bottom)
	inside := func(v float64) (float64, bool) { return min(max(v, 0), pl.x.to), words.Finite(v) && v >= 0 }
	value, ok := inside(b.level.Value)
	if !ok {
		return
	}
	box(c, faint(bad, 0.75), pl.left, top, pl.across(value), bottom)
	low, okLow := inside(b.level.Low)
	high, okHigh := inside(b.level.High)
	if !okLow || !okHigh || high <= low {
		return
	}
	middle, whisker := bottom-tall/2.0, line{colour: solid(text), width: 1.5}
	c.stroke(whisker, point{pl.across(low), middle}, point{pl.across(high), middle})
	for _, v := range []float64{low, high} {
		if v < pl.x.to || b.level.High <= pl.x.to {
			c.stroke(whisker, point{pl.across(v), middle - 3.5}, point{pl.across(v), middle + 3.5})
		}
	}
}

// Bar draws a share with its interval as an SVG element of a line's height, for an
// HTML page that has [Style].
func Bar(s diagnose.Share) string {
	value, ok := part(s.Value)
	if !ok {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="p1c bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><path class="f-grid" d="M0 0H100V8H0Z"/><path class="f-bad" d="M0 0H%sV8H0Z"/>`, number(100*value))
	low, okLow := part(s.Low)
	high, okHigh := part(s.High)
	if okLow && okHigh && high > low {
		fmt.Fprintf(&b, `<path class="f-text" d="M%[1]s 3.4H%[2]sV4.6H%[1]sZ"/>`, number(100*low), number(100*high))
	}
	b.WriteString("</svg>")
	return b.String()
}
