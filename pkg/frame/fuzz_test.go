package frame_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"p1/pkg/frame"
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
	below := strings.Replace(string(short), "!", "!\r\n", 1)
	for n := range len(below) {
		f.Add([]byte(below[n:]+below), uint8(n))
		f.Add([]byte(below[:n]+below), uint8(1))
	}
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
			if ok && x.CRCCalc != "" {
				checkCalc(t, x)
			}
			if ok && x.ReceivedRaw != nil && x.EOL == "" && x.Cipher == "" && !bytes.Equal(withoutParity(x.ReceivedRaw), x.Raw) {
				t.Fatalf("received %q is not raw %q", x.ReceivedRaw, x.Raw)
			}
		}
		pieces := frameReader(t, bytes.NewReader(data), int(size)+1)
		if !reflect.DeepEqual(whole.records, pieces.records) {
			t.Fatalf("pieces of %d bytes give other records", int(size)+1)
		}
	})
}

// FuzzEncrypted is the same for streams with frames in them, with and without their
// key, and whatever is ok in a frame has come out of one that is whole.
func FuzzEncrypted(f *testing.F) {
	short := resigned("/AUX5990\r\n\r\n1-0:1.8.0(008234.524*kWh)\r\n!0000\r\n")
	sealed := sealedBy(f, "ABC12345", short, 7, 0x30)
	for n := range sealed {
		f.Add([]byte(sealed[:n]+sealed), uint8(n), uint8(1))
		f.Add([]byte(short[:n%len(short)]+sealed+short), uint8(7), uint8(n))
		f.Add([]byte(hit(sealed, n)+sealed+short), uint8(n), uint8(2))
		f.Add([]byte(sealed+withParity(short)+sealed[n:]), uint8(n), uint8(3))
	}
	f.Add([]byte(resigned("/AUX5990\r\n\r\n0-0:96.13.0("+sealed[:20]+")\r\n!0000\r\n")+sealed), uint8(9), uint8(1))
	keys := []frame.Options{{}, {Keys: demoKeys(f)}, {Keys: wrongKeys(f)}, {Keys: demoKeys(f), AllowUnverified: true}}
	f.Fuzz(func(t *testing.T, data []byte, size, key uint8) {
		o := keys[int(key)%len(keys)]
		whole, said, err := frameWith(t, o, data, record.MaxData)
		if !bytes.Equal(whole.received(t), data) {
			t.Fatal("the records joined are not the input")
		}
		for _, x := range whole.telegrams() {
			checkSealed(t, x)
			if x.Cipher != "" && x.Status != record.Bad && (o.Keys == nil || !bytes.HasPrefix(x.ReceivedRaw, []byte{0xDB, 0x08})) {
				t.Fatalf("%s out of %q", x.Status, x.ReceivedRaw)
			}
		}
		pieces, also, err2 := frameWith(t, o, data, int(size)+1)
		if !reflect.DeepEqual(whole.records, pieces.records) || !reflect.DeepEqual(said, also) || (err == nil) != (err2 == nil) {
			t.Fatalf("pieces of %d bytes give other records", int(size)+1)
		}
	})
}
