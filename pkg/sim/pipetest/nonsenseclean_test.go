package pipetest

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"p1/pkg/sim/longtest"
	"p1/pkg/sim/nonsense"
)

// Of ten meters without any nonsense at most one line is held back. With P1_LONG=1 it is
// a million telegrams.
func TestNonsenseFalseAlarms(t *testing.T) {
	t.Parallel()
	each := longtest.Pick(400, 100_000, 100_000)
	for _, flags := range lookaheads {
		var held atomic.Int64
		t.Run("clean "+flags, func(t *testing.T) {
			for _, query := range nonsense.Clean(each, nonsenseSeed()) {
				t.Run(query, func(t *testing.T) {
					t.Parallel()
					n, said := falseAlarms(t, query, flags, each)
					held.Add(int64(n))
					if n > 0 {
						t.Logf("%s, %s: %d lines held back\n  %s", query, flags, n, strings.Join(said, "\n  "))
					}
				})
			}
		})
		if n := held.Load(); n > 1 {
			t.Errorf("%d telegrams without nonsense, %q: %d lines held back", 10*each, flags, n)
		}
	}
}

// falseAlarms counts the lines of a clean stream that are held back, and says which were
// the first.
func falseAlarms(t *testing.T, query, flags string, telegrams int) (held int, said []string) {
	t.Helper()
	p := start(t, "", nil, strings.TrimSpace("p1cat demo:?"+query+" | p1frame | p1fix "+flags))
	n := 0
	eachVerdict(t, p.out, func(v *verdict) {
		n++
		if v.Status != "ok" {
			t.Errorf("telegram %d is %s", n, v.Status)
		}
		for i, line := range strings.Split(string(v.Raw), "\r\n") {
			if !v.doubts(i+1) || v.Suspect != "" && !nonsense.Counts(line) {
				continue
			}
			if held++; held <= mostExamples {
				said = append(said, fmt.Sprintf("telegram %d, %s: %s%v", n, line, v.Suspect, v.Doubted))
			}
		}
	})
	p.wait()
	if n != telegrams {
		t.Errorf("%d telegrams come out, %d were sent", n, telegrams)
	}
	return held, said
}
