package table

import (
	"slices"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// recent keeps a state for each of the keys met lately, such as meters: of too
// many the one not met for the longest time is forgotten.
type recent[State any] struct {
	list []*kept[State] // the last one met first
}

type kept[State any] struct {
	key   string
	state State
}

// of returns the state of a key, and what had to be forgotten for it, if that is
// anything.
func (r *recent[State]) of(key string) (state *State, gone *State) {
	at := slices.IndexFunc(r.list, func(k *kept[State]) bool { return k.key == key })
	switch {
	case at == 0:
		return &r.list[0].state, nil
	case at > 0:
		k := r.list[at]
		copy(r.list[1:at+1], r.list[:at])
		r.list[0] = k
		return &k.state, nil
	}
	if len(r.list) == maxMeters {
		gone = &r.list[maxMeters-1].state
		r.list = r.list[:maxMeters-1]
	}
	r.list = slices.Insert(r.list, 0, &kept[State]{key: key})
	return &r.list[0].state, gone
}

// spans are the times that a stream has told of already: when it tells of them
// again, a log is read twice. They are in no order.
type spans []span

// span is a time from its first to its last second, in seconds since 1970.
type span struct{ first, last int64 }

// maxSpans is how many spans are kept; beyond, the oldest two become one.
const maxSpans = 64

func (s spans) cover(at int64) bool {
	return slices.ContainsFunc(s, func(x span) bool { return x.first <= at && at <= x.last })
}

// begin adds a span that begins and ends at a time.
func (s *spans) begin(at int64) {
	if len(*s) == maxSpans {
		a, b := (*s)[0], (*s)[1]
		*s = slices.Delete(*s, 0, 1)
		(*s)[0] = span{min(a.first, b.first), max(a.last, b.last)}
	}
	*s = append(*s, span{at, at})
}

// extend makes the span that was begun last end at a time.
func (s spans) extend(at int64) { s[len(s)-1].last = at }

// reachOf returns until when the spans tell of the time from a moment on, without
// a hole that is longer than most.
func (s spans) reachOf(from, most int64) int64 {
	for range s { // each of them carries on at most once
		for _, x := range s {
			if x.first <= from+most && x.last > from {
				from = x.last
			}
		}
	}
	return from
}

// readable returns the telegram of a record whose numbers may be compared with
// others: a valid one, or, on request, a bad one, that is not suspect. What
// stands alone in the lines of a salvaged one is not enough.
func (o *Options) readable(from *record.Telegram) (*telegram.Telegram, bool) {
	if !from.Status.Valid() && !(o.AcceptBad && from.Status == record.Bad) || from.Suspect != "" {
		return nil, false
	}
	return telegram.Parse(from.Raw), true
}

// zoned returns a meter's time in the zone of the table, if there is one, and
// whether it is sure which moment that is. A time without S or W that occurs
// twice is the second where the first lies before an earlier one.
func (o *Options) zoned(c telegram.Clock, earlier telegram.Clock) (in telegram.Clock, sure bool) {
	if o.Zone == nil {
		return c, true
	}
	in, occurs := c.In(o.Zone)
	if c.Season != 0 || occurs != telegram.Twice {
		return in, c.Season != 0 || occurs == telegram.Once
	}
	if in.Time.Before(earlier.Time) {
		if second := c.Second(o.Zone); !second.Time.Before(earlier.Time) {
			return second, false
		}
	}
	return in, false
}

// clockCells returns a time and its offset, both empty where it cannot be read.
func (o *Options) clockCells(c telegram.Clock, ok bool) (at, offset string) {
	if !ok {
		return "", ""
	}
	return string(o.clockCell(c)), c.Offset()
}
