package telegram

import (
	"bytes"
	"encoding/hex"
)

// identityCodes are the lines that name the meter, the first present one wins.
// The last two are of EasyMeter's Q3D, whose 0-0:96.1.255*255 counts as 96.1.0.
var identityCodes = []string{"0-0:96.1.1", "0-0:96.1.0", "0-0:42.0.0", "1-0:0.0.0", "0-0:0.0.0"}

// Meter returns the meter's identifier: that of 0-0:96.1.1, 0-0:96.1.0,
// 0-0:42.0.0, 1-0:0.0.0 or 0-0:0.0.0, decoded where it is hex of upper-case
// letters and digits, else the header after its fifth character ('/' counted).
func (t *Telegram) Meter() string {
	for _, code := range identityCodes {
		if text, _ := t.lastText(code); len(text) > 0 {
			return t.memo.identifier(text)
		}
	}
	if h := t.Header(); len(h) > 4 {
		return string(h[4:])
	}
	return ""
}

// identifier decodes an identifier that is the hex of upper-case letters and
// digits. Others, such as a serial number of ten digits that happen to be the hex
// of five signs, stay as they are.
func identifier(text string) string {
	plain, err := hex.DecodeString(text)
	if err != nil {
		return text
	}
	for _, c := range plain {
		if !IsDigit(c) && (c < 'A' || c > 'Z') {
			return text
		}
	}
	return string(plain)
}

// Named reports whether a line names the meter, so that [Telegram.Meter] need
// not take the header.
func (t *Telegram) Named() bool {
	for _, code := range identityCodes {
		if text, _ := t.lastText(code); len(text) > 0 {
			return true
		}
	}
	return false
}

// identityMarks are the beginnings of the lines that name the meter.
var identityMarks = [][]byte{[]byte("\n0-0:96.1.1("), []byte("\n0-0:96.1.0("), []byte("\n0-0:42.0.0("),
	[]byte("\n0-0:96.1.255*255("), []byte("\n1-0:0.0.0*255("), []byte("\n0-0:0.0.0*255("), []byte("\n1-0:0.0.0("), []byte("\n0-0:0.0.0(")}

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
