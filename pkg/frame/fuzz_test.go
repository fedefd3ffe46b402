package frame_test

import (
	"bytes"
	"reflect"
	"testing"

	"p1/pkg/record"
)

// FuzzFrame: whatever comes in, the records joined are the input, every
// telegram that is ok keeps its CRC, and the cut into chunks does not matter.
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
	for _, eol := range []string{"\r", "\r\r\n", "\n\r", "\r\r"} {
		f.Add(bytes.ReplaceAll(append(bytes.Clone(short), short...), []byte("\r\n"), []byte(eol)), uint8(5))
	}
	f.Fuzz(func(t *testing.T, data []byte, size uint8) {
		whole := frameBytes(t, data)
		if !bytes.Equal(whole.received(t), data) {
			t.Fatal("the records joined are not the input")
		}
		for _, r := range whole.records {
			if x, ok := r.(*record.Telegram); ok && x.Status == record.OK && (x.CRCSent != x.CRCCalc || x.Raw[0] != '/') {
				t.Fatalf("ok without a CRC that holds: %q", x.Raw)
			}
		}
		pieces := frameReader(t, bytes.NewReader(data), int(size)+1)
		if !reflect.DeepEqual(whole.records, pieces.records) {
			t.Fatalf("pieces of %d bytes give other records", int(size)+1)
		}
	})
}
