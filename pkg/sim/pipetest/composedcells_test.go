package pipetest

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"p1/pkg/sim/forms"
)

// shows tells whether a cell is what a fact says, in a column that says so.
func shows(f *forms.Fact, begin []string, c cell) bool {
	switch f.Kind {
	case forms.Clock:
		return strings.HasSuffix(c.column, "clock") || strings.HasPrefix(c.column, "local_")
	case forms.Meter, forms.Text:
		return reads(f.Text, c.text) && !strings.HasSuffix(c.column, "_kwh")
	case forms.Past, forms.Failures:
		if c.column == "month_end_time" {
			return len(f.Peaks) > 0 && c.text == f.Peaks[0].End
		}
		return strings.HasSuffix(c.column, "history") || strings.HasSuffix(c.column, "log")
	case forms.Aside:
		return f.Value != "" && strings.Contains(c.text, f.Value) || f.Text != "" && c.text == f.Text
	case forms.Absent:
		return beginsAs(f, c) && strings.HasSuffix(c.column, "_time") && isReset(c.text)
	case forms.Unread:
		return false
	}
	for _, stem := range begin {
		rest, ok := strings.CutPrefix(c.column, stem)
		words := strings.Split(rest, "_")
		if !ok || words[0] != "" || !mayFollow(f, words[1:]) {
			continue
		}
		last := words[len(words)-1]
		if last == "time" {
			return f.Time != "" && c.text == f.Time
		}
		if equal(f.Value, f.Unit, c.text, last) {
			return true
		}
	}
	return false
}

// isReset tells whether a time is one that clocks show that were never set.
func isReset(time string) bool {
	return strings.HasPrefix(time, "2000-01-01") || strings.HasPrefix(time, "1970-01-01")
}

// mayFollow tells whether a column's name may go on so after its quantity: with a unit.
// Those of devices, and of second values, are free.
func mayFollow(f *forms.Fact, words []string) bool {
	free := f.Kind == forms.Device || f.Beside || strings.HasPrefix(f.Code, "0-") && !strings.HasPrefix(f.Code, "0-0:")
	return free || len(words) < 2
}

// reads tells whether a cell is a text, as sent or decoded.
func reads(sent, got string) bool {
	if got == sent || sent != "" && strings.TrimLeft(got, "0") == strings.TrimLeft(sent, "0") {
		return true
	}
	if sent == "" {
		return false
	}
	hex := fmt.Sprintf("%X", sent)
	plain := strings.ReplaceAll(strings.ReplaceAll(got, "\uFFFD", ""), " ", "")
	return strings.EqualFold(hex, plain) || strings.Contains(strings.ToUpper(plain), hex) || decoded(sent) == got
}

// decoded is what hex digits stand for.
func decoded(hex string) string {
	var text []byte
	for i := 0; i+1 < len(hex); i += 2 {
		b, err := strconv.ParseUint(hex[i:i+2], 16, 8)
		if err != nil {
			return hex
		}
		text = append(text, byte(b))
	}
	return strings.TrimSpace(string(text))
}

// A multiple is a unit as so many of another one.
type multiple struct {
	of   string
	many string
}

// sizes are the units that meters send and columns have.
var sizes = map[string]multiple{
	"w": {"w", "1"}, "kw": {"w", "1000"}, "mw": {"w", "1000000"},
	"wh": {"wh", "1"}, "kwh": {"wh", "1000"}, "mwh": {"wh", "1000000"},
	"var": {"var", "1"}, "kvar": {"var", "1000"}, "varh": {"varh", "1"}, "kvarh": {"varh", "1000"},
	"va": {"va", "1"}, "kva": {"va", "1000"}, "vah": {"vah", "1"}, "kvah": {"vah", "1000"},
	"v": {"v", "1"}, "kv": {"v", "1000"}, "mv": {"v", "1/1000"},
	"a": {"a", "1"}, "ka": {"a", "1000"}, "ma": {"a", "1/1000"},
	"hz": {"hz", "1"}, "khz": {"hz", "1000"},
	"m3": {"l", "1000"}, "dm3": {"l", "1"}, "l": {"l", "1"},
	"j": {"wh", "1/3600"}, "mj": {"wh", "10000/36"}, "gj": {"wh", "10000000/36"},
}

// equal tells whether two numbers with their units are the same quantity.
func equal(value, unit, got, gotUnit string) bool {
	a, ok := new(big.Rat).SetString(value)
	b, ok2 := new(big.Rat).SetString(got)
	if !ok || !ok2 {
		return false
	}
	from, known := sizes[strings.ToLower(unit)]
	to, known2 := sizes[gotUnit]
	if !known || !known2 {
		return a.Cmp(b) == 0 && (unit == "" || strings.EqualFold(unit, gotUnit))
	}
	m, _ := new(big.Rat).SetString(from.many)
	n, _ := new(big.Rat).SetString(to.many)
	return from.of == to.of && a.Mul(a, m).Cmp(b.Mul(b, n)) == 0
}

// names are those of columns that the group meanings do not give.
var names = map[string]string{
	"0-0:17.0.0": "limiter", "1-0:31.4.0": "fuse", "1-1:31.4.0": "fuse",
	"0-0:96.7.21": "power_failures", "0-0:96.7.9": "long_power_failures",
	"1-0:32.32.0": "voltage_l1_sags", "1-0:52.32.0": "voltage_l2_sags", "1-0:72.32.0": "voltage_l3_sags",
	"1-0:32.36.0": "voltage_l1_swells", "1-0:52.36.0": "voltage_l2_swells", "1-0:72.36.0": "voltage_l3_swells",
	"1-0:1.4.0": "import_demand", "1-0:2.4.0": "export_demand", "1-0:36.7.0": "net_l1",
}

// quantities are the meanings of group C (IEC 62056-61), of all phases and, 20 more for
// each, of one.
var quantities = map[int]string{
	1: "import", 2: "export", 3: "reactive_import", 4: "reactive_export",
	5: "reactive_q1", 6: "reactive_q2", 7: "reactive_q3", 8: "reactive_q4",
	9: "apparent_import", 10: "apparent_export", 11: "current", 12: "voltage",
	13: "power_factor", 14: "frequency", 15: "combined", 16: "net",
}

// stems are how the columns begin in which a fact may stand.
func stems(f *forms.Fact) []string {
	if f.Kind == forms.Device || f.Kind == forms.Absent {
		return deviceStems(f)
	}
	if f.Kind != forms.Number && f.Kind != forms.Aside && f.Kind != forms.Unread {
		return nil
	}
	if name, ok := names[f.Code]; ok {
		return []string{name}
	}
	var a, b, c, d, e int
	if n, _ := fmt.Sscanf(f.Code, "%d-%d:%d.%d.%d", &a, &b, &c, &d, &e); n < 5 {
		return []string{f.Code}
	}
	if a == 0 && b > 0 {
		return []string{fmt.Sprintf("mbus%d", b), "heat"}
	}
	if a != 1 {
		return []string{"message"}
	}
	phase := ""
	if c > 20 {
		phase = fmt.Sprintf("_l%d", (c-1)/20)
		c = (c-1)%20 + 1
	}
	stem := quantities[c] + phase
	if f.Of != "" {
		stem = f.Of + "_" + stem
	}
	switch {
	case d == 6 && e > 0:
		stem += fmt.Sprintf("_max_t%d", e)
	case d == 6:
		stem += "_max"
	case e > 0:
		stem += fmt.Sprintf("_t%d", e)
	}
	return []string{stem}
}

// deviceStems are those of a device: its medium's, with its channel for a second one, or
// its channel's.
func deviceStems(f *forms.Fact) []string {
	media := map[string][]string{
		"gas": {"gas"}, "water": {"water", "cold_water"}, "hot water": {"hot_water", "warm_water", "water_hot", "water_warm"},
		"heat": {"heat"}, "cooling": {"cooling", "cold"}, "heat or cooling": {"heat", "cooling"}, "electricity": {"electricity", "slave"},
	}
	stems := slices.Clone(media[f.Medium])
	if f.Channel > 0 {
		stems = append(stems, fmt.Sprintf("mbus%d", f.Channel))
	}
	return stems
}
