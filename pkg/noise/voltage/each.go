package voltage

import "time"

// Interval is what became of ten minutes of a phase, in one word of memory:
//
//	bits  0 to 19   the mean in hundredths of a volt, at most 10,000.00 V
//	     20 to 21   its state
//	     22 to 29   the offset of the meter's clock in quarters of an hour, and 128
//	     30 to 31   beyond which limit the mean is
type Interval uint32

// State is whether an interval has a mean that is judged.
type State uint8

// The states.
const (
	Absent      State = iota // no telegram tells of it
	Incomplete               // less than 90 % of it is covered
	Interrupted              // an interruption is in it
	Judged
)

// State says whether the interval has a mean that is judged.
func (i Interval) State() State { return State(i >> 20 & 3) }

// Mean is that of a judged interval, in volts.
func (i Interval) Mean() float64 { return float64(i&(1<<20-1)) / 100 }

// Side is beyond which limit a mean is.
type Side uint8

// The sides. A mean below −15 % is Below, too.
const (
	Within Side = iota
	Above
	Below
)

// Beyond says beyond which limit the mean of a judged interval is: by the exact mean, of
// which [Interval.Mean] is rounded.
func (i Interval) Beyond() Side { return Side(i >> 30) }

// Offset is that of the meter's clock from UTC.
func (i Interval) Offset() time.Duration { return 15 * time.Minute * (time.Duration(i>>22&255) - 128) }

// kept is the interval as it is kept.
func (i *interval) kept(l *limits) Interval {
	_, offset := i.clock.Time.Zone()
	k := Interval(offset/900+128) << 22
	switch {
	case i.time.Interrupted > 0:
		return k | Interval(Interrupted)<<20
	case !i.judged():
		return k | Interval(Incomplete)<<20
	}
	k |= Interval(Judged)<<20 | Interval(i.sum.centivolts())
	switch {
	case i.sum.above(l.above):
		k |= Interval(Above) << 30
	case i.sum.below(l.below):
		k |= Interval(Below) << 30
	}
	return k
}

// Intervals calls visit with each interval of which a telegram tells, and with when it
// began by the meter's clock, as if that were UTC. There are none of a counter that was not
// asked to [Counter.Draw], nor of meters beyond the first four.
func (p *Phase) Intervals(visit func(began time.Time, i Interval)) {
	for _, w := range p.Weeks {
		for n, i := range w.each {
			if i.State() != Absent {
				visit(time.Unix((w.first+int64(n))*tenMinutes, 0).UTC().Add(i.Offset()), i)
			}
		}
	}
}

// Drawn reports whether there are [Phase.Intervals] of a phase that carries a voltage.
func (m *Meter) Drawn() bool {
	for _, p := range m.Live() {
		for _, w := range p.Weeks {
			if w.each != nil {
				return true
			}
		}
	}
	return false
}
