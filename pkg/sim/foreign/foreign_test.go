package foreign_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"p1/pkg/sim/foreign"
)

// What is known from the standards' own examples, and from frames that people have posted.
func TestKnownFrames(t *testing.T) {
	// The head of a Kamstrup frame of 227 bytes has the check sequence 98 86.
	apdu := make([]byte, 0xE3-2-2-1-2-3-2)
	if f := foreign.Frame([]byte{0x2B, 0x21}, 0x13, apdu); !bytes.HasPrefix(f, unhex(t, "7EA0E32B21139886E6E700")) || len(f) != 0xE3+2 {
		t.Errorf("an HDLC frame of %d bytes begins with % X", len(f), f[:11])
	}
	// The second frame of a Kaifa's push.
	want := unhex(t, "6814146853FF1101679104E9DE708A110736935793368 0F99B16")
	if f := foreign.LongFrame(want[4 : len(want)-2]); !bytes.Equal(f, want) {
		t.Errorf("an M-Bus frame is % X, want % X", f, want)
	}
	// A request for two registers.
	for _, p := range foreign.Protocols() {
		if s := p.Stream(1); p.Name == "Modbus RTU" && !bytes.HasPrefix(s, unhex(t, "010400000006")) {
			t.Errorf("Modbus begins with % X", s[:8])
		}
	}
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Equal seeds give equal streams, others another one; what is pushed comes often.
func TestStreams(t *testing.T) {
	names := map[string]bool{}
	for _, p := range foreign.Protocols() {
		if names[p.Name] {
			t.Errorf("there are two protocols %q", p.Name)
		}
		names[p.Name] = true
		a, b := p.Stream(1), p.Stream(1)
		if !bytes.Equal(a, b) {
			t.Errorf("%s: one seed gives two streams", p.Name)
		}
		if p.Name != "empty file" && bytes.Equal(a, p.Stream(2)) {
			t.Errorf("%s: two seeds give one stream", p.Name)
		}
		if n := len(p.Frames(1)); n != 1 && n < 40 {
			t.Errorf("%s: only %d frames", p.Name, n)
		}
		if len(p.Words) == 0 {
			t.Errorf("%s has no words", p.Name)
		}
		for _, w := range p.Words {
			if w != strings.ToLower(w) {
				t.Errorf("%s: the word %q is not in lower case", p.Name, w)
			}
		}
	}
}

// Each SML file is a multiple of four bytes between its escapes, and its checksum, with the
// residue of CRC-16/X-25, comes out.
func TestSML(t *testing.T) {
	for _, p := range foreign.Protocols() {
		if p.Name != "SML" {
			continue
		}
		for _, f := range p.Frames(3) {
			if len(f)%4 != 0 || !bytes.HasPrefix(f, unhex(t, "1B1B1B1B01010101")) || !bytes.Equal(f[len(f)-8:len(f)-3], unhex(t, "1B1B1B1B1A")) {
				t.Fatalf("an SML file of %d bytes: % X", len(f), f)
			}
			c := uint16(0xFFFF)
			for _, b := range f {
				for k := range 8 {
					bit := (c ^ uint16(b>>k)) & 1
					c >>= 1
					if bit == 1 {
						c ^= 0x8408
					}
				}
			}
			if c != 0xF0B8 {
				t.Fatalf("the residue is %04X", c)
			}
		}
		return
	}
	t.Error("there is no SML")
}
