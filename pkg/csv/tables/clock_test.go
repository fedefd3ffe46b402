package tables

import (
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"p1/pkg/record"
)

func amsterdam(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// clocked are telegrams that differ in their clocks only, one of each.
func clocked(clocks ...string) []record.Record {
	var day []record.Record
	for _, c := range clocks {
		day = append(day, ok(raw(0, lines{"0-0:1.0.0": c})))
	}
	return day
}

// timesOf returns time and clock of each record.
func timesOf(t *testing.T, o Options, day []record.Record) (times, words []string) {
	t.Helper()
	o.Columns = []string{"time", "clock"}
	_, rows := read(t, made(t, o, day...), ',')
	return rows.column("time"), rows.column("clock")
}

func TestClockWithoutSeason(t *testing.T) {
	for _, test := range []struct {
		name         string
		clocks       []string
		times, words []string
	}{
		{"no repeated hour", []string{"240105180000", "240705180000"},
			[]string{"2024-01-05T18:00:00+01:00", "2024-07-05T18:00:00+02:00"}, []string{"", ""}},
		{"through the repeated hour", []string{"241027015955", "241027020005", "241027025955", "241027020005", "241027025955", "241027030005"},
			// The one 59 minutes after the other may be of either pass.
			[]string{"2024-10-27T01:59:55+02:00", "2024-10-27T02:00:05+02:00", "2024-10-27T02:59:55+02:00", "2024-10-27T02:00:05+01:00", "2024-10-27T02:59:55+01:00", "2024-10-27T03:00:05+01:00"},
			[]string{"", "", "ambiguous", "", "", ""}},
		{"step by step", []string{"241027015955", "241027020005", "241027020015", "241027020025"},
			[]string{"2024-10-27T01:59:55+02:00", "2024-10-27T02:00:05+02:00", "2024-10-27T02:00:15+02:00", "2024-10-27T02:00:25+02:00"},
			[]string{"", "", "", ""}},
		{"begins in it", []string{"241027021000", "241027021010", "241027020000", "241027020010"},
			[]string{"2024-10-27T02:10:00+02:00", "2024-10-27T02:10:10+02:00", "2024-10-27T02:00:00+01:00", "2024-10-27T02:00:10+01:00"},
			[]string{"ambiguous", "ambiguous", "", ""}},
		{"a gap before it", []string{"241027015000", "241027021000"},
			[]string{"2024-10-27T01:50:00+02:00", "2024-10-27T02:10:00+02:00"}, []string{"", "ambiguous"}},
		{"put right by two seconds", []string{"241027015955", "241027020005", "241027020003"},
			[]string{"2024-10-27T01:59:55+02:00", "2024-10-27T02:00:05+02:00", "2024-10-27T02:00:03+02:00"},
			[]string{"", "", "went back by 2 s"}},
		{"the hour that spring leaves out", []string{"240331015955", "240331023000", "240331030005"},
			[]string{"2024-03-31T01:59:55+01:00", "2024-03-31T02:30:00+01:00", "2024-03-31T03:00:05+02:00"},
			[]string{"", "no such time", "went back by 29 min"}},
		{"reset", []string{"240105180000", "000101000010", "000101000020"},
			[]string{"2024-01-05T18:00:00+01:00", "2000-01-01T00:00:10+01:00", "2000-01-01T00:00:20+01:00"},
			[]string{"", "reset, went back by 8770 days", "reset"}},
		{"none", []string{"gone", "", "24010518000", "241301000000"}, []string{"", "", "", ""},
			[]string{"missing", "missing", "not readable", "not readable"}},
	} {
		times, words := timesOf(t, Options{Zone: amsterdam(t)}, clocked(test.clocks...))
		if !slices.Equal(times, test.times) {
			t.Errorf("%s: times\n%q, want\n%q", test.name, times, test.times)
		}
		if !slices.Equal(words, test.words) {
			t.Errorf("%s: words %q, want %q", test.name, words, test.words)
		}
	}
}

// TestClockWithSeason has S and W, which decide the offset whatever came before.
func TestClockWithSeason(t *testing.T) {
	clocks := []string{"241027025955S", "241027020005W", "241027020000W", "241027023000S"}
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	words := []string{"", "", "went back by 5 s", "went back by 30 min"}
	for _, test := range []struct {
		zone  *time.Location
		times []string
	}{
		{nil, []string{"2024-10-27T02:59:55+02:00", "2024-10-27T02:00:05+01:00", "2024-10-27T02:00:00+01:00", "2024-10-27T02:30:00+02:00"}},
		{amsterdam(t), []string{"2024-10-27T02:59:55+02:00", "2024-10-27T02:00:05+01:00", "2024-10-27T02:00:00+01:00", "2024-10-27T02:30:00+02:00"}},
		{london, []string{"2024-10-27T02:59:55+01:00", "2024-10-27T02:00:05Z", "2024-10-27T02:00:00Z", "2024-10-27T02:30:00+01:00"}},
	} {
		times, got := timesOf(t, Options{Zone: test.zone}, clocked(clocks...))
		if !slices.Equal(times, test.times) || !slices.Equal(got, words) {
			t.Errorf("in %v: %q, %q", test.zone, times, got)
		}
	}
}

func TestClockWithoutZone(t *testing.T) {
	times, words := timesOf(t, Options{}, clocked("241027025955", "241027020005", "000101000000"))
	if want := []string{"2024-10-27T02:59:55", "2024-10-27T02:00:05", "2000-01-01T00:00:00"}; !slices.Equal(times, want) {
		t.Errorf("times %q", times)
	}
	if want := []string{"", "went back by 59 min", "reset, went back by 9066 days"}; !slices.Equal(words, want) {
		t.Errorf("words %q", words)
	}
}

// TestHostTime has the time of arrival beside the meter's.
func TestHostTime(t *testing.T) {
	for _, test := range []struct {
		clock, host string
		time, words string
	}{
		{"240105180000W", "2024-01-05T17:00:03.5Z", "2024-01-05T18:00:00+01:00", ""},
		{"240105180000W", "2024-01-05T18:00:59+01:00", "2024-01-05T18:00:00+01:00", ""},
		{"240105180000W", "2024-01-05T17:01:30Z", "2024-01-05T18:00:00+01:00", "behind host by 90 s"},
		{"240105180000W", "2024-01-05T16:00:00Z", "2024-01-05T18:00:00+01:00", "ahead of host by 60 min"},
		{"240105180000W", "2024-06-05T17:00:00Z", "2024-01-05T18:00:00+01:00", "behind host by 152 days"},
		{"240105180000", "2024-01-06T17:00:00Z", "2024-01-05T18:00:00+01:00", "behind host by 24 h"},
		{"000101000000W", "2024-01-05T17:00:00Z", "2000-01-01T00:00:00+01:00", "reset, behind host by 8770 days"},
		// The host knows which of the two it is.
		{"241027023000", "2024-10-27T00:30:01Z", "2024-10-27T02:30:00+02:00", ""},
		{"241027023000", "2024-10-27T01:30:01Z", "2024-10-27T02:30:00+01:00", ""},
		{"241027023000", "2024-10-28T01:30:01Z", "2024-10-27T02:30:00+02:00", "ambiguous, behind host by 25 h"},
		{"240105180000W", "yesterday", "2024-01-05T18:00:00+01:00", ""},
	} {
		day := clocked(test.clock)
		day[0].(*record.Telegram).Time = test.host
		times, words := timesOf(t, Options{Zone: amsterdam(t)}, day)
		if times[0] != test.time || words[0] != test.words {
			t.Errorf("%s at %s: %q, %q", test.clock, test.host, times[0], words[0])
		}
	}
	day := clocked("240705180000S", "")
	for _, r := range day {
		r.(*record.Telegram).Time = "2024-07-05T16:00:00.25Z"
	}
	o := Options{Columns: []string{"time", "host_time"}}
	_, rows := read(t, made(t, o, day...), ',')
	if got := rows.column("host_time"); !slices.Equal(got, []string{"2024-07-05T16:00:00.25Z", "2024-07-05T16:00:00.25Z"}) {
		t.Errorf("host_time %q", got)
	}
	_, rows = read(t, made(t, ExcelEU(o), day...), ';')
	if got := rows.column("host_time"); !slices.Equal(got, []string{"2024-07-05 18:00:00", "2024-07-05T16:00:00.25Z"}) {
		t.Errorf("host_time for spreadsheets %q", got)
	}
	// Where the meter has no time, the host's is that of the point.
	o.Columns = []string{"time", "import_kwh"}
	o.Format = Influx
	want := `p1 import_kwh=8234.524,host_time="2024-07-05T16:00:00.25Z" 1720195200000000000` + "\n" +
		`p1 import_kwh=8234.524,host_time="2024-07-05T16:00:00.25Z" 1720195200250000000` + "\n"
	if got := made(t, o, day...); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestClocksOfMeters has two meters in one stream: neither clock goes back.
func TestClocksOfMeters(t *testing.T) {
	var day []record.Record
	for _, c := range []string{"240705180000S", "240705170000S", "240705180010S", "240705170010S"} {
		meter := "99" + c[6:8]
		day = append(day, ok(raw(0, lines{"0-0:1.0.0": c, "0-0:96.1.0": meter})))
	}
	if _, words := timesOf(t, Options{}, day); !slices.Equal(words, []string{"", "", "", ""}) {
		t.Errorf("words %q", words)
	}
	// What is suspect is not what the next one went back from.
	day = clocked("240705180000S", "250705180000S", "240705180010S")
	day[1].(*record.Telegram).Suspect = "leaps"
	if _, words := timesOf(t, Options{}, day); !slices.Equal(words, []string{"", "", ""}) {
		t.Errorf("words %q", words)
	}
}

// TestOrderInTheRepeatedHour goes through the hour with any period of at most a
// minute: times never go back, and none is in doubt.
func TestOrderInTheRepeatedHour(t *testing.T) {
	zone := amsterdam(t)
	for _, period := range []time.Duration{time.Second, 7 * time.Second, 10 * time.Second, 59 * time.Second, time.Minute} {
		at := time.Date(2024, 10, 26, 23, 50, 0, 0, time.UTC)
		var clocks, want []string
		for range int(2*time.Hour/period) + 2 {
			clocks = append(clocks, at.In(zone).Format("060102150405"))
			want = append(want, at.In(zone).Format(time.RFC3339))
			at = at.Add(period)
		}
		times, words := timesOf(t, Options{Zone: zone}, clocked(clocks...))
		if !slices.Equal(times, want) {
			t.Errorf("every %v: other times", period)
		}
		if i := slices.IndexFunc(words, func(w string) bool { return w != "" }); i >= 0 {
			t.Errorf("every %v: %s is %s", period, clocks[i], words[i])
		}
	}
}

// TestZoneOfDefault has the fixed columns in a zone: the interval over the hour's
// repetition is ten seconds.
func TestZoneOfDefault(t *testing.T) {
	day := telegrams(at("241027025945", "1.000"), at("241027025955", "1.001"), at("241027020005", "1.002"))
	_, rows := read(t, made(t, Options{Zone: amsterdam(t)}, day...), ',')
	if got := rows.column("utc_offset"); !slices.Equal(got, []string{"+02:00", "+02:00", "+01:00"}) {
		t.Errorf("offsets %q", got)
	}
	if got := rows.column("interval_import_kw"); !slices.Equal(got, []string{"", "0.360", "0.360"}) {
		t.Errorf("intervals %q", got)
	}
}

// TestAmbiguousIsSaid has the tables without a column for it.
func TestAmbiguousIsSaid(t *testing.T) {
	day := clocked("241027021000", "241027021010")
	for name, o := range map[string]Options{
		"default": {}, "watts": {Units: W}, "columns": {Columns: []string{"time"}},
	} {
		o.Zone = amsterdam(t)
		if _, words := said(t, o, day...); len(words) != 1 || !strings.Contains(words[0], "2024-10-27 02:10:00 comes twice") {
			t.Errorf("%s: said %q", name, words)
		}
	}
	for name, o := range map[string]Options{
		"no zone": {}, "a column": {Zone: amsterdam(t), Profile: Netherlands},
	} {
		if _, words := said(t, o, day...); words != nil {
			t.Errorf("%s: said %q", name, words)
		}
	}
}
