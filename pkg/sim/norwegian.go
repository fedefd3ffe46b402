package sim

// norwegian is a Norwegian meter whose port sends text as Swedish ones do, with
// three lines more that tell what it is. The line names are those of the Norwegian
// lists of OBIS codes.
//
//	1-1:0.2.129(AIDON_V0001)          version of the list
//	0-0:96.1.0(7359992890941742)      identifier
//	0-0:96.1.7(6534)                  type
//	1-0:1.8.0 … 1-0:71.7.0            as in Sweden
type norwegian struct {
	swedish
	id string
}

func newNorwegian(s setup) dialect {
	m := &norwegian{swedish: swedish{name: "ADN9 6534"}, id: "735999" + s.dice.digits(10)}
	m.setTotals(s)
	return m
}

func (m *norwegian) write(t *telegram, h *house, _ int64) {
	t.header(m.name)
	t.line("1-1:0.2.129", "(AIDON_V0001)")
	t.line("0-0:96.1.0", "("+m.id+")")
	t.line("0-0:96.1.7", "(6534)")
	t.clock()
	m.writeTotals(t, h)
	t.end(arc)
}
