package tables

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// Rows of Ends have the first and the last value, the sum and the number, so that longer
// ones can be made of them; a reading at the very end is the last of the span and the first of
// the next one.
func TestEnds(t *testing.T) {
	var out bytes.Buffer
	w, err := New(&out, Options{
		Every: 15 * time.Minute, Ends: true, Format: JSON, CentralEurope: time.UTC, LimitVoltage: telegram.Decimal{Digits: 253}, LowVoltage: telegram.Decimal{Digits: 231},
		Columns: []string{"import_kwh", "voltage_l1_v"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, said := range []lines{
		{"0-0:1.0.0": "230824012100S", "1-0:1.8.0": "000100.000*kWh", "1-0:32.7.0": "230.0*V"},
		{"0-0:1.0.0": "230824012200S", "1-0:1.8.0": "000100.100*kWh", "1-0:32.7.0": "229.5*V"},
		{"0-0:1.0.0": "230824013000S", "1-0:1.8.0": "000100.250*kWh", "1-0:32.7.0": "231.0*V"},
	} {
		status := record.OK
		if i == 1 {
			status = record.Repaired
		}
		if err := w.Take(&record.Telegram{Status: status, CRC: record.CRCARC, Raw: raw(0, said)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := []map[string]string{
		{
			"first_time": `"2023-08-24T01:21:00+02:00"`, "last_time": `"2023-08-24T01:22:00+02:00"`, "telegrams": "2", "repaired": "1",
			"import_kwh_first": "100.000", "import_kwh": "100.250", "import_kwh_gain": "0.250", "import_kwh_count": "2",
			"voltage_l1_v_first": "230.0", "voltage_l1_v_last": "229.5", "voltage_l1_v_sum": "459.5", "voltage_l1_v_min": "229.5",
			"voltage_l1_v_max": "230.0", "voltage_l1_v_count": "2", "voltage_l1_v_above_s": "0", "voltage_l1_v_below_s": "60",
		},
		{"repaired": "0", "import_kwh_first": "100.250", "import_kwh": "100.250", "import_kwh_gain": "null", "import_kwh_count": "1", "voltage_l1_v_sum": "231.0"},
	}
	rows := bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n"))
	if len(rows) != len(want) {
		t.Fatalf("%s", &out)
	}
	for i, line := range rows {
		var row map[string]json.RawMessage
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		for key, value := range want[i] {
			if got := string(row[key]); got != value {
				t.Errorf("row %d: %s is %s, want %s", i, key, got, value)
			}
		}
	}
}
