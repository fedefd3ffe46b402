package diagnose

import (
	"maps"
	"slices"
	"time"

	"p1/pkg/noise/verdict"
	"p1/pkg/record"
)

// maxDays is how many days are listed.
const maxDays = 4000

// spread is how telegrams and hits spread over the time.
type spread struct {
	days     map[string]*[24]Tally
	unknown  Tally
	marks    []Mark
	segments []Segment
	blocks   *blocks // of the segments, where there are marks
}

func newSpread(o Options) *spread {
	s := &spread{days: map[string]*[24]Tally{}, marks: slices.Clone(o.Marks), segments: []Segment{{Name: "start"}}, blocks: newBlocks()}
	slices.SortStableFunc(s.marks, func(a, b Mark) int { return a.At.at.Compare(b.At.at) })
	for _, m := range s.marks {
		s.segments = append(s.segments, Segment{Name: m.Name})
	}
	return s
}

func (t *Tally) add(o Tally) {
	t.Telegrams += o.Telegrams
	t.Damaged += o.Damaged
	t.Remaining += o.Remaining
	t.Events += o.Events
	t.Bytes += o.Bytes
}

// at adds a tally to the time of the meter's clock.
func (s *spread) at(at time.Time, text string, one Tally) {
	day := at.Format(time.DateOnly)
	hours := s.days[day]
	if hours == nil && len(s.days) < maxDays {
		hours = &[24]Tally{}
		s.days[day] = hours
	}
	if hours == nil {
		s.unknown.add(one)
	} else {
		hours[at.Hour()].add(one)
	}
	i := 0
	for i < len(s.marks) && !s.marks[i].At.After(at) {
		i++
	}
	seg := &s.segments[i]
	seg.add(one)
	if len(s.marks) > 0 {
		s.blocks.add(i, at.Unix(), hitsIn(one))
	}
	if seg.Begin == "" {
		seg.Begin = text
	}
	seg.End = text
}

// hitsIn counts a telegram that is damaged as hit once at least, also where it could not
// be examined.
func hitsIn(one Tally) count {
	hits := max(one.Events, one.Damaged)
	return count{one.Telegrams, hits, hits * hits / max(one.Telegrams, 1)}
}

// grid lists the days in order.
func (s *spread) grid() []Day {
	days := make([]Day, 0, len(s.days))
	for _, date := range slices.Sorted(maps.Keys(s.days)) {
		days = append(days, Day{date, *s.days[date]})
	}
	return days
}

// attribute counts a telegram for the time of its own clock, else for that of the
// verified telegram before it, else of the one after it.
func (d *Diagnoser) attribute(t *record.Telegram, own verdict.Moment, one Tally) {
	d.pace.add(own, verdict.Verified(t, own))
	switch {
	case verdict.Verified(t, own):
		one.add(d.pending)
		d.pending = Tally{}
		d.spread.at(own.Clock.Time, own.String(), one)
	case d.last.Known:
		d.spread.at(d.last.Clock.Time, d.last.String(), one)
	default:
		d.pending.add(one)
	}
}
