package tables

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// The goldens are worked out by hand from the telegrams: (235.3+232.3+232.3)/3
// is 233.3 V; 2949 W / 233.3 V = 12.6404 A; 1200 W / 233.3 V = 5.1436 A;
// 0.008 kWh in 10 s are 2.880 kW, and 0.001 kWh 0.360 kW.

var (
	first  = raw(1024, nil)
	second = raw(1024, lines{
		"0-0:1.0.0": "230824012140S",
		"1-0:1.8.0": "008234.532*kWh",
		"1-0:2.8.0": "000376.541*kWh",
		"1-0:1.7.0": "00.000*kW",
		"1-0:2.7.0": "01.200*kW",
	})
)

func TestDefaultGolden(t *testing.T) {
	want := frozen[Default] + "\n" +
		"2023-08-24T01:21:30+02:00,+02:00,9912345678,ok,,,0002," +
		"8234.524,4129.862,4104.662,376.540,287.820,88.720,2.949,0.000," +
		"235.3,232.3,232.3,0,10,2,,,,,,,,,12.640\n" +
		"2023-08-24T01:21:40+02:00,+02:00,9912345678,ok,,,0002," +
		"8234.532,4129.862,4104.662,376.541,287.820,88.720,0.000,1.200," +
		"235.3,232.3,232.3,0,10,2,,,,,,,2.880,0.360,-5.144\n"
	if got := made(t, Options{}, telegrams(first, second)...); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := made(t, Options{NoHeader: true}, telegrams(first, second)...); got != want[len(frozen[Default])+1:] {
		t.Errorf("without heading\n%s", got)
	}
}

func TestExcelGolden(t *testing.T) {
	want := "\uFEFF" + strings.ReplaceAll(frozen[Default], ",", ";") + "\r\n" +
		"2023-08-24 01:21:30;\"=\"\"+02:00\"\"\";\"=\"\"9912345678\"\"\";repaired;0,875000;;\"=\"\"0002\"\"\";" +
		"8234,524;4129,862;4104,662;376,540;287,820;88,720;2,949;0,000;" +
		"235,3;232,3;232,3;0;10;2;;;;;;;;;12,640\r\n"
	r := ok(first)
	r.Status, r.Confidence = record.Repaired, 0.875
	if got := made(t, ExcelEU(Options{}), r); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestDutchGolden(t *testing.T) {
	want := frozen[Default] + "\n" +
		"2024-01-05T18:00:00+01:00,+01:00,E0031003999999999,ok,,,0001," +
		",1.500,2.500,,0.000,0.000,0.372,0.000,229.0,,,,,,0.372,,,0.000,,,,,1.624\n" +
		"2024-01-05T18:00:01+01:00,+01:00,E0031003999999999,ok,,,0001," +
		",1.501,2.502,,0.000,0.000,0.372,0.000,229.0,,,,,,0.372,,,0.000,,,10.800,0.000,1.624\n"
	got := made(t, Options{}, telegrams(
		dutch("240105180000W", "000001.500", "000002.500"),
		dutch("240105180001W", "000001.501", "000002.502"))...)
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestRegistersExact sends random digits: the cell has the same, but for zeros
// before the units.
func TestRegistersExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	digits := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte("0000123456789"[rng.IntN(13)])
		}
		return b.String()
	}
	codes := []string{"1-0:1.8.0", "1-0:1.8.1", "1-0:1.8.2", "1-0:2.8.0", "1-0:2.8.1", "1-0:2.8.2"}
	columns := strings.Split(frozen[Default], ",")[7:13]
	for range 200 {
		sent, want := lines{}, []string{}
		for _, code := range codes {
			whole, part := digits(1+rng.IntN(12)), digits(rng.IntN(6))
			cell := strings.TrimLeft(whole[:len(whole)-1], "0") + whole[len(whole)-1:]
			sent[code] = whole + "*kWh"
			if part != "" {
				sent[code] = whole + "." + part + "*kWh"
				cell += "." + part
			}
			want = append(want, cell)
		}
		_, rows := read(t, made(t, Options{}, ok(raw(0, sent))), ',')
		for i, column := range columns {
			if got := rows[0][column]; got != want[i] {
				t.Errorf("%s(%s) is %s %s", codes[i], sent[codes[i]], column, got)
			}
		}
	}
}

// TestNumbersAreThoseOfTelegram compares the single pass over the lines with
// looking up each code.
func TestNumbersAreThoseOfTelegram(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	phases := []string{"1-0:21.7.0", "1-0:41.7.0", "1-0:61.7.0", "1-0:22.7.0", "1-0:42.7.0", "1-0:62.7.0"}
	values := []string{"", "0", "1.5", "2*kW", "3000*W", "4*kWh", "5*Wh", "6.*V", ".7*A", "8*mA", "x*kW", "-9*kW", "1)(2*kW", "1 *kW", "gone"}
	seen := 0
	for range 100 {
		sent := lines{}
		for _, code := range phases {
			sent[code] = values[rng.IntN(len(values))]
		}
		for _, l := range hungarian {
			if rng.IntN(2) == 0 {
				sent[l[0]] = values[rng.IntN(len(values))]
			}
		}
		// Some lines come twice.
		bytes := raw(0, sent, append(phases, "1-0:1.8.0", "1-0:41.7.0")...)
		r, err := newRecords(io.Discard, checked(t, Options{}))
		if err != nil {
			t.Fatal(err)
		}
		if err := r.take(ok(bytes)); err != nil {
			t.Fatal(err)
		}
		plain := telegram.Parse(bytes)
		for i, q := range r.list {
			values, present := plain.Find(q.code)
			if q.kind != numberKind || q.code == "" || !present {
				continue
			}
			seen++
			want, ok := plain.NumberOf(values, q.unit, telegram.Lookup(q.code).Unit, q.nth)
			if got := r.row[i]; got.number != want || (got.form == numberForm) != ok {
				t.Errorf("%s is %v, want %v %v, in\n%s", q.code, got, want, ok, bytes)
			}
		}
		for b, code := range basisCodes() {
			values, present := plain.Find(code)
			want, ok := plain.NumberOf(values, basis(b).unit(), basis(b).unit(), 0)
			if got := r.view.reading(basis(b)); got != (reading{want, present, ok}) {
				t.Errorf("%s is %v, want %v %v %v, in\n%s", code, got, want, present, ok, bytes)
			}
		}
	}
	if seen < 1000 {
		t.Errorf("only %d numbers seen", seen)
	}
}

func TestUnits(t *testing.T) {
	_, rows := read(t, made(t, Options{}, ok(raw(0, lines{
		"1-0:1.8.0": "8234524*Wh", "1-0:2.8.0": "000376.540*kvarh", "1-0:1.7.0": "02949*W", "1-0:2.7.0": "",
		"1-0:32.7.0": "*V",
	}))), ',')
	for column, want := range map[string]string{
		"import_kwh": "8234.524", "export_kwh": "", "import_kw": "2.949", "export_kw": "",
		"voltage_l1_v": "", "net_current_a": "",
	} {
		if got := rows[0][column]; got != want {
			t.Errorf("%s is %q, want %q", column, got, want)
		}
	}
}

// at is a telegram at a time with a register.
func at(clock, imported string) []byte {
	return raw(0, lines{"0-0:1.0.0": clock, "1-0:1.8.0": imported + "*kWh"})
}

func TestIntervals(t *testing.T) {
	gone := func(clock string) []byte { return raw(0, lines{"0-0:1.0.0": clock, "1-0:1.8.0": "gone"}) }
	for _, test := range []struct {
		name string
		raws [][]byte
		want string // interval_import_kw of each, joined by blanks, _ for an empty one
	}{
		{"a minute", [][]byte{at("230824120000S", "1.000"), at("230824120100S", "1.100")}, "_ 6.000"},
		{"61 s are a gap", [][]byte{at("230824120000S", "1.000"), at("230824120101S", "1.100")}, "_ _"},
		{"after a gap", [][]byte{at("230824120000S", "1"), at("230824130000S", "2"), at("230824130001S", "3")}, "_ _ 3600.000"},
		{"half away from zero", [][]byte{at("230824120000S", "1.000"), at("230824120032S", "1.001")}, "_ 0.113"},
		{"more decimals", [][]byte{at("230824120000S", "1.00"), at("230824120010S", "1.0005")}, "_ 0.180"},
		{"register fell", [][]byte{at("230824120000S", "1.000"), at("230824120010S", "0.999"), at("230824120020S", "1.000")}, "_ _ 0.360"},
		{"same time", [][]byte{at("230824120000S", "1.000"), at("230824120000S", "1.001")}, "_ _"},
		{"time went back", [][]byte{at("230824120010S", "1.000"), at("230824120000S", "1.001"), at("230824120010S", "1.002")}, "_ _ 0.360"},
		{"autumn hour", [][]byte{at("231029025955S", "1.000"), at("231029020005W", "1.001")}, "_ 0.360"},
		{"autumn hour, same clock", [][]byte{at("231029023000S", "1.000"), at("231029023010W", "1.001")}, "_ _"},
		{"spring hour", [][]byte{at("240331015955W", "1.000"), at("240331030005S", "1.001")}, "_ 0.360"},
		{"new year", [][]byte{at("231231235955W", "1.000"), at("240101000005W", "1.001")}, "_ 0.360"},
		{"no season", [][]byte{at("120824120000", "1.000"), at("120824120010", "1.001")}, "_ 0.360"},
		{"season begins", [][]byte{at("240105120000", "1.000"), at("240105130010W", "1.001")}, "_ _"},
		{"no register", [][]byte{at("230824120000S", "1.000"), at("230824120010S", ""), at("230824120020S", "1.001")}, "_ _ _"},
		{"no clock", [][]byte{at("230824120000S", "1.000"), at("23082412000", "1.001"), at("230824120020S", "1.002")}, "_ _ 0.360"},
		// T1 4129.862 and T2 4104.662 stand still.
		{"tariffs for the total", [][]byte{gone("230824120000S"), gone("230824120010S")}, "_ 0.000"},
		{"total, then tariffs", [][]byte{at("230824120000S", "8234.524"), gone("230824120010S")}, "_ _"},
	} {
		_, rows := read(t, made(t, Options{}, telegrams(test.raws...)...), ',')
		got := strings.Join(rows.column("interval_import_kw"), " ")
		want := strings.ReplaceAll(test.want, "_", "")
		if got != want {
			t.Errorf("%s: got %q, want %q", test.name, got, want)
		}
	}
}

func TestDutchNeedsBothTariffs(t *testing.T) {
	for _, test := range []struct{ t1, t2, want string }{
		{"000001.501", "000002.502", "10.800"},
		{"000001.499", "000002.502", ""}, // one register fell
		{"", "000002.502", ""},
	} {
		_, rows := read(t, made(t, Options{}, telegrams(
			dutch("240105180000W", "000001.500", "000002.500"),
			dutch("240105180001W", test.t1, test.t2))...), ',')
		if got := rows.column("interval_import_kw")[1]; got != test.want {
			t.Errorf("T1 %s T2 %s: %q", test.t1, test.t2, got)
		}
	}
}

// TestIntervalOfAllTariffs: without a total an interval is that of all tariffs, also of those of
// a Kaifa MA110M in Israel, which counts in 11 to 13.
func TestIntervalOfAllTariffs(t *testing.T) {
	at := func(clock string, codes []string, kwh ...string) []byte {
		text := "/TST5meter\r\n\r\n0-0:1.0.0(" + clock + ")\r\n"
		for i, code := range codes {
			text += "1-0:" + code + "(" + kwh[i] + "*kWh)\r\n"
		}
		return []byte(text + "!0000\r\n")
	}
	for _, c := range []struct {
		codes       string
		first, then []string
		want        string
	}{
		{"1.8.1 1.8.2 1.8.3 1.8.4", []string{"1.000", "2.000", "3.000", "4.000"}, []string{"1.000", "2.000", "3.001", "4.002"}, "1.080"},
		{"1.8.11 1.8.12 1.8.13", []string{"1.000", "0.000", "3.000"}, []string{"1.000", "0.000", "3.001"}, "0.360"},
		{"1.8.11 1.8.12 1.8.13", []string{"1.000", "0.000", "3.000"}, []string{"1.000", "0.000", "2.999"}, ""},
		{"1.8.11 1.8.12 1.8.13", []string{"1.000", "0.000", "3.000"}, []string{"1.000", "x.000", "3.001"}, ""},
		{"1.8.1", []string{"1.000"}, []string{"1.001"}, ""},
	} {
		codes := strings.Fields(c.codes)
		_, rows := read(t, made(t, Options{}, telegrams(at("240105180000W", codes, c.first...), at("240105180010W", codes, c.then...))...), ',')
		if got := rows.column("interval_import_kw")[1]; got != c.want {
			t.Errorf("%s: %q, want %q", c.codes, got, c.want)
		}
	}
}

func TestSuspectIsNoBase(t *testing.T) {
	day := telegrams(at("230824120000S", "1.000"), at("230824120010S", "5.000"), at("230824120020S", "1.002"))
	day[1].(*record.Telegram).Suspect = "1.8.0 leaps"
	_, rows := read(t, made(t, Options{}, day...), ',')
	if got := rows.column("interval_import_kw"); !slices.Equal(got, []string{"", "", "0.360"}) {
		t.Errorf("intervals %q", got)
	}
	if got := rows.column("suspect"); !slices.Equal(got, []string{"", "1.8.0 leaps", ""}) {
		t.Errorf("suspect %q", got)
	}
}

// TestMeters interleaves as many meters as are remembered, then one more.
func TestMeters(t *testing.T) {
	of := func(meter, second int) []byte {
		return raw(0, lines{
			"0-0:1.0.0":  fmt.Sprintf("2308241200%02dS", second),
			"0-0:96.1.0": fmt.Sprintf("99%d", meter),
			"1-0:1.8.0":  fmt.Sprintf("%d.%03d*kWh", meter, second),
		})
	}
	for meters := maxMeters; meters <= maxMeters+1; meters++ {
		var raws [][]byte
		for second := range 2 {
			for m := range meters {
				raws = append(raws, of(m, second))
			}
		}
		_, rows := read(t, made(t, Options{}, telegrams(raws...)...), ',')
		want := slices.Repeat([]string{""}, 2*meters)
		if meters == maxMeters {
			for m := range meters {
				want[meters+m] = "3.600"
			}
		}
		if got := rows.column("interval_import_kw"); !slices.Equal(got, want) {
			t.Errorf("%d meters: %q", meters, got)
		}
	}
}

func TestNetCurrent(t *testing.T) {
	for _, test := range []struct{ in, out, v1, v2, v3, want string }{
		{"2.300", "0.000", "230.0", "230.0", "230.0", "10.000"},
		{"0.000", "2.300", "230.0", "230.0", "230.0", "-10.000"},
		{"0.000", "0.000", "230.0", "230.0", "230.0", "0.000"},
		{"0.0000", "0.0001", "230.0", "230.0", "230.0", "0.000"}, // −0.000435 A
		{"0.230", "0.000", "230.0", "0.0", "gone", "1.000"},
		{"0.230", "0.000", "0.0", "0.0", "0.0", ""},
		{"0.230", "0.000", "gone", "gone", "gone", ""},
		{"gone", "0.000", "230.0", "230.0", "230.0", ""},
		{"0.230", "gone", "230.0", "230.0", "230.0", ""},
		// 1 W at 400 V is 0.0025 A: halves go away from zero.
		{"0.001", "0.000", "400", "400.0", "400.00", "0.003"},
		{"0.000", "0.001", "400", "400.0", "400.00", "-0.003"},
	} {
		sent := lines{}
		for code, value := range map[string]string{
			"1-0:1.7.0": test.in + "*kW", "1-0:2.7.0": test.out + "*kW",
			"1-0:32.7.0": test.v1 + "*V", "1-0:52.7.0": test.v2 + "*V", "1-0:72.7.0": test.v3 + "*V",
		} {
			if strings.HasPrefix(value, "gone") {
				value = "gone"
			}
			sent[code] = value
		}
		_, rows := read(t, made(t, Options{}, ok(raw(0, sent))), ',')
		if got := rows[0]["net_current_a"]; got != test.want {
			t.Errorf("%v: %q", test, got)
		}
	}
}

func TestWhatBecomesARecord(t *testing.T) {
	for status, want := range map[record.Status][2]bool{ // without and with AcceptBad
		record.OK: {true, true}, record.Repaired: {true, true}, record.Unchecked: {true, true},
		record.Bad: {false, true}, record.Salvaged: {false, true}, record.Lost: {false, true}, "unheard of": {}, "": {},
	} {
		for i, accept := range []bool{false, true} {
			for _, profile := range []string{Default, Seed} {
				r := ok(first)
				r.Status = status
				_, rows := read(t, made(t, limits(t, Options{Profile: profile, AcceptBad: accept}), r), ',')
				if (len(rows) == 1) != want[i] {
					t.Errorf("%s, %s, accept bad %v: %d rows", profile, status, accept, len(rows))
				}
				shown := string(status)
				if status == record.Salvaged {
					shown = "bad" // all of it, not only what can be trusted
				}
				if profile == Default && len(rows) == 1 && rows[0]["status"] != shown {
					t.Errorf("%s is shown as %s", status, rows[0]["status"])
				}
			}
		}
	}
}

func TestClockCells(t *testing.T) {
	for _, test := range []struct{ clock, time, local, offset, seed string }{
		{"230824012130S", "2023-08-24T01:21:30+02:00", "2023-08-24 01:21:30", "+02:00", "230824012130S"},
		{"231029023000W", "2023-10-29T02:30:00+01:00", "2023-10-29 02:30:00", "+01:00", "231029023000W"},
		{"120105180000", "2012-01-05T18:00:00", "2012-01-05 18:00:00", "", "120105180000"},
		{"230231000000W", "", "", "", "230231000000W"},
		{"", "", "", "", ""},
		{"gone", "", "", "", ""},
	} {
		r := ok(raw(0, lines{"0-0:1.0.0": test.clock}))
		_, rows := read(t, made(t, Options{}, r), ',')
		if got := rows[0]; got["time"] != test.time || got["utc_offset"] != test.offset {
			t.Errorf("%q: %q %q", test.clock, got["time"], got["utc_offset"])
		}
		_, rows = read(t, made(t, Options{LocalTime: true}, r), ',')
		if got := rows[0]; got["time"] != test.local || got["utc_offset"] != test.offset {
			t.Errorf("%q local: %q %q", test.clock, got["time"], got["utc_offset"])
		}
		_, rows = read(t, made(t, limits(t, Options{Profile: Seed, LocalTime: true}), r), ',')
		if got := rows[0]["timeString"]; got != test.seed {
			t.Errorf("%q of seed: %q", test.clock, got)
		}
	}
}

func TestConfidence(t *testing.T) {
	for confidence, want := range map[float64]string{0: "", 9e-7: "", 0.5: "0.500000", 0.98765432: "0.987654", 0.99999: "0.999990", 1: "0.999999"} {
		r := ok(first)
		r.Status, r.Confidence = record.Repaired, confidence
		_, rows := read(t, made(t, Options{}, r), ',')
		if got := rows[0]["confidence"]; got != want {
			t.Errorf("%v is %q", confidence, got)
		}
	}
}

// TestSalvaged: a salvaged telegram is a row on request, of its trusted lines and
// of nothing that is computed.
func TestSalvaged(t *testing.T) {
	day := telegrams(at("230824120000S", "1.000"), at("230824120010S", "5.000"), at("230824120020S", "1.002"))
	second := day[1].(*record.Telegram)
	second.Status = record.Salvaged
	if _, rows := read(t, made(t, Options{}, day...), ','); len(rows) != 2 {
		t.Errorf("%d rows without being asked for", len(rows))
	}
	lines := strings.Split(string(second.Raw), "\r\n")
	line := func(code string) int {
		return 1 + slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, code+"(") })
	}
	second.Trusted = []record.Trusted{
		{Line: line("1-0:1.8.0"), Code: "1-0:1.8.0"},
		{Line: line("0-0:1.0.0"), Code: "1-0:2.8.0"}, // contradicts itself: not trusted
	}
	_, rows := read(t, made(t, Options{Salvaged: true}, day...), ',')
	if len(rows) != 3 {
		t.Fatalf("%d rows", len(rows))
	}
	for column, got := range rows[1] {
		want := map[string]string{"status": "salvaged", "import_kwh": "5.000"}[column]
		if got != want {
			t.Errorf("%s is %q, want %q", column, got, want)
		}
	}
	if got := rows.column("interval_import_kw"); !slices.Equal(got, []string{"", "", "0.360"}) {
		t.Errorf("intervals %q", got)
	}
}

// TestZoneIsAskedFor: S and W of a meter whose operator is known to be in eastern Europe stand for
// other offsets than those that are taken; that is said once, unless the zone is given.
func TestZoneIsAskedFor(t *testing.T) {
	vilnius, err := time.LoadLocation("Europe/Vilnius")
	if err != nil {
		t.Fatal(err)
	}
	at := func(header, clock string) *record.Telegram {
		return ok([]byte("/" + header + "\r\n\r\n0-0:1.0.0(" + clock + ")\r\n1-0:1.8.0(000001.000*kWh)\r\n!0000\r\n"))
	}
	for _, c := range []struct {
		header, clock string
		zone          *time.Location
		want          int
	}{
		{"ESO5\\253000000_A", "260808113811S", nil, 1},
		{"ESO5\\253000000_A", "260808113811S", vilnius, 0},
		{"ESO5\\253000000_A", "260808113811", nil, 0},
		{"TST5\\253000000_A", "260808113811S", nil, 0},
	} {
		said := 0
		made(t, Options{Zone: c.zone, Say: func(text string) {
			if strings.Contains(text, "--tz Europe/Vilnius") {
				said++
			}
		}}, at(c.header, c.clock), at(c.header, c.clock))
		if said != c.want {
			t.Errorf("%s %s: said %d times", c.header, c.clock, said)
		}
	}
}
