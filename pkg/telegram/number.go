package telegram

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// ParseNumber reads a number as [ParseDecimal] does, but also with blanks around
// it, with line ends in it, with a plus before it, and with a comma for the point.
func ParseNumber(text string) (Decimal, bool) {
	if d, ok := ParseDecimal(text); ok {
		return d, true
	}
	text = strings.TrimPrefix(strings.Trim(withoutEnds(text), " \t"), "+")
	if !strings.Contains(text, ".") {
		text = strings.Replace(text, ",", ".", 1)
	}
	return ParseDecimal(text)
}

// withoutEnds takes the line ends out of a value that goes over lines.
func withoutEnds(text string) string {
	if strings.ContainsAny(text, "\r\n") {
		text = strings.NewReplacer("\r", "", "\n", "").Replace(text)
	}
	return text
}

// Number returns the number under the code in the unit, as [Telegram.NumberOf]
// converts it; without a unit it is in that of the dictionary. It is false where the
// line is missing, empty, no number, or in a unit of another quantity.
func (t *Telegram) Number(code, unit string) (Decimal, bool) {
	values, ok := t.Find(code)
	if !ok {
		return Decimal{}, false
	}
	return t.NumberOf(values, unit, Lookup(code).Unit, 0)
}

// NumberOf returns one of the numbers in the values, converted to the unit by a power
// of ten: kW from W, Wh from kWh, GJ from MJ. A number without a unit is in the one
// called bare; where neither that nor the unit is known, a number in any unit will do. Of several that can be converted it is the one at place nth, counted
// from 0. Which values are numbers is told by their form, see [Telegram.Measures]. It
// is false where there is no such number.
func (t *Telegram) NumberOf(values []Value, unit, bare string, nth int) (Decimal, bool) {
	if len(values) == 1 && unit == "" && values[0].Unit.Start == values[0].Unit.End && values[0].Text.End-values[0].Text.Start < len("YYMMDDhhmmss") {
		if d, ok := ParseDecimal(string(values[0].Text.Of(t.Raw))); ok && nth == 0 {
			return d, true
		}
	}
	if nth == 0 && unit != "" {
		for _, v := range values {
			if string(v.Unit.Of(t.Raw)) == unit {
				if d, ok := ParseDecimal(string(v.Text.Of(t.Raw))); ok {
					return d, true // as nearly all are, and without a copy
				}
			}
		}
	}
	for _, m := range t.Measures(values) {
		from := m.Unit
		switch {
		case unit == "" && bare == "":
			from = "" // any
		case from == "" && unit != "":
			from = bare
		}
		d, ok := Convert(m.Number, from, unit)
		if !ok {
			continue
		}
		if nth == 0 {
			return d, true
		}
		nth--
	}
	return Decimal{}, false
}

// Measure is a number with the unit that it was sent in, written as in the dictionary:
// (00123.456*M3) is 123.456 of m3. A unit that is not known stays as it is.
type Measure struct {
	Number Decimal
	Unit   string // "" where none was sent
}

// Measures returns the numbers among the values of a line, in their order. What a value
// is, its form and its unit say, and never its place:
//
//	1-0:1.6.0(260102010000W)(08.796*kW)    a time and a number
//	1-0:1.6.0(08.796*kW)(260102010000)     the same, as DSMR 2.1 writes it
//	1-1:31.4.0(040*A)(-040*A)              two numbers of one unit
//	1-1:1.6.0*62(02.142)(2607220915)       a number and a time: a readout names the unit once
//	…(00)(60)(1)(0-1:24.2.1)(m3)(00123.4)  one, in m3: what follows a code and its unit
//
// Units are read in upper and lower case, with blanks around them and without the
// '*' before them.
func (t *Telegram) Measures(values []Value) []Measure {
	var list []Measure
	var units []string // of the numbers that follow
	for i, v := range values {
		switch {
		case v.Text.Start == v.Unit.End || t.isTime(values, i):
		case t.isCode(v):
			list = nil
		default:
			if d, unit, ok := parseMeasure(t.text(v), string(v.Unit.Of(t.Raw))); ok {
				if unit == "" && len(units) > 0 {
					unit, units = units[0], units[1:]
				}
				list = append(list, Measure{d, unit})
			} else if u, known := unitNamed(t.text(v)); known && i > 0 && t.isCode(values[i-1]) {
				units = append(units, u.name)
			}
		}
	}
	return list
}

// Stamp returns the time among the values of a line as it was sent, "" where there is
// none, and the moment it stands for, false where that cannot be read.
func (t *Telegram) Stamp(values []Value) (c Clock, text string, ok bool) {
	for i := range values {
		if t.isTime(values, i) {
			text = t.text(values[i])
			c, ok = clockOf(text)
			return c, text, ok
		}
	}
	return Clock{}, "", false
}

// isTime reports whether a value has the form of a time: of a number of digits that times
// have, S or W after them, or a date and time that can be. Ten, twelve or fourteen digits
// without a letter may be a number too; beside a number that has a unit or a point they are
// a time.
func (t *Telegram) isTime(values []Value, at int) bool {
	v := values[at]
	n := v.Text.End - v.Text.Start
	if n < len("YYMMDDhhmm") || v.Unit.Start < v.Unit.End {
		return false
	}
	if x := t.Raw[v.Text.End-1] | 0x20; n == len("YYMMDDhhmmssX") && (x == 's' || x == 'w') {
		return true // as nearly all are, and without a copy
	}
	text := strings.TrimSpace(withoutEnds(t.text(v)))
	digits := strings.TrimRight(text, "SWsw")
	if len(text)-len(digits) == 1 && isTimeLength(len(digits)) && allDigits(digits) {
		return true
	}
	_, ok := clockOf(text)
	switch {
	case len(text) == len("YYMMDDhhmmss") && ok, ok && !allDigits(text):
		return true
	case !allDigits(text) || !isTimeLength(len(text)) || !ok && len(text) != len("YYMMDDhhmmss"):
		return false
	}
	return slices.ContainsFunc(values, func(v Value) bool {
		return v.Unit.Start < v.Unit.End || ok && bytes.IndexByte(v.Text.Of(t.Raw), '.') > 0
	})
}

// isTimeLength reports whether a time may have so many digits.
func isTimeLength(n int) bool {
	return n == len("YYMMDDhhmm") || n == len("YYMMDDhhmmss") || n == len("YYYYMMDDhhmmss")
}

func allDigits(text string) bool {
	for i := range len(text) {
		if !IsDigit(text[i]) {
			return false
		}
	}
	return true
}

// parseMeasure reads a number and its unit, which may stand in the text where the
// '*' is missing.
func parseMeasure(text, unit string) (Decimal, string, bool) {
	unit = strings.TrimSpace(withoutEnds(unit))
	d, ok := ParseNumber(text)
	if !ok && unit == "" {
		text = withoutEnds(text)
		n := strings.LastIndexAny(text, "0123456789.,") + 1
		if strings.HasSuffix(text, "m3") || strings.HasSuffix(text, "M3") {
			n = len(text) - len("m3")
		}
		unit = strings.TrimSpace(text[n:])
		if _, known := unitNamed(unit); !known {
			return Decimal{}, "", false
		}
		if d, ok = ParseNumber(text[:n]); !ok {
			unit = ""
		}
	}
	if u, known := unitNamed(unit); known {
		unit = u.name
	}
	return d, unit, ok
}

// unit is 10^power times the first unit of its quantity.
type unit struct {
	name     string
	quantity string
	power    int
}

// units are those that can be converted. A litre of gas or water is a dm3.
var units = []unit{
	{"W", "W", 0}, {"kW", "W", 3}, {"MW", "W", 6},
	{"Wh", "Wh", 0}, {"kWh", "Wh", 3}, {"MWh", "Wh", 6},
	{"var", "var", 0}, {"kvar", "var", 3}, {"Mvar", "var", 6},
	{"varh", "varh", 0}, {"kvarh", "varh", 3}, {"Mvarh", "varh", 6},
	{"VA", "VA", 0}, {"kVA", "VA", 3}, {"MVA", "VA", 6},
	{"VAh", "VAh", 0}, {"kVAh", "VAh", 3}, {"MVAh", "VAh", 6},
	{"J", "J", 0}, {"kJ", "J", 3}, {"MJ", "J", 6}, {"GJ", "J", 9},
	{"V", "V", 0}, {"mV", "V", -3}, {"kV", "V", 3},
	{"A", "A", 0}, {"mA", "A", -3}, {"kA", "A", 3},
	{"m3", "m3", 0}, {"dm3", "m3", -3}, {"l", "m3", -3},
	{"Hz", "Hz", 0}, {"kHz", "Hz", 3}, {"degC", "degC", 0},
	{"s", "s", 0}, {"min", "min", 0}, {"h", "h", 0}, {"m3/h", "m3/h", 0}, {"bar", "bar", 0},
}

// spelled writes units in ASCII, from UTF-8 and from Latin-1.
var spelled = strings.NewReplacer("³", "3", "\xb3", "3", "°", "deg", "\xb0", "deg")

// unitNamed finds a unit by its name in any case: but an m is not taken for an
// M, nor an M for an m, since milli is not mega.
func unitNamed(name string) (unit, bool) {
	name = spelled.Replace(name)
	for _, u := range units {
		if u.name == name {
			return u, true
		}
	}
	for _, u := range units {
		milli := u.power != 0 && u.name[0]|0x20 == 'm'
		if strings.EqualFold(u.name, name) && (!milli || u.name[0] == name[0]) {
			return u, true
		}
	}
	return unit{}, false
}

// Convert writes a number of one unit in another one; false where that is no power
// of ten, or where the number gets too long.
func Convert(d Decimal, from, to string) (Decimal, bool) {
	if from == to {
		return d, true
	}
	f, ok1 := unitNamed(from)
	t, ok2 := unitNamed(to)
	if !ok1 || !ok2 || f.quantity != t.quantity {
		return Decimal{}, false
	}
	n := t.power - f.power
	// The zeros that a shift appends may be more than an int64 takes.
	if zeros := -(d.Scale + n); zeros > 0 && len(strconv.FormatInt(max(d.Digits, -d.Digits), 10))+zeros > maxDigits {
		return Decimal{}, false
	}
	return d.Shift(n), true
}
