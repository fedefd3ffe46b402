package diagnose

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"

	"p1/pkg/display"
	"p1/pkg/noise/words"
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

// closed returns the segments with their shares of damaged telegrams.
func (s *spread) closed() []Segment {
	out := make([]Segment, len(s.segments))
	for i, seg := range s.segments {
		seg.Damage = wilson(float64(seg.Damaged), float64(seg.Telegrams))
		out[i] = seg
	}
	return out
}

// compare says what each mark changed, from the segment before it to the one after.
//
// The ratio of two rates of events has a 95 % interval of exp(±1.96 √(D₁/n₁ + D₂/n₂))
// around it, where D is the dispersion on that side: events in clusters say less than
// independent ones. Half an event is added to each side, so that none is not nothing.
func (s *spread) compare() []Comparison {
	segments := s.closed()
	var out []Comparison
	for i, m := range s.marks {
		before, after := segments[i], segments[i+1]
		c := Comparison{Mark: m.Name, At: m.At.String(), Before: before, After: after, Ratio: -1, Low: 0, High: -1}
		if before.Telegrams > 0 && after.Telegrams > 0 {
			c.measure(s.rhythms[i].dispersion(), s.rhythms[i+1].dispersion())
		}
		c.Verdict = c.verdict()
		out = append(out, c)
	}
	return out
}

func (c *Comparison) measure(dispersion1, dispersion2 float64) {
	n1, n2 := float64(c.Before.Events), float64(c.After.Events)
	b1, b2 := float64(c.Before.Bytes), float64(c.After.Bytes)
	if n1 > 0 {
		c.Ratio = n2 / b2 * b1 / n1
	}
	n1, n2 = n1+0.5, n2+0.5
	ratio := n2 / b2 * b1 / n1
	spread := math.Exp(1.96 * math.Sqrt(dispersion1/n1+dispersion2/n2))
	c.Low, c.High = ratio/spread, ratio*spread
}

func (c *Comparison) verdict() string {
	switch {
	case c.Before.Telegrams == 0:
		return "No telegram came before this change: nothing can be compared."
	case c.After.Telegrams == 0:
		return "No telegram has come since this change: nothing can be compared."
	case c.Before.Events == 0 && c.After.Events == 0:
		return "No damage before, none since."
	case c.High < 1:
		return fmt.Sprintf("It helped: the damage fell to %s of what it was (95 %% interval %s to %s).", words.Part(c.Ratio), words.Part(c.Low), words.Part(c.High))
	case c.Low > 1:
		return fmt.Sprintf("It made things worse: %s the damage (95 %% interval %s to %s).", times(c.Ratio), times(c.Low), times(c.High))
	}
	return fmt.Sprintf("No difference is proved: the damage may have changed to anything from %s to %s of what it was. More telegrams will tell.", words.Part(c.Low), words.Part(c.High))
}

func times(ratio float64) string {
	if ratio < 0 {
		return "many times"
	}
	return fmt.Sprintf("%.1f times", ratio)
}
