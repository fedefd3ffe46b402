package stranger

import "fmt"

// How Lithuanian meters write what others do not have.
var (
	ltKVA    = format{2, 3, "*kVA"}
	ltHertz  = format{2, 1, "*Hz"}
	ltDemand = format{6, 3, ""}
)

// drawLithuanian draws a meter with the largest set of data of the operator ESO, or with
// a part of it: everything by four tariffs, averages beside moments, and the longest and
// deepest sags.
//
//	1-0:1.8.0 = 1.8.1 + … + 1.8.4; 2.8.0, 3.8.0(…*kvarh), 4.8.0 the same
//	1-0:32.7.0(234.7*V), 32.24.0(234.6*V), 31.7.0(000*A)   now, on average, amperes
//	1-0:9.7.0(00.000*kVA), 29.7.0 … 10.7.0 …               apparent power
//	1-0:13.7.0(1.000), 33.7.0 …                            power factors
//	1-0:1.4.0(000000.024*kW) … 10.4.0                      demand of the interval
//	1-0:32.33.0(03042*s), 32.34.0(0000*V)                  longest sag, deepest
//	1-0:0.2.0(02.21), 0.2.8(1EA43311)                      firmware
func drawLithuanian(s *sheet) {
	s.settle(4)
	s.clock()
	if s.IntN(2) == 0 {
		s.fixed("0-0:42.0.0", "("+s.text(3, capital)+s.text(13, digits)+")")
	}
	s.registers("1-0:1.8", huKWh, s.imported)
	s.registers("1-0:2.8", huKWh, s.exported)
	s.registers("1-0:3.8", huKvarh, s.reactive1)
	s.registers("1-0:4.8", huKvarh, s.reactive2)
	s.powers(huKW, huKvar)
	s.byQuantity(s.drawn(huKW), s.fed(huKW), s.varsIn(huKvar), s.varsOut(huKvar))
	s.lithuanianVolts()
	if s.IntN(3) > 0 {
		s.lithuanianRest()
	}
	s.fixed("1-0:0.2.0", fmt.Sprintf("(%02d.%02d)", s.IntN(5), s.IntN(60)))
	s.fixed("1-0:0.2.8", "("+s.text(8, digits+"ABCDEF")+")")
	s.fixed("0-0:96.13.0", s.message())
}

// lithuanianVolts adds volts, average volts and amperes of each phase, the largest of
// all, and the frequency.
func (s *sheet) lithuanianVolts() {
	for p := range s.phases {
		volts, average := s.volts(nlVolt), int64(2280+s.IntN(80))
		s.phase(volts, p)
		s.fixed(phase(12, p, "24.0"), nlVolt.of(average))
		s.phase(s.amps(nlAmp), p)
	}
	s.number("1-0:14.7.0", ltHertz, func() int64 { return 500 - s.now%3/2 })
	s.power("1-0:15.7.0", huKW, func() int { return s.drawnPower() + s.fedPower() })
}

// lithuanianRest adds what the largest set has beyond that.
func (s *sheet) lithuanianRest() {
	for _, side := range []struct {
		quantity int
		sign     int
	}{{9, 1}, {10, -1}} {
		s.power(fmt.Sprintf("1-0:%d.7.0", side.quantity), ltKVA, func() int {
			return apparent(max(side.sign*s.net(), 0), s.inductive()+s.capacitive())
		})
		s.byQuantity(perPhase{side.quantity, ltKVA, func(p int) int64 {
			return int64(apparent(max(side.sign*s.watts[p], 0), s.vars[p]))
		}})
	}
	s.number("1-0:13.7.0", huFactor, func() int64 { return factor(s.net(), s.inductive()+s.capacitive()) })
	s.byQuantity(perPhase{13, huFactor, func(p int) int64 { return factor(s.watts[p], s.vars[p]) }})
	s.fixed("1-0:0.8.2", "(00900*s)")
	for i, unit := range []string{"kW", "kW", "kvar", "kvar"} {
		f := ltDemand
		f.unit = "*" + unit
		s.fixed(fmt.Sprintf("1-0:%d.4.0", 1+i), f.of(int64(s.IntN(4)*s.IntN(900))))
	}
	s.fixed("0-0:96.7.21", nlCount.of(int64(s.IntN(90))))
	s.counts("33.0", format{5, 0, "*s"}, 9000)
	s.counts("34.0", format{4, 0, "*V"}, 230)
	s.counts("37.0", format{5, 0, "*s"}, 2)
	s.counts("38.0", format{3, 0, "*V"}, 2)
}
