package sim

// swedish is a three-phase meter as Swedish and Norwegian grid operators install
// them: a telegram every ten seconds, totals without tariffs, and of everything
// the reactive part too. Its numbers are two digits wider than those of others.
//
//	1-0:1.8.0(00006678.394*kWh), 2.8.0               energy in, out
//	1-0:3.8.0(00000021.988*kvarh) = quadrants I, II   reactive energy, inductive
//	1-0:4.8.0(00001020.971*kvarh) = quadrants III, IV reactive energy, capacitive
//	1-0:1.7.0(0001.727*kW) … 4.7.0                    the same four as powers
//	1-0:21.7.0 … 64.7.0                               and by phase: 21 in, 22 out, 23 and 24 reactive
//	1-0:32.7.0(240.3*V), 31.7.0(004.2*A)              volts and amperes by phase
type swedish struct {
	electricity
	name string
}

// How this meter writes its numbers.
var (
	seKWh   = format{8, 3, "*kWh"}
	seKvarh = format{8, 3, "*kvarh"}
	seKW    = format{4, 3, "*kW"}
	seKvar  = format{4, 3, "*kvar"}
	seVolt  = format{3, 1, "*V"}
	seAmp   = format{3, 1, "*A"}
)

func newSwedish(s setup) dialect {
	m := &swedish{name: `ELL5\25` + s.dice.digits(7) + "_A"}
	m.setTotals(s)
	return m
}

// setTotals draws what the registers stand at.
func (m *swedish) setTotals(s setup) {
	m.imported.wh[0] = s.between(2e6, 3e7)
	m.quadrant[0].wh[0] = s.between(4e5, 9e5)
	m.quadrant[3].wh[0] = s.between(1e6, 2e6)
	if s.pv {
		m.exported.wh[0] = s.between(1e6, 9e6)
		m.quadrant[1].wh[0] = s.between(2e4, 9e4)
		m.quadrant[2].wh[0] = s.between(2e5, 4e5)
	}
}

func (m *swedish) count(h *house, from, to int64) {
	m.electricity.count(h, to-from, 0)
}

func (m *swedish) write(t *telegram, h *house, _ int64) {
	t.header(m.name)
	t.clock()
	m.writeTotals(t, h)
	t.end(arc)
}

// writeTotals writes the registers and what is measured now.
func (m *swedish) writeTotals(t *telegram, h *house) {
	t.number("1-0:1.8.0", m.imported.total(), seKWh)
	t.number("1-0:2.8.0", m.exported.total(), seKWh)
	m.writeReactive(t, seKvarh)
	h.writePower(t, seKW)
	h.writeReactivePower(t, seKvar)
	h.writePowers(t, seKW)
	h.writeReactivePowers(t, seKvar)
	h.writeVolts(t, seVolt)
	h.writeAmps(t, seAmp)
}
