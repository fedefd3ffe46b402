package sim

import "time"

// lithuanian is a meter as the Lithuanian grid operator installs them, with a
// telegram every ten seconds. Its clock is that of eastern Europe, so that S means
// three hours ahead of UTC and W two.
//
//	0-0:96.1.1(49534B…)                               identifier, as hex digits
//	1-0:1.8.0 = 1.8.1 + 1.8.2, 2.8.0 = 2.8.1 + 2.8.2  energy in and out, by day (1) and by night (2)
//	1-0:3.8.0(…*kvarh), 4.8.0                         reactive energy
//	0-0:96.14.0(0001)                                 tariff
//	1-0:1.7.0, 2.7.0, 3.7.0(…*kvar), 4.7.0            powers
//	1-0:32.7.0(235.1*V), 31.7.0(001.24*A)             by phase: volts, amperes
//	1-0:21.7.0, 22.7.0, 23.7.0, 24.7.0                by phase: power in and out, reactive in and out
type lithuanian struct {
	electricity
	name string
	id   string
}

func newLithuanian(s setup) dialect {
	serial := s.dice.digits(8)
	m := &lithuanian{name: `ISK5\2M550E-` + serial[4:], id: hexText("ISK1030" + serial)}
	m.setDayAndNight(s)
	return m
}

// lithuanianTariff is 0 by day, and 1 by night and on weekends.
func lithuanianTariff(unix int64) int {
	t := eastern.local(unix)
	weekend := t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
	if h := t.Hour(); h < 7 || h >= 23 || weekend {
		return 1
	}
	return 0
}

func (m *lithuanian) count(h *house, from, to int64) {
	m.electricity.count(h, to-from, lithuanianTariff(from))
}

func (m *lithuanian) write(t *telegram, h *house, now int64) {
	t.header(m.name)
	t.clock()
	t.line("0-0:96.1.1", "("+m.id+")")
	t.writeTariffs("1-0:1.8.0", "1-0:1.8.1", "1-0:1.8.2", m.imported)
	t.writeTariffs("1-0:2.8.0", "1-0:2.8.1", "1-0:2.8.2", m.exported)
	q := m.quadrant
	t.number("1-0:3.8.0", q[0].total()+q[1].total(), huKvarh)
	t.number("1-0:4.8.0", q[2].total()+q[3].total(), huKvarh)
	t.number("0-0:96.14.0", int64(1+lithuanianTariff(now)), format{4, 0, ""})
	in, out := h.power()
	vars := h.reactive()
	t.number("1-0:1.7.0", int64(in), nlKW)
	t.number("1-0:2.7.0", int64(out), nlKW)
	t.number("1-0:3.7.0", int64(vars[0]+vars[1]), huKvar)
	t.number("1-0:4.7.0", int64(vars[2]+vars[3]), huKvar)
	t.perPhase(32, beVolt, func(p int) int { return h.volts[p] })
	t.perPhase(31, beAmp, func(p int) int { return h.current(p, 100) })
	t.perPhase(21, nlKW, func(p int) int { return max(h.watts[p], 0) })
	t.perPhase(22, nlKW, func(p int) int { return max(-h.watts[p], 0) })
	t.perPhase(23, huKvar, func(p int) int { return max(h.vars[p], 0) })
	t.perPhase(24, huKvar, func(p int) int { return max(-h.vars[p], 0) })
	t.end(arc)
}
