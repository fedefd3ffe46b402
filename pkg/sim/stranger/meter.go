package stranger

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"

	"p1/pkg/sim"
)

// A Dialect is the list of lines of one country.
type Dialect struct {
	Name   string
	Signs  string // ARC, X25 or none
	period int64  // seconds between telegrams
	ahead  int64  // hours by which its winter time is ahead of UTC
	draw   func(s *sheet)
}

// Dialects lists the dialects that sign their telegrams, by country.
func Dialects() []Dialect {
	return []Dialect{
		{"nl4", "ARC", 10, 1, drawDutch4},
		{"nl5", "ARC", 1, 1, drawDutch5},
		{"be", "ARC", 1, 1, drawBelgian},
		{"lu", "ARC", 10, 1, drawLuxembourg},
		{"se", "ARC", 10, 1, drawSwedish},
		{"no", "ARC", 10, 1, drawNorwegian},
		{"hu", "ARC", 10, 1, drawHungarian},
		{"hu-x25", "X25", 10, 1, drawHolley},
		{"lt", "ARC", 10, 2, drawLithuanian},
		{"ch", "ARC", 5, 1, drawSwiss},
		{"at", "ARC", 5, 1, drawAustrian},
	}
}

// A Layout says how far a meter keeps to the list of its dialect.
type Layout int

// The layouts.
const (
	Prescribed Layout = iota // as the list has it
	Allowed                  // lines left out, two extra, neighbours in another order
)

func (l Layout) String() string { return [...]string{"prescribed", "allowed"}[l] }

// A Meter sends one telegram after the other.
type Meter struct {
	Dialect Dialect
	Layout  Layout
	Seed    uint64
	header  string
	lines   []line
	house   *house
}

// A line is a code and what stands in its parentheses at the moment.
type line struct {
	code   string
	values func() string
}

// Meter draws a meter. Equal seeds give equal meters.
func (d Dialect) Meter(layout Layout, seed uint64) *Meter {
	name := fnv.New64a()
	fmt.Fprint(name, d.Name, layout)
	dice := rand.New(rand.NewPCG(seed, name.Sum64()))
	s := &sheet{house: newHouse(dice, d.ahead)}
	header := s.header()
	d.draw(s)
	if layout == Allowed {
		s.loosen()
	}
	return &Meter{Dialect: d, Layout: layout, Seed: seed, header: header, lines: s.lines, house: s.house}
}

// Next is the next telegram that the meter sends.
//
//	/XXX5identification CR LF
//	CR LF
//	1-0:1.8.0(004711.235*kWh) CR LF
//	!A1B2 CR LF
func (m *Meter) Next() []byte {
	m.house.step(m.Dialect.period)
	text := fmt.Appendf(nil, "/%s\r\n\r\n", m.header)
	for _, l := range m.lines {
		text = fmt.Appendf(text, "%s%s\r\n", l.code, l.values())
	}
	text = append(text, '!')
	switch m.Dialect.Signs {
	case "ARC":
		text = fmt.Appendf(text, "%04X", sim.ARC(text))
	case "X25":
		text = fmt.Appendf(text, "%04X", x25(text))
	}
	return append(text, "\r\n"...)
}

// x25 is CRC-16/X-25 by its definition: x^16+x^12+x^5+1, least significant bit first,
// start and final XOR FFFF.
func x25(text []byte) uint16 {
	crc := uint16(0xFFFF)
	for _, b := range text {
		crc ^= uint16(b)
		for range 8 {
			low := crc & 1
			crc >>= 1
			if low == 1 {
				crc ^= 0x8408
			}
		}
	}
	return ^crc
}
