package sim

// dsmr2 is a Dutch meter as of 2008: 9600 baud, seven data bits and even parity, a
// telegram every ten seconds, no clock and no CRC. It shows energy in full kWh only
// and limits amperes. The layout follows DSMR P1 2.2, the habits are those of a
// Kamstrup 162.
//
//	1-0:1.8.1(04711.000*kWh)                                       full kWh
//	1-0:1.7.0(0000.43*kW)                                          tens of watts
//	0-0:17.0.0(999*A)                                              limiter
//	0-0:96.13.1(), 96.13.0()                                       message codes, message
//	0-1:24.3.0(260301000000)(00)(60)(1)(0-1:24.2.1)(m3)            gas: time, status, minutes between, values, code, unit
//	(01234.567)                                                    gas: the value
type dsmr2 struct{ dutch }

func newDSMR2(s setup) dialect {
	gasMeter := newGasMeter(s, 3600)
	serial := "KA6U00" + s.dice.digits(10)
	m := &dsmr2{dutch{name: "KMP5 " + serial, id: hexText(" " + serial)}}
	m.setDutch(s, gasMeter, "0072")
	return m
}

func (m *dsmr2) write(t *telegram, h *house, now int64) {
	shown := *m
	for _, c := range []*counter{&shown.imported, &shown.exported} {
		for i := range c.wh {
			c.wh[i] -= c.wh[i] % 1000
		}
	}
	shown.writeOld(t, h, now, "(999*A)")
}
