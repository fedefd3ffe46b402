package telegram

import (
	"bytes"
	"slices"

	"p1/pkg/align"
)

// Template takes a telegram and says what the next ones of its meter look like: the
// same, but for digits and letters of the values and of the CRC.
//
//	/AUX5990␍␊  ␍␊  0-0:1.0.0(230824012130S)␍␊  1-0:1.8.0(008234.524*kWh)␍␊  !5B60␍␊
//	                          └─ InValue ─┘               └─ InValue ──┘      └──┴ InCRC
//	                          ############                ###### ###          ####   Digit
//
// All else is Fixed. Each byte of a value may only become another of its kind
// ([Alike]), and so its point, blanks and line ends stay: where a telegram fits, its
// lines, codes and values stand where they stood.
//
// A value may go on in the next line (some Hungarian meters wrap it, and so do
// loggers). Where its ')' is damaged, it goes to the end of its line:
//
//	0-0:98.1.0(260301000000W)(00001234.5␍␊
//	67*kWh)(00001234.567*kWh)␍␊               a value of two lines, then one of its own
//	1-0:1.8.0(008234.5␀␍␊                     a value up to the line end
//	1-0:2.8.0(000000.000*kWh)␍␊
//
// The zero value fits nothing.
type Template struct {
	Text   []byte  // the last telegram
	Places []Place // what each byte of it is part of
	Bang   int     // the place of the '!' before the CRC, -1 where there is none
}

// Place is what a byte of a telegram is part of.
type Place uint8

const (
	Fixed   Place = iota // header, code, parenthesis, line end: the same in each telegram
	InValue              // what stands in parentheses
	InCRC                // what stands after the last '!' and blanks or line ends, up to a blank or the line's end
)

// Set makes t the template of a telegram, of which it keeps a copy in its own memory.
func (t *Template) Set(raw []byte) {
	t.Text = append(t.Text[:0], raw...)
	t.Places = slices.Grow(t.Places[:0], len(raw))[:len(raw)]
	clear(t.Places)
	for at := 0; ; {
		n := bytes.IndexByte(raw[at:], '(')
		if n < 0 {
			break
		}
		start := at + n + 1
		at = valueEnd(raw, start)
		if mayHoldCode(raw[start:at]) {
			continue
		}
		for i := start; i < at; i++ {
			t.Places[i] = InValue
		}
	}
	t.Bang = bytes.LastIndexByte(raw, '!')
	digits := t.CRC()
	for i := digits.Start; i < digits.End; i++ {
		t.Places[i] = InCRC
	}
}

// CRC is where the digits after the last '!' stand, which is nowhere where there are none.
// Blanks, or a line end, may stand before them; a line below that has a parenthesis is
// one of a value.
func (t *Template) CRC() Span {
	if t.Bang < 0 {
		return Span{len(t.Text), len(t.Text)}
	}
	start := t.Bang + 1
	for start < len(t.Text) && t.Text[start] <= ' ' {
		start++
	}
	end := start
	for end < len(t.Text) && t.Text[end] > ' ' {
		end++
	}
	if bytes.IndexByte(t.Text[t.Bang:start], '\n') >= 0 && bytes.IndexByte(t.Text[start:end], '(') >= 0 {
		return Span{start, start}
	}
	return Span{start, end}
}

// valueEnd is where a value ends that begins at a place: at the next ')', or, where that
// belongs to a value of a line below or is far away, at the end of its own line.
func valueEnd(raw []byte, start int) int {
	line := len(raw)
	if n := bytes.IndexByte(raw[start:], '\n'); n >= 0 {
		line = start + n
	}
	n := bytes.IndexByte(raw[start:min(len(raw), start+maxWrapped)], ')')
	if n < 0 || start+n > line && bytes.IndexByte(raw[line:start+n], '(') >= 0 {
		return line
	}
	return start + n
}

// mayHoldCode reports whether a value has what becomes a code with other digits: whether
// one stands there decides how [Parse] reads parentheses in it, so all of it is Fixed.
//
//	0-0:96.13.0(see 0-0:A.0.0(1))␍␊   with a 0 for the A, two lines that ran together
func mayHoldCode(value []byte) bool {
	inner := bytes.LastIndexByte(value, '(')
	return inner > 0 && bytes.IndexByte(value[:inner], '-') >= 0
}

// NextChange returns where a telegram of the same length differs from the template
// next, from an index on, as [align.NextChange] does.
func (t *Template) NextChange(raw []byte, from int) int { return align.NextChange(raw, t.Text, from) }

// Takes reports whether c may stand in the place of another Text[i].
func (t *Template) Takes(i int, c byte) bool { return t.Places[i] != Fixed && Alike(c, t.Text[i]) }

// Digit reports whether Text[i] is a digit that stands for any other: a decimal one in
// a value, a hex one in the CRC.
func (t *Template) Digit(i int) bool {
	return t.Places[i] == InValue && IsDigit(t.Text[i]) || t.Places[i] == InCRC && IsHex(t.Text[i])
}

// Fits reports whether a telegram differs from the template in nothing but what may
// change.
func (t *Template) Fits(raw []byte) bool {
	if len(raw) != len(t.Text) || len(raw) == 0 {
		return false
	}
	for i := t.NextChange(raw, 0); i < len(raw); i = t.NextChange(raw, i+1) {
		if !t.Takes(i, raw[i]) {
			return false
		}
	}
	return true
}

// follow is Fits, and makes a telegram that does the last one.
func (t *Template) follow(raw []byte) bool {
	if len(raw) != len(t.Text) || len(raw) == 0 {
		return false
	}
	for i := t.NextChange(raw, 0); i < len(raw); i = t.NextChange(raw, i+1) {
		if !t.Takes(i, raw[i]) {
			return false
		}
		t.Text[i] = raw[i] // it is the same template, whatever comes after it
	}
	return true
}

// Masked returns a telegram with a 0 in the place of each [Template.Digit]: telegrams,
// and lines of them, that differ in digits only are masked alike.
func Masked(raw []byte) []byte {
	var t Template
	t.Set(raw)
	for i := range t.Text {
		if t.Digit(i) {
			t.Text[i] = '0'
		}
	}
	return t.Text
}

// Alike reports whether two bytes are of one kind, so that one may stand where the
// other does: hex digits, or other letters.
func Alike(a, b byte) bool { return alikeOf[a]&alikeOf[b] != 0 }

// alikeOf has a bit for each kind that a byte is of; it never changes.
var alikeOf = func() (t [256]uint8) {
	for c := range t {
		switch {
		case IsHex(byte(c)):
			t[c] = 1
		case byte(c)|0x20-'a' < 26:
			t[c] = 2
		}
	}
	return t
}()

// MinFill is how many equal bytes in a row are a meter's filler at least: fewer may be
// something to read.
//
//	0-0:96.13.0(ÿÿÿÿÿÿÿÿ…ÿ)␍␊   1,024 bytes 0xFF where a message would be
const MinFill = 8
