package display

import (
	"strings"
	"testing"
)

func TestGuardedCell(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "ok": "ok", "0002": "0002", "1E40": "1E40", "a=b": "a=b", "p1.log": "p1.log", `"x"`: `"x"`,
		"=1+1": "'=1+1", "+31612345678": "'+31612345678", "-cmd": "'-cmd", "@SUM(A1)": "'@SUM(A1)",
		"\t=1": "'\t=1", "\r=1": "'\r=1", "＝1": "'＝1", "-": "'-",
	} {
		if got := GuardedCell(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestTextCell(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"0002", "1E40", "12E3", "1e5", "0", "9912345678", "00000000001234567890", "4530303034303031", // numbers
		"1-2", "3/4", "1/2/2026", "2026-03-01", "1.2.26", "10:30", "1 1/2", "5%", "(5)", "€ 1,50", "$3", ".5", ",5", "1'000", "1 000", "½", "１２", // and dates
		"DEC1", "FEB2", "Mar-20", "May 5, 2026", "März 2026", "jún. 3", "1 Mai", "12 mei 2026", "08:15 PM", " 7", "\u00a07",
		"05C6", "1-0:1.8.0",
	} {
		if got, want := TextCell(text), `="`+text+`"`; got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"": "", "ok": "ok", "repaired": "repaired", "p1.log": "p1.log", "M1": "M1", "FFFF": "FFFF", "E0031003999999999": "E0031003999999999",
		"/dev/ttyUSB0": "/dev/ttyUSB0", "demo:?meter=hu": "demo:?meter=hu", "20->2E": "20->2E", "TRUE": "TRUE",
		"repaired, confidence 0.9997": "repaired, confidence 0.9997",
		"=1+1":                        "'=1+1", "-5": "'-5", "＝1": "'＝1",
		`5"`:                     `="5"""`,
		strings.Repeat("1", 255): `="` + strings.Repeat("1", 255) + `"`,
		strings.Repeat("1", 256): "'" + strings.Repeat("1", 256),
	} {
		if got := TextCell(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
