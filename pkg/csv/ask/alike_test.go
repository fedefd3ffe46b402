package ask

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"p1/pkg/csv/index"
	"p1/pkg/csv/prices"
	"p1/pkg/csv/tables"
	"p1/pkg/record"
	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
	"p1/pkg/telegram"
)

// capture is what several logs have of one meter.
type capture struct {
	dir   string
	files [][]*record.Telegram
	zone  *time.Location // of a clock that says neither S nor W
	begin time.Time
}

// captured makes logs with gaps, some of which end at midnight, that overlap or alternate, and
// in which some registers are doubted.
func captured(t *testing.T, seed uint64) *capture {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	o, err := sim.ParseOptions(fmt.Sprintf("?meter=nl&every=2m&telegrams=4000&seed=%d&start=2026-10-24T10:06:00", seed))
	if err != nil {
		t.Fatal(err)
	}
	s, err := sim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	var zone *time.Location
	if seed%3 == 2 {
		zone, _ = time.LoadLocation("Europe/Amsterdam")
	}
	season := regexp.MustCompile(`(0-0:1\.0\.0\(\d{12})[SW]\)`)
	c := &capture{dir: t.TempDir(), files: make([][]*record.Telegram, 2+r.IntN(2)), zone: zone}
	until, doubted, file := time.Time{}, time.Time{}, 0
	for sent, ok := s.Next(); ok; sent, ok = s.Next() {
		if c.begin.IsZero() {
			c.begin = sent.Clock
		}
		if r.IntN(150) == 0 && !sent.Clock.Before(until) {
			until = sent.Clock.Add(time.Duration(1+r.IntN(200)) * time.Minute)
			switch {
			case seed%2 == 1 && sent.Clock.Day() == 25:
				until = dateOf(sent.Clock, 0, 0, 3) // so that no file near the end of it has a reading before it
			case r.IntN(3) == 0:
				until = dateOf(sent.Clock, 0, 0, 1) // until midnight
			}
		}
		if r.IntN(200) == 0 {
			doubted = sent.Clock.Add(time.Duration(r.IntN(100)) * time.Minute)
		}
		if sent.Clock.Before(until) {
			continue
		}
		one := &record.Telegram{Status: record.OK, CRC: "ok", Raw: sent.Plain}
		if zone != nil {
			one.Raw = season.ReplaceAll(sent.Plain, []byte("${1})"))
		}
		if sent.Clock.Before(doubted) {
			before, _, _ := bytes.Cut(one.Raw, []byte("1-0:1.8.2"))
			one.Doubted = []record.Doubt{{Line: 1 + bytes.Count(before, []byte("\n")), Code: "1-0:1.8.2"}}
		}
		switch seed % 2 {
		case 0: // they overlap
			if r.IntN(400) == 0 {
				file = r.IntN(len(c.files))
			}
			for i := range c.files {
				if i == file && sent.Clock.Day() != 25 || r.IntN(2) > 0 && sent.Clock.Day() == 25 {
					c.files[i] = append(c.files[i], one)
				}
			}
		default: // one follows the other
			file = min(max(sent.Clock.Day()-25, 0), len(c.files)-1)
			c.files[file] = append(c.files[file], one)
		}
	}
	for i, list := range c.files {
		(&house{dir: c.dir}).keepTelegrams(t, fmt.Sprintf("%d.jsonl", i), list)
	}
	return c
}

// keepTelegrams writes a file of telegrams that nobody has touched for an hour.
func (h *house) keepTelegrams(t *testing.T, name string, list []*record.Telegram) {
	t.Helper()
	var out bytes.Buffer
	w := record.NewWriter(&out, false)
	for n, one := range list {
		one.Origin = record.Origin{Source: name, Offset: int64(n) * 10000}
		if err := w.Write(one); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	h.keep(t, name, out.Bytes())
}

// every are the rows of --every by their times.
func (c *capture) every(t *testing.T, every time.Duration, p *prices.Prices, central *time.Location) map[string]map[string]json.RawMessage {
	t.Helper()
	var out bytes.Buffer
	columns := []string{"time", "meter", "import_t1_kwh", "import_t2_kwh", "export_t1_kwh", "export_t2_kwh", "import_kw"}
	w, err := tables.New(&out, tables.Options{Every: every, Columns: columns, Format: tables.JSON, Zone: c.zone, CentralEurope: central, Prices: p})
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range c.files {
		for _, one := range list {
			if err := w.Take(one); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	rows := map[string]map[string]json.RawMessage{}
	for line := range strings.Lines(out.String()) {
		var row map[string]json.RawMessage
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		rows[strings.Trim(string(row["time"]), `"`)] = row
	}
	return rows
}

// market is a price that is another one each hour, and is missing at times.
func market(t *testing.T, begin time.Time, r *rand.Rand) *prices.Prices {
	t.Helper()
	file := "zone Europe/Amsterdam\nimport 0.13 EUR/kWh\nimport t1 0.01 EUR/kWh\nimport t2 0.02 EUR/kWh\nimport 1.06 x market\nexport market\nmarket 1h EUR/kWh\n"
	for i := range 24 * 7 {
		price := fmt.Sprintf("%d.%02d", r.IntN(2), r.IntN(100))
		if r.IntN(24) == 0 {
			price = "n/e"
		}
		file += begin.Truncate(time.Hour).Add(time.Duration(i)*time.Hour).Format(time.RFC3339) + ";" + price + "\n"
	}
	p, err := prices.Read("prices.txt", strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A row of an answer is the row of p1csv --every, whatever span is asked about, whichever
// file has what, and whatever is missing.
func TestRowsAreThoseOfEvery(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long, one thing after the other")
	}
	central, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	ownCache(t)
	for seed := range uint64(longtest.Pick(3, 6, 24)) {
		c := captured(t, seed)
		r := rand.New(rand.NewPCG(seed, 2))
		p := market(t, c.begin, r)
		a := New(Options{Names: []string{c.dir}, Zone: c.zone, Prices: p, Repaired: repaired, Key: []byte("a key of the test")})
		for every, length := range map[string]time.Duration{"15m": index.Quarter, "1h": time.Hour, "1d": tables.Day} {
			want := c.every(t, length, p, central)
			compared := 0
			for day := range 4 {
				from := time.Date(2026, 10, 25+day-r.IntN(2), 0, 0, 0, 0, central)
				q := Rows{Every: every, Span: Span{From: from.Format(time.DateOnly), To: from.AddDate(0, 0, 2).Format(time.DateOnly)}}
				energy, err := a.Energy(t.Context(), q, func(int, int) {})
				if err != nil {
					t.Fatal(err)
				}
				power, err := a.Power(t.Context(), q, func(int, int) {})
				if err != nil {
					t.Fatal(err)
				}
				if energy.Every != every {
					continue // too many rows
				}
				for i, row := range energy.Rows {
					for name, v := range power.Rows[i] {
						row[name] = v
					}
					compared += alike(t, fmt.Sprintf("seed %d, %s, of %s", seed, every, q.From), row, want)
				}
			}
			if compared < 30 {
				t.Fatalf("%d cells are compared", compared)
			}
		}
	}
}

// alike compares the cells of a row, and counts them.
func alike(t *testing.T, what string, row Row, want map[string]map[string]json.RawMessage) (n int) {
	t.Helper()
	same := want[row["from"].(string)]
	for of, name := range map[string]string{
		"import_t1_kwh_gain": "import_t1_kwh", "import_t2_kwh_gain": "import_t2_kwh", "export_t2_kwh_gain": "export_t2_kwh",
		"cost_eur": "cost_eur", "earnings_eur": "earnings_eur", "import_kw_mean": "import_kw_mean", "import_kw_max": "import_kw_max", "telegrams": "telegrams",
	} {
		got, isNumber := numberOf(row[name])
		expected, known := telegram.ParseDecimal(string(same[of]))
		if of == "telegrams" {
			known = true // 0 where there is no row
		}
		if isNumber != known || isNumber && got.Rat().Cmp(expected.Rat()) != 0 {
			t.Errorf("%s: %s of %v is %v, --every has %s (%v)", what, name, row["from"], row[name], same[of], row["why"])
		}
		n++
	}
	return n
}
