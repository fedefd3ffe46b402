package meter

import "testing"

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
