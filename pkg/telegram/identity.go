package telegram

import (
	"bytes"
	"encoding/hex"
)

// identityCodes are the lines that name the meter, the first present one wins.
var identityCodes = []string{"0-0:96.1.1", "0-0:96.1.0", "0-0:42.0.0"}

// Meter returns the meter's identifier: that of 0-0:96.1.1, 0-0:96.1.0 or
// 0-0:42.0.0, decoded from hex where that gives printable text, else the header
// after its fifth character ('/' counted).
func (t *Telegram) Meter() string {
	for _, code := range identityCodes {
		text, ok := t.Text(code)
		if !ok || text == "" {
			continue
		}
		if plain, err := hex.DecodeString(text); err == nil && printable(plain) {
			return string(plain)
		}
		return text
	}
	if h := t.Header(); len(h) > 4 {
		return string(h[4:])
	}
	return ""
}

// Named reports whether a line names the meter, so that [Telegram.Meter] need
// not take the header.
func (t *Telegram) Named() bool {
	for _, code := range identityCodes {
		if text, ok := t.Text(code); ok && text != "" {
			return true
		}
	}
	return false
}

// identityMarks are the beginnings of the lines that name the meter.
var identityMarks = [][]byte{[]byte("\n0-0:96.1.1("), []byte("\n0-0:96.1.0("), []byte("\n0-0:42.0.0(")}

// Identity returns what tells the telegrams of one meter from those of others:
// the header line, and the line that names the meter, empty where there is none;
// both as they stand in raw, without their line ends.
func Identity(raw []byte) (header, name []byte) {
	header = untilEnd(raw)
	for _, mark := range identityMarks {
		if at := bytes.Index(raw, mark); at >= 0 {
			return header, untilEnd(raw[at+1:])
		}
	}
	return header, nil
}

// untilEnd is the text up to the end of its first line.
func untilEnd(text []byte) []byte {
	if n := bytes.IndexByte(text, '\n'); n >= 0 {
		text = text[:n]
	}
	return bytes.TrimSuffix(text, []byte{'\r'})
}
