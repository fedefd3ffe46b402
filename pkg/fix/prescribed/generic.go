package prescribed

import (
	"bytes"
	"slices"

	"p1/pkg/telegram"
)

// A sketch is a way in which a line may have been sent whose code no table holds: what was
// received, if it keeps the grammar of lines but for a few bytes.
type sketch struct {
	cells []cell
	price float64 // of what is unusual in it
	odd   bool    // it has a unit that is not in units
}

const (
	strangeUnit  = 4.0 // one that is not in units
	mostSketches = 6
)

// generic lists the sketches of a received line.
//
//	1-0:3.4.0(000000.102*kvar)␍␊
//	└ code   └ opening       └ closing
func generic(seg []byte) []sketch {
	open, end := opening(seg), closing(seg)
	if open < 5 || open > 20 || len(seg) > 200 || end <= open {
		return nil
	}
	code, ok := genericCode(seg[:open])
	if !ok {
		return nil
	}
	list := []sketch{{cells: append(code, cell{literal, '('})}}
	values := seg[open+1 : end]
	for len(values) > 0 {
		n := bytes.IndexByte(values, ')')
		next := len(values)
		if n >= 0 && n+1 < len(values) {
			next = n + 1 + len("(")
		} else {
			n = len(values)
		}
		list = times(list, genericValue(values[:n]))
		if next > n {
			list = times(list, []sketch{{cells: literals(nil, ")(")}})
		}
		values = values[min(next, len(values)):]
	}
	return times(list, []sketch{{cells: literals(nil, ")\r\n")}})
}

// times puts each of some sketches behind each of others.
func times(heads, tails []sketch) (list []sketch) {
	for _, h := range heads {
		for _, t := range tails {
			if len(list) < mostSketches {
				list = append(list, sketch{slices.Concat(h.cells, t.cells), h.price + t.price, h.odd || t.odd})
			}
		}
	}
	return list
}

// opening is where the first '(' stands, or what was received of it: the first byte that no code
// has.
func opening(seg []byte) int {
	if n := bytes.IndexByte(seg, '('); n >= 0 {
		return n
	}
	for i, b := range seg {
		if i >= len("0-0:0") && !telegram.IsDigit(b) && b != '.' {
			return i
		}
	}
	return -1
}

// closing is where the last ')' stands, or what was received of it.
func closing(seg []byte) int {
	if n := bytes.LastIndexByte(seg, ')'); n >= len(seg)-reach {
		return n
	}
	return len(bytes.TrimRight(seg, "\r\n")) - 1
}

// genericCode are the cells of a code, A-B:C.D.E or with a sixth group, of which a byte may be
// damaged.
func genericCode(seg []byte) (cells []cell, ok bool) {
	points := bytes.Count(seg, []byte("."))
	wrong := 0
	for i, b := range seg {
		switch {
		case i == 1:
			cells = append(cells, cell{literal, '-'})
		case i == 3:
			cells = append(cells, cell{literal, ':'})
		case telegram.IsDigit(b):
			cells = append(cells, cell{codeDigit, b})
		case b == '.' || b == '*':
			cells = append(cells, cell{literal, b})
		default:
			wrong++
			if points < 2 && i > 4 && i+1 < len(seg) {
				cells = append(cells, cell{literal, '.'})
			} else {
				cells = append(cells, cell{codeDigit, '0'})
			}
		}
	}
	return cells, wrong <= 1
}

// genericValue lists what a value may have been.
func genericValue(value []byte) []sketch {
	if isReference(value) {
		if cells, ok := genericCode(value); ok {
			return []sketch{{cells: cells}}
		}
	}
	if len(value) == len("YYMMDDhhmmssX") && countDigits(value[:12]) >= 11 && !bytes.ContainsAny(value, ".*") {
		return []sketch{{cells: cellsOf(parseAtoms("<time>"))}}
	}
	star := bytes.IndexByte(value, '*')
	if star < 0 {
		star = hiddenStar(value)
	}
	if star < 0 {
		return genericNumber(value)
	}
	var list []sketch
	for _, u := range unitsLike(value[star+1:]) {
		unit := sketch{literals(nil, "*"+u.name), u.price, u.price >= strangeUnit}
		list = append(list, times(genericNumber(value[:star]), []sketch{unit})...)
	}
	return list
}

// hiddenStar is where a '*' was damaged: a known unit stands behind a byte that is none of a
// number.
func hiddenStar(value []byte) int {
	for i := 1; i < len(value)-1; i++ {
		if b := value[i]; !telegram.IsDigit(b) && b != '.' && slices.Contains(units[:], string(value[i+1:])) {
			if b|0x20-'a' >= 26 { // else the unit is longer
				return i
			}
		}
	}
	return -1
}

// isReference reports whether a value is the code of another object.
func isReference(value []byte) bool {
	return len(value) >= len("0-0:0.0.0") && value[1] == '-' && value[3] == ':'
}

func countDigits(text []byte) (n int) {
	for _, b := range text {
		if telegram.IsDigit(b) {
			n++
		}
	}
	return n
}

// genericNumber lists what a number or a word may have been: a byte of it that can stand in
// neither was a digit, or the point, if there is none.
func genericNumber(value []byte) []sketch {
	var digits []cell
	damaged := -1
	for i, b := range value {
		switch {
		case telegram.IsDigit(b):
			digits = append(digits, cell{digit, '0'})
		case b == '.' || b == '-' && i == 0:
			digits = append(digits, cell{literal, b})
		case b|0x20-'a' < 26 && countDigits(value) < len(value)-1:
			digits = append(digits, cell{sign, b})
		default:
			digits = append(digits, cell{digit, '0'})
			damaged = i
		}
	}
	list := []sketch{{cells: digits}}
	if damaged > 0 && damaged < len(value)-1 && bytes.IndexByte(value, '.') < 0 {
		pointed := slices.Clone(digits)
		pointed[damaged] = cell{literal, '.'}
		list = append(list, sketch{cells: pointed})
	}
	return list
}

func cellsOf(atoms []atom) (cells []cell) {
	for _, a := range atoms {
		cells = append(cells, a.cell)
	}
	return cells
}

// units are those that a value of a line that no table holds may have: those of IEC 62056-62,
// table of physical units, that a meter of electricity, gas, water or heat measures in.
var units = [...]string{
	"kWh", "kvarh", "kVArh", "kVAh", "kW", "kvar", "kVAr", "kVA", "Wh", "varh", "VAh", "W", "var", "VA", "MWh", "Mvarh", "MW",
	"V", "A", "mA", "Hz", "m3", "dm3", "l", "GJ", "MJ", "m3/h", "l/h", "s", "min", "h", "d", "C", "K", "deg", "bar", "mbar", "Pa", "%",
}

// unitLike is a unit that was received, or may have been.
type unitLike struct {
	name  string
	price float64
}

// unitsLike lists the units that may have been sent where one was received: itself, and those
// that a byte of it makes another of; of one letter that is a unit nothing else is.
func unitsLike(got []byte) (list []unitLike) {
	known := slices.Contains(units[:], string(got))
	if known || plain(got) {
		u := unitLike{name: string(got)}
		if !known {
			u.price = strangeUnit
		}
		list = append(list, u)
	}
	for _, u := range units {
		if !known && len(u) == len(got) && otherBytes(u, got) == 1 && len(list) < mostForms {
			list = append(list, unitLike{name: u})
		}
	}
	if len(list) == 0 {
		list = append(list, unitLike{string(got), strangeUnit})
	}
	return list
}

// plain reports whether all bytes of a text are such as a unit has.
func plain(text []byte) bool {
	for _, b := range text {
		if b|0x20-'a' >= 26 && !telegram.IsDigit(b) && b != '/' && b != '%' {
			return false
		}
	}
	return len(text) > 0
}

func otherBytes(a string, b []byte) (n int) {
	for i := range len(a) {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}
