package telegram

import (
	"strconv"
	"strings"
)

// Meanings returns what stands under a code of this telegram: for each number of the
// line a meaning, with the unit that the number has. Where that is not the dictionary's
// and cannot be converted to it, the meaning has the unit that was sent; where a second
// number has the unit of the first, its name says so. A line with no number has the
// meaning of [Lookup].
//
//	0-0:17.0.0(027.6*kVA)        limiter_kva
//	1-1:31.4.0(040*A)(-040*A)    fuse_ch1_a, fuse_ch1_2_a
//	0-1:24.2.3(70.0*degC)        mbus1_value_3_degc, where device 1 is no gas meter, else mbus1_uncorrected
func (t *Telegram) Meanings(code string) []Meaning {
	m := t.lookup(Canonical(code))
	values, _ := t.Find(code)
	if len(values) == 0 {
		return []Meaning{m}
	}
	measures := t.Measures(values)
	if !m.isNumber(t, values, measures) {
		return []Meaning{m}
	}
	if list := t.readings(values); len(list) > 1 && list[0].AtText != "" && m.Code[0] != '1' {
		measures = measures[:min(1, len(measures))] // the others are of earlier times
	}
	var list []Meaning
	for _, x := range measures {
		unit, nth := m.Unit, 0
		if x.Unit != "" && !sameQuantity(x.Unit, m.Unit) {
			if !isUnit(x.Unit) {
				continue
			}
			unit = x.Unit
		}
		for _, other := range list {
			if other.Unit == unit {
				nth++
			}
		}
		is := m.with(unit, nth)
		if is.Kind == Register && !counts(unit) && unit != m.Unit {
			is.Kind = Instant // degrees, or a flow, beside what is counted
		}
		list = append(list, is)
	}
	if list == nil {
		return []Meaning{m}
	}
	return list
}

// lookup is [Lookup], which knows what the device on a channel is: of gas 24.2.3 is the
// reading that is not converted to a standard temperature.
func (t *Telegram) lookup(code string) Meaning {
	m := Lookup(code)
	if len(code) != len("0-1:24.2.3") || code[0] != '0' || code[3:] != ":24.2.3" {
		return m
	}
	for _, d := range t.Devices() {
		if d.Channel == int(code[2]-'0') && d.Medium == "gas" {
			channel := strconv.Itoa(d.Channel)
			m.Name, m.Title = "mbus"+channel+"_uncorrected", "M-Bus device "+channel+": reading, not converted to a standard temperature"
		}
	}
	return m
}

// isNumber reports whether a line says numbers: those of a code that the dictionary
// does not know do if all of the line is numbers and times, and one has a unit.
func (m Meaning) isNumber(t *Telegram, values []Value, measures []Measure) bool {
	switch m.Kind {
	case Register, Instant:
		return true
	case Switch:
		return m.Unit != ""
	case Text:
	default:
		return false
	}
	times, units := 0, 0
	for i, v := range values {
		switch {
		case t.isTime(values, i):
			times++
		case isUnit(strings.TrimSpace(string(v.Unit.Of(t.Raw)))):
			units++
		}
	}
	return len(measures)+times == len(values) && units > 0 && !strings.Contains(m.Code, messageGroups)
}

// sameQuantity reports whether a number of one unit can be written in the other.
func sameQuantity(a, b string) bool {
	_, ok := Convert(Decimal{}, a, b)
	return ok
}

// maxUnit is the length of the longest unit that a column is named after.
const maxUnit = 12

// isUnit reports whether text may be a unit, known or not, that a column is named
// after: letters, with digits and marks after them.
func isUnit(text string) bool {
	if _, known := unitNamed(text); known {
		return true
	}
	if text == "" || len(text) > maxUnit {
		return false
	}
	for i := 0; i < len(text); i++ {
		letter := text[i]|0x20 >= 'a' && text[i]|0x20 <= 'z' || text[i] >= 0x80 || text[i] == '%'
		if !letter && (i == 0 || !IsDigit(text[i]) && !strings.ContainsRune("/^*-_.", rune(text[i]))) {
			return false
		}
	}
	return true
}
