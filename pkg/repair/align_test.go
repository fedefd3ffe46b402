package repair

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

// distance is the edit distance by the textbook's table.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			cost = min(diagonal+cost, row[j]+1, row[j+1]+1)
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

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
		ops := align(len(a), len(b), func(i, j int) bool { return a[i] == b[j] })
		if runs := alignRuns(len(a), len(b), func(i, j int) int { return common([]byte(a[i:]), []byte(b[j:])) }); !slices.Equal(runs, ops) {
			t.Fatalf("%q %q: by runs %v, by bytes %v", a, b, runs, ops)
		}
		i, j, differences := 0, 0, 0
		for _, o := range ops {
			if o == same && a[i] != b[j] {
				t.Fatalf("%q %q: same at %d, %d", a, b, i, j)
			}
			if o != same {
				differences++
			}
			if o != added {
				i++
			}
			if o != lost {
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
	if align(maxOps+1, maxOps+1, none) != nil {
		t.Error("more differences than it may have")
	}
	if got := align(maxOps, maxOps, none); len(got) != maxOps {
		t.Errorf("%d differences, want %d", len(got), maxOps)
	}
}

func TestCommon(t *testing.T) {
	a := make([]byte, 200)
	for n := range a {
		b := bytes.Clone(a)
		b[n] = 1
		if got := common(a, b); got != n {
			t.Errorf("%d bytes in common, want %d", got, n)
		}
		if common(a[:n], a) != n || common(a, a[:n]) != n {
			t.Errorf("the first %d bytes are in common", n)
		}
	}
}
