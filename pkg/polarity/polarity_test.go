package polarity

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"p1/pkg/sim/wiretest"
	"p1/pkg/telegram"
)

func TestInvertedLineIsRecognised(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, log := range []string{"hu-clean.log", "nl-clean.log", "dsmr3.log"} {
		for _, parity := range []bool{false, true} {
			if parity && log == "hu-clean.log" {
				continue
			}
			for _, restart := range []bool{false, true} {
				for _, gaps := range []int{0, 1, 3} {
					found, all := 0, 0
					for _, text := range wiretest.Telegrams(t, "../../testdata/"+log)[:4] {
						if parity {
							text = wiretest.WithEvenParity(text)
						}
						idle := func() int { return rng.IntN(gaps + 1) }
						read := wiretest.Sampled(wiretest.Turned(wiretest.Wire(text, idle)), restart, false)
						all++
						got := Upright(read)
						if got != nil {
							found++
						}
						if telegram.HasLine(read) || telegram.HasLine(withoutParity(read)) {
							t.Fatalf("it reads as a telegram: %q", read)
						}
					}
					if found < all {
						t.Errorf("%s, parity %v, restart %v, idle bits to %d: %d of %d recognised", log, parity, restart, gaps, found, all)
					}
				}
			}
		}
	}
}

// Nothing that a line with the right polarity delivers is taken for an inverted one.
func TestNothingElseIsInverted(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range 60 {
		data := make([]byte, 400)
		for j := range data {
			data[j] = byte(rng.Uint32())
			if i%3 == 0 {
				data[j] = "\x00\xff\x80\x7f0"[rng.IntN(5)]
			}
		}
		if text := Upright(data); text != nil {
			t.Errorf("%q reads as %q", data, text)
		}
	}
	for _, log := range []string{"hu-clean.log", "nl-clean.log", "dsmr3.log"} {
		for _, text := range wiretest.Telegrams(t, "../../testdata/"+log)[:4] {
			wire := wiretest.Wire(text, func() int { return 0 })
			if read := wiretest.Sampled(wire, false, false); !bytes.Equal(read, text) {
				t.Fatalf("the simulated UART reads %q of %q", read, text)
			}
			slow := make([]bool, 0, len(wire)/2)
			for i := 0; i < len(wire); i += 12 { // read at a twelfth of the speed
				slow = append(slow, wire[i])
			}
			for _, data := range [][]byte{text, wiretest.WithEvenParity(text), wiretest.Sampled(slow, false, false), wiretest.Sampled(wire[16*60:], false, false)} {
				if got := Upright(data); got != nil {
					t.Errorf("%q reads as %q", data, got)
				}
			}
		}
	}
}

// withoutParity takes bit 7 off each byte.
func withoutParity(data []byte) []byte {
	text := bytes.Clone(data)
	for i := range text {
		text[i] &= 0x7F
	}
	return text
}

func BenchmarkUpright(b *testing.B) {
	rng := rand.New(rand.NewPCG(3, 4))
	data := make([]byte, maxTurned)
	for i := range data {
		data[i] = byte(rng.Uint32())
	}
	for b.Loop() {
		_ = Upright(data)
	}
}
