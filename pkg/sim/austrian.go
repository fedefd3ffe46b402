package sim

import "time"

// austrian is an Austrian meter of the maker Sagemcom. It counts everything by two
// tariffs, in Wh and W without a point, and what it sends is encrypted as in
// Luxembourg, see sealer.
//
//	1-3:0.2.8(50)                                version
//	0-0:96.1.0(53414731…)                        identifier, as hex digits
//	1-0:1.8.0(006545766*Wh) = 1.8.1 + 1.8.2      energy in, by day (1) and by night (2)
//	1-0:1.7.0(000000286*W)                       power in
//	1-0:2.8.0, 2.8.1, 2.8.2, 2.7.0               the same out
//	1-0:3.8.0(000000747*varh) …, 3.7.0(…*var)    reactive, inductive
//	1-0:4.8.0 …, 4.7.0                           reactive, capacitive
type austrian struct {
	counters [4]counter // in, out, inductive, capacitive
	name     string
	id       string
}

func newAustrian(s setup) dialect {
	serial := s.dice.digits(6)
	m := &austrian{name: `EST5\253` + serial + "_A", id: hexText("SAG103" + s.dice.digits(4) + serial)}
	m.counters[0].wh = [2]int64{s.between(2e6, 6e6), s.between(1e6, 3e6)}
	m.counters[2].wh = [2]int64{s.between(2e5, 9e5), s.between(1e5, 4e5)}
	m.counters[3].wh = [2]int64{s.between(5e5, 2e6), s.between(3e5, 9e5)}
	if s.pv {
		m.counters[1].wh = [2]int64{s.between(1e6, 6e6), s.between(1e4, 9e4)}
	}
	return m
}

// austrianTariff is 0 by day and 1 by night and on Sundays.
func austrianTariff(t time.Time) int {
	if h := t.Hour(); h < 6 || h >= 22 || t.Weekday() == time.Sunday {
		return 1
	}
	return 0
}

// powers are what the counters count, in their order.
func (m *austrian) powers(h *house) [4]int {
	in, out := h.power()
	vars := h.reactive()
	return [4]int{in, out, vars[0] + vars[1], vars[2] + vars[3]}
}

func (m *austrian) count(h *house, from, to int64) {
	tariff := austrianTariff(local(from))
	for i, power := range m.powers(h) {
		m.counters[i].add(power, to-from, tariff)
	}
}

func (m *austrian) write(t *telegram, h *house, _ int64) {
	t.header(m.name)
	t.line("1-3:0.2.8", "(50)")
	t.clock()
	t.line("0-0:96.1.0", "("+m.id+")")
	powers := m.powers(h)
	for i, codes := range [][4]string{
		{"1-0:1.8.0", "1-0:1.8.1", "1-0:1.8.2", "1-0:1.7.0"},
		{"1-0:2.8.0", "1-0:2.8.1", "1-0:2.8.2", "1-0:2.7.0"},
		{"1-0:3.8.0", "1-0:3.8.1", "1-0:3.8.2", "1-0:3.7.0"},
		{"1-0:4.8.0", "1-0:4.8.1", "1-0:4.8.2", "1-0:4.7.0"},
	} {
		energy, power := format{9, 0, "*Wh"}, format{9, 0, "*W"}
		if i >= 2 {
			energy.unit, power.unit = "*varh", "*var"
		}
		t.number(codes[0], m.counters[i].total(), energy)
		t.number(codes[1], m.counters[i].wh[0], energy)
		t.number(codes[2], m.counters[i].wh[1], energy)
		t.number(codes[3], int64(powers[i]), power)
	}
	t.end(arc)
}
