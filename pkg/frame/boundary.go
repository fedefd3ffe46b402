package frame

import (
	"bytes"
	"slices"

	"p1/pkg/telegram"
)

// kind of a boundary between records.
type kind int

const (
	telegramEnd kind = iota // a telegram ends before at; its '!' is at mark
	headerStart             // a telegram begins at at
	loggerLine              // a logger's own line begins at at
)

// boundary is a place in a line where a record ends.
type boundary struct {
	kind kind
	at   int
	mark int
}

// loggerMark begins the line that PuTTY writes where a log begins.
var loggerMark = []byte("=~=~=~=~")

// boundary finds the first boundary from line[from] on; the line holds its end.
// A bare CR ends a line too, as its LF may be lost. Where no telegram has begun
// yet (idle), any '/' may begin one.
func (s *stream) boundary(line []byte, from int, idle bool) (boundary, bool) {
	start := from == 0 // i is at the start of a line
	for i := from; i < len(line); i++ {
		if start && s.headless(line[i:]) {
			return boundary{kind: headerStart, at: i}, true
		}
		n := bytes.IndexAny(line[i:], "\r!/=")
		if n < 0 {
			break
		}
		i += n
		start = start && n == 0
		switch line[i] {
		case '!':
			if end, ok := s.endAt(line, i, start); ok {
				return boundary{telegramEnd, end, i}, true
			}
		case '/':
			if s.isHeader(line[i:], start || idle && from == 0) && (from == 0 || another(line, i)) {
				return boundary{kind: headerStart, at: i}, true
			}
		case '=':
			if bytes.HasPrefix(line[i:], loggerMark) {
				return boundary{kind: loggerLine, at: i}, true
			}
		}
		start = line[i] == '\r'
	}
	return boundary{}, false
}

// longestCRC is how much a damaged '!' line may hold after its '!': four
// digits, and what the line has added.
const longestCRC = 8

// endAt reports whether the '!' at line[i] ends a telegram, and where the next
// one begins.
func (s *stream) endAt(line []byte, i int, start bool) (int, bool) {
	text := untilEOL(line[i+1:])
	digits := 0
	for digits < len(text) && digits < 4 && telegram.IsHex(text[digits]) {
		digits++
	}
	after := i + 1 + digits
	switch {
	case digits == 4 && digits == len(text):
		return skipEOL(line, after), true
	case digits == 4 && s.beginsRecord(line[after:]):
		return after, true
	case start && s.crcBelow(line[i:]):
		return skipEOL(line, skipEOL(line, i+1)+4), true
	case start && len(text) <= longestCRC && !bytes.ContainsAny(text, "()"):
		return skipEOL(line, i+1+len(text)), true
	}
	return 0, false
}

// crcBelow reports whether text begins with a lone '!' and a line of four hex digits, which
// is its CRC.
func (s *stream) crcBelow(text []byte) bool {
	if text[0] != '!' || len(untilEOL(text)) > 1 {
		return false
	}
	below := text[skipEOL(text, 1):]
	return len(untilEOL(below)) == 4 && mayBeCRC(below) && !s.headless(below)
}

// mayBeCRC reports whether a line begins with nothing but up to four hex digits.
func mayBeCRC(line []byte) bool {
	text := untilEOL(line)
	return len(text) <= 4 && !slices.ContainsFunc(text, func(c byte) bool { return !telegram.IsHex(c) })
}

// nextLine is [lineLen] of data, where a lone '!' and its CRC in the line below are one
// line. ends tells that no more digits follow data.
func (s *stream) nextLine(data []byte, ends bool) int {
	n := lineLen(data)
	if n == 0 || data[0] != '!' || len(untilEOL(data)) > 1 {
		return n
	}
	below := lineLen(data[n:])
	switch {
	case below > 0 && s.crcBelow(data):
		return n + below
	case below == 0 && !ends && mayBeCRC(data[n:]):
		return 0 // its CRC may follow
	}
	return n
}

// beginsRecord reports whether a telegram or a logger's line begins here.
func (s *stream) beginsRecord(line []byte) bool {
	return s.headless(line) || bytes.HasPrefix(line, loggerMark) ||
		len(line) > 0 && line[0] == '/' && s.isHeader(line, true)
}

// isHeader reports whether a header begins at a '/'. Where that begins a line, no value in
// parentheses makes it one, since it may be damaged; elsewhere it must look like one. One
// that the stream's meter has sent before is one whatever it looks like.
func (s *stream) isHeader(line []byte, start bool) bool {
	text := untilEOL(line)
	if len(text) > 1 && (bytes.Equal(text, s.found.header) || s.odd.again && bytes.Equal(text, s.odd.header)) {
		return true
	}
	return !bytes.ContainsAny(text, "()") && (start || telegram.IsHeader(text[1:]))
}

// another reports whether the '/' at line[i] begins another header in a header's line: that
// of the same meter, or one behind what is left of one. Else it is part of the header.
func another(line []byte, i int) bool {
	head := bytes.TrimPrefix(line[:i], []byte("/"))
	return !telegram.IsHeader(head) || bytes.HasPrefix(line[i+1:], head[:4])
}

// headless reports whether a header that has lost its '/', or has it damaged,
// begins here: the header of this meter is known by its first four characters.
func (s *stream) headless(line []byte) bool {
	if s.ident == "" || len(line) < len(s.ident)+1 || line[0] == '/' {
		return false
	}
	n := len(s.ident)
	known := string(line[:n]) == s.ident || string(line[1:1+n]) == s.ident
	return known && !bytes.ContainsAny(untilEOL(line), "()")
}

// learnHeader remembers how this meter's header begins; text begins with it or
// with what is left of it.
func (s *stream) learnHeader(text []byte) {
	if text[0] == '/' && telegram.IsHeader(untilEOL(text[1:])) && string(text[1:5]) != s.ident {
		s.ident = string(text[1:5])
	}
}

func untilEOL(text []byte) []byte {
	for i, c := range text { // short, most often
		if c == '\r' || c == '\n' {
			return text[:i]
		}
	}
	return text
}

// skipEOL returns the place after the end of a line at line[i]: any CRs, and
// the LF after them.
func skipEOL(line []byte, i int) int {
	for i < len(line) && line[i] == '\r' {
		i++
	}
	if i < len(line) && line[i] == '\n' {
		i++
	}
	return i
}
