package stranger

// How the meters of Luxembourg write what Dutch ones do not have.
var (
	luKvarh = format{6, 3, "*kvarh"}
	luKvar  = format{2, 3, "*kvar"}
	luKVA   = format{2, 3, "*kVA"}
	luLimit = format{3, 1, "*kVA"}
	luVolt  = format{3, 1, "*V"}
)

// drawLuxembourg draws a Smarty: totals in place of tariffs, reactive energy, five
// messages, relays. Older ones have no volts and no apparent power.
//
//	0-0:42.0.0(53414731303330373030303132373031)   logical device name
//	0-0:17.0.0(027.6*kVA)                          limit
//	1-1:31.4.0(040*A)(-040*A)                      limits of the current
//	0-1:96.3.10(0)                                 a relay
func drawLuxembourg(s *sheet) {
	s.settle(1)
	late := s.IntN(2) == 0
	s.fixed("1-3:0.2.8", "(42)")
	s.clock()
	s.fixed("0-0:42.0.0", "("+hexText(s.text(3, capital)+s.text(13, digits))+")")
	s.totals(nlKWh, luKvarh)
	s.powers(nlKW, luKvar)
	s.fixed("0-0:17.0.0", luLimit.of(int64(60+s.IntN(900))))
	if late {
		s.power("1-0:9.7.0", luKVA, func() int { return apparent(s.drawnPower(), s.inductive()+s.capacitive()) })
		s.power("1-0:10.7.0", luKVA, func() int { return apparent(s.fedPower(), s.inductive()+s.capacitive()) })
		fuse := beFuse.of(int64(20 + s.IntN(80)))
		s.fixed("1-1:31.4.0", fuse+"(-"+fuse[1:])
	}
	for _, code := range []string{"0-0:96.3.10", "0-1:96.3.10", "0-2:96.3.10"} {
		s.fixed(code, []string{"(1)", "(0)"}[s.IntN(2)])
	}
	s.fixed("0-0:96.7.21", nlCount.of(int64(s.IntN(300))))
	s.counts("32.0", nlCount, 30)
	s.counts("36.0", nlCount, 4)
	s.fixed("0-0:96.13.0", s.message())
	for _, code := range []string{"0-0:96.13.2", "0-0:96.13.3", "0-0:96.13.4", "0-0:96.13.5"} {
		s.fixed(code, "()")
	}
	if late {
		s.byQuantity(s.volts(luVolt))
	}
	s.byQuantity(s.amps(nlAmp), s.drawn(nlKW), s.fed(nlKW), s.varsIn(luKvar), s.varsOut(luKvar))
	for _, d := range s.mbus(hour, s.dutchDevice) {
		s.deviceLines(d, "96.1.0", "24.2.1")
		if d.medium == gas {
			s.fixed(d.code("24.4.0"), "(1)")
		}
	}
}

// totals adds energy and reactive energy, in and out.
func (s *sheet) totals(kWh, kvarh format) {
	s.number("1-0:1.8.0", kWh, func() int64 { return total(s.in) })
	s.number("1-0:2.8.0", kWh, func() int64 { return total(s.out) })
	s.number("1-0:3.8.0", kvarh, func() int64 { return total(s.reactive1()) })
	s.number("1-0:4.8.0", kvarh, func() int64 { return total(s.reactive2()) })
}

// powers adds power and reactive power, in and out.
func (s *sheet) powers(kW, kvar format) {
	s.power("1-0:1.7.0", kW, s.drawnPower)
	s.power("1-0:2.7.0", kW, s.fedPower)
	s.power("1-0:3.7.0", kvar, s.inductive)
	s.power("1-0:4.7.0", kvar, s.capacitive)
}

// apparent is the volt-amperes of watts and vars: the root of the sum of their squares.
func apparent(watts, vars int) int {
	if watts == 0 {
		return 0
	}
	square, root := int64(watts)*int64(watts)+int64(vars)*int64(vars), int64(0)
	for bit := int64(1 << 20); bit > 0; bit >>= 1 {
		if (root+bit)*(root+bit) <= square {
			root += bit
		}
	}
	return int(root)
}
