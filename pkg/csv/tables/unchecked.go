package tables

import (
	"slices"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// outliers keeps telegrams that no CRC has checked from the tables of what
// changes, where they stand alone: a digit that the line has changed is no new gas
// meter, and no register that fell.
//
//	last       held      next
//	5734.538   5734.531  5734.540    next goes on from last, and held does not: held is left out
//	5734.538   0000.002  0000.003    next does not either: held is believed
//
// So each of these telegrams waits for the next one of its meter.
type outliers struct {
	rows
	o      Options
	words  dictionary
	clocks timekeeper
	meters perMeter[lastTwo]
	err    error // of what was forgotten
}

// lastTwo is what a meter without CRCs said last, and what waits.
type lastTwo struct {
	last, held *account
}

// account is an unchecked telegram, with what is compared of it.
type account struct {
	from     *record.Telegram
	counters []counter
	texts    []string // tariff, messages, identifiers of devices
	devices  []telegram.Device
}

func newOutliers(r rows, o Options) *outliers {
	t := &outliers{rows: r, o: o, words: dictionary{}}
	t.meters.forget = func(w *lastTwo) {
		if err := t.release(w); t.err == nil {
			t.err = err
		}
	}
	return t
}

func (t *outliers) take(from *record.Telegram) error {
	if from.Status == record.OK || from.Status == record.Repaired || !t.o.comparable(from) {
		return t.rows.take(from)
	}
	c := *from
	c.Raw, c.Doubted, c.Trusted = slices.Clone(from.Raw), slices.Clone(from.Doubted), slices.Clone(from.Trusted)
	var m moment
	m.read(&c, &t.clocks)
	now := t.account(m)
	w := t.meters.of(m.meter)
	alone := w.last != nil && w.held != nil && !w.last.contradicts(now) &&
		(w.last.contradicts(w.held) || w.held.contradicts(now))
	if alone {
		w.held = nil
	}
	if err := t.release(w); err != nil {
		return err
	}
	w.held = now
	return t.err
}

func (t *outliers) account(m moment) *account {
	a := &account{from: m.from, counters: state(m, t.words).counters, devices: m.said.Devices()}
	tariff, _ := m.said.Text(tariffCode)
	a.texts = append(a.texts, tariff)
	for _, n := range m.said.Messages() {
		a.texts = append(a.texts, n.Code+n.Text)
	}
	for _, d := range a.devices {
		a.texts = append(a.texts, d.ID)
	}
	return a
}

// contradicts reports whether a later telegram cannot simply follow: a register or
// a reading falls, the time of a reading goes back, or a text is another one.
func (a *account) contradicts(later *account) bool {
	if fell, _ := compared(a.counters, later.counters); fell || !slices.Equal(a.texts, later.texts) {
		return true
	}
	for i := range min(len(a.devices), len(later.devices)) {
		was, is := &a.devices[i], &later.devices[i]
		if was.OK && is.OK && was.Code == is.Code && above(was.Value, is.Value) ||
			was.AtOK && is.AtOK && is.At.Time.Before(was.At.Time) {
			return true
		}
	}
	return false
}

// release makes the rows of the telegram that waits.
func (t *outliers) release(w *lastTwo) error {
	if w.held == nil {
		return nil
	}
	w.last, w.held = w.held, nil
	return t.rows.take(w.last.from)
}

// releaseAll makes the rows of all telegrams that wait.
func (t *outliers) releaseAll() error {
	for i := len(t.meters.kept) - 1; i >= 0; i-- {
		if err := t.release(&t.meters.kept[i].is); err != nil {
			return err
		}
	}
	return t.err
}

func (t *outliers) takeGap(g *record.Gap) error {
	if err := t.releaseAll(); err != nil {
		return err
	}
	if r, ok := t.rows.(gapRows); ok {
		return r.takeGap(g)
	}
	return nil
}

func (t *outliers) close() error {
	if err := t.releaseAll(); err != nil {
		return err
	}
	return t.rows.close()
}
