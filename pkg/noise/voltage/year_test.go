package voltage

import (
	"runtime"
	"testing"
	"time"

	"p1/pkg/sim/longtest"
	"p1/pkg/telegram"
)

// What is kept grows with the weeks, not with the values: one a second for eight
// weeks, or in a long run for a year, that go above and below the limits all the time.
func TestMemoryOfManyValues(t *testing.T) {
	weeks := longtest.Pick[int64](8, 53, 53)
	l := limitsOf230(t)
	p := newPhase()
	start := unix("2026-01-01T00:00:00+01:00")
	p.weeks.begin(start)
	zone := time.FixedZone("", 3600)
	feed := func(from, to int64) uint64 {
		for s := from; s < to; s++ {
			mv := 230e3 + (s*s/97)%50*1000 - 25e3 + s/300%5*5e3
			d := telegram.Decimal{Digits: mv / 100, Scale: 1}
			p.take(value{at: s, mv: mv, volts: Volts{d}, clock: telegram.Clock{Time: time.Unix(s, 0).In(zone), Season: 'W'}}, &l)
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	first := feed(start, start+7*day)
	last := feed(start+7*day, start+weeks*7*day)
	p.finish(&l)
	if int64(last)-int64(first) > 1000*weeks {
		t.Errorf("%d B after a week, %d after %d", first, last, weeks)
	}
	if e := p.evidence("L1"); e.Values.Total != weeks*7*day || e.Means.Judged != weeks*inWeek || e.ValuesAbove.Count < 1000 || e.ValuesBelow.Count < 1000 {
		t.Errorf("%+v %+v, %d and %d excursions", e.Values, e.Means, e.ValuesAbove.Count, e.ValuesBelow.Count)
	}
	t.Logf("%d B after a week, %d after %d weeks", first, last, weeks)
}
