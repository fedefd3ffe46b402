package repair_test

import (
	"bytes"
	"flag"
	"io"
	"strings"
	"testing"
	"time"

	"p1/pkg/fix/pair"
	"p1/pkg/fix/repair"
	"p1/pkg/record"
	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
)

// captures are two logs of one line, with the truth beside the first.
type captures struct {
	*simulated
	second []byte
	hit    int // telegrams of the first that are not as they were sent
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
		if !bytes.Equal(x.Sent, logged[0]) {
			c.hit++
		}
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

// score is what became of the damaged telegrams of the first capture.
type score struct{ right, wrong, refused, whole int }

func (c captures) score(t testing.TB, records []record.Record) (s score) {
	t.Helper()
	for _, r := range records {
		x, ok := r.(*record.Telegram)
		if !ok {
			continue
		}
		switch right := bytes.Equal(x.Raw, c.truth(middle(x))); {
		case x.Status == record.OK && right:
			s.whole++
		case x.Status == record.Repaired && right:
			s.right++
		case x.Status == record.Repaired || x.Status == record.OK:
			s.wrong++
			if x.Status == record.Repaired {
				t.Errorf("telegram at %d is wrong at %v:\n%q\nsent was\n%q", x.Offset, x.Confidence, x.Raw, c.truth(middle(x)))
			}
		default:
			s.refused++
			reasons[x.Why]++
			t.Logf("refused at %d: %d bytes, %s %s\n%q", x.Offset, len(x.Raw), x.Why, x.Explain, c.truth(middle(x)))
			got, _ := record.Received(x)
			t.Logf("%q", got)
		}
	}
	return s
}

var reasons = map[string]int{}

var (
	bothLine   = flag.String("both.line", "", "of the line")
	bothEach   = flag.String("both.each", "", "of each receiver")
	bothSecond = flag.String("both.second", "", "of the second receiver")
)

func TestBoth(t *testing.T) {
	if *bothLine == "" {
		longtest.Needs(t, "it is asked for")
		return
	}
	second := *bothSecond
	if second == "" {
		second = *bothEach
	}
	c := twoReceivers(t, *bothLine, *bothEach+"&seed=101", second+"&seed=102")
	first, other := framed(t, c.log), framed(t, c.second)
	for _, with := range []bool{true} {
		o := usual
		o.Explain = true
		clear(reasons)
		var b *pair.Capture
		if with {
			b = captureOf(other)
			o.With = b
		}
		begin := time.Now()
		list := fix(t, first, o)
		checkRecords(t, list, c.log)
		t.Logf("with %v: %+v of %d, %v %v", with, c.score(t, list), len(c.ends), time.Since(begin), reasons)
		if with {
			t.Logf("%+v", b.Stats())
		}
	}
	_ = strings.ToUpper
	_ = repair.Options{}
}
