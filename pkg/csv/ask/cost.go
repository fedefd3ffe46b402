package ask

import (
	"fmt"
	"strings"

	"p1/pkg/csv/index"
	"p1/pkg/csv/prices"
	"p1/pkg/telegram"
)

// bill is what is paid, or earned, for the energy of one register.
type bill struct {
	prices    *prices.Prices
	direction prices.Direction
	tariff    int // 0 for the total
	steps     []gain
}

// putCosts puts what the energy costs and earns into the rows.
func (c *scope) putCosts(a *Answer, parts []part, steps map[string][]gain) {
	p := c.asker.o.Prices
	if p == nil {
		a.Notes = append(a.Notes, "no prices are given, so that there is no cost")
		return
	}
	for _, x := range []struct {
		name, registers string
		direction       prices.Direction
	}{{"cost", "import", prices.Import}, {"earnings", "export", prices.Export}} {
		if !p.Has(x.direction) {
			continue
		}
		name := x.name + "_" + strings.ToLower(p.Currency())
		bills := billsOf(p, x.direction, x.registers, steps)
		a.Units[name] = p.Currency()
		for i := range parts {
			putBills(a.Rows[i], name, bills, parts[i])
		}
		putBills(a.Total, name, bills, part{from: c.from, to: c.to})
	}
	if p.HasCapacity() {
		a.Notes = append(a.Notes, "the price of a month's highest demand is not in the cost: the tool peaks has it, where the meter states that demand")
	}
	if c.columns["gas_m3"] || c.columns["water_m3"] || c.columns["heat_gj"] {
		a.Notes = append(a.Notes, "there are no prices of gas, water and heat")
	}
}

// billsOf are those of the total, or of the tariffs where the meter has no total, or prices
// ask for them.
func billsOf(p *prices.Prices, d prices.Direction, registers string, steps map[string][]gain) (list []bill) {
	for tariff := 1; tariff <= prices.Tariffs; tariff++ {
		if s, ok := steps[fmt.Sprintf("%s_t%d_kwh", registers, tariff)]; ok {
			list = append(list, bill{p, d, tariff, s})
		}
	}
	if total, ok := steps[registers+"_kwh"]; ok && (len(list) == 0 || !p.ByTariff(d)) {
		return []bill{{p, d, 0, total}}
	}
	return list
}

// putBills adds up what the energy of a span costs. A sum of which a part is not known is not
// known.
func putBills(r Row, name string, bills []bill, span part) {
	sum, n := telegram.Decimal{}, 0
	for _, b := range bills {
		for _, g := range between(b.steps, span) {
			amount, why := b.of(g)
			next, ok := sum.Plus(amount)
			if !ok && why == "" {
				why = prices.TooLong
			}
			if why != "" {
				r.null(name, string(why))
				return
			}
			sum = next
			n++
		}
	}
	if n == 0 {
		r.null(name, "the energy is not known")
		return
	}
	r[name] = number(sum)
}

// of is what one step costs. It belongs to a quarter of an hour, over which no price changes,
// or has come together in a gap.
func (b bill) of(g gain) (telegram.Decimal, prices.Why) {
	from := g.at
	if !g.since.IsZero() {
		from = g.since
	}
	amount, why := b.prices.Cost(b.direction, b.tariff, from, g.at.Add(index.Quarter), g.by)
	if why == prices.NoTariffPrice && g.by.Digits == 0 {
		return telegram.Decimal{}, ""
	}
	return amount, why
}
