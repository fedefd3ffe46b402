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
type swiss struct{ dayAndNight }

func newSwiss(s setup) dialect {
	m := &swiss{newDayAndNight(s, "LGZ5E450-", "LGZ10307")}
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
	m.writeTotals(t)
	for q, code := range []string{"1-0:5.8.0", "1-0:6.8.0", "1-0:7.8.0", "1-0:8.8.0"} {
		t.number(code, m.quadrant[q].total(), huKvarh)
	}
	t.tariff(swissTariff(local(now)))
	m.writeMoment(t, h)
	t.perPhase(33, huShare, func(p int) int { return powerFactor(h.watts[p], h.vars[p]) })
	h.writePowers(t, nlKW)
	t.number("1-0:14.7.0", int64(h.hertz), huHertz)
	t.end(arc)
}
