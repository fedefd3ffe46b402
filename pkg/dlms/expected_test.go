package dlms_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"p1/pkg/dlms"
)

// What is expected of a text is, put together, the frame of it by the book.
func TestExpected(t *testing.T) {
	dice := rand.New(rand.NewPCG(7, 8))
	k := keys(t, luxKey, nil)
	for _, n := range []int{12, 31, 110, 111, 238, 239, 1500} {
		text := randomText(dice, n)
		for octets := range 3 {
			if octets == 0 && n+17 >= 0x80 || octets == 1 && n+17 > 0xFF {
				continue
			}
			first := sealed(t, luxKey, luxAuth, luxTitle, 7, text, octets)
			f, counter, ok := dlms.Read(first)
			if !ok || counter != 7 || !f.Tagged || string(f.Title[:]) != luxTitle {
				t.Fatalf("%d bytes: %v, counter %d, %v", n, ok, counter, f)
			}
			counter = dice.Uint32()
			want := sealed(t, luxKey, luxAuth, luxTitle, counter, text, octets)
			got := f.Head(counter, n)
			for i, x := range k.Stream(f, counter, n) {
				got = append(got, text[i]^x)
			}
			if got = append(got, k.Tag(f, counter, text)...); !bytes.Equal(got, want) {
				t.Fatalf("%d bytes, %d octets: %X, want %X", n, octets, got, want)
			}
			block := make([]byte, dlms.BlockSize)
			k.Block(block, f, counter, n/dlms.BlockSize)
			if rest := k.Stream(f, counter, n)[n/dlms.BlockSize*dlms.BlockSize:]; !bytes.HasPrefix(block, rest) {
				t.Fatalf("%d bytes: the last block is %X, want %X", n, block, rest)
			}
		}
	}
}

// A form is that of a frame with its counter, or there is none.
func TestReadForm(t *testing.T) {
	frame := sealed(t, luxKey, luxAuth, luxTitle, 7, []byte("/ABC5\r\n\r\n!\r\n"), 2)
	for n := range frame {
		if _, _, ok := dlms.Read(frame[:n]); ok != (n >= 18) {
			t.Errorf("%d bytes: %v", n, ok)
		}
	}
}

// A title need not begin with letters where the length is written as that of a telegram is.
func TestTitleOfNumbers(t *testing.T) {
	k := keys(t, luxKey, nil)
	for _, title := range []string{"\x00\x00\x00\x00\x00\x00\x00\x17", "123\xFF\xFF\xFF\xFF\xFF", "kfm45678"} {
		text := bytes.Repeat([]byte("1-0:1.8.0(1)\r\n"), 40)
		got, verified, err := k.Open(sealed(t, luxKey, luxAuth, title, 7, text, 2))
		if err != nil || !verified || !bytes.Equal(got, text) {
			t.Errorf("%q: verified %v, %v", title, verified, err)
		}
	}
}
