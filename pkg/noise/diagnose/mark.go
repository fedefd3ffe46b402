package diagnose

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"p1/pkg/display"
)

// Instant is a point in time as a user names it: with its offset from UTC, or by the
// meter's own clock. The zero value is none.
type Instant struct {
	at    time.Time
	local bool // at is what the meter's clock shows, in UTC
}

// ParseInstant reads 2026-11-20T18:00 (or with seconds, or the date alone) as the
// meter's local time, and RFC 3339 with its offset.
func ParseInstant(text string) (Instant, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return Instant{at: at}, nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return Instant{at, true}, nil
		}
	}
	return Instant{}, fmt.Errorf("%q is no time: want one such as 2026-11-20T18:00 (the meter's local time) or 2026-11-20T18:00:00+01:00", text)
}

// IsZero reports whether it is none.
func (i Instant) IsZero() bool { return i.at.IsZero() }

// After reports whether it lies after what a meter's clock shows.
func (i Instant) After(clock time.Time) bool { return i.on(clock).After(clock) }

// on is the instant on a meter's clock.
func (i Instant) on(clock time.Time) time.Time {
	if !i.local {
		return i.at
	}
	y, m, d := i.at.Date()
	return time.Date(y, m, d, i.at.Hour(), i.at.Minute(), i.at.Second(), 0, clock.Location())
}

// String is the instant as the user named it.
func (i Instant) String() string {
	if i.local {
		return i.at.Format("2006-01-02T15:04:05")
	}
	return i.at.Format(time.RFC3339)
}

// Mark is a change that the user made.
type Mark struct {
	At   Instant
	Name string
}

// ParseMark reads TIME=NAME, or TIME alone, which is its own name.
func ParseMark(text string) (Mark, error) {
	when, name, _ := strings.Cut(text, "=")
	at, err := ParseInstant(when)
	if err != nil {
		return Mark{}, err
	}
	return Mark{at, cmp.Or(display.Short(name, maxQuoted), when)}, nil
}
