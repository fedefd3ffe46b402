// Package brief takes telegram and noise records and gives a text of less than 4 kB that a person
// can paste into a chat or a forum: which meters, since when, how much of it is there, totals by
// month, the highest power, the voltages, what is wrong with the line, and what the words mean.
//
// Nothing that somebody else may have written is in it: no identifier, name of a file, header or
// message. Meters are numbered. What is in it are numbers, times, and words of this program.
package brief

import (
	"io"
	"slices"
	"time"

	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/report"
	"p1/pkg/noise/voltage"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// Brief gathers what the text says, and writes it when it is closed.
type Brief struct {
	record.BaseStage
	w         io.Writer
	counter   *report.Counter
	diagnoser *diagnose.Diagnoser
	voltages  *voltage.Counter
	meters    []*meter
	beyond    int64 // telegrams of more meters than are told apart, or of more months
	strays    int64 // telegrams of identifiers that most likely bit errors have made
}

// maxMeters and maxMonths are how many are told apart.
const (
	maxMeters = 8
	maxMonths = 600
)

// New returns a Brief that will be written to w.
func New(w io.Writer, o diagnose.Options) (*Brief, error) {
	volts, err := voltage.NewCounter(voltage.Nominal)
	return &Brief{w: w, counter: report.NewCounter(), diagnoser: diagnose.New(o), voltages: volts}, err
}

// Take takes the next record. It fails with [record.ErrChunks] for a chunk.
func (b *Brief) Take(r record.Record) error {
	if err := b.counter.Take(r); err != nil {
		return err
	}
	if err := b.voltages.Take(r); err != nil {
		return err
	}
	if t, ok := r.(*record.Telegram); ok && t.Status.Valid() && t.Suspect == "" {
		b.telegram(t)
	}
	return b.diagnoser.Take(r)
}

// Close writes the text. It fails with the error of the writer.
func (b *Brief) Close() error {
	_, err := io.WriteString(b.w, b.text())
	return err
}

// meter is what is known of one meter.
type meter struct {
	name        string // which is not written
	dialect     string
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
func (b *Brief) telegram(t *record.Telegram) {
	said := telegram.Parse(t.Raw)
	m := b.meter(said)
	if m == nil {
		b.beyond++
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
		b.beyond++
		return
	}
	m.quarters.take(clock.Time.Unix())
	counted.take(said, clock)
	now.own = true
	now.power(said, clock)
}

// month returns that of a time, nil of too many.
func (m *meter) month(at time.Time) *month {
	name := at.Format("2006-01")
	if m.months[name] == nil && len(m.months) < maxMonths {
		m.months[name] = &month{}
	}
	return m.months[name]
}

// meter returns the one that a telegram is of, nil of too many.
func (b *Brief) meter(said *telegram.Telegram) *meter {
	name := said.Meter()
	for _, m := range b.meters {
		if m.name == name {
			return m
		}
	}
	if len(b.meters) >= maxMeters && !b.forget() {
		return nil
	}
	m := &meter{name: name, dialect: said.Dialect(), months: map[string]*month{}}
	b.meters = append(b.meters, m)
	return m
}

// A stray is an identifier that at most fewStrays telegrams have, none of them with a CRC, while
// another one has more than manyTimes as many: most likely a bit error in it. Where no CRC
// protects a telegram, such an error makes a meter that there is not.
const (
	fewStrays = 2
	manyTimes = 20
)

func (m *meter) stray(most int64) bool {
	return m.unchecked == m.telegrams && m.telegrams <= fewStrays && most > manyTimes*m.telegrams
}

// most is how many telegrams the meter with most of them has sent.
func (b *Brief) most() (n int64) {
	for _, m := range b.meters {
		n = max(n, m.telegrams)
	}
	return n
}

// forget forgets a stray, but for its telegrams. It reports whether there was one.
func (b *Brief) forget() bool {
	most := b.most()
	i := slices.IndexFunc(b.meters, func(m *meter) bool { return m.stray(most) })
	if i < 0 {
		return false
	}
	b.strays += b.meters[i].telegrams
	b.meters = slices.Delete(b.meters, i, i+1)
	return true
}

// take takes the registers.
func (m *month) take(said *telegram.Telegram, clock telegram.Clock) {
	for r, codes := range [...][3]string{{"1-0:1.8.0", "1-0:1.8.1", "1-0:1.8.2"}, {"1-0:2.8.0", "1-0:2.8.1", "1-0:2.8.2"}} {
		total, ok := said.Number(codes[0], "kWh")
		if !ok {
			t1, ok1 := said.Number(codes[1], "kWh")
			t2, ok2 := said.Number(codes[2], "kWh")
			sum, fits := t1.Plus(t2)
			total, ok = sum, ok1 && ok2 && fits
		}
		if ok {
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
