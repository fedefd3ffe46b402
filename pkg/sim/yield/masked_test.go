package yield

import (
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
	clean         int // verified as they were received
}

func (m *marks) take(r record.Record) error {
	if t, ok := r.(*record.Telegram); ok && t.Status.Valid() {
		m.valid++
		if t.Status == record.OK {
			m.clean++
		}
		if len(t.Masked) > 0 {
			m.marked++
		}
	}
	return m.judge.take(r)
}

// Logs that were masked in five ways come out as the same logs do that were not: what is
// clean is verified, what is damaged is repaired, nothing is wrong, and each record says what
// was masked; none does where nothing was.
func TestMasked(t *testing.T) {
	t.Parallel()
	n := longtest.Pick(40, 40, 500)
	noises := longtest.Pick([]string{"slow-rise&rate=0.0005", "flip"},
		[]string{"clean", "slow-rise&rate=0.001", "slow-fall", "overrun", "flip", "delete"},
		[]string{"clean", "slow-rise", "slow-fall", "overrun", "flip", "delete", "slip", "burst"})
	for i, meter := range []string{"hu", "nl", "be", "se"} {
		for k, noise := range noises {
			m, plain := maskedYield(t, meter, noise, "", n)
			before, _ := plain.Counted()
			clean := m.clean
			if m.marked > 0 {
				t.Errorf("%s, %s: %d telegrams of which nothing was masked say so", meter, noise, m.marked)
			}
			for w, way := range masked.Ways() {
				if !longtest.Pick(false, false, true) && (i+w+k)%len(noises) != 0 {
					continue
				}
				m, r := maskedYield(t, meter, noise, way, n)
				right, of := r.Counted()
				t.Logf("%s, %s, %s: %d of %d right, %d of the same unmasked, %d damaged, %d wrong", meter, noise, way, right, of, before, r.damaged(), r.Wrong)
				late := 0 // those that came before four clean ones had, and too long before them
				if longtest.Pick(false, false, true) && meter == "hu" {
					late = of / 8
				}
				few := clean < 4 // which have to agree before anything is found
				if r.Wrong > 0 || m.marked != m.valid || right < before-late-of/50 && !few {
					t.Errorf("%s, %s, %s: %d of %d right, %d of the same unmasked; %d wrong; %d of %d marked %v", meter, noise, way, right, of, before, r.Wrong, m.marked, m.valid, r.Mistakes)
				}
			}
		}
	}
}

func maskedYield(t *testing.T, meter, noise, way string, n int) (*marks, Result) {
	t.Helper()
	o, err := sim.ParseOptions("meter=" + meter + "&seed=7&noise=" + noise)
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
		m := masked.New(s, way)
		m.AsLogged = meter == "be" || meter == "se" // the identifier stands before the clock
		source = m
	}
	m := &marks{judge: &judge{}}
	p := newPipeline(m, 0.999, false)
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
