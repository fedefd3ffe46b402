package sim

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"encoding/hex"
	"testing"
)

func unhex(t *testing.T, digits string) []byte {
	t.Helper()
	b, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The example of the green book, §9.2.7: authenticated encryption of an xDLMS APDU.
func TestSealAsInTheGreenBook(t *testing.T) {
	gcm, err := newGCM(unhex(t, "000102030405060708090A0B0C0D0E0F"))
	if err != nil {
		t.Fatal(err)
	}
	s := &sealer{gcm: gcm, authentication: unhex(t, "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"), counter: 0x01234567}
	copy(s.title[:], unhex(t, "4D4D4D0000BC614E"))
	got := s.seal(unhex(t, "01011000112233445566778899AABBCCDDEEFF0000065F1F0400007E1F04B0"))
	want := unhex(t, "DB084D4D4D0000BC614E820030"+"3001234567"+
		"801302FF8A7874133D414CED25B42534D28DB0047720606B175BD52211BE68"+"41DB204D39EE6FDB8E356855")
	if !bytes.Equal(got, want) {
		t.Errorf("sealed  %X\nwant    %X", got, want)
	}
}

// opened reads a frame with nothing of the sealer's: the counter mode that lies in
// GCM for the text, GCM for the tag.
func opened(t *testing.T, frame []byte, authentication string) (text []byte, counter uint32, verified bool) {
	t.Helper()
	if len(frame) < 30 || frame[0] != 0xDB || frame[1] != 8 || frame[10] != 0x82 || frame[13] != 0x30 {
		t.Fatalf("no frame: %X", frame)
	}
	if n := int(frame[11])<<8 | int(frame[12]); n != len(frame)-13 {
		t.Fatalf("length %d of %d bytes", n, len(frame)-13)
	}
	block, err := aes.NewCipher(unhex(t, DemoKey))
	if err != nil {
		t.Fatal(err)
	}
	nonce := append(bytes.Clone(frame[2:10]), frame[14:18]...)
	text = make([]byte, len(frame)-18-12)
	first := append(bytes.Clone(nonce), 0, 0, 0, 2)
	cipher.NewCTR(block, first).XORKeyStream(text, frame[18:len(frame)-12])
	gcm, err := cipher.NewGCMWithTagSize(block, 12)
	if err != nil {
		t.Fatal(err)
	}
	_, err = gcm.Open(nil, nonce, frame[18:], append([]byte{0x30}, unhex(t, authentication)...))
	return text, binary.BigEndian.Uint32(frame[14:18]), err == nil
}

func TestFramesHoldTelegrams(t *testing.T) {
	titles := map[string]bool{}
	for _, meter := range []string{"at", "lu"} {
		for _, tag := range []string{"right", "wrong"} {
			var last uint32
			for _, x := range simulate(t, "telegrams=12&meter="+meter+"&tag="+tag) {
				text, counter, verified := opened(t, x.Sent, "00112233445566778899AABBCCDDEEFF")
				if !bytes.Equal(text, x.Plain) || verified != (tag == "right") {
					t.Fatalf("%s, tag %s: verified is %v, text %q", meter, tag, verified, text)
				}
				if last > 0 && counter != last+1 {
					t.Errorf("%s: frame %d after %d", meter, counter, last)
				}
				last = counter
				titles[string(x.Sent[2:10])] = true
				if string(x.Sent[2:5]) != "SAG" {
					t.Errorf("%s: system title %X", meter, x.Sent[2:10])
				}
			}
		}
	}
	if len(titles) != 2 {
		t.Errorf("two meters have %d system titles", len(titles))
	}
}

// Frames that nobody has taken are counted too, and a new meter begins anew.
func TestFrameCounter(t *testing.T) {
	var counters []uint32
	titles := map[string]bool{}
	for _, x := range simulate(t, "meter=lu&telegrams=4&every=1m&replace=2026-03-01T00:02:00") {
		_, counter, _ := opened(t, x.Sent, "00112233445566778899AABBCCDDEEFF")
		counters = append(counters, counter)
		titles[string(x.Sent[2:10])] = true
	}
	if counters[1] != counters[0]+6 || counters[2] != 1 || counters[3] != 7 || len(titles) != 2 {
		t.Errorf("counters %v, %d system titles", counters, len(titles))
	}
}

func TestDemoKey(t *testing.T) {
	if !bytes.Equal(unhex(t, DemoKey), demoKey) {
		t.Error("the key in digits is not the one in bytes")
	}
}
