package stranger

import "fmt"

// How Dutch meters write their numbers (P1 companion standard 5.0.2, §6.12).
var (
	nlKWh   = format{6, 3, "*kWh"} // F9(3,3)
	nlKW    = format{2, 3, "*kW"}  // F5(3,3)
	nlVolt  = format{3, 1, "*V"}   // F4(1,1)
	nlAmp   = format{3, 0, "*A"}   // F3(0,0)
	nlLimit = format{3, 1, "*kW"}  // F4(1,1), of 4.0
	nlCount = format{5, 0, ""}     // F5(0,0)
)

// dutchID draws an identifier: a letter for what is measured, the maker and type, a
// number and the year, 17 characters in all, as hex digits.
func (s *sheet) dutchID(letter string) string {
	return hexText(letter + s.text(4, digits) + s.text(10, digits) + fmt.Sprintf("%02d", 8+s.IntN(22)))
}

func (s *sheet) dutchDevice(m medium) string { return s.dutchID(m.letter) }

// dutchHead adds version, clock, identifier, energy, tariff and power: what 4.0 and 5.0.2
// have in common.
func (s *sheet) dutchHead(version string) {
	s.settle(2)
	s.fixed("1-3:0.2.8", "("+version+")")
	s.clock()
	s.fixed("0-0:96.1.1", "("+s.dutchID("E")+")")
	s.byTariff("1-0:1.8", nlKWh, s.imported)
	s.byTariff("1-0:2.8", nlKWh, s.exported)
	s.tariffLine()
	s.power("1-0:1.7.0", nlKW, s.drawnPower)
	s.power("1-0:2.7.0", nlKW, s.fedPower)
}

// quality adds failures of the power with their log, sags and swells.
//
//	0-0:96.7.21(00004)                                             failures
//	0-0:96.7.9(00002)                                              long ones
//	1-0:99.97.0(2)(0-0:96.7.19)(101208152415W)(0000000240*s)(…)…   their log: ends, durations
//	1-0:32.32.0(00002)                                             sags
//	1-0:32.36.0(00000)                                             swells
func (s *sheet) quality() {
	entries := s.IntN(11) * s.IntN(2)
	s.fixed("0-0:96.7.21", nlCount.of(int64(entries+s.IntN(20))))
	s.fixed("0-0:96.7.9", nlCount.of(int64(entries)))
	log := fmt.Sprintf("(%d)(0-0:96.7.19)", entries)
	if entries == 0 && s.IntN(2) == 0 {
		log = "()" // as meters write it
	}
	ago := int64(0)
	for range entries {
		ago += s.Int64N(200 * day)
		seconds := int64(180)
		for range s.IntN(4) {
			seconds *= 7
		}
		log += s.stamp(s.now-ago) + fmt.Sprintf("(%010d*s)", seconds+s.Int64N(6*seconds))
	}
	s.fixed("1-0:99.97.0", log)
	s.counts("32.0", nlCount, 30)
	s.counts("36.0", nlCount, 4)
}

// drawDutch4 draws a meter of the P1 companion standard 4.x: a limiter and a breaker in
// 4.0, which 4.2 has no more, no volts, gas every hour, each phase by itself.
func drawDutch4(s *sheet) {
	version := []string{"40", "42"}[s.IntN(2)]
	s.dutchHead(version)
	if version == "40" {
		s.fixed("0-0:17.0.0", nlLimit.of([]int64{9999, 161, int64(36 + s.IntN(500))}[s.IntN(3)]))
		s.fixed("0-0:96.3.10", fmt.Sprintf("(%d)", 1-s.IntN(2)*s.IntN(2)))
	}
	s.quality()
	s.fixed("0-0:96.13.1", "()")
	s.fixed("0-0:96.13.0", s.message())
	s.byQuantity(s.amps(nlAmp))
	s.byPhase(s.drawn(nlKW), s.fed(nlKW))
	for _, d := range s.mbus(hour, s.dutchDevice) {
		s.deviceLines(d, "96.1.0", "24.2.1")
		if version == "40" && d.medium == gas {
			s.fixed(d.code("24.4.0"), "(1)")
		}
	}
}

// drawDutch5 draws a meter of the P1 companion standard 5.0.2: volts, and devices that
// are read every five minutes.
func drawDutch5(s *sheet) {
	s.dutchHead("50")
	s.quality()
	s.fixed("0-0:96.13.0", s.message())
	s.byQuantity(s.volts(nlVolt), s.amps(nlAmp), s.drawn(nlKW), s.fed(nlKW))
	for _, d := range s.mbus(300, s.dutchDevice) {
		s.deviceLines(d, "96.1.0", "24.2.1")
	}
}
