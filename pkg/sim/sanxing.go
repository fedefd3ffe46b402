package sim

import "strings"

// sanxing is the Hungarian meter of the maker Sanxing: one telegram of about 2,350
// bytes every ten seconds, 1,024 of them message, which is filler 0xFF while there
// is none.
//
//	0-0:96.14.0(0002)               tariff: 0001 by day, 0002 by night
//	0-0:96.50.68(ON)                breaker
//	0-0:17.0.0(90.000*kW)           limiter
//	1-0:1.8.0 … 1-0:15.8.0          registers, see hungarian
//	0-0:98.1.0(time)(…)             month's end
//	0-0:96.13.0(1,024 × 0xFF)       message
//
// It pauses before the telegram, within 98.1.0 before the sixth value, and
// before the message.
type sanxing struct{ hungarian }

// filler is what stands in a message field of 1,024 bytes for each byte that the
// message does not need.
const filler = "\xFF"

func newSanxing(s setup) dialect { return &sanxing{newHungarian(s)} }

func (m *sanxing) write(t *telegram, h *house, now int64) {
	m.writeHead(t, "AUX")
	t.tariff(dayTariff(local(now)))
	t.line("0-0:96.50.68", "(ON)")
	t.limit(90000, huKW)
	m.writeRegisters(t, huUsual)
	m.writeMoment(t, h)
	values := m.monthEnd(t, huUsual)
	t.text = append(t.text, "0-0:98.1.0"+strings.Join(values[:6], "")...)
	t.pause()
	t.line("", strings.Join(values[6:], ""))
	t.pause()
	t.line("0-0:96.13.0", "("+t.message+strings.Repeat(filler, maxMessage-len(t.message))+")")
	t.end(arc)
}
