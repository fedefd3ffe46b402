package tables

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"p1/pkg/telegram"
)

// keeping is a sink that keeps its rows.
type keeping struct {
	columns []column
	rows    []map[string]string
}

func (k *keeping) write(values []value) error {
	row := map[string]string{}
	for i := range values {
		row[k.columns[i].name] = string(values[i].append(nil, false))
	}
	k.rows = append(k.rows, row)
	return nil
}
func (k *keeping) begin() error  { return nil }
func (k *keeping) written() int  { return len(k.rows) }
func (k *keeping) flush() error  { return nil }
func (k *keeping) end() error    { return nil }
func (k *keeping) words() string { return "" }

// valuesOf are the values of a row of columns, each written as text.
func valuesOf(t *testing.T, columns []column, cells ...string) []value {
	t.Helper()
	row := make([]value, len(columns))
	for i, cell := range cells {
		switch {
		case cell == "":
		case columns[i].kind == numberKind:
			d, ok := telegram.ParseDecimal(cell)
			if !ok {
				t.Fatalf("%q is no number", cell)
			}
			row[i] = numberValue(d)
		case columns[i].kind == timeKind:
			row[i] = clockValue(clockOf(t, cell), true)
		default:
			row[i] = textValue(cell)
		}
	}
	return row
}

// clockOf is a time with its offset, or without one.
func clockOf(t *testing.T, text string) telegram.Clock {
	t.Helper()
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return telegram.Clock{Time: at, Season: 'W'}
	}
	at, err := time.Parse("2006-01-02T15:04:05", text)
	if err != nil {
		t.Fatal(err)
	}
	return telegram.Clock{Time: at}
}

// fewColumns is a table of one column of each sort.
var fewColumns = []column{
	{name: "time", kind: timeKind, role: stampRole},
	{name: "meter", role: tagRole},
	{name: "status", role: tagRole},
	{name: "suspect"},
	{name: "import_kwh", kind: numberKind, unit: "kWh", what: telegram.Register},
	{name: "import_kw", kind: numberKind, unit: "kW", what: telegram.Instant},
	{name: "voltage_l1_v", kind: numberKind, unit: "V", what: telegram.Instant},
	{name: "tariff", what: telegram.Switch},
	{name: "message"},
}

// joined joins rows, each written as time, meter, kWh, kW, V, tariff.
func joined(t *testing.T, every time.Duration, rows []string) (*keeping, *everySink) {
	t.Helper()
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	below := &keeping{}
	s := newEvery(Options{Every: every, CentralEurope: amsterdam, LimitVoltage: telegram.Decimal{Digits: 240}}, fewColumns,
		func(c []column) sink { below.columns = c; return below })
	for _, row := range rows {
		f := strings.Split(row, ",")
		if err := s.write(valuesOf(t, fewColumns, f[0], f[1], "ok", "", f[2], f[3], f[4], f[5], "hello")); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.end(); err != nil {
		t.Fatal(err)
	}
	return below, s
}

func expectRow(t *testing.T, got map[string]string, want string) {
	t.Helper()
	for pair := range strings.FieldsSeq(want) {
		name, value, _ := strings.Cut(pair, "=")
		if got[name] != value {
			t.Errorf("%s is %q, want %q in %v", name, got[name], value, got)
		}
	}
}

// What is made of a column depends on what it measures.
func TestEveryRules(t *testing.T) {
	k, _ := joined(t, 15*time.Minute, []string{
		"2026-03-01T00:14:40+01:00,A,100.000,0.400,239.0,1",
		"2026-03-01T00:14:50+01:00,A,100.002,0.500,241.0,1",
		"2026-03-01T00:15:00+01:00,A,100.003,0.300,242.0,2",
		"2026-03-01T00:15:10+01:00,A,100.004,0.100,230.0,2",
		"2026-03-01T00:15:20+01:00,A,100.006,0.200,230.0,2",
	})
	if len(k.rows) != 2 {
		t.Fatalf("%d rows, want 2", len(k.rows))
	}
	expectRow(t, k.rows[0], `time=2026-03-01T00:00:00+01:00 utc_offset=+01:00 duration_s=900 meter=A telegrams=2 unverified=0
		import_kwh=100.003 import_kwh_gain=0.003 import_kw_mean=0.450 import_kw_min=0.400 import_kw_max=0.500
		voltage_l1_v_mean=240.000 voltage_l1_v_above_s=10 tariff=1`)
	expectRow(t, k.rows[1], `time=2026-03-01T00:15:00+01:00 telegrams=3 import_kwh=100.006 import_kwh_gain=0.003
		import_kw_mean=0.200 voltage_l1_v_max=242.0 voltage_l1_v_above_s=10 tariff=2`)
	if _, there := k.rows[0]["message"]; there {
		t.Error("text has become a column")
	}
}

// A voltage that is too high over the end of a span counts in both.
func TestEveryHoldsOverTheEnd(t *testing.T) {
	k, _ := joined(t, time.Minute, []string{
		"2026-03-01T00:00:55+01:00,A,1,1,250,1",
		"2026-03-01T00:01:05+01:00,A,1,1,250,1",
		"2026-03-01T00:01:15+01:00,A,1,1,220,1",
	})
	expectRow(t, k.rows[0], "voltage_l1_v_above_s=5")
	expectRow(t, k.rows[1], "voltage_l1_v_above_s=15")
}

// How long a voltage lasted is not known where telegrams are far apart.
func TestEveryKnowsWhatItDoesNotKnow(t *testing.T) {
	k, _ := joined(t, time.Hour, []string{
		"2026-03-01T00:00:00+01:00,A,5.000,1,250,1",
		"2026-03-01T00:15:00+01:00,A,4.000,1,250,1", // the register fell
		"2026-03-01T00:30:00+01:00,A,4.500,,,1",
	})
	expectRow(t, k.rows[0], "voltage_l1_v_above_s= import_kwh_gain=0.500 import_kwh=4.500 telegrams=3")
}

// Days are local ones: of 23 hours in spring, 25 in autumn.
func TestEveryDay(t *testing.T) {
	for _, day := range []struct{ date, begin, end, seconds string }{
		{"2026-03-29", "+01:00", "+02:00", "82800"},
		{"2026-10-25", "+02:00", "+01:00", "90000"},
		{"2026-07-01", "+02:00", "+02:00", "86400"},
	} {
		k, _ := joined(t, Day, []string{
			day.date + "T12:00:00" + day.end + ",A,1,1,230,1",
			day.date + "T13:00:00" + day.end + ",A,2,1,230,1",
		})
		if len(k.rows) != 1 {
			t.Fatalf("%s: %d rows", day.date, len(k.rows))
		}
		expectRow(t, k.rows[0], "time="+day.date+"T00:00:00"+day.begin+" duration_s="+day.seconds)
	}
}

// The two passes of the repeated hour are two hours.
func TestEveryRepeatedHour(t *testing.T) {
	k, _ := joined(t, time.Hour, []string{
		"2026-10-25T02:10:00+02:00,A,1,1,230,1", "2026-10-25T02:50:00+02:00,A,2,1,230,1",
		"2026-10-25T02:10:00+01:00,A,4,1,230,1", "2026-10-25T02:50:00+01:00,A,8,1,230,1",
	})
	if len(k.rows) != 2 {
		t.Fatalf("%d rows, want 2", len(k.rows))
	}
	expectRow(t, k.rows[0], "time=2026-10-25T02:00:00+02:00 import_kwh_gain=1")
	expectRow(t, k.rows[1], "time=2026-10-25T02:00:00+01:00 import_kwh_gain=6")
}

// Whatever is missing, the gains of a meter add up to what its register gained.
func TestEveryAddsUp(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	for _, every := range []time.Duration{time.Minute, 15 * time.Minute, time.Hour, Day} {
		at := time.Date(2026, 3, 28, 20, 0, 0, 0, time.FixedZone("", 3600))
		wh := map[string]int64{"A": 1000, "B": 500}
		begun := map[string]int64{}
		var rows []string
		for range 3000 {
			meter := string("AB"[dice.IntN(2)])
			at = at.Add(time.Duration(1+dice.IntN(300)) * time.Second)
			wh[meter] += dice.Int64N(20)
			if _, seen := begun[meter]; !seen {
				begun[meter] = wh[meter]
			}
			rows = append(rows, fmt.Sprintf("%s,%s,%d.%03d,1,230,1", at.Format(time.RFC3339), meter, wh[meter]/1000, wh[meter]%1000))
		}
		k, _ := joined(t, every, rows)
		sums := map[string]*big.Rat{"A": new(big.Rat), "B": new(big.Rat)}
		n := 0
		for _, row := range k.rows {
			if gain, ok := new(big.Rat).SetString(row["import_kwh_gain"]); ok {
				sums[row["meter"]].Add(sums[row["meter"]], gain)
				n++
			}
		}
		if n < 4 {
			t.Fatalf("every %s: only %d rows with a gain", every, n)
		}
		for meter, sum := range sums {
			if want := big.NewRat(wh[meter]-begun[meter], 1000); sum.Cmp(want) != 0 {
				t.Errorf("every %s: the gains of %s add up to %s, want %s", every, meter, sum.FloatString(3), want.FloatString(3))
			}
		}
	}
}

// A meter that has been replaced does not keep its last row back.
func TestEveryEndsWhatIsOverdue(t *testing.T) {
	k, s := joined(t, 15*time.Minute, nil)
	for _, row := range []string{"00:01,A", "00:02,B", "00:16,B", "00:31,B"} {
		at, meter, _ := strings.Cut(row, ",")
		if err := s.write(valuesOf(t, fewColumns, "2026-03-01T"+at+":00+01:00", meter, "ok", "", "1", "1", "230", "1", "")); err != nil {
			t.Fatal(err)
		}
	}
	if len(k.rows) != 3 {
		t.Fatalf("%d rows, want 3", len(k.rows))
	}
	expectRow(t, k.rows[1], "meter=B time=2026-03-01T00:15:00+01:00")
	expectRow(t, k.rows[2], "meter=A time=2026-03-01T00:00:00+01:00 telegrams=1")
}

// Rows that nothing can be computed from are counted and said.
func TestEveryLeavesOut(t *testing.T) {
	k, s := joined(t, time.Hour, []string{",A,1,1,230,1", "2026-03-01T00:00:00,A,1,1,230,1"})
	expectRow(t, k.rows[0], "time=2026-03-01T00:00:00 utc_offset= telegrams=1")
	if words := s.words(); !strings.Contains(words, "1 without a time, 0 suspect") {
		t.Errorf("it says %q", words)
	}
}

// A span must divide a local day.
func TestEveryIsChecked(t *testing.T) {
	for d, ok := range map[time.Duration]bool{
		0: true, time.Minute: true, 15 * time.Minute: true, time.Hour: true, Day: true, 10 * time.Second: true,
		7 * time.Minute: false, 2 * time.Hour: false, -time.Minute: false, time.Millisecond: false,
	} {
		if err := checkEvery(d); (err == nil) != ok {
			t.Errorf("every %s: %v", d, err)
		}
	}
}

// What a register shows for a while only, or has shown before, is no gain: it counts from
// its value before the fall. Where it stays below that, it counts on from there.
func TestEveryAfterAFall(t *testing.T) {
	count := func(from float64, n int) (values []float64) {
		for i := range n {
			values = append(values, from+float64(i)/1000)
		}
		return values
	}
	mixed := func(a, b []float64) (values []float64) {
		for i := range a {
			values = append(values, a[i], b[i])
		}
		return values
	}
	for name, c := range map[string]struct {
		values []float64
		gain   string
	}{
		"zero, once":               {[]float64{100, 100.001, 0, 100.003}, "0.003"},
		"zero, for a while":        {[]float64{100, 0, 0, 0, 0, 100.002, 100.003}, "0.003"},
		"an empty cell":            {[]float64{100, -1, 100.002}, "0.002"},
		"the clock was set back":   {mixed(count(100, 50), count(101, 50)), "1.049"},
		"reset":                    {append(count(100, 50), count(0, 500)...), "0.548"},
		"reset at the end":         {append(count(100, 50), count(0, 5)...), "0.053"},
		"reset, and counts beyond": {append(count(0.1, 50), count(0, 400)...), "0.448"},
		"two falls":                {[]float64{100, 50, 0, 1, 100.5}, "0.500"},
		"no step up":               {[]float64{100, 50}, ""},
	} {
		var rows []string
		at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		for _, v := range c.values {
			cell := fmt.Sprintf("%.3f", v)
			if v < 0 {
				cell = ""
			}
			rows = append(rows, fmt.Sprintf("%s,A,%s,1,230,1", at.Format(time.RFC3339), cell))
			at = at.Add(10 * time.Second)
		}
		for _, every := range []time.Duration{Day, time.Hour, time.Minute} {
			k, _ := joined(t, every, rows)
			sum, some := new(big.Rat), false
			for _, row := range k.rows {
				if gain, ok := new(big.Rat).SetString(row["import_kwh_gain"]); ok {
					sum.Add(sum, gain)
					some = true
				}
			}
			if got := sum.FloatString(3); some && got != c.gain || some != (c.gain != "") {
				t.Errorf("%s, every %s: %s, want %q", name, every, got, c.gain)
			}
		}
	}
}

// A month and a week are those of the calendar, in local time; what a register shows at their end
// was gained in them.
func TestMonthsAndWeeks(t *testing.T) {
	rows := []string{
		"2026-03-01T00:00:00+01:00,A,10,,,", // a Sunday
		"2026-03-01T23:59:50+01:00,A,11,,,",
		"2026-03-02T00:00:00+01:00,A,12,,,",
		"2026-03-30T00:00:00+02:00,A,20,,,",
		"2026-03-31T23:59:50+02:00,A,30,,,",
		"2026-04-01T00:00:00+02:00,A,31,,,",
		"2026-04-01T00:00:10+02:00,A,33,,,",
	}
	months, _ := joined(t, Month, rows)
	expectRow(t, months.rows[0], "time=2026-03-01T00:00:00+01:00 duration_s=2674800 import_kwh_gain=21") // 31 days less an hour
	expectRow(t, months.rows[1], "time=2026-04-01T00:00:00+02:00 duration_s=2592000 import_kwh_gain=2")
	weeks, _ := joined(t, Week, rows)
	expectRow(t, weeks.rows[0], "time=2026-02-23T00:00:00+01:00 duration_s=604800 import_kwh_gain=2")
	expectRow(t, weeks.rows[1], "time=2026-03-02T00:00:00+01:00 duration_s=604800 import_kwh_gain= note=")
	expectRow(t, weeks.rows[2], "time=2026-03-30T00:00:00+02:00 duration_s=604800 import_kwh_gain=21")
	if note := weeks.rows[2]["note"]; note != "late: import_kwh" {
		t.Errorf("the third week says %q", note)
	}
	if len(months.rows) != 2 || len(weeks.rows) != 3 {
		t.Errorf("%d months, %d weeks", len(months.rows), len(weeks.rows))
	}
}
