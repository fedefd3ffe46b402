package sim

import (
	"fmt"
	"slices"
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
	dutch
	powerQuality
	schedule schedule
}

// powerQuality is what a meter notes of its supply.
type powerQuality struct {
	dice     dice
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
)

// Steps between two sags or swells, on average.
const betweenDips = 200_000

func newDSMR5(s setup) dialect {
	return &dsmr5{dutch: newDutch(s, "DM500", "0077", 300), powerQuality: newPowerQuality(s, 2)}
}

// newPowerQuality draws a past with some long failures; a meter that has just been
// put in place has none.
func newPowerQuality(s setup, long int) powerQuality {
	q := powerQuality{dice: s.dice}
	if s.fresh {
		return q
	}
	ago := 0
	for range long {
		ago += s.dice.between(20*86400, 200*86400)
		q.log = append(q.log, failure{end: s.begin - int64(ago), seconds: int64(s.dice.between(190, 9000))})
	}
	q.failures = int64(len(q.log) + s.dice.below(8))
	for p := range q.sags {
		q.sags[p], q.swells[p] = int64(s.dice.below(6)), int64(s.dice.below(3))
	}
	return q
}

// hexText writes a text as the hex digits of its bytes, two for each.
func hexText(s string) string { return fmt.Sprintf("%X", s) }

func (m *dsmr5) count(h *house, from, to int64) {
	m.electricity.count(h, to-from, m.schedule.at(from, dutchTariff))
	m.countDips()
}

// A failure is long from so many seconds on.
const longFailure = 180

// fail notes a failure of the power.
func (q *powerQuality) fail(end, seconds int64) {
	q.failures++
	if seconds >= longFailure {
		q.log = slices.Insert(q.log, 0, failure{end, seconds})
	}
}

// countDips draws whether the voltage has dipped or swollen in a step.
func (q *powerQuality) countDips() {
	switch q.dice.below(betweenDips) {
	case 0:
		q.sags[q.dice.below(3)]++
	case 1:
		q.swells[q.dice.below(3)]++
	}
}

func (m *dsmr5) write(t *telegram, h *house, now int64) {
	t.header(m.name)
	t.line("1-3:0.2.8", "(50)")
	t.clock()
	t.line("0-0:96.1.1", "("+m.id+")")
	m.writeMoment(t, h, now, nlKWh, nlKW)
	m.writeFailures(t)
	m.writeDips(t)
	t.hexMessage()
	h.writeVolts(t, nlVolt)
	writePhases(t, h)
	m.bus.writeDevices(t)
	t.end(arc)
}

// writeFailures writes how often the power failed, and the log of long failures.
func (q *powerQuality) writeFailures(t *telegram) {
	t.number("0-0:96.7.21", q.failures, nlCount)
	t.number("0-0:96.7.9", int64(len(q.log)), nlCount)
	if len(q.log) == 0 {
		t.line("1-0:99.97.0", "()")
		return
	}
	entries := fmt.Sprintf("(%d)(0-0:96.7.19)", len(q.log))
	for _, f := range q.log {
		entries += fmt.Sprintf("%s(%010d*s)", t.stamp(f.end), f.seconds)
	}
	t.line("1-0:99.97.0", entries)
}

// writeDips writes the sags and swells of each phase.
func (q *powerQuality) writeDips(t *telegram) {
	for p, code := range []string{"1-0:32.32.0", "1-0:52.32.0", "1-0:72.32.0"} {
		t.number(code, q.sags[p], nlCount)
	}
	for p, code := range []string{"1-0:32.36.0", "1-0:52.36.0", "1-0:72.36.0"} {
		t.number(code, q.swells[p], nlCount)
	}
}

// writePhases writes amperes, and power in and out of each phase.
func writePhases(t *telegram, h *house) {
	h.writeAmps(t, nlAmp)
	h.writePowers(t, nlKW)
}
