package crc

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"testing"

	"p1/pkg/sim/longtest"
)

// bitwise is a CRC as R. Williams's guide defines it, bit by bit.
func bitwise(p Params, text []byte) uint16 {
	if p.NoSlash {
		text = text[1:]
	}
	if p.NoBang {
		text = text[:len(text)-1]
	}
	register := p.Init
	for _, b := range text {
		if p.RefIn {
			b = bits.Reverse8(b)
		}
		register ^= uint16(b) << 8
		for range 8 {
			high := register >> 15
			register <<= 1
			if high == 1 {
				register ^= p.Poly
			}
		}
	}
	if p.RefOut {
		register = bits.Reverse16(register)
	}
	register ^= p.Xor
	if p.Swapped {
		register = bits.ReverseBytes16(register)
	}
	return register
}

func anyParams(dice *rand.Rand) Params {
	n := dice.Uint32()
	return Params{
		Poly: uint16(dice.Uint32()) | 1, Init: uint16(dice.Uint32()), Xor: uint16(dice.Uint32()),
		RefIn: n&1 == 1, RefOut: n&2 == 2, Swapped: n&4 == 4, NoSlash: n&8 == 8, NoBang: n&16 == 16,
	}
}

// A CRC of any parameters is what its definition gives, and the algebra of its register
// holds.
func TestParams(t *testing.T) {
	dice := rand.New(rand.NewPCG(19, 2))
	for range 300 {
		p := anyParams(dice)
		k, ok := Named(p.Name())
		if again, _ := Named(p.Name()); !ok || k.Name() != p.Name() || again != k {
			t.Fatalf("%s is named %s, %t", p.Name(), k.Name(), ok)
		}
		text := telegramOf(dice, 20+dice.IntN(60))
		want := bitwise(p, text)
		if got := k.Sum(text); got != want {
			t.Fatalf("%s of %q = %04X, want %04X", p.Name(), text, got, want)
		}
		at := dice.IntN(len(text))
		if k.Ending(want).Before(text[at:]) != k.Start().After(text[:at]) {
			t.Fatalf("%s: the registers at byte %d differ", p.Name(), at)
		}
		changed := append([]byte{}, text...)
		at = 1 + dice.IntN(len(text)-2)
		changed[at] ^= 0x5C
		if got := NewSyndromes(k).Of(len(text)-1-at, 0x5C); got != want^bitwise(p, changed) {
			t.Fatalf("%s: change %04X, want %04X", p.Name(), got, want^bitwise(p, changed))
		}
	}
	for _, name := range []string{"", "CRC16:", "CRC16:poly=8004,init=0000,xor=0000", "CRC16:poly=8005,init=0000,xor=0000,refout,refin", "CRC16:poly=8005,init=0,xor=0000", "CRC16:poly=8005,init=0000,xor=0000,x"} {
		if _, ok := Named(name); ok {
			t.Errorf("%q is a kind", name)
		}
	}
	if k, ok := Named((Params{Poly: 0x8005, RefIn: true, RefOut: true}).Name()); !ok || k != ARC {
		t.Errorf("ARC by its parameters is %s, %t", k.Name(), ok)
	}
}

// telegramOf is a telegram in which a few numbers change.
func telegramOf(dice *rand.Rand, length int) []byte {
	text := []byte("/XYZ5MODEL\r\n\r\n0-0:1.0.0(260301000000W)\r\n")
	for i := 1; len(text) < length-1; i++ {
		text = fmt.Appendf(text, "1-0:%d.8.0(%06d.%03d*kWh)\r\n", i, dice.IntN(4), dice.IntN(1000))
	}
	return append(text[:length-1], '!')
}

// streamOf are telegrams of some lengths, of which a share is damaged.
func streamOf(dice *rand.Rand, p Params, n, lengths int, damaged float64) (list []Signed) {
	for i := range n {
		text := telegramOf(dice, 300+7*(i%lengths))
		s := Signed{text, bitwise(p, text)}
		if dice.Float64() < damaged {
			text[1+dice.IntN(len(text)-2)] ^= byte(1 + dice.IntN(127))
		}
		list = append(list, s)
	}
	return list
}

// A CRC is found of five telegrams of one length, or twelve of three, that are whole, and of
// forty of which half are damaged, in any order; one that is found verifies all that are
// whole. Two of a hundred may leave a small factor open.
func TestFind(t *testing.T) {
	dice := rand.New(rand.NewPCG(19, 1))
	for _, c := range []struct {
		n, lengths int
		damaged    float64
		least      int // of 40
	}{{5, 1, 0, 38}, {6, 1, 0, 39}, {12, 3, 0, 39}, {40, 1, 0.5, 39}, {40, 2, 0.5, 36}} {
		found := 0
		for range 40 {
			p := anyParams(dice)
			list := streamOf(dice, p, c.n, c.lengths, c.damaged)
			k, ok := Find(list)
			if !ok {
				continue
			}
			found++
			for i, s := range list {
				if want := bitwise(p, s.Text); k.Sum(s.Text) != want {
					t.Errorf("%s, %+v: %s gives telegram %d %04X, want %04X", p.Name(), c, k.Name(), i, k.Sum(s.Text), want)
				}
			}
		}
		t.Logf("%+v: found %d of 40", c, found)
		if found < c.least {
			t.Errorf("%+v: found %d of 40", c, found)
		}
	}
}

// Of random numbers no CRC is found.
func TestFindNothing(t *testing.T) {
	dice := rand.New(rand.NewPCG(19, 3))
	for range longtest.Pick(20, 300, 10_000) {
		list := streamOf(dice, Params{Poly: 0x8005}, 5+dice.IntN(36), 1+dice.IntN(3), 0.5)
		for i := range list {
			list[i].Sum = uint16(dice.Uint32())
		}
		if k, ok := Find(list); ok {
			t.Errorf("%s is found in %d random CRCs", k.Name(), len(list))
		}
	}
}

func BenchmarkFind(b *testing.B) {
	dice := rand.New(rand.NewPCG(19, 4))
	for _, length := range []int{700, 2348} {
		b.Run(fmt.Sprint(length), func(b *testing.B) {
			var list []Signed
			for range 64 {
				list = append(list, Signed{telegramOf(dice, length), uint16(dice.Uint32())})
			}
			for b.Loop() {
				Find(list)
			}
		})
	}
}
