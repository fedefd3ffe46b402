package sim

// dsmr3 is a Dutch meter of the first generation: 9600 baud, seven data bits and
// even parity, a telegram every ten seconds. It tells no time of its own, its
// gas stands on two lines under the full hour without S or W, and the telegram
// ends with a bare '!'. The receiver takes the parity off, unless parity=even says
// that it is set to 8N1: then '/', CR and LF arrive as AF, 8D and 0A.
//
//	1-0:1.7.0(0000.43*kW)                                          tens of watts
//	0-1:24.3.0(260301000000)(00)(60)(1)(0-1:24.2.1)(m3)            gas: time, status, minutes between, values, code, unit
//	(01234.567)                                                    gas: the value
type dsmr3 struct {
	electricity
	bus  *bus
	name string
	id   string
}

// How this meter writes its numbers.
var (
	oldKWh = format{5, 3, "*kWh"}
	oldKW  = format{4, 2, "*kW"}
)

func newDSMR3(s setup) dialect {
	gasMeter := newGasMeter(s, 3600)
	m := &dsmr3{
		name: `SIM5\2DM300-` + s.dice.digits(4),
		id:   hexText("E0073" + s.dice.digits(12)),
	}
	names := dutchNames("0073")
	gasMeter.id = names(s.dice, gas)
	m.bus = s.connect(gasMeter, names)
	m.setTwoTariffs(s)
	return m
}

func (m *dsmr3) count(h *house, from, to int64) {
	m.electricity.count(h, to-from, dutchTariff(local(from)))
}

func (m *dsmr3) write(t *telegram, h *house, now int64) {
	t.header(m.name)
	t.line("0-0:96.1.1", "("+m.id+")")
	t.number("1-0:1.8.1", m.imported.wh[0], oldKWh)
	t.number("1-0:1.8.2", m.imported.wh[1], oldKWh)
	t.number("1-0:2.8.1", m.exported.wh[0], oldKWh)
	t.number("1-0:2.8.2", m.exported.wh[1], oldKWh)
	t.number("0-0:96.14.0", int64(1+dutchTariff(local(now))), format{4, 0, ""})
	in, out := h.power()
	t.number("1-0:1.7.0", int64(in/10), oldKW)
	t.number("1-0:2.7.0", int64(out/10), oldKW)
	t.number("0-0:17.0.0", 99900, oldKW)
	t.line("0-0:96.3.10", "(1)")
	t.line("0-0:96.13.1", "()")
	t.hexMessage()
	m.bus.writeOnTwoLines(t)
	t.end(nil)
}
