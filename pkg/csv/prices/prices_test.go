package prices

import (
	"errors"
	"strings"
	"testing"
	"time"

	"p1/pkg/telegram"
)

func parsed(t *testing.T, text string) *Prices {
	t.Helper()
	p, err := Read("p.txt", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func number(t *testing.T, text string) telegram.Decimal {
	t.Helper()
	d, ok := telegram.ParseDecimal(text)
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	return d
}

// cost writes an amount, or why there is none.
func cost(t *testing.T, p *Prices, d Direction, tariff int, from, to, kWh string) string {
	t.Helper()
	amount, why := p.Cost(d, tariff, at(t, from), at(t, to), number(t, kWh))
	if why != "" {
		return string(why)
	}
	return amount.String()
}

const sheetOfFive = `# a sheet
zone Europe/Brussels
import 0,10 EUR/kWh
import t1 0.2 EUR/kWh
import t2 150 EUR/MWh
export -0.01 EUR/kWh
`

// The prices of a sheet are multiplied, added, and not rounded.
func TestSheet(t *testing.T) {
	p := parsed(t, sheetOfFive)
	const from, to = "2026-03-01T00:00:00+01:00", "2026-03-01T00:15:00+01:00"
	for _, c := range []struct {
		d      Direction
		tariff int
		kWh    string
		want   string
	}{
		{Import, 1, "1.234", "0.3702"},     // × 0.30
		{Import, 2, "1.234", "0.3085"},     // × 0.25
		{Import, 2, "0.001", "0.00025"},    // nothing is rounded
		{Import, 1, "0", "0.00"},           // nothing is used, which costs nothing
		{Import, 0, "1", string(NoTariff)}, // which register it is, is not told
		{Import, 3, "1", string(NoTariffPrice)},
		{Export, 0, "2.5", "-0.025"}, // one has to pay
		{Export, 1, "2.5", "-0.025"},
	} {
		if got := cost(t, p, c.d, c.tariff, from, to, c.kWh); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
	if p.Currency() != "EUR" || !p.ByTariff(Import) || p.ByTariff(Export) || p.HasCapacity() {
		t.Errorf("%+v", p)
	}
}

const hours = `zone Europe/Amsterdam
import 2 x market
import 0.1 EUR/kWh
market 1h EUR/MWh
2026-03-29 00:00;100
29/03/2026 01:00;200,00
2026-03-29 02:00;
29.03.2026 03:00:00;-300
"29/03/2026 04:00:00 - 29/03/2026 05:00:00";"n/e"
2026-03-29T05:00:00+02:00;500
2026-03-29T04:00Z;500
`

// Each hour has its price. One without a price is not known, and never 0.
func TestMarket(t *testing.T) {
	p := parsed(t, hours)
	for _, c := range []struct{ from, to, kWh, want string }{
		{"2026-03-29T00:00:00+01:00", "2026-03-29T00:00:10+01:00", "1", "0.30"},
		{"2026-03-29T00:59:50+01:00", "2026-03-29T01:00:00+01:00", "1", "0.30"}, // its last moment
		{"2026-03-29T00:59:55+01:00", "2026-03-29T01:00:05+01:00", "1", "0.50"},
		{"2026-03-29T00:10:00+01:00", "2026-03-29T01:10:00+01:00", "1", "0.50"}, // as long as a price
		{"2026-03-29T00:10:00+01:00", "2026-03-29T01:10:01+01:00", "1", string(Gap)},
		{"2026-03-29T00:10:00+01:00", "2026-03-29T01:10:01+01:00", "0", "0.00"},
		{"2026-03-29T01:59:50+01:00", "2026-03-29T03:00:10+02:00", "1", "-0.50"}, // the clock is put forward
		{"2026-03-29T03:59:50+02:00", "2026-03-29T04:00:00+02:00", "1", "-0.50"},
		{"2026-03-29T04:00:00+02:00", "2026-03-29T04:00:10+02:00", "1", string(NoPrice)},
		{"2026-03-29T04:00:00+02:00", "2026-03-29T04:00:10+02:00", "0", string(NoPrice)},
		{"2026-03-29T03:00:00+02:00", "2026-03-29T06:00:00+02:00", "0", string(NoPrice)},
		{"2026-03-29T05:00:00+02:00", "2026-03-29T07:00:00+02:00", "1", "1.10"}, // the same price twice
		{"2026-03-29T07:00:00+02:00", "2026-03-29T07:00:01+02:00", "1", string(NoPrice)},
		{"2026-03-28T23:59:50+01:00", "2026-03-29T00:00:00+01:00", "1", string(NoPrice)},
	} {
		if got := cost(t, p, Import, 0, c.from, c.to, c.kWh); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
	if _, why := p.Cost(Import, 0, time.Time{}, at(t, "2026-03-29T05:00:00+02:00"), number(t, "1")); why != NoTime {
		t.Error(why)
	}
}

// The hour that comes twice has two prices, the first one first, also where one of them is
// missing.
func TestRepeatedHour(t *testing.T) {
	const head, rows = "zone Europe/Amsterdam\nimport market\nmarket 1h EUR/kWh\n25.10.2026 01:00;1\n", "25.10.2026 02:00;4\n25.10.2026 03:00;5\n"
	for first, want := range map[string]string{"2": "2.00", "": string(NoPrice)} {
		p := parsed(t, head+"25.10.2026 02:00;"+first+"\n"+rows)
		if got := cost(t, p, Import, 0, "2026-10-25T02:10:00+02:00", "2026-10-25T02:20:00+02:00", "1"); got != want {
			t.Errorf("%q: first pass %s", first, got)
		}
		if got := cost(t, p, Import, 0, "2026-10-25T02:10:00+01:00", "2026-10-25T02:20:00+01:00", "1"); got != "4.00" {
			t.Errorf("%q: second pass %s", first, got)
		}
	}
	ranged := parsed(t, head[:strings.Index(head, "25.10")]+`"25/10/2026 01:00:00 - 25/10/2026 02:00:00",1
"25/10/2026 02:00:00 - 25/10/2026 02:00:00",2
"25/10/2026 02:00:00 - 25/10/2026 03:00:00",4`)
	if got := cost(t, ranged, Import, 0, "2026-10-25T02:10:00+01:00", "2026-10-25T02:20:00+01:00", "1"); got != "4.00" {
		t.Error(got)
	}
}

// Prices hold from a day on. Quarters may follow hours.
func TestPricesChange(t *testing.T) {
	p := parsed(t, `zone Europe/Amsterdam
from 2026-03-29
import 1 EUR/kWh
from 2026-03-30
import 2 EUR/kWh
import market
market 1h EUR/kWh
2026-03-30 00:00,5
market 15m EUR/kWh
2026-03-30 01:00,6
2026-03-30 01:15,7
`)
	for _, c := range []struct{ from, to, want string }{
		{"2026-03-28T23:00:00+01:00", "2026-03-29T00:00:00+01:00", string(NoPrice)},
		{"2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00", "1.00"},
		{"2026-03-29T23:30:00+02:00", "2026-03-30T00:10:00+02:00", "7.00"},
		{"2026-03-30T01:00:00+02:00", "2026-03-30T01:15:00+02:00", "8.00"},
		{"2026-03-30T01:00:00+02:00", "2026-03-30T01:16:00+02:00", string(Gap)},
		{"2026-03-30T01:15:00+02:00", "2026-03-30T01:16:00+02:00", "9.00"},
	} {
		if got := cost(t, p, Import, 0, c.from, c.to, "1"); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
	if p.Has(Export) {
		t.Error("it has no price of export")
	}
}

// What a month's highest demand costs.
func TestCapacity(t *testing.T) {
	for line, want := range map[string]string{
		"capacity 4.5 EUR/kW/month":                     "18.00",     // × 4
		"capacity 53.65 EUR/kW/year":                    "17.883333", // × 4 / 12
		"capacity 53.65 EUR/kW/year at least 5 kW":      "22.354167",
		"capacity 53.65 EUR/kW/year at least 2.5 kW #!": "17.883333",
	} {
		p := parsed(t, line+"\nimport 1 EUR/kWh\n")
		amount, why := p.Capacity(at(t, "2026-03-29T05:00:00+02:00"), number(t, "4.000"))
		if why != "" || amount.String() != want {
			t.Errorf("%s: %s %s", line, amount, why)
		}
	}
}

// A number too long is not computed with.
func TestTooLong(t *testing.T) {
	p := parsed(t, "import 999999.999999 x market\nmarket 1h EUR/kWh\n2026-03-29T00:00Z;999999.999999\n2026-03-29T01:00Z;3.5\n")
	if got := cost(t, p, Import, 0, "2026-03-29T00:00:00Z", "2026-03-29T00:10:00Z", "1"); got != string(TooLong) {
		t.Error(got)
	}
	if got := cost(t, p, Import, 0, "2026-03-29T01:00:00Z", "2026-03-29T01:10:00Z", "999999999.123"); got != string(TooLong) {
		t.Error(got)
	}
}

// Every error names file and line, and says what is wrong and what to do.
func TestErrors(t *testing.T) {
	const rows = "import market\nmarket 1h EUR/MWh\n"
	for _, c := range []struct{ text, want string }{
		{"", "p.txt: it has no prices"},
		{"# nothing\n\n", "p.txt: it has no prices"},
		{"price 1 EUR/kWh", `p.txt:1: a line cannot begin with "price"`},
		{"import market\nmarket 1h EUR/MWh\nDatum;Prijs", `p.txt:3: "Datum;Prijs" is the heading of a table`},
		{`"Start","Price 15"`, `p.txt:1: "\"Start\",\"Price 15\"" is the heading of a table`},
		{"\nimport 1", `p.txt:2: import is followed by "1"`},
		{"import", `p.txt:1: import is followed by ""`},
		{"import 1 ct/kWh", `p.txt:1: "ct/kWh" is no unit of a price`},
		{"import one EUR/kWh", `p.txt:1: "one" is no number`},
		{"import 1.234,5 EUR/kWh", `p.txt:1: "1.234,5" is no number`},
		{"import 1e3 EUR/kWh", `p.txt:1: "1e3" is no number`},
		{"import 1.2345678 EUR/kWh", `p.txt:1: "1.2345678" has too many digits`},
		{"import 1234567 EUR/kWh", `p.txt:1: "1234567" has too many digits`},
		{"import t5 1 EUR/kWh", `p.txt:1: there is no tariff "t5"`},
		{"import 1 EUR/kWh\nexport 1 SEK/kWh", "p.txt:2: a price in SEK, and those above are in EUR"},
		{"zone Mars", `p.txt:1: "Mars" is no time zone`},
		{"zone Local", `p.txt:1: "Local" is no time zone`},
		{"zone UTC\nzone UTC", "p.txt:2: zone stands here too late, or a second time"},
		{"from 2026-01-01", "p.txt:1: from needs a zone"},
		{"zone UTC\nfrom May", `p.txt:2: "May" is no day`},
		{"zone UTC\nimport 1 EUR/kWh\nfrom 2026-01-01", "p.txt:3: prices stand before the first from"},
		{"zone UTC\nfrom 2026-01-02\nfrom 2026-01-02", "p.txt:3: from 2026-01-02 is no later than"},
		{"capacity 1 EUR/kWh", `p.txt:1: "EUR/kWh" is no unit of a price of capacity`},
		{"capacity 1 EUR/kW/year least 2 kW", `p.txt:1: capacity is followed by`},
		{"capacity 1 EUR/kW/year\ncapacity 1 EUR/kW/year", `p.txt:2: capacity stands here a second time`},
		{"market 2h EUR/MWh", `p.txt:1: prices that hold for "2h"`},
		{"market 1h", `p.txt:1: market is followed by "1h"`},
		{"import market", "p.txt: a line has the market's price, and there is none"},
		{"import 1 EUR/kWh\nmarket 1h EUR/kWh\n2026-01-01T00:00Z;1", "p.txt: it has prices of the market, and no line uses them"},
		{"2026-01-01T00:00Z;1", "p.txt:1: a price of the market, and no line above it"},
		{rows + "2026-01-01 00:00;1", "p.txt:3: 2026-01-01 00:00 has no offset"},
		{rows + "2026-01-01T00:00Z,1,5", `p.txt:3: "2026-01-01T00:00Z,1,5" has three cells`},
		{rows + "2026-01-01T00:00Z;1;5", `p.txt:3: "2026-01-01T00:00Z;1;5" has 3 cells`},
		{rows + "2026-01-01T00:00Z", `p.txt:3: "2026-01-01T00:00Z" has 1 cells`},
		{rows + "1. January;5", `p.txt:3: "1. January" is no time`},
		{rows + "2026-01-01T00:15Z;5", "p.txt:3: 2026-01-01T00:15Z is not where a price that holds for 1h0m0s begins"},
		{rows + "2026-01-01T01:00Z;5\n2026-01-01T01:00Z;5", "p.txt:4: 2026-01-01T01:00Z is earlier than the end"},
		{rows + "2026-01-01T01:00Z;five", `p.txt:3: "five" is no number`},
		{"import market\nmarket 15m EUR/MWh\n2026-01-01T01:00Z;5\n2026-01-01T02:00Z;5", "p.txt:2: no two prices below it follow each other by 15m0s"},
		{"zone Europe/Amsterdam\n" + rows + "29.03.2026 02:00;5", "p.txt:4: there is no 29.03.2026 02:00"},
		{"zone UTC\n" + rows + "29.03.2026 02:00 - 29.03.2026 02:15;5", "p.txt:4: \"29.03.2026 02:00 - 29.03.2026 02:15\" is not a time of 1h0m0s"},
		{strings.Repeat("x", 2000), "p.txt:1: it is longer than 1000 bytes"},
	} {
		_, err := Read("p.txt", strings.NewReader(c.text))
		var wrong *FileError
		switch {
		case !errors.As(err, &wrong):
			t.Errorf("%.60q: %v", c.text, err)
		case !strings.HasPrefix(err.Error(), c.want) || len(wrong.Hint()) < 10 || strings.Contains(err.Error()+wrong.Hint(), "%!"):
			t.Errorf("%.60q: %v; %s", c.text, err, wrong.Hint())
		}
	}
}

// Whatever a file holds, it is read or refused, and what it says of an hour is exact or not
// said.
func FuzzRead(f *testing.F) {
	f.Add(sheetOfFive)
	f.Add(hours)
	f.Add("zone UTC\nfrom 2026-01-01\ncapacity 1 EUR/kW/year at least 2 kW\nmarket 15m EUR/MWh\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Read("p.txt", strings.NewReader(text))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "p.txt") {
				t.Fatal(err)
			}
			return
		}
		from := time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC)
		one, why := p.Cost(Import, 0, from, from.Add(time.Hour), telegram.Decimal{Digits: 1})
		two, whyTwo := p.Cost(Import, 0, from, from.Add(time.Hour), telegram.Decimal{Digits: 2})
		if why == "" && whyTwo == "" {
			if sum, ok := one.Plus(one); ok && sum.Rat().Cmp(two.Rat()) != 0 {
				t.Fatalf("%s and %s", one, two)
			}
		}
	})
}
