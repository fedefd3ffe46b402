package voltage

import (
	"p1/pkg/telegram"
)

// maxHold is for how long a value stands at most, in seconds: the longest period of
// P1 meters (P1 companion standard 4.2.2 §4.4).
const maxHold = 10

// value is one voltage of one phase.
type value struct {
	clock     telegram.Clock
	at        int64 // the clock in seconds since 1970
	mv        int64
	volts     Volts // as the meter wrote it
	unchecked bool  // no CRC has checked it
	repaired  bool  // its telegram was damaged on the line
	digits    int   // of its own digits, so many were damaged
}

// phase is what has been seen of one phase of a meter.
type phase struct {
	known bool // last is there
	last  value
	step  int64 // for how long the value before last stood, 0 while not known
	back  int64 // when the last value came whose time had come before

	counts     Values
	unreadable int64
	scale      int  // the most decimals seen
	live       bool // a voltage that is no interruption was seen
	highest    *Extreme
	lowest     *Extreme // interruptions left out

	weeks  weeks
	open   interval
	window window

	above, below         run // of values
	meanAbove, meanBelow run
	slideAbove           run
	slideHighest         *Extreme
}

func newPhase() *phase {
	return &phase{
		above: run{join: apart}, below: run{under: true, join: apart}, slideAbove: run{join: apart},
		meanBelow: run{under: true},
	}
}

// take takes the next value.
func (p *phase) take(v value, l *limits) outcome {
	if p.known && v.at <= p.last.at {
		if v.at == p.last.at {
			return repeated
		}
		p.settle(l) // the clock went back
	}
	if p.told(v.at) {
		return repeated
	}
	if p.weeks.of(v.at/tenMinutes, v.clock) == nil {
		return beyond
	}
	if p.known {
		p.follow(v.at, l)
	}
	p.count(v, l)
	p.last, p.known = v, true
	return used
}

// told reports whether a moment has been accounted for.
func (p *phase) told(at int64) bool {
	if p.open.begun && at/tenMinutes == p.open.index {
		return at < p.open.reached
	}
	return p.weeks.told(at / tenMinutes)
}

// follow accounts for the time from the last value to the next one.
func (p *phase) follow(next int64, l *limits) {
	d := next - p.last.at
	if d > maxHold {
		p.settle(l)
		return
	}
	p.step = d
	p.hold(d, l)
}

// settle accounts for the last value where none follows it.
func (p *phase) settle(l *limits) {
	if p.known {
		p.hold(p.step, l)
	}
	p.known = false
}

// count counts a value, however long it stands.
func (p *phase) count(v value, l *limits) {
	p.counts.add(v)
	p.extremes(v, l)
}

// extremes looks at a value as the highest or lowest.
func (p *phase) extremes(v value, l *limits) {
	p.scale = max(p.scale, v.volts.Scale)
	p.highest = higher(p.highest, v)
	if v.mv >= l.none {
		p.live = true
		p.lowest = lower(p.lowest, v)
	}
}

// takeTwice takes a value of a time that has come before by the meter's clock. There is no
// place for it among the ten minutes, which are judged without it: that is noted.
func (p *phase) takeTwice(v value, stream int64, l *limits) outcome {
	p.extremes(v, l)
	d := v.at - p.back
	p.back = v.at
	if w := p.weeks.of(v.at/tenMinutes, v.clock); w != nil && d > 0 && d <= maxHold {
		w.tellTwice(v.at/tenMinutes, d, stream)
	}
	return twice
}

// hold accounts for seconds of the last value, interval by interval.
func (p *phase) hold(seconds int64, l *limits) {
	from, to := p.last.at, p.last.at+seconds
	for from < to {
		end := min(to, (from/tenMinutes+1)*tenMinutes)
		p.part(from, end, l)
		from = end
	}
}

// part accounts for seconds of the last value within one interval, if none has done so
// before: where the clock went back, the value may reach into what was told already.
func (p *phase) part(from, to int64, l *limits) {
	if p.told(from) {
		return
	}
	if index := from / tenMinutes; !p.open.begun || index != p.open.index {
		p.closeInterval(l)
		p.open = interval{begun: true, index: index}
	}
	v := &p.last
	p.open.add(v, from, to, l)
	if v.mv < l.none {
		return
	}
	switch {
	case v.mv > l.above:
		p.above.add(moment{v.clock, from, to, v.mv, v.volts, v.digits > 0})
	case v.mv < l.below:
		p.below.add(moment{v.clock, from, to, v.mv, v.volts, v.digits > 0})
	}
	p.slide(from, to, l)
}

// slide looks at the mean of the ten minutes before the end of a part.
func (p *phase) slide(from, to int64, l *limits) {
	v := &p.last
	p.window.add(from, to, v)
	s := &p.window.sum
	if !s.enough() {
		return
	}
	mean := moment{v.clock, from, to, s.centivolts(), s.volts(), p.window.fixed > 0}
	if p.slideHighest == nil || mean.rank > p.slideHighest.rank {
		p.slideHighest = &Extreme{Volts: mean.volts, At: Moment(clockAt(v.clock, to)), Repaired: mean.digits, rank: mean.rank}
	}
	if s.above(l.above) {
		p.slideAbove.add(mean)
	}
}

// closeInterval gives its week what the open interval came to.
func (p *phase) closeInterval(l *limits) {
	o := &p.open
	if !o.begun {
		return
	}
	o.begun = false
	w := p.weeks.of(o.index, o.clock)
	if w == nil {
		return // it was only reached by the last seconds of a value before it
	}
	w.take(o, l)
	if !o.judged() {
		return
	}
	mean := o.mean()
	switch {
	case o.sum.above(l.above):
		p.meanAbove.add(mean)
	case o.sum.below(l.below):
		p.meanBelow.add(mean)
	}
}

// finish accounts for what is still open.
func (p *phase) finish(l *limits) {
	p.settle(l)
	p.closeInterval(l)
}
