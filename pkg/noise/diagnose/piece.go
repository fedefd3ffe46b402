package diagnose

import "p1/pkg/telegram"

// isPiece reports whether bytes are the beginning or the end of a telegram.
func (d *Diagnoser) isPiece(data []byte) bool {
	for _, r := range d.references {
		if r.mayHold(data) && r.expect().holds(data) {
			return true
		}
	}
	return false
}

// pieceShare is one byte in how many of a piece may be damaged, and less.
const pieceShare = 4

// holds reports whether bytes are a piece of what was expected.
func (e *expected) holds(data []byte) bool {
	c, ok := e.compare(data)
	return ok && len(c.hits)*pieceShare < len(data)
}

// mayHold tells at once of most bytes that they are no piece, which costs much more to find
// out by an alignment: a difference is in three runs of three bytes at most, and all others
// stand in the reference.
func (r *reference) mayHold(data []byte) bool {
	if r.grams == nil {
		r.grams = gramsOf(r.expect().Text)
	}
	most := (len(data) - 1) / pieceShare
	return r.grams.in(data) >= len(data)-gramLen+1-gramLen*most
}

// gramLen is how many bytes a gram has.
const gramLen = 3

// grams are the runs of three bytes in a text. All hex digits are one, since a digit may
// be another one in the next telegram, and of each byte 5 bits count: what stands in two
// texts has a gram of both, and a few others have, too.
type grams [1 << (5 * gramLen) / 64]uint64

func gramsOf(text []byte) *grams {
	g := &grams{}
	eachGram(text, func(n uint) { g[n/64] |= 1 << (n % 64) })
	return g
}

// in counts the runs of a text that are among the grams.
func (g *grams) in(text []byte) (count int) {
	eachGram(text, func(n uint) { count += int(g[n/64] >> (n % 64) & 1) })
	return count
}

// eachGram calls f with the number of each run of three bytes in a text.
func eachGram(text []byte, f func(n uint)) {
	n := uint(0)
	for i, c := range text {
		if telegram.IsHex(c) {
			c = '0'
		}
		n = (n<<5 | uint(c&31)) & (1<<(5*gramLen) - 1)
		if i >= gramLen-1 {
			f(n)
		}
	}
}
