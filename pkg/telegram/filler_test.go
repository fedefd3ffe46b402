package telegram

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// What fills up a message is taken off as TrimRight does it.
func TestWithoutFiller(t *testing.T) {
	d := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		text := make([]byte, d.IntN(12))
		for i := range text {
			text[i] = "\xff\x00\xef\xbf\xbda\xe9 "[d.IntN(8)]
		}
		if got, want := withoutFiller(text), bytes.TrimRight(text, "\xff\x00"); !bytes.Equal(got, want) {
			t.Fatalf("%q without filler is %q, want %q", text, got, want)
		}
	}
}
