package align

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/xrash/smetrics"
)

// distance is the edit distance by the textbook's table.
func distance(a, b string) int { return smetrics.WagnerFischer(a, b, 1, 1, 1) }

// An alignment explains both texts whole, with as few differences as the
// textbook finds.
func TestAlignIsShortest(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 4))
	word := func() string {
		b := make([]byte, dice.IntN(30))
		for i := range b {
			b[i] = "abc"[dice.IntN(3)]
		}
		return string(b)
	}
	for range 5000 {
		a, b := word(), word()
		ops := Bytes(len(a), len(b), func(i, j int) bool { return a[i] == b[j] })
		if runs := Runs(len(a), len(b), func(i, j int) int { return Common([]byte(a[i:]), []byte(b[j:])) }); !slices.Equal(runs, ops) {
			t.Fatalf("%q %q: by runs %v, by bytes %v", a, b, runs, ops)
		}
		i, j, differences := 0, 0, 0
		for _, o := range ops {
			if o == Same && a[i] != b[j] {
				t.Fatalf("%q %q: same at %d, %d", a, b, i, j)
			}
			if o != Same {
				differences++
			}
			if o != Added {
				i++
			}
			if o != Lost {
				j++
			}
		}
		if i != len(a) || j != len(b) || differences != distance(a, b) {
			t.Fatalf("%q %q: %d and %d explained with %d differences, want %d", a, b, i, j, differences, distance(a, b))
		}
	}
}

func TestAlignGivesUp(t *testing.T) {
	none := func(int, int) bool { return false }
	if Bytes(Max+1, Max+1, none) != nil {
		t.Error("more differences than it may have")
	}
	if got := Bytes(Max, Max, none); len(got) != Max {
		t.Errorf("%d differences, want %d", len(got), Max)
	}
}

func TestCommon(t *testing.T) {
	a := make([]byte, 200)
	for n := range a {
		b := bytes.Clone(a)
		b[n] = 1
		if got := Common(a, b); got != n {
			t.Errorf("%d bytes in common, want %d", got, n)
		}
		if Common(a[:n], a) != n || Common(a, a[:n]) != n {
			t.Errorf("the first %d bytes are in common", n)
		}
	}
}

// Head finds the beginning of what was expected that is nearest to what was received.
func TestHeadIsShortest(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		a, b := make([]byte, dice.IntN(25)), make([]byte, dice.IntN(15))
		for _, text := range [][]byte{a, b} {
			for i := range text {
				text[i] = "abc"[dice.IntN(3)]
			}
		}
		least := distance("", string(b))
		for n := range a {
			least = min(least, distance(string(a[:n+1]), string(b)))
		}
		differences, j := 0, 0
		for _, o := range Head(len(a), len(b), func(i, j int) bool { return a[i] == b[j] }) {
			if o != Same {
				differences++
			}
			if o != Lost {
				j++
			}
		}
		if differences != least || j != len(b) {
			t.Fatalf("%q %q: %d differences explain %d bytes, want %d and all", a, b, differences, j, least)
		}
	}
}
