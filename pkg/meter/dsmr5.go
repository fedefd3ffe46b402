package meter

import (
	"fmt"
	"time"
)

// dsmr5 is a Dutch three-phase meter with a gas meter on M-Bus channel 1, as
// the P1 companion standard 5.0.2, §6, describes it: a telegram every second,
// gas every five minutes.
//
//	1-3:0.2.8(50)                                      version
//	1-0:1.8.1, 1.8.2, 2.8.1, 2.8.2                     energy in and out, low (1) and normal (2) tariff
//	1-0:99.97.0(2)(0-0:96.7.19)(time)(0000000240*s)…   log of long power failures
//	1-0:32.32.0, 32.36.0 …                             voltage sags and swells per phase
//	1-0:21.7.0, 22.7.0 …                               power in and out per phase
//	0-1:24.2.1(time)(00012.345*m3)                     gas
type dsmr5 struct {
	electricity
	dice     dice
	gas      gasMeter
	name     string
	id       string
	gasID    string
	failures int64 // short ones and long ones
	log      []failure
	sags     [3]int64
	swells   [3]int64
}

// failure is an entry of the log of long power failures, the latest first.
type failure struct {
	end     int64
	seconds int64
}

// How this meter writes its numbers.
var (
	nlKWh   = format{6, 3, "*kWh"}
	nlKW    = format{2, 3, "*kW"}
	nlCount = format{5, 0, ""}
	nlVolt  = format{3, 1, "*V"}
	nlAmp   = format{3, 0, "*A"}
	nlM3    = format{5, 3, "*m3"}
)

// Seconds between two sags or swells, on average.
const betweenDips = 200_000

func newDSMR5(d dice, begin int64, pv bool) dialect {
	m := &dsmr5{
		dice:  d,
		gas:   newGasMeter(d, 300, begin),
		name:  `SIM5\2DM500-` + d.digits(4),
		id:    hexText("E0077" + d.digits(12)),
		gasID: hexText("G0077" + d.digits(12)),
	}
	m.imported.wh = [2]int64{int64(d.between(1e6, 9e6)), int64(d.between(1e6, 9e6))}
	if pv {
		m.exported.wh = [2]int64{int64(d.between(1e5, 2e6)), int64(d.between(1e6, 6e6))}
	}
	ago := 0
	for range 2 {
		ago += d.between(20*86400, 200*86400)
		m.log = append(m.log, failure{end: begin - int64(ago), seconds: int64(d.between(190, 9000))})
	}
	m.failures = int64(len(m.log) + d.below(8))
	for p := range m.sags {
		m.sags[p], m.swells[p] = int64(d.below(6)), int64(d.below(3))
	}
	return m
}

// hexText writes a text as the hex digits of its bytes, two for each.
func hexText(s string) string { return fmt.Sprintf("%X", s) }

// dutchTariff is 0, the low one, by night and on weekends, else 1.
func dutchTariff(t time.Time) int {
	weekend := t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
	if h := t.Hour(); h < 7 || h >= 23 || weekend {
		return 0
	}
	return 1
}

func (m *dsmr5) count(h *house, from, to int64) {
	m.electricity.count(h, to-from, dutchTariff(local(from)))
	m.gas.count(h, from, to)
	switch m.dice.below(betweenDips) {
	case 0:
		m.sags[m.dice.below(3)]++
	case 1:
		m.swells[m.dice.below(3)]++
	}
}

func (m *dsmr5) telegram(h *house, now int64) telegram {
	t := telegram{text: make([]byte, 0, 1200)}
	t.header(m.name)
	t.line("1-3:0.2.8", "(50)")
	t.line("0-0:1.0.0", "("+seasonStamp(local(now))+")")
	t.line("0-0:96.1.1", "("+m.id+")")
	t.number("1-0:1.8.1", m.imported.wh[0], nlKWh)
	t.number("1-0:1.8.2", m.imported.wh[1], nlKWh)
	t.number("1-0:2.8.1", m.exported.wh[0], nlKWh)
	t.number("1-0:2.8.2", m.exported.wh[1], nlKWh)
	t.number("0-0:96.14.0", int64(1+dutchTariff(local(now))), format{4, 0, ""})
	in, out := h.power()
	t.number("1-0:1.7.0", int64(in), nlKW)
	t.number("1-0:2.7.0", int64(out), nlKW)
	m.writeEvents(&t)
	t.line("0-0:96.13.0", "()")
	writePhases(&t, h)
	t.line("0-1:24.1.0", "(003)")
	t.line("0-1:96.1.0", "("+m.gasID+")")
	t.line("0-1:24.2.1", "("+seasonStamp(local(m.gas.at))+")"+nlM3.value(m.gas.litres))
	t.end(true)
	return t
}

// writeEvents writes the power failures, sags and swells.
func (m *dsmr5) writeEvents(t *telegram) {
	t.number("0-0:96.7.21", m.failures, nlCount)
	t.number("0-0:96.7.9", int64(len(m.log)), nlCount)
	entries := fmt.Sprintf("(%d)(0-0:96.7.19)", len(m.log))
	for _, f := range m.log {
		entries += fmt.Sprintf("(%s)(%010d*s)", seasonStamp(local(f.end)), f.seconds)
	}
	t.line("1-0:99.97.0", entries)
	for p, code := range []string{"1-0:32.32.0", "1-0:52.32.0", "1-0:72.32.0"} {
		t.number(code, m.sags[p], nlCount)
	}
	for p, code := range []string{"1-0:32.36.0", "1-0:52.36.0", "1-0:72.36.0"} {
		t.number(code, m.swells[p], nlCount)
	}
}

// writePhases writes volts, amperes, and power in and out of each phase.
func writePhases(t *telegram, h *house) {
	t.perPhase(32, nlVolt, func(p int) int { return h.volts[p] })
	t.perPhase(31, nlAmp, func(p int) int { return h.current(p, 1) })
	t.perPhase(21, nlKW, func(p int) int { return max(h.watts[p], 0) })
	t.perPhase(22, nlKW, func(p int) int { return max(-h.watts[p], 0) })
}
