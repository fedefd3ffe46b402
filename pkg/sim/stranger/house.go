package stranger

import "math/rand/v2"

// A house is what a meter measures, in whole watts, vars and tenths of volts.
type house struct {
	*rand.Rand
	ahead   int64 // hours ahead of UTC in winter
	now     int64 // Unix time
	phases  int
	pv      bool
	load    [3]int      // watts of the appliances
	sun     int         // watts of the panels, on each phase
	watts   [3]int      // drawn from the grid; fed into it: below 0
	vars    [3]int      // inductive; capacitive: below 0
	tenths  [3]int      // volts
	tariff  int         // in force
	tariffs int         // how many there are
	in, out [4]int64    // by tariff, in watt-seconds
	quad    [4][4]int64 // quadrants I to IV by tariff, in var-seconds
	quarter int64       // watt-seconds since the quarter-hour began
	devices []*device
}

const (
	hour        = 3600
	quarterHour = 900
	day         = 24 * hour
)

// newHouse draws a house at some time between 2014 and 2035.
func newHouse(dice *rand.Rand, ahead int64) *house {
	h := &house{Rand: dice, ahead: ahead, phases: 3, tariffs: 2}
	h.now = 1_388_600_000 + h.Int64N(21*365*day)
	h.pv = h.IntN(5) < 2
	if h.IntN(5) < 2 {
		h.phases = 1
	}
	for p := range h.phases {
		h.load[p] = h.appliance()
		h.tenths[p] = 2300 + h.IntN(140) - 70
	}
	if h.pv && h.IntN(2) == 0 {
		h.sun = h.IntN(2500)
	}
	return h
}

// settle draws the registers, once it is known how many tariffs there are. Of more than
// two only the first two count, as with most households.
func (h *house) settle(tariffs int) {
	h.tariffs = tariffs
	h.tariff = h.IntN(min(tariffs, 2))
	days := h.Int64N(15 * 365)
	if h.IntN(8) == 0 {
		days = h.Int64N(60) // a new meter
	}
	for t := range min(tariffs, 2) {
		h.in[t] = h.register(days, 12_000)
		if h.pv {
			h.out[t] = h.register(days, 9_000)
		}
		for q := range h.quad {
			if h.pv || q == 0 || q == 3 {
				h.quad[q][t] = h.register(days, 3_000)
			}
		}
	}
}

// register draws what has been counted in so many days with up to so many Wh a day, in
// watt-seconds.
func (h *house) register(days, most int64) int64 {
	return days*h.Int64N(most)*hour + h.Int64N(2_000_000)*hour
}

// appliance draws what is switched on, in watts.
func (h *house) appliance() int {
	switch h.IntN(6) {
	case 0:
		return 0
	case 1:
		return 1000 + h.IntN(6000)
	}
	return 20 + h.IntN(700)
}

// step lets so many seconds pass.
func (h *house) step(seconds int64) {
	if h.now/quarterHour != (h.now+seconds)/quarterHour {
		h.quarter = 0
	}
	h.now += seconds
	for p := range h.phases {
		h.stepPhase(p)
	}
	if h.sun > 0 {
		h.sun = max(h.sun+h.IntN(61)-30, 1)
	}
	h.count(seconds)
	for _, d := range h.devices {
		d.step(h)
	}
}

// stepPhase draws what a phase carries now.
func (h *house) stepPhase(p int) {
	if h.IntN(20) == 0 {
		h.load[p] = h.appliance()
	}
	load := h.load[p] + h.IntN(h.load[p]/20+3)
	h.watts[p] = load - h.sun
	h.vars[p] = load*(h.IntN(30)-20)/100 - h.IntN(40)
	h.tenths[p] = min(max(h.tenths[p]+h.IntN(9)-4, 2100), 2520)
}

// count lets the registers count.
func (h *house) count(seconds int64) {
	h.in[h.tariff] += int64(h.drawnPower()) * seconds
	h.out[h.tariff] += int64(h.fedPower()) * seconds
	h.quarter += int64(h.drawnPower()) * seconds
	for q, vars := range h.quadrants() {
		h.quad[q][h.tariff] += int64(vars) * seconds
	}
}

// net is what all phases draw together.
func (h *house) net() int { return h.watts[0] + h.watts[1] + h.watts[2] }

func (h *house) drawnPower() int { return max(h.net(), 0) }
func (h *house) fedPower() int   { return max(-h.net(), 0) }

// quadrants are the vars of all phases together, in the quadrant that they belong to.
func (h *house) quadrants() [4]int {
	vars := h.vars[0] + h.vars[1] + h.vars[2]
	var by [4]int
	switch drawn := h.net() >= 0; {
	case drawn && vars >= 0:
		by[0] = vars
	case vars >= 0:
		by[1] = vars
	case !drawn:
		by[2] = -vars
	default:
		by[3] = -vars
	}
	return by
}

// inductive and capacitive vars of all phases together.
func (h *house) inductive() int  { q := h.quadrants(); return q[0] + q[1] }
func (h *house) capacitive() int { q := h.quadrants(); return q[2] + q[3] }

// centiamps is what a phase carries, in hundredths of amperes.
func (h *house) centiamps(p int) int64 {
	watts := max(h.watts[p], -h.watts[p])
	return int64(watts) * 1000 / int64(max(h.tenths[p], 1))
}

// wh turns watt-seconds into full watt-hours.
func wh(counted int64) int64 { return counted / hour }

// total is all tariffs together, in Wh or varh, as a meter adds up what it shows.
func total(tariffs [4]int64) int64 {
	return wh(tariffs[0]) + wh(tariffs[1]) + wh(tariffs[2]) + wh(tariffs[3])
}

// both adds two quadrants.
func both(a, b [4]int64) [4]int64 {
	for t := range a {
		a[t] = (wh(a[t]) + wh(b[t])) * hour
	}
	return a
}
