package forms

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// Equal seeds give equal streams, others others.
func TestDeterministic(t *testing.T) {
	one, same, other := Compose(7, 5), Compose(7, 5), Compose(8, 5)
	if !bytes.Equal(one.Log(), same.Log()) || fmt.Sprint(one.Telegrams[0].Facts) != fmt.Sprint(same.Telegrams[0].Facts) {
		t.Error("one seed gives two streams")
	}
	if bytes.Equal(one.Log(), other.Log()) {
		t.Error("two seeds give one stream")
	}
}

// Every form is written often, by more than one stream, and each fact's line stands in
// its telegram; what it means stands in the line.
func TestForms(t *testing.T) {
	streams := map[string]map[uint64]bool{}
	for seed := range uint64(400) {
		s := Compose(seed, 2)
		for _, telegram := range s.Telegrams {
			for _, f := range telegram.Facts {
				if streams[f.Form] == nil {
					streams[f.Form] = map[uint64]bool{}
				}
				streams[f.Form][seed] = true
				if !bytes.Contains(telegram.Text, []byte(f.Line+"\r\n")) {
					t.Fatalf("seed %d: no line %q in\n%s", seed, f.Line, telegram.Text)
				}
				if !strings.Contains(f.Line, strings.TrimLeft(f.Value, "-0")) {
					t.Errorf("seed %d: %q in %s", seed, f.Value, f.Line)
				}
			}
		}
	}
	for _, name := range Forms() {
		if silent := name == "no clock"; len(streams[name]) < 3 && !silent {
			t.Errorf("%s: in %d of 400 streams", name, len(streams[name]))
		}
	}
}

// A signature is that of CRC-16/ARC, of which the check value is known: BB3D of the
// digits 1 to 9 (the catalogue of parametrised CRC algorithms).
func TestSigned(t *testing.T) {
	s := Compose(1, 1)
	text := s.Telegrams[0].Text
	at := bytes.LastIndexByte(text, '!')
	if want := fmt.Sprintf("%04X\r\n", bitwise(text[:at+1])); string(text[at+1:]) != want {
		t.Errorf("signed with %q, want %q", text[at+1:], want)
	}
	if bitwise([]byte("123456789")) != 0xBB3D {
		t.Error("the test's own CRC is wrong")
	}
}

// bitwise is CRC-16/ARC bit by bit.
func bitwise(text []byte) uint16 {
	crc := uint16(0)
	for _, b := range text {
		for bit := range 8 {
			low := (crc ^ uint16(b)>>bit) & 1
			crc >>= 1
			if low == 1 {
				crc ^= 0xA001
			}
		}
	}
	return crc
}
