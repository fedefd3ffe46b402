package sim_test

import (
	"bytes"
	"testing"

	"p1/pkg/sim"
)

// A line that does nothing delivers what is sent; one whose every rising edge is late
// loses the first 1 of each run of 1s: of '0', 0x30, 0x20 is left.
func TestLine(t *testing.T) {
	for _, c := range []struct{ query, sent, want string }{
		{"noise=clean", "/ABC5\r\n1-0:1.8.0(0123456789)\r\n", "/ABC5\r\n1-0:1.8.0(0123456789)\r\n"},
		{"noise=slow-rise&rate=1&late=5.6&scatter=0.01", "0123456789k", `   "  $&00B`},
	} {
		o, err := sim.ParseOptions("meter=nl&" + c.query)
		if err != nil {
			t.Fatal(err)
		}
		l, err := sim.NewLine(o)
		if err != nil {
			t.Fatal(err)
		}
		received, hits := l.Carry([]byte(c.sent))
		if !bytes.Equal(received, []byte(c.want)) || (hits > 0) != (c.sent != c.want) {
			t.Errorf("%s: %q becomes %q, %d hits; want %q", c.query, c.sent, received, hits, c.want)
		}
	}
	if _, err := sim.NewLine(sim.Options{Noise: "thunder"}); err == nil {
		t.Error("a noise that does not exist is taken")
	}
}
