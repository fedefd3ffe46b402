package voltage

import (
	"maps"
	"slices"
	"time"

	"p1/pkg/telegram"
)

// inWeek is how many intervals of ten minutes a week has.
const inWeek = 7 * 24 * 6

// maxWeeks is how many weeks of a phase are kept, about ten years.
const maxWeeks = 530

// weeks are those of a phase: 168 hours each, counted from the interval in which the
// meter was seen first. So a week is as long as any other where the clock is put
// forward or back.
type weeks struct {
	drawn    bool // each interval is kept, for pictures
	anchored bool
	anchor   int64 // the first interval of week 0
	kept     map[int64]*week
	last     *week // the one that was asked for last
}

// week is what is kept of a week.
type week struct {
	number  int64
	first   int64                      // its first interval
	seen    [(inWeek + 63) / 64]uint64 // which of its intervals are over
	begin   telegram.Clock             // of its first interval that is known
	end     telegram.Clock             // of its last one
	time    Seconds
	means   Means
	highest *Extreme
	lowest  *Extreme
	again   map[int64]*again // of intervals that came twice by the meter's clock
	each    []Interval       // all of its intervals; none where nobody draws them
}

func (w *weeks) number(index int64) int64 {
	n := index - w.anchor
	if n < 0 {
		return (n+1)/inWeek - 1
	}
	return n / inWeek
}

// begin says when the weeks begin: with the interval of the first moment of all, in
// seconds since 1970.
func (w *weeks) begin(at int64) {
	if !w.anchored {
		w.anchor, w.anchored = at/tenMinutes, true
	}
}

// told reports whether an interval is over.
func (w *weeks) told(index int64) bool {
	k := w.kept[w.number(index)]
	if k == nil {
		return false
	}
	bit := index - k.first
	return k.seen[bit/64]>>(bit%64)&1 == 1
}

// of returns the week of an interval, a new one where there is none yet, and nil
// where there are too many.
func (w *weeks) of(index int64, clock telegram.Clock) *week {
	n := w.number(index)
	if w.last != nil && w.last.number == n {
		return w.last
	}
	if w.kept[n] == nil {
		if len(w.kept) == maxWeeks {
			return nil
		}
		if w.kept == nil {
			w.kept = map[int64]*week{}
		}
		w.kept[n] = &week{number: n, first: w.anchor + n*inWeek, begin: clock, end: clock}
		if w.drawn {
			w.kept[n].each = make([]Interval, inWeek)
		}
	}
	w.last = w.kept[n]
	return w.last
}

// take takes an interval that is over.
func (w *week) take(i *interval, l *limits) {
	bit := i.index - w.first
	w.seen[bit/64] |= 1 << (bit % 64)
	if i.clock.Time.Before(w.begin.Time) {
		w.begin = i.clock
	}
	if i.clock.Time.After(w.end.Time) {
		w.end = i.clock
	}
	w.time.add(i.time)
	if w.each != nil {
		w.each[bit] = i.kept(l)
	}
	switch {
	case i.time.Interrupted > 0:
		w.means.Interrupted++
	case !i.judged():
		w.means.Incomplete++
	default:
		w.judge(i, l)
	}
}

// again is how much of an interval came twice.
type again struct {
	stream  int64 // that told so last
	seconds int64 // in it
	most    int64 // in any
}

// tellTwice notes that in a stream seconds of an interval came twice.
func (w *week) tellTwice(index, seconds, stream int64) {
	if w.again == nil {
		w.again = map[int64]*again{}
	}
	a := w.again[index]
	if a == nil {
		a = &again{}
		w.again[index] = a
	}
	if a.stream != stream {
		a.stream, a.seconds = stream, 0
	}
	a.seconds += seconds
	a.most = max(a.most, a.seconds)
}

// twice is how many intervals came twice. As much as may be missing of one that is judged
// makes no second one.
func (w *week) twice() (n int64) {
	for _, a := range w.again {
		if 10*a.most > tenMinutes {
			n++
		}
	}
	return n
}

// judge counts a mean.
func (w *week) judge(i *interval, l *limits) {
	w.means.Judged++
	switch {
	case i.sum.above(l.above):
		w.means.Above++
	case i.sum.below(l.below):
		w.means.Below++
		if i.sum.below(l.lowest) {
			w.means.Lowest++
		}
	}
	m := i.mean()
	w.highest = m.highest(w.highest)
	w.lowest = m.lowest(w.lowest)
}

// sorted are the weeks as the evidence tells of them.
func (w *weeks) sorted() []Week {
	var list []Week
	for _, n := range slices.Sorted(maps.Keys(w.kept)) {
		k := w.kept[n]
		k.means.Twice = k.twice()
		one := Week{From: Moment(clockAt(k.begin, k.first*tenMinutes)), To: Moment(clockAt(k.end, (k.first+inWeek)*tenMinutes)),
			Seconds: k.time, Means: k.means, Highest: k.highest, Lowest: k.lowest, first: k.first, each: k.each}
		one.Most, one.All = k.means.most(), k.means.all()
		list = append(list, one)
	}
	return list
}

// Verdict on a rule in a week. Intervals that are not judged may have been right or
// wrong, and so may what came in those that came twice: a rule is kept or broken where they
// make no difference.
type Verdict string

// The verdicts.
const (
	Kept    Verdict = "kept"
	Broken  Verdict = "broken"
	Unknown Verdict = "unknown"
)

// Open is how many means of a week are neither judged nor interrupted.
func (m *Means) Open() int64 { return inWeek - m.Interrupted - m.Judged }

// most is the verdict on the first rule: at least 95 % of the means within ±10 %.
func (m *Means) most() Verdict {
	of := inWeek - m.Interrupted + m.Twice
	bad := m.Above + m.Below
	switch {
	case 100*bad > 5*of:
		return Broken
	case m.Judged > 0 && 100*(m.Judged-bad) >= 95*of:
		return Kept
	}
	return Unknown
}

// all is the verdict on the second rule: all means within +10 % and −15 %.
func (m *Means) all() Verdict {
	switch {
	case m.Above+m.Lowest > 0:
		return Broken
	case m.Judged > 0 && m.Open()+m.Twice == 0:
		return Kept
	}
	return Unknown
}

func secondsOf(n int64) time.Duration { return time.Duration(n) * time.Second }
