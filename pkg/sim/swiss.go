package sim

import "time"

// swiss is a meter as Swiss grid operators install them: Dutch in its frame, and in
// it what they chose: totals beside both tariffs, reactive energy by quadrant, power
// factors. It sends a telegram every five seconds.
//
//	1-3:0.2.8(50)                                     version
//	0-0:96.1.0(4C475A…)                               identifier, as hex digits
//	1-0:1.8.0 = 1.8.1 + 1.8.2, 2.8.0 = 2.8.1 + 2.8.2  energy in and out, high (1) and low (2) tariff
//	1-0:5.8.0(…*kvarh), 6.8.0, 7.8.0, 8.8.0           reactive energy by quadrant
//	0-0:96.14.0(0001)                                 tariff
//	1-0:1.7.0, 2.7.0, 3.7.0(…*kvar), 4.7.0            powers
//	1-0:32.7.0(235.1*V), 31.7.0(001.24*A), 33.7.0     by phase: volts, amperes, power factor
//	1-0:21.7.0, 22.7.0                                by phase: power in and out
//	1-0:14.7.0(50.01*Hz)                              frequency
type swiss struct {
	electricity
	name string
	id   string
}

func newSwiss(s setup) dialect {
	serial := s.dice.digits(8)
	m := &swiss{name: "LGZ5E450-" + serial[4:], id: hexText("LGZ10307" + serial)}
	m.setDayAndNight(s)
	if s.pv {
		m.quadrant[1].wh[0] = s.between(2e4, 9e4)
		m.quadrant[2].wh[0] = s.between(2e5, 4e5)
	}
	return m
}

// swissTariff is 0, the high one, from 7 to 20 on weekdays and to 13 on Saturdays,
// else 1.
func swissTariff(t time.Time) int {
	until := 20
	switch t.Weekday() {
	case time.Saturday:
		until = 13
	case time.Sunday:
		until = 0
	}
	if h := t.Hour(); h >= 7 && h < until {
		return 0
	}
	return 1
}

func (m *swiss) count(h *house, from, to int64) {
	m.electricity.count(h, to-from, swissTariff(local(from)))
}

func (m *swiss) write(t *telegram, h *house, now int64) {
	t.header(m.name)
	t.line("1-3:0.2.8", "(50)")
	t.clock()
	t.line("0-0:96.1.0", "("+m.id+")")
	t.writeTariffs("1-0:1.8.0", "1-0:1.8.1", "1-0:1.8.2", m.imported)
	t.writeTariffs("1-0:2.8.0", "1-0:2.8.1", "1-0:2.8.2", m.exported)
	for q, code := range []string{"1-0:5.8.0", "1-0:6.8.0", "1-0:7.8.0", "1-0:8.8.0"} {
		t.number(code, m.quadrant[q].total(), huKvarh)
	}
	t.number("0-0:96.14.0", int64(1+swissTariff(local(now))), format{4, 0, ""})
	in, out := h.power()
	vars := h.reactive()
	t.number("1-0:1.7.0", int64(in), nlKW)
	t.number("1-0:2.7.0", int64(out), nlKW)
	t.number("1-0:3.7.0", int64(vars[0]+vars[1]), huKvar)
	t.number("1-0:4.7.0", int64(vars[2]+vars[3]), huKvar)
	t.perPhase(32, beVolt, func(p int) int { return h.volts[p] })
	t.perPhase(31, beAmp, func(p int) int { return h.current(p, 100) })
	t.perPhase(33, huShare, func(p int) int { return powerFactor(h.watts[p], h.vars[p]) })
	t.perPhase(21, nlKW, func(p int) int { return max(h.watts[p], 0) })
	t.perPhase(22, nlKW, func(p int) int { return max(-h.watts[p], 0) })
	t.number("1-0:14.7.0", int64(h.hertz), huHertz)
	t.end(arc)
}

// writeTariffs writes a total and what it is made of.
func (t *telegram) writeTariffs(total, first, second string, c counter) {
	t.number(total, c.total(), nlKWh)
	t.number(first, c.wh[0], nlKWh)
	t.number(second, c.wh[1], nlKWh)
}
