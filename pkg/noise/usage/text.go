package usage

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"p1/pkg/noise/words"
	"p1/pkg/telegram"
)

// Meters are the meters, and how many telegrams are of identifiers that most likely are none.
func (c *Counter) Meters() (list []*Meter, strays int64) {
	most := c.most()
	strays = c.strays
	for _, m := range c.meters {
		if m.stray(most) {
			strays += m.telegrams
		} else {
			list = append(list, m)
		}
	}
	return list, strays
}

// Span says from when to when there are telegrams, and how many of those that are to be
// expected of a meter that sends one each so many seconds; 0 where that is not known.
func (m *Meter) Span(pace int64) string {
	usable := words.Plural(m.telegrams, "telegram") + " usable"
	switch {
	case m.unchecked == m.telegrams:
		usable = words.Plural(m.telegrams, "telegram") + " read, none of them confirmed by a CRC"
	case m.unchecked > 0:
		usable += " (" + words.Count(m.unchecked) + " of them not confirmed by a CRC)"
	}
	if !m.timed {
		return usable + ", at no time that is known"
	}
	text := m.first.RFC3339() + " to " + m.last.RFC3339() + ", " + usable
	if pace == 0 {
		return text
	}
	expected := (m.last.Time.Unix()-m.first.Time.Unix())/pace + 1
	if m.telegrams > expected {
		return text + fmt.Sprintf(" (some twice: one each %d s would be %s)", pace, words.Count(expected))
	}
	return text + fmt.Sprintf(", %s of one each %d s", words.Ratio(m.telegrams, expected), pace)
}

// Holes says for how long nothing came, of a meter that sends often enough to tell; else
// nothing.
func (m *Meter) Holes() string {
	if !m.timed || m.telegrams < 2*m.quarters.taken {
		return ""
	}
	h := m.quarters.between(m.first.Time, m.last.Time)
	if h.all == 0 {
		return "there is one in each quarter of an hour"
	}
	after := time.Unix(h.after, 0).In(m.first.Time.Location())
	return fmt.Sprintf("there is none in %s of an hour; the longest hole is %s from %s on",
		words.Plural(h.all, "quarter"), words.Number(float64(h.longest)/4)+" h", after.Format("2006-01-02 15:04"))
}

// Month is what a month came to. A register that the meter does not send is "-"; "?" is one of
// which the gain is not known; one with * was used in part before the month, since Since.
type Month struct {
	Name, Import, Export, Gas string // 2026-03, kWh, kWh, m³
	Highest, At               string // power in kW, and when; empty where it is not known
	Since                     string
}

// Months are the last months, at most so many, and how many there are before them.
func (m *Meter) Months(most int) (list []Month, before int) {
	all, skipped := slices.Sorted(maps.Keys(m.months)), 0
	if len(all) > 1 && !m.months[all[0]].own {
		skipped = 1 // the end of that month only, from which the next one is counted
	}
	begin := max(len(all)-skipped-most, 0)
	for i := skipped + begin; i < len(all); i++ {
		one, earlier := m.months[all[i]], (*month)(nil)
		if i > 0 {
			earlier = m.months[all[i-1]]
		}
		list = append(list, one.told(all[i], earlier))
	}
	return list, begin
}

// told writes what a month came to, after the month before.
func (m *month) told(name string, before *month) Month {
	var cells [registers]string
	told := Month{Name: name}
	for r := range cells {
		cells[r] = "-"
		if gain, ok := m.gained(r, before); ok {
			cells[r] = gain.String()
			if since, late := m.since(r, before); late && gain.Digits > 0 {
				cells[r] += "*"
				told.Since = minute(since)
			}
		} else if m.known[r] {
			cells[r] = "?"
		}
	}
	told.Import, told.Export, told.Gas = cells[imported], cells[exported], cells[gas]
	if m.peaked {
		told.Highest, told.At = m.peak.String(), m.peakAt.Time.Format("01-02 15:04")
	}
	return told
}

func minute(c telegram.Clock) string { return c.Time.Format("2006-01-02 15:04") }
