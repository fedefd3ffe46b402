package sim

import (
	"fmt"
	"strings"
)

// wasion is the Hungarian meter of the maker Wasion. It names its tariff, its
// limiter is in watts, and its CRC is neither CRC-16/ARC nor CRC-16/X-25. Which one
// the real meter has is not known: here it is CRC-16/CCITT-FALSE, to stand for one
// that no decoder has a name for.
//
//	0-0:96.14.0(TARIFF 1)       tariff, by name
//	0-0:17.0.0(90000*W)         limiter, in watts
//	1-0:1.8.0 … 1-0:15.8.0      registers, see hungarian
//	0-0:98.1.0(time)(…)         month's end
//	0-0:96.13.0()               message
type wasion struct{ hungarian }

func newWasion(s setup) dialect { return &wasion{newHungarian(s)} }

func (m *wasion) write(t *telegram, h *house, now int64) {
	m.writeHead(t, "WAS")
	t.line("0-0:96.14.0", fmt.Sprintf("(TARIFF %d)", 1+dayTariff(local(now))))
	t.line("0-0:96.50.68", "(ON)")
	t.number("0-0:17.0.0", 90000, format{5, 0, "*W"})
	m.writeRegisters(t, huUsual)
	m.writeMoment(t, h)
	t.line("0-0:98.1.0", strings.Join(m.monthEnd(t, huUsual), ""))
	t.line("0-0:96.13.0", "("+t.message+")")
	t.end(ccittFalse)
}
