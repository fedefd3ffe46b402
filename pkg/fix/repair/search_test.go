package repair

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The layers together visit each combination once, in layers of rising cost,
// and hit exactly those whose change is the target.
func TestWalkVisitsAllOnce(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		columns := make([][]choice, dice.IntN(5))
		for k := range columns {
			for i := range dice.IntN(4) {
				cost := float64(dice.IntN(40)) / 4
				columns[k] = append(columns[k], choice{k, i, cost, mass(cost), uint16(dice.UintN(4))})
			}
			slices.SortFunc(columns[k], func(a, b choice) int { return cmpFloat(a.cost, b.cost) })
		}
		const target = 1
		want := map[string]int{}
		all, total := 0, 1.0
		brute(columns, 0, 0, 0, nil, func(delta uint16, key []choice) {
			all++
			if delta == target {
				want[name(key)]++
			}
		})
		for _, c := range columns {
			sum := 1.0
			for _, x := range c {
				sum += x.mass
			}
			total *= sum
		}
		got := map[string]int{}
		layer := 0.0
		w := newWalk(slices.Clone(columns), target, 1<<20, func(cost float64, chosen []choice) {
			got[name(chosen)]++
			if cost > layer || cost <= layer-3 && cost > 0 {
				t.Fatalf("cost %g in the layer up to %g", cost, layer)
			}
		})
		for layer = 3; layer <= 60; layer += 3 {
			w.layer(layer)
		}
		if w.tests != all || math.Abs(w.seen-total) > 1e-9*total {
			t.Fatalf("%d of %d combinations, mass %g of %g", w.tests, all, w.seen, total)
		}
		if len(got) != len(want) {
			t.Fatalf("%d hits, want %d", len(got), len(want))
		}
		for key, n := range got {
			if n != 1 || want[key] != 1 {
				t.Fatalf("%s: %d hits, want %d", key, n, want[key])
			}
		}
	}
}

// brute visits all combinations of at most one choice a column.
func brute(columns [][]choice, k int, cost float64, delta uint16, chosen []choice, visit func(uint16, []choice)) {
	if k == len(columns) {
		visit(delta, chosen)
		return
	}
	brute(columns, k+1, cost, delta, chosen, visit)
	for _, c := range columns[k] {
		brute(columns, k+1, cost+c.cost, delta^c.delta, append(slices.Clone(chosen), c), visit)
	}
}

// name is the same for the same set of choices.
func name(chosen []choice) string {
	var list []string
	for _, c := range chosen {
		list = append(list, fmt.Sprint(c.column, "/", c.value))
	}
	slices.Sort(list)
	return fmt.Sprint(list)
}
