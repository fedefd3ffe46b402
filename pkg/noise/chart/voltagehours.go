package chart

import (
	"fmt"
	"math"
	"slices"
	"time"

	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/voltage"
	"p1/pkg/noise/words"
)

// means is what became of some ten-minute intervals of a phase.
type means struct {
	judged, incomplete, interrupted int
	high, low                       float64 // of the judged ones
	above, below                    int
}

func (m *means) add(i voltage.Interval) {
	switch i.State() {
	case voltage.Incomplete:
		m.incomplete++
	case voltage.Interrupted:
		m.interrupted++
	case voltage.Judged:
		if m.judged == 0 {
			m.high, m.low = i.Mean(), i.Mean()
		}
		m.judged++
		m.high, m.low = max(m.high, i.Mean()), min(m.low, i.Mean())
	}
	switch i.Beyond() {
	case voltage.Above:
		m.above++
	case voltage.Below:
		m.below++
	}
}

// absent reports whether no telegram tells of them.
func (m *means) absent() bool { return m.judged+m.incomplete+m.interrupted == 0 }

// bands are the limits in volts.
type bands struct{ nominal, above, below, lowest float64 }

func bandsOf(l *voltage.Limits) bands {
	of := func(v voltage.Volts) float64 { return float64(v.Digits) / math.Pow10(v.Scale) }
	return bands{of(l.Nominal), of(l.Above), of(l.Below), of(l.Lowest)}
}

// The colours of voltages: those beyond a limit are of the colour of damage, where they
// are too high, and of that of marks, where they are too low.
func inside() Colour      { return faint(good, 0.75) }
func unverified() Colour  { return faint(muted, 0.55) }
func tooHigh() Colour     { return solid(bad) }
func tooLow() Colour      { return solid(mark) }
func incomplete() Colour  { return faint(muted, 0.35) }
func interrupted() Colour { return solid(text) }

// voltageShade is a shade of the map: how far from the nominal voltage a mean is.
func voltageShade(m *means, b bands) Colour {
	switch {
	case m.interrupted > 0:
		return interrupted()
	case m.judged == 0:
		return incomplete()
	}
	up, down := (m.high-b.nominal)/b.nominal, (b.nominal-m.low)/b.nominal
	colour, off, beyond := tooHigh(), up, m.above > 0
	if m.below > 0 && m.above == 0 || down > up && m.above == 0 {
		colour, off, beyond = tooLow(), down, m.below > 0
	}
	switch {
	case beyond:
		return colour
	case off > closeBy:
		return faint(colour.role, 0.45)
	case off > noticed:
		return faint(colour.role, 0.2)
	}
	return clean()
}

// From how far away from the nominal voltage on a mean has a shade of its own.
const (
	noticed = 0.05
	closeBy = 0.08
)

// VoltageHours draws the worst of the ten-minute means of a meter by day, down, and hour of
// its clock, across; a row has a stripe for each phase.
func VoltageHours(m *voltage.Meter, l *voltage.Limits, width int) *Picture {
	p := newPicture(width)
	p.Title = "Voltage by day and hour"
	name, all, more := spans(daysOf(m), 48)
	if len(all) == 0 {
		p.none("There are no ten minutes of which a time is known.")
		return p
	}
	phases := m.Live()
	cells := make([][24][]means, len(all))
	var seen means
	for n := range cells {
		for h := range cells[n] {
			cells[n][h] = make([]means, len(phases))
		}
	}
	for n, ph := range phases {
		ph.Intervals(func(at time.Time, i voltage.Interval) {
			s := slices.IndexFunc(all, func(s span) bool { return !at.Before(s.start) && at.Before(s.end) })
			if s >= 0 {
				cells[s][at.Hour()][n].add(i)
			}
			seen.add(i)
		})
	}
	p.Unit = fmt.Sprintf("The ten-minute mean furthest from %s V, by %s and hour of the meter's clock", l.Nominal.Limit(), name)
	if len(phases) > 1 {
		p.Unit += "; in each row, from above: " + phaseNames(phases)
	}
	if slices.ContainsFunc(phases, func(ph *voltage.Phase) bool { return ph.Values.Unchecked > 0 }) {
		p.Unit += notVerified
	}
	if more {
		p.Unit += ". Only the first spans are drawn"
	}
	b := bandsOf(l)
	p.keys = hourKeys(&seen, b)
	if slices.ContainsFunc(all, func(s span) bool { return s.hole }) {
		p.keys = append(p.keys, key{swatch(absent()), "no telegrams for days"})
	}
	p.Words = fmt.Sprintf("%s %s by hour of the day: of %s %s above %s V, %s below %s V.", words.Plural(there(all), name), fromTo(all),
		words.Plural(int64(seen.judged), "ten-minute mean"), isAre(seen.above), l.Above.Limit(), isAre(seen.below), l.Below.Limit())
	p.calendar(all, min(max(300/float64(len(all)), 14), 30), stripes(all, cells, b))
	return p
}

func isAre(n int) string {
	return words.Count(int64(n)) + map[bool]string{true: " is", false: " are"}[n == 1]
}

func phaseNames(phases []*voltage.Phase) (names string) {
	for n, ph := range phases {
		if n > 0 {
			names += ", "
		}
		names += ph.Name
	}
	return names
}

// daysOf says in which days and hours there are intervals, as the telegrams of a line.
func daysOf(m *voltage.Meter) []diagnose.Day {
	at := map[string]int{}
	var all []diagnose.Day
	for _, ph := range m.Live() {
		ph.Intervals(func(began time.Time, _ voltage.Interval) {
			date := began.Format(time.DateOnly)
			n, ok := at[date]
			if !ok {
				n = len(all)
				at[date] = n
				all = append(all, diagnose.Day{Date: date})
			}
			all[n].Hours[began.Hour()].Telegrams++
		})
	}
	return all
}

// hourKeys explains the shades; what did not occur only where it is a limit.
func hourKeys(seen *means, b bands) []key {
	volts := func(share float64) string { return words.Number(math.Round(10*share*b.nominal) / 10) }
	keys := []key{
		{swatch(clean()), "within ±5 %"},
		{swatch(faint(bad, 0.2)), "above " + volts(1+noticed)}, {swatch(faint(bad, 0.45)), "above " + volts(1+closeBy)},
		{swatch(tooHigh()), "above " + words.Number(b.above) + " V: too high"},
	}
	if seen.judged > 0 && seen.low < b.nominal*(1-noticed) {
		keys = append(keys, key{swatch(faint(mark, 0.2)), "below " + volts(1-noticed)}, key{swatch(faint(mark, 0.45)), "below " + volts(1-closeBy)},
			key{swatch(tooLow()), "below " + words.Number(b.below) + " V: too low"})
	}
	return append(keys, stateKeys(seen)...)
}

// stateKeys explains the signs of intervals that have no mean, where there are any.
func stateKeys(seen *means) []key {
	var keys []key
	if seen.incomplete > 0 {
		keys = append(keys, key{swatch(incomplete()), "incomplete: not judged"})
	}
	if seen.interrupted > 0 {
		keys = append(keys, key{swatch(interrupted()), "interrupted: not judged"})
	}
	return keys
}

// stripes draws the hours of each span, a stripe for each phase.
func stripes(all []span, hours [][24][]means, b bands) shape {
	const gap = 0.75
	return func(c canvas, p *plane) {
		drawHoles(c, p, all)
		for n := range all {
			high, low := p.up(float64(len(all)-n))+gap, p.up(float64(len(all)-n-1))-gap
			for h, phases := range hours[n] {
				for i := range phases {
					if phases[i].absent() {
						continue // white: no telegrams
					}
					top := high + (low-high)*float64(i)/float64(len(phases))
					bottom := high + (low-high)*float64(i+1)/float64(len(phases))
					box(c, voltageShade(&phases[i], b), p.across(float64(h))+gap, top, p.across(float64(h+1))-gap, bottom-gap/2)
				}
			}
		}
	}
}
