package sim

import "strings"

// holley is the Hungarian meter of the maker Holley. Its CRC is CRC-16/X-25, its
// registers have eight digits before the point, the capacitive one is 4.8.1, there
// is a blank after some units, and the month's end goes over several lines.
//
//	1-0:1.8.0(00004711.235*kWh )                   the total, with a blank
//	1-0:1.8.1(00003711.235*kWh)                    by tariff, without
//	1-0:4.8.1(00001020.971*kvarh)                  what others call 4.8.0
//	0-0:98.1.0(260301000000W)(00004700.100*kWh)…   time and four registers,
//	(00001000.000*kWh)…                            then five on each line,
//	(04.329*kW)…                                   and the demands
//	0-0:96.13.0()                                  message
type holley struct{ hungarian }

// The line of the month's end breaks after so many values.
const holleyWrap = 5

var holleyStyle = huStyle{
	total:      format{8, 3, "*kWh "},
	kWh:        format{8, 3, "*kWh"},
	kvarh:      format{8, 3, "*kvarh"},
	kW:         format{2, 3, "*kW"},
	capacitive: "1-0:4.8.1",
}

func newHolley(s setup) dialect { return &holley{newHungarian(s)} }

func (m *holley) write(t *telegram, h *house, now int64) {
	m.writeHead(t, "HLY")
	t.tariff(dayTariff(local(now)))
	t.line("0-0:96.50.68", "(ON)")
	t.limit(90000, huKW)
	m.writeRegisters(t, holleyStyle)
	m.writeMoment(t, h)
	code := "0-0:98.1.0"
	for values := m.monthEnd(t, holleyStyle); len(values) > 0; code = "" {
		n := min(len(values), holleyWrap)
		t.line(code, strings.Join(values[:n], ""))
		values = values[n:]
	}
	t.line("0-0:96.13.0", "("+t.message+")")
	t.end(x25)
}
