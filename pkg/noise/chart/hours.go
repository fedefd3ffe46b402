package chart

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/words"
)

// shades is how many steps of colour there are for damage, each for twice as much as the
// one before; none at all has its own.
const shades = 5

// level returns the shade of a value on a scale that ends at top.
func level(v, top float64) int {
	if v <= 0 || !words.Finite(v) {
		return 0
	}
	return shades - 1 + min(int(math.Ceil(math.Log2(v/top)-1e-9)), 0)
}

func shade(n int) Colour {
	return faint(bad, []float64{0.14, 0.32, 0.52, 0.74, 1}[min(max(n, 0), shades-1)])
}

// clean is the colour of what was there and not damaged.
func clean() Colour { return faint(good, 0.16) }

// hits returns how often telegrams were hit: a damaged one at least once, also
// where it could not be examined.
func hits(t diagnose.Tally) float64 {
	if t.Telegrams <= 0 {
		return 0
	}
	return float64(max(t.Events, t.Damaged, 0)) / float64(t.Telegrams)
}

// hours draws damage by day, down, and hour of the day, across.
func (p *Picture) hours(r *diagnose.Report) {
	p.Title = "Damage by day and hour"
	name, all, more := spans(r.Grid, 48)
	if there(all) == 0 {
		p.none("No telegram has a time that is known.")
		return
	}
	highest, worst := hardest(all)
	each := int64(1) // so many telegrams have at least one hit in the worst hour
	for highest > 0 && highest*float64(each) < 1 && each < 1e6 {
		each *= 10
	}
	per := "telegram"
	if each > 1 {
		per = words.Count(each) + " telegrams"
	}
	top := ceiling(highest * float64(each))
	p.Unit = fmt.Sprintf("Hits of the line per %s, by %s and hour of the meter's clock", per, name)
	if more {
		p.Unit += ". Only the first spans are drawn"
	}
	p.keys = []key{{swatch(clean()), "none"}}
	for n := range shades {
		if highest > 0 {
			p.keys = append(p.keys, key{swatch(shade(n)), "to " + rough(top/math.Pow(2, float64(shades-1-n)))})
		}
	}
	if slices.ContainsFunc(all, func(s span) bool { return s.hole }) {
		p.keys = append(p.keys, key{swatch(absent()), "no telegrams for days"})
	}
	p.Words = fmt.Sprintf("%s %s by hour of the day: nothing was damaged.", words.Plural(there(all), name), fromTo(all))
	if highest > 0 {
		p.Words = fmt.Sprintf("%s %s by hour of the day: at most %s hits per %s, at %s.", words.Plural(there(all), name),
			fromTo(all), words.Number(highest*float64(each)), per, worst)
	}
	p.calendar(all, min(max(240/float64(len(all)), 15), 26), cells(all, top/float64(each)))
}

// hardest returns the hits per telegram in the worst hour, and which that is.
func hardest(all []span) (highest float64, when string) {
	for _, s := range all {
		for h, t := range s.hours {
			if v := hits(t); v > highest {
				highest, when = v, fmt.Sprintf("%s, %02d:00", s.label, h)
			}
		}
	}
	return highest, when
}

// there counts the spans that have telegrams.
func there(all []span) (n int64) {
	for _, s := range all {
		if s.Telegrams > 0 {
			n++
		}
	}
	return n
}

// calendar draws a row for each span, so tall, and the hours in it.
func (p *Picture) calendar(all []span, row float64, hours shape) {
	pl := p.axes(row*float64(len(all)) + belowAxis + 2*axisRow)
	from, to := hoursOf(all)
	pl.x = axis{from: float64(from), to: float64(to), title: "hour"}
	step := 3
	if to-from <= 8 {
		step = 1
	}
	for h := from; h <= to; h += step {
		pl.x.ticks = append(pl.x.ticks, tick{float64(h), fmt.Sprintf("%02d", h)})
	}
	pl.y = axis{to: float64(len(all))}
	for n, s := range all {
		label := s.label
		if s.hole {
			label = "… " + words.Plural(int64(s.end.Sub(s.start).Hours()/24+0.5), "day")
		}
		pl.y.ticks = append(pl.y.ticks, tick{float64(len(all)-n) - 0.5, label})
	}
	pl.shapes = []shape{hours}
}

// hoursOf returns the hours of the day that hold telegrams, from three to three o'clock,
// or single ones where they are few: at least six.
func hoursOf(all []span) (from, to int) {
	from, to = 24, 0
	for _, s := range all {
		for h, t := range s.hours {
			if t.Telegrams > 0 {
				from, to = min(from, h), max(to, h+1)
			}
		}
	}
	if to-from > 6 {
		return from / 3 * 3, (to + 2) / 3 * 3
	}
	from = max(min((from+to)/2-3, 18), 0)
	return from, from + 6
}

// cells draws the hours of each span in the shade of their hits.
func cells(all []span, top float64) shape {
	const gap = 0.75
	return func(c canvas, p *plane) {
		drawHoles(c, p, all)
		for n, s := range all {
			high, low := p.up(float64(len(all)-n)), p.up(float64(len(all)-n-1))
			for h, t := range s.hours {
				if t.Telegrams <= 0 {
					continue // white: no telegrams
				}
				i := clean()
				if v := hits(t); v > 0 {
					i = shade(level(v, top))
				}
				box(c, i, p.across(float64(h))+gap, high+gap, p.across(float64(h+1))-gap, low-gap)
			}
		}
	}
}

// drawHoles draws the rows of time without telegrams.
func drawHoles(c canvas, p *plane, all []span) {
	for n, s := range all {
		if s.hole {
			box(c, absent(), p.left, p.up(float64(len(all)-n))+2, p.right, p.up(float64(len(all)-n-1))-2)
		}
	}
}

// rough writes a number of a legend to two digits.
func rough(v float64) string {
	if v >= 10 {
		return words.Number(v)
	}
	return strconv.FormatFloat(v, 'g', 2, 64)
}
