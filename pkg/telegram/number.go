package telegram

import "strings"

// ParseNumber reads a number as [ParseDecimal] does, with blanks and line ends
// around it or not, and with a comma for the point.
func ParseNumber(text string) (Decimal, bool) {
	text = strings.Trim(text, " \t\r\n")
	if !strings.Contains(text, ".") {
		text = strings.Replace(text, ",", ".", 1)
	}
	return ParseDecimal(text)
}

// NumberOf returns the last of the values, converted to the unit by a power of
// ten: kW from W, Wh from kWh, GJ from MJ. Units are read in any case and with
// blanks around them. It is false where there is no value, where it is no number
// and where its unit cannot be converted.
func (t *Telegram) NumberOf(values []Value, unit string) (Decimal, bool) {
	if len(values) == 0 {
		return Decimal{}, false
	}
	v := values[len(values)-1]
	d, ok := ParseNumber(string(v.Text.Of(t.Raw)))
	if !ok {
		return Decimal{}, false
	}
	switch got := string(v.Unit.Of(t.Raw)); {
	case got == unit:
		return d, true
	case "k"+got == unit && got != "":
		return d.Shift(3), true
	}
	return Decimal{}, false
}
