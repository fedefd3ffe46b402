package voltage

import (
	"slices"

	"p1/pkg/telegram"
)

// maxWorst is how many excursions of each kind are kept.
const maxWorst = 10

// apart is how far two excursions of values are apart at least, in seconds; what is
// closer is one.
const apart = 60

// moment is a voltage for some seconds: a value's, or a mean's.
type moment struct {
	clock    telegram.Clock
	from, to int64 // seconds since 1970
	rank     int64 // the voltage in whole units, to compare it with others of its kind
	volts    Volts
	digits   bool
}

func (m *moment) extreme() *Extreme {
	return &Extreme{Volts: m.volts, At: Moment(clockAt(m.clock, m.from)), Repaired: m.digits, rank: m.rank}
}

func (m *moment) highest(e *Extreme) *Extreme {
	if e == nil || m.rank > e.rank {
		return m.extreme()
	}
	return e
}

func (m *moment) lowest(e *Extreme) *Extreme {
	if e == nil || m.rank < e.rank {
		return m.extreme()
	}
	return e
}

func higher(e *Extreme, v value) *Extreme {
	return (&moment{clock: v.clock, from: v.at, rank: v.mv, volts: v.volts, digits: v.digits > 0}).highest(e)
}

func lower(e *Extreme, v value) *Extreme {
	return (&moment{clock: v.clock, from: v.at, rank: v.mv, volts: v.volts, digits: v.digits > 0}).lowest(e)
}

// run gathers the excursions beyond one limit.
type run struct {
	under   bool // the limit is a lower one
	join    int64
	open    *Excursion
	to      int64 // the end of the open one, in seconds since 1970
	count   int64
	seconds int64
	worst   []Excursion // the worst first
}

// add takes the next moment beyond the limit.
func (r *run) add(m moment) {
	if r.open != nil && (m.from < r.to || m.from-r.to > r.join) {
		r.close()
	}
	if r.open == nil {
		r.open = &Excursion{From: Moment(clockAt(m.clock, m.from)), from: m.from}
		r.count++
	}
	o := r.open
	o.Seconds += m.to - m.from
	r.seconds += m.to - m.from
	o.To, r.to = Moment(clockAt(m.clock, m.to)), m.to
	o.Worst = r.extreme(o.Worst, &m)
}

// extreme returns the worse of the two.
func (r *run) extreme(e *Extreme, m *moment) *Extreme {
	if r.under {
		return m.lowest(e)
	}
	return m.highest(e)
}

// close puts the open excursion among the worst, if it is one of them.
func (r *run) close() {
	if r.open == nil {
		return
	}
	at, _ := slices.BinarySearchFunc(r.worst, r.open, func(x Excursion, o *Excursion) int {
		if r.under && o.Worst.rank < x.Worst.rank || !r.under && o.Worst.rank > x.Worst.rank {
			return 1
		}
		return -1
	})
	if at < maxWorst {
		r.worst = slices.Insert(r.worst, at, *r.open)
		r.worst = r.worst[:min(len(r.worst), maxWorst)]
	}
	r.open = nil
}
