package telegram

import (
	"bytes"
	"encoding/hex"
	"slices"
)

// Masks returns what stands in the place of an identifier (in the header after the maker's
// letters, and in lines of the dictionary's kind [Identifier]) and looks as if somebody had
// put it there before handing a log on:
//
//	/ABC5\XXXXXXXX                                  a run of a sign that no identifier has
//	0-0:96.1.1(4530303****************************)
//	0-0:96.1.0(0000000000)                          one digit all over
//	0-0:96.1.0(7776000000)                          or from somewhere to the end
//	0-1:96.1.0(redacted)                            no digit in it, or signs of no identifier
//	0-0:96.1.1(12345678901234567890)                in a dialect that codes text in hex: no such text
//
// A meter may send some of these, such as the last but two: that it was somebody's hand, only
// the CRC can say. Where anything else looks so, zeros in the header do not.
func Masks(raw []byte) []Span {
	t := Parse(raw)
	coded := slices.Contains([]string{"dsmr4", "dsmr5", "esmr", "fluvius", "smarty"}, t.Dialect())
	var list []Span
	for i := range t.Lines {
		l := &t.Lines[i]
		if l.Code.End == 0 || Lookup(t.CodeOf(l)).Kind != Identifier {
			continue
		}
		for _, v := range l.Values {
			text := Span{v.Text.Start, max(v.Text.End, v.Unit.End)} // a mask of '*' looks like a unit
			if s, ok := maskOf(raw, text, coded); ok {
				list = append(list, s)
			}
		}
	}
	if len(t.Header()) > maker {
		text := Span{1 + maker, t.Lines[0].End}
		s, ok := runOf(raw, text, isSign, fewSigns)
		if !ok && len(list) == 0 {
			s, ok = runOf(raw, text, IsDigit, manySame)
		}
		if ok {
			list = slices.Insert(list, 0, s)
		}
	}
	return list
}

// MaskedPlace says where a text shows a mask, by the code of the line: in an identifier, or
// where a sign is repeated that no meter repeats. It returns nothing where there is none.
//
//	0-0:96.1.1(XXXXXXXXXXXXXXXX)    0-0:96.1.1
//	1-0:1.8.1(00XXXX.123*kWh)       1-0:1.8.1
func MaskedPlace(raw []byte) string {
	if masks := Masks(raw); len(masks) > 0 {
		return PlaceOf(raw, masks[0].Start)
	}
	isMask := func(c byte) bool { return bytes.IndexByte([]byte("Xx*#?_-."), c) >= 0 }
	if run, ok := runOf(raw, Span{0, len(raw)}, isMask, fewSigns); ok {
		return PlaceOf(raw, run.Start)
	}
	return ""
}

// Emptied returns where lines of identifiers have nothing in their parentheses, be it that
// somebody took it out or that the meter has nothing to say.
//
//	0-0:96.1.1()
func Emptied(raw []byte) []Span {
	t := Parse(raw)
	var list []Span
	for i := range t.Lines {
		l := &t.Lines[i]
		if len(l.Values) == 1 && l.Values[0].Text.Start == l.Values[0].Text.End && l.Values[0].Unit.Start == l.Values[0].Unit.End &&
			l.Code.End > 0 && Lookup(t.CodeOf(l)).Kind == Identifier {
			list = append(list, l.Values[0].Text)
		}
	}
	return list
}

const (
	maker    = 4 // letters and a digit that begin the header's text
	fewSigns = 4 // in a row make a mask: fewer stand in a name
	manySame = 6 // digits in a row do in a header, and at the end of an identifier
)

// isSign reports whether a run of c stands in no identifier.
func isSign(c byte) bool {
	return c == 'X' || c == 'x' || c > ' ' && c < 0x7F && !isAlnum(c)
}

func isAlnum(c byte) bool { return IsDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' }

// maskOf returns the mask in the text of an identifier; coded tells that text is coded in hex.
func maskOf(raw []byte, s Span, coded bool) (Span, bool) {
	text := s.Of(raw)
	if len(text) == 0 {
		return s, false
	}
	if run, ok := runOf(raw, s, isSign, min(fewSigns, len(text))); ok {
		return run, true
	}
	same := len(text) - len(bytes.TrimRight(text, string(text[len(text)-1:])))
	switch {
	case same == len(text) && same >= fewSigns, same >= manySame && isAlnum(text[0]):
		return Span{s.End - same, s.End}, true
	case !bytes.ContainsAny(text, "0123456789"), bytes.ContainsAny(text, "<>[]{}*#?"), coded && !codesText(text):
		return s, len(text) >= fewSigns
	}
	return s, false
}

// codesText reports whether a text is the hex of signs that can be printed.
func codesText(text []byte) bool {
	plain, err := hex.DecodeString(string(text))
	return err == nil && printable(plain)
}

// runOf returns the longest run of one of the bytes that a function takes, from few on.
func runOf(raw []byte, in Span, takes func(byte) bool, few int) (longest Span, ok bool) {
	for at := in.Start; at < in.End; {
		end := at + 1
		for end < in.End && raw[end] == raw[at] {
			end++
		}
		if n := end - at; takes(raw[at]) && n >= few && n > longest.End-longest.Start {
			longest, ok = Span{at, end}, true
		}
		at = end
	}
	return longest, ok
}

// PlaceOf names the line of a text that holds a byte, by its code.
func PlaceOf(raw []byte, at int) string {
	t := Parse(raw)
	place := "the header"
	for i := range t.Lines {
		l := &t.Lines[i]
		if l.Start > at {
			break
		}
		if code := l.Code.Of(raw); len(code) > 0 {
			place = string(code)
		}
	}
	return place
}
