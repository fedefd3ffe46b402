package stranger

// drawSwedish draws a meter after the Swedish recommendation, which Finland took over:
// clock, four energies, four powers, and by phase powers, volts and amperes. Makers
// differ in the order of phases and in how they write reactive units.
//
//	1-0:1.8.0(00006678.394*kWh), 2.8.0, 3.8.0(…*kvarh), 4.8.0
//	1-0:1.7.0(0001.727*kW), 2.7.0, 3.7.0(…*kvar), 4.7.0
//	1-0:21.7.0, 22.7.0, 23.7.0, 24.7.0 and those of L2 and L3
//	1-0:32.7.0(240.3*V), 31.7.0(004.2*A)
func drawSwedish(s *sheet) {
	s.clock()
	s.nordicLines()
}

// drawNorwegian draws the same behind lines that tell what the meter is.
//
//	1-1:0.2.129(AIDON_V0001)          version of the list
//	0-0:96.1.0(7359992890941742)      identifier
//	0-0:96.1.7(6534)                  type
func drawNorwegian(s *sheet) {
	s.fixed("1-1:0.2.129", "("+s.text(5, capital)+"_V"+s.text(4, digits)+")")
	s.fixed("0-0:96.1.0", "("+s.text(16, digits)+")")
	s.fixed("0-0:96.1.7", "("+s.text(4, digits)+")")
	s.clock()
	s.nordicLines()
}

func (s *sheet) nordicLines() {
	s.settle(1)
	kvar := "kvar"
	if s.IntN(2) == 0 {
		kvar = "kVAr"
	}
	kWh, kW := format{8, 3, "*kWh"}, format{4, 3, "*kW"}
	kvarh, vars := format{8, 3, "*" + kvar + "h"}, format{4, 3, "*" + kvar}
	s.totals(kWh, kvarh)
	s.powers(kW, vars)
	if s.IntN(2) == 0 {
		s.byQuantity(s.drawn(kW), s.fed(kW), s.varsIn(vars), s.varsOut(vars))
	} else {
		s.byPhase(s.drawn(kW), s.fed(kW))
		s.byPhase(s.varsIn(vars), s.varsOut(vars))
	}
	s.byQuantity(s.volts(format{3, 1, "*V"}), s.amps(format{3, 1, "*A"}))
}
