package sim

// smarty is the meter of Luxembourg. Its telegrams are of the sort of DSMR 4 and 5,
// with totals in place of tariffs and with reactive energy, and go out encrypted,
// see sealer. The layout follows the P1 specification for Smarty 1.1.3.
//
//	1-3:0.2.8(42)                                    version
//	0-0:42.0.0(53414731303330…)                      name, as hex digits
//	1-0:1.8.0(…*kWh), 2.8.0, 3.8.0(…*kvarh), 4.8.0   energy and reactive energy, in and out
//	1-0:1.7.0, 2.7.0, 3.7.0(…*kvar), 4.7.0           the same as powers
//	0-0:17.0.0(27.720*kVA), 0-0:96.3.10(1)           limiter, breaker
//	0-1:96.3.10(0), 0-2:96.3.10(0)                   relays for others to control
//	0-0:96.7.21, 1-0:32.32.0, 32.36.0 …              power failures, sags, swells
//	0-0:96.13.0(), 96.13.2() … 96.13.5()             messages
//	1-0:31.7.0, 21.7.0, 22.7.0, 23.7.0, 24.7.0 …     by phase: amperes, power in and out, reactive in and out
//	0-1:24.2.1(time)(01234.567*m3)                   gas
type smarty struct {
	electricity
	powerQuality
	bus  *bus
	name string
	id   string
}

func newSmarty(s setup) dialect {
	gasMeter := newGasMeter(s, 3600)
	m := &smarty{
		name: `Lux5\25` + s.dice.digits(7) + "_D",
		id:   hexText("SAG10307000" + s.dice.digits(5)),
	}
	m.bus = s.connect(gasMeter, dutchNames("0075"))
	m.imported.wh[0] = s.between(2e6, 9e6)
	m.quadrant[0].wh[0] = s.between(4e5, 9e5)
	m.quadrant[3].wh[0] = s.between(1e6, 2e6)
	if s.pv {
		m.exported.wh[0] = s.between(1e6, 9e6)
	}
	m.powerQuality = newPowerQuality(s, 0)
	return m
}

func (m *smarty) count(h *house, from, to int64) {
	m.electricity.count(h, to-from, 0)
	m.countDips()
}

func (m *smarty) write(t *telegram, h *house, _ int64) {
	t.header(m.name)
	t.line("1-3:0.2.8", "(42)")
	t.clock()
	t.line("0-0:42.0.0", "("+m.id+")")
	m.writeTotals(t, h)
	t.line("0-0:17.0.0", "(27.720*kVA)")
	t.line("0-0:96.3.10", "(1)")
	t.line("0-1:96.3.10", "(0)")
	t.line("0-2:96.3.10", "(0)")
	t.number("0-0:96.7.21", m.failures, nlCount)
	m.writeDips(t)
	t.hexMessage()
	for _, code := range []string{"0-0:96.13.2", "0-0:96.13.3", "0-0:96.13.4", "0-0:96.13.5"} {
		t.line(code, "()")
	}
	writePhases(t, h)
	h.writeReactivePowers(t, huKvar)
	m.bus.writeDevices(t)
	t.end(arc)
}

// writeTotals writes what the meter counts and measures of all phases together.
func (m *smarty) writeTotals(t *telegram, h *house) {
	t.number("1-0:1.8.0", m.imported.total(), nlKWh)
	t.number("1-0:2.8.0", m.exported.total(), nlKWh)
	m.writeReactive(t, huKvarh)
	h.writePower(t, nlKW)
	h.writeReactivePower(t, huKvar)
}
