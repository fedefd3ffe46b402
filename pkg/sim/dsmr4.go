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
	electricity
	powerQuality
	bus  *bus
	name string
	id   string
}

func newDSMR4(s setup) dialect {
	gasMeter := newGasMeter(s, 3600)
	m := &dsmr4{
		name: `SIM5\2DM400-` + s.dice.digits(4),
		id:   hexText("E0074" + s.dice.digits(12)),
	}
	names := dutchNames("0074")
	gasMeter.id = names(s.dice, gas)
	m.bus = s.connect(gasMeter, names)
	m.setTwoTariffs(s)
	m.powerQuality = newPowerQuality(s, 3)
	return m
}

func (m *dsmr4) count(h *house, from, to int64) {
	m.electricity.count(h, to-from, dutchTariff(local(from)))
	m.countDips()
}

func (m *dsmr4) write(t *telegram, h *house, now int64) {
	t.header(m.name)
	t.line("1-3:0.2.8", "(40)")
	t.clock()
	t.line("0-0:96.1.1", "("+m.id+")")
	m.writeDutch(t, h, now)
	t.number("0-0:17.0.0", 161, format{3, 1, "*kW"})
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
