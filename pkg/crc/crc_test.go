package crc

import (
	"bytes"
	"fmt"
	"testing"
	"testing/quick"

	"github.com/sigurn/crc16"
)

// library is the CRC that another program has for each kind.
func library(k Kind, data []byte) uint16 {
	params := map[Kind]crc16.Params{ARC: crc16.CRC16_ARC, X25: crc16.CRC16_X_25}[k]
	return crc16.Checksum(data, crc16.MakeTable(params))
}

// The check values of the CRC catalogues: the CRCs of the nine digits.
func TestCheckValue(t *testing.T) {
	for kind, want := range map[Kind]uint16{ARC: 0xBB3D, X25: 0x906E} {
		if got := kind.Sum([]byte("123456789")); got != want {
			t.Errorf("%s(123456789) = %04X, want %04X", kind.Name(), got, want)
		}
	}
}

// Each kind is found by its name, and no other name is one.
func TestNamed(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range Kinds() {
		if got, ok := Named(k.Name()); !ok || got != k || seen[k.Name()] {
			t.Errorf("Named(%q) = %v, %t; seen before: %t", k.Name(), got, ok, seen[k.Name()])
		}
		seen[k.Name()] = true
	}
	if !seen["ARC"] || !seen["X25"] || len(seen) != 2 {
		t.Errorf("kinds %v", seen)
	}
	for _, name := range []string{"", "arc", "none", "unknown"} {
		if _, ok := Named(name); ok {
			t.Errorf("%q is a kind", name)
		}
	}
}

// each checks a property of every kind.
func each(t *testing.T, property func(Kind) any) {
	t.Helper()
	for _, k := range Kinds() {
		if err := quick.Check(property(k), &quick.Config{MaxCount: 2000}); err != nil {
			t.Errorf("%s: %v", k.Name(), err)
		}
	}
}

// The register algebra agrees with the library on any bytes, however they are
// cut.
func TestStateAgreesWithLibrary(t *testing.T) {
	each(t, func(k Kind) any {
		return func(a, b []byte, c byte) bool {
			want := library(k, append(append(append([]byte{}, a...), c), b...))
			end := k.Start().After(a).Step(c).After(b)
			return end.Sum() == want && end == k.Ending(want)
		}
	})
}

// FuzzSum: the CRC of any bytes is that of the library.
func FuzzSum(f *testing.F) {
	for n := range 5 * sliceLen {
		f.Add(bytes.Repeat([]byte{0xFF}, n))
		f.Add(bytes.Repeat([]byte("/SIM5!"), n)[:n])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, k := range Kinds() {
			got, want := k.Sum(data), library(k, data)
			if got != want {
				t.Errorf("%s of %q = %04X, want %04X", k.Name(), data, got, want)
			}
			if digits := k.Digits(data); digits != fmt.Sprintf("%04X", want) {
				t.Errorf("%s of %q is written %s, want %04X", k.Name(), data, digits, want)
			}
		}
	})
}

// Before undoes After, and After Before, from any register.
func TestBeforeInvertsAfter(t *testing.T) {
	each(t, func(k Kind) any {
		return func(data []byte, sum uint16) bool {
			from := k.Ending(sum)
			return from.After(data).Before(data) == from && from.Before(data).After(data) == from
		}
	})
}

// CRC(a^b^c) = CRC(a)^CRC(b)^CRC(c) for bytes of one length: repair rests on it.
func TestLinear(t *testing.T) {
	each(t, func(k Kind) any {
		return func(a, b, c [40]byte) bool {
			var x [40]byte
			for i := range x {
				x[i] = a[i] ^ b[i] ^ c[i]
			}
			return k.Sum(x[:]) == k.Sum(a[:])^k.Sum(b[:])^k.Sum(c[:])
		}
	})
}

// The syndrome of a change is the change of the CRC.
func TestSyndromes(t *testing.T) {
	each(t, func(k Kind) any {
		s := NewSyndromes(k)
		return func(a, b [50]byte, at uint8) bool {
			from := int(at) % 40
			changed := a
			copy(changed[from:from+10], b[:10])
			return s.Diff(a[from:from+10], b[:10], 40-from) == k.Sum(a[:])^k.Sum(changed[:])
		}
	})
}

// Both polynomials have the factor x+1: a change of an odd number of bits is never
// missed, which is what the confidence of repairs counts on.
func TestOddChangesAreSeen(t *testing.T) {
	each(t, func(k Kind) any {
		return func(a [30]byte, flips [7]uint8) bool {
			b := a
			for _, n := range flips {
				b[int(n)%240/8] ^= 1 << (n % 8)
			}
			return k.Sum(a[:]) != k.Sum(b[:])
		}
	})
}

func BenchmarkSum(b *testing.B) {
	for _, k := range Kinds() {
		b.Run(k.Name(), func(b *testing.B) {
			data := make([]byte, 2348)
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				k.Sum(data)
			}
		})
	}
}

func BenchmarkState(b *testing.B) {
	for _, k := range Kinds() {
		b.Run(k.Name(), func(b *testing.B) {
			data := make([]byte, 2348)
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				k.Start().After(data)
			}
		})
	}
}

func BenchmarkStep(b *testing.B) {
	for _, k := range Kinds() {
		b.Run(k.Name(), func(b *testing.B) {
			s := k.Start()
			for b.Loop() {
				for range 2348 {
					s = s.Step(0xFF)
				}
			}
		})
	}
}
