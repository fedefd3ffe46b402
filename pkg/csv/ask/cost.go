package ask

import (
	"fmt"
	"strings"
	"time"

	"p1/pkg/csv/prices"
	"p1/pkg/telegram"
)

// bill is what is paid, or earned, for the energy of one register.
type bill struct {
	prices    *prices.Prices
	direction prices.Direction
	tariff    int // 0 for the total
	register
	floating bool // when it was read is not known
}

// putCosts puts what the energy costs and earns into the rows.
func (c *scope) putCosts(a *Answer, parts []part, known map[string]register) {
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
		bills := c.billsOf(x.direction, x.registers, known)
		a.Units[name] = p.Currency()
		for i := range parts {
			putBills(a.Rows[i], name, bills, parts[i])
		}
		putBills(a.Total, name, bills, wholeOf(parts))
		if _, partly := a.Total[name+"_known_part"]; partly {
			a.Units[name+"_known_part"], a.Units[name+"_not_known_for_kwh"] = p.Currency(), "kWh"
		}
	}
	if p.HasCapacity() {
		a.Notes = append(a.Notes, "the price of a month's highest demand is not in the cost: the tool peaks has it, where the meter states that demand")
	}
	if c.columns["gas_m3"] || c.columns["water_m3"] || c.columns["heat_gj"] {
		a.Notes = append(a.Notes, "there are no prices of gas, water and heat")
	}
}

// billsOf are those of a direction: the total's first, where the meter has one.
func (c *scope) billsOf(d prices.Direction, registers string, known map[string]register) (list []bill) {
	for tariff := 0; tariff <= prices.Tariffs; tariff++ {
		name := fmt.Sprintf("%s_t%d_kwh", registers, tariff)
		if tariff == 0 {
			name = registers + "_kwh"
		}
		if r, ok := known[name]; ok {
			list = append(list, bill{c.asker.o.Prices, d, tariff, r, c.floating})
		}
	}
	return list
}

// due are the bills of a span: that of the total, or those of the tariffs where the meter has
// no total, or prices ask for them. A register that was never read before its end is none.
func due(bills []bill, span part) (list []bill) {
	for _, b := range bills {
		if b.first < span.to.Unix() {
			list = append(list, b)
		}
	}
	if len(list) > 1 && list[0].tariff == 0 {
		if list[0].prices.ByTariff(list[0].direction) {
			return list[1:]
		}
		return list[:1]
	}
	return list
}

// putBills adds up what the energy of a span costs. A sum of which a part is not known is not
// known; then the known part is told beside it, and for how many kWh it is not.
func putBills(r Row, name string, bills []bill, span part) {
	sum, without, n := telegram.Decimal{}, telegram.Decimal{}, 0
	reason := prices.Why("")
	for _, b := range due(bills, span) {
		steps := b.in(span)
		if len(steps) == 0 {
			n = 0
			break
		}
		for _, g := range steps {
			amount, why := b.of(g)
			next, ok := sum.Plus(amount)
			if !ok && why == "" {
				why = prices.TooLong
			}
			n++
			if why == "" {
				sum = next
				continue
			}
			reason = why
			if without, ok = without.Plus(g.by); !ok {
				r.null(name, string(prices.TooLong))
				return
			}
		}
	}
	switch {
	case n == 0:
		r.null(name, "the energy is not known")
	case reason != "":
		r.null(name, string(reason))
		r[name+"_known_part"], r[name+"_not_known_for_kwh"] = number(sum), number(without)
	default:
		r[name] = number(sum)
	}
}

// of is what one step costs.
func (b bill) of(g gain) (telegram.Decimal, prices.Why) {
	if b.floating {
		return telegram.Decimal{}, prices.NoTime
	}
	amount, why := b.prices.Cost(b.direction, b.tariff, time.Unix(g.from, 0), time.Unix(g.to, 0), g.by)
	if why == prices.NoTariffPrice && g.by.Digits == 0 {
		return telegram.Decimal{}, ""
	}
	return amount, why
}
