package repair_test

import (
	"bytes"
	"runtime"
	"slices"
	"testing"

	"p1/pkg/record"
)

// allocations counts those that it takes to repair records: a measure of the work that does not
// depend on how busy a machine is. All of it allocates, the dearest parts most.
func allocations(t *testing.T, records []record.Record) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fix(t, records, usual)
	runtime.ReadMemStats(&after)
	return after.Mallocs - before.Mallocs
}

// behind returns two logs in one stream, the second one behind the first.
func behind(first, second *simulated) *simulated {
	all := &simulated{sent: map[int64][]byte{}}
	for _, s := range []*simulated{first, second} {
		base := int64(len(all.log))
		for at, sent := range s.sent {
			all.sent[base+at] = sent
		}
		for _, end := range s.ends {
			all.ends = append(all.ends, base+end)
		}
		all.log = append(all.log, s.log...)
	}
	return all
}

// apart makes the records from an offset on ones of another source.
func apart(list []record.Record, from int) []record.Record {
	list = slices.Clone(list)
	for i, r := range list {
		if t, ok := r.(*record.Telegram); ok && t.Offset >= int64(from) {
			copied := *t
			copied.Source = "another"
			list[i] = &copied
		}
	}
	return list
}

// What it takes to repair the telegrams of a meter does not depend on which other one was read
// before it, from the same source or from another: what is known of that one must not keep
// p1fix from looking first at what the damaged ones agree on, nor be tried at length on lines
// that it never sends. That made 10 to 600 times as many allocations of these.
func TestMeterBeforeCostsNothing(t *testing.T) {
	for _, x := range []struct{ first, second string }{
		{"meter=nl&telegrams=20", "meter=hu&telegrams=60&noise=slow-rise&logger=printable&seed=7"},
		{"meter=be&telegrams=3", "meter=hu&telegrams=60&noise=slow-rise&logger=printable&seed=7"},
		{"meter=lt&telegrams=30&noise=slow-fall&rate=0.003&seed=4977", "meter=no&telegrams=30&noise=flip&rate=0.002&seed=5159"},
	} {
		first, second := simulate(t, x.first), simulate(t, x.second)
		alone := allocations(t, framed(t, first.log)) + allocations(t, framed(t, second.log))
		one := framed(t, behind(first, second).log)
		for where, records := range map[string][]record.Record{"one stream": one, "two sources": apart(one, len(first.log))} {
			const most = 3
			n := allocations(t, records)
			t.Logf("%s: %.1f times the allocations", where, float64(n)/float64(alone))
			if n > most*alone {
				t.Errorf("%s behind %s, %s: %d allocations, and %d of each alone", x.second, x.first, where, n, alone)
			}
		}
	}
}

// A meter's telegrams are not taken for those of another one of the same kind that has sent
// before: then its names are put in the place of those received, and a value is made wrong until
// the CRC holds. Of the first stream 12 of 25 were, of the second one 6 of 6.
func TestTwoMetersOfOneKind(t *testing.T) {
	for _, x := range []struct {
		first, second string
		from          int // the first telegram of the second
		apart         bool
	}{
		{first: "meter=nl&telegrams=30&seed=2786", second: "meter=nl&telegrams=30&noise=flip&rate=0.0005&seed=9822", from: 4},
		{first: "meter=lt&telegrams=20&noise=slow-rise&seed=9323&logger=raw", second: "meter=lt&telegrams=30&noise=flip&rate=0.004&seed=4852&logger=raw", apart: true},
	} {
		first, second := simulate(t, x.first), simulate(t, x.second)
		for range x.from {
			second = second.withoutFirst()
		}
		s := behind(first, second)
		records := framed(t, s.log)
		if x.apart {
			records = apart(records, len(first.log))
		}
		repaired := 0
		for _, tel := range (&collector{fix(t, records, usual)}).telegrams() {
			if tel.Status != record.Repaired || tel.Offset < int64(len(first.log)) {
				continue
			}
			repaired++
			if sent := s.truth(middle(tel)); !bytes.Equal(tel.Raw, sent) {
				t.Errorf("%s behind %s: the telegram at %d is wrong at %v", x.second, x.first, tel.Offset, tel.Confidence)
			}
		}
		t.Logf("%s behind %s: %d repaired", x.second, x.first, repaired)
	}
}

// withoutFirst is a log without its first telegram.
func (s *simulated) withoutFirst() *simulated {
	cut := s.ends[0]
	rest := &simulated{log: s.log[cut:], sent: map[int64][]byte{}}
	for _, end := range s.ends[1:] {
		rest.ends = append(rest.ends, end-cut)
	}
	for at, sent := range s.sent {
		if at >= cut {
			rest.sent[at-cut] = sent
		}
	}
	return rest
}
