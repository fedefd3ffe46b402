package sim

import "strings"

// sagemcom is the Hungarian meter of the maker Sagemcom. Its identifiers are hex
// digits of text, it says with 96.3.10 that its breaker is closed, and its message
// is empty while there is none.
//
//	0-0:42.0.0(53414731303437373132333435363738)   name, as hex digits
//	0-0:96.1.0(37373132333435363738)               identifier, as hex digits
//	0-0:96.14.0(0001)                              tariff
//	0-0:96.3.10(1)                                 breaker
//	0-0:17.0.0(90.000*kW)                          limiter
//	1-0:1.8.0 … 1-0:15.8.0, 0-0:98.1.0             see hungarian
//	0-0:96.13.0()                                  message
type sagemcom struct{ hungarian }

func newSagemcom(s setup) dialect { return &sagemcom{newHungarian(s)} }

func (m *sagemcom) write(t *telegram, h *house, now int64) {
	t.header(`SAG5\2T210-` + m.serial[4:])
	t.clock()
	t.line("0-0:42.0.0", "("+hexText("SAG10477"+m.serial)+")")
	t.line("0-0:96.1.0", "("+hexText("77"+m.serial)+")")
	t.tariff(dayTariff(local(now)))
	t.line("0-0:96.3.10", "(1)")
	t.limit(90000, huKW)
	m.writeRegisters(t, huUsual)
	m.writeMoment(t, h)
	t.line("0-0:98.1.0", strings.Join(m.monthEnd(t, huUsual), ""))
	t.line("0-0:96.13.0", "("+t.message+")")
	t.end(arc)
}
