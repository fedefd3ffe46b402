package sim

import (
	"math"
	"time"
)

// appliance is something that switches itself, or is switched, on and off.
type appliance struct {
	phase    int
	watts    int
	vars     int    // positive: a coil, as in motors; negative: a capacitor, as in electronics
	gas      int    // millilitres per second
	water    int    // millilitres per second
	slave    bool   // a meter of its own counts what it draws
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
	{phase: 1, watts: 2130, water: 11, on: [2]int{90, 240}, off: [2]int{4000, 20000}, from: 6, to: 22},
	{phase: 2, watts: 2410, vars: 12, on: [2]int{600, 2700}, off: [2]int{20000, 90000}, from: 10, to: 20},
	{phase: 0, watts: 1980, vars: 140, water: 52, on: [2]int{700, 1500}, off: [2]int{30000, 120000}, from: 7, to: 20},
	// water heater, by night
	{phase: 1, watts: 2020, water: 9, slave: true, on: [2]int{2400, 7200}, off: [2]int{20000, 50000}, from: 22, to: 5},
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
	car   int // watts with which a car is charged by night
	runs  []running
	next  int64  // when one of them switches
	load  load   // of those that run
	base  [3]int // watts that always flow
	quiet [3]int // vars that always flow
	mains [3]int // the grid's voltage without this house, in decivolts
	day   int64  // days since 1970, for the weather
	sky   sky    // of that day
	clear int    // how clear that day is, in thousandths
	cloud int    // what the clouds let through now, in thousandths

	watts [3]int // drawn per phase, negative where the house delivers
	vars  [3]int // positive: inductive
	volts [3]int // decivolts
	hertz int    // centihertz
	gas   int    // millilitres per second
	water int    // millilitres per second
	slave int    // watts drawn by what has a meter of its own
	sun   int    // watts per phase from the panels
}

// A load is what appliances take together.
type load struct {
	watts, vars [3]int
	gas, water  int
	slave       int // watts
}

func (l *load) add(a *appliance) {
	l.watts[a.phase] += a.watts
	l.vars[a.phase] += a.vars
	l.gas += a.gas
	l.water += a.water
	if a.slave {
		l.slave += a.watts
	}
}

// Mains and panels of the simulated house.
const (
	grid      = 2350 // decivolts
	panels    = 2600 // watts per phase at the best moment of the year
	sunLift   = 55   // decivolts by which the street's panels lift the grid
	impedance = 45   // hundredths of an ohm between the house and the grid
)

func newHouse(d dice, start int64, pv bool, carKW int) *house {
	h := &house{dice: d, pv: pv, car: carKW * 1000, runs: make([]running, len(appliances)), hertz: 5000, day: -1}
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
	for p := range h.base {
		h.base[p] = h.dice.walk(h.base[p], 2, 50, 150)
		h.quiet[p] = h.dice.walk(h.quiet[p], 1, -75, -5)
	}
	if h.next <= now {
		h.switchUntil(now)
	}
	h.gas, h.water, h.slave = h.load.gas, h.load.water, h.load.slave
	light := h.light(now)
	if h.pv {
		h.sun = panels * light / 1000
	}
	car := h.charging(now)
	for p := range h.watts {
		h.watts[p] = h.base[p] + h.load.watts[p] + car/3 - h.sun
		h.vars[p] = h.quiet[p] + h.load.vars[p]
		h.mains[p] = h.dice.walk(h.mains[p], 2, grid-40, grid+40)
		h.volts[p] = h.mains[p] + sunLift*light/1000 - h.watts[p]*impedance/2300
	}
	h.hertz = h.dice.walk(h.hertz, 1, 4995, 5005)
}

// A car is charged by all phases alike, from so many minutes after midnight on, for so
// many.
const (
	chargeFrom = 95
	chargeFor  = 190
)

// charging is what the car draws, in watts.
func (h *house) charging(now int64) int {
	if h.car == 0 {
		return 0
	}
	t := local(now)
	if minute := t.Hour()*60 + t.Minute(); minute >= chargeFrom && minute < chargeFrom+chargeFor {
		return h.car
	}
	return 0
}

// switchUntil lets the appliances switch as often as they do until now.
func (h *house) switchUntil(now int64) {
	h.load, h.next = load{}, math.MaxInt64
	for i := range appliances {
		a, r := &appliances[i], &h.runs[i]
		if r.switchUntil(now, a, h.dice); r.on {
			h.load.add(a)
		}
		h.next = min(h.next, r.next)
	}
}

// switchUntil lets the appliance switch as often as it does until now.
func (r *running) switchUntil(now int64, a *appliance, d dice) {
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

func (a *appliance) mayStart(hour int) bool {
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
		h.sky = skies[time.Unix(now, 0).UTC().Month()-time.January]
	}
	h.cloud = h.dice.walk(h.cloud, 12, h.clear/2, h.clear)
	return h.sky.light(now) * h.cloud / 1000
}

// A sky is sunrise and sunset in minutes after midnight UTC, and the noon light in
// thousandths.
type sky struct{ rise, set, noon int }

// skies holds the middle of each month at 47.5° N, 19° E.
var skies = [12]sky{
	{386, 920, 360}, {350, 968, 520}, {297, 1010, 710}, {234, 1055, 860},
	{185, 1095, 950}, {166, 1123, 1000}, {182, 1118, 990}, {220, 1078, 920},
	{260, 1017, 790}, {301, 957, 600}, {347, 910, 410}, {382, 894, 310},
}

// light is that without clouds, in thousandths.
func (s sky) light(now int64) int {
	second := int(now % 86400)
	if second <= s.rise*60 || second >= s.set*60 {
		return 0
	}
	x := (second - s.rise*60) * 1000 / ((s.set - s.rise) * 60)
	return 4 * x * (1000 - x) / 1000 * s.noon / 1000
}
