package chart

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/report"
	"p1/pkg/noise/words"
)

// reliability draws the share of good telegrams over time, as nines.
func (p *Picture) reliability(r *diagnose.Report) {
	p.Title = "Reliability over time"
	most := 60
	if p.wide {
		most = 140
	}
	name, all, more := "hour", byHour(r.Grid), false
	if len(all) > min(most, 78) { // three days and a little
		name, all, more = spans(r.Grid, most)
	}
	if there(all) == 0 {
		p.none("No telegram has a time that is known.")
		return
	}
	p.Unit = "Share of good telegrams in each " + name + "; each step up is a tenth of the failures (one nine more)"
	if more {
		p.Unit += ". Only the first spans are drawn"
	}
	p.keys = []key{{dot(solid(bad)), "as received"}, {dot(solid(good)), "after repair"}, {least(solid(muted)), "none failed: better than this"}}
	if !failures(all) {
		p.keys = p.keys[2:]
	}
	if slices.ContainsFunc(all, func(s span) bool { return s.hole }) {
		p.keys = append(p.keys, key{swatch(absent()), "no telegrams"})
	}
	highest := 1.0
	for _, s := range all {
		highest = max(highest, ninesOf(s.Damaged, s.Telegrams), ninesOf(s.Remaining, s.Telegrams))
	}
	pl := p.axes(240)
	pl.x = axis{from: -0.5, to: float64(len(all)) - 0.5, ticks: p.timeTicks(all)}
	pl.y = axis{to: math.Ceil(highest + 0.15)}
	pl.y.ticks = nineTicks(int(pl.y.to))
	pl.shapes = []shape{holes(all), rungs, p.changes(r, all)}
	if failures(all) {
		pl.shapes = append(pl.shapes, series(all, solid(bad), func(s span) int64 { return s.Damaged }))
	}
	pl.shapes = append(pl.shapes, series(all, solid(good), func(s span) int64 { return s.Remaining }))
	p.Words = fmt.Sprintf("Good telegrams by %s %s: as received %s, after repair %s of %s.", name, fromTo(all),
		words.Ratio(r.Totals.Undamaged(), r.Totals.Telegrams), words.Ratio(r.Totals.Usable(), r.Totals.Telegrams),
		words.Count(r.Totals.Telegrams))
}

// ninesOf returns the nines of a span; where nothing has failed, those that one failure
// would have left, so that a single failure never looks better than none.
func ninesOf(failed, total int64) float64 {
	n, _ := report.Nines(min(max(failed, 1), total), total)
	return n
}

func failures(all []span) bool {
	for _, s := range all {
		if s.Damaged > 0 {
			return true
		}
	}
	return false
}

// nineTicks labels 0, 1, 2, … nines as 0 %, 90 %, 99 %, ….
func nineTicks(most int) []tick {
	var t []tick
	for n := range most + 1 {
		label := "0 %"
		switch {
		case n == 1:
			label = "90 %"
		case n == 2:
			label = "99 %"
		case n > 2:
			label = "99." + strings.Repeat("9", n-2) + " %"
		}
		t = append(t, tick{float64(n), label})
	}
	return t
}

// timeTicks labels the beginnings of as many of the spans as there is room for, and of
// those behind a hole before others. Hours have the date below them where it is another
// one than that of the label before.
func (p *Picture) timeTicks(all []span) []tick {
	room := 4
	if p.wide {
		room = 8
	}
	step := (len(all) + room - 1) / room
	chosen := make([]bool, len(all))
	last := -step
	for i, s := range all { // behind holes
		if !s.hole && (i == 0 || all[i-1].hole) && i-last >= step {
			chosen[i], last = true, i
		}
	}
	free := func(i int) bool {
		return !slices.Contains(chosen[max(i-step+1, 0):min(i+step, len(all))], true)
	}
	var t []tick
	date := ""
	for i, s := range all {
		if !chosen[i] && (s.hole || !free(i)) {
			continue
		}
		chosen[i] = true
		label := s.label
		if s.date != date {
			label, date = label+"\n"+s.date, s.date
		}
		t = append(t, tick{float64(i) - 0.5, label})
	}
	return t
}

// holes shades the time without telegrams.
func holes(all []span) shape {
	return func(c canvas, p *plane) {
		for n, s := range all {
			if s.hole {
				box(c, absent(), p.across(float64(n)-0.5), p.top, p.across(float64(n)+0.5), p.bottom)
			}
		}
	}
}

// series draws a dot for each span, and a line that has holes where time has.
func series(all []span, i Colour, failed func(span) int64) shape {
	return func(c canvas, p *plane) {
		var run []point
		end := func() {
			c.stroke(line{colour: faint(i.role, 0.5), width: 1.5}, run...)
			run = nil
		}
		dots := []func(){}
		for n, s := range all {
			if s.hole || s.Telegrams <= 0 {
				end()
				continue
			}
			at := point{p.across(float64(n)), p.up(ninesOf(failed(s), s.Telegrams))}
			run = append(run, at)
			sign := dot(i)
			if failed(s) <= 0 {
				sign = least(i)
			}
			dots = append(dots, func() { sign(c, at) })
		}
		end()
		for _, d := range dots {
			d()
		}
	}
}

// changes draws a line for each mark of the user's.
func (p *Picture) changes(r *diagnose.Report, spans []span) shape {
	most := 10
	if p.wide {
		most = 22
	}
	var all []tag
	for _, m := range r.Compared {
		if at, ok := place(m.At, spans); ok && len(all) < 40 {
			all = append(all, tag{at, short(m.Mark, most)})
		}
	}
	return tags(all, line{colour: faint(mark, 0.8), width: 1.5, dash: []float64{4, 3}})
}

// place returns where a time stands among the spans, in spans.
func place(at string, all []span) (x float64, ok bool) {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t, err = time.Parse("2006-01-02T15:04:05", at) // of a clock that has no zone
	}
	if err != nil {
		return 0, false
	}
	_, offset := t.Zone()
	t = t.UTC().Add(time.Duration(offset) * time.Second) // what the clock shows
	for i, s := range all {
		if !t.Before(s.start) && t.Before(s.end) {
			return float64(i) - 0.5 + float64(t.Sub(s.start))/float64(s.end.Sub(s.start)), true
		}
	}
	return 0, false
}
