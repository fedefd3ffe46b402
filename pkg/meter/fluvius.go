package meter

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
	gas     gasMeter
	name    string
	id      string
	gasID   string
	quarter int64 // watt-seconds imported since the quarter-hour began
	peak    peak  // of this month
	history []monthPeak
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
	beM3    = format{5, 3, "*m3"}
	beLimit = format{3, 1, "*kW"}
	beFuse  = format{3, 0, "*A"}
)

// monthsOfPeak is how many months 98.1.0 goes back.
const monthsOfPeak = 13

func newFluvius(d dice, begin int64, pv bool) dialect {
	m := &fluvius{
		gas:   newGasMeter(d, 300, begin),
		name:  `FLU5\25` + d.digits(7) + "_A",
		id:    hexText("1SAG" + d.digits(10)),
		gasID: hexText("7FLO" + d.digits(10)),
	}
	m.imported.wh = [2]int64{int64(d.between(1e6, 9e6)), int64(d.between(1e6, 9e6))}
	if pv {
		m.exported.wh = [2]int64{int64(d.between(1e6, 6e6)), int64(d.between(1e5, 2e6))}
	}
	end := monthBegin(begin)
	m.peak = drawPeak(d, end, begin)
	for range monthsOfPeak {
		start := monthBegin(end - 86400)
		m.history = append(m.history, monthPeak{end, drawPeak(d, start, end)})
		end = start
	}
	return m
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
	weekend := t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
	if h := t.Hour(); h < 7 || h >= 22 || weekend {
		return 1
	}
	return 0
}

func (m *fluvius) count(h *house, from, to int64) {
	m.electricity.count(h, to-from, belgianTariff(local(from)))
	m.gas.count(h, from, to)
	in, _ := h.power()
	m.quarter += int64(in) * (to - from)
	if to/quarterHour != from/quarterHour {
		if watts := m.quarter / quarterHour; watts > m.peak.watts {
			m.peak = peak{to - to%quarterHour, watts}
		}
		m.quarter = 0
	}
	if end := monthBegin(to); end > from {
		m.history = slices.Insert(m.history, 0, monthPeak{end, m.peak})[:monthsOfPeak]
		m.peak = peak{at: end}
	}
}

func (m *fluvius) telegram(h *house, now int64) telegram {
	t := telegram{text: make([]byte, 0, 1600)}
	t.header(m.name)
	t.line("0-0:96.1.4", "(50217)")
	t.line("0-0:96.1.1", "("+m.id+")")
	t.line("0-0:1.0.0", "("+seasonStamp(local(now))+")")
	t.number("1-0:1.8.1", m.imported.wh[0], beKWh)
	t.number("1-0:1.8.2", m.imported.wh[1], beKWh)
	t.number("1-0:2.8.1", m.exported.wh[0], beKWh)
	t.number("1-0:2.8.2", m.exported.wh[1], beKWh)
	t.number("0-0:96.14.0", int64(1+belgianTariff(local(now))), format{4, 0, ""})
	m.writePeaks(&t)
	in, out := h.power()
	t.number("1-0:1.7.0", int64(in), beKW)
	t.number("1-0:2.7.0", int64(out), beKW)
	t.perPhase(21, beKW, func(p int) int { return max(h.watts[p], 0) })
	t.perPhase(22, beKW, func(p int) int { return max(-h.watts[p], 0) })
	t.perPhase(32, beVolt, func(p int) int { return h.volts[p] })
	t.perPhase(31, beAmp, func(p int) int { return h.current(p, 100) })
	t.line("0-0:96.3.10", "(1)")
	t.number("0-0:17.0.0", 9999, beLimit)
	t.number("1-0:31.4.0", 999, beFuse)
	t.line("0-0:96.13.1", "()")
	t.line("0-0:96.13.0", "()")
	t.line("0-1:24.1.0", "(003)")
	t.line("0-1:96.1.1", "("+m.gasID+")")
	t.line("0-1:24.4.0", "(1)")
	t.line("0-1:24.2.3", "("+seasonStamp(local(m.gas.at))+")"+beM3.value(m.gas.litres))
	t.end(true)
	return t
}

// writePeaks writes the demand of this quarter-hour, of this month, and of the
// months before.
func (m *fluvius) writePeaks(t *telegram) {
	t.number("1-0:1.4.0", m.quarter/quarterHour, beKW)
	t.line("1-0:1.6.0", m.peak.values())
	entries := fmt.Sprintf("(%d)(1-0:1.6.0)(1-0:1.6.0)", len(m.history))
	for _, month := range m.history {
		entries += "(" + seasonStamp(local(month.end)) + ")" + month.values()
	}
	t.line("0-0:98.1.0", entries)
}

func (p peak) values() string {
	return "(" + seasonStamp(local(p.at)) + ")" + beKW.value(p.watts)
}
