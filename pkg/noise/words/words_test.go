package words_test

import (
	"testing"

	"p1/pkg/noise/words"
)

func TestWords(t *testing.T) {
	for share, want := range map[float64]string{
		0: "0 %", 1: "100 %", 0.94: "94 %", 0.5: "50 %", 0.0017: "0.17 %", 0.123: "12 %", 0.0377: "3.8 %", 0.9994: "99.94 %",
		0.99998: "99.998 %", 0.9999999: "more than 99.999 %", 1e-9: "less than 0.001 %", 0.00002: "0.002 %", -1: "–", 2.5: "250 %", 12.34: "1,234 %", 1e300: "1.0e+302 %",
		0.031: "3.1 %", 0.4649: "46 %", 0.944: "94.4 %", 0.9996: "99.96 %", 1 - 1e-15: "100 %", 0.05: "5 %",
	} {
		if got := words.Percent(share); got != want {
			t.Errorf("%g is %q, want %q", share, got, want)
		}
	}
	for v, want := range map[float64]string{0: "0", 3: "3", 1240.4: "1,240", 24.13: "24.1", 0.0553: "0.0553", 1.084: "1.08", 0.00001: "< 0.0001", -0.5: "-0.5", 1e20: "1.0e+20"} {
		if got := words.Number(v); got != want {
			t.Errorf("%g is %q, want %q", v, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567", 1 << 62: "4.6e+18"} {
		if got := words.Count(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
	for _, c := range []struct {
		part, all int64
		want      string
	}{{0, 0, "–"}, {0, 7, "0 %"}, {7, 7, "100 %"}, {798, 804, "99.25 %"}, {1, 4_000_000, "less than 0.001 %"}} {
		if got := words.Ratio(c.part, c.all); got != c.want {
			t.Errorf("%d of %d is %q, want %q", c.part, c.all, got, c.want)
		}
	}
	for n, want := range map[int64]string{0: "0 bytes", 1: "1 byte", 2000: "2,000 bytes"} {
		if got := words.Plural(n, "byte"); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
	if one, two := words.Noun(1, "place stands", "places stand"), words.Noun(2, "place stands", "places stand"); one != "place stands" || two != "places stand" {
		t.Errorf("%q, %q", one, two)
	}
	if same, apart := words.Interval(0.92, 0.92001), words.Interval(0.92, 0.96); same != "92 %" || apart != "92 % to 96 %" {
		t.Errorf("%q, %q", same, apart)
	}
	if all, nothing := words.Interval(0.999999, 1), words.Interval(0, 1e-9); all != "more than 99.999 %" || nothing != "less than 0.001 %" {
		t.Errorf("%q, %q", all, nothing)
	}
}

// A number and its unit stay together; other words do not.
func TestJoined(t *testing.T) {
	for text, want := range map[string]string{
		"95 % of 8 bytes": "95\u00a0% of 8\u00a0bytes", "1.2 to 2.2 kΩ": "1.2 to 2.2\u00a0kΩ", "115,200 baud": "115,200\u00a0baud", "in 8 telegrams": "in 8 telegrams", "": "",
	} {
		if got := words.Joined(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
