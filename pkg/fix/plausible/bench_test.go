package plausible_test

import (
	"testing"

	"p1/pkg/fix/plausible"
	"p1/pkg/record"
	"p1/pkg/sim"
)

// simulated returns what a meter sends, as records.
func simulated(t testing.TB, query string) []*record.Telegram {
	t.Helper()
	o, err := sim.ParseOptions(query)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	var all []*record.Telegram
	for x, ok := s.Next(); ok; x, ok = s.Next() {
		all = append(all, &record.Telegram{Status: record.OK, Raw: x.Plain})
	}
	return all
}

// BenchmarkTake judges telegrams that nothing is wrong with.
func BenchmarkTake(b *testing.B) {
	for _, meter := range []string{"hu", "nl"} {
		b.Run(meter, func(b *testing.B) {
			list := simulated(b, "meter="+meter+"&telegrams=2000&every=10s")
			var j plausible.Judge
			b.ReportAllocs()
			for i := range b.N {
				if i%len(list) == 0 {
					j.Leave()
				}
				j.Take(list[i%len(list)])
			}
		})
	}
}
