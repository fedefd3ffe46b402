package repair_test

import (
	"bytes"
	"io"
	"testing"

	"p1/pkg/fix/pair"
	"p1/pkg/record"
	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
)

// captures are two logs of one line, with the truth beside the first.
type captures struct {
	*simulated
	second []byte
}

// twoReceivers simulates a line with two receivers.
func twoReceivers(t testing.TB, line, first, second string) captures {
	t.Helper()
	options := func(query string) sim.Options {
		o, err := sim.ParseOptions(query)
		must(t, err)
		return o
	}
	r, err := sim.NewReceivers(options(line), [2]sim.Options{options(first), options(second)})
	must(t, err)
	c := captures{simulated: &simulated{sent: map[int64][]byte{}}}
	for x, logged, ok := r.Next(); ok; x, logged, ok = r.Next() {
		c.sent[int64(len(c.log))] = x.Sent
		c.log = append(c.log, logged[0]...)
		c.ends = append(c.ends, int64(len(c.log)))
		c.second = append(c.second, logged[1]...)
	}
	return c
}

// captureOf is a capture of records.
func captureOf(list []record.Record) *pair.Capture {
	return pair.New(func() (record.Record, error) {
		if len(list) == 0 {
			return nil, io.EOF
		}
		r := list[0]
		list = list[1:]
		return r, nil
	})
}

// right counts the telegrams that are as they were sent; one that is repaired otherwise is an error.
func (c captures) right(t testing.TB, records []record.Record) (n int) {
	t.Helper()
	for _, r := range records {
		x, ok := r.(*record.Telegram)
		if !ok || x.Status != record.OK && x.Status != record.Repaired {
			continue
		}
		switch want := c.truth(middle(x)); {
		case bytes.Equal(x.Raw, want):
			n++
		case x.Status == record.Repaired:
			t.Errorf("telegram at %d is wrong at %v:\n%q\nsent was\n%q", x.Offset, x.Confidence, x.Raw, want)
		}
	}
	return n
}

// Of two captures, of which each alone can hardly be repaired, what was sent comes out; and what
// comes out joins to what came in of the first.
func TestTwoCaptures(t *testing.T) {
	meters := longtest.Pick([]string{"nl"}, []string{"nl"}, []string{"nl", "be", "se", "hu"})
	for _, x := range []struct {
		line, each string
		floor      int // right, of 1,000
		long       bool
	}{
		{"noise=clean", "noise=delete&rate=0.04", 970, false},
		{"noise=clean", "noise=overrun&rate=0.0049", 930, false},
		{"noise=delete&rate=0.008", "noise=delete&rate=0.032", 930, false},
		{"noise=clean", "noise=flip&rate=0.001", 900, true},
		{"noise=clean", "noise=slow-fall&rate=0.01", 900, true},
	} {
		for _, meter := range meters {
			if x.long && !longtest.Pick(false, false, true) {
				continue
			}
			line := "meter=" + meter + longtest.Pick("&telegrams=30", "&telegrams=30", "&telegrams=1000") + "&seed=7&" + x.line
			t.Run(line+" "+x.each, func(t *testing.T) {
				c := twoReceivers(t, line, x.each+"&seed=101", x.each+"&seed=102")
				o := usual
				o.With = captureOf(framed(t, c.second))
				list := fix(t, framed(t, c.log), o)
				checkRecords(t, list, c.log)
				right := c.right(t, list)
				t.Logf("%d of %d right", right, len(c.ends))
				if 1000*right < x.floor*len(c.ends) {
					t.Errorf("%d of %d right, want %d of 1000", right, len(c.ends), x.floor)
				}
			})
		}
	}
}

// A second capture that has nothing to do with the first changes nothing; one that is damaged
// in the same way repairs nothing that the first alone would not.
func TestOtherCaptures(t *testing.T) {
	c := twoReceivers(t, "meter=nl&telegrams=40&seed=7", "noise=slow-rise&rate=0.002&seed=1", "noise=clean")
	first := framed(t, c.log)
	alone := fix(t, first, usual)
	for _, x := range []struct {
		name   string
		second []record.Record
	}{
		{"another meter", framed(t, simulate(t, "meter=be&telegrams=40&seed=8").log)},
		{"another time", framed(t, simulate(t, "meter=nl&telegrams=40&seed=7&start=2026-07-01T00:00:00").log)},
		{"nothing", nil},
		{"itself", first},
	} {
		o := usual
		o.With = captureOf(x.second)
		list := fix(t, first, o)
		checkRecords(t, list, c.log)
		if got, want := c.right(t, list), c.right(t, alone); x.name != "itself" && got != want || got > want {
			t.Errorf("%s: %d right, alone %d", x.name, got, want)
		}
	}
}

// A stream that signs nothing and one that is encrypted come out as they do alone.
func TestTwoCapturesOfOthers(t *testing.T) {
	for _, meter := range []string{"dsmr3", "lu"} {
		c := twoReceivers(t, "meter="+meter+"&telegrams=20&seed=7", "noise=delete&rate=0.001&seed=1", "noise=clean")
		first := framed(t, c.log)
		o := usual
		o.With = captureOf(framed(t, c.second))
		list, alone := fix(t, first, o), fix(t, first, usual)
		if len(list) != len(alone) {
			t.Fatalf("%s: %d records, alone %d", meter, len(list), len(alone))
		}
		for i, r := range list {
			x, ok := r.(*record.Telegram)
			if !ok {
				continue
			}
			if y := alone[i].(*record.Telegram); x.Status != y.Status || !bytes.Equal(x.Raw, y.Raw) || x.Status == record.Repaired {
				t.Errorf("%s: telegram at %d is %s, alone %s", meter, x.Offset, x.Status, y.Status)
			}
		}
	}
}
