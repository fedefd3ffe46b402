package pipetest

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
)

// registersOf are the registers of a simulated meter that a year is checked by,
// with their columns.
var registersOf = map[string]map[string]string{
	"hu": {"1-0:1.8.0": "import_kwh", "1-0:1.8.1": "import_t1_kwh", "1-0:1.8.2": "import_t2_kwh",
		"1-0:2.8.0": "export_kwh", "1-0:2.8.1": "export_t1_kwh", "1-0:2.8.2": "export_t2_kwh"},
	"nl": {"1-0:1.8.1": "import_t1_kwh", "1-0:1.8.2": "import_t2_kwh", "1-0:2.8.1": "export_t1_kwh", "1-0:2.8.2": "export_t2_kwh"},
}

// reading is what a meter showed at a time, in Wh by column.
type reading struct {
	at  time.Time
	wh  map[string]int64
	new bool // by the meter that has replaced the first one
}

// year is a simulated year, a telegram each quarter of an hour.
type year struct {
	log      string // the file
	readings []reading
	at       map[int64]*reading // by Unix time
	columns  map[string]string
}

// replaced is when another meter takes the place of the first.
const replaced = "2026-07-01T12:00:00"

func simulateYear(t *testing.T, name string) *year {
	t.Helper()
	o, err := sim.ParseOptions("meter=" + name + "&every=15m&telegrams=35041&start=2026-01-01T00:00:00&replace=" + replaced)
	must(t, err)
	s, err := sim.New(o)
	must(t, err)
	y := &year{log: filepath.Join(t.TempDir(), "year.log"), at: map[int64]*reading{}, columns: registersOf[name]}
	f, err := os.Create(y.log)
	must(t, err)
	w := bufio.NewWriter(f)
	for x, ok := s.Next(); ok; x, ok = s.Next() {
		w.Write(x.Logged)
		r := reading{at: x.Clock, wh: map[string]int64{}, new: x.Clock.Format("2006-01-02T15:04:05") >= replaced}
		for _, m := range kWhLine.FindAllSubmatch(x.Sent, -1) {
			if column := y.columns[string(m[1])]; column != "" {
				n, err := strconv.ParseInt(string(m[2])+string(m[3]), 10, 64)
				must(t, err)
				r.wh[column] = n
			}
		}
		if len(r.wh) != len(y.columns) {
			t.Fatalf("%s sends %d of %d registers", name, len(r.wh), len(y.columns))
		}
		y.readings = append(y.readings, r)
	}
	must(t, w.Flush())
	must(t, f.Close())
	run(t, filepath.Dir(y.log), "p1cat year.log | p1frame | p1fix -o year.jsonl")
	for i := range y.readings {
		y.at[y.readings[i].at.Unix()] = &y.readings[i]
	}
	return y
}

var kWhLine = regexp.MustCompile(`(1-0:[12]\.8\.[012])\((\d+)\.(\d{3})\*kWh\)`)

// kWh writes Wh as a table does.
func kWh(wh int64) string {
	text := strconv.FormatInt(wh, 10)
	for len(text) < 4 {
		text = "0" + text
	}
	return text[:len(text)-3] + "." + text[len(text)-3:]
}

// table runs p1csv over the year's repaired telegrams and returns its rows.
func (y *year) table(t *testing.T, flags string) []map[string]string {
	t.Helper()
	text := run(t, filepath.Dir(y.log), "p1csv "+flags+" year.jsonl")
	cells, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	must(t, err)
	var rows []map[string]string
	for _, line := range cells[1:] {
		row := map[string]string{}
		for i, name := range cells[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// byTime puts the rows of --every in the order of their times: the last one of a
// meter that has been replaced comes when the next one has gone on for a while.
func byTime(t *testing.T, rows []map[string]string) []map[string]string {
	t.Helper()
	at := map[string]time.Time{}
	for _, row := range rows {
		begun, err := time.Parse(time.RFC3339, row["time"])
		must(t, err)
		at[row["time"]] = begun
	}
	first := rows[0]["meter"]
	slices.SortStableFunc(rows, func(a, b map[string]string) int {
		if c := at[a["time"]].Compare(at[b["time"]]); c != 0 || a["meter"] == b["meter"] {
			return c
		}
		if a["meter"] == first {
			return -1
		}
		return 1
	})
	return rows
}

// A year over both changes of the clock, all month ends, two tariffs a day and a
// new meter: the records are what the meter showed, and what is gained in quarters
// of an hour and in days is what its registers gained, to the last Wh.
func TestYear(t *testing.T) {
	longtest.Needs(t, "a year takes some seconds")
	t.Parallel()
	for name := range registersOf {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := simulateYear(t, name)
			y.checkRecords(t)
			y.checkQuarters(t)
			y.checkDays(t)
		})
	}
}

func (y *year) checkRecords(t *testing.T) {
	t.Helper()
	rows := y.table(t, "--profile default")
	if len(rows) != len(y.readings) {
		t.Fatalf("%d records, want %d", len(rows), len(y.readings))
	}
	meters, switches := map[string]bool{}, 0
	for i, row := range rows {
		r := &y.readings[i]
		if want := r.at.Format(time.RFC3339); row["time"] != want {
			t.Fatalf("row %d: time %s, want %s", i+1, row["time"], want)
		}
		for column, wh := range r.wh {
			if row[column] != kWh(wh) {
				t.Fatalf("%s: %s is %s, the meter shows %s", row["time"], column, row[column], kWh(wh))
			}
		}
		meters[row["meter"]] = true
		if i > 0 && row["tariff"] != rows[i-1]["tariff"] {
			switches++
		}
	}
	if len(meters) != 2 || switches < 2*250 {
		t.Errorf("%d meters, %d switches of the tariff", len(meters), switches)
	}
}

// gained compares the gains of a row with what the registers gained between two
// readings.
func (y *year) gained(t *testing.T, row map[string]string, from, to *reading) {
	t.Helper()
	for _, column := range y.columns {
		want := kWh(to.wh[column] - from.wh[column])
		if from == to {
			want = "" // there is one reading only
		}
		if row[column+"_gain"] != want || row[column] != kWh(to.wh[column]) {
			t.Fatalf("%s: %s has gained %s and is %s, want %s and %s", row["time"], column, row[column+"_gain"], row[column], want, kWh(to.wh[column]))
		}
	}
}

func (y *year) checkQuarters(t *testing.T) {
	t.Helper()
	rows := byTime(t, y.table(t, "--every 15m"))
	if len(rows) != len(y.readings) {
		t.Fatalf("%d quarters, want %d", len(rows), len(y.readings))
	}
	for i, row := range rows {
		from, to := &y.readings[i], &y.readings[i]
		if i+1 < len(rows) && y.readings[i+1].new == from.new {
			to = &y.readings[i+1]
		}
		if row["time"] != from.at.Format(time.RFC3339) || row["duration_s"] != "900" || row["telegrams"] != "1" {
			t.Fatalf("quarter %d is %v", i+1, row)
		}
		y.gained(t, row, from, to)
	}
}

func (y *year) checkDays(t *testing.T) {
	t.Helper()
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	must(t, err)
	rows := byTime(t, y.table(t, "--every 1d"))
	length := map[string]string{"2026-03-29": "82800", "2026-10-25": "90000"}
	days := 0
	for d := time.Date(2026, 1, 1, 0, 0, 0, 0, amsterdam); d.Year() == 2026; d = d.AddDate(0, 0, 1) {
		for _, part := range y.partsOf(t, d, d.AddDate(0, 0, 1)) {
			if days == len(rows) {
				t.Fatalf("there are no more than %d days", days)
			}
			row := rows[days]
			days++
			want := length[d.Format(time.DateOnly)]
			if want == "" {
				want = "86400"
			}
			if row["time"] != d.Format(time.RFC3339) || row["duration_s"] != want || !strings.HasPrefix(row["utc_offset"], "+0") {
				t.Fatalf("%s is %s, %s s, want %s s", d, row["time"], row["duration_s"], want)
			}
			y.gained(t, row, part[0], part[1])
		}
	}
	if days != 366 || len(rows) != days+1 {
		t.Errorf("%d rows, %d of the year, want 367 and 366", len(rows), days)
	}
}

// partsOf returns the first and the last reading of a day by each of its meters;
// the midnight at its end belongs to it too.
func (y *year) partsOf(t *testing.T, from, to time.Time) [][2]*reading {
	t.Helper()
	first, last := y.at[from.Unix()], y.at[to.Unix()]
	if first == nil || last == nil {
		t.Fatalf("no reading at %s or %s", from, to)
	}
	if first.new == last.new {
		return [][2]*reading{{first, last}}
	}
	at, err := time.ParseInLocation("2006-01-02T15:04:05", replaced, from.Location())
	must(t, err)
	return [][2]*reading{{first, y.at[at.Unix()-900]}, {y.at[at.Unix()], last}}
}
