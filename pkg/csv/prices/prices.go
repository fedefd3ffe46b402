// Package prices takes a file of prices, and the energy that a meter counted between two
// times, to what that energy costs or earns: exactly, or not at all.
//
//	p, err := prices.Read("prices.txt", file)
//	amount, why := p.Cost(prices.Import, 1, from, to, kWh) // why is "" where amount is known
//
// The form of the file is told in cmd/p1csv/COSTS.md, and at [Read].
package prices

import (
	"cmp"
	"math/big"
	"slices"
	"time"

	"p1/pkg/telegram"
)

// Direction is the way that energy goes.
type Direction int

const (
	Import Direction = iota // costs
	Export                  // earns
	directions
)

// Tariffs is how many tariffs can have a price of their own: those of the registers
// 1-0:1.8.1 to 1-0:1.8.4. Tariff 0 is the total, 1-0:1.8.0.
const Tariffs = 4

// Prices are those of one file. They do not change.
type Prices struct {
	currency string
	sheets   []sheet // the earliest first
	market   []span  // the earliest first, none before the end of the one before it
}

// A sheet is what holds from a time on, until the next one begins.
type sheet struct {
	from     int64 // in Unix time
	terms    [directions][]term
	capacity capacity
}

// A term is what a kWh costs, or a factor on the market's price. All terms add up.
type term struct {
	tariff int // 0 for all of them
	market bool
	number telegram.Decimal
}

// A span has one price of the market, for a kWh.
type span struct {
	start, end int64 // in Unix time
	price      telegram.Decimal
}

// capacity is what the highest demand of a month costs.
type capacity struct {
	price  telegram.Decimal // of a kW; no digits where there is none
	months int64            // for which that is
	least  telegram.Decimal // kW that are paid for in any case
	given  bool
}

// Why says why an amount is not known. It is one of those listed here, none of them from
// outside.
type Why string

// What may be missing.
const (
	NoPrice       Why = "no price for that time"
	NoTariffPrice Why = "no price for that tariff"
	NoTariff      Why = "the meter does not tell apart tariffs that have prices of their own"
	Gap           Why = "prices changed while there were no readings"
	TooLong       Why = "more digits than can be computed with"
	NoTime        Why = "the time of the readings is not known"
	NoPeak        Why = "the meter has not told its highest demand of the month (1-0:1.6.0)"
)

// Currency is that of all amounts: three capital letters, such as EUR.
func (p *Prices) Currency() string { return p.currency }

// Has reports whether any sheet has a price of that direction.
func (p *Prices) Has(d Direction) bool {
	return slices.ContainsFunc(p.sheets, func(s sheet) bool { return len(s.terms[d]) > 0 })
}

// ByTariff reports whether tariffs have prices of their own, so that energy is to be told
// tariff by tariff.
func (p *Prices) ByTariff(d Direction) bool {
	return slices.ContainsFunc(p.sheets, func(s sheet) bool {
		return slices.ContainsFunc(s.terms[d], func(t term) bool { return t.tariff > 0 })
	})
}

// Cost returns what energy costs, or what is earned by it: that of the register of a
// tariff, or of the total where tariff is 0, read at the times from and to. Why is "" where
// the amount is known.
//
// A price holds from a time on until just before another time; what a register read
// then shows was counted before. So energy has the price of the moment just
// before to. Where the price has changed since from, that is so as long as the readings
// are no further apart than the length of the market's price then (a quarter of an hour, or
// an hour; an hour where the sheet has changed). If they are, the amount is not known,
// unless there is no energy.
func (p *Prices) Cost(d Direction, tariff int, from, to time.Time, kWh telegram.Decimal) (telegram.Decimal, Why) {
	first, last := from.Unix(), to.Unix()
	if from.IsZero() || to.IsZero() || first > last {
		return telegram.Decimal{}, NoTime
	}
	piece := p.before(d, tariff, last)
	price, apart := piece.price, last-first > piece.length
	for apart && first < piece.start && piece.why == "" {
		piece = p.before(d, tariff, piece.start)
		if piece.why == "" && kWh.Digits != 0 && !same(piece.price, price) {
			return telegram.Decimal{}, Gap
		}
	}
	if piece.why != "" {
		return telegram.Decimal{}, piece.why
	}
	amount, ok := price.Times(kWh)
	if !ok {
		return telegram.Decimal{}, TooLong
	}
	return Money(amount), ""
}

// A piece is a stretch of time over which a price is the same.
type piece struct {
	start  int64
	length int64 // of a gap over its start for which the price is taken all the same
	price  telegram.Decimal
	why    Why
}

// anHour is one in seconds.
const anHour = int64(time.Hour / time.Second)

// before is the piece that a moment is in, or at whose end it is.
func (p *Prices) before(d Direction, tariff int, at int64) piece {
	i := p.sheetBefore(at)
	if i < 0 {
		return piece{why: NoPrice}
	}
	s := &p.sheets[i]
	got := piece{start: s.from, length: anHour}
	var market *span
	if slices.ContainsFunc(s.terms[d], func(t term) bool { return t.market && t.of(tariff) }) {
		if market = p.marketBefore(at); market == nil {
			return piece{why: NoPrice}
		}
		if market.start >= got.start {
			got.start, got.length = market.start, market.end-market.start
		}
	}
	got.price, got.why = s.price(d, tariff, market)
	return got
}

func (p *Prices) sheetBefore(at int64) int {
	i, _ := slices.BinarySearchFunc(p.sheets, at, func(s sheet, at int64) int { return cmp.Compare(s.from, at) })
	return i - 1
}

func (p *Prices) marketBefore(at int64) *span {
	i, _ := slices.BinarySearchFunc(p.market, at, func(s span, at int64) int { return cmp.Compare(s.start, at) })
	if i == 0 || p.market[i-1].end < at {
		return nil
	}
	return &p.market[i-1]
}

// of reports whether a term is one of the price of a tariff.
func (t term) of(tariff int) bool { return t.tariff == 0 || t.tariff == tariff }

// price adds up the terms of a tariff.
func (s *sheet) price(d Direction, tariff int, market *span) (sum telegram.Decimal, why Why) {
	found := false
	for _, t := range s.terms[d] {
		switch {
		case t.tariff > 0 && tariff == 0:
			return sum, NoTariff
		case !t.of(tariff):
			continue
		}
		found = true
		number, ok := t.number, true
		if t.market {
			number, ok = number.Times(market.price)
		}
		if ok {
			sum, ok = sum.Plus(number)
		}
		if !ok {
			return sum, TooLong
		}
	}
	switch {
	case s.lacks(d, tariff):
		return sum, NoTariffPrice
	case !found:
		return sum, NoPrice
	}
	return sum, ""
}

// lacks reports whether other tariffs have prices of their own, and this one has not: what is
// for all tariffs is a part of its price only.
func (s *sheet) lacks(d Direction, tariff int) bool {
	own := func(t term) bool { return t.tariff == tariff }
	others := func(t term) bool { return t.tariff > 0 }
	return tariff > 0 && slices.ContainsFunc(s.terms[d], others) && !slices.ContainsFunc(s.terms[d], own)
}

func same(a, b telegram.Decimal) bool {
	return a == b || a.Rat().Cmp(b.Rat()) == 0
}

// Money returns an amount with its cents, and with more decimals where it has them.
func Money(d telegram.Decimal) telegram.Decimal {
	d = shortened(d)
	if whole, ok := d.Plus(telegram.Decimal{Scale: cents}); ok {
		return whole
	}
	return d
}

// cents is how many decimals an amount has at least.
const cents = 2

// shortened returns an amount without zeros at its end, but for those of the cents.
func shortened(d telegram.Decimal) telegram.Decimal {
	for d.Scale > cents && d.Digits%10 == 0 {
		d.Digits /= 10
		d.Scale--
	}
	return d
}

// HasCapacity reports whether any sheet has a price of the month's highest demand.
func (p *Prices) HasCapacity() bool {
	return slices.ContainsFunc(p.sheets, func(s sheet) bool { return s.capacity.given })
}

// Capacity returns what a month costs whose highest demand is that many kW, by the prices
// just before a time. The price of a year is divided by its months, and then the amount is
// rounded, halves away from zero, to six decimals; else it is exact.
func (p *Prices) Capacity(at time.Time, kW telegram.Decimal) (telegram.Decimal, Why) {
	i := p.sheetBefore(at.Unix())
	if at.IsZero() {
		return telegram.Decimal{}, NoTime
	}
	if i < 0 || !p.sheets[i].capacity.given {
		return telegram.Decimal{}, NoPrice
	}
	c := p.sheets[i].capacity
	if kW.Rat().Cmp(c.least.Rat()) < 0 {
		kW = c.least
	}
	amount, ok := c.price.Times(kW)
	if ok && c.months != 1 {
		const decimals = 6
		month := new(big.Rat).Quo(amount.Rat(), big.NewRat(c.months, 1))
		amount, ok = telegram.ParseDecimal(month.FloatString(decimals))
	}
	if !ok {
		return telegram.Decimal{}, TooLong
	}
	return Money(amount), ""
}
