package prices

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strings"
	"sync"
	"time"

	"p1/pkg/telegram"
)

// What a file has at most.
const (
	maxLine   = 1000   // bytes of a line
	maxSheets = 1000   // a new one every day of some years
	maxTerms  = 50     // of a sheet and direction
	maxMarket = 500000 // 14 years of quarters of an hour
)

// How long numbers are at most, so that what is computed of them fits.
const (
	maxWhole    = 6 // digits before the point
	maxDecimals = 6
)

// A FileError says what is wrong with a line of a file of prices.
type FileError struct {
	Name string
	Line int // the first one is 1; 0 where it is the file as a whole
	What string
	Do   string // what to do about it
}

func (e *FileError) Error() string {
	at := e.Name
	if e.Line > 0 {
		at = fmt.Sprintf("%s:%d", e.Name, e.Line)
	}
	return at + ": " + e.What
}

// Hint says what to do about it.
func (e *FileError) Hint() string { return e.Do }

// reader reads a file, line by line.
type reader struct {
	p     *Prices
	name  string
	line  int
	zone  *time.Location
	dated bool  // the sheet that is read has a from of its own
	table table // of the market, that is read
	until int64 // when the last price in any of them ends
}

// Read reads the prices of a file, whose name is for errors. Every line is one of these,
// and # begins a comment:
//
//	zone Europe/Brussels                        of the times below that have no offset
//	from 2026-07-01                             what follows holds from then on
//	import 0.2841 EUR/kWh                       all lines of import add up
//	import t1 0.02 EUR/kWh                      of the register 1-0:1.8.1 only
//	import 1.06 x market                        the market's price, 1.06 times
//	export 0.0312 EUR/kWh
//	capacity 53.65 EUR/kW/year at least 2.5 kW  of the month's highest demand
//	market 1h EUR/MWh                           what follows are prices of an hour each
//	2026-03-29T00:00:00+01:00;85,12
func Read(name string, in io.Reader) (*Prices, error) {
	r := &reader{p: &Prices{sheets: []sheet{{from: math.MinInt64}}}, name: name, until: math.MinInt64}
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, maxLine), maxLine)
	for lines.Scan() {
		r.line++
		text, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "\uFEFF"), "#")
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		if err := r.take(text); err != nil {
			return nil, err
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		r.line++
		return nil, r.wrong("it is longer than %d bytes", maxLine)("is this a file of prices? It is plain text, see cmd/p1csv/COSTS.md")
	} else if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r.p, r.end()
}

// wrong makes the error of the line that is read: what it is, then what to do.
func (r *reader) wrong(format string, args ...any) func(do string, args ...any) error {
	return func(do string, more ...any) error {
		return &FileError{r.name, r.line, fmt.Sprintf(format, args...), fmt.Sprintf(do, more...)}
	}
}

// take reads a line.
func (r *reader) take(text string) error {
	if first := strings.TrimPrefix(text, `"`); first != "" && telegram.IsDigit(first[0]) {
		return r.row(text)
	}
	words := strings.Fields(text)
	switch words[0] {
	case "zone":
		return r.readZone(words[1:])
	case "from":
		return r.readFrom(words[1:])
	case "import":
		return r.readTerm(Import, words)
	case "export":
		return r.readTerm(Export, words)
	case "capacity":
		return r.readCapacity(words[1:])
	case "market":
		if err := r.endTable(); err != nil {
			return err
		}
		return r.readMarket(words[1:])
	}
	if strings.ContainsAny(text, ";\t,") {
		return r.wrong("%.60q is the heading of a table", text)("take it out, or put a # before it")
	}
	return r.wrong("a line cannot begin with %.40q", words[0])("a line begins with zone, from, import, export, capacity, market or the time of a market's price; a comment with #")
}

// sheet is the one that is read.
func (r *reader) sheet() *sheet { return &r.p.sheets[len(r.p.sheets)-1] }

func (r *reader) readZone(words []string) error {
	if r.zone != nil || r.dated || len(r.p.market) > 0 {
		return r.wrong("zone stands here too late, or a second time")("write it once, as the first line of the file")
	}
	if len(words) == 1 && words[0] != "Local" {
		if zone, err := time.LoadLocation(words[0]); err == nil {
			r.zone = zone
			return nil
		}
	}
	return r.wrong("%.40q is no time zone", strings.Join(words, " "))("write continent and city, such as: zone Europe/Amsterdam")
}

func (r *reader) readFrom(words []string) error {
	if r.zone == nil {
		return r.wrong("from needs a zone, so that it is known when the day begins")("write a line above it, such as: zone Europe/Amsterdam")
	}
	day, err := time.ParseInLocation(time.DateOnly, strings.Join(words, " "), r.zone)
	if err != nil {
		return r.wrong("%.40q is no day", strings.Join(words, " "))("write year, month and day, such as: from 2026-07-01")
	}
	switch s := r.sheet(); {
	case !r.dated && !s.empty():
		return r.wrong("prices stand before the first from")("write another from above them, with the day on which they began to hold")
	case len(r.p.sheets) >= maxSheets:
		return r.wrong("from stands here more than %d times", maxSheets)("split the file")
	case r.dated && day.Unix() <= s.from:
		return r.wrong("from %s is no later than the from before it", words[0])("put the earliest prices first")
	case !r.dated:
		r.p.sheets = r.p.sheets[:0]
	}
	r.dated = true
	r.p.sheets = append(r.p.sheets, sheet{from: day.Unix()})
	return nil
}

func (s *sheet) empty() bool {
	return len(s.terms[Import])+len(s.terms[Export]) == 0 && !s.capacity.given
}

// readTerm reads a line of import or export.
func (r *reader) readTerm(d Direction, words []string) error {
	key, words, t := words[0], words[1:], term{}
	if len(words) > 1 && len(words[0]) == 2 && words[0][0] == 't' {
		if t.tariff = int(words[0][1] - '0'); t.tariff < 1 || t.tariff > Tariffs {
			return r.wrong("there is no tariff %q", words[0])("tariffs are t1 to t%d, after the registers 1-0:1.8.1 to 1-0:1.8.%[1]d", Tariffs)
		}
		words = words[1:]
	}
	terms := &r.sheet().terms[d]
	if len(*terms) >= maxTerms {
		return r.wrong("%s stands here more than %d times", key, maxTerms)("add some of these prices up")
	}
	var err error
	switch {
	case len(words) == 3 && (words[1] == "x" || words[1] == "×" || words[1] == "*") && words[2] == "market":
		t.market = true
		t.number, err = r.number(words[0])
	case len(words) == 1 && words[0] == "market":
		t.market, t.number = true, telegram.Decimal{Digits: 1}
	case len(words) == 2:
		t.number, err = r.perKWh(words[0], words[1])
	default:
		return r.wrong("%s is followed by %.60q", key, strings.Join(words, " "))("write a price and its unit, such as: %s 0.2841 EUR/kWh; or a factor, such as: %[1]s 1.06 x market", key)
	}
	if err == nil {
		*terms = append(*terms, t)
	}
	return err
}

var (
	energyUnit   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([A-Z]{3})/(kWh|MWh)$`) })
	capacityUnit = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([A-Z]{3})/kW/(month|year)$`) })
)

// perKWh reads the price of a kWh.
func (r *reader) perKWh(text, unit string) (telegram.Decimal, error) {
	mega, err := r.energyUnit(unit)
	if err != nil {
		return telegram.Decimal{}, err
	}
	d, err := r.number(text)
	return scaled(d, mega), err
}

// scaled is the price of a kWh.
func scaled(d telegram.Decimal, perMWh bool) telegram.Decimal {
	if perMWh {
		d = d.Shift(3)
	}
	return d
}

func (r *reader) energyUnit(unit string) (perMWh bool, err error) {
	m := energyUnit().FindStringSubmatch(unit)
	if m == nil {
		return false, r.wrong("%.40q is no unit of a price", unit)("write the currency in three capital letters, such as EUR/kWh or EUR/MWh: 28.41 ct/kWh are 0.2841 EUR/kWh")
	}
	return m[2] == "MWh", r.inCurrency(m[1])
}

// inCurrency takes the currency of a unit, which is the same in all of them.
func (r *reader) inCurrency(currency string) error {
	if r.p.currency == "" {
		r.p.currency = currency
	}
	if r.p.currency != currency {
		return r.wrong("a price in %s, and those above are in %s", currency, r.p.currency)("write all prices in one currency")
	}
	return nil
}

// number reads a decimal number, with a point or a comma.
func (r *reader) number(text string) (telegram.Decimal, error) {
	plain := text
	if !strings.Contains(text, ".") {
		plain = strings.Replace(text, ",", ".", 1)
	}
	d, ok := telegram.ParseDecimal(plain)
	if !ok {
		return d, r.wrong("%.40q is no number", text)("write digits with one decimal point or comma, and none between thousands: 1234.56")
	}
	d = shortened(d)
	whole, _, _ := strings.Cut(strings.TrimLeft(plain, "-0"), ".")
	if len(whole) > maxWhole || d.Scale > maxDecimals {
		return d, r.wrong("%.40q has too many digits", text)("at most %d stand before the decimal point, and %d after it: round it, or take another unit", maxWhole, maxDecimals)
	}
	return d, nil
}

func (r *reader) readCapacity(words []string) error {
	const do = "write what a kW costs and from how many kW on, such as: capacity 53.65 EUR/kW/year at least 2.5 kW"
	c := capacity{months: 1, given: true}
	if r.sheet().capacity.given {
		return r.wrong("capacity stands here a second time")("write it once, or once after each from")
	}
	if len(words) != 2 && (len(words) != 6 || words[2] != "at" || words[3] != "least" || words[5] != "kW") {
		return r.wrong("capacity is followed by %.60q", strings.Join(words, " "))(do)
	}
	unit := capacityUnit().FindStringSubmatch(words[1])
	if unit == nil {
		return r.wrong("%.40q is no unit of a price of capacity", words[1])("units are EUR/kW/month and EUR/kW/year, with the currency in three capital letters")
	}
	if unit[2] == "year" {
		c.months = 12
	}
	err := r.inCurrency(unit[1])
	if err == nil {
		c.price, err = r.number(words[0])
	}
	if err == nil && len(words) > 2 {
		c.least, err = r.number(words[4])
	}
	r.sheet().capacity = c
	return err
}

// end checks the file as a whole.
func (r *reader) end() error {
	if err := r.endTable(); err != nil {
		return err
	}
	p := r.p
	uses := false
	for _, s := range p.sheets {
		for _, terms := range s.terms {
			for _, t := range terms {
				uses = uses || t.market
			}
		}
	}
	whole := func(what, do string) error { return &FileError{Name: r.name, What: what, Do: do} }
	switch {
	case !p.Has(Import) && !p.Has(Export) && !p.HasCapacity() && len(p.market) > 0:
		return whole("it has prices of the market, and no line says what they are for", "write at least: import market")
	case !p.Has(Import) && !p.Has(Export) && !p.HasCapacity():
		return whole("it has no prices", "write at least one, such as: import 0.2841 EUR/kWh")
	case uses && len(p.market) == 0:
		return whole("a line has the market's price, and there is none", "write: market 1h EUR/MWh; and below it the prices, a line each, such as: 2026-03-29T00:00:00+01:00;85.12")
	case !uses && len(p.market) > 0:
		return whole("it has prices of the market, and no line uses them", "write, such as: import market; or take them out")
	}
	return nil
}
