package forms

import "time"

// old has the codes of the first Dutch meters, which name what is measured in group A
// and have no channels.
var old = []form{
	{"old device", "DSMR P1 2.1: value, then time without S or W; IEC 62056-61, group A",
		"6-0:1.0.0(00013.345*GJ)(090212160000)", func(c *composer) part { return c.oldDevice(true) }},
	{"old device, time first", "NTA 8130, as the parser dsmr-p1-parser has it",
		"7-0:23.1.0(090212160000)(00013.345*m3)", func(c *composer) part { return c.oldDevice(false) }},
	{"old device, history", "DSMR P1 2.1: values, each with its time, the latest first",
		"8-0:1.0.0(00013.345*m3)(090212160000)(00013.100*m3)(090212150000)", func(c *composer) part { return c.oldHistory() }},
	{"old identifier", "DSMR P1 2.1",
		"7-0:0.0.0(3030…)", func(c *composer) part { return c.oldName() }},
}

// oldMedia are those of group A. By IEC 62056-61 it is 5 for cooling and 6 for heat; some
// readers of DSMR 2 have 5 for heat.
var oldMedia = []struct {
	code, name, unit string
}{
	{"5-0:1.0.0", "heat or cooling", "GJ"}, {"6-0:1.0.0", "heat", "GJ"},
	{"7-0:23.1.0", "gas", "m3"}, {"7-0:23.2.0", "gas", "m3"},
	{"8-0:1.0.0", "water", "m3"}, {"9-0:1.0.0", "hot water", "m3"},
}

func (c *composer) oldDevice(valueFirst bool) part {
	m := oldMedia[c.IntN(len(oldMedia))]
	if c.channel > 0 || !c.take(m.code) {
		return nil
	}
	c.taken["old"] = true // such a meter has no channels
	v := c.number(5, 3, true)
	read := c.begin.Truncate(time.Hour)
	return func(p *page) {
		first, second := "("+star(v.written(), m.unit)+")", "("+read.Format("060102150405")+")"
		if !valueFirst {
			first, second = second, first
		}
		p.line(m.code+first+second, Fact{Kind: Device, Code: m.code, Value: v.meant(), Unit: m.unit,
			Time: read.Format("2006-01-02T15:04:05"), Medium: m.name})
	}
}

// oldHistory writes hourly values, of which the latest is the reading.
func (c *composer) oldHistory() part {
	m := oldMedia[c.IntN(len(oldMedia))]
	if c.channel > 0 || !c.take(m.code) {
		return nil
	}
	c.taken["old"] = true
	v := c.number(5, 3, true)
	read := c.begin.Truncate(time.Hour)
	f := Fact{Kind: Device, Code: m.code, Value: v.meant(), Unit: m.unit, Time: read.Format("2006-01-02T15:04:05"), Medium: m.name}
	line := m.code
	for range 2 + c.IntN(3) {
		line += "(" + star(v.written(), m.unit) + ")(" + read.Format("060102150405") + ")"
		v.n -= 1 + c.Int64N(500)
		read = read.Add(-time.Hour)
	}
	return func(p *page) { p.line(line, f) }
}

func (c *composer) oldName() part {
	code := []string{"5-0:0.0.0", "6-0:0.0.0", "7-0:0.0.0", "8-0:0.0.0"}[c.IntN(4)]
	if !c.take(code) {
		return nil
	}
	id := "30303030" + "3" + string(rune('0'+c.IntN(10)))
	return func(p *page) { p.line(code+"("+id+")", Fact{Kind: Text, Code: code, Text: id}) }
}
