package ask

import (
	"cmp"
	"slices"
	"time"

	"p1/pkg/csv/index"
	"p1/pkg/csv/tables"
	"p1/pkg/telegram"
)

// reading is what a device on the M-Bus said of a time.
type reading struct {
	at    int64
	value telegram.Decimal
}

// readings are the steps of a column by the time stamps of the devices themselves, false
// where they say none. What was used up to a full hour stands before it.
func (c *scope) readings(column string) (known register, there bool) {
	devices := map[string][]reading{}
	for _, d := range c.days {
		for _, m := range d.Meters {
			if m.Name != c.meter {
				continue
			}
			for _, r := range m.Readings {
				if r.Column == column {
					devices[r.Device] = append(devices[r.Device], c.timed(r)...)
				}
			}
		}
	}
	for _, all := range devices {
		slices.SortStableFunc(all, func(a, b reading) int { return cmp.Compare(a.at, b.at) })
		steps, down := stepsOf(all)
		known.steps, known.fell = append(known.steps, steps...), known.fell+down
	}
	slices.SortStableFunc(known.steps, func(a, b gain) int { return cmp.Compare(a.to, b.to) })
	return known, known.steps != nil
}

// timed are readings with their times. Where a device does not say its offset and the meter
// does, it has the meter's zone.
func (c *scope) timed(r *index.Readings) (list []reading) {
	for i, at := range r.At {
		if !r.Value[i].OK {
			continue
		}
		if r.Floating && !c.floating {
			wall := time.Unix(at, 0).UTC()
			at = time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, c.zone).Unix()
		}
		list = append(list, reading{at, r.Value[i].Decimal})
	}
	return list
}

// stepsOf are the steps of one device. What falls and comes back was read wrongly once, and
// counts on from before it.
func stepsOf(all []reading) (list []gain, fell int) {
	for i := 1; i < len(all); i++ {
		before, r := all[i-1], all[i]
		step, ok := tables.Minus(r.value, before.value)
		if ok && step.Digits < 0 {
			fell++
			ahead := all[i:min(i+tables.Stays, len(all))]
			back := slices.IndexFunc(ahead, func(x reading) bool { return !tables.Above(before.value, x.value) })
			if back < 0 {
				continue
			}
			i += back
			r = all[i]
			step, ok = tables.Minus(r.value, before.value)
		}
		if !ok || r.at == before.at {
			continue
		}
		list = append(list, gain{from: before.at, to: r.at, by: step, own: true})
	}
	return list, fell
}
