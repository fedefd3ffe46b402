package telegram

import (
	"encoding/binary"
	"math/bits"
)

// NextChange returns where two texts of the same length differ next, from an index
// on; their length where they differ no more. It looks at 32 bytes at once: nearly
// all of a telegram is what the one before was.
//
//	for i := NextChange(a, b, 0); i < len(a); i = NextChange(a, b, i+1) {
func NextChange(a, b []byte, from int) int {
	b = b[:len(a)]
	for ; len(a)-from >= 32; from += 32 {
		x, y := a[from:from+32], b[from:from+32]
		d0, d1, d2, d3 := word(x)^word(y), word(x[8:])^word(y[8:]), word(x[16:])^word(y[16:]), word(x[24:])^word(y[24:])
		switch {
		case d0|d1|d2|d3 == 0:
			continue
		case d0 != 0:
			return from + firstByte(d0)
		case d1 != 0:
			return from + 8 + firstByte(d1)
		case d2 != 0:
			return from + 16 + firstByte(d2)
		}
		return from + 24 + firstByte(d3)
	}
	for from < len(a) && a[from] == b[from] {
		from++
	}
	return from
}

func word(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// firstByte is the first byte of a word that is not 0.
func firstByte(w uint64) int { return bits.TrailingZeros64(w) / 8 }

// skeleton is what the telegrams of a meter have in common for the most part: all
// but the digits and letters in the values and the CRC. Where it is the same,
// lines, codes and values stand where they stood.
//
//	/AUX5990␍␊  ␍␊  1-0:1.8.0(______.___*___)␍␊  0-0:96.50.68(__)␍␊  !____␍␊
type skeleton struct {
	last  []byte // the telegram before
	loose []bool // for each of its bytes, whether it is behind a '(' or the '!' of its line
}

// is reports whether a telegram has the skeleton, and goes on from it.
func (s *skeleton) is(raw []byte) bool {
	if len(raw) != len(s.last) || len(raw) == 0 {
		return false
	}
	for i := NextChange(raw, s.last, 0); i < len(raw); i = NextChange(raw, s.last, i+1) {
		if !s.loose[i] || !isSign(raw[i]) || !isSign(s.last[i]) {
			return false
		}
		s.last[i] = raw[i] // the skeleton is the same, whatever comes behind
	}
	return true
}

// take makes the skeleton that of a telegram.
func (s *skeleton) take(raw []byte) {
	s.last, s.loose = append(s.last[:0], raw...), s.loose[:0]
	loose, first := false, true
	for _, c := range raw {
		s.loose = append(s.loose, loose)
		loose = c != '\n' && (loose || c == '(' || first && c == '!')
		first = c == '\n'
	}
}

// isSign reports whether c is a digit or a letter, of which the grammar of values
// knows no special one.
func isSign(c byte) bool { return IsDigit(c) || c|0x20-'a' < 26 }

// Parser takes the telegrams of a stream apart as [Parse] does, and in a tenth of
// the time where one has the skeleton of the one before. The zero value is ready.
type Parser struct {
	skeleton skeleton
	t        Telegram
	memo     memo
}

// memo is what was found in telegrams of the same skeleton, and need not be looked
// for again.
type memo struct {
	lines map[string]*Line // by the code that was asked for, nil where there is none
	// The last identifier that was read, and the text it was read from.
	text, id string
}

// identifier is what an identifier's text stands for.
func (m *memo) identifier(text []byte) string {
	if m == nil {
		return identifier(string(text))
	}
	if m.text != string(text) {
		m.text = string(text)
		m.id = identifier(m.text)
	}
	return m.id
}

// Parse takes raw apart in the memory of the telegram before, which is lost. It
// reports whether lines, codes and values stand where they stood in that one, and
// the codes are the same. It keeps raw until then.
func (p *Parser) Parse(raw []byte) (t *Telegram, same bool) {
	if same = p.skeleton.is(raw); same {
		p.t.Raw = raw
		return &p.t, true
	}
	p.skeleton.take(raw)
	p.t = *Parse(raw)
	p.memo.lines = map[string]*Line{}
	p.t.memo = &p.memo
	return &p.t, false
}

// Namer finds the [Identity] of the telegrams of a stream, in a fraction of the
// time where one has the skeleton of the one before. The zero value is ready.
type Namer struct {
	skeleton     skeleton
	header, name Span
}

// Identity is [Identity]. What it returns are parts of raw.
func (n *Namer) Identity(raw []byte) (header, name []byte) {
	if !n.skeleton.is(raw) {
		n.skeleton.take(raw)
		n.header, n.name = identity(raw)
	}
	return n.header.Of(raw), n.name.Of(raw)
}
