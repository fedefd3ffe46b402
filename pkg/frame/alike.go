package frame

import (
	"bytes"
	"encoding/binary"

	"p1/pkg/crc"
	"p1/pkg/frame/dlms"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// alike is a telegram of the stream that was cut out line by line, and is brought up to
// date with each that follows it and differs in nothing but digits. Such a one ends
// where it ends, and its CRC differs by what these digits change in it.
type alike struct {
	raw       []byte // empty where none is known
	body      int    // where its header line ends
	bang      int    // the place of its '!'
	kind      crc.Kind
	sum       uint16 // of raw up to its '!'
	syndromes *crc.Syndromes
	now       bool // raw is what the buffer begins with
}

// learn takes a telegram whose CRC holds, if its digits say nothing of where it ends.
func (a *alike) learn(text []byte, bang int, ident string, kind crc.Kind, sum uint16) {
	a.raw = a.raw[:0]
	body := bytes.IndexByte(text, '\n') + 1
	const end = "5B60\r\n"
	if len(text) != bang+1+len(end) || !bytes.HasSuffix(text, []byte("\r\n")) || len(ident) < 4 || string(text[1:5]) != ident {
		return
	}
	for _, c := range []byte(ident[:3]) {
		if telegram.IsDigit(c) {
			return
		}
	}
	for _, c := range text[body:] {
		if c >= 0x80 && c != 0xFF || c == dlms.Tag || c == '/' || c == '=' {
			return
		}
	}
	if bytes.IndexByte(text, '!') != bang || beginsLine(text[body:], ident[:3]) {
		return
	}
	if a.syndromes == nil || a.kind != kind {
		a.syndromes = crc.NewSyndromes(kind)
	}
	a.raw = append(a.raw, text...)
	a.body, a.bang, a.kind, a.sum = body, bang, kind, sum
}

// beginsLine reports whether the beginning of a header's first characters begins a line,
// or stands behind one character of it: digits might make a header of that.
func beginsLine(text []byte, beginning string) bool {
	for at := 0; ; at++ {
		n := bytes.Index(text[at:], []byte(beginning))
		if n < 0 {
			return false
		}
		at += n
		if at < 2 || bytes.ContainsAny(text[at-2:at], "\r\n") {
			return true
		}
	}
}

// follow makes the telegram that data begins with raw, and reports whether it is one
// that differs in digits only. Whatever it reports, raw and sum belong together.
func (a *alike) follow(data []byte, ident string) bool {
	if len(a.raw) == 0 || len(data) < len(a.raw) || string(a.raw[1:5]) != ident {
		return false
	}
	data = data[:len(a.raw)]
	for i := 0; i < len(data); {
		if i <= len(data)-8 && binary.LittleEndian.Uint64(data[i:]) == binary.LittleEndian.Uint64(a.raw[i:]) {
			i += 8
			continue
		}
		for end := min(i+8, len(data)); i < end; i++ {
			if data[i] != a.raw[i] && !a.change(i, data[i]) {
				return false
			}
		}
	}
	return string(data[a.bang+1:a.bang+5]) != ident
}

// change makes a byte of raw another one, where both are digits.
func (a *alike) change(at int, c byte) bool {
	switch {
	case at > a.bang && at <= a.bang+4 && telegram.IsHex(c):
	case at >= a.body && at < a.bang && telegram.IsDigit(c) && telegram.IsDigit(a.raw[at]):
		a.sum ^= a.syndromes.Of(a.bang-at, a.raw[at]^c)
	default:
		return false
	}
	a.raw[at] = c
	return true
}

// takeAlike emits the telegram that the buffer begins with, where it is like the one
// before and stands before limit; it reports whether it did.
func (f *Framer) takeAlike(limit int) (bool, error) {
	s := &f.stream
	if f.plain || f.line > 0 || f.obis || f.text || f.doubt > 0 || s.parity != parityNone || s.alike.kind != s.found.kind ||
		!s.alike.follow(f.buf[:limit], s.ident) {
		return false, nil
	}
	n, bang := len(s.alike.raw), s.alike.bang
	f.obis, s.alike.now = true, true
	err := f.emit(n, bang)
	s.alike.now = false
	return true, err
}

// sum returns the CRC of a text by the kind that the stream has been found to use.
func (s *stream) sum(text []byte) uint16 {
	if s.alike.now {
		return s.alike.sum
	}
	return s.found.kind.Sum(text)
}

// learnAlike takes a telegram that was made of a text as it was received.
func (s *stream) learnAlike(t *record.Telegram, text []byte, bang int) {
	if !s.alike.now && t.Status == record.OK && t.EOL == "" && s.parity == parityNone {
		s.alike.learn(text, bang, s.ident, s.found.kind, s.found.kind.Sum(text[:bang+1]))
	}
}
