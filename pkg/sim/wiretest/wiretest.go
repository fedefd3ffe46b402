// Package wiretest takes text and gives the level of a line that carries it, and what
// a UART reads of such a line: for tests of what listens to a line.
package wiretest

import (
	"bytes"
	"os"
	"testing"
)

// Wire is the level of a line over time, sixteen samples a bit: idle, then each
// byte as start bit, eight data bits low bit first and stop bit, with idle bits
// between the bytes. Whether it is the right way up is for the caller.
func Wire(text []byte, idleBits func() int) []bool {
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

// Sampled is what a UART reads of the line: from a falling edge on it samples the
// middles of ten bits. restart is what a 16550 does where the stop bit is 0: it
// takes it for a start bit; others wait for the line to rise, and drop tells that
// they throw the byte away.
func Sampled(wire []bool, restart, drop bool) []byte {
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

func Turned(wire []bool) []bool {
	other := make([]bool, len(wire))
	for i, level := range wire {
		other[i] = !level
	}
	return other
}

func WithEvenParity(text []byte) []byte {
	out := bytes.Clone(text)
	for i, b := range out {
		for k := range 7 {
			out[i] ^= b << (7 - k) & 0x80
		}
	}
	return out
}

// Telegrams returns the telegrams of a log, each from its '/' on.
func Telegrams(tb testing.TB, log string) [][]byte {
	tb.Helper()
	data, err := os.ReadFile(log)
	if err != nil {
		tb.Fatal(err)
	}
	parts := bytes.Split(data, []byte("\n/"))
	for i := range parts {
		parts[i] = append([]byte("/"), parts[i]...)
	}
	if len(parts) < 10 {
		tb.Fatalf("%s has %d telegrams", log, len(parts)-1)
	}
	return parts[1:]
}
