package sim

import (
	"fmt"
	"slices"
	"time"
)

// fluvius is the three-phase meter that Flemish households have, with a gas meter
// on M-Bus channel 1: a telegram every second, gas every five minutes. What its
// owner pays for is the highest quarter-hour of each month.
//
//	0-0:96.1.4(50217)                                 version
//	1-0:1.8.1, 1.8.2, 2.8.1, 2.8.2                    energy in and out, by day (1) and by night (2)
//	1-0:1.4.0(00.412*kW)                              mean power of this quarter-hour, as if nothing more came
//	1-0:1.6.0(time)(04.329*kW)                        this month's highest quarter-hour
//	0-0:98.1.0(13)(1-0:1.6.0)(1-0:1.6.0)(time)(time)(04.329*kW)…
//	                                                  the months before, the latest first: month's end, time, highest
//	0-0:96.3.10(1), 0-0:17.0.0, 1-0:31.4.0            breaker, limiter, fuse
//	0-1:24.2.3(time)(00112.384*m3)                    gas as measured, not converted to a standard temperature
type fluvius struct {
	electricity
	schedule schedule
	bus      *bus
	name     string
	id       string
	quarter  int64 // watt-seconds imported since the quarter-hour began
	peak     peak  // of this month
	history  []monthPeak
}

// peak is a quarter-hour's mean power and when it ended.
type peak struct {
	at    int64
	watts int64
}

// monthPeak is the highest quarter-hour of a month that has ended.
type monthPeak struct {
	end int64
	peak
}

// How this meter writes its numbers.
var (
	beKWh   = format{6, 3, "*kWh"}
	beKW    = format{2, 3, "*kW"}
	beVolt  = format{3, 1, "*V"}
	beAmp   = format{3, 2, "*A"}
	beLimit = format{3, 1, "*kW"}
	beFuse  = format{3, 0, "*A"}
)

// monthsOfPeak is how many months 98.1.0 goes back.
const monthsOfPeak = 13

func newFluvius(s setup) dialect {
	gasMeter := newGasMeter(s, 300)
	m := &fluvius{
		name: `FLU5\25` + s.dice.digits(7) + "_A",
		id:   hexText("1SAG" + s.dice.digits(10)),
	}
	m.bus = s.connect(gasMeter, belgianName)
	m.imported.wh = [2]int64{s.between(1e6, 9e6), s.between(1e6, 9e6)}
	if s.pv {
		m.exported.wh = [2]int64{s.between(1e6, 6e6), s.between(1e5, 2e6)}
	}
	if s.fresh {
		m.peak = peak{at: s.begin}
		return m
	}
	end := monthBegin(s.begin)
	m.peak = drawPeak(s.dice, end, s.begin)
	for range monthsOfPeak {
		start := monthBegin(end - 86400)
		m.history = append(m.history, monthPeak{end, drawPeak(s.dice, start, end)})
		end = start
	}
	return m
}

// belgianName draws the identifier of a device.
func belgianName(d dice, m medium) string {
	if m.name == gas.name {
		return hexText("7FLO" + d.digits(10))
	}
	return hexText("8SAG" + d.digits(10))
}

// drawPeak draws the highest quarter-hour between two times; if none has ended,
// it is 0.
func drawPeak(d dice, from, to int64) peak {
	quarters := int((to - from) / quarterHour)
	if quarters == 0 {
		return peak{at: from}
	}
	return peak{from + int64(d.between(1, quarters))*quarterHour, int64(d.between(2500, 6500))}
}

// belgianTariff is 0, the dear one, by day, and 1 by night and on weekends.
func belgianTariff(t time.Time) int {
	if offPeak(t, 22) {
		return 1
	}
	return 0
}

func (m *fluvius) count(h *house, from, to int64) {
	m.electricity.count(h, to-from, m.schedule.at(from, belgianTariff))
	in, _ := h.power()
	m.quarter += int64(in) * (to - from)
	if to/quarterHour != from/quarterHour {
		if watts := m.quarter / quarterHour; watts > m.peak.watts {
			m.peak = peak{to - to%quarterHour, watts}
		}
		m.quarter = 0
	}
	if newHour(from, to) {
		m.closeMonth(from, to)
	}
}

// closeMonth notes the month's peak, if the month has ended.
func (m *fluvius) closeMonth(from, to int64) {
	end := monthBegin(to)
	if end <= from {
		return
	}
	m.history = slices.Insert(m.history, 0, monthPeak{end, m.peak})
	m.history = m.history[:min(len(m.history), monthsOfPeak)]
	m.peak = peak{at: end}
}

func (m *fluvius) write(t *telegram, h *house, now int64) {
	t.header(m.name)
	t.line("0-0:96.1.4", "(50217)")
	t.line("0-0:96.1.1", "("+m.id+")")
	t.clock()
	m.writeByTariff(t, beKWh)
	t.tariff(belgianTariff(local(now)))
	m.writePeaks(t)
	h.writePower(t, beKW)
	h.writePowers(t, beKW)
	h.writeVolts(t, beVolt)
	h.writeAmps(t, beAmp)
	t.line("0-0:96.3.10", "(1)")
	t.limit(9999, beLimit)
	t.number("1-0:31.4.0", 999, beFuse)
	t.line("0-0:96.13.1", "()")
	t.hexMessage()
	m.writeDevices(t)
	t.end(arc)
}

// writeDevices writes what hangs on the M-Bus. Only gas has a valve and the code
// of its own.
func (m *fluvius) writeDevices(t *telegram) {
	for i, d := range m.bus.devices {
		t.line(fmt.Sprintf("0-%d:24.1.0", i+1), fmt.Sprintf("(%03d)", d.medium.number))
		t.line(fmt.Sprintf("0-%d:96.1.1", i+1), "("+d.id+")")
		code := "0-%d:24.2.1"
		if d.valve() {
			t.line(fmt.Sprintf("0-%d:24.4.0", i+1), "(1)")
			code = "0-%d:24.2.3"
		}
		t.line(fmt.Sprintf(code, i+1), t.stamp(d.at)+d.value())
	}
}

// writePeaks writes the demand of this quarter-hour, of this month, and of the
// months before.
func (m *fluvius) writePeaks(t *telegram) {
	t.number("1-0:1.4.0", m.quarter/quarterHour, beKW)
	t.line("1-0:1.6.0", m.peak.values(t))
	entries := fmt.Sprintf("(%d)(1-0:1.6.0)(1-0:1.6.0)", len(m.history))
	for _, month := range m.history {
		entries += t.stamp(month.end) + month.values(t)
	}
	t.line("0-0:98.1.0", entries)
}

func (p peak) values(t *telegram) string {
	return t.stamp(p.at) + beKW.value(p.watts)
}
