package sources

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// negotiated is data as a telnet server sends it: 0xFF doubled, and things said to
// the client in between.
func negotiated(data []byte, rng *rand.Rand) []byte {
	wire := []byte{255, 251, 0} // IAC WILL BINARY: all eight bits from here on
	for i := 0; i <= len(data); i++ {
		switch rng.IntN(10) {
		case 0:
			wire = append(wire, 255, byte(251+rng.IntN(4)), byte(1+rng.IntN(255)))
		case 1:
			wire = append(wire, 255, 250, byte(rng.IntN(255)))
			for range rng.IntN(9) {
				if b := byte(rng.Uint32()); b == 255 {
					wire = append(wire, 255, 255)
				} else {
					wire = append(wire, b)
				}
			}
			wire = append(wire, 255, 240)
		case 2:
			wire = append(wire, 255, byte(241+rng.IntN(9)))
		}
		if i < len(data) {
			wire = append(wire, data[i])
			if data[i] == 255 {
				wire = append(wire, 255)
			}
		}
	}
	return wire
}

// decoded feeds wire in pieces.
func decoded(wire []byte, speech speech, size func() int) (data, answers []byte, held bool) {
	t := telnet{speech: speech}
	for len(wire) > 0 {
		n := min(len(wire), size())
		buf := append(make([]byte, 0, n+1), wire[:n]...)
		got, answer := t.decode(buf)
		data, answers = append(data, buf[:got]...), append(answers, answer...)
		wire = wire[n:]
	}
	return data, answers, t.held
}

func TestTelnetIsTakenOut(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for range 500 {
		data := make([]byte, rng.IntN(200))
		for i := range data {
			data[i] = "\xff\xff\xfb\r\x00\xf0\xfa/"[rng.IntN(8)]
		}
		wire := negotiated(data, rng)
		got, _, held := decoded(wire, unknownSpeech, func() int { return 1 + rng.IntN(9) })
		if !bytes.Equal(got, data) || held {
			t.Fatalf("%q of %q, want %q", got, wire, data)
		}
	}
}

// An answer must not call for another one, else both sides talk for ever.
func TestTwoTelnetsComeToAnEnd(t *testing.T) {
	for option := range 256 {
		for _, verb := range []byte{will, wont, do, dont} {
			a, b := telnet{speech: speaksTelnet}, telnet{speech: speaksTelnet}
			talk := []byte{iac, verb, byte(option)}
			for range 4 {
				_, talk = a.decode(bytes.Clone(talk))
				a, b = b, a
			}
			if len(talk) > 0 {
				t.Errorf("option %d, verb %X: they still talk: % X", option, verb, talk)
			}
		}
	}
}

// However the stream is cut, the same bytes come out; and where no telnet is spoken,
// all of them.
func FuzzTelnet(f *testing.F) {
	f.Add([]byte("\xff\xfb\x03/AUX\r\n\xff\xff"), byte(1))
	f.Add([]byte("\xff\xff\xff)"), byte(2))
	f.Add([]byte("\xff"), byte(1))
	f.Add([]byte("\xff\xfa\x2c\xff\xff\xff\xf0\r\x00\r\n"), byte(3))
	f.Fuzz(func(t *testing.T, wire []byte, cut byte) {
		if len(wire) == 0 {
			return
		}
		size := 1 + int(cut)
		for _, speech := range []speech{unknownSpeech, speaksTelnet, speaksRaw} {
			whole, answer, _ := decoded(wire, speech, func() int { return len(wire) })
			parts, answers, _ := decoded(wire, speech, func() int { return size })
			if !bytes.Equal(whole, parts) || !bytes.Equal(answer, answers) {
				t.Errorf("in pieces of %d: %q and % X, else %q and % X", size, parts, answers, whole, answer)
			}
			begins := len(wire) > 1 && wire[0] == 0xFF && wire[1] >= 0xFA && wire[1] <= 0xFE
			if raw := speech == speaksRaw || speech == unknownSpeech && !begins && !bytes.Equal(wire, []byte{0xFF}); raw && !bytes.Equal(whole, wire) {
				t.Errorf("%q of %q, which is no telnet", whole, wire)
			}
		}
	})
}
