package sim

import "math"

// wattSeconds in a watt-hour.
const wattSeconds = 3600

// A counter adds up power over time as a meter does: the rest below a Wh is
// kept, and each full Wh goes to the register of the tariff that is active.
type counter struct {
	wh   [2]int64 // tariff 1 and 2
	rest int64    // watt-seconds
}

func (c *counter) add(watts int, seconds int64, tariff int) {
	if watts == 0 {
		return
	}
	c.rest += int64(watts) * seconds
	c.wh[tariff] += c.rest / wattSeconds
	c.rest %= wattSeconds
}

func (c *counter) total() int64 { return c.wh[0] + c.wh[1] }

// electricity holds what every meter counts: energy in and out, and reactive
// energy by quadrant. The three phases are netted before they are counted.
type electricity struct {
	imported, exported counter
	quadrant           [4]counter
}

// setTwoTariffs draws what the registers of energy stand at; the second tariff is
// that of the day, in which panels deliver.
func (e *electricity) setTwoTariffs(s setup) {
	e.imported.wh = [2]int64{s.between(1e6, 9e6), s.between(1e6, 9e6)}
	if s.pv {
		e.exported.wh = [2]int64{s.between(1e5, 2e6), s.between(1e6, 6e6)}
	}
}

// reactiveEnergy is 3.8.0 to 8.8.0.
func (e *electricity) reactiveEnergy() [6]int64 {
	q := [4]int64{}
	for i := range q {
		q[i] = e.quadrant[i].total()
	}
	return [6]int64{q[0] + q[1], q[2] + q[3], q[0], q[1], q[2], q[3]}
}

func (e *electricity) count(h *house, seconds int64, tariff int) {
	in, out := h.power()
	e.imported.add(in, seconds, tariff)
	e.exported.add(out, seconds, tariff)
	for i, q := range h.reactive() {
		e.quadrant[i].add(q, seconds, 0)
	}
}

// power is what the three phases together draw and deliver; one of them is 0.
func (h *house) power() (in, out int) {
	net := h.watts[0] + h.watts[1] + h.watts[2]
	return max(net, 0), max(-net, 0)
}

// reactive sorts the phases' vars into the four quadrants: inductive or
// capacitive, while the house draws or delivers.
func (h *house) reactive() (quadrant [4]int) {
	_, out := h.power()
	for _, q := range h.vars {
		switch {
		case q >= 0 && out == 0:
			quadrant[0] += q
		case q >= 0:
			quadrant[1] += q
		case out > 0:
			quadrant[2] -= q
		default:
			quadrant[3] -= q
		}
	}
	return quadrant
}

// current is a phase's current, rounded, in parts of an ampere: 1, 10 or 100 of
// them.
func (h *house) current(phase, parts int) int {
	apparent := root(h.watts[phase]*h.watts[phase] + h.vars[phase]*h.vars[phase])
	return (apparent*10*parts + h.volts[phase]/2) / h.volts[phase]
}

// powerFactor is |P|/S in thousandths.
func powerFactor(watts, vars int) int {
	apparent := root(watts*watts + vars*vars)
	if apparent == 0 {
		return 1000
	}
	return min(max(watts, -watts)*1000/apparent, 1000)
}

// root is the whole part of the square root.
func root(n int) int { return int(math.Sqrt(float64(n))) }
