package dlms_test

import (
	"bytes"
	"crypto/aes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"p1/pkg/dlms"
)

// unhex reads hex digits with blanks between them.
func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func keys(t testing.TB, encryption, authentication []byte) *dlms.Keys {
	t.Helper()
	k, err := dlms.NewKeys(encryption, authentication)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// The example of the Green Book (DLMS UA 1000-2, ciphered APDUs: a get-request of 13
// bytes), its bytes put into general-glo-ciphering.
const (
	bookKey  = "000102030405060708090A0B0C0D0E0F"
	bookAuth = "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"
	bookText = "C0010000080000010000FF0200"
	bookBoth = "DB 08 4D4D4D0000BC614E 1E 30 01234567 411312FF935A47566827C467BC 7D825C3BE4A77C3FCC056B6B"
	bookOpen = "DB 08 4D4D4D0000BC614E 12 20 01234567 411312FF935A47566827C467BC" // encrypted only
)

func TestGreenBook(t *testing.T) {
	k := keys(t, unhex(t, bookKey), unhex(t, bookAuth))
	for frame, want := range map[string]bool{bookBoth: true, bookOpen: false} {
		text, verified, err := k.Open(unhex(t, frame))
		if err != nil || verified != want || !bytes.Equal(text, unhex(t, bookText)) {
			t.Errorf("%s: %X, verified %v, %v", frame, text, verified, err)
		}
	}
	other := keys(t, unhex(t, bookKey), nil)
	text, verified, err := other.Open(unhex(t, bookBoth))
	if err != nil || verified || !bytes.Equal(text, unhex(t, bookText)) {
		t.Errorf("with another authentication key: %X, verified %v, %v", text, verified, err)
	}
}

// sealed is a frame made by the book: NIST SP 800-38D with nothing but the block
// cipher, and the lengths in BER written with `octets` octets after the first one.
func sealed(t testing.TB, key, auth []byte, title string, counter uint32, text []byte, octets int) []byte {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	nonce := binary.BigEndian.AppendUint32([]byte(title), counter)
	stream := func(n uint32) []byte {
		out := make([]byte, 16)
		block.Encrypt(out, binary.BigEndian.AppendUint32(bytes.Clone(nonce), n))
		return out
	}
	var body []byte
	for i, b := range text {
		body = append(body, b^stream(uint32(i/16) + 2)[i%16])
	}
	h := make([]byte, 16)
	block.Encrypt(h, make([]byte, 16))
	additional := append([]byte{0x30}, auth...)
	hashed := pad(bytes.Clone(additional))
	hashed = pad(append(hashed, body...))
	hashed = binary.BigEndian.AppendUint64(hashed, uint64(len(additional))*8)
	hashed = binary.BigEndian.AppendUint64(hashed, uint64(len(body))*8)
	tag := ghash(h, hashed)
	for i, b := range stream(1) {
		tag[i] ^= b
	}

	n := 5 + len(body) + 12
	out := append([]byte{0xDB, 0x08}, title...)
	switch octets {
	case 0:
		out = append(out, byte(n))
	case 1:
		out = append(out, 0x81, byte(n))
	default:
		out = append(out, 0x82, byte(n>>8), byte(n))
	}
	out = append(out, 0x30)
	out = binary.BigEndian.AppendUint32(out, counter)
	return append(append(out, body...), tag[:12]...)
}

func pad(b []byte) []byte { return append(b, make([]byte, (16-len(b)%16)%16)...) }

// ghash is the hash of NIST SP 800-38D §6.4, bit by bit (§6.3).
func ghash(h, data []byte) []byte {
	y := make([]byte, 16)
	for ; len(data) > 0; data = data[16:] {
		for i := range y {
			y[i] ^= data[i]
		}
		z, v := make([]byte, 16), bytes.Clone(h)
		for bit := range 128 {
			if y[bit/8]>>(7-bit%8)&1 == 1 {
				for i := range z {
					z[i] ^= v[i]
				}
			}
			low := v[15] & 1
			for i := 15; i > 0; i-- {
				v[i] = v[i]>>1 | v[i-1]<<7
			}
			v[0] >>= 1
			if low == 1 {
				v[0] ^= 0xE1
			}
		}
		y = z
	}
	return y
}

// The slow GCM of these tests is right by the test vectors of the Green Book.
func TestSlowGCM(t *testing.T) {
	got := sealed(t, unhex(t, bookKey), unhex(t, bookAuth), string(unhex(t, "4D4D4D0000BC614E")), 0x01234567, unhex(t, bookText), 0)
	if !bytes.Equal(got, unhex(t, bookBoth)) {
		t.Errorf("%X", got)
	}
}

var (
	luxKey  = []byte("0123456789abcdef")
	luxAuth = []byte("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xAA\xBB\xCC\xDD\xEE\xFF")
)

const luxTitle = "SAGgp\x05\x8D\x1C"

func randomText(dice *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(dice.UintN(256))
	}
	return b
}

// What was sealed by the book opens, whatever its size and however that is written;
// one bit of it changed, it does not, and the text differs in that bit at most.
func TestOpen(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 6))
	k := keys(t, luxKey, nil) // the authentication key is that of Luxembourg
	for _, n := range []int{12, 13, 16, 31, 100, 110, 111, 200, 238, 239, 1500, 4097} {
		text := randomText(dice, n)
		for octets := range 3 {
			if octets == 0 && n+17 >= 0x80 || octets == 1 && n+17 > 0xFF {
				continue
			}
			frame := sealed(t, luxKey, luxAuth, luxTitle, dice.Uint32(), text, octets)
			got, verified, err := k.Open(frame)
			if err != nil || !verified || !bytes.Equal(got, text) {
				t.Fatalf("%d bytes, %d octets of length: verified %v, %v", n, octets, verified, err)
			}
			head := len(frame) - 12 - n
			for range 20 {
				at, bit := head+dice.IntN(n+12), byte(1)<<dice.IntN(8)
				hit := bytes.Clone(frame)
				hit[at] ^= bit
				want := bytes.Clone(text)
				if at < head+n {
					want[at-head] ^= bit
				}
				got, verified, err := k.Open(hit)
				if err != nil || verified || !bytes.Equal(got, want) {
					t.Fatalf("%d bytes, byte %d hit: verified %v, %v", n, at, verified, err)
				}
			}
		}
	}
}

// Only one whole frame opens.
func TestOpenWholeFramesOnly(t *testing.T) {
	k := keys(t, luxKey, nil)
	frame := sealed(t, luxKey, luxAuth, luxTitle, 7, []byte("/ABC5\r\n\r\n!\r\n"), 2)
	for n := range frame {
		if _, _, err := k.Open(frame[:n]); err != dlms.ErrFrame {
			t.Errorf("the first %d bytes: %v", n, err)
		}
	}
	if _, _, err := k.Open(append(frame, 0)); err != dlms.ErrFrame {
		t.Errorf("a byte too many: %v", err)
	}
}

func TestLook(t *testing.T) {
	const title = "DB 08 534147 67 70 05 8D 1C "
	cases := []struct {
		head string
		want dlms.Found
		size int
	}{
		{"", dlms.More, 0},
		{"DB", dlms.More, 0},
		{"DA", dlms.No, 0},
		{"DB 09", dlms.No, 0},
		{"DB 08 53", dlms.More, 0},
		{"DB 08 73", dlms.More, 0}, // a small letter
		{"DB 08 734147 67 70 05 8D 1C 7F 30", dlms.No, 0},
		{"DB 08 0000000000000017 7F 30", dlms.No, 0},
		{title, dlms.More, 0},
		{title + "82 04", dlms.More, 0},
		{title + "82 04 1B", dlms.More, 0x041B + 13},
		{title + "82 04 1B 30", dlms.Yes, 0x041B + 13},
		{title + "82 04 1B 20", dlms.Yes, 0x041B + 13},
		{title + "82 04 1B 10", dlms.No, 0}, // not encrypted
		{title + "82 04 1B 31", dlms.No, 0}, // another suite
		{title + "82 FF F3 30", dlms.Yes, 64 << 10},
		{title + "82 FF F4 30", dlms.No, 0}, // too long
		{title + "83 00 04 1B 30", dlms.No, 0},
		{title + "81 1D 30", dlms.Yes, 0x1D + 12},
		{title + "81 1C 30", dlms.No, 0}, // no room for a telegram
		{title + "11 20", dlms.Yes, 0x11 + 11},
		{title + "10 20", dlms.No, 0},
		{title + "80 30", dlms.No, 0}, // an indefinite length
		{title + "7F 30", dlms.Yes, 0x7F + 11},
	}
	for _, x := range cases {
		h, got := dlms.Look(unhex(t, x.head))
		if got != x.want || got == dlms.Yes && h.Size != x.size {
			t.Errorf("%s: %v, size %d; want %v, size %d", x.head, got, h.Size, x.want, x.size)
		}
		if got == dlms.Yes && string(h.Title[:]) != luxTitle {
			t.Errorf("%s: title %q", x.head, h.Title)
		}
	}
}

func TestKeysOfWrongLength(t *testing.T) {
	for n := range 40 {
		key := bytes.Repeat([]byte{'k'}, n)
		_, err := dlms.NewKeys(key, nil)
		_, err2 := dlms.NewKeys(luxKey, key)
		if (err == nil) != (n == 16) || (err2 == nil) != (n == 16) {
			t.Errorf("%d bytes: %v, %v", n, err, err2)
		}
		if err != nil && strings.Contains(err.Error(), "kk") {
			t.Errorf("the key is in the error: %v", err)
		}
	}
	if text := fmt.Sprintf("%v %s", keys(t, luxKey, luxAuth), keys(t, luxKey, luxAuth)); text != "keys keys" {
		t.Errorf("printed: %s", text)
	}
}

// FuzzLook: more bytes turn More into something else and nothing else into anything,
// and what is found opens or is not whole.
func FuzzLook(f *testing.F) {
	frame := sealed(f, luxKey, luxAuth, luxTitle, 7, []byte("/ABC5\r\n\r\n1-0:1.8.0(1)\r\n!\r\n"), 2)
	k := keys(f, luxKey, nil)
	for n := range frame {
		f.Add(frame[:n])
		for bit := range 8 {
			hit := bytes.Clone(frame)
			hit[n] ^= 1 << bit
			f.Add(hit)
		}
	}
	f.Add(unhex(f, bookOpen))
	f.Fuzz(func(t *testing.T, data []byte) {
		last, was := dlms.Head{}, dlms.More
		for n := range len(data) + 1 {
			h, found := dlms.Look(data[:n])
			if was != dlms.More && (found != was || found == dlms.Yes && h != last) {
				t.Fatalf("%d bytes: %v, one less: %v", n, found, was)
			}
			if b := h.Title.Begins(data[:n]); found == dlms.Yes && b != dlms.Yes {
				t.Fatalf("a head whose title does not begin it: %v", b)
			}
			last, was = h, found
		}
		if was == dlms.Yes && (last.Size > dlms.MaxFrame || last.Size < 24) {
			t.Fatalf("size %d", last.Size)
		}
		_, _, err := k.Open(data)
		if whole := was == dlms.Yes && last.Size == len(data); whole != (err == nil) {
			t.Fatalf("whole %v, but %v", whole, err)
		}
	})
}
