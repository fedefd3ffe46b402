package tables

import "slices"

// stretches are the times that a stream has told of already: when it tells of them
// again, a log is read twice. They are in no order.
type stretches []stretch

// stretch is a time from its first to its last second, in seconds since 1970.
type stretch struct{ first, last int64 }

// maxStretches is how many stretches are kept; beyond, the oldest two become one.
const maxStretches = 64

func (s stretches) cover(at int64) bool {
	return slices.ContainsFunc(s, func(x stretch) bool { return x.first <= at && at <= x.last })
}

// begin adds a stretch that begins and ends at a time.
func (s *stretches) begin(at int64) {
	if len(*s) == maxStretches {
		a, b := (*s)[0], (*s)[1]
		*s = slices.Delete(*s, 0, 1)
		(*s)[0] = stretch{min(a.first, b.first), max(a.last, b.last)}
	}
	*s = append(*s, stretch{at, at})
}

// extend makes the stretch that was begun last end at a time.
func (s stretches) extend(at int64) { s[len(s)-1].last = at }

// reachOf returns until when the stretches tell of the time from a moment on, without
// a hole that is longer than most.
func (s stretches) reachOf(from, most int64) int64 {
	for range s { // each of them carries on at most once
		for _, x := range s {
			if x.first <= from+most && x.last > from {
				from = x.last
			}
		}
	}
	return from
}
