package report

import (
	"strings"
	"testing"

	"p1/pkg/noise/diagnose"
)

// The summary says what another resistor would bring, or why it cannot.
func TestEstimateInTheSummary(t *testing.T) {
	for _, c := range []struct {
		e    diagnose.Estimate
		want string
	}{
		{diagnose.Estimate{Says: "Fewer.", Rests: "Ranges."}, "\nwhat another value would bring\n- Fewer.\n- Ranges.\n"},
		{diagnose.Estimate{Needs: "A longer log."}, "\nwhat another value would bring\n- A longer log.\n"},
		{diagnose.Estimate{}, ""},
	} {
		var b strings.Builder
		writeDiagnosis(&b, &diagnose.Report{Headline: "Damaged.", Estimate: c.e}, 79)
		if !strings.Contains(b.String(), c.want) || c.want == "" && strings.Contains(b.String(), "bring") {
			t.Errorf("%+v: %s", c.e, b.String())
		}
	}
}

// Receivers that follow each other with the same remedy are one point of the list.
func TestRemediesAreJoined(t *testing.T) {
	list := []diagnose.Remedy{{Receiver: "a", Cause: "slow", Do: "More."}, {Receiver: "b", Cause: "slow", Do: "More."}, {Receiver: "c", Cause: "slow", Do: "Less."}, {Receiver: "a", Cause: "slow", Do: "More."}}
	if got := strings.Join(remedies(list), "|"); got != "a, b: slow. More.|c: slow. Less.|a: slow. More." {
		t.Errorf("%q", got)
	}
}
