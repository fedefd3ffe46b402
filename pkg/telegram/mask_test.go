package telegram

import (
	"slices"
	"strings"
	"testing"
)

// What looks like a mask, in a Dutch and in a Hungarian telegram, and what does not.
func TestMasks(t *testing.T) {
	dutch := func(header, id, gas string) string {
		return "/" + header + "\r\n\r\n1-3:0.2.8(50)\r\n0-0:96.1.1(" + id + ")\r\n1-0:1.8.1(000000.000*kWh)\r\n0-1:24.1.0(003)\r\n0-1:96.1.0(" + gas + ")\r\n!0000\r\n"
	}
	hungarian := func(name, id string) string {
		return "/AUX57776772044\r\n\r\n0-0:42.0.0(" + name + ")\r\n0-0:96.1.0(" + id + ")\r\n0-0:96.50.68(ON)\r\n!0000\r\n"
	}
	const id, gas = "4530303737303434313136343931333737", "4730303737353033303632303337373839"
	for raw, want := range map[string]string{
		dutch("SIM5\\2DM500-6772", id, gas):                                                    "",
		dutch("SIM5\\XXXXXXXX", id, gas):                                                       "XXXXXXXX",
		dutch("SIM5\\2DM500-XX", id, gas):                                                      "",
		dutch("SIM5\\256000000_A", id, gas):                                                    "000000",
		dutch("SIM5\\256000000_A", "XXXX", gas):                                                "XXXX",
		dutch("SIM5", strings.Repeat("X", 34), gas):                                            strings.Repeat("X", 34),
		dutch("SIM5", id[:10]+strings.Repeat("*", 24), strings.Repeat("0", 34)):                strings.Repeat("*", 24) + " " + strings.Repeat("0", 34),
		dutch("SIM5", "*", "xx"):                                                               "* xx",
		dutch("SIM5", "redacted", gas):                                                         "redacted",
		dutch("SIM5", "123456789012345678901234567890AB", gas):                                 "123456789012345678901234567890AB",
		dutch("SIM5", "", ""):                                                                  "",
		hungarian("AUX1047776772044", "7776772044"):                                            "",
		hungarian("AUX1047776772044", "7776000000"):                                            "000000",
		hungarian("AUX1047776772044", "0000044116"):                                            "",
		hungarian("<removed 1>", "7776772044"):                                                 "<removed 1>",
		strings.Replace(dutch("SIM5", id, gas), "(000000.000*kWh)", "(XXXXXX*kWh)", 1):         "",
		strings.Replace(dutch("SIM5", id, gas), "0-1:24.1.0(003)", "0-0:96.13.0(XXXXXXXX)", 1): "",
		"": "", "/": "", "/XXXX": "", "(": "",
	} {
		var got []string
		for _, s := range Masks([]byte(raw)) {
			got = append(got, string(s.Of([]byte(raw))))
		}
		if want := strings.Fields(want); !slices.Equal(got, want) && strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}

// TestMaskedPlace: a mask is named by its line, wherever it stands.
func TestMaskedPlace(t *testing.T) {
	for lines, want := range map[string]string{
		"0-0:96.1.0(XXXXXXXX)\r\n":                                "0-0:96.1.0",
		"0-0:96.1.0(98765432)\r\n1-0:1.8.1(00XXXX.123*kWh)\r\n":   "1-0:1.8.1",
		"1-3:0.2.8(50)\r\n0-0:96.1.1(12345678901234567890)\r\n":   "0-0:96.1.1", // DSMR codes text in hex
		"0-0:96.1.0(98765432)\r\n1-0:1.8.1(000123.123*kWh)\r\n":   "",
		"0-0:96.1.0(98765432)\r\n0-0:96.13.0(...)\r\n1-0:2.7.0()": "",
	} {
		if got := MaskedPlace([]byte("/TST5meter\r\n\r\n" + lines + "!0000\r\n")); got != want {
			t.Errorf("%q: %q, want %q", lines, got, want)
		}
	}
}
