package forms

import (
	"slices"
	"strings"
)

// spellings has lines of which code, unit or number is not written as in the standard.
var spellings = []form{
	{"sixth group", "P1 companion standard 4.2, example; IEC 62056-61, group F",
		"1-0:21.7.0.255(01.111*kW)", func(c *composer) part { return c.respelt(nil, sixth(".255")) }},
	{"sixth group, star", "IEC 62056-61, group F; owners of an ACE4000",
		"7-0:23.1.0*255(02339.900*m3)", func(c *composer) part { return c.respelt(nil, sixth("*255")) }},
	{"blank after unit", "owners of a Holley",
		"1-0:1.8.0(00004711.235*kWh )", func(c *composer) part { return c.respelt(hasUnit, unitAs(func(u string) string { return u + " " })) }},
	{"upper-case unit", "owners of a Holley",
		"1-0:14.7.0(49.98*HZ)", func(c *composer) part { return c.respelt(hasUnit, unitAs(strings.ToUpper)) }},
	{"lower-case unit", "owners",
		"1-0:1.8.0(004711.235*kwh)", func(c *composer) part { return c.respelt(hasUnit, unitAs(strings.ToLower)) }},
	{"kVAr", "owners of Luxembourg's Smarty: VAr and VArh with a capital A",
		"1-0:3.7.0(00.025*kVAr)", func(c *composer) part { return c.respelt(isReactive, unitAs(capitalVar)) }},
	{"no unit", "owners: the code says what it is",
		"1-0:4.7.0(00.007)", func(c *composer) part { return c.respelt(hasUnit, unitAs(func(string) string { return "" })) }},
	{"larger or smaller unit", "owners: watts, watt-hours, kilohertz, kilovolts and kiloamperes",
		"1-0:14.7.0(0000.049*kHz)", func(c *composer) part { return c.prefixed() }},
	{"unknown unit", "made up",
		"1-0:1.7.0(00123*hp)", func(c *composer) part { return c.strange() }},
	{"two values of one unit", "Smarty 1.1.3: thresholds of import and export",
		"1-1:31.4.0(040*A)(-040*A)", func(c *composer) part { return c.twoValues() }},
}

// loose has lines that break the line grammar, so that only a CRC vouches for them.
var loose = []form{
	{"blank before parenthesis", "owners",
		"1-0:1.7.0 (03.333*kW)", func(c *composer) part { return c.respelt(nil, blank) }},
	{"colon for point", "owners",
		"1-0:72:32.0(00007)", func(c *composer) part { return c.respelt(nil, colon) }},
	{"message as it is", "owners of Hungarian meters",
		"0-0:96.13.0(Dear customer)", func(c *composer) part { return c.message(func(text string) []string { return []string{text} }) }},
	{"message over lines", "owners: hex digits that are wrapped",
		"0-0:96.13.0(303132↵ 333435)", func(c *composer) part { return c.message(c.wrapped) }},
	{"not a number", "made up: it has to be said",
		"1-0:1.7.0(0x.333*kW)", func(c *composer) part { return c.broken() }},
	{"parentheses in text", "owners of EasyMeter and Iskra meters",
		"1-0:0.2.0((ER11)) 1-1:0.2.8(ER13))", func(c *composer) part { return c.nested() }},
	{"past value", "IEC 62056-61, group F: the value at the end of an earlier period",
		"1-0:1.8.0*01(004700.100*kWh)", func(c *composer) part { return c.pastValue() }},
}

func hasUnit(q quantity) bool { return q.unit != "" }

func isReactive(q quantity) bool { return strings.Contains(q.unit, "var") }

func capitalVar(unit string) string { return strings.Replace(unit, "var", "VAr", 1) }

// A respelling changes code, unit and what stands between code and value.
type respelling func(code, unit string) (asCode, asUnit string)

func sixth(group string) respelling {
	return func(code, unit string) (string, string) { return code + group, unit }
}

func colon(code, unit string) (string, string) {
	ab, first, rest := groups(code)
	return ab + ":" + first + ":" + rest, unit
}

func blank(code, unit string) (string, string) { return code + " ", unit }

func unitAs(spell func(string) string) respelling {
	return func(code, unit string) (string, string) { return code, spell(unit) }
}

// respelt writes a usual line in another spelling.
func (c *composer) respelt(fits func(q quantity) bool, spell respelling) part {
	q, ok := c.quantity(fits)
	if !ok {
		return nil
	}
	code, unit := spell(q.code, q.unit)
	v := c.number(q.whole, q.decimals, q.up)
	return func(p *page) {
		c.next(v)
		p.line(code+"("+star(v.written(), unit)+")", Fact{Code: usual(q.code), Value: v.meant(), Unit: q.unit})
	}
}

// prefixes are the other units in which a meter may show a quantity.
var prefixes = map[string][]string{
	"kW": {"W"}, "kvar": {"var"}, "kVA": {"VA"},
	"kWh": {"Wh", "MWh"}, "kvarh": {"varh"}, "kVAh": {"VAh"},
	"V": {"kV", "mV"}, "A": {"kA", "mA"}, "Hz": {"kHz"},
}

// prefixed writes a quantity in a larger or smaller unit.
func (c *composer) prefixed() part {
	q, ok := c.quantity(func(q quantity) bool { return prefixes[q.unit] != nil })
	if !ok {
		return nil
	}
	unit := prefixes[q.unit][c.IntN(len(prefixes[q.unit]))]
	whole, decimals := 4+c.IntN(3), 0
	if strings.ContainsAny(unit[:1], "kM") {
		whole, decimals = 1+c.IntN(4), 3
	}
	v := c.number(whole, decimals, q.up)
	if decimals == 3 {
		v.n %= 1000 // a few hundred of the smaller unit
	}
	return func(p *page) {
		c.next(v)
		p.line(q.code+"("+star(v.written(), unit)+")", Fact{Code: usual(q.code), Value: v.meant(), Unit: unit})
	}
}

// strange writes a unit that nobody knows.
func (c *composer) strange() part {
	q, ok := c.quantity(hasUnit)
	if !ok {
		return nil
	}
	unit := []string{"hp", "Btu", "foo", "Ohm"}[c.IntN(4)]
	v := c.number(2, c.IntN(3), q.up)
	return func(p *page) {
		c.next(v)
		p.line(q.code+"("+star(v.written(), unit)+")", Fact{Code: usual(q.code), Value: v.meant(), Unit: unit})
	}
}

// twoValues writes two numbers of one unit.
func (c *composer) twoValues() part {
	list := []quantity{{"1-1:31.4.0", "A", 3, 0, true}, {"1-0:31.4.0", "A", 3, 1, true}, {"0-0:17.0.0", "kVA", 3, 1, true}}
	q := list[c.IntN(len(list))]
	if slices.ContainsFunc(list, func(other quantity) bool { return c.taken[other.code] }) || !c.take(q.code) {
		return nil
	}
	in, out := c.number(q.whole, q.decimals, true), c.number(q.whole, q.decimals, true)
	out.n++ // never equal
	if out.n == in.n {
		out.n++
	}
	return func(p *page) {
		p.line(c.own(q.code)+"("+star(in.written(), q.unit)+")(-"+star(out.written(), q.unit)+")",
			Fact{Code: q.code, Value: in.meant(), Unit: q.unit, Beside: true})
		second := p.Facts[len(p.Facts)-1]
		second.Value = minus(out)
		p.Facts = append(p.Facts, second)
	}
}

// pastValue writes a register and what it was when a period ended, which is not what it
// is now.
func (c *composer) pastValue() part {
	q, ok := c.quantity(func(q quantity) bool { return q.up })
	if !ok {
		return nil
	}
	v := c.number(q.whole, q.decimals, true)
	before := *v
	before.n -= before.n / 10
	return func(p *page) {
		c.next(v)
		p.line(q.code+"("+star(v.written(), q.unit)+")", Fact{Code: usual(q.code), Value: v.meant(), Unit: q.unit})
		p.line(q.code+"*01("+star(before.written(), q.unit)+")",
			Fact{Kind: Aside, Code: usual(q.code), Value: before.meant(), Unit: q.unit})
	}
}

// broken writes what is no number.
func (c *composer) broken() part {
	q, ok := c.quantity(hasUnit)
	if !ok {
		return nil
	}
	text := []string{"0x.333", "1,234.5", "--.---", "12.3.4", "1e3"}[c.IntN(5)]
	return func(p *page) {
		p.line(q.code+"("+star(text, q.unit)+")", Fact{Kind: Unread, Code: q.code, Text: text})
	}
}
