package chart

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"p1/pkg/noise/voltage"
	"p1/pkg/noise/words"
)

// grain is a length of time for which one bar stands.
type grain struct {
	name   string
	length time.Duration
}

func grains() []grain {
	const day = 24 * time.Hour
	return []grain{
		{"10 minutes", 10 * time.Minute}, {"half hour", 30 * time.Minute}, {"hour", time.Hour}, {"3 hours", 3 * time.Hour}, {"6 hours", 6 * time.Hour},
		{"day", day}, {"2 days", 2 * day}, {"week", 7 * day}, {"4 weeks", 28 * day}, {"year", 364 * day},
	}
}

// mostHole is how many bars of time without telegrams are drawn in a row.
const mostHole = 16

// timeline is the time of a meter, cut into bars that are the same for all phases.
type timeline struct {
	grain  grain
	bars   []span
	phases [][]means // of each live phase, a bar each
	cut    bool      // a hole is longer than it is drawn
}

// timelineOf cuts the time of a meter into at most so many bars of the shortest grain that
// does; years that no grain holds are left out.
func timelineOf(m *voltage.Meter, most int) *timeline {
	var t *timeline
	for _, g := range grains() {
		t = &timeline{grain: g}
		t.lay(t.starts(m, most))
		if len(t.bars) <= most {
			break
		}
	}
	t.bars = t.bars[:min(len(t.bars), most)]
	at := map[time.Time]int{}
	for n, s := range t.bars {
		if !s.hole {
			at[s.start] = n
		}
	}
	for _, ph := range m.Live() {
		all := make([]means, len(t.bars))
		ph.Intervals(func(began time.Time, i voltage.Interval) {
			if n, ok := at[began.Truncate(t.grain.length)]; ok {
				all[n].add(i)
			}
		})
		t.phases = append(t.phases, all)
	}
	return t
}

// barStart is when a bar begins that has telegrams, by the meter's clock, and the latest
// offset of that clock in it.
type barStart struct {
	at     time.Time
	offset time.Duration
}

// starts returns the bars that have telegrams, in order; not many more than are drawn.
func (t *timeline) starts(m *voltage.Meter, most int) []barStart {
	met := map[time.Time]time.Duration{}
	for _, ph := range m.Live() {
		ph.Intervals(func(began time.Time, i voltage.Interval) {
			at := began.Truncate(t.grain.length)
			if _, known := met[at]; known || len(met) <= most {
				met[at] = i.Offset()
			}
		})
	}
	var all []barStart
	for _, at := range slices.SortedFunc(maps.Keys(met), time.Time.Compare) {
		all = append(all, barStart{at, met[at]})
	}
	return all
}

// lay makes the bars, those of holes too. The hour that the clock leaves out where it is
// put forward is no hole.
func (t *timeline) lay(all []barStart) {
	for n, one := range all {
		s := one.at
		if n > 0 {
			leftOut := max(one.offset-all[n-1].offset, 0)
			t.hole(all[n-1].at.Add(t.grain.length+leftOut), s)
		}
		label, date := s.Format("15:04"), s.Format(time.DateOnly)
		if t.grain.length >= 24*time.Hour {
			label, date = date, ""
		}
		t.bars = append(t.bars, span{label: label, date: date, start: s, end: s.Add(t.grain.length)})
	}
}

// hole stands for time without telegrams.
func (t *timeline) hole(from, to time.Time) {
	n := int(to.Sub(from) / t.grain.length)
	t.cut = t.cut || n > mostHole
	for range min(n, mostHole) {
		t.bars = append(t.bars, span{start: from, end: to, hole: true})
	}
}

// VoltageOverTime draws the ten-minute means of each live phase of a meter, a picture each,
// with the limits: what is beyond them stands out, and what is not judged is no curve.
func VoltageOverTime(m *voltage.Meter, l *voltage.Limits, width int) []*Picture {
	var all []*Picture
	most := 220
	if newPicture(width).wide {
		most = 440
	}
	t := timelineOf(m, most)
	for n, ph := range m.Live() {
		p := newPicture(width)
		p.Title = "Voltage of " + ph.Name
		p.overTime(t, n, ph, l)
		if n == 0 && p.Nothing == "" {
			p.keys = t.keys(m)
		}
		all = append(all, p)
	}
	return all
}

// notVerified is said of pictures whose values nothing verifies.
const notVerified = ". NOT VERIFIED: this meter sends no CRC"

// overTime draws the n-th live phase.
func (p *Picture) overTime(t *timeline, n int, ph *voltage.Phase, l *voltage.Limits) {
	if ph.MeanMax == nil {
		p.none(ph.Name + ": no ten-minute mean has enough values to be judged.")
		return
	}
	b, all := bandsOf(l), t.phases[n]
	p.Unit = fmt.Sprintf("%s: ten-minute means in V", ph.Name)
	if t.grain.length > 10*time.Minute {
		p.Unit += fmt.Sprintf(", from the lowest to the highest of each %s", t.grain.name)
	}
	if ph.Values.Unchecked > 0 {
		p.Unit += notVerified
	}
	pl := p.axes(130)
	pl.x = axis{from: -0.5, to: float64(len(t.bars)) - 0.5, ticks: p.dayTicks(t)}
	pl.y = voltsAxis(b, all)
	colour := inside()
	if ph.Values.Unchecked > 0 {
		colour = unverified()
	}
	pl.shapes = []shape{holesOf(t.bars, all), limitLines(b), curve(all, colour, b), strips(all)}
	p.Words = fmt.Sprintf("%s %s: ten-minute means from %s V to %s V; of %s %s above %s V and %s below %s V; %s incomplete, %s interrupted.",
		ph.Name, fromTo(t.bars), ph.MeanMin.Text(), ph.MeanMax.Text(), words.Count(ph.Means.Judged), isAre(int(ph.Means.Above)), l.Above.Limit(),
		isAre(int(ph.Means.Below)), l.Below.Limit(), isAre(int(ph.Means.Incomplete)), isAre(int(ph.Means.Interrupted)))
}

// keys explains what is drawn of any phase.
func (t *timeline) keys(m *voltage.Meter) []key {
	var seen means
	hole := t.cut
	unchecked := int64(0)
	for n, ph := range m.Live() {
		unchecked += ph.Values.Unchecked
		for i := range t.phases[n] {
			one := &t.phases[n][i]
			seen.judged, seen.incomplete, seen.interrupted = seen.judged+one.judged, seen.incomplete+one.incomplete, seen.interrupted+one.interrupted
			seen.above, seen.below = seen.above+one.above, seen.below+one.below
			hole = hole || one.absent()
		}
	}
	keys := []key{{swatch(inside()), "means"}}
	if unchecked > 0 {
		keys[0] = key{swatch(unverified()), "means that nothing verifies"}
	}
	keys = append(keys, key{dashed(faint(bad, 0.8)), "limits"})
	if seen.above > 0 {
		keys = append(keys, key{swatch(tooHigh()), "too high"})
	}
	if seen.below > 0 {
		keys = append(keys, key{swatch(tooLow()), "too low"})
	}
	keys = append(keys, stateKeys(&seen)...)
	switch {
	case t.cut:
		keys = append(keys, key{swatch(absent()), "no telegrams; long holes are drawn shorter"})
	case hole:
		keys = append(keys, key{swatch(absent()), "no telegrams"})
	}
	return keys
}

// dashed is the key of a dashed line.
func dashed(i Colour) sign {
	return func(c canvas, at point) {
		c.stroke(line{colour: i, width: 1.25, dash: []float64{4, 3}}, point{at.x - keySize/2, at.y}, point{at.x + keySize/2, at.y})
	}
}

// voltsAxis shows the limits of ±10 %, and what is further away.
func voltsAxis(b bands, all []means) axis {
	a := axis{from: b.below - 0.03*b.nominal, to: b.above + 0.03*b.nominal}
	for _, m := range all {
		if m.judged > 0 {
			a.from, a.to = min(a.from, m.low-0.01*b.nominal), max(a.to, m.high+0.01*b.nominal)
		}
	}
	for _, v := range []float64{b.nominal, b.above, b.below, b.lowest} {
		if v >= a.from {
			a.ticks = append(a.ticks, tick{v, words.Number(v)})
		}
	}
	return a
}

// limitLines draws the limits, and the nominal voltage.
func limitLines(b bands) shape {
	return func(c canvas, p *plane) {
		for _, v := range []float64{b.above, b.below, b.lowest} {
			if v >= p.y.from {
				c.stroke(line{colour: faint(bad, 0.8), width: 1.25, dash: []float64{4, 3}}, point{p.left, p.up(v)}, point{p.right, p.up(v)})
			}
		}
		c.stroke(line{colour: solid(grid), width: 1}, point{p.left, p.up(b.nominal)}, point{p.right, p.up(b.nominal)})
	}
}

// holesOf shades the time in which a phase has no values, that in which others have some too.
func holesOf(bars []span, all []means) shape {
	mine := slices.Clone(bars)
	for n := range mine {
		mine[n].hole = all[n].absent()
	}
	return holes(mine)
}

// leastTall is how tall a bar is at least, in pixels.
const leastTall = 2

// curve draws a band from the lowest to the highest mean of each bar, which ends where
// there is none, and over it what is beyond a limit.
func curve(all []means, colour Colour, b bands) shape {
	return func(c canvas, p *plane) {
		var top, bottom []point
		put := func(x float64, m *means) {
			high, low := tallEnough(p.up(m.high), p.up(m.low))
			top, bottom = append(top, point{x, high}), append(bottom, point{x, low})
		}
		for n := range all {
			if all[n].judged == 0 {
				continue
			}
			at := float64(n)
			if n == 0 || all[n-1].judged == 0 {
				put(p.across(at-0.5), &all[n])
			}
			put(p.across(at), &all[n])
			if n == len(all)-1 || all[n+1].judged == 0 {
				put(p.across(at+0.5), &all[n])
				slices.Reverse(bottom)
				c.fill(colour, append(top, bottom...)...)
				top, bottom = nil, nil
			}
		}
		for n := range all {
			beyond(c, p, n, &all[n], b)
		}
	}
}

// tallEnough are the ends of a bar, in pixels from above.
func tallEnough(high, low float64) (float64, float64) {
	if missing := leastTall - (low - high); missing > 0 {
		return high - missing/2, low + missing/2
	}
	return high, low
}

// beyond draws what of a bar is beyond a limit.
func beyond(c canvas, p *plane, n int, m *means, b bands) {
	left, right := p.across(float64(n)-0.5), p.across(float64(n)+0.5)
	if right-left < leastTall { // one alone is to be seen
		left, right = (left+right-leastTall)/2, (left+right+leastTall)/2
	}
	if m.above > 0 {
		high, low := tallEnough(p.up(m.high), p.up(max(b.above, m.low)))
		box(c, tooHigh(), left, high, right, low)
	}
	if m.below > 0 {
		high, low := tallEnough(p.up(min(b.below, m.high)), p.up(m.low))
		box(c, tooLow(), left, high, right, low)
	}
}

// strips draws at the bottom where intervals are not judged.
func strips(all []means) shape {
	const tall = 5
	return func(c canvas, p *plane) {
		for n := range all {
			left, right := p.across(float64(n)-0.5), p.across(float64(n)+0.5)
			if all[n].incomplete > 0 {
				box(c, incomplete(), left, p.bottom-tall, right, p.bottom)
			}
			if all[n].interrupted > 0 {
				box(c, interrupted(), left, p.bottom-2*tall, right, p.bottom-tall)
			}
		}
	}
}

// dayTicks labels midnights where bars are shorter than a day, else as [Picture.timeTicks]
// does.
func (p *Picture) dayTicks(t *timeline) []tick {
	var midnights []tick
	for n, s := range t.bars {
		if !s.hole && s.start.Hour() == 0 && s.start.Minute() == 0 && t.grain.length < 24*time.Hour {
			midnights = append(midnights, tick{float64(n) - 0.5, s.date})
		}
	}
	if len(midnights) < 3 {
		return p.timeTicks(t.bars)
	}
	room := 4
	if p.wide {
		room = 8
	}
	step := (len(midnights) + room - 1) / room
	var ticks []tick
	for n := 0; n < len(midnights); n += step {
		ticks = append(ticks, midnights[n])
	}
	return ticks
}
