package tables

import (
	"strconv"
	"strings"
	"time"

	"p1/pkg/csv/prices"
	"p1/pkg/telegram"
)

// costs are the columns of --every that say what energy costs and earns. Of each step of a
// register the amount is computed with the price of its time, and those of a row are
// added up, never rounded:
//
//	00:59:50  1234.561                                   00:00 to 01:00  0.25
//	01:00:00  1234.563   0.002 kWh × 0.25 = 0.00050      01:00 to 02:00  0.30
//	01:00:10  1234.566   0.003 kWh × 0.30 = 0.00090
//
// So the amount of a day is right however often prices change in it.
type costs struct {
	o              *Options
	list           []costColumn
	peak, peakTime int // columns of the month's highest demand; -1 where there is none
}

// costColumn is one of these columns.
type costColumn struct {
	name      string
	direction prices.Direction
	capacity  bool // of the month's highest demand, not of energy
}

// The month's highest demand, and when it was.
const (
	peakCode     = "1-0:1.6.0"
	peakTimeName = "import_max_time"
)

func newCosts(o Options, index func(name string) int) costs {
	c := costs{o: &o, peak: -1, peakTime: -1}
	p := o.Prices
	if p == nil {
		return c
	}
	if p.Has(prices.Import) {
		c.list = append(c.list, costColumn{name: "cost", direction: prices.Import})
	}
	if p.Has(prices.Export) {
		c.list = append(c.list, costColumn{name: "earnings", direction: prices.Export})
	}
	if p.HasCapacity() {
		c.list = append(c.list, costColumn{name: "capacity_cost", capacity: true})
		c.peak, c.peakTime = index(o.ofCode(telegram.Lookup(peakCode)).name), index(peakTimeName)
	}
	return c
}

// columns are those of the table: cost_eur, earnings_eur, capacity_cost_eur.
func (c *costs) columns() (list []column) {
	for _, is := range c.list {
		currency := c.o.Prices.Currency()
		list = append(list, column{name: is.name + "_" + strings.ToLower(currency), kind: numberKind, unit: currency})
	}
	return list
}

// priced are the columns that costs are computed of.
func (o *Options) priced() (names []string) {
	if o.Prices == nil {
		return nil
	}
	for _, d := range []prices.Direction{prices.Import, prices.Export} {
		for tariff := 0; tariff <= prices.Tariffs && o.Prices.Has(d); tariff++ {
			names = append(names, registersOf(d)+strconv.Itoa(tariff))
		}
	}
	if o.Prices.HasCapacity() {
		names = append(names, peakCode, peakTimeName)
	}
	return names
}

// registersOf is what the codes of a direction's registers begin with; a tariff follows, 0
// for the total.
func registersOf(d prices.Direction) string {
	if d == prices.Export {
		return "1-0:2.8."
	}
	return "1-0:1.8."
}

// amount is a sum of money, or why it is not known.
type amount struct {
	sum telegram.Decimal
	has bool // it is the sum of something
	why prices.Why
	of  telegram.Decimal // kWh for which it is not known; they are not in the sum
}

func (a *amount) known() bool { return a.has && a.why == "" }

// reason says why an amount is not known, for how much energy, and what the rest is.
func (a *amount) reason() string {
	text := string(a.why)
	if a.of.Digits > 0 {
		text += ", for " + a.of.String() + " kWh"
	}
	if a.of.Digits > 0 && a.sum.Digits != 0 {
		text += " (the rest: " + prices.Money(a.sum).String() + ")"
	}
	return text
}

// add adds another one. A sum of what is not known is not known.
func (a *amount) add(b amount) {
	sum, ok := a.sum.Plus(b.sum)
	if !ok {
		b.why = prices.TooLong
	}
	a.sum, a.has = sum, a.has || b.has
	a.of, _ = a.of.Plus(b.of)
	if a.why == "" {
		a.why = b.why
	}
}

// billing is what the energy of one register costs or earns.
type billing struct {
	prices    *prices.Prices
	direction prices.Direction
	tariff    int  // 0 for the total
	watts     bool // the register is in Wh
}

// billing is that of a column, nil where none is of it.
func (c *costs) billing(of column) *billing {
	if c.o.Prices == nil || of.unit != "kWh" || of.what != telegram.Register {
		return nil
	}
	for _, d := range []prices.Direction{prices.Import, prices.Export} {
		tariff, ok := strings.CutPrefix(of.code, registersOf(d))
		if ok && c.o.Prices.Has(d) && len(tariff) == 1 && tariff[0] <= '0'+prices.Tariffs {
			return &billing{c.o.Prices, d, int(tariff[0] - '0'), c.o.Units == W}
		}
	}
	return nil
}

// of is what the energy between two readings costs or earns.
func (b *billing) of(step telegram.Decimal, from, to time.Time) amount {
	if b == nil {
		return amount{}
	}
	if b.watts {
		step = step.Shift(3)
	}
	sum, why := b.prices.Cost(b.direction, b.tariff, from, to, step)
	if why != "" {
		return amount{has: true, why: why, of: step}
	}
	return amount{sum: sum, has: true}
}

// amounts are what the columns say of a span.
func (c *costs) amounts(plan []rule, p *period) (list []amount) {
	for _, is := range c.list {
		switch {
		case !is.capacity:
			list = append(list, c.ofEnergy(is.direction, plan, p.folds))
		case !p.peak.told:
			list = append(list, amount{why: prices.NoPeak})
		default:
			list = append(list, p.peak.risen)
		}
	}
	return list
}

// ofEnergy adds up what the registers of a direction cost or earn: the total, or those of the
// tariffs where the meter has no total, or prices ask for them.
func (c *costs) ofEnergy(d prices.Direction, plan []rule, folds []fold) amount {
	var total *fold
	var tariffs []*fold
	for i, r := range plan {
		switch f := &folds[i]; {
		case r.bill == nil || r.bill.direction != d || !f.known:
		case r.bill.tariff == 0:
			total = f
		default:
			tariffs = append(tariffs, f)
		}
	}
	if total != nil && (len(tariffs) == 0 || !c.o.Prices.ByTariff(d)) {
		tariffs = []*fold{total}
	}
	var sum amount
	for _, f := range tariffs {
		switch {
		case !f.grew:
			return amount{} // the energy is not known
		case f.gain.Digits == 0 && f.bill.why == prices.NoTariffPrice:
		default:
			sum.add(f.bill)
		}
	}
	return sum
}

// monthPeak is the highest demand of a month so far, and what is charged for it.
type monthPeak struct {
	month   string
	charged telegram.Decimal // in earlier telegrams
	risen   amount           // in this span
	told    bool             // in this span
}

func (m *monthPeak) begin() { m.risen, m.told = amount{}, false }

// takePeak takes what a telegram says of the month's highest demand. What that raises the
// month's cost by is charged where it shows first.
func (c *costs) takePeak(m *monthPeak, row []value) {
	if c.peak < 0 || c.peakTime < 0 {
		return
	}
	kW, when := row[c.peak], row[c.peakTime]
	at, known := when.instant()
	if kW.form != numberForm || when.form != clockForm {
		return
	}
	m.told = true
	switch {
	case !known:
		m.risen.add(amount{has: true, why: prices.NoTime})
		return
	case kW.number.Digits == 0 && beginsMonth(when.clock):
		return // no quarter-hour of the month has ended yet
	}
	if c.o.Units == W {
		kW.number = kW.number.Shift(3)
	}
	month := endedMonth(when.clock)
	if month < m.month {
		return // it is over
	}
	if month != m.month {
		m.month, m.charged = month, telegram.Decimal{}
	}
	cost, why := c.o.Prices.Capacity(at, kW.number)
	step, ok := minus(cost, m.charged)
	if why == "" && !ok {
		why = prices.TooLong
	}
	if why == "" {
		m.charged = cost
	}
	m.risen.add(amount{sum: step, has: true, why: why})
}
