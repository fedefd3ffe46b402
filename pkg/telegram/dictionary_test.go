package telegram

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestDictionaryIsSorted(t *testing.T) {
	for i := 1; i < len(dictionary); i++ {
		if dictionary[i-1].Code >= dictionary[i].Code {
			t.Errorf("%s stands before %s", dictionary[i-1].Code, dictionary[i].Code)
		}
	}
	for i, m := range rows() {
		if i > 0 && rows()[i-1].Code == m.Code {
			t.Errorf("%s is there twice", m.Code)
		}
		code := strings.Replace(m.Code, "0-n:", "0-4:", 1)
		got := Lookup(code)
		if got.Name != strings.Replace(m.Name, "#", "4", 1) || got.Code != code || got.Kind != m.Kind || got.Unit != m.Unit {
			t.Errorf("%s is found as %+v", m.Code, got)
		}
		if m.Title == "" {
			t.Errorf("%s has no title", m.Code)
		}
	}
}

// TestMeanings: what is met in the field has the names, titles, units and kinds that it
// always had, whether a row or its groups give them.
func TestMeanings(t *testing.T) {
	kinds := []string{"text", "register", "instant", "clock", "identifier", "switch", "history"}
	var got strings.Builder
	got.WriteString("code|name|title|unit|kind\n")
	for _, m := range Meanings() {
		if found := Lookup(m.Code); found != m {
			t.Errorf("%s is found as %+v", m.Code, found)
		}
		fmt.Fprintf(&got, "%s|%s|%s|%s|%s\n", m.Code, m.Name, m.Title, m.Unit, kinds[m.Kind])
	}
	want, err := os.ReadFile("testdata/meanings.txt")
	if err != nil {
		t.Fatal(err)
	}
	old, now := strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")
	at := 0 // others may have come in between
	for _, line := range old {
		switch i := slices.Index(now[at:], line); {
		case i >= 0:
			at += i + 1
		case slices.Contains(now, line):
			t.Errorf("in another order: %s", line)
		default:
			t.Errorf("no longer there: %s", line)
		}
	}
}

// ownWays are the codes of electricity that are not used as IEC 62056-61 says.
var ownWays = map[string]bool{"1-0:31.4.0": true, "1-0:51.4.0": true, "1-0:71.4.0": true, "1-1:31.4.0": true}

// TestTableAndGroups: a row of the table says what the group meanings do not, and
// contradicts them only in ownWays.
func TestTableAndGroups(t *testing.T) {
	for _, m := range dictionary {
		o, ok := parseOBIS(strings.Replace(m.Code, "n", "1", 1))
		if !ok {
			t.Errorf("%s is no code", m.Code)
		}
		if o.identifies() != (m.Kind == Identifier) {
			t.Errorf("%s: kind %d", m.Code, m.Kind)
		}
		if o[0] != 1 {
			continue
		}
		by, ok := electricity(o)
		by.Code = m.Code
		if by == (Meaning{Code: m.Code, Name: m.Name, Title: m.Title, Unit: m.Unit, Kind: m.Kind}) {
			t.Errorf("%s needs no row", m.Code)
		}
		if same := by.Name == m.Name && by.Unit == m.Unit && by.Kind == m.Kind; ok && same == ownWays[m.Code] {
			t.Errorf("table %+v, groups %+v", m, by)
		}
	}
	if n := len(rows()) - len(dictionary); n < 150 {
		t.Errorf("only %d codes are named by their groups", n)
	}
}

var columnText = regexp.MustCompile(`^[a-z0-9_]+$`)

// TestColumnsDiffer: no two codes have the same column.
func TestColumnsDiffer(t *testing.T) {
	seen := map[string]string{}
	check := func(code string) {
		m := Lookup(code)
		column := m.Column()
		if other, ok := seen[column]; ok && other != m.Code {
			t.Fatalf("%s and %s are both %s", other, m.Code, column)
		}
		seen[column] = m.Code
		if !columnText.MatchString(column) {
			t.Fatalf("%s is %q", code, column)
		}
	}
	for _, m := range rows() {
		check(strings.Replace(m.Code, "n", "3", 1))
	}
	for _, a := range []int{0, 1, 6, 7} {
		for _, b := range []int{0, 1} {
			for c := range 100 {
				for d := range 64 {
					for e := range 5 {
						check(fmt.Sprintf("%d-%d:%d.%d.%d", a, b, c, d, e))
					}
				}
			}
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 50000 {
		code := fmt.Sprintf("%d-%d:%d.%d.%d", r.IntN(10), r.IntN(66), r.IntN(256), r.IntN(256), r.IntN(256))
		check(code)
		check(code + fmt.Sprintf("*%d", r.IntN(256)))
	}
	for _, odd := range []string{"1-0:01.8.0", "1-0:1.08.0", "1-0:1.8.00", "999-0:1.8.0", "1-0:1.8.0*00", "1-0:1.8.0*0", "1-0:1.8.0*999", "", "1-0", "x"} {
		check(odd)
	}
}

func TestCanonical(t *testing.T) {
	for code, want := range map[string]string{
		"1-0:1.8.0": "1-0:1.8.0", "1-0:1.8.0*255": "1-0:1.8.0", "1-0:21.7.255*255": "1-0:21.7.0", "0-0:96.1.255": "0-0:96.1.0",
		"1-0:1.8.0*1": "1-0:1.8.0*1", "1-0:1.8.25": "1-0:1.8.25", "1-0:1.8.1255": "1-0:1.8.1255",
	} {
		if got := Canonical(code); got != want {
			t.Errorf("%s is %s, want %s", code, got, want)
		}
	}
}

// TestColumns: names that tables have been written with, and names by the group
// meanings.
func TestColumns(t *testing.T) {
	for code, want := range map[string]string{
		"1-0:1.8.0": "import_kwh", "1-0:1.8.1": "import_t1_kwh", "1-0:1.8.2": "import_t2_kwh", "1-0:1.8.4": "import_t4_kwh",
		"1-0:2.8.0": "export_kwh", "1-0:2.8.1": "export_t1_kwh", "1-0:2.8.2": "export_t2_kwh",
		"1-0:1.7.0": "import_kw", "1-0:2.7.0": "export_kw",
		"1-0:32.7.0": "voltage_l1_v", "1-0:52.7.0": "voltage_l2_v", "1-0:72.7.0": "voltage_l3_v",
		"1-0:31.7.0": "current_l1_a", "1-0:51.7.0": "current_l2_a", "1-0:71.7.0": "current_l3_a",
		"1-0:21.7.0": "import_l1_kw", "1-0:41.7.0": "import_l2_kw", "1-0:61.7.0": "import_l3_kw",
		"1-0:22.7.0": "export_l1_kw", "1-0:42.7.0": "export_l2_kw", "1-0:62.7.0": "export_l3_kw",
		"0-0:96.14.0": "tariff",
		"1-0:15.8.0":  "combined_kwh", "1-0:5.8.0": "reactive_q1_kvarh", "1-0:13.7.0": "power_factor", "1-0:33.7.0": "power_factor_l1", "1-0:14.7.0": "frequency_hz",
		"1-0:32.32.0": "voltage_l1_sags", "1-0:72.36.0": "voltage_l3_swells", "0-0:96.7.21": "power_failures",
		"1-0:21.7.255*255": "import_l1_kw", "1-0:1.8.0*255": "import_kwh", "1-0:1.8.0*1": "import_f1_kwh",
		"1-0:62.6.1": "export_l3_max_t1_kw", "1-0:49.8.3": "apparent_import_l2_t3_kvah", "1-0:32.7.5": "voltage_l1_h5_v",
		"1-0:23.29.0": "reactive_import_l1_interval_kvarh", "1-2:1.8.0": "import_ch2_kwh", "1-0:12.43.0": "obis_1_0_12_43_0", "1-0:14.8.0": "obis_1_0_14_8_0",
		"0-0:94.7.1": "obis_0_0_94_7_1", "0-2:24.2.1": "mbus2", "0-2:96.1.0": "mbus2_id", "0-12:24.1.0": "mbus12_type",
	} {
		if got := Lookup(code).Column(); got != want {
			t.Errorf("%s is %s, want %s", code, got, want)
		}
	}
}

func TestIdentifiers(t *testing.T) {
	for _, code := range []string{
		"0-0:96.1.0", "0-0:96.1.1", "0-0:96.1.2", "0-0:96.1.3", "0-0:96.1.9", "0-0:96.1.17", "0-0:96.1.255", "0-0:96.1.255*255", "0-0:42.0.0",
		"0-1:96.1.0", "0-4:96.1.1", "0-3:96.1.2", "0-1:96.1.4", "1-0:0.0.0", "1-0:0.0.5", "0-0:0.0.0", "1-0:0.0.0*255", "1-0:96.1.0*255", "7-0:0.0.0",
		"0-0:96.1.4*1", "0-0:41.0.0",
	} {
		if m := Lookup(code); m.Kind != Identifier {
			t.Errorf("%s: kind %d", code, m.Kind)
		}
	}
	for _, code := range []string{"0-0:96.1.4", "1-3:0.2.8", "0-0:1.0.0", "0-0:96.14.0", "0-0:96.13.0", "1-0:1.8.0", "0-0:17.0.0", "1-0:42.7.0", "0-0:96.11.0"} {
		if m := Lookup(code); m.Kind == Identifier {
			t.Errorf("%s is taken for an identifier", code)
		}
	}
}

// TestKnownCodes: what other readers of P1 ports know by name has a name here.
func TestKnownCodes(t *testing.T) {
	n := 0
	for _, groups := range []struct {
		before string
		codes  string
	}{
		{"1-0:", "1.8.0 1.8.1 1.8.2 1.8.3 1.8.4 2.8.0 2.8.1 2.8.2 2.8.3 2.8.4 3.8.0 3.8.1 3.8.2 4.8.0 4.8.1 4.8.2 5.8.0 6.8.0 7.8.0 8.8.0 9.8.0 10.8.0 15.8.0 16.8.0"},
		{"1-0:", "1.7.0 2.7.0 3.7.0 4.7.0 5.7.0 6.7.0 7.7.0 8.7.0 9.7.0 10.7.0 11.7.0 12.7.0 13.7.0 14.7.0 15.7.0 16.7.0 90.7.0 91.7.0"},
		{"1-0:", "21.7.0 22.7.0 23.7.0 24.7.0 29.7.0 30.7.0 31.7.0 32.7.0 33.7.0 41.7.0 42.7.0 43.7.0 44.7.0 49.7.0 50.7.0 51.7.0 52.7.0 53.7.0"},
		{"1-0:", "61.7.0 62.7.0 63.7.0 64.7.0 69.7.0 70.7.0 71.7.0 72.7.0 73.7.0 36.7.0 56.7.0 76.7.0"},
		{"1-0:", "32.32.0 52.32.0 72.32.0 32.33.0 52.33.0 72.33.0 32.36.0 52.36.0 72.36.0 32.37.0 52.37.0 72.37.0 32.24.0 52.24.0 72.24.0 31.24.0 51.24.0 71.24.0"},
		{"1-0:", "1.4.0 1.5.0 1.6.0 2.4.0 2.5.0 2.6.0 1.24.0 2.24.0 15.24.0 16.24.0 31.4.0 51.4.0 71.4.0 99.97.0 0.0.0 0.2.0 0.2.8 96.5.5 98.1.0"},
		{"1-0:", "1.8.0*255 2.8.0*255 21.7.255*255 41.7.255*255 61.7.255*255 1.7.255*255 0.0.0*255 96.5.5*255"},
		{"0-0:", "1.0.0 96.1.0 96.1.1 96.1.2 96.1.4 42.0.0 0.2.0 17.0.0 24.4.0 96.3.10 96.50.68 96.14.0 96.13.0 96.13.1 96.13.2 96.13.3 96.7.9 96.7.19 96.7.21 98.1.0"},
		{"0-0:", "96.1.255*255 96.8.0*255 96.5.5"},
		{"0-1:", "24.1.0 24.2.1 24.2.3 24.3.0 24.4.0 96.1.0 96.1.1 96.1.2 96.3.10"},
		{"0-4:", "24.1.0 24.2.1 24.2.3 24.3.0 24.4.0 96.1.0 96.1.1 96.1.2"},
		{"1-1:", "31.4.0 0.2.0 0.2.8 0.2.129"}, {"1-3:", "0.2.8"},
	} {
		for _, code := range strings.Fields(groups.codes) {
			n++
			if m := Lookup(groups.before + code); strings.HasPrefix(m.Name, "obis_") {
				t.Errorf("%s%s has no name", groups.before, code)
			}
		}
	}
	if n < 150 {
		t.Errorf("only %d codes", n)
	}
}

func TestIsVoltage(t *testing.T) {
	for code, want := range map[string]bool{"1-0:32.7.0": true, "1-0:72.7.0": true, "1-0:12.7.0": true, "1-0:32.7.255*255": true, "1-0:32.7.5": false, "1-0:32.24.0": false, "1-0:32.32.0": false, "1-0:31.7.0": false, "1-0:32.8.0": false} {
		if got := Lookup(code).IsVoltage(); got != want {
			t.Errorf("%s: %v", code, got)
		}
	}
}
