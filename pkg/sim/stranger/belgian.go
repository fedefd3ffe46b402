package stranger

import "fmt"

// How Flemish meters write amperes, and the fuse; the rest is as in the Netherlands.
var (
	beAmp  = format{3, 2, "*A"}
	beFuse = format{3, 0, "*A"}
)

// drawBelgian draws a meter of e-MUCS P1 1.7.1, whose owner pays for the highest
// quarter-hour of each month.
//
//	0-0:96.1.4(50217)                                  version
//	1-0:1.4.0(02.351*kW)                               this quarter-hour so far
//	1-0:1.6.0(200509134558S)(02.589*kW)                the month's highest
//	0-0:98.1.0(2)(1-0:1.6.0)(1-0:1.6.0)(200501000000S)(200423192538S)(03.695*kW)…
//	                                                   up to 13 months: end, time, highest
//	0-1:24.2.3(200512134558S)(00112.384*m3)            gas, not converted to a standard temperature
func drawBelgian(s *sheet) {
	s.settle(2)
	s.fixed("0-0:96.1.4", "(502"+s.text(2, "012")+")")
	s.fixed("0-0:96.1.1", "("+s.belgianID("1")+")")
	if s.IntN(4) == 0 {
		s.fixed("0-0:96.1.2", "("+hexText("5414"+s.text(14, digits))+")") // EAN of the connection
	}
	s.clock()
	s.byTariff("1-0:1.8", nlKWh, s.imported)
	s.byTariff("1-0:2.8", nlKWh, s.exported)
	s.tariffLine()
	s.peaks()
	s.power("1-0:1.7.0", nlKW, s.drawnPower)
	s.power("1-0:2.7.0", nlKW, s.fedPower)
	s.byQuantity(s.drawn(nlKW), s.fed(nlKW), s.volts(nlVolt), s.amps(beAmp))
	s.fixed("0-0:96.3.10", "(1)")
	s.fixed("0-0:17.0.0", nlLimit.of([]int64{9999, 92, int64(14 + s.IntN(500))}[s.IntN(3)]))
	s.fixed("1-0:31.4.0", beFuse.of([]int64{999, 40, 63}[s.IntN(3)]))
	if s.IntN(3) == 0 {
		s.fixed("0-0:96.13.1", "()")
	}
	s.fixed("0-0:96.13.0", s.message())
	for _, d := range s.mbus(300, func(medium) string { return s.belgianID("7") }) {
		s.belgianDevice(d)
	}
}

// belgianID draws an identifier of 14 characters, three of them the maker's.
func (s *sheet) belgianID(kind string) string {
	return hexText(kind + s.text(3, capital) + s.text(10, digits))
}

// belgianDevice adds the lines of a device: gas has a valve and a code of its own.
func (s *sheet) belgianDevice(d *device) {
	s.fixed(d.code("24.1.0"), fmt.Sprintf("(%03d)", d.medium.number))
	s.fixed(d.code("96.1.1"), "("+d.id+")")
	reading := "24.2.1"
	if d.medium == gas {
		s.fixed(d.code("24.4.0"), "(1)")
		reading = "24.2.3"
	}
	s.add(d.code(reading), func() string { return s.stamp(d.at) + d.medium.format.of(d.reading) })
}

// peaks adds the demand of this quarter-hour, of this month and of the months before.
func (s *sheet) peaks() {
	s.number("1-0:1.4.0", nlKW, func() int64 { return s.quarter / quarterHour })
	begin := s.monthBegin(s.now)
	s.fixed("1-0:1.6.0", s.peak(begin, s.now))
	months := s.IntN(14)
	ends := []int64{begin}
	for range months {
		ends = append(ends, s.monthBegin(ends[len(ends)-1]-day))
	}
	log := fmt.Sprintf("(%d)(1-0:1.6.0)(1-0:1.6.0)", months)
	for i := months - 1; i >= 0; i-- {
		log += s.stamp(ends[i]) + s.peak(ends[i+1], ends[i])
	}
	s.fixed("0-0:98.1.0", log)
}

// peak draws when the highest quarter-hour between two times was, and how high.
func (s *sheet) peak(from, to int64) string {
	at := from + s.Int64N((to-from)/quarterHour+1)*quarterHour
	return s.stamp(at) + nlKW.of(int64(800+s.IntN(9000)))
}
