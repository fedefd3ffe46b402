package stranger

import "fmt"

// Unsigned lists the dialects whose telegrams end in a bare '!'. They come at 9600 baud.
func Unsigned() []Dialect {
	return []Dialect{
		{"dsmr2", "none", 10, 1, func(s *sheet) { s.oldDutch(format{5, 3, "*kWh"}, format{4, 2, "*kW"}) }},
		{"dsmr3", "none", 10, 1, func(s *sheet) { s.oldDutch(format{5, 3, "*kWh"}, format{3, 2, "*kW"}) }},
		{"q3d", "none", 2, 1, drawEasyMeter},
	}
}

// oldDutch draws a meter of DSMR P1 2.2 or 3.0: no clock, tens of watts, and devices on two
// lines, the time without S or W. In 3.0 a power has one digit less.
//
//	0-0:96.1.1(4B384547303034303436333935353037)
//	1-0:1.8.1(12345.678*kWh), 1.8.2, 2.8.1, 2.8.2
//	0-0:96.14.0(0002)
//	1-0:1.7.0(001.19*kW), 2.7.0
//	0-0:17.0.0(016*A)                                    limiter, in A or kW
//	0-0:96.3.10(1), 0-0:96.13.1(), 0-0:96.13.0()         breaker, messages
//	0-1:24.1.0(3), 0-1:96.1.0(…)                         type, now and then (03), (003); identifier
//	0-1:24.3.0(090212160000)(00)(60)(1)(0-1:24.2.1)(m3)  time, status, minutes between, values, code, unit
//	(00001.001)
//	0-1:24.4.0(1)                                        valve
func (s *sheet) oldDutch(kWh, kW format) {
	s.settle(2)
	full := s.IntN(3) == 0 // meters that count full kWh
	round := func(of func() [4]int64) func() [4]int64 {
		return func() [4]int64 {
			c := of()
			for t := range c {
				if full {
					c[t] -= c[t] % (1000 * hour)
				}
			}
			return c
		}
	}
	s.fixed("0-0:96.1.1", "("+s.dutchID("E")+")")
	s.byTariff("1-0:1.8", kWh, round(s.imported))
	s.byTariff("1-0:2.8", kWh, round(s.exported))
	s.tariffLine()
	s.number("1-0:1.7.0", kW, func() int64 { return int64(s.drawnPower()) / 10 })
	s.number("1-0:2.7.0", kW, func() int64 { return int64(s.fedPower()) / 10 })
	s.fixed("0-0:17.0.0", []string{"(016*A)", "(999*A)", "(0999.00*kW)", "(0003.68*kW)"}[s.IntN(4)])
	s.fixed("0-0:96.3.10", "(1)")
	s.fixed("0-0:96.13.1", "()")
	s.fixed("0-0:96.13.0", s.message())
	width := 1 + s.IntN(3)
	for _, d := range s.mbus(hour, s.dutchDevice) {
		s.fixed(d.code("24.1.0"), fmt.Sprintf("(%0*d)", width, d.medium.number))
		s.fixed(d.code("96.1.0"), "("+d.id+")")
		unit := d.medium.format.unit[1:]
		s.add(d.code("24.3.0"), func() string {
			at := s.stamp(d.at)
			return fmt.Sprintf("%s)(00)(60)(1)(%s)(%s)", at[:len(at)-2], d.code("24.2.1"), unit)
		})
		bare := d.medium.format
		bare.unit = ""
		s.number("", bare, func() int64 { return d.reading })
		if d.medium == gas {
			s.fixed(d.code("24.4.0"), "(1)")
		}
	}
}

// drawEasyMeter draws a meter as the maker EasyMeter describes its Q3D (manual of
// 2016-06-15, D0): codes with all six groups, a register that goes down to a
// ten-thousandth of a Wh, and powers in W. Some have tariffs.
//
//	1-0:0.0.0*255(0272031312565)              number
//	1-0:1.8.0*255(00052185.7825309*kWh)       energy
//	1-0:21.7.0*255(000747.85*W), 41, 61       power by phase; in some versions 21.7.255*255
//	1-0:1.7.0*255(002124.86*W)                power
//	1-0:96.5.5*255(80)                        status
//	0-0:96.1.255*255(1ESY1313002565)          identifier
func drawEasyMeter(s *sheet) {
	s.settle(1 + s.IntN(2))
	s.phases, s.sun = 3, 0
	kWh, watts := format{8, 7, "*kWh"}, format{6, 2, "*W"}
	fine := func(counted int64) int64 { return counted * 25 / 9 } // watt-seconds in ten-thousandths of a Wh
	last := []string{"7.0*255", "7.255*255"}[s.IntN(2)]
	number := s.text(10, digits)
	s.fixed("1-0:0.0.0*255", "("+s.text(3, digits)+number+")")
	s.number("1-0:1.8.0*255", kWh, func() int64 { return fine(s.in[0]) + fine(s.in[1]) })
	if s.tariffs == 2 {
		s.number("1-0:1.8.1*255", kWh, func() int64 { return fine(s.in[0]) })
		s.number("1-0:1.8.2*255", kWh, func() int64 { return fine(s.in[1]) })
	}
	for p := range 3 {
		s.number(phase(1, p, last), watts, func() int64 { return int64(s.watts[p])*100 + s.now*37%100 })
	}
	s.number("1-0:1."+last, watts, func() int64 { return int64(s.net())*100 + 3*(s.now*37%100) })
	s.fixed("1-0:96.5.5*255", "(8"+s.text(1, "02")+")")
	s.fixed("0-0:96.1.255*255", "(1"+s.text(3, capital)+number+")")
}
