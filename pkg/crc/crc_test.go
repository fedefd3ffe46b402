package crc

import (
	"testing"
	"testing/quick"
)

// The check value of the CRC catalogues: the CRC of the nine digits.
func TestCheckValue(t *testing.T) {
	if got := ARC([]byte("123456789")); got != 0xBB3D {
		t.Errorf("ARC(123456789) = %04X, want BB3D", got)
	}
}

// The register algebra agrees with the library on any bytes, however they are
// cut, and Before undoes After.
func TestStateAgreesWithLibrary(t *testing.T) {
	agrees := func(a, b []byte, start uint16) bool {
		whole := State(0).After(a).After(b)
		from := State(start)
		return uint16(whole) == ARC(append(append([]byte{}, a...), b...)) &&
			from.After(a).Before(a) == from && from.Before(b).After(b) == from
	}
	if err := quick.Check(agrees, &quick.Config{MaxCount: 2000}); err != nil {
		t.Error(err)
	}
}

// CRC(a^b^c) = CRC(a)^CRC(b)^CRC(c) for bytes of one length: repair rests on it.
func TestLinear(t *testing.T) {
	linear := func(a, b, c [40]byte) bool {
		var x [40]byte
		for i := range x {
			x[i] = a[i] ^ b[i] ^ c[i]
		}
		return ARC(x[:]) == ARC(a[:])^ARC(b[:])^ARC(c[:])
	}
	if err := quick.Check(linear, nil); err != nil {
		t.Error(err)
	}
}

func BenchmarkARC(b *testing.B) {
	data := make([]byte, 2348)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		ARC(data)
	}
}

func BenchmarkState(b *testing.B) {
	data := make([]byte, 2348)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		State(0).After(data)
	}
}

// The syndrome of a change is the change of the CRC.
func TestSyndromes(t *testing.T) {
	var s Syndromes
	agrees := func(a, b [50]byte, at uint8) bool {
		from := int(at) % 40
		changed := a
		copy(changed[from:from+10], b[:10])
		return s.Diff(a[from:from+10], b[:10], 40-from) == ARC(a[:])^ARC(changed[:])
	}
	if err := quick.Check(agrees, nil); err != nil {
		t.Error(err)
	}
}
