package pseudonym

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"p1/pkg/telegram"
)

// The cost alone is that of the whole alignment, and what the bytes say it costs at least
// is no more.
func TestLowestCost(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 3))
	word := func(n int) []byte {
		b := make([]byte, 1+dice.IntN(n))
		for i := range b {
			b[i] = "abc0"[dice.IntN(4)]
		}
		return b
	}
	for range 3000 {
		sent, received := word(14), word(20)
		for _, part := range []bool{false, true} {
			want := align(sent, received, part).cost
			most := dice.IntN(20)
			if got := lowestCost(sent, received, part, most); got != want && (want <= most || got <= most) {
				t.Fatalf("%q in %q, part %v: %d, want %d, up to %d", sent, received, part, got, want, most)
			}
			a, b := countBytes(sent), countBytes(received)
			if least := a.apart(b); !part && least > want {
				t.Fatalf("%q and %q cost %d, and %d at least", sent, received, want, least)
			}
		}
	}
}

// hardText is a telegram of a known meter, and damaged ones of many random lines.
func hardText() (known, random []byte) {
	dice := rand.New(rand.NewPCG(4, 4))
	known = []byte("/AUX57776772044\r\n\r\n0-0:96.1.0(7776772044)\r\n")
	random = []byte("/AUX57776772044\r\n\r\n")
	for i := range 40 {
		known = fmt.Appendf(known, "1-0:%d.8.0(%06d.%03d*kWh)\r\n", i+1, dice.IntN(1e6), dice.IntN(1000))
		random = fmt.Appendf(random, "%d-%d:%d.%d.%d(%d)\r\n", dice.IntN(100), dice.IntN(100), dice.IntN(100), dice.IntN(100), dice.IntN(100), dice.Uint64())
	}
	return append(known, "!1234\r\n"...), append(random, "!1234\r\n"...)
}

// BenchmarkRandomLines rewrites a telegram whose lines are like none that is known.
func BenchmarkRandomLines(b *testing.B) {
	known, random := hardText()
	k := newKnown()
	k.learn(telegram.Parse(known))
	b.ReportAllocs()
	for b.Loop() {
		k.damaged(random, true)
	}
}
