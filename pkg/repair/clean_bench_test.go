package repair_test

import (
	"os"
	"path/filepath"
	"testing"

	"p1/pkg/record"
	"p1/pkg/repair"
)

// BenchmarkClean passes telegrams that need no repair, in the order of their clocks.
func BenchmarkClean(b *testing.B) {
	for _, name := range []string{"hu", "nl"} {
		b.Run(name, func(b *testing.B) {
			benchmarkClean(b, simulate(b, "meter="+name+"&telegrams=600").log)
		})
	}
	b.Run("real", func(b *testing.B) {
		log, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "eon-clean.log"))
		if err != nil {
			b.Skip(err)
		}
		benchmarkClean(b, log)
	})
}

func benchmarkClean(b *testing.B, log []byte) {
	var telegrams []*record.Telegram
	for _, r := range framed(b, log) {
		if t, ok := r.(*record.Telegram); ok {
			telegrams = append(telegrams, t)
		}
	}
	f := repair.New(&counter{}, usual)
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		t := *telegrams[i%len(telegrams)]
		if err := f.Take(&t); err != nil {
			b.Fatal(err)
		}
	}
}
