package align

import (
	"bytes"
	"testing"
)

// nextChangePlainly is NextChange a byte at a time.
func nextChangePlainly(a, b []byte, from int) int {
	for i := from; i < len(a); i++ {
		if a[i] != b[i] {
			return i
		}
	}
	return len(a)
}

// FuzzNextChange: wherever two texts differ, it is found as byte after byte finds it.
func FuzzNextChange(f *testing.F) {
	text := []byte("/AUX5990\r\n\r\n1-0:1.8.0(008234.524*kWh)\r\n1-0:2.8.0(000000.000*kWh)\r\n!5B60\r\n")
	for at := range text {
		f.Add(text[:at], uint8(0), uint8(0))
		f.Add(text, uint8(at), uint8(at+1))
		f.Add(text, uint8(at), uint8(at*5))
	}
	f.Fuzz(func(t *testing.T, a []byte, at, at2 uint8) {
		b := bytes.Clone(a)
		for _, n := range []uint8{at, at2} {
			if int(n) < len(b) {
				b[n] ^= n | 1
			}
		}
		for from := range len(a) + 1 {
			if got, want := NextChange(a, b, from), nextChangePlainly(a, b, from); got != want {
				t.Fatalf("from %d on %q and %q differ at %d, want %d", from, a, b, got, want)
			}
		}
	})
}
