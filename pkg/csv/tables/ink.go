package tables

import (
	"strconv"
	"strings"

	"p1/pkg/telegram"
)

// ink writes the texts of cells into one piece of memory after another, so that not
// each of them takes an allocation. The zero value is ready; without an ink (nil), each
// does.
type ink struct{ piece strings.Builder }

// inkPiece is how many bytes a piece has: cells of about sixteen rows.
const inkPiece = 4 << 10

// text returns a copy of a text.
func (k *ink) text(t []byte) string {
	switch {
	case k == nil || len(t) > inkPiece:
		return string(t)
	case k.piece.Cap()-k.piece.Len() < len(t):
		k.piece.Reset() // leaves the strings that were made of the last piece alone
		k.piece.Grow(inkPiece)
	}
	from := k.piece.Len()
	k.piece.Write(t)
	return k.piece.String()[from:]
}

// number returns a number's text.
func (k *ink) number(d telegram.Decimal) string {
	var room [48]byte
	return k.text(d.Append(room[:0]))
}

// count returns a whole number's text.
func (k *ink) count(n int64) string {
	var room [20]byte
	return k.text(strconv.AppendInt(room[:0], n, 10))
}
