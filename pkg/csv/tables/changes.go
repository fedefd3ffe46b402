package tables

import (
	"time"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// comparable reports whether a telegram may be compared with others of its
// meter: a valid one, or, on request, a bad or lost one, that is not suspect. What stands
// alone in the lines of a salvaged one is not enough.
func (o *Options) comparable(from *record.Telegram) bool {
	return o.accepts(from) && from.Status != record.Salvaged && from.Suspect == ""
}

// seenLine is the values of a line that a meter sent last.
type seenLine string

// changed reports whether the values of a code are others than in the meter's last
// telegram, and remembers them.
func (s *seenLine) changed(t *telegram.Telegram, code string) bool {
	values, ok := t.Find(code)
	if !ok || len(values) == 0 {
		return false
	}
	line := t.Raw[values[0].Text.Start:values[len(values)-1].Unit.End]
	if string(line) == string(*s) {
		return false
	}
	*s = seenLine(line)
	return true
}

// timeIn returns the moment that a time in a telegram stands for in a zone, nil for
// none, and whether that is sure. Of the two in the hour that autumn repeats it is the
// last one that is over when the telegram is sent.
func (m *moment) timeIn(zone *time.Location, c telegram.Clock) (at telegram.Clock, sure bool) {
	if zone == nil {
		return c, true
	}
	first, often := c.In(zone)
	if often != telegram.Twice || !m.clockOK {
		return first, often == telegram.Once
	}
	if second := c.Second(zone); !second.Time.After(m.clock.Time) {
		first = second
	}
	return first, !m.odd.ambiguous && m.clock.Time.Sub(first.Time) < time.Hour
}
