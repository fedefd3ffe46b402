package sim

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
type lithuanian struct{ dayAndNight }

func newLithuanian(s setup) dialect { return &lithuanian{newDayAndNight(s, `ISK5\2M550E-`, "ISK1030")} }

// lithuanianTariff is 0 by day, and 1 by night and on weekends.
func lithuanianTariff(unix int64) int {
	if offPeak(eastern.local(unix), 23) {
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
	m.writeTotals(t)
	m.writeReactive(t, huKvarh)
	t.tariff(lithuanianTariff(now))
	m.writeMoment(t, h)
	h.writePowers(t, nlKW)
	h.writeReactivePowers(t, huKvar)
	t.end(arc)
}
