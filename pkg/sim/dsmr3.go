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
type dsmr3 struct{ dutch }

// How this meter writes its numbers.
var (
	oldKWh = format{5, 3, "*kWh"}
	oldKW  = format{4, 2, "*kW"}
)

func newDSMR3(s setup) dialect { return &dsmr3{newDutch(s, "DM300", "0073", 3600)} }

func (m *dsmr3) write(t *telegram, h *house, now int64) { m.writeOld(t, h, now, "(0999.00*kW)") }

// writeOld writes the telegram of a meter of the first generations, with what its
// limiter is set to.
func (m *dutch) writeOld(t *telegram, h *house, now int64, limit string) {
	t.header(m.name)
	t.line("0-0:96.1.1", "("+m.id+")")
	m.writeMoment(t, h, now, oldKWh, oldKW)
	t.line("0-0:17.0.0", limit)
	t.line("0-0:96.3.10", "(1)")
	t.line("0-0:96.13.1", "()")
	t.hexMessage()
	m.bus.writeOnTwoLines(t)
	t.end(nil)
}
