// Package crc takes the bytes of a telegram and gives the CRC that stands after
// its '!', and the algebra that repair needs: the register after a byte, and the
// one before it.
//
//	                        ARC                 X25
//	polynomial              x16+x15+x2+1        x16+x12+x5+1
//	bits                    the least significant one first
//	start value             0                   0xFFFF
//	XORed in the end        0                   0xFFFF
//	of "123456789"          BB3D                906E
//
// A meter may sign with another one, which [Params] describes and [Find] learns.
//
// ARC is that of the P1 companion standard 5.0.2 §5.2, over the bytes from '/' to
// '!' inclusive. X25 (that of HDLC frames, ISO/IEC 13239) is what some Hungarian
// meters send in its place, over the same bytes.
package crc

import (
	"math/bits"
	"sync"
)

// Kind is a CRC that meters use; the zero value is ARC. Kinds can be compared.
type Kind struct{ algebra *algebra }

// ARC is CRC-16/ARC, and X25 is CRC-16/X-25.
var (
	ARC = Kind{}
	X25 = Kind{newAlgebra("X25", Params{Poly: 0x1021, Init: 0xFFFF, Xor: 0xFFFF, RefIn: true, RefOut: true})}
)

var arc = newAlgebra("ARC", Params{Poly: 0x8005, RefIn: true, RefOut: true})

// Kinds returns the kinds that are known of meters, the commonest first.
func Kinds() []Kind { return []Kind{ARC, X25} }

// Named returns the kind with a name: one of [Kinds], or one of any parameters, as
// [Params.Name] writes them.
func Named(name string) (Kind, bool) {
	for _, k := range Kinds() {
		if k.Name() == name {
			return k, true
		}
	}
	p, ok := ParseParams(name)
	if !ok {
		return ARC, false
	}
	return p.Kind()
}

// of returns what the kind is made of.
func (k Kind) of() *algebra {
	if k.algebra == nil {
		return arc
	}
	return k.algebra
}

// Name is what records call it: "ARC" or "X25", or the name of its parameters.
func (k Kind) Name() string { return k.of().name }

// Digits returns the CRC of data as [Digits] writes it.
func (k Kind) Digits(data []byte) string { return Digits(k.Sum(data)) }

// Start returns the register before the first byte.
func (k Kind) Start() State { return State{k.of(), k.of().start} }

// Ending returns the register after the last byte of what has this CRC.
func (k Kind) Ending(sum uint16) State { return State{k.of(), k.of().register(sum)} }

// State is the register of a CRC after some bytes, the least significant bit being that
// of the highest power. States can be compared.
type State struct {
	of       *algebra
	register uint16
}

// Sum returns the CRC of the bytes that have passed.
func (s State) Sum() uint16 { return s.of.sum(s.register) }

// After returns the register once the bytes of data have passed.
func (s State) After(data []byte) State {
	if s.of.mirrored {
		for _, b := range data {
			s = s.Step(b)
		}
		return s
	}
	step, register := &s.of.step, s.register
	for _, b := range data {
		register = register>>8 ^ step[byte(register)^b]
	}
	return State{s.of, register}
}

// Step returns the register once b has passed.
func (s State) Step(b byte) State {
	if s.of.mirrored {
		b = bits.Reverse8(b)
	}
	return State{s.of, s.register>>8 ^ s.of.step[byte(s.register)^b]}
}

// Before returns the register that the bytes of data turned into s: the inverse
// of [State.After].
func (s State) Before(data []byte) State {
	k, register := s.of, s.register
	for i := len(data) - 1; i >= 0; i-- {
		b := data[i]
		if k.mirrored {
			b = bits.Reverse8(b)
		}
		row := k.stepOf[register>>8]
		register = (register^k.step[row])<<8 | uint16(row^b)
	}
	return State{k, register}
}

// algebra is what a kind is made of. step[x] is what the eight shifts of a byte x
// leave in the register, and stepOf[h] is the x whose step has the high byte h:
// every high byte occurs once, since the polynomial has the term 1.
type algebra struct {
	Params
	name     string
	mirrored bool   // the bits of a byte are taken the most significant one first
	start    uint16 // the register before '/'
	step     [256]uint16
	stepOf   [256]byte
	sliced   [sliceLen][256]uint16
	filler   uint16 // what sixteen bytes FF leave in a register of 0
}

// newAlgebra makes the tables of a CRC.
func newAlgebra(name string, p Params) *algebra {
	a := &algebra{Params: p, name: name, mirrored: !p.RefIn, start: bits.Reverse16(p.Init)}
	for x := range a.step {
		register := uint16(x)
		for range 8 {
			low := register & 1
			register >>= 1
			if low == 1 {
				register ^= bits.Reverse16(p.Poly)
			}
		}
		a.step[x] = register
		a.stepOf[register>>8] = byte(x)
	}
	a.sliced = newSliced(&a.step)
	for _, row := range a.sliced {
		a.filler ^= row[0xFF]
	}
	if p.NoSlash {
		a.start = State{a, a.start}.Before([]byte{'/'}).register
	}
	return a
}

// sum is the CRC that a register stands for after '!'.
func (a *algebra) sum(register uint16) uint16 {
	if a.NoBang {
		register = State{a, register}.Before([]byte{'!'}).register
	}
	if !a.RefOut {
		register = bits.Reverse16(register)
	}
	register ^= a.Xor
	if a.Swapped {
		register = bits.ReverseBytes16(register)
	}
	return register
}

// register is the one after '!' that stands for a CRC: the inverse of sum.
func (a *algebra) register(sum uint16) uint16 {
	if a.Swapped {
		sum = bits.ReverseBytes16(sum)
	}
	sum ^= a.Xor
	if !a.RefOut {
		sum = bits.Reverse16(sum)
	}
	if a.NoBang {
		sum = State{a, sum}.Step('!').register
	}
	return sum
}

// Digits writes a CRC as meters and records do, in four upper-case hex digits. It does
// not allocate.
func Digits(sum uint16) string {
	at := 4 * int(sum)
	return allDigits()[at : at+4]
}

// allDigits holds those of all 65,536 numbers, one after the other.
var allDigits = sync.OnceValue(func() string {
	const upper = "0123456789ABCDEF"
	b := make([]byte, 0, 4<<16)
	for n := range 1 << 16 {
		b = append(b, upper[n>>12], upper[n>>8&15], upper[n>>4&15], upper[n&15])
	}
	return string(b)
})
