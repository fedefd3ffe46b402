package sim

// dsmr2 is a Dutch meter as of 2008: 9600 baud, seven data bits and even parity, a
// telegram every ten seconds, no clock and no CRC. It shows energy in full kWh only
// and limits amperes. The layout follows DSMR P1 2.2, the habits are those of a
// Kamstrup 162.
//
//	1-0:1.8.1(04711.000*kWh)                                       full kWh
//	1-0:1.7.0(0000.43*kW)                                          tens of watts
//	0-0:17.0.0(999*A)                                              limiter
//	0-0:96.13.1(), 96.13.0()                                       message codes, message
//	0-1:24.3.0(260301000000)(00)(60)(1)(0-1:24.2.1)(m3)            gas: time, status, minutes between, values, code, unit
//	(01234.567)                                                    gas: the value
type dsmr2 struct {
	electricity
	bus    *bus
	serial string
}

func newDSMR2(s setup) dialect {
	gasMeter := newGasMeter(s, 3600)
	m := &dsmr2{serial: "00" + s.dice.digits(10)}
	names := dutchNames("0072")
	gasMeter.id = names(s.dice, gas)
	m.bus = s.connect(gasMeter, names)
	m.setTwoTariffs(s)
	return m
}

func (m *dsmr2) count(h *house, from, to int64) {
	m.electricity.count(h, to-from, dutchTariff(local(from)))
}

func (m *dsmr2) write(t *telegram, h *house, now int64) {
	t.header("KMP5 KA6U" + m.serial)
	t.line("0-0:96.1.1", "("+hexText(" KA6U"+m.serial)+")")
	fullKWh := func(wh int64) int64 { return wh - wh%1000 }
	t.number("1-0:1.8.1", fullKWh(m.imported.wh[0]), oldKWh)
	t.number("1-0:1.8.2", fullKWh(m.imported.wh[1]), oldKWh)
	t.number("1-0:2.8.1", fullKWh(m.exported.wh[0]), oldKWh)
	t.number("1-0:2.8.2", fullKWh(m.exported.wh[1]), oldKWh)
	t.number("0-0:96.14.0", int64(1+dutchTariff(local(now))), format{4, 0, ""})
	in, out := h.power()
	t.number("1-0:1.7.0", int64(in/10), oldKW)
	t.number("1-0:2.7.0", int64(out/10), oldKW)
	t.line("0-0:17.0.0", "(999*A)")
	t.line("0-0:96.3.10", "(1)")
	t.line("0-0:96.13.1", "()")
	t.hexMessage()
	m.bus.writeOnTwoLines(t)
	t.end(nil)
}
