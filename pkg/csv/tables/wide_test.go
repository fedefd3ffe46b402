package tables

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"p1/pkg/csv/prices"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// with builds a telegram of lines in their order, after a clock and an
// identifier.
func with(second int, lines ...string) []byte {
	return fmt.Appendf(nil, "/TST5meter\r\n\r\n0-0:1.0.0(2401051800%02dW)\r\n0-0:96.1.1(M1)\r\n%s\r\n!05C6\r\n",
		second, strings.Join(lines, "\r\n"))
}

// said makes a table, and returns what it said besides.
func said(t testing.TB, o Options, records ...record.Record) (text string, words []string) {
	t.Helper()
	o.Say = func(w string) { words = append(words, w) }
	return made(t, o, records...), words
}

// row1 returns the cells of the first row, without those that stand in front of
// every profile.
func row1(t testing.TB, text string) map[string]string {
	t.Helper()
	_, rows := read(t, text, ',')
	row := rows[0]
	for _, name := range strings.Fields(leading) {
		if _, ok := row[name]; !ok {
			t.Errorf("there is no column %s", name)
		}
		delete(row, name)
	}
	return row
}

func same(t testing.TB, what string, got, want map[string]string) {
	t.Helper()
	for name, cell := range got {
		if w, ok := want[name]; !ok || w != cell {
			t.Errorf("%s: %s is %q, want %q %v", what, name, cell, w, ok)
		}
	}
	for name := range want {
		if _, ok := got[name]; !ok {
			t.Errorf("%s: there is no column %s", what, name)
		}
	}
}

// TestAll has a line of each sort, and what its columns are called.
func TestAll(t *testing.T) {
	for _, test := range []struct {
		line string
		want map[string]string
	}{
		{"1-0:1.8.0(008234.524*kWh)", map[string]string{"import_kwh": "8234.524"}},
		{"1-0:1.8.0( 008234.524 *kWh )", map[string]string{"import_kwh": "8234.524"}},
		{"1-0:1.8.0(8234524*Wh)", map[string]string{"import_kwh": "8234.524"}},
		{"1-0:1.8.0(1*V)", map[string]string{"import_v": "1"}},
		{"1-0:1.8.0(1*foo)", map[string]string{"import_foo": "1"}},
		{"1-0:1.8.0(1)", map[string]string{"import_kwh": "1"}},
		{"0-1:24.2.1(1)", map[string]string{"mbus1": "1"}},
		{"0-1:24.2.1(260301120000W)(1.5*m3)(2*kWh)", map[string]string{"mbus1_m3": "1.5", "mbus1_kwh": "2", "mbus1_time": "2026-03-01T12:00:00+01:00"}},
		{"1-0:32.7.0(0000.242*kV)", map[string]string{"voltage_l1_v": "242"}},
		{"1-0:1.6.0(08.796*kW)(260102010000)", map[string]string{"import_max_kw": "8.796", "import_max_time": "2026-01-02T01:00:00"}},
		{"1-0:1.7.0(1*kW)\r\n1-1:31.4.0(040*A)(-040*A)", map[string]string{"import_kw": "1", "fuse_ch1_a": "40", "fuse_ch1_2_a": "-40"}},
		{"0-0:17.0.0(027.6*kVA)", map[string]string{"limiter_kva": "27.6"}},
		{"0-0:17.0.0(32*A)", map[string]string{"limiter_a": "32"}},
		{"0-0:94.91.7(12*foo)", map[string]string{"obis_0_0_94_91_7_foo": "12"}},
		{"0-0:94.91.7(12*a b)", map[string]string{"obis_0_0_94_91_7": "(12*a b)"}},
		{"1-1:1.7.0(00.480*kW)", map[string]string{"import_kw": "0.480"}},
		{"1-1:1.7.0(00.480*kW)\r\n1-0:2.7.0(1*kW)", map[string]string{"import_ch1_kw": "0.480", "export_kw": "1"}},
		{"0-1:24.1.0(006)\r\n0-1:24.2.1(1*m3)\r\n0-2:24.1.0(007)\r\n0-2:24.2.1(2*m3)\r\n0-3:24.1.0(007)\r\n0-3:24.2.1(3*m3)", map[string]string{
			"mbus1_type": "006", "mbus2_type": "007", "mbus3_type": "007", "hot_water_m3": "1", "water_ch2_m3": "2", "water_ch3_m3": "3"}},
		{"0-4:24.1.0(002)\r\n0-4:24.2.1(240105174500W)(00012.5*kWh)", map[string]string{"mbus4_type": "002", "electricity_kwh": "12.5", "electricity_time": "2024-01-05T17:45:00+01:00"}},
		{"0-1:24.1.0(003)\r\n0-1:96.1.0(4731)\r\n0-1:24.2.1(1*m3)\r\n0-2:24.1.0(003)\r\n0-2:96.1.0()\r\n0-2:24.2.1(700101010000W)(00000000)", map[string]string{
			"mbus1_type": "003", "mbus1_id": "G1", "gas_m3": "1", "mbus2_type": "003", "mbus2_id": ""}},
		{"7-0:23.1.0(090212160000)(00012.345*m3)\r\n7-0:0.0.0(4731)", map[string]string{"gas_m3": "12.345", "gas_time": "2009-02-12T16:00:00", "gas_device_id": "G1"}},
		{"1-0:1.8.0(1234567890123456789*kWh)", map[string]string{"import_kwh": ""}},
		{"1-0:1.8.0()", map[string]string{"import_kwh": ""}},
		{"1-0:1.8.255*255(1*kWh)", map[string]string{"import_kwh": "1"}},
		{"1-0:1.7.0(1*kW)\r\n1-0:1.7.0(2*kW)", map[string]string{"import_kw": "1"}},
		{"1-0:13.7.0(0.975)", map[string]string{"power_factor": "0.975"}},
		{"1-0:14.7.0(50.01*Hz)", map[string]string{"frequency_hz": "50.01"}},
		{"0-0:96.7.21(00004)", map[string]string{"power_failures": "4"}},
		{"0-0:96.14.0(0002)", map[string]string{"tariff": "0002"}},
		{"0-0:96.14.0(TARIFF 1)", map[string]string{"tariff": "TARIFF 1"}},
		{"0-0:96.50.68(ON)", map[string]string{"breaker_status": "ON"}},
		{"0-0:17.0.0(90.000*kW)", map[string]string{"limiter_kw": "90.000"}},
		{"0-0:17.0.0(90000*W)", map[string]string{"limiter_kw": "90.000"}},
		{"0-0:42.0.0(AUX1030312345678)", map[string]string{"logical_device": "AUX1030312345678"}},
		{"0-0:96.1.3(4D31)", map[string]string{"meter_id_3": "M1"}},
		{"0-0:96.1.3(4D3G)", map[string]string{"meter_id_3": "4D3G"}},
		{"0-0:96.5.0(00)", map[string]string{"meter_status": "00"}},
		{"0-0:96.13.0(48616C6C6F)", map[string]string{"message": "Hallo"}},
		{"0-0:96.13.0(" + strings.Repeat("\xFF", 1024) + ")", map[string]string{"message": ""}},
		{"1-0:1.6.0(230501101500S)(04.329*kW)", map[string]string{"import_max_kw": "4.329", "import_max_time": "2023-05-01T10:15:00+02:00"}},
		// The group meanings name what no list has.
		{"1-0:62.6.1(01.5*kW)", map[string]string{"export_l3_max_t1_kw": "1.5"}},
		{"0-0:94.91.7(12)", map[string]string{"obis_0_0_94_91_7": "12"}},
		{"0-0:94.91.7(12)(on)(3*bar)", map[string]string{"obis_0_0_94_91_7": "(12)(on)(3*bar)"}},
		{"1-0:99.97.0(1)(0-0:96.7.19)(211018104823S)(0000005521*s)",
			map[string]string{"power_failure_log": "(1)(0-0:96.7.19)(211018104823S)(0000005521*s)"}},
		{"0-1:24.1.0(003)\r\n0-1:96.1.0(4731)\r\n0-1:24.2.1(240105174500W)(00123.456*m3)", map[string]string{
			"mbus1_type": "003", "mbus1_id": "G1", "gas_m3": "123.456", "gas_time": "2024-01-05T17:45:00+01:00"}},
		{"0-1:24.1.0(003)\r\n0-1:24.3.0(240105170000)(00)(60)(1)(0-1:24.2.1)(m3)\r\n(00123.456)", map[string]string{
			"mbus1_type": "003", "gas_m3": "123.456", "gas_time": "2024-01-05T17:00:00"}},
		{"0-2:24.1.0(007)\r\n0-2:96.1.0(5731)\r\n0-2:24.2.1(240105174500W)(00003.1*m3)\r\n0-3:24.1.0(012)\r\n0-3:96.1.0(4831)\r\n0-3:24.2.1(240105174500W)(1.25*GJ)",
			map[string]string{"mbus2_type": "007", "mbus2_id": "W1", "water_m3": "3.1", "water_time": "2024-01-05T17:45:00+01:00",
				"mbus3_type": "012", "mbus3_id": "H1", "heat_gj": "1.25", "heat_time": "2024-01-05T17:45:00+01:00"}},
		{"0-1:24.1.0(003)\r\n0-1:96.1.0(4731)\r\n0-1:24.2.1(240105174500W)(1*m3)\r\n0-2:24.1.0(003)\r\n0-2:96.1.0(4732)\r\n0-2:24.2.3(240105173000W)(2*m3)",
			map[string]string{"mbus1_type": "003", "mbus1_id": "G1", "gas_ch1_m3": "1", "gas_ch1_time": "2024-01-05T17:45:00+01:00",
				"mbus2_type": "003", "mbus2_id": "G2", "gas_ch2_m3": "2", "gas_ch2_time": "2024-01-05T17:30:00+01:00"}},
	} {
		text, words := said(t, Options{Profile: All}, ok(with(0, test.line)))
		got := row1(t, text)
		delete(got, "meter_id_1")
		same(t, test.line[:min(40, len(test.line))], got, test.want)
		if doubted := strings.Contains(test.line, "\n1-0:1.7.0(2") || strings.Contains(test.line, "56789*kWh"); doubted != (words != nil) {
			t.Errorf("%s: said %q", test.line, words)
		}
	}
}

// TestMonthEnd has the line of a Hungarian meter, in one piece and wrapped.
func TestMonthEnd(t *testing.T) {
	want := map[string]string{"month_end_time": "2023-08-01T00:00:00+02:00"}
	line := "0-0:98.1.0(230801000000S)"
	put := func(unit, column string, names ...string) {
		for _, name := range names {
			n := len(want)
			line += fmt.Sprintf("(%06d.%03d*%s)", n, n, unit)
			want["month_end_"+name+column] = fmt.Sprintf("%d.%03d", n, n)
		}
	}
	// The order that four makes of meters have.
	put("kWh", "_kwh", "import", "import_t1", "import_t2", "export", "export_t1", "export_t2")
	put("kvarh", "_kvarh", "reactive_import", "reactive_export", "reactive_q1", "reactive_q2", "reactive_q3", "reactive_q4")
	put("kWh", "_kwh", "combined")
	put("kW", "_kw", "import_max", "import_max_t1", "import_max_t2", "export_max", "export_max_t1", "export_max_t2")
	if len(want) != 20 {
		t.Fatalf("%d columns", len(want))
	}
	for _, l := range []string{line, strings.ReplaceAll(line, ")(", ")\r\n(")} {
		got := row1(t, made(t, Options{Profile: All}, ok(with(0, l))))
		delete(got, "meter_id_1")
		same(t, "all", got, want)
		got = row1(t, made(t, Options{Profile: Hungary}, ok(with(0, l))))
		for name := range got {
			if !strings.HasPrefix(name, "month_end_") {
				delete(got, name)
			}
		}
		same(t, Hungary, got, want)
	}
}

// TestOrder has columns in the order in which their codes were met first.
func TestOrder(t *testing.T) {
	day := telegrams(
		with(0, "1-0:2.7.0(1*kW)", "1-0:1.7.0(2*kW)"),
		with(10, "1-0:1.7.0(3*kW)", "1-0:14.7.0(50*Hz)", "1-0:2.7.0(4*kW)"))
	want := strings.ReplaceAll(leading, " ", ",") + ",meter_id_1,export_kw,import_kw,frequency_hz\n" +
		"2024-01-05T18:00:00+01:00,+01:00,,,M1,ok,,,M1,1,2,\n" +
		"2024-01-05T18:00:10+01:00,+01:00,,,M1,ok,,,M1,4,3,50\n"
	if got, words := said(t, Options{Profile: All}, day...); got != want || words != nil {
		t.Errorf("got\n%swant\n%s%q", got, want, words)
	}
}

// TestNewcomers has codes that come too late for a column.
func TestNewcomers(t *testing.T) {
	var day []record.Record
	for i := range heldRecords + 5 {
		lines := []string{"1-0:1.7.0(2*kW)"}
		if i >= heldRecords {
			lines = append(lines, "1-0:62.7.0(1*kW)", "0-1:24.1.0(003)", "0-1:24.2.1(240105174500W)(1*m3)")
		}
		if i > heldRecords {
			lines = append(lines, "1-0:62.6.1(1*kW)", "0-0:94.91.7(x)")
		}
		day = append(day, ok(with(i%60, lines...)))
	}
	text, words := said(t, Options{Profile: All}, day...)
	if names, rows := read(t, text, ','); len(rows) != len(day) || names[len(names)-1] != "import_kw" {
		t.Errorf("%d rows, columns %v", len(rows), names)
	}
	if len(words) != 2 {
		t.Fatalf("said %q", words)
	}
	for _, want := range []string{"export_l3_kw (1-0:62.7.0)", "gas_m3 (0-1:24.2.1)", "--columns export_l3_kw,mbus1_type,gas_m3,gas_time "} {
		if !strings.Contains(words[0], want) {
			t.Errorf("%q does not say %q", words[0], want)
		}
	}
	_, ask, _ := strings.Cut(words[0], "--columns ")
	ask, _, _ = strings.Cut(ask, " ")
	_, more, _ := strings.Cut(words[1], "--columns ")
	more, _, _ = strings.Cut(more, " ")
	// What it says to do is done, and then there is nothing left to say.
	o := Options{Profile: All, Columns: strings.Split(ask+","+more, ",")}
	text, words = said(t, o, day...)
	_, rows := read(t, text, ',')
	last := rows[len(rows)-1]
	for name, want := range map[string]string{"export_l3_kw": "1", "gas_m3": "1", "export_l3_max_t1_kw": "1", "obis_0_0_94_91_7": "x"} {
		if last[name] != want {
			t.Errorf("%s is %q", name, last[name])
		}
	}
	if words != nil {
		t.Errorf("said %q", words)
	}
}

// TestNewcomersWithPrices: a register that comes too late for a column is told once also where
// costs are computed of it, and they are.
func TestNewcomersWithPrices(t *testing.T) {
	p, err := prices.Read("prices.txt", strings.NewReader("import 0.50 EUR/kWh\n"))
	if err != nil {
		t.Fatal(err)
	}
	var day []record.Record
	for i := range heldRecords + 10 {
		lines := []string{"1-0:1.7.0(2*kW)"}
		if i >= heldRecords {
			lines = append(lines, fmt.Sprintf("1-0:1.8.3(%d*kWh)", 100+2*(i-heldRecords)))
		}
		minute := fmt.Appendf(nil, "24010518%02d", i/60)
		day = append(day, ok(bytes.Replace(with(i%60, lines...), []byte("2401051800"), minute, 1)))
	}
	text, words := said(t, Options{Profile: All, Every: time.Hour, Prices: p}, day...)
	if len(words) != 1 || !strings.Contains(words[0], "import_t3_kwh (1-0:1.8.3); with --columns import_t3_kwh they have one") {
		t.Errorf("said %q", words)
	}
	names, rows := read(t, text, ',')
	if slices.Contains(names, "import_t3_kwh") || len(rows) == 0 || rows[len(rows)-1]["cost_eur"] != "9.00" {
		t.Errorf("%v, %v", names, rows)
	}
}

// TestManyNewcomers does not say for ever what there is.
func TestManyNewcomers(t *testing.T) {
	day := telegrams(with(0, "1-0:1.7.0(2*kW)"))
	for range heldRecords {
		day = append(day, day[0])
	}
	for c := range 90 {
		for d := range 20 {
			day = append(day, ok(with(0, fmt.Sprintf("0-0:%d.%d.7(x)", c, d))))
		}
	}
	_, words := said(t, Options{Profile: All}, day...)
	if len(words) < 10 || len(words) > maxNews+1 {
		t.Errorf("said %d times", len(words))
	}
}

// TestManyCodes has more codes than there may be columns.
func TestManyCodes(t *testing.T) {
	var lines []string
	for c := range 100 {
		for d := range 20 {
			lines = append(lines, fmt.Sprintf("0-0:%d.%d.7(x)", c, d))
		}
	}
	text, words := said(t, Options{Profile: All}, ok(with(0, lines...)))
	if names, _ := read(t, text, ','); len(names) != maxColumns {
		t.Errorf("%d columns", len(names))
	}
	if len(words) == 0 {
		t.Error("nothing is said")
	}
}

// TestLiveDoesNotWait has a live stream, whose first rows are written at once.
func TestLiveDoesNotWait(t *testing.T) {
	for _, live := range []bool{false, true} {
		var b bytes.Buffer
		w, err := New(&b, Options{Profile: All})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			r := ok(with(i))
			r.Live = live
			if err := w.Take(r); err != nil {
				t.Fatal(err)
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			want := 0
			if live {
				want = 2 + i
			}
			if got := strings.Count(b.String(), "\n"); got != want {
				t.Errorf("live %v: %d lines after %d telegrams, want %d", live, got, i+1, want)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(b.String(), "\n"); got != 4 {
			t.Errorf("live %v: %d lines", live, got)
		}
	}
}

// TestUnknownCRC has the table of a stream whose CRC nobody knows.
func TestUnknownCRC(t *testing.T) {
	r := ok(with(0, "1-0:1.8.0(8234.524*kWh)", "1-0:4.8.1(1*kvarh)"))
	r.Status, r.CRC, r.CRCCalc = record.Bad, record.CRCUnknown, ""
	for _, profile := range []string{Default, Hungary, All} {
		if _, rows := read(t, made(t, Options{Profile: profile}, r), ','); len(rows) != 0 {
			t.Errorf("%s: %v", profile, rows)
		}
		_, rows := read(t, made(t, Options{Profile: profile, AcceptBad: true}, r), ',')
		if len(rows) != 1 || rows[0]["import_kwh"] != "8234.524" || rows[0]["status"] != "bad" {
			t.Errorf("%s: %v", profile, rows)
		}
	}
	_, rows := read(t, made(t, Options{Profile: All, AcceptBad: true}, r), ',')
	if got := rows[0]["reactive_export_t1_kvarh"]; got != "1" {
		t.Errorf("4.8.1 is %q", got)
	}
	// Where there are good ones, the damage of bad ones makes no columns.
	good := ok(with(0, "1-0:1.8.0(8234.524*kWh)"))
	bad := ok(with(0, "1-0:1.8.0(8234.524*kWh)", "1-0:9.0.0(8234.524*kWh)"))
	bad.Status = record.Bad
	names, rows := read(t, made(t, Options{Profile: All, AcceptBad: true}, bad, good), ',')
	if len(rows) != 2 || names[len(names)-1] != "import_kwh" {
		t.Errorf("columns %v", names)
	}
}

// TestSalvagedProfiles has rows of trusted lines only.
func TestSalvagedProfiles(t *testing.T) {
	whole := ok(with(0, "1-0:1.7.0(2*kW)", "1-0:2.7.0(1*kW)", "0-0:96.13.0(41)", "0-1:24.1.0(003)", "0-1:24.2.1(240105174500W)(1*m3)", "0-2:24.1.0(007)", "0-2:24.2.1(240105174500W)(2*m3)"))
	some := ok(with(10, "1-0:1.7.0(3*kW)", "1-0:2.7.0(4*kW)", "0-0:96.13.0(42)", "0-1:24.1.0(003)", "0-1:24.2.1(240105174500W)(3*m3)", "0-2:24.1.0(007)", "0-2:24.2.1(240105174500W)(4*m3)", "0-3:24.1.0(003)"))
	some.Status = record.Salvaged
	some.Trusted = []record.Trusted{{Line: 4, Code: "0-0:96.1.1"}, {Line: 5, Code: "1-0:1.7.0"}, {Line: 9, Code: "0-1:24.2.1"}}
	for _, o := range []Options{
		{Profile: All},
		{Columns: strings.Split("time,clock,meter,import_kw,export_kw,message,gas_m3,water_m3,gas_time,interval_import_kw,net_current_a", ",")},
	} {
		if _, rows := read(t, made(t, o, whole, some), ','); len(rows) != 1 {
			t.Fatalf("%d rows without --salvaged", len(rows))
		}
		o.Salvaged = true
		_, rows := read(t, made(t, o, whole, some), ',')
		want := map[string]string{"meter": "M1", "import_kw": "3", "gas_m3": "3", "gas_time": "2024-01-05T17:45:00+01:00", "clock": "missing"}
		for name, cell := range rows[1] {
			switch name {
			case "status", "meter_id_1":
			default:
				if cell != want[name] {
					t.Errorf("%v: %s is %q, want %q", o.Columns, name, cell, want[name])
				}
			}
		}
		if rows[0]["export_kw"] != "1" || rows[0]["water_m3"] != "2" || rows[0]["message"] != "A" {
			t.Errorf("the whole one: %v", rows[0])
		}
	}
	// Without the line that names the meter it is not known whose gas it is.
	some.Trusted = some.Trusted[1:]
	_, rows := read(t, made(t, Options{Columns: []string{"meter", "gas_m3"}, Salvaged: true}, whole, some), ',')
	if rows[1]["meter"] != "" || rows[1]["gas_m3"] != "" {
		t.Errorf("%v", rows[1])
	}
}

// TestDevicesStayInTheirColumns has devices that fall silent, and one that takes
// the place of another.
func TestDevicesStayInTheirColumns(t *testing.T) {
	device := func(channel int, reading string) string {
		return fmt.Sprintf("0-%d:24.1.0(003)\r\n0-%d:96.1.0(%d)\r\n0-%d:24.2.1(240105174500W)(%s*m3)", channel, channel, channel, channel, reading)
	}
	first, second := device(1, "1"), device(2, "2")
	for _, test := range []struct {
		name string
		day  [][]byte
		want []string
	}{
		{"alone", [][]byte{with(0, first), with(10, first)}, []string{"1", "1"}},
		{"one falls silent", [][]byte{with(0, first, second), with(10, second), with(20, first, second)}, []string{"1", "", "1"}},
		{"it is replaced", [][]byte{with(0, first), with(10, second), with(20, second)}, []string{"1", "2", "2"}},
		{"the second one read last", [][]byte{with(0, strings.Replace(first, "1745", "0000", 1), second)}, []string{"2"}},
		{"another medium", [][]byte{with(0, first), with(10, strings.Replace(first, "003", "007", 1))}, []string{"1", ""}},
	} {
		_, rows := read(t, made(t, Options{Columns: []string{"gas_m3"}, NoHeader: false}, telegrams(test.day...)...), ',')
		if got := rows.column("gas_m3"); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
	_, rows := read(t, made(t, Options{Columns: []string{"gas_ch2_m3", "gas_ch2_id", "water_ch2_m3"}}, ok(with(0, first, second))), ',')
	if got := rows[0]; got["gas_ch2_m3"] != "2" || got["gas_ch2_id"] != "2" || got["water_ch2_m3"] != "" {
		t.Errorf("%v", got)
	}
	heat := "0-1:24.1.0(004)\r\n0-1:96.1.0(1)\r\n0-1:24.2.1(240105174500W)(1250*MJ)"
	_, rows = read(t, made(t, Options{Columns: []string{"heat_gj", "heat_kwh", "heat_mj"}}, ok(with(0, heat))), ',')
	if got := rows[0]; got["heat_gj"] != "1.250" || got["heat_kwh"] != "" || got["heat_mj"] != "1250" {
		t.Errorf("%v", got)
	}
}

// TestWatts has the same quantities without the k, exactly.
func TestWatts(t *testing.T) {
	r := ok(with(0, "1-0:1.8.0(008234.524*kWh)", "1-0:1.7.0(02.949*kW)", "1-0:2.7.0(0.0005*kW)", "1-0:3.7.0(1*kvar)", "1-0:9.7.0(3*VA)",
		"1-0:32.7.0(235.3*V)", "1-0:2.8.0(123456789012345678*kWh)", "1-0:4.8.0(1.5*kvarh)", "0-0:17.0.0(90*kW)"))
	got := row1(t, made(t, Options{Profile: All, Units: W}, r))
	delete(got, "meter_id_1")
	same(t, "W", got, map[string]string{"import_wh": "8234524", "import_w": "2949", "export_w": "0.5", "reactive_import_var": "1000",
		"apparent_import_va": "3", "voltage_l1_v": "235.3", "export_wh": "", "reactive_export_varh": "1500", "limiter_w": "90000"})

	// The default's columns, in another unit.
	names, rows := read(t, made(t, Options{Units: W}, telegrams(first, second)...), ',')
	want := strings.NewReplacer("_kwh", "_wh", "_kw", "_w").Replace(frozen[Default])
	if got := strings.Join(names, ","); got != want {
		t.Errorf("columns %s", got)
	}
	_, kilo := read(t, made(t, Options{}, telegrams(first, second)...), ',')
	for i, row := range kilo {
		for name, cell := range row {
			shown := strings.NewReplacer("_kwh", "_wh", "_kw", "_w").Replace(name)
			if shown == name {
				if got := rows[i][name]; got != cell {
					t.Errorf("%s is %q, want %q", name, got, cell)
				}
				continue
			}
			k, ok1 := telegram.ParseDecimal(cell)
			w, ok2 := telegram.ParseDecimal(rows[i][shown])
			if ok1 != ok2 || ok1 && k.Shift(-3).Rat().Cmp(w.Rat()) != 0 {
				t.Errorf("%s is %q, %s %q", name, cell, shown, rows[i][shown])
			}
		}
	}
}

// TestWideIsDefault makes the columns of the default profile by their names: the
// same bytes.
func TestWideIsDefault(t *testing.T) {
	var all []record.Record
	for _, r := range day() {
		all = append(all, r)
	}
	all = append(all, telegrams(dutch("240105180000W", "1.5", "2.5"), dutch("240105180001W", "1.501", "2.502"))...)
	names := strings.Split(frozen[Default], ",")
	if got, want := made(t, Options{Columns: names}, all...), made(t, Options{}, all...); got != want {
		t.Error("the columns of default differ when they are asked for by their names")
	}
}

func TestColumnNames(t *testing.T) {
	r := ok(raw(0, nil))
	for _, test := range []struct {
		columns string
		o       Options
		want    string // heading, or the words of the error
		wrong   bool
	}{
		{"import_kwh,time", Options{}, "import_kwh,time", false},
		{" import_kwh , time", Options{}, "import_kwh,time", false},
		{"1-0:32.7.0,1-0:62.6.1", Options{}, "voltage_l1_v,export_l3_max_t1_kw", false},
		{"export_l3_max_t1_kw,month_end_import_kwh", Options{}, "export_l3_max_t1_kw,month_end_import_kwh", false},
		{"import_kw,import_wh", Options{Units: W}, "import_w,import_wh", false},
		{"0-1:24.2.1,gas_time,gas_valve", Options{}, "mbus1,gas_time,gas_valve", false},
		{"obis_0_0_94_91_7,obis_0_0_94_91_7_3", Options{}, "obis_0_0_94_91_7,obis_0_0_94_91_7_3", false},
		{"header,source,clock,meter_clock,meter_status", Options{}, "header,source,clock,meter_clock,meter_status", false},
		{"electricity_id,electricity_kwh", Options{}, "electricity_id,electricity_kwh", false},
		{"obis_94_7", Options{}, "obis_94_7", true},
		{"impot_kwh", Options{}, `"impot_kwh" (did mean import_kwh?)`, true},
		{"voltage", Options{}, `voltage_l1_v`, true},
		{"voltag_l1_v,time", Options{}, `mean voltage_l1_v?`, true},
		{"gas", Options{}, "gas_m3", true},
		{"xyzzyxyzzy", Options{}, `no column "xyzzyxyzzy"; OBIS`, true},
		{"time,,meter", Options{}, `no column ""`, true},
		{"time,time", Options{}, "time twice", true},
		{"1-0:32.7.0,voltage_l1_v", Options{}, "voltage_l1_v twice", true},
		{"time", Options{Profile: Seed}, "seed fixed", true},
		{"time", Options{Table: Validity}, "records", true},
		{"import_kwh", Options{Format: Influx}, "influx time", true},
	} {
		o := test.o
		o.Columns = strings.Split(test.columns, ",")
		var b bytes.Buffer
		w, err := New(&b, o)
		if test.wrong {
			if err == nil {
				t.Errorf("%s: no error", test.columns)
				continue
			}
			for _, word := range strings.Fields(test.want) {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("%s: %v does not say %s", test.columns, err, word)
				}
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", test.columns, err)
			continue
		}
		if err := w.Take(r); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got, _, _ := strings.Cut(b.String(), "\n"); got != test.want {
			t.Errorf("%s: %s, want %s", test.columns, got, test.want)
		}
	}
	// With a profile they stand after its own.
	if got, _ := read(t, made(t, Options{Profile: Default, Columns: []string{"header"}}, r), ','); strings.Join(got, ",") != frozen[Default]+",header" {
		t.Errorf("columns %v", got)
	}
	names, _ := read(t, made(t, Options{Profile: Sweden, Columns: []string{"header"}}, r), ',')
	if len(names) < 20 || names[len(names)-1] != "header" || names[0] != "time" {
		t.Errorf("columns %v", names)
	}
}

// TestNamesAreFound finds each column of each profile by its name.
func TestNamesAreFound(t *testing.T) {
	for _, profile := range []string{Netherlands, Belgium, Luxembourg, Sweden, Hungary} {
		names, _ := read(t, made(t, Options{Profile: profile}), ',')
		again, _ := read(t, made(t, Options{Columns: names}), ',')
		if !slices.Equal(names, again) || len(names) < 30 {
			t.Errorf("%s: %v are %v", profile, names, again)
		}
	}
}

func TestFormatOptions(t *testing.T) {
	for _, o := range []Options{
		{Format: JSON, Delimiter: ';'}, {Format: JSON, BOM: true}, {Format: Influx, DecimalComma: true},
		ExcelEU(Options{Format: JSON}), {Format: "xml"}, {Units: "MW"}, {Profile: Seed, Units: W},
	} {
		if _, err := New(&bytes.Buffer{}, o); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
}

// TestDoubts has values that do not fit their columns.
func TestDoubts(t *testing.T) {
	day := telegrams(
		with(0, "1-0:1.8.0(1234567890123456789*kWh)", "1-0:1.7.0()", "1-0:2.7.0(1*V)", "1-0:32.7.0(*V)", "0-0:96.14.0(x)"),
		with(10, "1-0:1.8.0(1234567890123456789*kWh)", "1-0:1.7.0(\xFF\xFF)", "1-0:2.7.0(2*V)", "1-0:52.7.0(-)"))
	for _, profile := range []string{Default, All, Netherlands} {
		_, words := said(t, Options{Profile: profile}, day...)
		want := []string{"1-0:1.8.0(1234567890123456789*kWh) has more than 18 digits", "1-0:2.7.0(1*V) is in V, not in kW", "1-0:52.7.0(-) is not a number"}
		switch profile {
		case Netherlands:
			want = want[1:] // it has no column for 1.8.0
		case All:
			want = slices.Delete(want, 1, 2) // it has one for the V
		}
		if len(words) != len(want) {
			t.Fatalf("%s: said %q", profile, words)
		}
		for i, w := range want {
			if !strings.HasPrefix(words[i], w) {
				t.Errorf("%s: said %q, want %q", profile, words[i], w)
			}
		}
	}
	for _, r := range day {
		r.(*record.Telegram).Status = record.Bad
	}
	if _, words := said(t, Options{Profile: All, AcceptBad: true}, day...); words != nil {
		t.Errorf("of what is not verified: %q", words)
	}
}
