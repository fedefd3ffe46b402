package frame

import (
	"bytes"

	"p1/pkg/crc"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// alike is a telegram of the stream that was cut out line by line, and is brought up to
// date with each that follows it and differs in digits only, those of its values and
// of its CRC. Such a one ends where it ends, and its CRC differs by what these digits
// change in it.
type alike struct {
	telegram.Template // its Text is empty where no telegram is known
	kind              crc.Kind
	sum               uint16 // of Text up to its '!'
	syndromes         *crc.Syndromes
}

// learn takes a telegram whose CRC holds, if its digits say nothing of where it ends:
// no other '!', no byte that may begin a frame or show parity, no other header, and no
// line of a logger. Its ident, how the header begins, is three letters and a digit.
func (a *alike) learn(text []byte, bang int, ident string, kind crc.Kind, sum uint16) {
	a.Text = a.Text[:0]
	const end = "5B60\r\n"
	if len(text) != bang+1+len(end) || !bytes.HasSuffix(text, []byte("\r\n")) || bytes.IndexByte(text, '!') != bang ||
		ident == "" || string(text[1:5]) != ident {
		return
	}
	body := text[bytes.IndexByte(text, '\n')+1:]
	for _, c := range body {
		if c >= 0x80 && c != 0xFF || c == '/' || c == '=' {
			return
		}
	}
	if beginsLine(body, ident[:3]) {
		return
	}
	if a.syndromes == nil || a.kind != kind {
		a.syndromes = crc.NewSyndromes(kind)
	}
	a.Set(text)
	a.kind, a.sum = kind, sum
}

// beginsLine reports whether the beginning of a header's first characters begins a line,
// or stands after one character of it: digits might make a header of that.
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

// follow makes the telegram that data begins with the last one, and reports whether it
// is one that differs in digits only. Whatever it reports, Text and sum belong together.
func (a *alike) follow(data []byte, ident string) bool {
	if len(a.Text) == 0 || len(data) < len(a.Text) || string(a.Text[1:5]) != ident {
		return false
	}
	data = data[:len(a.Text)]
	for i := a.NextChange(data, 0); i < len(data); i = a.NextChange(data, i+1) {
		if !a.change(i, data[i]) {
			return false
		}
	}
	return string(data[a.Bang+1:a.Bang+5]) != ident
}

// change makes a digit another one, where both are.
func (a *alike) change(at int, c byte) bool {
	switch {
	case !a.Digit(at):
		return false
	case at < a.Bang && telegram.IsDigit(c):
		a.sum ^= a.syndromes.Of(a.Bang-at, a.Text[at]^c)
	case at < a.Bang || !telegram.IsHex(c):
		return false
	}
	a.Text[at] = c
	return true
}

// takeAlike emits the telegram that the buffer begins with, where it is like the one
// before and ends before limit; it reports whether it did. Its plain twin is addLine,
// line by line (FuzzAlike).
func (f *Framer) takeAlike(limit int) (bool, error) {
	s := &f.stream
	if f.line > 0 || f.obis || f.mode != lineMode || f.doubt > 0 || s.parity != parityNone || s.alike.kind != s.found.kind ||
		!s.alike.follow(f.buf[:limit], s.ident) {
		return false, nil
	}
	n := len(s.alike.Text)
	t := s.begin(f.buf[:n])
	s.check(t, s.alike.Bang, s.alike.sum)
	return true, f.emitTelegram(t, n)
}

// learnAlike takes a telegram that was made of a text as it was received.
func (s *stream) learnAlike(t *record.Telegram, text []byte, bang int) {
	if t.Status == record.OK && t.EOL == "" && t.ReceivedRaw == nil && s.parity == parityNone {
		s.alike.learn(text, bang, s.ident, s.found.kind, s.found.kind.Sum(text[:bang+1]))
	}
}
