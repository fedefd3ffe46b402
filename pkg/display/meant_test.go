package display

import (
	"strings"
	"testing"
)

func TestMeant(t *testing.T) {
	t.Parallel()
	tables := []string{"records", "validity", "gas", "water", "heat", "peaks", "failures", "messages", "events"}
	volts := []string{"import_kwh", "voltage_l1_v", "voltage_l2_v", "voltage_l3_v", "current_l1_a", "voltage_l1_sags"}
	for _, c := range []struct {
		name  string
		known []string
		want  string
	}{
		{"recrods", tables, " (did you mean records?)"},
		{"Events", tables, " (did you mean events?)"},
		{"fail", tables, " (did you mean failures?)"},
		{"gsa", tables, " (did you mean gas?)"},
		{"waters", tables, " (did you mean water?)"},
		{"temperature", tables, ""},
		{"xyz", tables, ""},
		{"", tables, ""},
		{"gas", nil, ""},
		{strings.Repeat("gas", 1000), tables, ""},
		{"de", []string{"nl", "be", "se", "default"}, " (did you mean be or se?)"},
		{"q", []string{"nl", "o"}, ""},
		{"voltage_l4_v", volts, " (did you mean voltage_l1_v, voltage_l2_v or voltage_l3_v?)"},
		{"voltage", volts, " (did you mean voltage_l1_v, voltage_l2_v, voltage_l3_v or voltage_l1_sags?)"},
	} {
		if got := Meant(c.name, c.known); got != c.want {
			t.Errorf("%.20q of %v: %q, want %q", c.name, c.known, got, c.want)
		}
	}
}
