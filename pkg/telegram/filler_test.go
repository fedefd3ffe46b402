package telegram

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// What fills up a message is taken off, byte by byte: a letter of Latin-1 is no filler.
func TestWithoutFiller(t *testing.T) {
	d := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		text := make([]byte, d.IntN(12))
		for i := range text {
			text[i] = "\xff\x00\xef\xbf\xbda\xe9 "[d.IntN(8)]
		}
		got := withoutFiller(text)
		rest := text[len(got):]
		if filled := bytes.Count(rest, []byte{0xFF}) + bytes.Count(rest, []byte{0}); !bytes.HasPrefix(text, got) || filled != len(rest) ||
			len(got) > 0 && (got[len(got)-1] == 0 || got[len(got)-1] == 0xFF) {
			t.Fatalf("%q without filler is %q", text, got)
		}
	}
}
