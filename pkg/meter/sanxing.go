package meter

import (
	"bytes"
	"time"
)

// sanxing is the three-phase meter that Hungarian grid operators install: one
// telegram of about 2,350 bytes every ten seconds, 1,024 of them filler 0xFF.
//
//	0-0:96.14.0(0002)               tariff: 0001 by day, 0002 by night
//	0-0:96.50.68(ON)                breaker
//	0-0:17.0.0(90.000*kW)           limiter
//	1-0:1.8.0 = 1.8.1 + … + 1.8.4   energy in, in all and by tariff; 2.8.x: out
//	1-0:3.8.0 = 5.8.0 + 6.8.0       reactive energy, inductive, by quadrant
//	1-0:4.8.0 = 7.8.0 + 8.8.0       reactive energy, capacitive, by quadrant
//	1-0:15.8.0                      in and out together, plus what it once began with
//	0-0:98.1.0(time)(…)             registers and highest demand at the last month's end
//	0-0:96.13.0(1,024 × 0xFF)       message
//
// It pauses before the telegram, within 98.1.0 before the sixth value, and
// before the message.
type sanxing struct {
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

// How this meter writes its numbers.
var (
	huKWh   = format{6, 3, "*kWh"}
	huKvarh = format{6, 3, "*kvarh"}
	huKW    = format{2, 3, "*kW"}
	huKvar  = format{2, 3, "*kvar"}
	huVolt  = format{3, 1, "*V"}
	huAmp   = format{3, 0, "*A"}
	huHertz = format{2, 2, "*Hz"}
	huShare = format{1, 3, ""}
)

func newSanxing(d dice, begin int64, pv bool) dialect {
	m := &sanxing{serial: d.digits(8), start: int64(d.between(5, 40))}
	m.imported.wh = [2]int64{int64(d.between(2e6, 6e6)), int64(d.between(2e6, 6e6))}
	m.quadrant[0].wh[0] = int64(d.between(4e5, 9e5))
	m.quadrant[3].wh[0] = int64(d.between(1e6, 2e6))
	if pv {
		m.exported.wh = [2]int64{int64(d.between(1e6, 8e6)), int64(d.between(1e4, 9e4))}
		m.quadrant[1].wh[0] = int64(d.between(2e4, 9e4))
		m.quadrant[2].wh[0] = int64(d.between(2e5, 4e5))
	}
	for i := range m.demand {
		if i == 0 || i == 3 || i > 3 && !pv {
			continue // totals follow below; without panels nothing goes out
		}
		m.demand[i] = int64(d.between(2500, 6500))
	}
	m.demand[0] = max(m.demand[1], m.demand[2])
	m.demand[3] = max(m.demand[4], m.demand[5])
	m.mark = [2]counter{m.imported, m.exported}
	m.last = m.before(begin)
	return m
}

// before is the month's end that lies before the simulation begins: the
// registers as they are, less some energy for each day since.
func (m *sanxing) before(begin int64) monthEnd {
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
func (m *sanxing) close(at int64) monthEnd {
	in, out := m.imported, m.exported
	reactive := m.reactiveEnergy()
	e := monthEnd{at: at, demand: m.demand}
	copy(e.energy[:], []int64{in.total(), in.wh[0], in.wh[1], out.total(), out.wh[0], out.wh[1]})
	copy(e.energy[6:], reactive[:])
	e.energy[12] = m.combined()
	return e
}

// reactiveEnergy is 3.8.0 to 8.8.0.
func (m *sanxing) reactiveEnergy() [6]int64 {
	q := [4]int64{}
	for i := range q {
		q[i] = m.quadrant[i].total()
	}
	return [6]int64{q[0] + q[1], q[2] + q[3], q[0], q[1], q[2], q[3]}
}

// combined is 15.8.0.
func (m *sanxing) combined() int64 {
	return m.imported.total() + m.exported.total() + m.start
}

// dayTariff is 0 by day and 1 by night.
func dayTariff(t time.Time) int {
	if h := t.Hour(); h >= 6 && h < 22 {
		return 0
	}
	return 1
}

func (m *sanxing) count(h *house, from, to int64) {
	before, now := local(from), local(to)
	m.electricity.count(h, to-from, dayTariff(before))
	if from/quarterHour != to/quarterHour {
		m.closeQuarter(dayTariff(before))
	}
	if before.Month() != now.Month() {
		midnight := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, now.Location())
		m.last = m.close(midnight.Unix())
		m.demand = [6]int64{}
	}
}

// closeQuarter notes the mean power of the quarter-hour that has ended, if it
// is the month's highest.
func (m *sanxing) closeQuarter(tariff int) {
	for i, c := range []counter{m.imported, m.exported} {
		watts := (c.total() - m.mark[i].total()) * 4
		m.demand[i*3] = max(m.demand[i*3], watts)
		m.demand[i*3+1+tariff] = max(m.demand[i*3+1+tariff], watts)
	}
	m.mark = [2]counter{m.imported, m.exported}
}

func (m *sanxing) telegram(h *house, now int64) telegram {
	t := telegram{text: make([]byte, 0, 2400)}
	t.header("AUX577" + m.serial)
	t.line("0-0:1.0.0", "("+seasonStamp(local(now))+")")
	t.line("0-0:42.0.0", "(AUX10477"+m.serial+")")
	t.line("0-0:96.1.0", "(77"+m.serial+")")
	t.number("0-0:96.14.0", int64(1+dayTariff(local(now))), format{4, 0, ""})
	t.line("0-0:96.50.68", "(ON)")
	t.number("0-0:17.0.0", 90000, huKW)
	m.writeRegisters(&t)
	m.writeMoment(&t, h)
	m.writeMonthEnd(&t)
	t.pause()
	t.line("0-0:96.13.0", "("+string(bytes.Repeat([]byte{0xFF}, 1024))+")")
	t.end(true)
	return t
}

func (m *sanxing) writeRegisters(t *telegram) {
	for _, r := range []struct {
		total  string
		tariff [4]string
		c      counter
	}{
		{"1-0:1.8.0", [4]string{"1-0:1.8.1", "1-0:1.8.2", "1-0:1.8.3", "1-0:1.8.4"}, m.imported},
		{"1-0:2.8.0", [4]string{"1-0:2.8.1", "1-0:2.8.2", "1-0:2.8.3", "1-0:2.8.4"}, m.exported},
	} {
		t.number(r.total, r.c.total(), huKWh)
		t.number(r.tariff[0], r.c.wh[0], huKWh)
		t.number(r.tariff[1], r.c.wh[1], huKWh)
		t.number(r.tariff[2], 0, huKWh)
		t.number(r.tariff[3], 0, huKWh)
	}
	codes := []string{"1-0:3.8.0", "1-0:4.8.0", "1-0:5.8.0", "1-0:6.8.0", "1-0:7.8.0", "1-0:8.8.0"}
	for i, varh := range m.reactiveEnergy() {
		t.number(codes[i], varh, huKvarh)
	}
	t.number("1-0:15.8.0", m.combined(), huKWh)
}

// writeMoment writes what is measured now: volts, amperes, power factors,
// frequency and powers.
func (m *sanxing) writeMoment(t *telegram, h *house) {
	t.perPhase(32, huVolt, func(p int) int { return h.volts[p] })
	t.perPhase(31, huAmp, func(p int) int { return h.current(p, 1) })
	in, out := h.power()
	t.number("1-0:13.7.0", int64(powerFactor(in-out, h.vars[0]+h.vars[1]+h.vars[2])), huShare)
	t.perPhase(33, huShare, func(p int) int { return powerFactor(h.watts[p], h.vars[p]) })
	t.number("1-0:14.7.0", int64(h.hertz), huHertz)
	t.number("1-0:1.7.0", int64(in), huKW)
	t.number("1-0:2.7.0", int64(out), huKW)
	codes := []string{"1-0:5.7.0", "1-0:6.7.0", "1-0:7.7.0", "1-0:8.7.0"}
	for i, vars := range h.reactive() {
		t.number(codes[i], int64(vars), huKvar)
	}
}

// writeMonthEnd writes the 98.1.0 line, with the pause within it.
func (m *sanxing) writeMonthEnd(t *telegram) {
	before := "(" + seasonStamp(local(m.last.at)) + ")"
	var after string
	for i, n := range m.last.energy {
		f := huKWh
		if i >= 6 && i < 12 {
			f = huKvarh
		}
		if i < 5 {
			before += f.value(n)
		} else {
			after += f.value(n)
		}
	}
	for _, watts := range m.last.demand {
		after += huKW.value(watts)
	}
	t.text = append(t.text, "0-0:98.1.0"+before...)
	t.pause()
	t.line("", after)
}
