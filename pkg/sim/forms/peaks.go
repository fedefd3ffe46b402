package forms

import (
	"fmt"
	"time"
)

// peaks has the highest demands: of this month, and of those before.
var peaks = []form{
	{"peak", "e-MUCS P1 1.7.1: time, then value",
		"1-0:1.6.0(260102010000W)(08.796*kW)", func(c *composer) part { return c.peak("1-0:1.6.0", "kW", false) }},
	{"peak, value first", "IEC 62056-21, C.2: value, then time",
		"1-0:1.6.0(08.796*kW)(260102010000W)", func(c *composer) part { return c.peak("1-0:1.6.0", "kW", true) }},
	{"peak in watts", "owners",
		"1-0:1.6.0(260102010000W)(8796*W)", func(c *composer) part { return c.peak("1-0:1.6.0", "W", c.IntN(2) == 0) }},
	{"export peak", "IEC 62056-61: 2.6.0",
		"1-0:2.6.0(260102010000W)(08.796*kW)", func(c *composer) part { return c.peak("1-0:2.6.0", []string{"kW", "W"}[c.IntN(2)], c.IntN(2) == 0) }},
	{"reactive peak", "IEC 62056-61: 3.6.0 and 4.6.0",
		"1-0:3.6.0(260102010000W)(03.716*kvar)", func(c *composer) part {
			return c.peak([]string{"1-0:3.6.0", "1-0:4.6.0"}[c.IntN(2)], []string{"kvar", "var"}[c.IntN(2)], c.IntN(2) == 0)
		}},
	{"months", "e-MUCS P1 1.7.1",
		"0-0:98.1.0(1)(1-0:1.6.0)(1-0:1.6.0)(260101000000W)(251214224500W)(03.716*kW)", func(c *composer) part { return c.months("1-0:1.6.0", "kW") }},
	{"months in watts", "owners",
		"0-0:98.1.0(1)(1-0:1.6.0)(1-0:1.6.0)(260101000000W)(251214224500W)(3716*W)", func(c *composer) part { return c.months("1-0:1.6.0", "W") }},
	{"months of export", "owners",
		"0-0:98.1.0(1)(1-0:2.6.0)(1-0:2.6.0)(260101000000W)(251214224500W)(03.716*kW)", func(c *composer) part { return c.months("1-0:2.6.0", "kW") }},
	{"month end", "owners of four Hungarian meters: time, thirteen registers, six demands; some wrap the line",
		"0-0:98.1.0(260301000000W)(004700.100*kWh)… (04.329*kW)…", func(c *composer) part { return c.monthEnd() }},
	{"months of reactive", "owners",
		"0-0:98.1.0(1)(1-0:3.6.0)(1-0:3.6.0)(260101000000W)(251214224500W)(03.716*kvar)", func(c *composer) part { return c.months("1-0:3.6.0", "kvar") }},
}

// demand draws a demand in a unit.
func (c *composer) demand(unit string) *counter {
	if unit == "W" || unit == "var" {
		return c.number(4, 0, true)
	}
	return c.number(2, 3, true)
}

// peak writes this month's, which stays as it is for the stream.
func (c *composer) peak(code, unit string, valueFirst bool) part {
	if !c.take(code) {
		return nil
	}
	v := c.demand(unit)
	written, meant := c.stamp(c.begin.Add(-time.Duration(1+c.IntN(180)) * 15 * time.Minute).Truncate(15 * time.Minute))
	line := c.own(code) + "(" + written + ")(" + star(v.written(), unit) + ")"
	if valueFirst {
		line = c.own(code) + "(" + star(v.written(), unit) + ")(" + written + ")"
	}
	return func(p *page) {
		p.line(line, Fact{Code: code, Value: v.meant(), Unit: unit, Time: meant})
	}
}

// months writes those before: the month's end, the time of the peak, the peak.
func (c *composer) months(code, unit string) part {
	if !c.take("0-0:98.1.0") {
		return nil
	}
	n := c.IntN(14)
	line := fmt.Sprintf("0-0:98.1.0(%d)(%s)(%s)", n, code, code)
	f := Fact{Kind: Past, Code: code}
	end := time.Date(c.begin.Year(), c.begin.Month(), 1, 0, 0, 0, 0, time.UTC)
	for range n {
		before := end.AddDate(0, -1, 0)
		v := c.demand(unit)
		endWritten, endMeant := c.stamp(end)
		written, meant := c.stamp(before.Add(time.Duration(96+c.IntN(1600)) * 15 * time.Minute))
		line += "(" + endWritten + ")(" + written + ")(" + star(v.written(), unit) + ")"
		f.Peaks = append(f.Peaks, Peak{End: endMeant, Time: meant, Value: v.meant(), Unit: unit})
		end = before
	}
	return func(p *page) { p.line(line, f) }
}

// closed are the codes of a Hungarian month's end, in order, and what the demands are of.
var closed = []struct{ code, unit, register string }{
	{"1-0:1.8.0", "kWh", ""}, {"1-0:1.8.1", "kWh", ""}, {"1-0:1.8.2", "kWh", ""},
	{"1-0:2.8.0", "kWh", ""}, {"1-0:2.8.1", "kWh", ""}, {"1-0:2.8.2", "kWh", ""},
	{"1-0:3.8.0", "kvarh", ""}, {"1-0:4.8.0", "kvarh", ""},
	{"1-0:5.8.0", "kvarh", ""}, {"1-0:6.8.0", "kvarh", ""}, {"1-0:7.8.0", "kvarh", ""}, {"1-0:8.8.0", "kvarh", ""},
	{"1-0:15.8.0", "kWh", ""},
	{"1-0:1.6.0", "kW", "import"}, {"1-0:1.6.1", "kW", "import_t1"}, {"1-0:1.6.2", "kW", "import_t2"},
	{"1-0:2.6.0", "kW", "export"}, {"1-0:2.6.1", "kW", "export_t1"}, {"1-0:2.6.2", "kW", "export_t2"},
}

// monthEnd writes what registers and demands stood at when the month ended.
func (c *composer) monthEnd() part {
	if !c.take("0-0:98.1.0") {
		return nil
	}
	end := time.Date(c.begin.Year(), c.begin.Month(), 1, 0, 0, 0, 0, time.UTC)
	written, meant := c.stamp(end)
	wrap := []int{0, 5, 7}[c.IntN(3)]
	line := "0-0:98.1.0(" + written + ")"
	facts := []Fact{{Kind: Past}}
	for i, q := range closed {
		whole := 6
		if q.unit == "kW" {
			whole = 2
		}
		v := c.number(whole, 3, true)
		if c.signed && wrap > 0 && i > 0 && i%wrap == 0 {
			line += "\r\n"
		}
		line += "(" + star(v.written(), q.unit) + ")"
		facts = append(facts, Fact{Code: q.code, Value: v.meant(), Unit: q.unit, Of: "month_end"})
		if q.register != "" {
			facts[0].Peaks = append(facts[0].Peaks, Peak{Register: q.register, End: meant, Value: v.meant(), Unit: q.unit})
		}
	}
	return func(p *page) {
		p.mute(line)
		for _, f := range facts {
			f.Form, f.Line = p.form, line
			p.Facts = append(p.Facts, f)
		}
	}
}
