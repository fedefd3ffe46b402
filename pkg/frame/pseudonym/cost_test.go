package pseudonym

import (
	"math/rand/v2"
	"testing"
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
			if least := a.apart(&b); !part && least > want {
				t.Fatalf("%q and %q cost %d, and %d at least", sent, received, want, least)
			}
		}
	}
}
