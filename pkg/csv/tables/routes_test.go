package tables_test

import (
	"bytes"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"p1/pkg/csv/homeassistant"
	"p1/pkg/csv/tables"
	"p1/pkg/dlms"
	"p1/pkg/frame"
	"p1/pkg/record"
	"p1/pkg/sim"
	"p1/pkg/telegram"
)

// numbers are the columns of the profile default that show the number of a line, by
// their names, each with the name that the profile seed has for it.
var numbers = map[string]struct{ code, unit, seed string }{
	"import_kwh":    {"1-0:1.8.0", "kWh", "kWhIn"},
	"import_t1_kwh": {"1-0:1.8.1", "kWh", ""},
	"import_t2_kwh": {"1-0:1.8.2", "kWh", ""},
	"export_kwh":    {"1-0:2.8.0", "kWh", "kWhOut"},
	"export_t1_kwh": {"1-0:2.8.1", "kWh", ""},
	"export_t2_kwh": {"1-0:2.8.2", "kWh", ""},
	"import_kw":     {"1-0:1.7.0", "kW", "kWIn"},
	"export_kw":     {"1-0:2.7.0", "kW", "kWOut"},
	"voltage_l1_v":  {"1-0:32.7.0", "V", "Voltage3"},
	"voltage_l2_v":  {"1-0:52.7.0", "V", "Voltage5"},
	"voltage_l3_v":  {"1-0:72.7.0", "V", "Voltage7"},
	"current_l1_a":  {"1-0:31.7.0", "A", "Amp3"},
	"current_l2_a":  {"1-0:51.7.0", "A", "Amp5"},
	"current_l3_a":  {"1-0:71.7.0", "A", "Amp7"},
	"import_l1_kw":  {"1-0:21.7.0", "kW", ""},
	"import_l2_kw":  {"1-0:41.7.0", "kW", ""},
	"import_l3_kw":  {"1-0:61.7.0", "kW", ""},
	"export_l1_kw":  {"1-0:22.7.0", "kW", ""},
	"export_l2_kw":  {"1-0:42.7.0", "kW", ""},
	"export_l3_kw":  {"1-0:62.7.0", "kW", ""},
}

// computed are the columns of the profile default that are computed, all in kW or A.
var computed = []string{"interval_import_kw", "interval_export_kw", "net_current_a"}

// profileOf is the profile of the country that a simulated meter stands in.
func profileOf(meter string) string {
	switch meter[:2] {
	case "be", "lu", "se", "hu":
		return meter[:2]
	case "no":
		return tables.Sweden
	case "at":
		return tables.Luxembourg
	}
	return tables.Netherlands
}

// Whatever table and format a number is in, and whatever the meter's dialect, it is
// the one that the telegram says.
func TestSameNumbersByEveryRoute(t *testing.T) {
	if n := len(sim.Meters()); n < 16 {
		t.Fatalf("only %d meters", n)
	}
	for _, meter := range sim.Meters() {
		t.Run(meter, func(t *testing.T) {
			list := simulated(t, "meter="+meter+"&telegrams=4&seed=5&logger=raw")
			said := false
			of := func(o tables.Options) []map[string]string { return rows(t, o, list) }
			byDefault, seed, all := of(tables.Options{}), of(tables.Options{Profile: tables.Seed}), of(tables.Options{Profile: tables.All})
			country := of(tables.Options{Profile: profileOf(meter)})
			watts, asJSON := of(tables.Options{Units: tables.W}), of(tables.Options{Format: tables.JSON})
			countryWatts := of(tables.Options{Profile: profileOf(meter), Units: tables.W, Format: tables.JSON})
			for i, from := range list {
				parsed := telegram.Parse(from.Raw)
				for name, n := range numbers {
					want := ""
					if d, ok := parsed.Number(n.code, n.unit); ok {
						want, said = d.String(), true
					}
					same := func(route string, row map[string]string, name, want string, must bool) {
						if got, there := row[name]; got != want || must && !there {
							t.Errorf("telegram %d, %s: %s is %q, want %q", i+1, route, name, got, want)
						}
					}
					watt, inWatts := thousandfold(t, name, want)
					same("default", byDefault[i], name, want, true)
					same("JSON", asJSON[i], name, want, true)
					same("watts", watts[i], watt, inWatts, true)
					same("all", all[i], name, want, want != "")
					if n.seed != "" {
						same("seed", seed[i], n.seed, want, true)
					}
					if _, there := country[i][name]; there {
						same("country", country[i], name, want, true)
						same("country in watts as JSON", countryWatts[i], watt, inWatts, true)
					}
				}
				for _, name := range computed {
					want := byDefault[i][name]
					watt, inWatts := thousandfold(t, name, want)
					if asJSON[i][name] != want || watts[i][watt] != inWatts {
						t.Errorf("telegram %d: %s is %q, %q as JSON and %q in watts", i+1, name, want, asJSON[i][name], watts[i][watt])
					}
				}
				if got, want := seed[i]["TotalAmp"], byDefault[i]["net_current_a"]; strings.Trim(got, "-") != strings.Trim(want, "-") && got != "" {
					t.Errorf("telegram %d: a current of %q by seed, %q by default", i+1, got, want)
				}
			}
			if !said {
				t.Error("the telegrams say no number")
			}
		})
	}
}

// thousandfold is a column in watts, and its cell.
func thousandfold(t *testing.T, name, cell string) (string, string) {
	t.Helper()
	before, unit, _ := strings.Cut(name[strings.LastIndexByte(name, '_'):], "_k")
	if unit == "" {
		return name, cell
	}
	name = name[:strings.LastIndexByte(name, '_')] + before + "_" + unit
	if cell == "" {
		return name, ""
	}
	d, ok := telegram.ParseDecimal(cell)
	if !ok {
		t.Fatalf("%s is %q, which is no number", name, cell)
	}
	return name, d.Shift(-3).String()
}

// Home Assistant is shown what the rows hold from the start, and nothing else.
func TestDiscoveryEnablesNoEmptyColumn(t *testing.T) {
	for _, meter := range sim.Meters() {
		for _, o := range []tables.Options{{}, {Profile: profileOf(meter)}, {Profile: tables.All}, {Units: tables.W}} {
			list := simulated(t, "meter="+meter+"&telegrams=4&seed=5&logger=raw")
			o.AcceptBad, o.Format = true, tables.JSON
			enabled, on, made := 0, sensors(t, o, list), rows(t, o, list)
			for name := range on {
				filled := false
				for _, row := range made {
					filled = filled || row[name] != ""
				}
				if on[name] && !filled {
					t.Errorf("%s, profile %q, units %q: %s is enabled, and empty in all rows", meter, o.Profile, o.Units, name)
				}
				if on[name] {
					enabled++
				}
			}
			if enabled < 4 {
				t.Errorf("%s, profile %q: only %d sensors are enabled", meter, o.Profile, enabled)
			}
		}
	}
}

// sensors are the columns of which Home Assistant is told, and whether it shows them
// from the start.
func sensors(t *testing.T, o tables.Options, list []*record.Telegram) map[string]bool {
	t.Helper()
	head, err := tables.NewHead(o)
	check(t, err)
	for _, r := range list {
		known, err := head.Take(r)
		check(t, err)
		if known {
			break
		}
	}
	meter, columns, err := head.Known()
	check(t, err)
	var b bytes.Buffer
	check(t, homeassistant.Write(&b, "p1", meter, columns))
	on := map[string]bool{}
	for line := range strings.Lines(b.String()) {
		topic, text, _ := strings.Cut(line, " ")
		var message struct {
			Enabled bool `json:"enabled_by_default"`
		}
		check(t, json.Unmarshal([]byte(text), &message))
		on[strings.Split(topic, "/")[3]] = message.Enabled
	}
	return on
}

// rows are the rows of telegrams by the names of their columns; in JSON null is
// empty, and a number has the digits that it is written with.
func rows(t *testing.T, o tables.Options, list []*record.Telegram) (made []map[string]string) {
	t.Helper()
	o.AcceptBad = true // the CRC of one meter is of no known kind
	var b bytes.Buffer
	w, err := tables.New(&b, o)
	check(t, err)
	for _, r := range list {
		check(t, w.Take(r))
	}
	check(t, w.Close())
	if o.Format == tables.JSON {
		for line := range strings.Lines(b.String()) {
			d := json.NewDecoder(strings.NewReader(line))
			d.UseNumber()
			var cells map[string]any
			check(t, d.Decode(&cells))
			row := map[string]string{}
			for name, cell := range cells {
				row[name] = ""
				if cell != nil {
					row[name] = fmt.Sprint(cell)
				}
			}
			made = append(made, row)
		}
	} else {
		table, err := csv.NewReader(&b).ReadAll()
		check(t, err)
		for _, cells := range table[1:] {
			row := map[string]string{}
			for i, cell := range cells {
				row[table[0][i]] = cell
			}
			made = append(made, row)
		}
	}
	if len(made) != len(list) {
		t.Fatalf("%d rows of %d telegrams", len(made), len(list))
	}
	return made
}

// simulated are the telegrams of a simulated meter, cut out of its log.
func simulated(t *testing.T, query string) []*record.Telegram {
	t.Helper()
	o, err := sim.ParseOptions(query)
	check(t, err)
	s, err := sim.New(o)
	check(t, err)
	key, err := hex.DecodeString(sim.DemoKey)
	check(t, err)
	keys, err := dlms.NewKeys(key, nil)
	check(t, err)
	var list telegrams
	framer := frame.New(&list, frame.Options{Keys: keys})
	at := int64(0)
	for x, ok := s.Next(); ok; x, ok = s.Next() {
		check(t, framer.Take(&record.Chunk{Origin: record.Origin{Source: "log", Offset: at}, Data: x.Logged}))
		at += int64(len(x.Logged))
	}
	check(t, framer.Close())
	if len(list) != o.Telegrams {
		t.Fatalf("%d telegrams of %d", len(list), o.Telegrams)
	}
	return list
}

type telegrams []*record.Telegram

func (l *telegrams) Write(r record.Record) error {
	if r, ok := r.(*record.Telegram); ok {
		c := *r
		c.Raw = bytes.Clone(r.Raw)
		*l = append(*l, &c)
	}
	return nil
}
func (l *telegrams) Flush() error { return nil }

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
