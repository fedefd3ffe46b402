package telegram_test

import (
	"testing"

	"p1/pkg/sim"
	"p1/pkg/telegram"
)

// BenchmarkParse takes a telegram of each simulated meter apart.
func BenchmarkParse(b *testing.B) {
	for _, name := range sim.Meters() {
		raw := simulated(b, "?meter="+name, 1)[0].Sent
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for range b.N {
				telegram.Parse(raw)
			}
		})
	}
}
