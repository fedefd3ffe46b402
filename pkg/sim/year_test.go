package sim

import (
	"fmt"
	"strings"
	"testing"

	"p1/pkg/sim/longtest"
)

// A year of quarter-hours, as tables by the day and by the month need it.
func BenchmarkYear(b *testing.B) {
	for _, meter := range Meters() {
		b.Run(meter, func(b *testing.B) {
			for b.Loop() {
				o, err := ParseOptions("telegrams=35040&every=15m&logger=raw&meter=" + meter)
				if err != nil {
					b.Fatal(err)
				}
				s, err := New(o)
				if err != nil {
					b.Fatal(err)
				}
				for _, ok := s.Next(); ok; _, ok = s.Next() {
				}
			}
		})
	}
}

// Every day of a year has its quarter-hours, those of the change of the clock four
// less or four more; registers never fall but where the meter is replaced.
func TestYear(t *testing.T) {
	longtest.Needs(t, "takes seconds")
	for meter, registers := range map[string]string{
		"hu-holley": "1-0:1.8.0 1-0:2.8.0 1-0:3.8.0 1-0:4.8.1",
		"dsmr4":     "1-0:1.8.1 1-0:1.8.2 1-0:2.8.1 1-0:2.8.2",
		"lt":        "1-0:1.8.0 1-0:1.8.2 1-0:2.8.0 1-0:3.8.0",
	} {
		s := open(t, "start=2026-01-01T00:00:00&telegrams=35040&every=15m&logger=raw&replace=2026-08-12T09:07:00&meter="+meter)
		days, months := map[string]int{}, map[string]int{}
		last, falls := map[string]int64{}, map[string]bool{}
		for x, ok := s.Next(); ok; x, ok = s.Next() {
			clock := field(t, x.Plain, "0-0:1.0.0")
			days[clock[:6]]++
			if meter == "hu-holley" {
				months[field(t, x.Plain, "0-0:98.1.0")]++
			}
			for _, code := range strings.Fields(registers) {
				n := number(t, x.Plain, code)
				if n < last[code] {
					falls[clock] = true
				}
				last[code] = n
			}
		}
		for day, quarters := range days {
			if want := map[string]int{"260329": 92, "261025": 100}[day]; want == 0 && quarters != 96 || want > 0 && quarters != want {
				t.Errorf("%s, %s: %d quarter-hours", meter, day, quarters)
			}
		}
		if len(days) != 365 {
			t.Errorf("%s: %d days", meter, len(days))
		}
		if len(falls) != 1 || !falls["260812091500S"] {
			t.Errorf("%s: registers fall at %v", meter, falls)
		}
		if meter != "hu-holley" {
			continue
		}
		for month := 1; month <= 12; month++ {
			season := map[bool]string{true: "S", false: "W"}[month >= 4 && month <= 10]
			if n := months[fmt.Sprintf("26%02d01000000%s", month, season)]; n < 28*96 || n > 31*96+4 {
				t.Errorf("%s: the end of the month before %d is in %d telegrams", meter, month, n)
			}
		}
		if len(months) != 12 {
			t.Errorf("%s: ends of months %v", meter, months)
		}
	}
}
