package tables

import (
	"strings"
	"testing"
	"time"

	"p1/pkg/csv/prices"
	"p1/pkg/telegram"
)

// costColumns is a table with what costs are computed of.
var costColumns = []column{
	{name: "time", kind: timeKind, role: stampRole},
	{name: "meter", role: tagRole},
	{name: "import_kwh", kind: numberKind, unit: "kWh", code: "1-0:1.8.0", what: telegram.Register, aid: true},
	{name: "import_t1_kwh", kind: numberKind, unit: "kWh", code: "1-0:1.8.1", what: telegram.Register},
	{name: "import_t2_kwh", kind: numberKind, unit: "kWh", code: "1-0:1.8.2", what: telegram.Register},
	{name: "import_t3_kwh", kind: numberKind, unit: "kWh", code: "1-0:1.8.3", what: telegram.Register, aid: true},
	{name: "import_max_kw", kind: numberKind, unit: "kW", code: peakCode, what: telegram.Instant, aid: true},
	{name: peakTimeName, kind: timeKind, code: peakCode, what: telegram.KindClock, aid: true},
}

// costed joins rows, each written as time, total, T1, T2, T3, peak, time of the peak.
func costed(t *testing.T, every time.Duration, file string, rows ...string) []map[string]string {
	t.Helper()
	p, err := prices.Read("prices.txt", strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	below := &keeping{}
	s := newEvery(Options{Every: every, Prices: p, Units: KW}, costColumns, func(c []column) sink { below.columns = c; return below })
	for _, row := range rows {
		f := strings.Split(row, ",")
		if err := s.write(valuesOf(t, costColumns, append([]string{f[0], "A"}, f[1:]...)...)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.end(); err != nil {
		t.Fatal(err)
	}
	for _, row := range below.rows {
		if _, shown := row["import_kwh_gain"]; shown {
			t.Fatal("a column is shown that nobody asked for")
		}
	}
	return below.rows
}

// What tariffs cost is what their registers gained. One without a price matters only where it
// gains something.
func TestCostByTariff(t *testing.T) {
	const sheet = "import 0.1 EUR/kWh\nimport t1 0.1 EUR/kWh\nimport t2 0.2 EUR/kWh\n"
	rows := costed(t, time.Hour, sheet,
		"2026-03-01T00:00:00+01:00,30,10,15,5,,",
		"2026-03-01T00:30:00+01:00,33,11,17,5,,",
		"2026-03-01T01:30:00+01:00,34,11,17,6,,",
		"2026-03-01T02:00:00+01:00,34,11,17,6,,",
		"2026-03-01T02:10:00+01:00,35,12,,6,,", // T2 is doubted
		"2026-03-01T03:10:00+01:00,36,12,18,6,,")
	for i, want := range []string{"cost_eur=0.80 note=", "cost_eur= ", "cost_eur= note=", "cost_eur=0.30"} {
		expectRow(t, rows[i], want)
	}
	if want := "no cost: " + string(prices.NoTariffPrice) + ", for 1 kWh"; rows[1]["note"] != want {
		t.Errorf("it says %q, want %q", rows[1]["note"], want)
	}
	if !strings.Contains(rows[3]["note"], "late: import_t2_kwh") {
		t.Errorf("it says %q", rows[3]["note"])
	}
	// The total will do where all tariffs cost the same.
	rows = costed(t, time.Hour, "import 0.5 EUR/kWh\n", "2026-03-01T00:00:00+01:00,30,10,,,,", "2026-03-01T00:30:00+01:00,33,,,,,")
	expectRow(t, rows[0], "cost_eur=1.50 note=")
}

// A register that shows zero for a while, and returns, costs what it gained.
func TestCostAfterAFall(t *testing.T) {
	rows := costed(t, time.Hour, "import 0.5 EUR/kWh\n",
		"2026-03-01T00:00:00+01:00,,10,,,,", "2026-03-01T00:10:00+01:00,,0,,,,", "2026-03-01T00:20:00+01:00,,12,,,,")
	expectRow(t, rows[0], "import_t1_kwh_gain=2 cost_eur=1.00")
	// One that stays down counts from there.
	rows = costed(t, time.Hour, "import 0.5 EUR/kWh\n",
		"2026-03-01T00:00:00+01:00,,10,,,,", "2026-03-01T00:10:00+01:00,,0,,,,", "2026-03-01T00:20:00+01:00,,3,,,,")
	expectRow(t, rows[0], "import_t1_kwh_gain=3 cost_eur=1.50")
}

// A time without an offset is no moment that has a price.
func TestCostWithoutOffset(t *testing.T) {
	rows := costed(t, time.Hour, "import 0.5 EUR/kWh\n", "2026-03-01T00:00:00,,10,,,,", "2026-03-01T00:10:00,,11,,,,")
	expectRow(t, rows[0], "import_t1_kwh_gain=1 cost_eur=")
	if want := "no cost: " + string(prices.NoTime) + ", for 1 kWh"; rows[0]["note"] != want {
		t.Errorf("it says %q", rows[0]["note"])
	}
}

// What a month's highest quarter-hour costs stands in the rows that raise it, and the rows of a
// month add up to it.
func TestCapacityCost(t *testing.T) {
	rows := costed(t, time.Hour, "import 1 EUR/kWh\ncapacity 60 EUR/kW/year at least 2.5 kW\n",
		"2026-03-31T22:10:00+02:00,,1,,,1.000,2026-03-31T20:15:00+02:00", // 2.5 kW are charged: 12.50
		"2026-03-31T22:40:00+02:00,,1,,,2.000,2026-03-31T22:30:00+02:00",
		"2026-03-31T23:10:00+02:00,,1,,,3.000,2026-03-31T23:00:00+02:00", // 15.00
		"2026-04-01T00:00:00+02:00,,1,,,4.000,2026-04-01T00:00:00+02:00", // March's last quarter: 20.00
		"2026-04-01T00:10:00+02:00,,1,,,0.000,2026-04-01T00:00:00+02:00", // nothing yet
		"2026-04-01T00:20:00+02:00,,1,,,3.000,2026-04-01T00:15:00+02:00", // April: 15.00
		"2026-04-01T01:20:00+02:00,,1,,,,")
	for i, want := range []string{"12.50", "7.50", "15.00", ""} {
		if got := rows[i]["capacity_cost_eur"]; got != want {
			t.Errorf("row %d: %q, want %q", i+1, got, want)
		}
		if got, want := rows[i]["note"], ""; i < 3 && got != want {
			t.Errorf("row %d says %q", i+1, got)
		}
	}
	if got, want := rows[3]["note"], "no capacity_cost: "+string(prices.NoPeak); got != want {
		t.Errorf("without a highest demand it says %q, want %q", got, want)
	}
}
