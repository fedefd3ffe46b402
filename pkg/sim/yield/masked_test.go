package yield

import (
	"os"
	"strings"
	"testing"

	"p1/pkg/record"
	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
	"p1/pkg/sim/masked"
)

// marks counts the telegrams that come out as masked, and hands all on.
type marks struct {
	*judge
	valid, marked int
}

func (m *marks) take(r record.Record) error {
	if t, ok := r.(*record.Telegram); ok && t.Status.Valid() {
		m.valid++
		if len(t.Masked) > 0 {
			m.marked++
		}
	}
	return m.judge.take(r)
}

// Logs that were masked in five ways come out as the same logs do that were not: what is
// clean is verified, what is damaged is repaired, and each record says what was masked.
func TestMasked(t *testing.T) {
	t.Parallel()
	n := longtest.Pick(60, 300, 1300)
	for _, meter := range strings.Fields(os.Getenv("MM")) {
		for _, noise := range strings.Fields(os.Getenv("MN")) {
			_, plain := maskedYield(t, meter, noise, "", n)
			for _, way := range masked.Ways() {
				m, r := maskedYield(t, meter, noise, way, n)
				right, of := r.Counted()
				before, _ := plain.Counted()
				t.Logf("%s, %s, %s: %d of %d right, %d of the same unmasked; wrong %d; %d of %d marked", meter, noise, way, right, of, before, r.Wrong, m.marked, m.valid)
			}
		}
	}
}

func maskedYield(t *testing.T, meter, noise, way string, n int) (*marks, Result) {
	t.Helper()
	o, err := sim.ParseOptions("meter=" + meter + "&seed=8&noise=" + noise)
	if err != nil {
		t.Fatal(err)
	}
	o.Telegrams = n
	s, err := sim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	var source Source = s
	if way != "" {
		source = masked.New(s, way)
	}
	m := &marks{judge: &judge{}}
	p := newPipeline(m, 0.999)
	for x, ok := source.Next(); ok; x, ok = source.Next() {
		m.expect(x)
		if err := p.send(x.Logged); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.close(); err != nil {
		t.Fatal(err)
	}
	return m, m.result
}
