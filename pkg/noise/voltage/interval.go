package voltage

import (
	"math"

	"p1/pkg/telegram"
)

// tenMinutes is the length of an interval in seconds. They begin with the clock's
// (EN 61000-4-30 §4.5), which is the same in all zones that are whole hours apart.
const tenMinutes = 600

// sum is that of squared voltages over time: at most 600 s of 10^14 mV².
type sum struct {
	seconds int64
	squares int64 // mV² s
}

func (s *sum) add(seconds, mv int64) {
	s.seconds += seconds
	s.squares += seconds * mv * mv
}

// enough reports whether so much of ten minutes is covered that a mean can be
// judged: 90 %.
func (s *sum) enough() bool { return 10*s.seconds >= 9*tenMinutes }

// above reports whether the mean is above a limit in mV. No root is drawn: it is
// where the sum of the squares is above that of the limit's.
func (s *sum) above(mv int64) bool { return s.squares > mv*mv*s.seconds }

func (s *sum) below(mv int64) bool { return s.squares < mv*mv*s.seconds }

// centivolts returns the root of the mean of the squares, rounded half up once.
//
// It is the largest r with 10 r − 5 ≤ √(squares/seconds), that is with
// 25 (2r−1)² seconds ≤ squares.
func (s *sum) centivolts() int64 {
	fits := func(r int64) bool { return r <= 0 || 25*(2*r-1)*(2*r-1)*s.seconds <= s.squares }
	r := int64(math.Sqrt(float64(s.squares)/float64(s.seconds))/10 + 0.5)
	for !fits(r) {
		r--
	}
	for fits(r + 1) {
		r++
	}
	return r
}

func (s *sum) volts() Volts { return Volts{telegram.Decimal{Digits: s.centivolts(), Scale: 2}} }

// interval is ten minutes of a phase.
type interval struct {
	begun   bool
	index   int64 // its number since 1970
	reached int64 // up to here it is accounted for, in seconds since 1970
	clock   telegram.Clock
	sum     sum
	time    Seconds
	digits  bool // a value with a repaired digit is among those of the mean
}

// add takes seconds of a value.
func (i *interval) add(v *value, from, to int64, l *limits) {
	i.clock, i.reached = v.clock, to
	d := to - from
	if v.mv < l.none {
		i.time.Interrupted += d
		return
	}
	i.sum.add(d, v.mv)
	i.digits = i.digits || v.digits > 0
	i.time.Covered += d
	switch {
	case v.mv > l.above:
		i.time.Above += d
	case v.mv < l.below:
		i.time.Below += d
		if v.mv < l.lowest {
			i.time.Lowest += d
		}
	}
}

// judged reports whether the mean is one that the standard judges.
func (i *interval) judged() bool { return i.time.Interrupted == 0 && i.sum.enough() }

// mean is that of all that was taken.
func (i *interval) mean() moment {
	from := i.index * tenMinutes
	return moment{clockAt(i.clock, from), from, from + tenMinutes, i.sum.centivolts(), i.sum.volts(), i.digits}
}

// window is the last ten minutes of a phase, whenever they began.
type window struct {
	parts []part
	first int // of the parts
	sum   sum
	fixed int // of the parts, those of values with a repaired digit
}

// part is a time in which the voltage was the same.
type part struct {
	from, to, mv int64
	fixed        bool
}

// add takes the next seconds, and forgets what is ten minutes before their end.
// Where the clock went back, it begins anew.
func (w *window) add(from, to int64, v *value) {
	if n := len(w.parts); n > w.first && from < w.parts[n-1].to {
		*w = window{parts: w.parts[:0]}
	}
	if w.first > 0 && 2*w.first >= len(w.parts) {
		w.parts = w.parts[:copy(w.parts, w.parts[w.first:])]
		w.first = 0
	}
	w.parts = append(w.parts, part{from, to, v.mv, v.digits > 0})
	w.sum.add(to-from, v.mv)
	if v.digits > 0 {
		w.fixed++
	}
	for since := to - tenMinutes; w.parts[w.first].from < since; w.first++ {
		p := &w.parts[w.first]
		gone := min(p.to, since) - p.from
		w.sum.add(-gone, p.mv)
		if p.from += gone; p.from < p.to {
			break
		}
		if p.fixed {
			w.fixed--
		}
	}
}

// clockAt is a clock of the same offset at another time, in seconds since 1970.
func clockAt(c telegram.Clock, at int64) telegram.Clock {
	c.Time = c.Time.Add(secondsOf(at - c.Time.Unix()))
	return c
}
