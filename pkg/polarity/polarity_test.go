package polarity

import (
	"bytes"
	"math/rand/v2"
	"os"
	"testing"

	"p1/pkg/telegram"
)

// wireOf is the level of a line over time, sixteen samples a bit: idle, then each
// byte as start bit, eight data bits low bit first and stop bit, with idle bits
// between the bytes. Whether it is the right way up is for the caller.
func wireOf(text []byte, idleBits func() int) []bool {
	const perBit = 16
	var wire []bool
	put := func(level bool, bits int) {
		for range bits * perBit {
			wire = append(wire, level)
		}
	}
	put(true, 40)
	for _, b := range text {
		put(false, 1)
		for k := range 8 {
			put(b&(1<<k) != 0, 1)
		}
		put(true, 1+idleBits())
	}
	put(true, 40)
	return wire
}

// sampled is what a UART reads of the line: from a falling edge on it samples the
// middles of ten bits. restart is what a 16550 does where the stop bit is 0: it
// takes it for a start bit; others wait for the line to rise, and drop tells that
// they throw the byte away.
func sampled(wire []bool, restart, drop bool) []byte {
	const perBit = 16
	var read []byte
	at := 1
	for at < len(wire) {
		if !wire[at-1] || wire[at] {
			at++
			continue
		}
		for {
			if at+10*perBit > len(wire) {
				return read
			}
			var b byte
			for k := range 8 {
				if wire[at+(1+k)*perBit+perBit/2] {
					b |= 1 << k
				}
			}
			stop := wire[at+9*perBit+perBit/2]
			if stop || !drop {
				read = append(read, b)
			}
			at += 9 * perBit
			if stop || !restart {
				at += perBit / 2
				break
			}
			if b == 0 { // a break: every UART waits for its end
				at += perBit / 2
				break
			}
		}
	}
	return read
}

func turned(wire []bool) []bool {
	other := make([]bool, len(wire))
	for i, level := range wire {
		other[i] = !level
	}
	return other
}

func withEvenParity(text []byte) []byte {
	out := bytes.Clone(text)
	for i, b := range out {
		for k := range 7 {
			out[i] ^= b << (7 - k) & 0x80
		}
	}
	return out
}

// telegramsOf returns the beginnings of telegrams in a log of testdata.
func telegramsOf(t *testing.T, log string) [][]byte {
	t.Helper()
	data, err := os.ReadFile("../../testdata/" + log)
	if err != nil {
		t.Fatal(err)
	}
	parts := bytes.Split(data, []byte("\n/"))
	for i := range parts {
		parts[i] = append([]byte("/"), parts[i]...)
	}
	if len(parts) < 10 {
		t.Fatalf("%s has %d telegrams", log, len(parts)-1)
	}
	return parts[1:]
}

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
					for _, text := range telegramsOf(t, log)[:4] {
						if parity {
							text = withEvenParity(text)
						}
						idle := func() int { return rng.IntN(gaps + 1) }
						read := sampled(turned(wireOf(text, idle)), restart, false)
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
		for _, text := range telegramsOf(t, log)[:4] {
			wire := wireOf(text, func() int { return 0 })
			if read := sampled(wire, false, false); !bytes.Equal(read, text) {
				t.Fatalf("the simulated UART reads %q of %q", read, text)
			}
			slow := make([]bool, 0, len(wire)/2)
			for i := 0; i < len(wire); i += 12 { // read at a twelfth of the speed
				slow = append(slow, wire[i])
			}
			for _, data := range [][]byte{text, withEvenParity(text), sampled(slow, false, false), sampled(wire[16*60:], false, false)} {
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
