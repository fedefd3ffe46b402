package tables

import (
	"slices"
	"strings"
	"testing"

	"p1/pkg/record"
)

// fluviusAt is a Belgian telegram: its clock, the peak of the month so far, and the
// months before.
func fluviusAt(clock, peak, history string) record.Record {
	return ok(spoken("B1", "0-0:1.0.0("+clock+")", "1-0:1.4.0(00.412*kW)", "1-0:1.6.0"+peak, "0-0:98.1.0"+history))
}

const peakColumns = "month register time peak_kw month_end meter"

// The entries are those of the example of e-MUCS-P1.
func TestBelgianPeaks(t *testing.T) {
	two := "(2)(1-0:1.6.0)(1-0:1.6.0)(230201000000W)(230117224500W)(04.329*kW)(230301000000W)(230202001500W)(04.529*kW)"
	one := fluviusAt("230310120000W", "(230305181500W)(03.100*kW)", two)
	wantRows(t, rowsOf(t, Options{Table: Peaks}, peakColumns, one, one,
		fluviusAt("230310180000W", "(230310180000W)(03.100*kW)", two), // as high, not higher
		fluviusAt("230311180000W", "(230311180000W)(05.000*kW)", two),
		fluviusAt("230401000000S", "(230401000000S)(00.000*kW)",
			"(3)(1-0:1.6.0)(1-0:1.6.0)(230201000000W)(230117224500W)(04.329*kW)(230301000000W)(230202001500W)(04.529*kW)(230401000000S)(230311180000W)(05.000*kW)"),
		fluviusAt("230401001500S", "(230401001500S)(01.000*kW)", two), one,
	),
		"2023-01 import 2023-01-17T22:45:00+01:00 4.329 2023-02-01T00:00:00+01:00 B1",
		"2023-02 import 2023-02-02T00:15:00+01:00 4.529 2023-03-01T00:00:00+01:00 B1",
		"2023-03 import 2023-03-05T18:15:00+01:00 3.100 - B1",
		"2023-03 import 2023-03-11T18:00:00+01:00 5.000 - B1",
		"2023-03 import 2023-03-11T18:00:00+01:00 5.000 2023-04-01T00:00:00+02:00 B1",
		"2023-04 import 2023-04-01T00:15:00+02:00 1.000 - B1")
	wantRows(t, rowsOf(t, Options{Table: Peaks, Units: W}, "month peak_w", one),
		"2023-01 4329", "2023-02 4529", "2023-03 3100")
}

// The last quarter-hour of a month ends with it, and is its own.
func TestPeakAtTheMonthsEnd(t *testing.T) {
	none := "(0)()"
	wantRows(t, rowsOf(t, Options{Table: Peaks}, peakColumns,
		fluviusAt("230301000000W", "(230301000000W)(06.000*kW)", none),
		fluviusAt("230301000001W", "(230301000000W)(00.000*kW)", none),
		fluviusAt("230301001501W", "(230301001500W)(00.200*kW)", none),
	),
		"2023-02 import 2023-03-01T00:00:00+01:00 6.000 - B1",
		"2023-03 import 2023-03-01T00:15:00+01:00 0.200 - B1")
}

func TestPeakWithoutTime(t *testing.T) {
	wantRows(t, rowsOf(t, Options{Table: Peaks}, peakColumns,
		ok(spoken("B1", "0-0:1.0.0(230310120000W)", "1-0:1.6.0(03.100*kW)"))),
		"2023-03 import - 3.100 - B1")
}

// The last six values of the Hungarian month end are demands, the thirteen before
// them registers.
func TestHungarianPeaks(t *testing.T) {
	r := ok(spoken("H1", "0-0:1.0.0(230824012130S)",
		"0-0:98.1.0(230801000000S)(000001.000*kWh)(000002.000*kWh)(000003.000*kWh)(000004.000*kWh)(000005.000*kWh)(000006.000*kWh)"+
			"(000007.000*kvarh)(000008.000*kvarh)(000009.000*kvarh)(000010.000*kvarh)(000011.000*kvarh)(000012.000*kvarh)(000013.000*kWh)"+
			"(04.700*kW)(04.100*kW)(04.700*kW)(09.200*kW)(09.200*kW)(00.050*kW)"))
	end := " 2023-08-01T00:00:00+02:00 H1"
	wantRows(t, rowsOf(t, Options{Table: Peaks}, peakColumns, r, r),
		"2023-07 import - 4.700"+end, "2023-07 import_t1 - 4.100"+end, "2023-07 import_t2 - 4.700"+end,
		"2023-07 export - 9.200"+end, "2023-07 export_t1 - 9.200"+end, "2023-07 export_t2 - 0.050"+end)
}

// In Influx lines the month's end is the time of a peak whose own is not known.
func TestHungarianPeaksInInflux(t *testing.T) {
	r := ok(spoken("H1", "0-0:98.1.0(230801000000S)"+strings.Repeat("(000001.000*kWh)", 6)+strings.Repeat("(000001.000*kvarh)", 6)+
		"(000001.000*kWh)"+strings.Repeat("(04.700*kW)", 6)))
	lines := strings.Split(made(t, Options{Table: Peaks, Format: Influx}, r), "\n")
	if len(lines) != 7 || !strings.HasPrefix(lines[0], "p1_peaks,register=import,meter=H1") || !strings.HasSuffix(lines[0], " 1690840800000000000") {
		t.Errorf("got %q", lines)
	}
}

func TestPeaksOfUnreadTelegrams(t *testing.T) {
	none := "(0)()"
	for _, spoil := range []func(*record.Telegram){
		func(r *record.Telegram) { r.Status = record.Bad },
		func(r *record.Telegram) { r.Suspect = "the peak jumps" },
	} {
		odd := fluviusAt("230310120000W", "(230305181500W)(93.100*kW)", none).(*record.Telegram)
		spoil(odd)
		wantRows(t, rowsOf(t, Options{Table: Peaks}, peakColumns, odd,
			fluviusAt("230310120001W", "(230305181500W)(03.100*kW)", none)),
			"2023-03 import 2023-03-05T18:15:00+01:00 3.100 - B1")
	}
}

// The log of the standard's own example, 5.0.2 §6.12.
func TestFailures(t *testing.T) {
	columns := "time utc_offset meter start duration_s note"
	log := func(values string) record.Record { return ok(spoken("N1", "0-0:96.7.9(00002)", "1-0:99.97.0"+values)) }
	two := log("(2)(0-0:96.7.19)(101208152415W)(0000000240*s)(101208151004W)(0000000301*s)")
	first := "2010-12-08T15:10:04+01:00 +01:00 N1 2010-12-08T15:05:03+01:00 301 -"
	second := "2010-12-08T15:24:15+01:00 +01:00 N1 2010-12-08T15:20:15+01:00 240 -"
	third := "2011-06-01T00:00:00+02:00 +02:00 N1 2011-05-31T00:00:00+02:00 86400 -"
	three := log("(3)(0-0:96.7.19)(110601000000S)(0000086400*s)(101208152415W)(0000000240*s)(101208151004W)(0000000301*s)")
	wantRows(t, rowsOf(t, Options{Table: Failures}, columns, two, two, three, two, three), first, second, third)
	wantRows(t, rowsOf(t, Options{Table: Failures}, columns, log("(0)(0-0:96.7.19)"), log("()")))
	wantRows(t, rowsOf(t, Options{Table: Failures}, "time duration_s note",
		log("(3)(0-0:96.7.19)(101208152415W)(0000000240*s)"),
		log("(2)(0-0:96.7.19)(101208152415W)(0000000240*s)(101208151004W)(xx*s)"),
	),
		"2010-12-08T15:24:15+01:00 240 the log says 3 entries and has 1",
		"2010-12-08T15:10:04+01:00 - an entry of the log cannot be read")
	other := ok(spoken("N2", "1-0:99.97.0(1)(0-0:96.7.19)(101208152415W)(0000000240*s)"))
	if got := rowsOf(t, Options{Table: Failures}, "meter", two, other); !slices.Equal(got, []string{"N1", "N1", "N2"}) {
		t.Errorf("meters %q", got)
	}
	bad := *two.(*record.Telegram)
	bad.Status = record.Bad
	wantRows(t, rowsOf(t, Options{Table: Failures}, columns, &bad))
}

func TestMessages(t *testing.T) {
	columns := "time meter code text"
	show := func(clock, text string, more ...string) record.Record {
		return ok(spoken("N1", append([]string{"0-0:1.0.0(" + clock + ")", "0-0:96.13.0(" + text + ")"}, more...)...))
	}
	nieuws := "4E6965757773" // N i e u w s
	all := []record.Record{
		show("260301120000W", ""),
		show("260301120010W", ""),
		show("260301120020W", nieuws, "0-0:96.13.1(3132)"),
		show("260301120030W", nieuws, "0-0:96.13.1(3132)"),
		show("260301120040W", "Tisztelt Ugyfelunk!", "0-0:96.13.1(3132)"),
		show("260301120050W", "\xFF\xFF\xFF\xFF", "0-0:96.13.1(3132)"),
		show("260301120100W", nieuws),
	}
	want := []string{
		"2026-03-01T12:00:20+01:00 N1 0-0:96.13.0 Nieuws",
		"2026-03-01T12:00:20+01:00 N1 0-0:96.13.1 12",
		"2026-03-01T12:00:40+01:00 N1 0-0:96.13.0 Tisztelt Ugyfelunk!",
		"2026-03-01T12:00:50+01:00 N1 0-0:96.13.0 -",
		"2026-03-01T12:01:00+01:00 N1 0-0:96.13.0 Nieuws",
	}
	wantRows(t, rowsOf(t, Options{Table: Messages}, columns, all...), want...)
	wantRows(t, rowsOf(t, Options{Table: Messages}, columns, slices.Concat(all, all)...), want...)
	suspect := *show("260301120015W", "4142").(*record.Telegram)
	suspect.Suspect = "a new text"
	wantRows(t, rowsOf(t, Options{Table: Messages}, columns, all[0], &suspect, all[1]))
}
