package wrapped_test

import (
	"os"
	"testing"

	"p1/pkg/sim"
	"p1/pkg/sim/tooltest"
	"p1/pkg/sim/wrapped"
)

// bin is the directory in which the commands stand.
var bin string

func TestMain(m *testing.M) {
	os.Setenv("P1_KEY", sim.DemoKey)
	os.Exit(tooltest.RunWithCommands(m, &bin))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// simulate returns a capture and what was sent for it.
func simulate(t testing.TB, query string) (wrapped.Capture, []sim.Transmission) {
	t.Helper()
	o, err := sim.ParseOptions(query)
	must(t, err)
	s, err := sim.New(o)
	must(t, err)
	var c wrapped.Capture
	var all []sim.Transmission
	for tx, ok := s.Next(); ok; tx, ok = s.Next() {
		c = append(c, wrapped.Piece{At: tx.Clock.Add(latency), Data: tx.Logged})
		all = append(all, tx)
	}
	return c, all
}

// latency is how long after the time that it shows a telegram arrives, in µs that show in
// no layout by chance.
const latency = 834_271_000
