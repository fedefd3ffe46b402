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
// ARC is that of the P1 companion standard 5.0.2 §5.2, over the bytes from '/' to
// '!' inclusive. X25 (that of HDLC frames, ISO/IEC 13239) is what some Hungarian
// meters send in its place, over the same bytes.
package crc

import "sync"

// Kind is a CRC that meters use; the zero value is ARC.
type Kind uint8

const (
	ARC Kind = iota // CRC-16/ARC
	X25             // CRC-16/X-25
)

// Kinds returns all kinds, the commonest first.
func Kinds() []Kind { return []Kind{ARC, X25} }

// Named returns the kind with a name.
func Named(name string) (Kind, bool) {
	for _, k := range Kinds() {
		if k.Name() == name {
			return k, true
		}
	}
	return ARC, false
}

// Name is what records call it: "ARC" or "X25".
func (k Kind) Name() string { return kinds[k].name }

// Digits returns the CRC of data as [Digits] writes it.
func (k Kind) Digits(data []byte) string { return Digits(k.Sum(data)) }

// Start returns the register before the first byte.
func (k Kind) Start() State { return State{k, kinds[k].invert} }

// Ending returns the register after the last byte of what has this CRC.
func (k Kind) Ending(sum uint16) State { return State{k, sum ^ kinds[k].invert} }

// State is the register of a CRC after some bytes. States can be compared; the
// zero value is that of ARC before the first byte.
type State struct {
	kind     Kind
	register uint16
}

// Sum returns the CRC of the bytes that have passed.
func (s State) Sum() uint16 { return s.register ^ kinds[s.kind].invert }

// After returns the register once the bytes of data have passed.
func (s State) After(data []byte) State {
	step, register := &kinds[s.kind].step, s.register
	for _, b := range data {
		register = register>>8 ^ step[byte(register)^b]
	}
	return State{s.kind, register}
}

// Step returns the register once b has passed.
func (s State) Step(b byte) State {
	return State{s.kind, s.register>>8 ^ kinds[s.kind].step[byte(s.register)^b]}
}

// Before returns the register that the bytes of data turned into s: the inverse
// of [State.After].
func (s State) Before(data []byte) State {
	k, register := &kinds[s.kind], s.register
	for i := len(data) - 1; i >= 0; i-- {
		row := k.stepOf[register>>8]
		register = (register^k.step[row])<<8 | uint16(row^data[i])
	}
	return State{s.kind, register}
}

// algebra is what a kind is made of. step[x] is what the eight shifts of a byte x
// leave in the register, and stepOf[h] is the x whose step has the high byte h:
// every high byte occurs once, since the polynomial has the term 1. invert is
// both the start value and what is XORed in the end.
type algebra struct {
	name   string
	invert uint16
	step   [256]uint16
	stepOf [256]byte
	sliced [slices][256]uint16
	filler uint16 // what sixteen bytes FF leave in a register of 0
}

// kinds holds the algebra of each kind; it never changes.
var kinds = [...]algebra{
	ARC: newAlgebra("ARC", 0xA001, 0),
	X25: newAlgebra("X25", 0x8408, 0xFFFF),
}

// newAlgebra takes the polynomial with its bits reversed and without x16.
func newAlgebra(name string, polynomial, invert uint16) algebra {
	a := algebra{name: name, invert: invert}
	for x := range a.step {
		register := uint16(x)
		for range 8 {
			low := register & 1
			register >>= 1
			if low == 1 {
				register ^= polynomial
			}
		}
		a.step[x] = register
		a.stepOf[register>>8] = byte(x)
	}
	a.sliced = newSliced(&a.step)
	for _, row := range a.sliced {
		a.filler ^= row[0xFF]
	}
	return a
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
