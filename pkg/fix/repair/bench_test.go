package repair_test

import (
	"os"
	"path/filepath"
	"testing"

	"p1/pkg/fix/repair"
	"p1/pkg/record"
)

// counter counts the repaired telegrams that come out.
type counter struct{ repaired int }

func (c *counter) Write(r record.Record) error {
	if t, ok := r.(*record.Telegram); ok && t.Status == record.Repaired {
		c.repaired++
	}
	return nil
}

func (c *counter) Flush() error { return nil }

// BenchmarkRepair repairs a noisy stream of each kind of meter, from a state that
// has seen nothing.
func BenchmarkRepair(b *testing.B) {
	for _, name := range []string{"be", "hu", "nl"} {
		b.Run(name, func(b *testing.B) {
			records := framed(b, simulate(b, "meter="+name+"&telegrams=300&noise=slow-rise&rate=0.004").log)
			b.ReportAllocs()
			out := &counter{}
			for b.Loop() {
				f := repair.New(out, usual)
				for _, r := range records {
					if t, ok := r.(*record.Telegram); ok {
						copied := *t
						r = &copied
					}
					must(b, f.Take(r))
				}
				must(b, f.Close())
			}
			b.ReportMetric(float64(out.repaired)/b.Elapsed().Seconds(), "repairs/s")
		})
	}
}

// BenchmarkClean passes telegrams that need no repair, in the order of their clocks.
func BenchmarkClean(b *testing.B) {
	for _, name := range []string{"hu", "nl"} {
		b.Run(name, func(b *testing.B) {
			benchmarkClean(b, simulate(b, "meter="+name+"&telegrams=600").log)
		})
	}
	b.Run("real", func(b *testing.B) {
		log, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "shared", "data", "eon-clean.log"))
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
