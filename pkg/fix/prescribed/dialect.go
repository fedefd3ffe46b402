package prescribed

import (
	"strconv"
	"strings"
	"sync"

	"p1/pkg/crc"
)

// dialect is what a standard prescribes of the telegrams of its meters.
type dialect struct {
	name  string
	lines []*line
	kinds []crc.Kind // of its CRCs; none where its telegrams have none
	sums  bool       // its registers of totals are the sums of their parts
}

// tables are the dialects, those that are met more often first.
func tables() []struct {
	name, text string
	kinds      []crc.Kind
	sums       bool
} {
	arc := []crc.Kind{crc.ARC}
	return []struct {
		name, text string
		kinds      []crc.Kind
		sums       bool
	}{
		{"dsmr5", dsmr5, arc, false},
		{"dsmr4", dsmr4, arc, false},
		{"fluvius", fluvius, arc, false},
		{"smarty", smarty, arc, false},
		{"sweden", sweden, arc, false},
		{"hungary", hungary, arc, true},
		{"holley", strings.ReplaceAll(hungary, "000000.000", "00000000.000"), []crc.Kind{crc.X25}, true},
		{"norway", norway, arc, false},
		{"lithuania", lithuania, arc, false},
		{"switzerland", switzerland, arc, false},
		{"austria", austria, arc, false},
		{"dsmr2", dsmr2, nil, false},
		{"q3d", q3d, nil, false},
	}
}

// book is all dialects, and each of their lines once.
type book struct {
	dialects []*dialect
	lines    []*line
}

// all is the book; it is read once.
var all = sync.OnceValue(func() *book {
	b := &book{}
	known := map[string]*line{}
	for _, t := range tables() {
		d := &dialect{name: t.name, kinds: t.kinds, sums: t.sums}
		for _, text := range channels(strings.Split(strings.TrimSpace(t.text), "\n")) {
			text, maybe := strings.CutPrefix(text, "?")
			l := known[text]
			if l == nil {
				l = parseLine(text)
				l.index = len(b.lines)
				known[text] = l
				b.lines = append(b.lines, l)
			}
			d.lines = append(d.lines, l)
			l.usual = l.usual || !maybe
		}
		b.dialects = append(b.dialects, d)
	}
	return b
})

// channels repeats the lines of M-Bus devices, which come together, for each channel.
func channels(lines []string) (out []string) {
	for from := 0; from < len(lines); from++ {
		to := from
		for to < len(lines) && (strings.Contains(lines[to], "0-n:") || to > from && strings.HasPrefix(lines[to], "?(")) {
			to++
		}
		if to == from {
			out = append(out, lines[from])
			continue
		}
		for n := 1; n <= 4; n++ {
			for _, l := range lines[from:to] {
				out = append(out, strings.ReplaceAll(l, "0-n:", "0-"+strconv.Itoa(n)+":"))
			}
		}
		from = to - 1
	}
	return out
}

// line is one line of a table.
type line struct {
	index int // in the book
	code  string
	items []item
	usual bool // in a dialect it must not be missing
}

// hasText reports whether a value of the line is a text of any length.
func (l *line) hasText() bool {
	for _, it := range l.items {
		for _, atoms := range it.either {
			if len(atoms) > 0 && atoms[0].free && atoms[0].class == raw {
				return true
			}
		}
	}
	return false
}

// item is a value, or values that come none, one or many times.
type item struct {
	either [][]atom // of the value
	many   [][][]atom
}

// atom is a byte of a value, or a number of bytes of a class that nobody knows.
type atom struct {
	cell
	free bool
}

// cell is what may stand at one place.
type cell struct {
	class class
	c     byte // the byte itself of a literal; of others what stands there if nothing says more
}

// class is a set of bytes of which one may stand at a place.
type class uint8

const (
	literal   class = iota
	digit           // of a number or a time
	season          // S or W
	nibble          // a hex digit
	high            // a hex digit, the first one of a pair
	maker           // a letter of the maker's name
	sign            // a printable character of a name
	raw             // any byte
	codeDigit       // a digit of a code that no table holds
	crcDigit
	classes
)

// parseLine reads a line of a table. It is the program's own: what is wrong with it is found by
// the package's tests.
func parseLine(text string) *line {
	code, rest, _ := strings.Cut(text, "(")
	l := &line{code: code}
	for rest = "(" + rest; rest != ""; {
		if many, ok := strings.CutPrefix(rest, "{"); ok {
			var inner string
			inner, rest, _ = strings.Cut(many, "}")
			var group [][][]atom
			for _, value := range strings.Split(strings.Trim(inner, "()"), ")(") {
				group = append(group, parseValue(value))
			}
			l.items = append(l.items, item{many: group})
			continue
		}
		var value string
		value, rest, _ = strings.Cut(rest[1:], ")")
		l.items = append(l.items, item{either: parseValue(value)})
	}
	return l
}

func parseValue(text string) (either [][]atom) {
	for _, one := range strings.Split(text, "|") {
		either = append(either, parseAtoms(one))
	}
	return either
}

// names are the values that have one.
var names = map[string]string{"<time>": "YYMMDDhhmmssX", "<date>": "YYMMDDhhmmss"}

func parseAtoms(text string) (list []atom) {
	if times, ok := names[text]; ok {
		for i := range times {
			a := atom{cell: cell{digit, "2001010000000"[i]}}
			if times[i] == 'X' {
				a.cell = cell{season, 'W'}
			}
			list = append(list, a)
		}
		return list
	}
	switch text {
	case "<hex>":
		return []atom{{cell{nibble, '0'}, true}}
	case "<text>":
		return []atom{{cell{raw, ' '}, true}}
	}
	// The reference to a code, (0-0:96.7.19), is itself.
	quoted := strings.ContainsAny(text, ":")
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case c == '0' && !quoted:
			list = append(list, atom{cell: cell{digit, '0'}})
		default:
			list = append(list, atom{cell: cell{literal, c}})
		}
	}
	return list
}
