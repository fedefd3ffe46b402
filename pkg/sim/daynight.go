package sim

import (
	"fmt"
	"time"
)

// dayAndNight is what the Lithuanian and the Swiss meter have in common: totals and
// two tariffs, of which the first is that of the day, and reactive energy.
type dayAndNight struct {
	electricity
	name string // of the header line
	id   string // in hex digits
}

// newDayAndNight draws a meter and what its registers stand at: of reactive energy,
// those while the house draws. A serial number is appended to name and identifier.
func newDayAndNight(s setup, name, id string) dayAndNight {
	serial := s.dice.digits(8)
	m := dayAndNight{name: name + serial[4:], id: hexText(id + serial)}
	m.imported.wh = [2]int64{s.between(1e6, 9e6), s.between(1e6, 9e6)}
	m.quadrant[0].wh[0] = s.between(4e5, 9e5)
	m.quadrant[3].wh[0] = s.between(1e6, 2e6)
	if s.pv {
		m.exported.wh = [2]int64{s.between(1e6, 6e6), s.between(1e5, 2e6)}
	}
	return m
}

// offPeak is true by night, which begins at an hour and ends at 7, and on weekends.
func offPeak(t time.Time, night int) bool {
	weekend := t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
	return t.Hour() < 7 || t.Hour() >= night || weekend
}

// writeTotals writes energy in and out, in all and by tariff.
func (m *dayAndNight) writeTotals(t *telegram) {
	for i, c := range []counter{m.imported, m.exported} {
		for rate, wh := range []int64{c.total(), c.wh[0], c.wh[1]} {
			t.number(fmt.Sprintf("1-0:%d.8.%d", i+1, rate), wh, nlKWh)
		}
	}
}

// writeMoment writes the powers of all phases together, volts and amperes.
func (m *dayAndNight) writeMoment(t *telegram, h *house) {
	h.writePower(t, nlKW)
	h.writeReactivePower(t, huKvar)
	h.writeVolts(t, beVolt)
	h.writeAmps(t, beAmp)
}
