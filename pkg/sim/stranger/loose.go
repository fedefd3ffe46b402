package stranger

import (
	"fmt"
	"slices"
)

// loosen makes a layout of a list that no list has: one to four lines are left out, two
// stand between the others that its dialect does not name, and one to three neighbours
// change places. Lines of several values that belong together stay as they are.
func (s *sheet) loosen() {
	for range 1 + s.IntN(4) {
		if i := s.IntN(len(s.lines)); s.alone(i) {
			s.lines = slices.Delete(s.lines, i, i+1)
		}
	}
	for range 2 {
		extra := s.extra()
		for s.hasLine(extra.code) {
			extra = s.extra()
		}
		i := 1 + s.IntN(len(s.lines))
		for i < len(s.lines) && s.lines[i].code == "" {
			i++
		}
		s.lines = slices.Insert(s.lines, i, extra)
	}
	for range 1 + s.IntN(3) {
		if i := 1 + s.IntN(len(s.lines)-1); s.alone(i-1) && s.alone(i) {
			s.lines[i-1], s.lines[i] = s.lines[i], s.lines[i-1]
		}
	}
}

// alone reports whether a line has a code and is not gone on with on the next one.
func (s *sheet) alone(i int) bool {
	return s.lines[i].code != "" && (i+1 == len(s.lines) || s.lines[i+1].code != "")
}

// hasLine reports whether a sheet has a code.
func (s *sheet) hasLine(code string) bool {
	return slices.ContainsFunc(s.lines, func(l line) bool { return l.code == code })
}

// A quantity is a group C of electricity (IEC 62056-61, table 9), with the unit of its
// power; its energy has an h behind it.
type quantity struct {
	c    int
	unit string
}

var quantities = []quantity{
	{1, "kW"}, {2, "kW"}, {3, "kvar"}, {4, "kvar"}, {5, "kvar"}, {6, "kvar"}, {7, "kvar"}, {8, "kvar"},
	{9, "kVA"}, {10, "kVA"}, {15, "kW"}, {16, "kW"}, {21, "kW"}, {22, "kW"}, {29, "kVA"}, {30, "kVA"},
	{41, "kW"}, {42, "kW"}, {61, "kW"}, {62, "kW"},
}

// extra draws a line that the codes allow: an energy (D = 8), a demand (4), the highest
// demand with its time (6), an average (24), an energy of the interval (29), volts,
// amperes, a frequency, an angle, or one of the abstract objects.
func (s *sheet) extra() line {
	q := quantities[s.IntN(len(quantities))]
	power := format{2 + s.IntN(3), 3, "*" + q.unit}
	at, small := s.stamp(s.now-s.Int64N(400*day)), s.Int64N(9000)
	code := func(d, e int) string { return fmt.Sprintf("1-0:%d.%d.%d", q.c, d, e) }
	stays := []struct{ code, values string }{
		{code(4, 0), power.of(small)},
		{code(6, s.IntN(4)), at + power.of(small)},
		{code(24, 0), power.of(small)},
		{code(29, 0), format{5, 3, "*" + q.unit + "h"}.of(small % 1000)},
		{"1-0:12.7.0", format{3, 1, "*V"}.of(2300 + small%90)},
		{"1-0:11.7.0", format{3, 2, "*A"}.of(small)},
		{"1-0:91.7.0", format{3, 2, "*A"}.of(small % 300)},
		{"1-0:14.7.0", format{2, 2, "*Hz"}.of(4990 + small%20)},
		{"1-0:81.7.1", format{3, 1, "*deg"}.of(small % 3600)},
		{"0-0:96.8.0", format{8, 0, "*h"}.of(small * 9)},
		{"0-0:96.9.0", format{3, 1, "*C"}.of(small % 400)},
		{"0-0:96.2.0", format{4, 0, ""}.of(small % 40)},
		{"0-0:97.97.0", "(" + s.text(8, digits) + ")"},
		{"1-0:0.2.0", "(" + s.text(2, capital) + "." + s.text(4, digits) + ")"},
	}
	if s.IntN(3) == 0 {
		return s.extraEnergy(code(8, s.IntN(7)), "*"+q.unit+"h")
	}
	chosen := stays[s.IntN(len(stays))]
	return line{chosen.code, func() string { return chosen.values }}
}

// extraEnergy draws a register that counts on.
func (s *sheet) extraEnergy(code, unit string) line {
	f := format{5 + s.IntN(4), 2 + s.IntN(2), unit}
	counted := wh(s.register(s.Int64N(5000), 9_000)) % tens(f.whole+f.decimals-1)
	return line{code, func() string {
		counted += s.Int64N(3)
		return f.of(counted)
	}}
}
