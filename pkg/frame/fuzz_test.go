package frame_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"p1/pkg/record"
)

// FuzzFrame: whatever comes in, the records joined are the input, every
// telegram that is ok keeps its CRC, what was received differs from raw in bit 7
// only, and the cut into chunks does not matter.
func FuzzFrame(f *testing.F) {
	short := []byte("/AUX5990\r\n\r\n1-0:1.8.0(008234.524*kWh)\r\n!D0BA\r\n")
	for n := range short {
		f.Add(short[:n], uint8(7))
		for bit := range 8 {
			flipped := bytes.Clone(short)
			flipped[n] ^= 1 << bit
			f.Add(flipped, uint8(n))
		}
	}
	f.Add(append(bytes.Clone(short), short[1:]...), uint8(3))
	other := signed(string(short), x25, "%04X")
	f.Add([]byte(other+string(short)+other+other), uint8(9))
	const logger = "=~=~=~=~= PuTTY log =~=~\r\n"
	wire := withParity(string(short))
	for n := range len(wire) {
		f.Add([]byte(wire[n:]+wire[:n]), uint8(5))
		f.Add([]byte(wire[:n]+logger+string(short)+wire), uint8(n))
	}
	f.Add([]byte(wire+withParity(logger)+wire), uint8(1))
	f.Add([]byte(strings.ReplaceAll(wire, "\n", "\x8A\n")+wire), uint8(1))
	f.Add([]byte(strings.ReplaceAll(wire, "\n", "\x8A")+wire), uint8(1))
	for _, eol := range []string{"\r", "\r\r\n", "\n\r", "\r\r"} {
		f.Add(bytes.ReplaceAll(append(bytes.Clone(short), short...), []byte("\r\n"), []byte(eol)), uint8(5))
	}
	f.Fuzz(func(t *testing.T, data []byte, size uint8) {
		whole := frameBytes(t, data)
		if !bytes.Equal(whole.received(t), data) {
			t.Fatal("the records joined are not the input")
		}
		for _, r := range whole.records {
			x, ok := r.(*record.Telegram)
			if ok && x.Status == record.OK && (x.CRCSent != x.CRCCalc || x.Raw[0] != '/') {
				t.Fatalf("ok without a CRC that holds: %q", x.Raw)
			}
			if ok {
				checkCalc(t, x)
			}
			if ok && x.ReceivedRaw != nil && x.EOL == "" && !bytes.Equal(withoutParity(x.ReceivedRaw), x.Raw) {
				t.Fatalf("received %q is not raw %q", x.ReceivedRaw, x.Raw)
			}
		}
		pieces := frameReader(t, bytes.NewReader(data), int(size)+1)
		if !reflect.DeepEqual(whole.records, pieces.records) {
			t.Fatalf("pieces of %d bytes give other records", int(size)+1)
		}
	})
}
