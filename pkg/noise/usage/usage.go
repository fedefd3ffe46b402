// Package usage takes telegrams and tells what the registers of each meter gained month by
// month, since when, and how much of that time is there.
package usage

import (
	"slices"
	"time"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// maxMeters and maxMonths are how many are told apart.
const (
	maxMeters = 8
	maxMonths = 600
)

// Counter keeps what is known of each meter, but no telegram.
type Counter struct {
	meters []*Meter
	beyond int64 // telegrams of more meters than are told apart, or of more months
	strays int64 // telegrams of identifiers that most likely bit errors have made
}

// Take takes the next telegram. Only what is valid and not suspect counts.
func (c *Counter) Take(t *record.Telegram) {
	if t.Status.Valid() && t.Suspect == "" {
		c.telegram(t)
	}
}

// Beyond is how many telegrams are left out, since there are more meters or months than are
// told apart.
func (c *Counter) Beyond() int64 { return c.beyond }

// Meter is what is known of one meter.
type Meter struct {
	Name        string
	Dialect     string
	telegrams   int64
	unchecked   int64 // of them, those that no CRC confirms
	quarters    quarters
	first, last telegram.Clock
	timed       bool
	months      map[string]*month
}

// The registers that are added up by month.
const (
	imported = iota
	exported
	gas
	registers
)

// month is what was read in a month.
type month struct {
	low, high [registers]telegram.Decimal
	known     [registers]bool
	// The clock of the first and the last telegram that said them.
	first, last [registers]telegram.Clock
	device      string // of gas
	changed     bool   // it is another one than before
	peak        telegram.Decimal
	peakAt      telegram.Clock
	peaked      bool
	own         bool // there is a telegram of it, not of its very end only
}

// telegram takes what a telegram says that can be relied on.
func (c *Counter) telegram(t *record.Telegram) {
	said := telegram.Parse(t.Raw)
	m := c.meter(said)
	if m == nil {
		c.beyond++
		return
	}
	m.telegrams++
	if t.Status == record.Unchecked {
		m.unchecked++
	}
	clock, _, ok := said.Clock()
	if !ok || clock.IsReset() || len(t.Doubted) > 0 {
		return
	}
	if !m.timed || clock.Time.Before(m.first.Time) {
		m.first = clock
	}
	if !m.timed || clock.Time.After(m.last.Time) {
		m.last = clock
	}
	m.timed = true
	// What a register shows at midnight was counted before.
	counted, now := m.month(clock.Time.Add(-1)), m.month(clock.Time)
	if counted == nil || now == nil {
		c.beyond++
		return
	}
	m.quarters.take(clock.Time.Unix())
	counted.take(said, clock)
	now.own = true
	now.power(said, clock)
}

// month returns that of a time, nil of too many.
func (m *Meter) month(at time.Time) *month {
	name := at.Format("2006-01")
	if m.months[name] == nil && len(m.months) < maxMonths {
		m.months[name] = &month{}
	}
	return m.months[name]
}

// meter returns the one that a telegram is of, nil of too many.
func (c *Counter) meter(said *telegram.Telegram) *Meter {
	name := said.Meter()
	for _, m := range c.meters {
		if m.Name == name {
			return m
		}
	}
	if len(c.meters) >= maxMeters && !c.forget() {
		return nil
	}
	m := &Meter{Name: name, Dialect: said.Dialect(), months: map[string]*month{}}
	c.meters = append(c.meters, m)
	return m
}

// A stray is an identifier that at most fewStrays telegrams have, none of them with a CRC, while
// another one has more than manyTimes as many: most likely a bit error in it. Where no CRC
// protects a telegram, such an error makes a meter that there is not.
const (
	fewStrays = 2
	manyTimes = 20
)

func (m *Meter) stray(most int64) bool {
	return m.unchecked == m.telegrams && m.telegrams <= fewStrays && most > manyTimes*m.telegrams
}

// most is how many telegrams the meter with most of them has sent.
func (c *Counter) most() (n int64) {
	for _, m := range c.meters {
		n = max(n, m.telegrams)
	}
	return n
}

// forget forgets a stray, but for its telegrams. It reports whether there was one.
func (c *Counter) forget() bool {
	most := c.most()
	i := slices.IndexFunc(c.meters, func(m *Meter) bool { return m.stray(most) })
	if i < 0 {
		return false
	}
	c.strays += c.meters[i].telegrams
	c.meters = slices.Delete(c.meters, i, i+1)
	return true
}

// take takes the registers.
func (m *month) take(said *telegram.Telegram, clock telegram.Clock) {
	for r, code := range [...]string{"1-0:1.8.", "1-0:2.8."} {
		if total, ok := total(said, code); ok {
			m.register(r, total, clock)
		}
	}
	for _, d := range said.Devices() {
		if volume, ok := telegram.Convert(d.Value, d.Unit, "m3"); ok && d.OK && d.Medium == "gas" {
			m.changed = m.changed || m.known[gas] && m.device != d.ID
			m.device = d.ID
			m.register(gas, volume, clock)
			break
		}
	}
}

// total is what a register counts in all: the meter says so, or it is the sum of its tariffs.
func total(said *telegram.Telegram, code string) (sum telegram.Decimal, ok bool) {
	if sum, ok = said.Number(code+"0", "kWh"); ok {
		return sum, true
	}
	for tariff := '1'; tariff <= '9'; tariff++ {
		if one, there := said.Number(code+string(tariff), "kWh"); there {
			if sum, ok = sum.Plus(one); !ok {
				return sum, false
			}
		}
	}
	return sum, ok
}

// power takes the power of a moment.
func (m *month) power(said *telegram.Telegram, clock telegram.Clock) {
	if power, ok := said.Number("1-0:1.7.0", "kW"); ok && (!m.peaked || above(power, m.peak)) {
		m.peak, m.peakAt, m.peaked = power, clock, true
	}
}

// register takes a value of a register. It does not fall, so telegrams may come in any
// order.
func (m *month) register(r int, value telegram.Decimal, clock telegram.Clock) {
	if !m.known[r] || clock.Time.Before(m.first[r].Time) {
		m.first[r] = clock
	}
	if !m.known[r] || clock.Time.After(m.last[r].Time) {
		m.last[r] = clock
	}
	if !m.known[r] || above(m.low[r], value) {
		m.low[r] = value
	}
	if !m.known[r] || above(value, m.high[r]) {
		m.high[r] = value
	}
	m.known[r] = true
}

func above(a, b telegram.Decimal) bool {
	b.Digits = -b.Digits
	d, ok := a.Plus(b)
	return ok && d.Digits > 0
}

// since is when a register was last read before the month, where it was not read for more than a
// quarter of an hour at its beginning: what was gained meanwhile counts in the month.
func (m *month) since(r int, before *month) (at telegram.Clock, late bool) {
	if before == nil || !before.known[r] || !m.known[r] {
		return at, false
	}
	at = before.last[r]
	year, number, _ := m.first[r].Time.Add(-1).Date()
	begin := time.Date(year, number, 1, 0, 0, 0, 0, m.first[r].Time.Location())
	return at, at.Time.Before(begin) && m.first[r].Time.Unix()-at.Time.Unix() > quarter
}

// gained is what a register gained in a month, from where it stood at the end of the month
// before, if that is known. It is not known where the register fell, or is of another device.
func (m *month) gained(r int, before *month) (gain telegram.Decimal, ok bool) {
	if !m.known[r] || r == gas && m.changed {
		return gain, false
	}
	from := m.low[r]
	if before != nil && before.known[r] {
		if r == gas && before.device != m.device || above(before.high[r], m.low[r]) {
			return gain, false
		}
		from = before.high[r]
	}
	from.Digits = -from.Digits
	return m.high[r].Plus(from)
}
