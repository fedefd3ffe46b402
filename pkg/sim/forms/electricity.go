package forms

import (
	"fmt"
	"slices"
)

// A quantity is what a code of the electricity meter measures, with the unit and the
// digits that the standards give it.
type quantity struct {
	code            string
	unit            string
	whole, decimals int
	up              bool
}

// electricity has the lines as the standards write them, with widths of their own.
var electricity = []form{
	{"usual", "P1 companion standard 5.0.2, §6.12; e-MUCS P1 1.7.1; Smarty 1.1.3; Swedish branch recommendation",
		"1-0:1.8.0(004711.235*kWh)", func(c *composer) part { return c.plain(0) }},
	{"other width", "owners: two to ten digits before the point, none to three behind it",
		"1-0:1.8.0(4711.2*kWh)", func(c *composer) part { return c.plain(1) }},
	{"negative", "owners: net power, power factor and current with a sign",
		"1-0:16.7.0(-01.234*kW)", func(c *composer) part { return c.negative() }},
	{"count", "P1 companion standard 5.0.2, §6.12: sags, swells and failures have no unit",
		"1-0:32.32.0(00007)", func(c *composer) part { return c.count() }},
	{"limiter", "P1 companion standard 4.0 (kW), DSMR P1 2.2 (A), Smarty 1.1.3 (kVA), owners of Hungarian meters (W)",
		"0-0:17.0.0(069.0*kVA)", func(c *composer) part { return c.limiter() }},
}

// energy and power are the units of what group C of a code says.
func energy(c int) string { return power(c) + "h" }

func power(c int) string {
	switch {
	case c >= 3 && c <= 8:
		return "kvar"
	case c == 9 || c == 10:
		return "kVA"
	}
	return "kW"
}

// quantities are the codes that the standards and the operators' lists have.
func quantities() []quantity {
	var list []quantity
	for _, c := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15} {
		for tariff := range 5 {
			list = append(list, quantity{fmt.Sprintf("%d.8.%d", c, tariff), energy(c), 6, 3, true})
		}
		list = append(list, quantity{fmt.Sprintf("%d.7.0", c), power(c), 2, 3, false})
	}
	for phase := range 3 {
		for _, c := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10} {
			list = append(list, quantity{fmt.Sprintf("%d.7.0", 20+20*phase+c), power(c), 2, 3, false})
		}
		list = append(list,
			quantity{fmt.Sprintf("%d.7.0", 31+20*phase), "A", 3, 0, false},
			quantity{fmt.Sprintf("%d.7.0", 32+20*phase), "V", 3, 1, false},
			quantity{fmt.Sprintf("%d.7.0", 33+20*phase), "", 1, 3, false})
	}
	return append(list,
		quantity{"1.4.0", "kW", 2, 3, false}, quantity{"2.4.0", "kW", 2, 3, false},
		quantity{"13.7.0", "", 1, 3, false}, quantity{"14.7.0", "Hz", 2, 2, false})
}

// quantity draws a code that has no line yet.
func (c *composer) quantity(fits func(q quantity) bool) (quantity, bool) {
	list := slices.DeleteFunc(quantities(), func(q quantity) bool {
		return c.taken[c.meter+":"+q.code] || fits != nil && !fits(q)
	})
	if len(list) == 0 {
		return quantity{}, false
	}
	q := list[c.IntN(len(list))]
	q.code = c.meter + ":" + q.code
	return q, c.take(q.code)
}

// plain writes a code as the standards do; style 1 has a width of its own.
func (c *composer) plain(style int) part {
	q, ok := c.quantity(nil)
	if !ok {
		return nil
	}
	if style == 1 && q.unit != "" {
		q.decimals = c.IntN(4)
	}
	v := c.number(q.whole, q.decimals, q.up)
	if style == 1 {
		v.whole = 1 + c.IntN(10)
	}
	return func(p *page) {
		c.next(v)
		p.line(q.code+"("+star(v.written(), q.unit)+")", Fact{Code: usual(q.code), Value: v.meant(), Unit: q.unit})
	}
}

// negative writes what may be below zero.
func (c *composer) negative() part {
	list := []quantity{
		{"16.7.0", "kW", 2, 3, false}, {"13.7.0", "", 1, 3, false}, {"33.7.0", "", 1, 3, false},
		{"31.7.0", "A", 3, 1, false}, {"51.7.0", "A", 3, 0, false}, {"36.7.0", "kW", 2, 3, false},
	}
	q := list[c.IntN(len(list))]
	q.code = c.meter + ":" + q.code
	if !c.take(q.code) {
		return nil
	}
	v := c.number(q.whole, q.decimals, false)
	return func(p *page) {
		c.next(v)
		p.line(q.code+"(-"+star(v.written(), q.unit)+")", Fact{Code: usual(q.code), Value: minus(v), Unit: q.unit})
	}
}

// minus is the number below zero.
func minus(v *counter) string {
	if v.n == 0 {
		return v.meant()
	}
	return "-" + v.meant()
}

// count writes how often something happened.
func (c *composer) count() part {
	codes := []string{"1-0:32.32.0", "1-0:52.32.0", "1-0:72.32.0", "1-0:32.36.0", "1-0:52.36.0", "1-0:72.36.0", "0-0:96.7.21", "0-0:96.7.9"}
	code := codes[c.IntN(len(codes))]
	if !c.take(code) {
		return nil
	}
	v := c.number([]int{5, 5, 1, 10}[c.IntN(4)], 0, true)
	return func(p *page) {
		p.line(c.own(code)+"("+v.written()+")", Fact{Code: code, Value: v.meant()})
	}
}

// limiter writes the highest power or current that is allowed.
func (c *composer) limiter() part {
	code, unit := "0-0:17.0.0", []string{"kW", "kVA", "A", "W", "VA"}[c.IntN(5)]
	if c.IntN(3) == 0 {
		code, unit = "1-0:31.4.0", "A"
	}
	if !c.take(code) {
		return nil
	}
	v := c.number(2+c.IntN(3), c.IntN(4), true)
	return func(p *page) {
		p.line(c.own(code)+"("+star(v.written(), unit)+")", Fact{Code: code, Value: v.meant(), Unit: unit})
	}
}
