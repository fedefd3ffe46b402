package tables

import "strings"

// arena keeps the texts of values in one piece of memory after another, so that not
// each of them takes an allocation. The zero value is ready.
type arena struct{ piece strings.Builder }

// arenaPiece is how many bytes a piece has.
const arenaPiece = 4 << 10

// text returns a copy of a text, which stays as it is for ever.
func (a *arena) text(t []byte) string {
	switch {
	case len(t) > arenaPiece:
		return string(t)
	case a.piece.Cap()-a.piece.Len() < len(t):
		a.piece.Reset() // leaves the strings that were made of the last piece alone
		a.piece.Grow(arenaPiece)
	}
	from := a.piece.Len()
	a.piece.Write(t)
	return a.piece.String()[from:]
}
