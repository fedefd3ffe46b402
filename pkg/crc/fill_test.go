package crc

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

// partedLog are telegrams in which identifiers of the given lengths stood between parts.
func partedLog(dice *rand.Rand, p Params, n int, lengths ...int) (list []Parted) {
	var ids [][]byte
	for _, l := range lengths {
		ids = append(ids, digitsOf(dice, l))
	}
	for range n {
		parts := [][]byte{append([]byte("/ABC5\r\n"), digitsOf(dice, 20)...)}
		text := bytes.Clone(parts[0])
		for _, id := range ids {
			part := digitsOf(dice, 90)
			parts = append(parts, part)
			text = slices.Concat(text, id, part)
		}
		last := len(parts) - 1
		parts[last] = append(parts[last], '!')
		list = append(list, Parted{parts, bitwise(p, append(text, '!'))})
	}
	return list
}

// How long identifiers were is found from four telegrams on, with damaged ones among them; of
// random CRCs nothing is.
func TestFindFill(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 3))
	for name, p := range bitwiseKinds {
		for _, lengths := range [][]int{{34}, {10}, {34, 16}, {1, 96}} {
			list := partedLog(dice, p, 5, lengths...)
			list[4].Sum ^= uint16(1 + dice.IntN(1<<16-1))
			if got, ok := FindFill(list, 'X'); !ok || !slices.Equal(got, lengths) {
				t.Errorf("%s: %v, %t, want %v", name, got, ok, lengths)
			}
			if got, ok := FindFill(list[1:], 'X'); ok {
				t.Errorf("%s, three whole ones: %v", name, got)
			}
		}
	}
	for range 20 {
		list := partedLog(dice, bitwiseKinds["ARC"], 4+dice.IntN(40), 34, 34)
		for i := range list {
			list[i].Sum = uint16(dice.Uint32())
		}
		if got, ok := FindFill(list, '0'); ok {
			t.Errorf("random CRCs: %v", got)
		}
	}
}
