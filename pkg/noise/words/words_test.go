package words_test

import (
	"strings"
	"testing"

	"p1/pkg/noise/words"
)

func TestWords(t *testing.T) {
	for share, want := range map[float64]string{
		0: "0 %", 1: "100 %", 0.94: "94 %", 0.5: "50 %", 0.0017: "0.17 %", 0.123: "12 %", 0.0377: "3.8 %", 0.9994: "99.94 %",
		0.99998: "99.998 %", 0.9999999: "> 99.999 %", 1e-9: "< 0.001 %", 0.00002: "0.002 %", -1: "–", 2.5: "250 %", 1e300: "1.0e+302 %",
	} {
		if got := strings.ReplaceAll(words.Percent(share), "\u00a0", " "); got != want {
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
	for share, want := range map[float64]string{-1: "an unknown part", 0: "0 %", 0.0009: "less than 0.1 %", 0.031: "3.1 %", 0.4649: "46 %"} {
		if got := words.Part(share); got != want {
			t.Errorf("a part of %g is %q, want %q", share, got, want)
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
	if same, apart := words.Interval(0.92, 0.9201), words.Interval(0.92, 0.96); same != "92\u00a0%" || apart != "92\u00a0% to 96\u00a0%" {
		t.Errorf("%q, %q", same, apart)
	}
}
