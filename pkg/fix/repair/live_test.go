package repair_test

import (
	"testing"
	"time"

	"p1/pkg/fix/repair"
	"p1/pkg/record"
	"p1/pkg/sim/longtest"
)

// Live, a telegram whose end has come is decided about within 50 ms, whatever has
// happened to it; a few may take longer on a machine that does something else.
func TestLiveIsFast(t *testing.T) {
	longtest.Needs(t, "its times are those of a machine at rest")
	const limit = 50 * time.Millisecond
	for _, query := range []string{
		"meter=hu&noise=slow-rise&rate=0.004", "meter=be&noise=slow-rise&rate=0.01", "meter=hu&noise=burst&rate=1",
		"meter=be&noise=overrun&rate=0.002", "meter=hu&noise=slip&rate=0.5&resync=pause", "meter=be&noise=slip&rate=0.5&resync=pause",
		"meter=nl&noise=flip&rate=0.0005", "meter=hu&noise=cut&rate=0.5",
	} {
		s := simulate(t, query+"&telegrams=200")
		f := repair.New(&collector{}, usual)
		slow, worst := 0, time.Duration(0)
		for _, r := range framed(t, s.log) {
			if x, ok := r.(*record.Telegram); ok {
				x.Live = true
			}
			begin := time.Now()
			must(t, f.Take(r))
			took := time.Since(begin)
			worst = max(worst, took)
			if took > limit {
				slow++
			}
		}
		t.Logf("%s: %v at most", query, worst)
		if slow > 2 {
			t.Errorf("%s: %d telegrams took longer than %v, the longest %v", query, slow, limit, worst)
		}
	}
}
