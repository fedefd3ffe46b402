// Package expect takes the valid telegrams of a meter and gives what it will say
// next: the text that it never changes, and where its digits stand.
package expect

import (
	"bytes"
	"slices"
)

// Shape is what telegrams of the same lines and widths have in common.
type Shape struct {
	// Text is the last such telegram.
	Text []byte
	// Varies marks the bytes of Text that have differed between two of them,
	// and the digits of the CRC.
	Varies []bool
	// Value marks the bytes of Text that stand in parentheses: all others (the
	// header, OBIS codes, line ends) are the same in every telegram.
	Value []bool
	// Fill is the longest run of one unprintable byte in Text: a meter's
	// filler. It is empty where there is none.
	FillStart, FillEnd int
}

// maxShapes is how many shapes of a meter are remembered: it has few, and a
// stream may hold more than one meter.
const maxShapes = 8

// Meter is what has been learned of a meter. The zero value knows nothing.
type Meter struct {
	shapes []*Shape // the last used one first
}

// Shapes returns the shapes that are known, the last used one first.
func (m *Meter) Shapes() []*Shape { return m.shapes }

// Learn takes a valid telegram. It keeps no reference to raw.
func (m *Meter) Learn(raw []byte) {
	for i, s := range m.shapes {
		if s.fits(raw) {
			s.follow(raw)
			m.shapes = append([]*Shape{s}, slices.Delete(m.shapes, i, i+1)...)
			return
		}
	}
	s := newShape(raw)
	m.shapes = append([]*Shape{s}, m.shapes[:min(len(m.shapes), maxShapes-1)]...)
}

func newShape(raw []byte) *Shape {
	s := &Shape{Text: bytes.Clone(raw), Varies: make([]bool, len(raw)), Value: make([]bool, len(raw))}
	open := false
	for i, c := range raw {
		open = open && c != ')'
		s.Value[i] = open
		open = open || c == '('
	}
	s.FillStart, s.FillEnd = longestFill(raw)
	for i := bytes.LastIndexByte(raw, '!') + 1; i < len(raw) && raw[i] > ' '; i++ {
		s.Varies[i] = true
	}
	return s
}

// fits reports whether raw differs from the shape only inside values and in the
// CRC, by digits and letters that stand for others of their kind.
func (s *Shape) fits(raw []byte) bool {
	if len(raw) != len(s.Text) {
		return false
	}
	for i, c := range raw {
		if c != s.Text[i] && !((s.Value[i] || s.Varies[i]) && Alike(c, s.Text[i])) {
			return false
		}
	}
	return true
}

func (s *Shape) follow(raw []byte) {
	for i, c := range raw {
		if c != s.Text[i] {
			s.Varies[i] = true
		}
	}
	copy(s.Text, raw)
}

// Allows reports whether the meter may well send c at Text[i]: the same byte,
// or, where it varies, another of its kind.
func (s *Shape) Allows(i int, c byte) bool {
	return c == s.Text[i] || s.Varies[i] && Alike(c, s.Text[i])
}

// Alike reports whether two bytes are of one kind, so that one may stand where
// the other does: hex digits, or other letters.
func Alike(a, b byte) bool { return isHex(a) && isHex(b) || isLetter(a) && isLetter(b) }

func isHex(c byte) bool { return c-'0' < 10 || c|0x20-'a' < 6 }

func isLetter(c byte) bool { return c|0x20-'a' < 26 && !isHex(c) }

// minFill is the shortest run that counts as filler.
const minFill = 8

func longestFill(raw []byte) (start, end int) {
	for i := 0; i < len(raw); {
		j := i + 1
		for j < len(raw) && raw[j] == raw[i] {
			j++
		}
		if (raw[i] < 0x20 || raw[i] > 0x7E) && j-i >= minFill && j-i > end-start {
			start, end = i, j
		}
		i = j
	}
	return start, end
}
