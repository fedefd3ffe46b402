package page

import (
	"strings"
	"testing"

	"p1/pkg/noise/chart/charttest"
	"p1/pkg/noise/diagnose"
)

// What another resistor would bring stands with what it rests on below the remedies; why
// that cannot be said stands there too; of a line of which neither is known, nothing.
func TestEstimateOnThePage(t *testing.T) {
	for _, c := range []struct {
		e           diagnose.Estimate
		says, never string
	}{
		{diagnose.Estimate{Says: "With 2.2 kΩ fewer.", Rests: "These are ranges."}, "What that would bring With 2.2 kΩ fewer. These are ranges.", "cannot"},
		{diagnose.Estimate{Needs: "It cannot be said."}, "It cannot be said.", "What that would bring"},
		{diagnose.Estimate{}, "What to do about it", "What that would bring"},
	} {
		r := charttest.Noisy()
		r.Estimate = c.e
		_, said, _ := strings.Cut(text(t, write(t, r)), "What to do about it")
		said = "What to do about it" + said
		if !strings.Contains(said, c.says) || strings.Contains(said, c.never) {
			t.Errorf("%+v: %.1000s", c.e, said)
		}
	}
}
