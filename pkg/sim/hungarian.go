package sim

import "time"

// hungarian is what the meters of all four makers count that Hungarian grid
// operators install, and what their telegrams of every ten seconds have in common:
//
//	1-0:1.8.0 = 1.8.1 + … + 1.8.4   energy in, in all and by tariff; 2.8.x: out
//	1-0:3.8.0 = 5.8.0 + 6.8.0       reactive energy, inductive, by quadrant
//	1-0:4.8.0 = 7.8.0 + 8.8.0       reactive energy, capacitive, by quadrant
//	1-0:15.8.0                      in and out together, plus what it once began with
//	0-0:98.1.0(time)(…)             registers and highest demand at the last month's end
//
// What is known of these meters is what their owners have shown; header lines are
// made up. How they write it is a matter of a huStyle.
type hungarian struct {
	electricity
	serial string
	start  int64 // what 15.8.0 is ahead of 1.8.0 + 2.8.0, in Wh
	last   monthEnd
	demand [6]int64   // this month's highest quarter-hours, in watts: in, in T1, in T2, out, out T1, out T2
	mark   [2]counter // imported and exported when the quarter-hour began
}

// monthEnd is the content of the 98.1.0 line.
type monthEnd struct {
	at     int64
	energy [13]int64
	demand [6]int64
}

// A huStyle is how a maker writes numbers, and which code the capacitive register
// has.
type huStyle struct {
	total, kWh, kvarh, kW format
	capacitive            string
}

// How these meters write their numbers.
var (
	huKWh   = format{6, 3, "*kWh"}
	huKvarh = format{6, 3, "*kvarh"}
	huKW    = format{2, 3, "*kW"}
	huKvar  = format{2, 3, "*kvar"}
	huVolt  = format{3, 1, "*V"}
	huAmp   = format{3, 0, "*A"}
	huHertz = format{2, 2, "*Hz"}
	huShare = format{1, 3, ""}
	huUsual = huStyle{huKWh, huKWh, huKvarh, huKW, "1-0:4.8.0"}
)

func newHungarian(s setup) hungarian {
	m := hungarian{serial: s.dice.digits(8), start: int64(s.dice.between(5, 40))}
	m.imported.wh = [2]int64{s.between(2e6, 6e6), s.between(2e6, 6e6)}
	m.quadrant[0].wh[0] = s.between(4e5, 9e5)
	m.quadrant[3].wh[0] = s.between(1e6, 2e6)
	if s.pv {
		m.exported.wh = [2]int64{s.between(1e6, 8e6), s.between(1e4, 9e4)}
		m.quadrant[1].wh[0] = s.between(2e4, 9e4)
		m.quadrant[2].wh[0] = s.between(2e5, 4e5)
	}
	m.mark = [2]counter{m.imported, m.exported}
	if s.fresh {
		m.last.at = monthBegin(s.begin) // nothing was counted by then
		return m
	}
	for i := range m.demand {
		if i == 0 || i == 3 || i > 3 && !s.pv {
			continue // totals follow below; without panels nothing goes out
		}
		m.demand[i] = int64(s.dice.between(2500, 6500))
	}
	m.demand[0] = max(m.demand[1], m.demand[2])
	m.demand[3] = max(m.demand[4], m.demand[5])
	m.last = m.before(s.begin)
	return m
}

// before is the month's end that lies before the simulation begins: the
// registers as they are, less some energy for each day since.
func (m *hungarian) before(begin int64) monthEnd {
	days := int64(local(begin).Day() - 1)
	earlier := *m
	for t := range 2 {
		earlier.imported.wh[t] -= days * 4100
		earlier.exported.wh[t] -= min(days*290, earlier.exported.wh[t])
	}
	for q := range earlier.quadrant {
		earlier.quadrant[q].wh[0] -= min(days*500, earlier.quadrant[q].wh[0])
	}
	return earlier.close(monthBegin(begin))
}

// close is the month's end at a time, from the registers as they stand.
func (m *hungarian) close(at int64) monthEnd {
	in, out := m.imported, m.exported
	reactive := m.reactiveEnergy()
	e := monthEnd{at: at, demand: m.demand}
	copy(e.energy[:], []int64{in.total(), in.wh[0], in.wh[1], out.total(), out.wh[0], out.wh[1]})
	copy(e.energy[6:], reactive[:])
	e.energy[12] = m.combined()
	return e
}

// combined is 15.8.0.
func (m *hungarian) combined() int64 {
	return m.imported.total() + m.exported.total() + m.start
}

// dayTariff is 0 by day and 1 by night.
func dayTariff(t time.Time) int {
	if h := t.Hour(); h >= 6 && h < 22 {
		return 0
	}
	return 1
}

func (m *hungarian) count(h *house, from, to int64) {
	before := local(from)
	m.electricity.count(h, to-from, dayTariff(before))
	if from/quarterHour != to/quarterHour {
		m.closeQuarter(dayTariff(before))
	}
	if !newHour(from, to) {
		return
	}
	if now := local(to); before.Month() != now.Month() {
		midnight := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, now.Location())
		m.last = m.close(midnight.Unix())
		m.demand = [6]int64{}
	}
}

// closeQuarter notes the mean power of the quarter-hour that has ended, if it
// is the month's highest.
func (m *hungarian) closeQuarter(tariff int) {
	for i, c := range []counter{m.imported, m.exported} {
		watts := (c.total() - m.mark[i].total()) * 4
		m.demand[i*3] = max(m.demand[i*3], watts)
		m.demand[i*3+1+tariff] = max(m.demand[i*3+1+tariff], watts)
	}
	m.mark = [2]counter{m.imported, m.exported}
}

// writeHead writes the beginning of a telegram, with the three letters of the maker.
func (m *hungarian) writeHead(t *telegram, maker string) {
	t.header(maker + "577" + m.serial)
	t.clock()
	t.line("0-0:42.0.0", "("+maker+"10477"+m.serial+")")
	t.line("0-0:96.1.0", "(77"+m.serial+")")
}

func (m *hungarian) writeRegisters(t *telegram, style huStyle) {
	for _, r := range []struct {
		total  string
		tariff [4]string
		c      counter
	}{
		{"1-0:1.8.0", [4]string{"1-0:1.8.1", "1-0:1.8.2", "1-0:1.8.3", "1-0:1.8.4"}, m.imported},
		{"1-0:2.8.0", [4]string{"1-0:2.8.1", "1-0:2.8.2", "1-0:2.8.3", "1-0:2.8.4"}, m.exported},
	} {
		t.number(r.total, r.c.total(), style.total)
		t.number(r.tariff[0], r.c.wh[0], style.kWh)
		t.number(r.tariff[1], r.c.wh[1], style.kWh)
		t.number(r.tariff[2], 0, style.kWh)
		t.number(r.tariff[3], 0, style.kWh)
	}
	codes := []string{"1-0:3.8.0", style.capacitive, "1-0:5.8.0", "1-0:6.8.0", "1-0:7.8.0", "1-0:8.8.0"}
	for i, varh := range m.reactiveEnergy() {
		t.number(codes[i], varh, style.kvarh)
	}
	t.number("1-0:15.8.0", m.combined(), style.total)
}

// writeMoment writes what is measured now: volts, amperes, power factors,
// frequency and powers.
func (m *hungarian) writeMoment(t *telegram, h *house) {
	h.writeVolts(t, huVolt)
	h.writeAmps(t, huAmp)
	in, out := h.power()
	t.number("1-0:13.7.0", int64(powerFactor(in-out, h.vars[0]+h.vars[1]+h.vars[2])), huShare)
	t.perPhase(33, huShare, func(p int) int { return powerFactor(h.watts[p], h.vars[p]) })
	t.number("1-0:14.7.0", int64(h.hertz), huHertz)
	h.writePower(t, huKW)
	codes := []string{"1-0:5.7.0", "1-0:6.7.0", "1-0:7.7.0", "1-0:8.7.0"}
	for i, vars := range h.reactive() {
		t.number(codes[i], int64(vars), huKvar)
	}
}

// monthEnd is the values of the 98.1.0 line: the time, thirteen registers and six
// demands.
func (m *hungarian) monthEnd(t *telegram, style huStyle) []string {
	values := []string{t.stamp(m.last.at)}
	for i, n := range m.last.energy {
		f := style.kWh
		if i >= 6 && i < 12 {
			f = style.kvarh
		}
		values = append(values, f.value(n))
	}
	for _, watts := range m.last.demand {
		values = append(values, style.kW.value(watts))
	}
	return values
}
