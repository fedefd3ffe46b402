package tables

import (
	"strconv"
	"testing"
	"time"

	"p1/pkg/record"
)

// doubting marks a line of a telegram of spoken as doubted.
func doubting(r *record.Telegram, line int, code string) *record.Telegram {
	r.Doubted = append(r.Doubted, record.Doubt{Line: line, Code: code, Why: "fell"})
	return r
}

// metered is a telegram with a register in its line 5 and a gas reading in its line 7.
func metered(clock, wh, at, gas string) *record.Telegram {
	return ok(spoken("M1", "0-0:1.0.0("+clock+")", "1-0:1.8.0("+wh+"*kWh)", "0-1:24.1.0(003)", "0-1:24.2.1("+at+")("+gas+"*m3)"))
}

// A doubted line is an empty cell, and no difference is taken to it or from it; the
// other lines of its telegram count.
func TestDoubtedLines(t *testing.T) {
	day := func() []record.Record {
		return []record.Record{
			metered("260301100000W", "5.000", "260301100000W", "00010.000"),
			doubting(metered("260301100010W", "0.000", "260301100005W", "00010.250"), 5, "1-0:1.8.0"),
			doubting(metered("260301100020W", "5.020", "260301100015W", "00000.000"), 7, "0-1:24.2.1"),
			doubting(metered("000101000000W", "5.030", "260301100025W", "00010.500"), 4, "0-0:1.0.0"),
			doubting(metered("260301100040W", "5.040", "260301100035W", "00010.750"), 9, "1-0:1.8.0"), // no such line
			doubting(metered("260301100050W", "5.050", "260301100045W", "00011.000"), 5, "1-0:2.8.0"), // of another code
		}
	}
	wantRows(t, rowsOf(t, Options{Profile: All}, "time import_kwh gas_m3", day()...),
		"2026-03-01T10:00:00+01:00 5.000 10.000",
		"2026-03-01T10:00:10+01:00 - 10.250",
		"2026-03-01T10:00:20+01:00 5.020 -",
		"- 5.030 10.500",
		"2026-03-01T10:00:40+01:00 5.040 10.750",
		"2026-03-01T10:00:50+01:00 5.050 11.000")
	wantRows(t, rowsOf(t, Options{Table: Gas}, "gas_m3 difference_m3 note", day()...),
		"10.000 - -", "10.250 0.250 -", "10.500 0.250 -", "10.750 0.250 -", "11.000 0.250 -")
	wantRows(t, rowsOf(t, Options{Columns: []string{"import_kwh", "gas_m3"}, Every: Day}, "import_kwh import_kwh_gain gas_m3_gain", day()...),
		"5.050 0.050 1.000")
	// That the clock jumps is an event all the same.
	wantRows(t, told(t, Options{}, day()...),
		"clock_jump 0-0:1.0.0 2026-03-01T10:00:20+01:00 2000-01-01T00:00:00+01:00 reset",
		"clock_jump 0-0:1.0.0 2000-01-01T00:00:00+01:00 2026-03-01T10:00:40+01:00 set")
}

// What was gained while a register was doubted stands in the row in which it is believed
// again, and that row says so, as it does after a gap. Nothing is said where it was doubted within one row, or has
// gained nothing meanwhile.
func TestNoteOfLateGains(t *testing.T) {
	suspect := func(r *record.Telegram) *record.Telegram { r.Suspect = "most are doubted"; return r }
	o := Options{Columns: []string{"import_kwh", "gas_m3"}, Every: time.Hour}
	wantRows(t, rowsOf(t, o, "time import_kwh_gain gas_m3_gain note",
		metered("260301100000W", "5.000", "260301100000W", "00010.000"),
		doubting(metered("260301103000W", "0.000", "260301103000W", "00010.100"), 5, "1-0:1.8.0"),
		metered("260301105000W", "5.300", "260301105000W", "00010.200"),
		doubting(metered("260301105500W", "0.000", "260301105500W", "00010.200"), 5, "1-0:1.8.0"),
		doubting(metered("260301113000W", "0.000", "260301105500W", "00010.200"), 5, "1-0:1.8.0"),
		metered("260301121000W", "6.500", "260301120500W", "00010.700"),
		suspect(metered("260301125500W", "0.000", "260301124500W", "00000.000")),
		metered("260301130500W", "7.000", "260301130000W", "00010.700"),
	),
		"2026-03-01T10:00:00+01:00 0.300 0.200 -",
		"2026-03-01T11:00:00+01:00 - 0.000 -",
		"2026-03-01T12:00:00+01:00 1.200 0.500 late: import_kwh gas_m3", // 40 minutes without gas
		"2026-03-01T13:00:00+01:00 0.500 0.000 late: import_kwh")
}

// After a gap of more than a quarter of an hour, or of a whole row, the first row says that its
// gain is not its own alone; after a shorter one, or one within a row, it does not, nor where a
// register gained nothing, or was read at the very end of the gap's row.
func TestNoteAfterAGap(t *testing.T) {
	at := func(clock, wh string) record.Record {
		return metered("260301"+clock+"W", wh, "260301100000W", "00010.000")
	}
	day := []record.Record{
		at("100000", "5.000"),
		at("105900", "5.100"),
		at("111300", "5.200"), // 14 minutes
		at("114500", "5.300"), // within a row
		at("120001", "5.400"), // 15 minutes and a second
		at("140000", "5.400"), // nothing gained
		at("150000", "5.500"), // the very end
		at("150010", "5.501"),
		at("171000", "6.000"),
	}
	wantRows(t, rowsOf(t, Options{Columns: []string{"import_kwh", "gas_m3"}, Every: time.Hour}, "time import_kwh_gain note", day...),
		"2026-03-01T10:00:00+01:00 0.100 -",
		"2026-03-01T11:00:00+01:00 0.200 -",
		"2026-03-01T12:00:00+01:00 0.100 late: import_kwh",
		"2026-03-01T14:00:00+01:00 0.100 -",
		"2026-03-01T15:00:00+01:00 0.001 -",
		"2026-03-01T17:00:00+01:00 0.499 late: import_kwh")
	wantRows(t, rowsOf(t, Options{Columns: []string{"import_kwh"}, Every: time.Minute}, "time import_kwh_gain note",
		at("100000", "5.000"), at("100110", "5.100"), at("100310", "5.200")),
		"2026-03-01T10:00:00+01:00 - -",
		"2026-03-01T10:01:00+01:00 0.100 -",
		"2026-03-01T10:03:00+01:00 0.100 late: import_kwh")
}

// What was gained after a fall stands in the row in which the register is known not to return.
func TestNoteAfterAFall(t *testing.T) {
	day := []record.Record{metered("260301105000W", "5.000", "260301100000W", "00010.000")}
	for minute := range Stays + 5 {
		clock := time.Date(2026, 3, 1, 10, 51+minute, 0, 0, time.UTC).Format("060102150405") + "W"
		day = append(day, metered(clock, "0."+strconv.Itoa(100+minute), "260301100000W", "00010.000"))
	}
	wantRows(t, rowsOf(t, Options{Columns: []string{"import_kwh"}, Every: time.Hour}, "time import_kwh_gain note", day...),
		"2026-03-01T10:00:00+01:00 - -",
		"2026-03-01T11:00:00+01:00 0.064 late: import_kwh")
}
