package yield

import (
	"fmt"
	"strings"
	"testing"

	"p1/pkg/sim/longtest"
)

// unseen are lines on which hardly a telegram arrives whole, so that its meter is never known, or
// late.
var unseen = []string{
	"noise=flip&rate=0.004", "noise=slow-fall&rate=0.01&pause-rate=0.01", "noise=flip&rate=0.0015", "noise=flip&rate=0.0007",
	"noise=slow-rise&rate=0.01&pause-rate=0.01", "noise=burst&rate=1", "noise=delete&rate=0.005", "noise=overrun&rate=0.003",
	"noise=jitter&scatter=0.87", "noise=jitter&shift=1.5", "noise=slip&rate=1&resync=pause",
}

// Of the lines that are trusted of meters of which no telegram, or hardly one, has come whole, no
// more are wrong than the least confidence allows; and some are trusted.
func TestUnseenMeters(t *testing.T) {
	const few = 20 // lines of each meter and line, in the mean
	meters := longtest.Pick("nl,se", "hu,hu-holley,hu-sagemcom,nl,be,se,dsmr4", "hu,hu-holley,hu-sagemcom,nl,be,se,dsmr4,lt,ch,no")
	lines := unseen[:longtest.Pick(2, len(unseen), len(unseen))]
	var all sum
	for seed := range uint64(longtest.Pick(1, 1, 6)) {
		for i, meter := range strings.Split(meters, ",") {
			for k, line := range lines {
				r, err := Row{Number: 100*i + k, Meter: meter, Channel: line, Options: line}.Measure(longtest.Pick(10, 40, 40), 500+1000*seed, *confidence)
				if err != nil {
					t.Fatal(err)
				}
				all.lines, all.linesWrong = all.lines+r.Trusted, all.linesWrong+r.TrustedWrong
				all.reliability.Merge(r.Reliability)
				fmt.Fprintf(t.Output(), "%-12s %-44s %4d right, %4d refused, %d wrong; %d of %d trusted lines are wrong\n",
					meter, line, r.Right, r.Refused, r.Wrong, r.TrustedWrong, r.Trusted)
			}
		}
	}
	fmt.Fprintf(t.Output(), "%d of %d trusted lines are wrong\n", all.linesWrong, all.lines)
	checkLines(t, all.linesWrong, all.lines)
	checkReliability(t, all.reliability.Total())
	if least := few * len(lines) * len(strings.Split(meters, ",")); all.lines < least {
		t.Errorf("%d lines are trusted, want %d", all.lines, least)
	}
}
