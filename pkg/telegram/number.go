package telegram

import (
	"strconv"
	"strings"
)

// ParseNumber reads a number as [ParseDecimal] does, but also with blanks around
// it, with line ends in it, and with a comma for the point.
func ParseNumber(text string) (Decimal, bool) {
	if d, ok := ParseDecimal(text); ok {
		return d, true
	}
	text = strings.Trim(withoutEnds(text), " \t")
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

// Number returns the reading under the code in the unit, as [Telegram.NumberOf]
// converts it. It is false where the line is missing, empty, no number, or in a
// unit of another quantity.
func (t *Telegram) Number(code, unit string) (Decimal, bool) {
	values, ok := t.Find(code)
	if !ok {
		return Decimal{}, false
	}
	return t.NumberOf(values, unit)
}

// NumberOf returns the last of the values, converted to the unit by a power of
// ten: kW from W, Wh from kWh, GJ from MJ. Units are read in upper and lower
// case, with blanks around them and without the '*' before them. It is false
// where there is no value, where it is no number and where its unit cannot be
// converted.
func (t *Telegram) NumberOf(values []Value, unit string) (Decimal, bool) {
	if len(values) == 0 {
		return Decimal{}, false
	}
	v := values[len(values)-1]
	if d, ok := ParseDecimal(string(v.Text.Of(t.Raw))); ok && string(v.Unit.Of(t.Raw)) == unit {
		return d, true // as nearly all are, and without a copy
	}
	d, is, ok := parseMeasure(string(v.Text.Of(t.Raw)), string(v.Unit.Of(t.Raw)))
	if !ok {
		return Decimal{}, false
	}
	return convert(d, is, unit)
}

// ReadingOf returns the last of the values in the unit that it was sent in,
// written as in the dictionary: (00123.456*M3) is 123.456 of m3. A unit that is
// not known stays as it is.
func (t *Telegram) ReadingOf(values []Value) (d Decimal, unit string, ok bool) {
	if len(values) == 0 {
		return Decimal{}, "", false
	}
	v := values[len(values)-1]
	return parseMeasure(string(v.Text.Of(t.Raw)), string(v.Unit.Of(t.Raw)))
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
	{"Hz", "Hz", 0}, {"s", "s", 0}, {"min", "min", 0}, {"h", "h", 0}, {"m3/h", "m3/h", 0}, {"bar", "bar", 0},
}

// unitNamed finds a unit by its name in any case: but an m is not taken for an
// M, nor an M for an m, since milli is not mega.
func unitNamed(name string) (unit, bool) {
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

// convert writes a number of one unit in another one; false where that is no power
// of ten, or where the number gets too long.
func convert(d Decimal, from, to string) (Decimal, bool) {
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
