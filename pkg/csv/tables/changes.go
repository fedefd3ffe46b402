package tables

import (
	"time"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// comparable reports whether a telegram may be compared with others of its
// meter: a valid one, or, on request, a bad one, that is not suspect. What stands
// alone in the lines of a salvaged one is not enough.
func (o *Options) comparable(from *record.Telegram) bool {
	return (from.Status.Valid() || o.AcceptBad && from.Status == record.Bad) && from.Suspect == ""
}

// timeIn returns the moment that a time in a telegram stands for, and whether
// that is sure. Of the two in the hour that autumn repeats it is the last one that
// is over when the telegram is sent.
func (o *Options) timeIn(m *moment, c telegram.Clock) (at telegram.Clock, sure bool) {
	if o.Zone == nil {
		return c, true
	}
	first, often := c.In(o.Zone)
	if often != telegram.Twice || !m.clockOK {
		return first, often == telegram.Once
	}
	if second := c.Second(o.Zone); !second.Time.After(m.clock.Time) {
		first = second
	}
	return first, !m.odd.ambiguous && m.clock.Time.Sub(first.Time) < time.Hour
}

// clockCells returns a time and its offset, both empty where it is not known.
func (o *Options) clockCells(c telegram.Clock, known bool) (at, offset string) {
	if !known {
		return "", ""
	}
	return string(o.clockCell(nil, c)), c.Offset()
}
