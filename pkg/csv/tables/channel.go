package tables

import (
	"slices"
	"time"

	"p1/pkg/telegram"
)

// channels are what is known of the channels of a meter, 1 to 19 (telegram.Device).
type channels [19]channel

// of returns a channel by its number, nil where there is no such channel.
func (c *channels) of(number int) *channel {
	if number < 1 || number > len(c) {
		return nil
	}
	return &c[number-1]
}

// channel is what is known of one M-Bus channel.
type channel struct {
	fitted []fitted // the devices met on it, the last one first
	odd    bool     // a reading of it could not be used, and that was said
	unread bool     // a device that was never read has its row
}

// maxFitted is how many devices of a channel are remembered, so that one which
// comes back goes on where it was.
const maxFitted = 4

// fitted is a device with what it said last.
type fitted struct {
	id      string
	at      telegram.Clock // its own time, or, where it has none, the meter's
	atOK    bool
	reading telegram.Decimal
	highest telegram.Decimal
	told    stretches
}

// reported is what a telegram says of a device.
type reported struct {
	id       string
	reading  telegram.Decimal
	at       telegram.Clock // when the device was read, or, where it does not say, the telegram was sent
	atOK     bool
	timeless bool           // it does not say, or its clock was never set
	ahead    bool           // it says a time that has not come yet when the telegram is sent
	own      telegram.Clock // what it says of the time
	ownOK    bool
	sure     bool // own is: it may occur twice, or never
}

// report returns what a telegram says of a device.
func (o *Options) report(m *moment, d *telegram.Device, reading telegram.Decimal) reported {
	s := reported{id: latin1(d.ID), reading: reading, at: m.clock, atOK: m.clockOK, timeless: true, sure: true}
	if !d.AtOK {
		return s
	}
	s.own, s.sure = m.timeIn(o.Zone, d.At)
	s.ownOK = true
	if !d.At.IsReset() {
		s.at, s.atOK, s.timeless = s.own, true, false
		s.ahead = m.isAhead(s.own)
	}
	return s
}

// isAhead reports whether a time has not come yet when the telegram is sent.
func (m *moment) isAhead(at telegram.Clock) bool {
	return m.clockOK && !m.clock.IsReset() && at.Time.Sub(m.clock.Time) > aheadOf(at, m.clock)
}

// ahead is the note of a time that has not come yet.
func (m *moment) ahead(at telegram.Clock, ok bool) string {
	if ok && m.isAhead(at) {
		return noteAhead
	}
	return ""
}

// aheadOf is how far a device's clock may be ahead of the meter's before that is odd:
// where only one of them says its offset, as much as offsets may differ more.
func aheadOf(device, meter telegram.Clock) time.Duration {
	if (device.Season == 0) != (meter.Season == 0) {
		return 3 * time.Hour
	}
	return ownTime
}

// news is what is new in a report.
type news struct {
	reported
	isNew      bool   // its time or its reading
	replaced   bool   // it is not the device that was on the channel
	before     string // then, the one that was
	fell       bool   // the reading is below the last one
	earlier    bool   // as its time is: an older log comes after a newer one
	last       telegram.Decimal
	difference telegram.Decimal // to the last reading
	measured   bool             // difference is known
}

// take returns what is new in a report, and remembers it.
func (c *channel) take(s reported) news {
	f, n := c.find(s.id)
	first := f == nil
	if first {
		c.fitted = slices.Insert(c.fitted, 0, fitted{id: s.id})
		c.fitted = c.fitted[:min(len(c.fitted), maxFitted)]
		f = &c.fitted[0]
	}
	n.reported = s
	switch {
	case first:
		n.isNew = true
	case f.repeats(s.reading, s.at, s.atOK, s.timeless):
		return n
	default:
		n.isNew = true
		n.compare(f, s.reading, s.at, s.atOK)
	}
	f.keep(s.reading, s.at, s.atOK, first)
	return n
}

// find returns the device of a report, nil where it was never met on the
// channel, and moves it to the front. A telegram that names no device speaks of
// the one that is there, and so did those before the first that names one.
func (c *channel) find(id string) (*fitted, news) {
	if len(c.fitted) == 0 {
		return nil, news{}
	}
	if front := &c.fitted[0]; id == "" || front.id == id || front.id == "" {
		if id != "" {
			front.id = id
		}
		return front, news{}
	}
	n := news{before: c.fitted[0].id}
	i := slices.IndexFunc(c.fitted, func(f fitted) bool { return f.id == id })
	if i < 0 {
		n.replaced = true
		return nil, n
	}
	back := c.fitted[i]
	c.fitted = slices.Insert(slices.Delete(c.fitted, i, i+1), 0, back)
	return &c.fitted[0], n
}

// repeats reports whether a reading was told before: the last one, once more, or
// one of a log that is read again.
func (f *fitted) repeats(reading telegram.Decimal, at telegram.Clock, atOK, timeless bool) bool {
	same := !above(reading, f.reading) && !above(f.reading, reading)
	if !atOK || !f.atOK {
		return same
	}
	if same && (timeless || at.Time.Equal(f.at.Time)) {
		if at.Time.After(f.at.Time) {
			f.told.extend(at.Time.Unix())
			f.at = at
		}
		return true
	}
	return f.told.cover(at.Time.Unix()) && !above(reading, f.highest)
}

// compare compares a new reading with the last one of the device.
func (n *news) compare(f *fitted, reading telegram.Decimal, at telegram.Clock, atOK bool) {
	n.last = f.reading
	back := atOK && f.atOK && at.Time.Before(f.at.Time)
	switch fell := above(f.reading, reading); {
	case fell && back:
		n.earlier = true
	case fell:
		n.fell = true
	default:
		n.difference, n.measured = minus(reading, f.reading)
	}
}

// keep makes a reading the last one.
func (f *fitted) keep(reading telegram.Decimal, at telegram.Clock, atOK, first bool) {
	if atOK {
		second := at.Time.Unix()
		if first || !f.atOK || at.Time.Before(f.at.Time) {
			f.told.begin(second)
		} else {
			f.told.extend(second)
		}
		f.at, f.atOK = at, true
	}
	f.reading = reading
	if first || above(reading, f.highest) {
		f.highest = reading
	}
}

// The notes of readings whose times are not to be believed.
const (
	noteUnset  = "never set"             // the clock, since it lost its power: 1970 or 2000
	noteAhead  = "ahead of the telegram" // the clock
	noteUnread = "never read"            // the device
)

// words returns the note of a row.
func (n *news) words() string {
	switch {
	case n.replaced:
		return "replaced"
	case n.fell:
		return "fell"
	case n.earlier:
		return "earlier"
	case !n.ownOK:
		return "no time"
	case n.timeless:
		return noteUnset
	case n.ahead:
		return noteAhead
	case !n.sure:
		return "ambiguous"
	}
	return ""
}
