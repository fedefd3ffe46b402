package sim

// easyMeter is a German Q3D of the maker EasyMeter: 9600 baud, seven data bits and
// even parity, a telegram every two seconds, no clock and no CRC. Its codes have all
// six groups, its register goes down to a ten-thousandth of a Wh, and its powers are
// in watts. It counts what the house draws; panels feed the grid through a meter of
// their own. The telegram is in the form of IEC 62056-21, mode D.
//
//	/ESY5Q3DA1004 V3.04
//
//	1-0:0.0.0*255(0273011003684)              number
//	1-0:1.8.0*255(00026107.7034231*kWh)       energy
//	1-0:21.7.255*255(000200.13*W), 41, 61     power by phase
//	1-0:1.7.255*255(000472.47*W)              power
//	1-0:96.5.5*255(82)                        status
//	0-0:96.1.255*255(1ESY1011003684)          identifier
//	!
type easyMeter struct {
	dice   dice
	number string
	id     string
	energy int64  // in hundredths of a watt-second
	power  [3]int // by phase, in hundredths of a watt
}

// centi is how many hundredths there are in one.
const centi = 100

func newEasyMeter(s setup) dialect {
	serial := s.dice.digits(7)
	m := &easyMeter{dice: s.dice, number: "027301" + serial, id: "1ESY101" + serial}
	m.energy = (s.between(2e6, 4e7)*wattSeconds + int64(s.dice.below(wattSeconds))) * centi
	return m
}

func (m *easyMeter) count(h *house, from, to int64) {
	for p := range m.power {
		m.power[p] = 0
		if watts := h.watts[p] + h.sun; watts > 0 {
			m.power[p] = watts*centi + m.dice.below(centi)
		}
		m.energy += int64(m.power[p]) * (to - from)
	}
}

func (m *easyMeter) write(t *telegram, _ *house, _ int64) {
	watts := format{6, 2, "*W"}
	t.header("ESY5Q3DA1004 V3.04")
	t.line("1-0:0.0.0*255", "("+m.number+")")
	t.number("1-0:1.8.0*255", m.energy/(wattSeconds*centi/10_000), format{8, 7, "*kWh"})
	t.number("1-0:21.7.255*255", int64(m.power[0]), watts)
	t.number("1-0:41.7.255*255", int64(m.power[1]), watts)
	t.number("1-0:61.7.255*255", int64(m.power[2]), watts)
	t.number("1-0:1.7.255*255", int64(m.power[0]+m.power[1]+m.power[2]), watts)
	t.line("1-0:96.5.5*255", "(82)")
	t.line("0-0:96.1.255*255", "("+m.id+")")
	t.end(nil)
}
