package stranger

import "fmt"

// drawSwiss draws a meter as Swiss operators set them up: either Dutch in its frame with
// totals, tariffs, quadrants and power factors, or with the electricity on channel 1.
//
//	0-0:96.1.0(4C475A…)                  identifier
//	1-0:1.8.0 = 1.8.1 + 1.8.2; 2.8.0     energy
//	1-0:5.8.0(…*kvarh) … 8.8.0           quadrants
//	1-1:1.8.1(000025.600*kWh)            the other sort: energy on channel 1
//	1-1:1.6.0(240906083000S)(03.468*kW)  the month's highest quarter-hour
func drawSwiss(s *sheet) {
	s.settle(2)
	if s.IntN(2) == 0 {
		s.swissOnOne()
		return
	}
	if s.IntN(2) == 0 {
		s.fixed("1-3:0.2.8", "(50)")
	}
	s.clock()
	s.fixed("0-0:96.1.0", "("+hexText(s.text(3, capital)+s.text(13, digits))+")")
	s.registers("1-0:1.8", nlKWh, s.imported)
	s.registers("1-0:2.8", nlKWh, s.exported)
	for q := range 4 {
		s.number(fmt.Sprintf("1-0:%d.8.0", 5+q), luKvarh, func() int64 { return total(s.quad[q]) })
	}
	s.tariffLine()
	s.powers(nlKW, luKvar)
	s.byQuantity(s.volts(nlVolt), s.amps(beAmp))
	s.byQuantity(perPhase{13, huFactor, func(p int) int64 { return factor(s.watts[p], s.vars[p]) }})
	s.byQuantity(s.drawn(nlKW), s.fed(nlKW))
}

// swissOnOne adds the lines of a meter whose electricity is on channel 1, as its public
// telegrams have them.
func (s *sheet) swissOnOne() {
	s.fixed("0-0:96.1.4", "(502"+s.text(2, "012")+")")
	s.fixed("0-0:0.0.0", "("+hexText(s.text(6, digits))+")")
	s.clock()
	s.byTariff("1-1:1.8", nlKWh, s.imported)
	s.byTariff("1-1:2.8", nlKWh, s.exported)
	s.tariffLine()
	s.number("1-0:1.4.0", nlKW, func() int64 { return s.quarter / quarterHour })
	s.fixed("1-1:1.6.0", s.peak(s.monthBegin(s.now), s.now))
	s.power("1-1:1.7.0", nlKW, s.drawnPower)
	s.power("1-1:2.7.0", nlKW, s.fedPower)
	s.quality()
	s.fixed("0-0:96.13.1", "()")
	s.fixed("0-0:96.13.0", s.message())
	s.byQuantity(s.volts(nlVolt), s.amps(beAmp))
	s.byPhase(s.drawn(nlKW), s.fed(nlKW))
}

// drawAustrian draws a Styrian meter: two tariffs of everything, in full Wh and W.
//
//	1-0:1.8.0(006545766*Wh) = 1.8.1 + 1.8.2, 1.7.0(000000286*W)
//	1-0:2.8.0 …, 3.8.0(000000747*varh) …, 4.8.0 …
func drawAustrian(s *sheet) {
	s.settle(2)
	s.fixed("1-3:0.2.8", "(50)")
	s.clock()
	if s.IntN(2) == 0 {
		s.fixed("0-0:96.1.0", "("+hexText(s.text(3, capital)+s.text(13, digits))+")")
	}
	for _, r := range []struct {
		code, unit string
		energy     func() [4]int64
		power      func() int
	}{
		{"1-0:1", "*W", s.imported, s.drawnPower},
		{"1-0:2", "*W", s.exported, s.fedPower},
		{"1-0:3", "*var", s.reactive1, s.inductive},
		{"1-0:4", "*var", s.reactive2, s.capacitive},
	} {
		s.registers(r.code+".8", format{9, 0, r.unit + "h"}, r.energy)
		s.power(r.code+".7.0", format{9, 0, r.unit}, r.power)
	}
}
