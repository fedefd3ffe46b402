package pair

import (
	"cmp"
	"encoding/binary"
	"slices"
)

const (
	word    = 8       // bytes
	sample  = 2       // one word of so many is looked at, by what it says
	slots   = 1 << 21 // of the index
	common  = 4       // telegrams: a word that was new in so many tells nothing
	recent  = 1 << 12 // slots for the words of a telegram
	fewest  = 2       // words that two telegrams must have in common to be compared
	perhaps = 8       // telegrams that are compared at most
)

// index tells in which telegrams words were new.
type index struct {
	slots []slot
	prev  [2][recent]uint32 // the words of the last two telegrams
	turn  int
}

// slot is a word, the last telegram in which it was new, and in how many it was.
type slot struct {
	word  uint32
	times uint32
	last  int32
}

// words calls f for some of the words of a text: which ones depends on what they say.
func words(raw []byte, f func(h uint32)) {
	for i := 0; i+word <= len(raw); i++ {
		h := uint32(binary.LittleEndian.Uint64(raw[i:]) * 0x9E3779B97F4A7C15 >> 32)
		if h%sample == 0 {
			f(h / sample)
		}
	}
}

// add adds the words of a telegram.
func (x *index) add(raw []byte, number int64) {
	if x.slots == nil {
		x.slots = make([]slot, slots)
	}
	now := &x.prev[x.turn]
	other := &x.prev[1-x.turn]
	var fresh [recent]uint32
	words(raw, func(h uint32) {
		fresh[h%recent] = h
		if now[h%recent] == h || other[h%recent] == h {
			return
		}
		s := &x.slots[h%slots]
		if s.word != h {
			*s = slot{word: h}
		}
		s.times, s.last = s.times+1, int32(number)
	})
	*now = fresh
	x.turn = 1 - x.turn
}

// votes lists the telegrams from a number on in which most of the words of a text were new,
// the likeliest first.
func (x *index) votes(raw []byte, from int64) (list []int64) {
	if x.slots == nil {
		return nil
	}
	votes := map[int64]int{}
	words(raw, func(h uint32) {
		if s := &x.slots[h%slots]; s.word == h && s.times < common && int64(s.last) >= from {
			votes[int64(s.last)]++
		}
	})
	for n, v := range votes {
		if v >= fewest {
			list = append(list, n)
		}
	}
	slices.SortFunc(list, func(a, b int64) int { return cmp.Or(votes[b]-votes[a], cmp.Compare(a, b)) })
	return list[:min(len(list), perhaps)]
}
