package repair_test

import (
	"testing"

	"p1/pkg/record"
	"p1/pkg/repair"
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
