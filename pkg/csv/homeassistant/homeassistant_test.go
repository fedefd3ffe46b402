package homeassistant

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"p1/pkg/csv/tables"
	"p1/pkg/telegram"
)

// allowed are the units of a device class, as Home Assistant's documentation of
// sensors lists them; of each, those that a P1 port can have.
var allowed = map[string][]string{
	"apparent_power": {"VA"},
	"current":        {"A", "mA"},
	"duration":       {"d", "h", "min", "s", "ms"},
	"energy":         {"J", "kJ", "MJ", "GJ", "Wh", "kWh", "MWh"},
	"frequency":      {"Hz", "kHz"},
	"gas":            {"L", "m³", "ft³"},
	"power":          {"W", "kW", "MW"},
	"power_factor":   {"%", ""},
	"reactive_power": {"var"},
	"timestamp":      {""},
	"voltage":        {"V", "mV"},
	"water":          {"L", "m³", "ft³", "gal"},
}

// sums may be no measurement, as the same documentation says.
var sums = []string{"energy", "gas", "water"}

var meters = []string{
	"meter=hu", "meter=nl&mbus=gas+water+heat", "meter=dsmr4", "meter=dsmr2", "meter=dsmr3", "meter=be&mbus=gas+water", "meter=se", "meter=no", "meter=lt", "meter=ch", "meter=q3d",
	"meter=hu-holley", "meter=hu-sagemcom", "meter=nl&mbus=slave+heat",
}

var topicOf = regexp.MustCompile(`^homeassistant/sensor/[a-zA-Z0-9_-]+/[a-zA-Z0-9_-]+/config$`)

// TestMessages: whatever the meter and its columns, every message is one that Home
// Assistant takes.
func TestMessages(t *testing.T) {
	for _, meter := range meters {
		list := telegrams(t, meter+"&telegrams=70")
		for _, o := range []tables.Options{
			{}, {Profile: tables.All}, {Profile: tables.All, Units: tables.W}, {Profile: tables.Netherlands}, {Profile: tables.Belgium},
			{Profile: tables.Luxembourg}, {Profile: tables.Sweden}, {Profile: tables.Hungary}, {Columns: []string{"import_kwh", "gas_m3", "1-0:32.7.0"}},
		} {
			text := messagesOf(t, o, "p1", list)
			checkAll(t, meter+" "+o.Profile+o.Units, parse(t, text))
			checkRow(t, meter+" "+o.Profile+o.Units, parse(t, text), rowsOf(t, o, list))
		}
	}
}

// checkAll looks at what holds for all messages.
func checkAll(t *testing.T, which string, list []sent) {
	t.Helper()
	seen := map[string]bool{}
	for _, s := range list {
		id := s.text("unique_id")
		for _, once := range []string{"topic " + s.Topic, "id " + id, "entity " + s.text("default_entity_id"), "name " + s.text("name")} {
			if seen[once] {
				t.Errorf("%s: the %s is there twice", which, once)
			}
			seen[once] = true
		}
		if !topicOf.MatchString(s.Topic) {
			t.Errorf("%s: Home Assistant does not listen to %s", which, s.Topic)
		}
		checkClass(t, which+" "+id, s)
		if expire, ok := s.Keys["expire_after"].(float64); !ok || expire < 60 {
			t.Errorf("%s %s: expires after %v", which, id, s.Keys["expire_after"])
		}
		if s.text("state_topic") != "p1/state" || s.text("availability_topic") != "p1/availability" {
			t.Errorf("%s %s: topics %s, %s", which, id, s.text("state_topic"), s.text("availability_topic"))
		}
		device, _ := s.Keys["device"].(map[string]any)
		ids, _ := device["identifiers"].([]any)
		if len(ids) != 1 || !strings.HasPrefix(id, ids[0].(string)+"_") || device["name"] == "" {
			t.Errorf("%s %s: device %v", which, id, device)
		}
	}
}

// checkClass looks at the classes and the unit of one sensor.
func checkClass(t *testing.T, which string, s sent) {
	t.Helper()
	class, state, unit := s.text("device_class"), s.text("state_class"), s.text("unit_of_measurement")
	if class != "" && !slices.Contains(allowed[class], unit) {
		t.Errorf("%s: Home Assistant has no %s in %q", which, class, unit)
	}
	switch state {
	case "", "total_increasing":
	case "measurement":
		if slices.Contains(sums, class) {
			t.Errorf("%s: a %s cannot be a measurement", which, class)
		}
	default:
		t.Errorf("%s: state class %q", which, state)
	}
	if state == "total_increasing" && (class == "power" || class == "voltage" || class == "current") {
		t.Errorf("%s: %s does not only grow", which, class)
	}
}

// checkRow: what the templates read is in every row.
func checkRow(t *testing.T, which string, list []sent, rows string) {
	t.Helper()
	line, _, _ := strings.Cut(rows, "\n")
	var row map[string]any
	if err := json.Unmarshal([]byte(line), &row); err != nil {
		t.Fatalf("%s: %v", which, err)
	}
	if len(row) != len(list) {
		t.Errorf("%s: %d messages for %d columns", which, len(list), len(row))
	}
	for _, s := range list {
		names := regexp.MustCompile(`value_json\.([a-z0-9_]+)`).FindAllStringSubmatch(s.text("value_template"), -1)
		if len(names) == 0 {
			t.Errorf("%s: %s reads nothing", which, s.text("value_template"))
		}
		for _, name := range names {
			if _, ok := row[name[1]]; !ok {
				t.Errorf("%s: %s is in no row", which, name[1])
			}
			// of a dictionary in a template these are not its values
			if slices.Contains([]string{"clear", "copy", "get", "items", "keys", "pop", "setdefault", "update", "values"}, name[1]) {
				t.Errorf("%s: a template cannot read %s", which, name[1])
			}
		}
	}
}

// TestKnownSensors: the sensors that Home Assistant's own integration for P1 ports
// has, as its documentation and energy dashboard want them.
func TestKnownSensors(t *testing.T) {
	for _, c := range []struct{ meter, column, class, state, unit string }{
		{"nl", "import_t1_kwh", "energy", "total_increasing", "kWh"},
		{"nl", "export_t2_kwh", "energy", "total_increasing", "kWh"},
		{"nl", "import_kw", "power", "measurement", "kW"},
		{"nl", "voltage_l1_v", "voltage", "measurement", "V"},
		{"nl", "current_l1_a", "current", "measurement", "A"},
		{"nl", "gas_m3", "gas", "total_increasing", "m³"},
		{"nl", "tariff", "", "", ""},
		{"nl", "time", "timestamp", "", ""},
		{"nl", "power_failures", "", "total_increasing", ""},
		{"nl", "meter", "", "", ""},
		{"hu", "import_kwh", "energy", "total_increasing", "kWh"},
		{"hu", "reactive_import_kvarh", "", "total_increasing", "kvarh"},
		{"hu", "reactive_q1_kvar", "", "measurement", "kvar"},
		{"hu", "frequency_hz", "frequency", "measurement", "Hz"},
		{"hu", "power_factor", "power_factor", "measurement", ""},
		{"hu", "limiter_kw", "power", "", "kW"},
		{"be", "import_max_kw", "power", "measurement", "kW"},
	} {
		found := false
		for _, s := range parse(t, messagesOf(t, tables.Options{Profile: tables.All}, "p1", telegrams(t, "meter="+c.meter+"&telegrams=3"))) {
			if !strings.HasSuffix(s.Topic, "/"+c.column+"/config") {
				continue
			}
			found = true
			if got := []string{s.text("device_class"), s.text("state_class"), s.text("unit_of_measurement")}; !slices.Equal(got, []string{c.class, c.state, c.unit}) {
				t.Errorf("%s %s: %q, want %q", c.meter, c.column, got, []string{c.class, c.state, c.unit})
			}
		}
		if !found {
			t.Errorf("%s has no sensor %s", c.meter, c.column)
		}
	}
}

// TestRegisters: total_increasing are the registers of the dictionary, all of them
// and nothing else.
func TestRegisters(t *testing.T) {
	n := 0
	for _, m := range telegram.Meanings() {
		for _, number := range []bool{true, false} {
			c := tables.Column{Name: m.Column(), Unit: m.Unit, What: m.Kind, Number: number, Line: true}
			register := number && m.Kind == telegram.Register
			if k := classOf(c); (k.StateClass == totalIncreasing) != register {
				t.Errorf("%s is %+v", m.Code, k)
			}
			if register {
				n++
			}
		}
	}
	if n < 50 {
		t.Errorf("only %d registers", n)
	}
}

// TestTemplates: what is read of a row, by the rules of Home Assistant for None,
// empty text and unknown.
func TestTemplates(t *testing.T) {
	register := tables.Column{Name: "import_kwh", Unit: "kWh", What: telegram.Register, Number: true, Line: true}
	for _, c := range []struct {
		column  tables.Column
		suspect bool
		want    string
	}{
		{register, true, "{{ value_json.import_kwh if value_json.import_kwh is not none and not value_json.suspect else '' }}"},
		{register, false, "{{ value_json.import_kwh if value_json.import_kwh is not none else '' }}"},
		{tables.Column{Name: "import_kw", Unit: "kW", What: telegram.Instant, Number: true, Line: true}, true, "{{ value_json.import_kw if not value_json.suspect else '' }}"},
		{tables.Column{Name: "interval_import_kw", Unit: "kW", What: telegram.Instant, Number: true}, true, "{{ value_json.interval_import_kw }}"},
		{tables.Column{Name: "confidence", Number: true}, true, "{{ value_json.confidence if value_json.confidence is not none else 'unknown' }}"},
		{tables.Column{Name: "message", Line: true}, true, "{{ (value_json.message | default('unknown', true))[:255] }}"},
		{tables.Column{Name: "gas_time", Line: true, Time: true}, true, "{{ (value_json.gas_time or (this.state if has_value(entity_id) else 'unknown'))[:255] }}"},
		{tables.Column{Name: "gas_time", Line: true, Time: true, Cell: "2026-03-01T00:00:00"}, true, "{{ (value_json.gas_time or (this.state if has_value(entity_id) else 'unknown'))[:255] }}"},
		{tables.Column{Name: "gas_time", Line: true, Time: true, Cell: "2026-03-01T00:00:00+01:00"}, true, "{{ value_json.gas_time if value_json.gas_time is not none else this.state if has_value(entity_id) else none }}"},
	} {
		if got := template(c.column, c.suspect); got != c.want {
			t.Errorf("%s: %s, want %s", c.column.Name, got, c.want)
		}
	}
}

// TestEnabled: what this meter says is shown from the start, but for the time of each
// row, as Home Assistant's own integration has it.
func TestEnabled(t *testing.T) {
	on := map[string]any{}
	for _, s := range parse(t, messagesOf(t, tables.Options{Profile: tables.Netherlands}, "p1", telegrams(t, "meter=nl&telegrams=3&mbus=gas"))) {
		on[strings.Split(s.Topic, "/")[3]] = s.Keys["enabled_by_default"]
	}
	for column, want := range map[string]bool{
		"import_t1_kwh": true, "import_kw": true, "voltage_l1_v": true, "tariff": true, "gas_m3": true, "gas_time": true,
		"utc_offset": true, "time": false, "host_time": false, "confidence": false, "suspect": false,
	} {
		if on[column] != want {
			t.Errorf("%s is enabled: %v, want %v", column, on[column], want)
		}
	}
}

// TestMeters: the device block.
func TestMeters(t *testing.T) {
	for _, c := range []struct {
		m    tables.Meter
		want device
	}{
		{tables.Meter{ID: "E0077", Header: `ISK5\2M550T-1012`, Version: "50", Dialect: "dsmr5"},
			device{[]string{"x"}, "P1 meter E0077", "Iskraemeco", "M550T-1012", "50"}},
		{tables.Meter{ID: "7769004902", Header: "AUX57769004902", Dialect: "hungary"},
			device{[]string{"x"}, "P1 meter 7769004902", "Sanxing", "hungary", ""}},
		{tables.Meter{ID: "1", Header: `FLU5\253769484_A`, Version: "50217", Dialect: "fluvius"},
			device{[]string{"x"}, "P1 meter 1", "FLU", "fluvius", "50217"}},
		{tables.Meter{ID: "1", Header: "KFM5KAIFA-METER", Dialect: "dsmr4"},
			device{[]string{"x"}, "P1 meter 1", "Kaifa", "KAIFA-METER", ""}},
		{tables.Meter{ID: "1", Header: "", Dialect: "unknown"}, device{[]string{"x"}, "P1 meter 1", "", "", ""}},
		{tables.Meter{ID: "1", Header: "ab", Dialect: "unknown"}, device{[]string{"x"}, "P1 meter 1", "", "", ""}},
	} {
		got := deviceOf("x", c.m)
		if !slices.Equal(got.Identifiers, c.want.Identifiers) || got.Name != c.want.Name || got.Manufacturer != c.want.Manufacturer || got.Model != c.want.Model || got.SWVersion != c.want.SWVersion {
			t.Errorf("%q: %+v, want %+v", c.m.Header, got, c.want)
		}
	}
}

// TestIdentifiers: usual identifiers are in topics and unique ids as they always were,
// and no two identifiers share them, whatever their punctuation.
func TestIdentifiers(t *testing.T) {
	for id, want := range map[string]string{
		"E0077000123456789": "E0077000123456789", "7769004902": "7769004902", "E-1": "E-1", "E_1": "E_1", "e-1": "e-1",
		`\2M550T-1012`: "_2M550T-1012", `\253769484_A`: "_253769484_A", "KAIFA-METER": "KAIFA-METER",
	} {
		if got := nodeOf(id); got != want {
			t.Errorf("%s is %s, want %s: its sensors would be new ones", id, got, want)
		}
	}
	of := map[string]string{}
	for _, id := range []string{"E-1", "E_1", "E 1", "E.1", "E:1", "E/1", "E\u00f61", "E\u00fc1", "E__1", "E. 1", `\E1`, `\\E1`, "E1", "e1", "E1.", "E1/", "/E1"} {
		column := []tables.Column{{Name: "import_kwh", Title: "import"}}
		var b strings.Builder
		if err := Write(&b, "p1", tables.Meter{ID: id}, column); err != nil {
			t.Fatal(err)
		}
		s := parse(t, b.String())[0]
		if !topicOf.MatchString(s.Topic) {
			t.Errorf("%s: Home Assistant does not listen to %s", id, s.Topic)
		}
		for _, name := range []string{"topic " + s.Topic, "id " + s.text("unique_id")} {
			if other, ok := of[name]; ok {
				t.Errorf("%s and %s share the %s", id, other, name)
			}
			of[name] = id
		}
	}
}

func TestExpiry(t *testing.T) {
	for period, want := range map[time.Duration]time.Duration{
		0: time.Minute, time.Second: time.Minute, 10 * time.Second: time.Minute, 30 * time.Second: 90 * time.Second, time.Hour: mostExpiry,
	} {
		if got := expiry(period); got != want {
			t.Errorf("%v: %v, want %v", period, got, want)
		}
	}
}

func TestCheckTopic(t *testing.T) {
	for _, good := range []string{"p1", "house/p1", "ház/p1"} {
		if err := CheckTopic(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"", "p1/", "/p1", "$SYS", "p1/#", "+/p1", "my p1", "p1\n", "p\u00a01", "p\x00", "\xff", strings.Repeat("x", 201)} {
		if CheckTopic(bad) == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// What a meter says is shown in Home Assistant as text: no control character is left, no
// name is endless, and none changes an identifier that was there before.
func TestHostileNames(t *testing.T) {
	const evil = "a\x1b]0;b\u009b31m\u202e\x9b\n"
	m := tables.Meter{ID: evil, Header: "XYZ5\\" + evil + strings.Repeat("x", 1000), Version: evil + strings.Repeat("\u0085", 1000)}
	var b strings.Builder
	if err := Write(&b, "p1", m, []tables.Column{{Name: "own_x", Title: evil, Number: true, Unit: "k" + evil}}); err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(b.String(), "/config ")
	var got struct {
		Name   string
		Unit   string `json:"unit_of_measurement"`
		Device struct {
			Identifiers     []string
			Name, Model     string
			SoftwareVersion string `json:"sw_version"`
		}
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	const seen = `\x1b]0;b\u009b31m\u202e\x9b\n`
	for what, name := range map[string]string{
		"name": got.Name, "unit": got.Unit, "device": got.Device.Name, "model": got.Device.Model, "version": got.Device.SoftwareVersion,
	} {
		if !strings.Contains(name, seen) {
			t.Errorf("the %s is %q: want %s in it", what, name, seen)
		}
		if n := utf8.RuneCountInString(name); n > 100 || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) }) {
			t.Errorf("the %s has %d characters: %q", what, n, name)
		}
	}
	if !strings.HasSuffix(got.Device.Model, "…") {
		t.Errorf("that the model %q is cut is not to be seen", got.Device.Model)
	}
	if !topicOf.MatchString(strings.SplitN(b.String(), " ", 2)[0]) || strings.Trim(got.Device.Identifiers[0], "abcdefp0123456789m_") != "" {
		t.Errorf("identifier %q in %s", got.Device.Identifiers, b.String())
	}
}
