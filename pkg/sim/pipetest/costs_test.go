package pipetest

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"p1/pkg/sim"
)

// A pricedMonth is a simulated month over a change of the clock, and what an hour's energy
// costs in it.
type pricedMonth struct {
	meter    string
	tariffs  bool             // the sheet has prices of tariffs
	cents    map[int64]*int64 // of a MWh, by the Unix time of the hour; nil where there is no price
	readings []reading
}

// registers that are paid for: by column, with their price of a kWh in 10^-7 EUR but for the
// market's, and what the market's price is multiplied by, in hundredths.
type paid struct {
	price, factor int64
	export        bool
}

func (m *pricedMonth) registers() map[string]paid {
	if m.tariffs {
		return map[string]paid{
			"import_t1_kwh": {1312000, 121, false}, "import_t2_kwh": {1412050, 121, false},
			"export_t1_kwh": {-200000, 100, true}, "export_t2_kwh": {-200000, 100, true},
		}
	}
	return map[string]paid{"import_kwh": {1000000, 121, false}, "export_kwh": {-200000, 100, true}}
}

// sheet is the file of prices, its hours in local time and with a decimal comma.
func (m *pricedMonth) sheet(from, to time.Time) string {
	dice := rand.New(rand.NewPCG(7, 7))
	text := "zone Europe/Amsterdam\nimport 1.21 x market\nexport market\nexport -0.02 EUR/kWh\n"
	if m.tariffs {
		text += "import 0.1 EUR/kWh\nimport t1 0,0312 EUR/kWh\nimport t2 0.041205 EUR/kWh\n"
	} else {
		text += "import 0.1 EUR/kWh\n"
	}
	text += "market 1h EUR/MWh\n"
	for at := from; at.Before(to); at = at.Add(time.Hour) {
		n := dice.Int64N(30000) - 5000
		if dice.IntN(100) == 0 {
			continue // there is no price
		}
		m.cents[at.Unix()] = &n
		sign := ""
		if n < 0 {
			sign = "-"
		}
		text += fmt.Sprintf("%s;%s%d,%02d\n", at.Format("02/01/2006 15:04"), sign, max(n, -n)/100, max(n, -n)%100)
	}
	return text
}

// bill is what energy costs, in 10^-10 EUR: a Wh is 10^-3 kWh, and a price is in 10^-7 EUR.
// Known is whether each reading's energy has a price.
type bill struct {
	sum   big.Int
	some  bool
	known bool
}

// of computes what the readings from one time to another cost, or earn.
func (m *pricedMonth) of(export bool, from, to time.Time) *bill {
	b := &bill{known: true}
	begin, _ := slices.BinarySearchFunc(m.readings, from.Add(1), func(r reading, at time.Time) int { return r.at.Compare(at) })
	for i := max(begin, 1); i < len(m.readings) && !m.readings[i].at.After(to); i++ {
		first, last := &m.readings[i-1], &m.readings[i]
		b.some = true
		for column, p := range m.registers() {
			if p.export != export {
				continue
			}
			wh := last.wh[column] - first.wh[column]
			hour := (last.at.Unix() - 1) / 3600 * 3600
			cents := m.cents[hour]
			b.known = b.known && cents != nil && (last.at.Sub(first.at) <= time.Hour || wh == 0 || m.even(first.at, hour))
			if cents != nil {
				price := new(big.Int).Add(new(big.Int).Mul(big.NewInt(p.factor), big.NewInt(*cents)), big.NewInt(p.price))
				b.sum.Add(&b.sum, price.Mul(price, big.NewInt(wh)))
			}
		}
	}
	return b
}

// even reports whether all hours since a time have the same price as an hour.
func (m *pricedMonth) even(since time.Time, hour int64) bool {
	for h := since.Unix() / 3600 * 3600; h < hour; h += 3600 {
		if m.cents[h] == nil || *m.cents[h] != *m.cents[hour] {
			return false
		}
	}
	return true
}

// What energy costs and earns, by tariffs and hours, is what the registers of the
// simulated meter say, multiplied by hand, to the last digit: over a month with a change of the
// clock, hours without a price, and hours without readings.
func TestCosts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		meter, start, options string
		telegrams             int
		tariffs               bool
	}{
		{"nl", "2026-03-01T00:00:00", "every=15m", 31*96 - 4 + 1, true},
		{"hu", "2026-10-01T00:00:00", "every=15m", 31*96 + 4 + 1, false},
		{"hu", "2026-03-20T00:03:07", "every=5m&off=2026-03-24T09:30:00/7200", 10 * 288, true},
	} {
		t.Run(c.meter+" "+c.start, func(t *testing.T) {
			t.Parallel()
			checkCosts(t, &pricedMonth{meter: c.meter, tariffs: c.tariffs, cents: map[int64]*int64{}},
				fmt.Sprintf("meter=%s&start=%s&telegrams=%d&%s", c.meter, c.start, c.telegrams, c.options))
		})
	}
}

func checkCosts(t *testing.T, m *pricedMonth, options string) {
	t.Helper()
	dir := t.TempDir()
	m.simulate(t, options, filepath.Join(dir, "month.log"))
	first := m.readings[0].at.Truncate(time.Hour)
	sheet := m.sheet(first, m.readings[len(m.readings)-1].at.Add(time.Hour))
	must(t, os.WriteFile(filepath.Join(dir, "prices.txt"), []byte(sheet), 0o666))
	run(t, dir, "p1cat month.log | p1frame -o month.jsonl")
	for _, every := range []string{"15m", "1h", "1d"} {
		text := run(t, dir, "p1csv --columns tariff --prices prices.txt --every "+every+" month.jsonl")
		cells, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		must(t, err)
		known, unknown := 0, 0
		total := map[string]*big.Rat{"cost_eur": new(big.Rat), "earnings_eur": new(big.Rat)}
		for _, line := range cells[1:] {
			row := map[string]string{}
			for i, name := range cells[0] {
				row[name] = line[i]
			}
			begin, err := time.Parse(time.RFC3339, row["time"])
			must(t, err)
			seconds, err := strconv.Atoi(row["duration_s"])
			must(t, err)
			for column, sum := range total {
				b := m.of(column == "earnings_eur", begin, begin.Add(time.Duration(seconds)*time.Second))
				want := new(big.Rat).SetFrac(&b.sum, big.NewInt(1e10))
				got, ok := new(big.Rat).SetString(row[column])
				switch {
				case ok != (b.known && b.some), ok && got.Cmp(want) != 0:
					t.Fatalf("every %s, %s: %s is %q, want %s (known: %v)", every, row["time"], column, row[column], want.FloatString(10), b.known && b.some)
				case ok:
					known++
					sum.Add(sum, got)
				default:
					unknown++
				}
			}
		}
		if known < 4 || unknown < 2 || total["cost_eur"].Sign() <= 0 || total["earnings_eur"].Sign() == 0 {
			t.Errorf("every %s: %d amounts are known, %d not, %s", every, known, unknown, total)
		}
	}
}

// simulate writes the log, and keeps what stands in it.
func (m *pricedMonth) simulate(t *testing.T, options, name string) {
	t.Helper()
	o, err := sim.ParseOptions(options)
	must(t, err)
	s, err := sim.New(o)
	must(t, err)
	var log bytes.Buffer
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	must(t, err)
	for x, ok := s.Next(); ok; x, ok = s.Next() {
		log.Write(x.Logged)
		if len(x.Logged) < len(x.Sent) {
			continue // the logger was off
		}
		r := reading{at: x.Clock.In(amsterdam), wh: map[string]int64{}}
		for _, line := range kWhLine.FindAllSubmatch(x.Sent, -1) {
			n, err := strconv.ParseInt(string(line[2])+string(line[3]), 10, 64)
			must(t, err)
			r.wh[registersOf["hu"][string(line[1])]] = n
		}
		m.readings = append(m.readings, r)
	}
	must(t, os.WriteFile(name, log.Bytes(), 0o666))
}
