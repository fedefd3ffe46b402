package pipetest

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// realLog returns the absolute name of a real meter's log, and what is in it. They
// are no part of the module.
func realLog(t *testing.T, name string) (file string, data []byte) {
	t.Helper()
	file, err := filepath.Abs(filepath.Join("../../../../shared/data", name))
	must(t, err)
	if data, err = os.ReadFile(file); err != nil {
		t.Skipf("the real log %s is not here", name)
	}
	return file, data
}

// 54 telegrams of a real meter, with CR LF and with LF.
func TestRealClean(t *testing.T) {
	t.Parallel()
	tables := map[string][]byte{}
	for _, name := range []string{"eon-clean.log", "eon-clean-lf.log"} {
		file, log := realLog(t, name)
		out := run(t, "", "p1cat "+file+" | p1frame | p1fix")
		list := lines(t, out)
		conserve(t, name, list, log)
		if all, ok := len(telegrams(list)), len(telegrams(list, "ok")); all != 54 || ok != 54 {
			t.Errorf("%s: %d telegrams, %d of them ok, want 54", name, all, ok)
		}
		if noise := len(list) - len(telegrams(list)); noise != 1 || list[0].Type != "noise" || !bytes.Contains(list[0].Data, []byte("PuTTY log")) {
			t.Errorf("%s: %d records are no telegrams, want PuTTY's line alone", name, noise)
		}
		for i, l := range telegrams(list) {
			if wantLF := name == "eon-clean-lf.log"; (l.EOL == "lf") != wantLF || l.Seq != int64(i+1) {
				t.Errorf("%s: telegram %d has eol %q and seq %d", name, i+1, l.EOL, l.Seq)
			}
		}
		tables[name] = feed(t, out, "p1csv")
	}
	crlf, lf := tables["eon-clean.log"], tables["eon-clean-lf.log"]
	if !bytes.Equal(crlf, lf) {
		t.Error("the two logs give different records")
	}
	rows := parseTable(t, crlf).rows
	if len(rows) != 54 {
		t.Fatalf("%d records, want 54", len(rows))
	}
	// As they stand in the log.
	for column, want := range map[string]string{"time": "2023-08-24T01:21:30+02:00", "utc_offset": "+02:00", "status": "ok"} {
		if rows[0][column] != want {
			t.Errorf("the first record's %s is %q, want %q", column, rows[0][column], want)
		}
	}
}

// 804 transmissions on a bad day.
func TestRealNoisy(t *testing.T) {
	t.Parallel()
	file, log := realLog(t, "eon-noisy.log")
	chunks := run(t, "", "p1cat "+file)
	conserve(t, "p1cat", lines(t, chunks), log)
	framed := feed(t, chunks, "p1frame")
	list := lines(t, framed)
	conserve(t, "p1frame", list, log)
	if n := len(telegrams(list)); n < 795 || n > 830 {
		t.Errorf("p1frame finds %d telegrams in 804 transmissions", n)
	}
	fixed := feed(t, framed, "p1fix")
	list = lines(t, fixed)
	conserve(t, "p1fix", list, log)
	if n := len(telegrams(list, "unchecked")); n != 0 {
		t.Errorf("%d telegrams are called unchecked, and this meter sends CRCs", n)
	}
	rows := parseTable(t, feed(t, fixed, "p1csv")).rows
	if len(rows) < 100 {
		t.Errorf("only %d records", len(rows))
	}
	seen := map[string]bool{}
	last := ""
	for _, row := range rows {
		if row["time"] <= last || seen[row["time"]] || row["import_kwh"] == "" {
			t.Errorf("a record of %q after one of %q, import %q", row["time"], last, row["import_kwh"])
		}
		last = row["time"]
		seen[last] = true
	}
	t.Logf("%d records", len(rows))
}

// eonColumns are the names of a real meter's codes, as people would call them; of
// 98.1.0 they are the register or the demand at the month's end.
var eonColumns = map[string]string{
	"0-0:1.0.0": "time", "0-0:42.0.0": "logical_device", "0-0:96.1.0": "meter_id", "0-0:96.14.0": "tariff",
	"0-0:96.50.68": "breaker_status", "0-0:17.0.0": "limiter_kw", "0-0:96.13.0": "message",
	"1-0:1.8.0": "import_kwh", "1-0:1.8.1": "import_t1_kwh", "1-0:1.8.2": "import_t2_kwh", "1-0:1.8.3": "import_t3_kwh", "1-0:1.8.4": "import_t4_kwh",
	"1-0:2.8.0": "export_kwh", "1-0:2.8.1": "export_t1_kwh", "1-0:2.8.2": "export_t2_kwh", "1-0:2.8.3": "export_t3_kwh", "1-0:2.8.4": "export_t4_kwh",
	"1-0:3.8.0": "reactive_import_kvarh", "1-0:4.8.0": "reactive_export_kvarh",
	"1-0:5.8.0": "reactive_q1_kvarh", "1-0:6.8.0": "reactive_q2_kvarh", "1-0:7.8.0": "reactive_q3_kvarh", "1-0:8.8.0": "reactive_q4_kvarh",
	"1-0:15.8.0": "combined_kwh",
	"1-0:32.7.0": "voltage_l1_v", "1-0:52.7.0": "voltage_l2_v", "1-0:72.7.0": "voltage_l3_v",
	"1-0:31.7.0": "current_l1_a", "1-0:51.7.0": "current_l2_a", "1-0:71.7.0": "current_l3_a",
	"1-0:13.7.0": "power_factor", "1-0:33.7.0": "power_factor_l1", "1-0:53.7.0": "power_factor_l2", "1-0:73.7.0": "power_factor_l3",
	"1-0:14.7.0": "frequency_hz", "1-0:1.7.0": "import_kw", "1-0:2.7.0": "export_kw",
	"1-0:5.7.0": "reactive_q1_kvar", "1-0:6.7.0": "reactive_q2_kvar", "1-0:7.7.0": "reactive_q3_kvar", "1-0:8.7.0": "reactive_q4_kvar",
}

var obisLine = regexp.MustCompile(`(?m)^(\d+-\d+:\d+\.\d+\.\d+)((?:\([^)]*\))+)\r$`)

// Each code of a real log has a column with a name and the meter's digits in it.
func TestRealAll(t *testing.T) {
	t.Parallel()
	file, log := realLog(t, "eon-clean.log")
	out := run(t, "", "p1cat "+file+" | p1frame | p1fix")
	x := parseTable(t, feed(t, out, "p1csv --profile all"))
	for _, name := range x.heading {
		if strings.HasPrefix(name, "obis_") {
			t.Errorf("the column %s has no name", name)
		}
	}
	telegrams := bytes.Split(log, []byte("/AUX5"))[1:]
	if len(x.rows) != len(telegrams) {
		t.Fatalf("%d rows of %d telegrams", len(x.rows), len(telegrams))
	}
	for i, row := range x.rows {
		lines := obisLine.FindAllSubmatch(telegrams[i], -1)
		if len(lines) != len(eonColumns)+1 {
			t.Fatalf("telegram %d has %d lines", i, len(lines))
		}
		for _, l := range lines {
			code, values := string(l[1]), strings.Split(strings.Trim(string(l[2]), "()"), ")(")
			if code == "0-0:98.1.0" {
				checkMonthEnd(t, row, values)
				continue
			}
			cell, ok := row[eonColumns[code]]
			if want := plainDigits(values[0]); !ok || eonColumns[code] != "time" && eonColumns[code] != "message" && cell != want {
				t.Errorf("%s%s is %q in the column %q, want %q", code, l[2], cell, eonColumns[code], want)
			}
		}
	}
}

// checkMonthEnd compares the values of 98.1.0 with their columns.
func checkMonthEnd(t *testing.T, row map[string]string, values []string) {
	t.Helper()
	names := strings.Fields("import_kwh import_t1_kwh import_t2_kwh export_kwh export_t1_kwh export_t2_kwh " +
		"reactive_import_kvarh reactive_export_kvarh reactive_q1_kvarh reactive_q2_kvarh reactive_q3_kvarh reactive_q4_kvarh combined_kwh " +
		"import_max_kw import_max_t1_kw import_max_t2_kw export_max_kw export_max_t1_kw export_max_t2_kw")
	if len(values) != len(names)+1 || values[0] != "230801000000S" || row["month_end_time"] != "2023-08-01T00:00:00+02:00" {
		t.Fatalf("98.1.0 is %q, its time %q", values, row["month_end_time"])
	}
	for i, name := range names {
		if got, want := row["month_end_"+name], plainDigits(values[i+1]); got != want {
			t.Errorf("month_end_%s is %q, want %q", name, got, want)
		}
	}
}

// plainDigits is a number without its leading zeros and its unit, any other text as
// it is.
func plainDigits(text string) string {
	number, _, measured := strings.Cut(text, "*")
	if !measured && !strings.Contains(text, ".") {
		return text
	}
	number = strings.TrimLeft(number, "0")
	if number == "" || number[0] == '.' {
		number = "0" + number
	}
	return number
}

// What a real meter says of the voltage, on a clean and on a noisy day: of the 54
// telegrams of nine minutes no ten are full; of those from 07:45:50 to 09:59:40 all
// but the first four minutes are.
func TestRealVoltage(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		used  int
		means string
	}{
		"eon-clean.log": {54, `(?m)^L1 +0 +0 +0 +0 +2 +0$`},
		"eon-noisy.log": {790, `(?m)^L1 +13 +0 +0 +0 +1 +0$`},
	} {
		file, _ := realLog(t, name)
		text := string(run(t, "", "p1cat "+file+" | p1frame | p1fix | p1noise --voltage"))
		used := regexp.MustCompile(`(?m)^used +(\d+)$`).FindStringSubmatch(text)
		if used == nil {
			t.Fatalf("%s: %s", name, text)
		}
		if n, err := strconv.Atoi(used[1]); err != nil || n < want.used {
			t.Errorf("%s: %s telegrams are used, want %d or more", name, used[1], want.used)
		}
		if strings.Count(text, "\nmeter ") != 1 || !regexp.MustCompile(want.means).MatchString(text) {
			t.Errorf("%s: %s", name, text)
		}
	}
}
