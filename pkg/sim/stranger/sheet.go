package stranger

import (
	"fmt"
	"strings"
)

// A sheet is the list of lines of one meter, as it is drawn.
type sheet struct {
	*house
	lines []line
}

// A format is how a meter writes a number: digits before and after the point, and the
// unit with its star.
type format struct {
	whole, decimals int
	unit            string
}

// of writes a number of the last digit's size: 4711235 is (004711.235*kWh).
func (f format) of(n int64) string {
	if f.decimals == 0 {
		return fmt.Sprintf("(%0*d%s)", f.whole, n, f.unit)
	}
	one := int64(1)
	for range f.decimals {
		one *= 10
	}
	return fmt.Sprintf("(%0*d.%0*d%s)", f.whole, n/one, f.decimals, n%one, f.unit)
}

// add adds a line whose values change.
func (s *sheet) add(code string, values func() string) {
	s.lines = append(s.lines, line{code, values})
}

// fixed adds a line that stays as it is.
func (s *sheet) fixed(code, values string) {
	s.add(code, func() string { return values })
}

// number adds a line with one number.
func (s *sheet) number(code string, f format, n func() int64) {
	s.add(code, func() string { return f.of(n()) })
}

// power adds a line with a power.
func (s *sheet) power(code string, f format, n func() int) {
	s.number(code, f, func() int64 { return int64(n()) })
}

// clock adds the time of the telegram.
func (s *sheet) clock() { s.add("0-0:1.0.0", func() string { return s.stamp(s.now) }) }

// phase is the code of a quantity in a phase: L1 has 20 more than all phases together,
// L2 40 and L3 60 (IEC 62056-61, table 9).
func phase(quantity, p int, rest string) string {
	return fmt.Sprintf("1-0:%d.%s", quantity+20*(p+1), rest)
}

// A perPhase is a quantity that each phase has.
type perPhase struct {
	quantity int // of all phases together
	format   format
	n        func(p int) int64
}

// The quantities of a phase, whatever the width.
func (s *sheet) volts(f format) perPhase {
	return perPhase{12, f, func(p int) int64 { return int64(s.tenths[p]) / tens(1-f.decimals) }}
}

func (s *sheet) amps(f format) perPhase {
	return perPhase{11, f, func(p int) int64 { return s.centiamps(p) / tens(2-f.decimals) }}
}

func (s *sheet) drawn(f format) perPhase {
	return perPhase{1, f, func(p int) int64 { return int64(max(s.house.watts[p], 0)) }}
}

func (s *sheet) fed(f format) perPhase {
	return perPhase{2, f, func(p int) int64 { return int64(max(-s.house.watts[p], 0)) }}
}

func (s *sheet) varsIn(f format) perPhase {
	return perPhase{3, f, func(p int) int64 { return int64(max(s.vars[p], 0)) }}
}

func (s *sheet) varsOut(f format) perPhase {
	return perPhase{4, f, func(p int) int64 { return int64(max(-s.vars[p], 0)) }}
}

// tens is 10 to the n.
func tens(n int) int64 {
	if n <= 0 {
		return 1
	}
	return 10 * tens(n-1)
}

// byQuantity adds each quantity with all its phases: 21 41 61 22 42 62.
func (s *sheet) byQuantity(list ...perPhase) {
	for _, q := range list {
		for p := range s.phases {
			s.phase(q, p)
		}
	}
}

// byPhase adds each phase with all its quantities: 21 22 41 42 61 62.
func (s *sheet) byPhase(list ...perPhase) {
	for p := range s.phases {
		for _, q := range list {
			s.phase(q, p)
		}
	}
}

func (s *sheet) phase(q perPhase, p int) {
	s.number(phase(q.quantity, p, "7.0"), q.format, func() int64 { return q.n(p) })
}

// registers adds a register in all and by tariff: 1-0:1.8.0, 1.8.1, 1.8.2.
func (s *sheet) registers(code string, f format, of func() [4]int64) {
	s.number(code+".0", f, func() int64 { return total(of()) })
	s.byTariff(code, f, of)
}

// byTariff adds a register by tariff.
func (s *sheet) byTariff(code string, f format, of func() [4]int64) {
	for t := range s.tariffs {
		s.number(fmt.Sprintf("%s.%d", code, t+1), f, func() int64 { return wh(of()[t]) })
	}
}

// What registers are of.
func (s *sheet) imported() [4]int64  { return s.in }
func (s *sheet) exported() [4]int64  { return s.out }
func (s *sheet) reactive1() [4]int64 { return both(s.quad[0], s.quad[1]) }
func (s *sheet) reactive2() [4]int64 { return both(s.quad[2], s.quad[3]) }

// tariffLine adds which tariff is in force.
func (s *sheet) tariffLine() {
	s.add("0-0:96.14.0", func() string { return fmt.Sprintf("(%04d)", s.tariff+1) })
}

// counts adds a small counter for each phase.
func (s *sheet) counts(rest string, f format, most int) {
	for p := range s.phases {
		s.fixed(phase(12, p, rest), f.of(int64(s.IntN(most))))
	}
}

// text draws n characters of an alphabet.
func (h *house) text(n int, alphabet string) string {
	var b strings.Builder
	for range n {
		b.WriteByte(alphabet[h.IntN(len(alphabet))])
	}
	return b.String()
}

// Alphabets.
const (
	digits  = "0123456789"
	capital = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	small   = "abcdefghijklmnopqrstuvwxyz"
)

// hexText writes a text as the hex digits of its bytes, as octet strings are
// (P1 companion standard 5.0.2, §6.5).
func hexText(text string) string { return fmt.Sprintf("%X", text) }

// message draws what a text line says: mostly nothing.
func (h *house) message() string {
	if h.IntN(8) > 0 {
		return "()"
	}
	words := ""
	for range 1 + h.IntN(9) {
		words += h.text(1+h.IntN(9), small) + " "
	}
	return "(" + hexText(words) + ")"
}

// header draws the first line behind its slash: three letters of the maker, the third
// one small where it answers fast, 5, and up to 16 printable characters without / and !
// (IEC 62056-21, §6.3.2), of which \2 may be the first.
func (h *house) header() string {
	maker := h.text(3, capital)
	if h.IntN(4) == 0 {
		maker = maker[:2] + h.text(1, small)
	}
	kind := h.text(1+h.IntN(4), capital) + h.text(2+h.IntN(4), digits)
	switch h.IntN(4) {
	case 0:
		kind += "-" + h.text(2+h.IntN(4), digits)
	case 1:
		kind += " " + h.text(1+h.IntN(3), capital) + "." + h.text(2, digits)
	case 2:
		kind += "_" + h.text(1, capital)
	}
	if h.IntN(3) == 0 {
		kind = `\2` + kind
	}
	return maker + "5" + kind[:min(len(kind), 16)]
}
