package telegram

import (
	"bytes"
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// Message is a text that the grid operator shows to the customer (P1 companion
// standard 5.0.2 §6.12: up to 1,024 characters in hex).
//
//	0-0:96.13.0(4E6965757773)         Netherlands: Nieuws
//	0-0:96.13.0(Tisztelt Ugyfelunk!)  Hungary: as it is, or filled up with 0xFF
type Message struct {
	Code string // 0-0:96.13.0, …
	Text string // UTF-8; empty where there is none, or nothing but filler (0xFF)
	Hex  bool   // it was sent in hex digits
}

// Messages returns the messages, 0-0:96.13.x, in the telegram's order, empty ones
// too. One with parentheses in its text is a line that the grammar does not know,
// and a message all the same.
func (t *Telegram) Messages() []Message {
	var all []Message
	for i := range t.Lines {
		l := &t.Lines[i]
		text := l.Of(t.Raw)
		if !bytes.HasPrefix(text, []byte("0-0:96.13.")) {
			continue
		}
		n := CodeLen(text)
		end := l.End
		if len(l.Values) > 0 {
			end = l.Values[len(l.Values)-1].Unit.End + 1
		}
		open := bytes.IndexByte(text, '(')
		if n == 0 || t.Raw[end-1] != ')' {
			continue
		}
		m := Message{Code: Canonical(string(text[:n]))}
		m.Text, m.Hex = messageText(t.Raw[l.Start+open+1 : end-1])
		all = append(all, m)
	}
	return all
}

// messageText decodes the text of a message: from hex where it is hex of something
// to read or of nothing but filler, and from Latin-1 where it is no UTF-8.
func messageText(sent []byte) (text string, isHex bool) {
	if plain, err := hex.DecodeString(blanks.Replace(string(sent))); err == nil && len(plain) > 0 {
		if plain = withoutFiller(plain); readable(plain) && (len(plain) == 0 || hasWords(plain)) {
			return utf8Of(plain), true
		}
	}
	return utf8Of(withoutFiller(sent)), false
}

// blanks takes out what may stand between hex digits.
var blanks = strings.NewReplacer("\r", "", "\n", "", " ", "", "\t", "")

// hasWords reports whether a letter or digit of ASCII is in a text: CAFE and DEADBEEF are
// hex of none, and words themselves.
func hasWords(text []byte) bool {
	return bytes.ContainsFunc(text, func(r rune) bool { return r < 0x80 && (IsDigit(byte(r)) || r|0x20 >= 'a' && r|0x20 <= 'z') })
}

// withoutFiller takes off what fills up a message field.
func withoutFiller(text []byte) []byte {
	for len(text) > 0 && (text[len(text)-1] == 0xFF || text[len(text)-1] == 0) {
		text = text[:len(text)-1] // a thousand of them, rune by rune, take longer than all the rest
	}
	return text
}

// readable reports whether text is printable UTF-8 or Latin-1, with line ends and
// tabs or not.
func readable(text []byte) bool {
	for _, r := range utf8Of(text) {
		if r == 0x7F || r < 0x20 && !strings.ContainsRune("\t\r\n", r) || r >= 0x80 && r < 0xA0 {
			return false
		}
	}
	return true
}

// utf8Of returns bytes that are no UTF-8 as Latin-1: one code point for each byte.
func utf8Of(text []byte) string {
	if utf8.Valid(text) {
		return string(text)
	}
	var b strings.Builder
	for _, c := range text {
		b.WriteRune(rune(c))
	}
	return b.String()
}
