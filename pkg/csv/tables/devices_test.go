package tables

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// spoken builds a telegram of lines; that of the meter's name is added.
func spoken(meter string, lines ...string) []byte {
	return []byte("/XMX5LGBBFG\r\n\r\n0-0:96.1.1(" + meter + ")\r\n" + strings.Join(lines, "\r\n") + "\r\n!05C6\r\n")
}

// rowsOf returns the rows of a table, each as its cells of the columns, with a
// blank between.
func rowsOf(t testing.TB, o Options, columns string, records ...record.Record) []string {
	t.Helper()
	_, rows := read(t, made(t, o, records...), ',')
	var list []string
	for _, r := range rows {
		var cells []string
		for _, name := range strings.Fields(columns) {
			cell, ok := r[name]
			if !ok {
				t.Fatalf("no column %s in table %s", name, o.Table)
			}
			if cell == "" {
				cell = "-"
			}
			cells = append(cells, cell)
		}
		list = append(list, strings.Join(cells, " "))
	}
	return list
}

func wantRows(t testing.TB, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// TestDialectsOfDevices reads one device of each form, as the standards print it.
func TestDialectsOfDevices(t *testing.T) {
	for _, c := range []struct{ name, table, lines, want string }{
		{"DSMR 2.2, two lines (P1 companion standard 2.2 §5.4)", Gas,
			"0-1:24.1.0(03)|0-1:96.1.0(3238303039303031313434303132)|0-1:24.3.0(090212160000)(00)(60)(1)(0-1:24.2.1)(m3)|(00000.101)|0-1:24.4.0(1)",
			"2009-02-12T16:00:00 - M1 1 28009001144012 gas 0.101"},
		{"DSMR 5, gas on channel 1 (5.0.2 §6.12)", Gas,
			"0-1:24.1.0(003)|0-1:96.1.0(3232323241424344313233343536373839)|0-1:24.2.1(101209112500W)(12785.123*m3)",
			"2010-12-09T11:25:00+01:00 +01:00 M1 1 2222ABCD123456789 gas 12785.123"},
		{"Fluvius, not converted, identifier under 96.1.1", Gas,
			"0-1:24.1.0(003)|0-1:96.1.1(37464C4F32313139303333373333)|0-1:24.4.0(1)|0-1:24.2.3(200512134558S)(00112.384*m3)",
			"2020-05-12T13:45:58+02:00 +02:00 M1 1 7FLO2119033733 gas 112.384"},
		{"Fluvius, water", Water,
			"0-2:24.1.0(007)|0-2:96.1.1(3853414731323334353637383930)|0-2:24.2.1(200512134558S)(00872.234*m3)",
			"2020-05-12T13:45:58+02:00 +02:00 M1 2 8SAG1234567890 water 872.234"},
		{"heat in GJ", Heat,
			"0-3:24.1.0(012)|0-3:96.1.0(H1)|0-3:24.2.1(260101000000W)(0012.345*GJ)",
			"2026-01-01T00:00:00+01:00 +01:00 M1 3 H1 heat 12.345"},
		{"heat in MJ", Heat,
			"0-3:24.1.0(004)|0-3:96.1.0(H1)|0-3:24.2.1(260101000000W)(12345*MJ)",
			"2026-01-01T00:00:00+01:00 +01:00 M1 3 H1 heat 12.345"},
		{"heat in kWh: 1,000 are 3.6 GJ", Heat,
			"0-3:24.1.0(004)|0-3:96.1.0(H1)|0-3:24.2.1(260101000000W)(1000.1*kWh)",
			"2026-01-01T00:00:00+01:00 +01:00 M1 3 H1 heat 3.60036"},
		{"cooling stands with heat", Heat,
			"0-4:24.1.0(010)|0-4:96.1.0(C1)|0-4:24.2.1(260101000000W)(1.5*GJ)",
			"2026-01-01T00:00:00+01:00 +01:00 M1 4 C1 cooling 1.5"},
		{"a device whose clock was never set", Gas,
			"0-1:24.1.0(003)|0-1:96.1.0(G1)|0-1:24.2.1(700101000000W)(00001.000*m3)",
			"1970-01-01T00:00:00+01:00 +01:00 M1 1 G1 gas 1.000"},
	} {
		value := c.table + "_m3"
		if c.table == Heat {
			value = "heat_gj"
		}
		r := ok(spoken("M1", strings.Split(c.lines, "|")...))
		for _, table := range []string{Gas, Water, Heat} {
			var want []string
			if table == c.table {
				want = []string{c.want}
			}
			columns := strings.Replace("time utc_offset meter channel device medium "+value, c.table+"_", table+"_", 1)
			if (table == Heat) != (c.table == Heat) {
				columns = "time"
			}
			if got := rowsOf(t, Options{Table: table}, columns, r); !slices.Equal(got, want) {
				t.Errorf("%s: table %s has %q, want %q", c.name, table, got, want)
			}
		}
	}
}

// gasAt is a telegram at a time of the meter with a gas reading of another time.
func gasAt(clock, device, at, reading string) *record.Telegram {
	return ok(spoken("M1", "0-0:1.0.0("+clock+")", "0-1:24.1.0(003)", "0-1:96.1.0("+device+")", "0-1:24.2.1("+at+")("+reading+"*m3)"))
}

func TestNewReadings(t *testing.T) {
	wantRows(t, rowsOf(t, Options{Table: Gas}, "time gas_m3 difference_m3 note",
		gasAt("260301100000W", "G1", "260301095500W", "00010.000"),
		gasAt("260301100001W", "G1", "260301095500W", "00010.000"),
		gasAt("260301100002W", "G1", "260301100000W", "00010.000"),
		gasAt("260301100003W", "G1", "260301100000W", "00010.000"),
		gasAt("260301100503W", "G1", "260301100500W", "00010.250"),
		gasAt("260301101003W", "G1", "260301100500W", "00010.300"),
	),
		"2026-03-01T09:55:00+01:00 10.000 - -",
		"2026-03-01T10:00:00+01:00 10.000 0.000 -",
		"2026-03-01T10:05:00+01:00 10.250 0.250 -",
		"2026-03-01T10:05:00+01:00 10.300 0.050 -") // another reading of the same time is one
}

func TestReplacedDevice(t *testing.T) {
	wantRows(t, rowsOf(t, Options{Table: Gas}, "device gas_m3 difference_m3 note",
		gasAt("260301100000W", "G1", "260301100000W", "00010.000"),
		gasAt("260301110000W", "G1", "260301110000W", "00011.000"),
		gasAt("260301120000W", "G2", "260301120000W", "00000.100"),
		gasAt("260301130000W", "G2", "260301130000W", "00000.400"),
		gasAt("260301140000W", "G2", "260301140000W", "00000.001"),
		gasAt("260301150000W", "", "260301150000W", "00000.002"),
		gasAt("260301160000W", "G1", "260301160000W", "00011.500"),
	),
		"G1 10.000 - -",
		"G1 11.000 1.000 -",
		"G2 0.100 - replaced",
		"G2 0.400 0.300 -",
		"G2 0.001 - fell",
		"- 0.002 0.001 -",
		"G1 11.500 0.500 -") // one that was there before is no replacement
	changes := told(t, Options{},
		gasAt("260301100000W", "G1", "260301100000W", "00010.000"),
		gasAt("260301100010W", "G2", "260301100005W", "00000.100"),
		gasAt("260301100020W", "G2", "260301100015W", "00000.050"),
	)
	wantRows(t, changes, "device_replaced 0-1:96.1.0 G1 G2", "register_fell 0-1:24.2.1 0.100 m3 0.050 m3")
}

// Suspect and unreadable telegrams neither make a row nor change what follows.
func TestDevicesOfUnreadTelegrams(t *testing.T) {
	for _, spoil := range []func(*record.Telegram){
		func(r *record.Telegram) { r.Suspect = "gas falls" },
		func(r *record.Telegram) { r.Status = record.Bad },
		func(r *record.Telegram) { r.Status = record.Lost },
	} {
		odd := gasAt("260301103000W", "G9", "260301103000W", "00000.001")
		spoil(odd)
		wantRows(t, rowsOf(t, Options{Table: Gas, Salvaged: true}, "device gas_m3 difference_m3 note",
			gasAt("260301100000W", "G1", "260301100000W", "00010.000"), odd,
			gasAt("260301110000W", "G1", "260301110000W", "00011.000"),
		), "G1 10.000 - -", "G1 11.000 1.000 -")
	}
	bad := gasAt("260301100000W", "G1", "260301100000W", "00010.000")
	bad.Status = record.Bad
	wantRows(t, rowsOf(t, Options{Table: Gas, AcceptBad: true}, "gas_m3 status", bad), "10.000 bad")
}

// Without S and W the zone tells the offset; in the hour that autumn repeats, the
// last reading that was over when the telegram was sent is meant.
func TestDevicesInAZone(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	var all []record.Record
	begin := time.Date(2026, 10, 24, 22, 0, 0, 0, time.UTC)
	for i := range 6 * 60 {
		at := begin.Add(time.Duration(i) * time.Minute)
		all = append(all, gasAt(stampOf(at)[:12], "G1", stampOf(at.Truncate(time.Hour))[:12], fmt.Sprintf("%05d.000", 10+i/60)))
	}
	wantRows(t, rowsOf(t, Options{Table: Gas, Zone: zone}, "time utc_offset gas_m3 note", all...),
		"2026-10-25T00:00:00+02:00 +02:00 10.000 -",
		"2026-10-25T01:00:00+02:00 +02:00 11.000 -",
		"2026-10-25T02:00:00+02:00 +02:00 12.000 -",
		"2026-10-25T02:00:00+01:00 +01:00 13.000 -",
		"2026-10-25T03:00:00+01:00 +01:00 14.000 -",
		"2026-10-25T04:00:00+01:00 +01:00 15.000 -")
	spring := ok(spoken("M1", "0-0:1.0.0(260329034000)", "0-1:24.1.0(003)", "0-1:96.1.0(G1)", "0-1:24.2.1(260329023000)(00001.000*m3)"))
	if got := rowsOf(t, Options{Table: Gas, Zone: zone}, "gas_m3 note", spring); !slices.Equal(got, []string{"1.000 ambiguous"}) {
		t.Errorf("in the hour that spring leaves out: %q", got)
	}
}

// A reading that cannot stand in the column is said, once, and makes no row.
func TestReadingInAnotherUnit(t *testing.T) {
	var words []string
	o := Options{Table: Heat, Say: func(s string) { words = append(words, s) }}
	r := ok(spoken("M1", "0-2:24.1.0(004)", "0-2:96.1.0(H1)", "0-2:24.2.1(260101000000W)(00012.345*m3)"))
	if got := rowsOf(t, o, "heat_gj", r, r); got != nil {
		t.Errorf("rows %q", got)
	}
	if len(words) != 1 || !strings.Contains(words[0], "channel 2") || !strings.Contains(words[0], "m3") {
		t.Errorf("said %q", words)
	}
}

func TestInUnit(t *testing.T) {
	for _, c := range []struct{ from, number, to, want string }{
		{"m3", "00123.456", "m3", "123.456"},
		{"dm3", "123456", "m3", "123.456"},
		{"l", "1", "m3", "0.001"},
		{"kJ", "1000000", "GJ", "1.000000"},
		{"J", "1", "GJ", "0.000000001"},
		{"MWh", "1.000", "GJ", "3.6000"},
		{"kWh", "1", "GJ", "0.0036"},
		{"Wh", "1", "GJ", "0.0000036"},
		{"Wh", "999999999999999999", "GJ", ""},
		{"m3", "1", "GJ", ""},
		{"kWh", "1", "m3", ""},
		{"", "1", "m3", ""},
	} {
		d, ok := inUnit(decimal(t, c.number), c.from, c.to)
		if ok != (c.want != "") || ok && d.String() != c.want {
			t.Errorf("%s %s is %v %s, %v, want %s", c.number, c.from, d, c.to, ok, c.want)
		}
	}
}

// house is a stream of two meters with devices whose readings grow as they like,
// each sent in several telegrams.
func house(rng *rand.Rand, telegrams int) []record.Record {
	var list []record.Record
	litres := [2][2]int{{5000, 70}, {800, 9000}}
	at := noon
	for i := range telegrams {
		at = at.Add(10 * time.Second)
		for m := range litres {
			var lines []string
			lines = append(lines, "0-0:1.0.0("+stampOf(at)+")")
			for d := range litres[m] {
				stamp := at.Truncate(5 * time.Minute)
				if i%30 == 0 {
					litres[m][d] += rng.IntN(400)
				}
				lines = append(lines, fmt.Sprintf("0-%d:24.1.0(003)", d+1), fmt.Sprintf("0-%d:96.1.0(G%d%d)", d+1, m, d),
					fmt.Sprintf("0-%d:24.2.1(%s)(%05d.%03d*m3)", d+1, stampOf(stamp), litres[m][d]/1000, litres[m][d]%1000))
			}
			list = append(list, ok(spoken(fmt.Sprint("M", m), lines...)))
		}
	}
	return list
}

// The differences of each device add up to its last reading less its first, a log
// read twice adds nothing, and damage adds nothing.
func TestDifferencesAddUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 11))
	for range 5 {
		all := house(rng, 400)
		damaged := slices.Clone(all)
		for i := range all {
			if rng.IntN(3) == 0 {
				bad := *all[i].(*record.Telegram)
				bad.Status, bad.Raw = record.Bad, []byte(strings.ReplaceAll(string(bad.Raw), "24.2.1(2", "24.2.1(9"))
				damaged = append(damaged, nil)
				copy(damaged[i+1:], damaged[i:])
				damaged[i] = &bad
			}
		}
		once := made(t, Options{Table: Gas}, all...)
		for name, records := range map[string][]record.Record{"twice": slices.Concat(all, all), "damaged": damaged} {
			if got := made(t, Options{Table: Gas}, records...); got != once {
				t.Errorf("%s: other rows", name)
			}
		}
		_, rows := read(t, once, ',')
		first, last, sum := map[string]telegram.Decimal{}, map[string]telegram.Decimal{}, map[string]telegram.Decimal{}
		for _, r := range rows {
			d := r["device"]
			last[d] = decimal(t, r["gas_m3"])
			if _, ok := first[d]; !ok {
				first[d] = last[d]
				continue
			}
			sum[d], _ = sum[d].Plus(decimal(t, r["difference_m3"]))
		}
		if len(first) != 4 {
			t.Fatalf("%d devices", len(first))
		}
		for d := range first {
			if want, _ := minus(last[d], first[d]); sum[d] != want {
				t.Errorf("%s: the differences add up to %v, from %v to %v", d, sum[d], first[d], last[d])
			}
		}
	}
}

// Logs in the wrong order lose no reading.
func TestDevicesOfLogsInWrongOrder(t *testing.T) {
	wantRows(t, rowsOf(t, Options{Table: Gas}, "time gas_m3 difference_m3 note",
		gasAt("260302100000W", "G1", "260302100000W", "00020.000"),
		gasAt("260302110000W", "G1", "260302110000W", "00021.000"),
		gasAt("260301100000W", "G1", "260301100000W", "00010.000"),
		gasAt("260301110000W", "G1", "260301110000W", "00011.000"),
		gasAt("260302110000W", "G1", "260302110000W", "00021.000"),
		gasAt("260302120000W", "G1", "260302120000W", "00022.000"),
	),
		"2026-03-02T10:00:00+01:00 20.000 - -",
		"2026-03-02T11:00:00+01:00 21.000 1.000 -",
		"2026-03-01T10:00:00+01:00 10.000 - earlier",
		"2026-03-01T11:00:00+01:00 11.000 1.000 -",
		"2026-03-02T12:00:00+01:00 22.000 11.000 -")
}

// A clock that loses its time does not lose the readings.
func TestDevicesOfAResetClock(t *testing.T) {
	wantRows(t, rowsOf(t, Options{Table: Gas}, "time gas_m3 difference_m3 note",
		gasAt("260302100000W", "G1", "260302100000W", "00020.000"),
		gasAt("000101000010W", "G1", "000101000000W", "00020.500"),
		gasAt("000101010010W", "G1", "000101010000W", "00021.000"),
		gasAt("260302130000W", "G1", "260302130000W", "00021.500"),
	),
		"2026-03-02T10:00:00+01:00 20.000 - -",
		"2000-01-01T00:00:00+01:00 20.500 0.500 never set",
		"2000-01-01T01:00:00+01:00 21.000 0.500 never set",
		"2026-03-02T13:00:00+01:00 21.500 0.500 -")
}
