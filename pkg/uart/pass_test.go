package uart_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"p1/pkg/uart"
)

// read is what a receiver delivers of a text from a phase on, the line being idle after it.
func read(r uart.Receiver, at uart.Phase, text []byte) (got []byte) {
	value := byte(0)
	take := func(x uart.Piece) {
		if x.Begins {
			value = 0
		}
		if value |= x.Bits; x.Ends && (x.Stop || !r.Drops) {
			got = append(got, value)
		}
	}
	for _, c := range text {
		pieces, n, end := r.Pass(at, c)
		for _, x := range pieces[:n] {
			take(x)
		}
		at = end
	}
	if rest, any := at.Idle(); any {
		take(rest)
	}
	return got
}

// In step a receiver of any kind reads what was sent, and stays in step.
func TestPassInStep(t *testing.T) {
	for _, r := range []uart.Receiver{{}, {Gap: 1}, {Restarts: true}, {TakesLow: true}, {CountsOn: true}, {CountsOn: true, Gap: 1}, {Drops: true}} {
		for c := range 256 {
			if got := read(r, 0, []byte{byte(c), byte(c)}); !bytes.Equal(got, []byte{byte(c), byte(c)}) {
				t.Fatalf("%+v: %02X twice is read as % X", r, c, got)
			}
		}
	}
}

// The bytes of known recordings: where nobody looked at a start edge '0' is read as 0x82, '1' as 0x8A,
// '.' as 0x72, '-' as 0x6A, and with an idle bit between characters as 0x06, 0x16, 0xE6.
// At a line end a receiver that looks for edges is in step again.
func TestPassOutOfStep(t *testing.T) {
	for _, c := range []struct {
		receiver uart.Receiver
		text     string
		want     string
	}{
		{uart.Receiver{}, "001.-0", "\x82\x8A\x72\x6A\x82\xFE"},
		{uart.Receiver{Gap: 1}, "001.-0", "\x06\x16\xE6\xD6\x06\xFE"},
		{uart.Receiver{CountsOn: true}, "001.-", "\x82\x8A\x72\x6A\xFE"},
		{uart.Receiver{}, "01\r\nX", "\x8A\x6A\nX"},
	} {
		if got := read(c.receiver, uart.Unseen, []byte(c.text)); string(got) != c.want {
			t.Errorf("%+v, %q: read as % X, want % X", c.receiver, c.text, got, c.want)
		}
	}
}

// A receiver that counts on reads bits at a fixed distance, whatever they are.
func TestPassCountsOn(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		gap := dice.IntN(2)
		size := 10 + gap
		text := make([]byte, 1+dice.IntN(20))
		var line []byte // a bit each
		for i := range text {
			text[i] = byte(dice.IntN(256))
			line = append(line, 0)
			for k := range 8 {
				line = append(line, text[i]>>k&1)
			}
			line = append(line, bytes.Repeat([]byte{1}, 1+gap)...)
		}
		line = append(line, bytes.Repeat([]byte{1}, 20)...)
		start := 1 // the first falling edge after the missed one
		for start < size && !(line[start] == 0 && (start == 1 || line[start-1] == 1)) {
			start++
		}
		var want []byte
		for ; start < len(text)*size; start += size {
			value := byte(0)
			for k := range 8 {
				value |= line[start+1+k] << k
			}
			want = append(want, value)
		}
		r := uart.Receiver{Gap: gap, CountsOn: true}
		if got := read(r, uart.Missed, text); !bytes.Equal(got, want) {
			t.Fatalf("gap %d, % X: read as % X, want % X", gap, text, got, want)
		}
	}
}
