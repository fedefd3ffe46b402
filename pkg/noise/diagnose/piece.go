package diagnose

import (
	"p1/pkg/align"
	"p1/pkg/telegram"
)

// isPiece reports whether bytes are the beginning or the end of a telegram.
func (d *Diagnoser) isPiece(data []byte) bool {
	list := gramsIn(data)
	for _, r := range d.references {
		if r.mayHold(data, list) && r.expect().holds(data) {
			return true
		}
	}
	return false
}

// pieceShare is one byte in how many of a piece may be damaged, and less.
const pieceShare = 4

// holds reports whether bytes are a piece of what was expected. Differences are looked for
// as long as there may be few enough.
func (e *expected) holds(data []byte) bool {
	n, m := len(e.Text), len(data)
	most := min(mostDamaged(data), align.Max)
	forward := func(i, j int) bool { return e.allows(i, data[j]) }
	backward := func(i, j int) bool { return e.allows(n-1-i, data[m-1-j]) }
	if align.HeadWithin(most, n, m, forward) != nil || align.HeadWithin(most, n, m, backward) != nil || align.Within(most, n, m, forward) != nil {
		return true
	}
	c, ok := e.hole(data)
	return ok && len(c.hits) <= mostDamaged(data)
}

// mostDamaged is how many differences a piece may have.
func mostDamaged(data []byte) int { return (len(data) - 1) / pieceShare }

// mayHold tells at once of most bytes that they are no piece, which costs much more to find
// out by an alignment: a difference is in three runs of three bytes at most, and all others
// stand in the reference. list is the bytes' runs.
func (r *reference) mayHold(data []byte, list []uint16) bool {
	if r.grams == nil {
		r.grams = gramsOf(r.expect().Text)
	}
	return r.grams.count(list) >= len(list)-gramLen*mostDamaged(data)
}

// gramLen is how many bytes a gram has.
const gramLen = 3

// grams are the runs of three bytes in a text. All hex digits are one, since a digit may
// be another one in the next telegram, and of each byte 5 bits count: what stands in two
// texts has a gram of both, and a few others have, too.
type grams [1 << (5 * gramLen) / 64]uint64

func gramsOf(text []byte) *grams {
	g := &grams{}
	for _, n := range gramsIn(text) {
		g[n/64] |= 1 << (n % 64)
	}
	return g
}

// count counts those of a list that are among the grams.
func (g *grams) count(list []uint16) (count int) {
	for _, n := range list {
		count += int(g[n/64] >> (n % 64) & 1)
	}
	return count
}

// gramsIn lists the runs of three bytes in a text.
func gramsIn(text []byte) []uint16 {
	var list []uint16
	n := uint16(0)
	for i, c := range text {
		if telegram.IsHex(c) {
			c = '0'
		}
		n = (n<<5 | uint16(c&31)) & (1<<(5*gramLen) - 1)
		if i >= gramLen-1 {
			list = append(list, n)
		}
	}
	return list
}
