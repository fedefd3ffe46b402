package meter

import "time"

// appliance is something that switches itself, or is switched, on and off.
type appliance struct {
	phase    int
	watts    int
	vars     int    // positive: a coil, as in motors; negative: a capacitor, as in electronics
	gas      int    // millilitres per second
	on, off  [2]int // shortest and longest run and rest, in seconds
	from, to int    // the local hours in which it may start; from > to spans midnight
}

// appliances is what the simulated house owns.
var appliances = []appliance{
	// fridge and freezer
	{phase: 0, watts: 95, vars: 62, on: [2]int{600, 1200}, off: [2]int{1500, 3000}, to: 24},
	{phase: 1, watts: 118, vars: 80, on: [2]int{900, 1500}, off: [2]int{2400, 4200}, to: 24},
	// heating: a gas boiler and its pump
	{phase: 2, watts: 64, vars: 21, gas: 310, on: [2]int{500, 2400}, off: [2]int{700, 5000}, from: 5, to: 23},
	// lights, television
	{phase: 1, watts: 164, vars: -38, on: [2]int{3000, 9000}, off: [2]int{1200, 4000}, from: 17, to: 23},
	{phase: 0, watts: 121, vars: -42, on: [2]int{2400, 10000}, off: [2]int{5000, 20000}, from: 16, to: 23},
	// kettle, oven, washing machine
	{phase: 1, watts: 2130, on: [2]int{90, 240}, off: [2]int{4000, 20000}, from: 6, to: 22},
	{phase: 2, watts: 2410, vars: 12, on: [2]int{600, 2700}, off: [2]int{20000, 90000}, from: 10, to: 20},
	{phase: 0, watts: 1980, vars: 140, on: [2]int{700, 1500}, off: [2]int{30000, 120000}, from: 7, to: 20},
	// water heater, by night
	{phase: 1, watts: 2020, on: [2]int{2400, 7200}, off: [2]int{20000, 50000}, from: 22, to: 5},
}

// running is the state of one appliance.
type running struct {
	on   bool
	next int64 // when it switches
}

// A house is what the meter measures. Its readings are those of the step that
// has just ended, in whole units.
type house struct {
	dice  dice
	pv    bool
	runs  []running
	base  [3]int // watts that always flow
	quiet [3]int // vars that always flow
	mains [3]int // the grid's voltage without this house, in decivolts
	day   int64  // days since 1970, for the weather
	clear int    // how clear that day is, in thousandths
	cloud int    // what the clouds let through now, in thousandths

	watts [3]int // drawn per phase, negative where the house delivers
	vars  [3]int // positive: inductive
	volts [3]int // decivolts
	hertz int    // centihertz
	gas   int    // millilitres per second
}

// Mains and panels of the simulated house.
const (
	grid      = 2350 // decivolts
	panels    = 2600 // watts per phase at the best moment of the year
	sunLift   = 55   // decivolts by which the street's panels lift the grid
	impedance = 45   // hundredths of an ohm between the house and the grid
)

func newHouse(d dice, start int64, pv bool) *house {
	h := &house{dice: d, pv: pv, runs: make([]running, len(appliances)), hertz: 5000, day: -1}
	for i, a := range appliances {
		h.runs[i].next = start - 2*86400 + int64(d.below(a.off[1]))
	}
	for p := range h.mains {
		h.base[p] = d.between(60, 130)
		h.quiet[p] = -d.between(15, 70)
		h.mains[p] = grid + d.between(-25, 25)
	}
	return h
}

// step lets the house live until now.
func (h *house) step(now int64) {
	h.gas = 0
	for p := range h.watts {
		h.base[p] = h.dice.walk(h.base[p], 2, 50, 150)
		h.quiet[p] = h.dice.walk(h.quiet[p], 1, -75, -5)
		h.watts[p], h.vars[p] = h.base[p], h.quiet[p]
	}
	for i, a := range appliances {
		if h.runs[i].switchUntil(now, a, h.dice); h.runs[i].on {
			h.watts[a.phase] += a.watts
			h.vars[a.phase] += a.vars
			h.gas += a.gas
		}
	}
	light := h.light(now)
	for p := range h.watts {
		if h.pv {
			h.watts[p] -= panels * light / 1000
		}
		h.mains[p] = h.dice.walk(h.mains[p], 2, grid-40, grid+40)
		h.volts[p] = h.mains[p] + sunLift*light/1000 - h.watts[p]*impedance/2300
	}
	h.hertz = h.dice.walk(h.hertz, 1, 4995, 5005)
}

// switchUntil lets the appliance switch as often as it does until now.
func (r *running) switchUntil(now int64, a appliance, d dice) {
	for r.next <= now {
		switch {
		case r.on:
			r.on = false
			r.next += int64(d.between(a.off[0], a.off[1]))
		case a.mayStart(local(r.next).Hour()):
			r.on = true
			r.next += int64(d.between(a.on[0], a.on[1]))
		default:
			r.next += int64(d.between(600, 2400))
		}
	}
}

func (a appliance) mayStart(hour int) bool {
	if a.from < a.to {
		return hour >= a.from && hour < a.to
	}
	return hour >= a.from || hour < a.to
}

// light is what reaches the panels, in thousandths of the best moment.
func (h *house) light(now int64) int {
	if day := now / 86400; day != h.day {
		h.day = day
		h.clear = h.dice.between(350, 1000)
		h.cloud = h.clear
	}
	h.cloud = h.dice.walk(h.cloud, 12, h.clear/2, h.clear)
	return clearSky(now) * h.cloud / 1000
}

// sky holds the middle of each month at 47.5° N, 19° E: sunrise and sunset in
// minutes after midnight UTC, and the noon light in thousandths.
var sky = [12]struct{ rise, set, noon int }{
	{386, 920, 360}, {350, 968, 520}, {297, 1010, 710}, {234, 1055, 860},
	{185, 1095, 950}, {166, 1123, 1000}, {182, 1118, 990}, {220, 1078, 920},
	{260, 1017, 790}, {301, 957, 600}, {347, 910, 410}, {382, 894, 310},
}

// clearSky is the light without clouds, in thousandths.
func clearSky(now int64) int {
	s := sky[time.Unix(now, 0).UTC().Month()-time.January]
	second := int(now % 86400)
	if second <= s.rise*60 || second >= s.set*60 {
		return 0
	}
	x := (second - s.rise*60) * 1000 / ((s.set - s.rise) * 60)
	return 4 * x * (1000 - x) / 1000 * s.noon / 1000
}
