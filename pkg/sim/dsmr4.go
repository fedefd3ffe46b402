package sim

import "fmt"

// dsmr4 is a Dutch three-phase meter of the generation before DSMR 5, as the P1
// companion standard 4.0 describes it: a telegram every ten seconds, gas every
// hour, no volts.
//
//	1-3:0.2.8(40)                                      version
//	1-0:1.8.1, 1.8.2, 2.8.1, 2.8.2                     energy in and out, low (1) and normal (2) tariff
//	0-0:17.0.0(016.1*kW), 0-0:96.3.10(1)               limiter, breaker
//	1-0:99.97.0(3)(0-0:96.7.19)(time)(0000000240*s)…   log of long power failures
//	1-0:32.32.0, 32.36.0 …                             voltage sags and swells per phase
//	0-0:96.13.1(), 96.13.0()                           message codes, message
//	1-0:31.7.0(001*A), 21.7.0(00.143*kW) …             amperes and powers per phase
//	0-1:24.2.1(time)(00012.345*m3), 24.4.0(1)          gas, its valve
type dsmr4 struct {
	dutch
	powerQuality
}

func newDSMR4(s setup) dialect {
	return &dsmr4{newDutch(s, "DM400", "0074", 3600), newPowerQuality(s, 3)}
}

func (m *dsmr4) count(h *house, from, to int64) {
	m.dutch.count(h, from, to)
	m.countDips()
}

func (m *dsmr4) write(t *telegram, h *house, now int64) {
	t.header(m.name)
	t.line("1-3:0.2.8", "(40)")
	t.clock()
	t.line("0-0:96.1.1", "("+m.id+")")
	m.writeMoment(t, h, now, nlKWh, nlKW)
	t.limit(161, format{3, 1, "*kW"})
	t.line("0-0:96.3.10", "(1)")
	m.writeFailures(t)
	m.writeDips(t)
	t.line("0-0:96.13.1", "()")
	t.hexMessage()
	writePhases(t, h)
	m.bus.writeDevices(t)
	m.bus.writeValves(t)
	t.end(arc)
}

// writeValves writes the valves that the devices have.
func (b *bus) writeValves(t *telegram) {
	for i, d := range b.devices {
		if d.valve() {
			t.line(fmt.Sprintf("0-%d:24.4.0", i+1), "(1)")
		}
	}
}
