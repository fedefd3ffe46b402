package crc

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// bitwiseKinds are the known kinds by their definitions, apart from the tables under test.
var bitwiseKinds = map[string]Params{
	"ARC": {Poly: 0x8005, RefIn: true, RefOut: true},
	"X25": {Poly: 0x1021, Init: 0xFFFF, Xor: 0xFFFF, RefIn: true, RefOut: true},
}

// maskedLog are telegrams that were signed before a part of each was replaced: the 20 bytes
// at early, or those that stand 40 before the end, or both. What stands between them has the
// lengths given.
func maskedLog(dice *rand.Rand, p Params, lengths []int, early, late bool) (list []Signed) {
	a, b := digitsOf(dice, 20), digitsOf(dice, 20)
	for _, n := range lengths {
		head, middle, tail := digitsOf(dice, 12), digitsOf(dice, n), digitsOf(dice, 30)
		text := func(a, b []byte) []byte {
			return bytes.Join([][]byte{[]byte("/ABC5\r\n"), head, a, middle, b, tail, []byte("!")}, nil)
		}
		s := Signed{Sum: bitwise(p, text(a, b))}
		x, y := a, b
		if early {
			x = bytes.Repeat([]byte("X"), len(a))
		}
		if late {
			y = bytes.Repeat([]byte("*"), len(b))
		}
		s.Text = text(x, y)
		list = append(list, s)
	}
	return list
}

func digitsOf(dice *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0' + byte(dice.IntN(10))
	}
	return b
}

func several(n, times int, more ...int) []int {
	for range times {
		more = append(more, n)
	}
	return more
}

// What was replaced in all telegrams is found from four on, links all lengths, and holds in
// all; damaged ones among them do not hold.
func TestMoved(t *testing.T) {
	for name, p := range bitwiseKinds {
		for i, c := range []struct {
			lengths     []int
			early, late bool
			hint        bool // that nothing before it varies in length
		}{
			{several(100, 4), true, false, true},
			{several(100, 4), false, true, false},
			{several(100, 4), true, true, true},
			{[]int{100, 133, 150, 171}, true, false, true},
			{[]int{100, 133, 150, 171}, true, false, false},
			{[]int{100, 133, 150, 171}, false, true, true},
			{several(100, 5, several(130, 5)...), true, true, true},
		} {
			dice := rand.New(rand.NewPCG(uint64(i), 3))
			list := maskedLog(dice, p, c.lengths, c.early, c.late)
			for _, s := range list[:3] { // damaged: a digit is another one
				wrong := bytes.Clone(s.Text)
				wrong[25+dice.IntN(20)] ^= 1
				list = append(list, Signed{wrong, s.Sum})
			}
			k, ok := FindMoved(list, c.hint)
			if !ok || !k.Moved() {
				t.Errorf("%s, case %d: found %t, %s", name, i, ok, k.Name())
				continue
			}
			for n, s := range list {
				if holds := bitwise(k.of().Params, s.Text) == s.Sum; holds != (n < len(c.lengths)) {
					t.Errorf("%s, case %d: %s, telegram %d holds: %t", name, i, k.Name(), n, holds)
				}
			}
		}
	}
}

// Of one length it predicts the others, if the replaced bytes are where the hint says.
func TestMovedPredictsOtherLengths(t *testing.T) {
	for name, p := range bitwiseKinds {
		for _, early := range []bool{true, false} {
			list := maskedLog(rand.New(rand.NewPCG(7, 3)), p, []int{90, 90, 90, 90, 91, 95, 700, 12}, early, !early)
			k, ok := FindMoved(list[:4], early)
			if !ok {
				t.Fatalf("%s: not found", name)
			}
			for i, s := range list {
				if k.Sum(s.Text) != s.Sum {
					t.Errorf("%s, early %t: telegram %d does not hold by %s", name, early, i, k.Name())
				}
			}
		}
	}
}

// Nothing is found where three telegrams agree, where the CRCs are random, where nothing was
// replaced, and where the meter signs with another CRC of the same polynomial that has a
// name, or of another polynomial.
func TestNothingHasMoved(t *testing.T) {
	dice := rand.New(rand.NewPCG(8, 3))
	arc := bitwiseKinds["ARC"]
	same := maskedLog(dice, arc, several(100, 4), true, false)
	lists := map[string][]Signed{
		"three": same[:3], "one four times": {same[0], same[0], same[0], same[0]}, "untouched": maskedLog(dice, arc, several(100, 9), false, false),
		"modbus":  maskedLog(dice, Params{Poly: 0x8005, Init: 0xFFFF, RefIn: true, RefOut: true}, several(100, 9), false, false),
		"usb":     maskedLog(dice, Params{Poly: 0x8005, Init: 0xFFFF, Xor: 0xFFFF, RefIn: true, RefOut: true}, []int{90, 91, 92, 93, 94}, false, false),
		"buypass": maskedLog(dice, Params{Poly: 0x8005}, several(100, 9), true, false),
	}
	for name, list := range lists {
		if k, ok := FindMoved(list, true); ok {
			t.Errorf("%s: %s", name, k.Name())
		}
	}
	for range 500 {
		list := maskedLog(dice, arc, several(60, 4+dice.IntN(12)), false, false)
		for i := range list {
			list[i].Sum = uint16(dice.Uint32())
		}
		if k, ok := FindMoved(list, true); ok {
			t.Errorf("random CRCs: %s", k.Name())
		}
	}
}
