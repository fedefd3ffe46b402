package telegram

import (
	"bytes"
	"encoding/hex"
	"strings"
)

// identityCodes are the lines that name the meter, the first present one wins.
// The last four are of optical ports: EasyMeter's Q3D, whose 0-0:96.1.255*255 counts as 96.1.0,
// Logarex's LK13, and a Landis+Gyr on channel 1; their headers name the model.
var identityCodes = []string{"0-0:96.1.1", "0-0:96.1.0", "0-0:42.0.0", "1-0:0.0.0", "0-0:0.0.0", "1-0:96.1.0", "1-1:0.0.0"}

// Meter returns the meter's identifier: that of 0-0:96.1.1, 0-0:96.1.0,
// 0-0:42.0.0, 1-0:0.0.0, 0-0:0.0.0, 1-0:96.1.0 or 1-1:0.0.0, decoded where it is hex of
// upper-case letters and digits, else the header after its fifth character ('/' counted).
func (t *Telegram) Meter() string {
	if text := t.identity(); len(text) > 0 {
		return t.memo.identifier(text)
	}
	if h := t.Header(); len(h) > 4 {
		return strings.TrimSpace(string(h[4:]))
	}
	return ""
}

// NameSpan returns where the text stands that names the meter: that of the line, or the
// header.
func (t *Telegram) NameSpan() Span {
	for _, code := range identityCodes {
		if l := t.find(code); l != nil && len(l.Values) > 0 {
			v := l.Values[len(l.Values)-1]
			if s := (Span{v.Text.Start, max(v.Text.End, v.Unit.End)}); s.Start < s.End {
				return s
			}
		}
	}
	if len(t.Lines) == 0 {
		return Span{}
	}
	return t.Lines[0].Span
}

// Named reports whether a line names the meter, so that [Telegram.Meter] need
// not take the header.
func (t *Telegram) Named() bool { return len(t.identity()) > 0 }

// identity is the text of the line that names the meter, empty where none does.
func (t *Telegram) identity() []byte {
	for _, code := range identityCodes {
		if text, _ := t.lastText(code); len(text) > 0 {
			return text
		}
	}
	return nil
}

// DecodeID decodes an identifier that is the hex of upper-case letters and digits,
// without what fills it up: blanks, 0x00 and 0xFF around it.
//
//	4B423655303034333231    KB6U004321
//	204B423655303030        KB6U000
//
// Others, such as a serial number of ten digits that happen to be the hex of five
// signs, stay as they are, but for blanks around them.
func DecodeID(text string) string {
	text = strings.TrimSpace(withoutEnds(text))
	sent, err := hex.DecodeString(text)
	if err != nil {
		return text
	}
	plain := withoutFill(sent)
	for _, c := range plain {
		if !IsDigit(c) && (c < 'A' || c > 'Z') {
			return text
		}
	}
	if len(plain) == 0 {
		return text
	}
	return string(plain)
}

// withoutFill takes off what fills up an identifier.
func withoutFill(text []byte) []byte {
	fill := func(c byte) bool { return c == ' ' || c == 0 || c == 0xFF }
	for len(text) > 0 && fill(text[0]) {
		text = text[1:]
	}
	for len(text) > 0 && fill(text[len(text)-1]) {
		text = text[:len(text)-1]
	}
	return text
}

// identityMarks are the beginnings of the lines of identityCodes, with the groups that
// are not used written out or not.
var identityMarks = func() (marks [][]byte) {
	for _, code := range identityCodes {
		spelled := []string{code, code + "*255", code + ".255"}
		if body, ok := strings.CutSuffix(code, ".0"); ok {
			spelled = append(spelled, body+".255", body+".255*255")
		}
		for _, s := range spelled {
			marks = append(marks, []byte("\n"+s+"("))
		}
	}
	return marks
}()

// Identity returns what tells the telegrams of one meter from those of others:
// the header line, and the line that names the meter, empty where there is none;
// both as they stand in raw, without their line ends.
func Identity(raw []byte) (header, name []byte) {
	h, n := identity(raw)
	return h.Of(raw), n.Of(raw)
}

func identity(raw []byte) (header, name Span) {
	header = lineFrom(raw, 0)
	for _, mark := range identityMarks {
		if at := bytes.Index(raw, mark); at >= 0 {
			return header, lineFrom(raw, at+1)
		}
	}
	return header, Span{}
}

// lineFrom is the text from a place to the end of its line.
func lineFrom(raw []byte, at int) Span { return Span{at, lineEnd(raw, at)} }
