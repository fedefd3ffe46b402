package sim

import (
	"slices"
	"strings"
	"testing"
)

// Every option and every word that is offered is known to what reads them.
func TestComplete(t *testing.T) {
	names := Complete("")
	for _, offered := range names {
		name := strings.TrimSuffix(strings.TrimPrefix(offered, "?"), "=")
		if _, err := ParseOptions(offered + "no such value"); err == nil || strings.Contains(err.Error(), "unknown option") {
			if name != "message" && name != "mbus" {
				t.Errorf("%s: %v", offered, err)
			}
		}
		for _, query := range Complete(offered) {
			_, err := ParseOptions(strings.TrimSuffix(query, "&") + "&telegrams=1")
			if err != nil && (strings.Contains(err.Error(), "unknown") || strings.Contains(err.Error(), "want true or false")) {
				t.Errorf("%s: %v", query, err)
			}
		}
	}
	if len(names) < 30 || !slices.Contains(names, "?meter=") || !slices.Contains(names, "?noise=") {
		t.Errorf("options: %q", names)
	}
	for query, want := range map[string][]string{
		"?meter=hu&noi":                 {"?meter=hu&noise="},
		"meter=hu&noi":                  {"meter=hu&noise="},
		"?noise=clean&noi":              nil,
		"?crc=r":                        {"?crc=random", "?crc=right"},
		"?crc=right":                    {"?crc=right", "?crc=right&"},
		"?seed=1":                       {"?seed=1&"},
		"?seed=":                        nil,
		"?noise=slow-rise+puls":         {"?noise=slow-rise+pulse"},
		"?noise=pulse&pull=u":           {"?noise=pulse&pull=up"},
		"?meter=hu&telegrams=3&crc=low": {"?meter=hu&telegrams=3&crc=lower"},
	} {
		if got := Complete(query); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}
