package prescribed

import (
	"bytes"

	"p1/pkg/telegram"
)

// span is a part of what was received.
type span struct{ start, end int }

// mostLines is how many lines a telegram has at most to be looked at.
const mostLines = 120

// Lines calls f for each line of what was received, from start to end, as [telegram.Parse] would
// find it, and also where the line end between two is damaged. It stops where there are more lines
// than a telegram has.
func Lines(received []byte, f func(start, end int)) {
	for _, s := range segments(received) {
		f(s.start, s.end)
	}
}

// segments splits what was received into its lines, each with its end, also where the line end
// between two is damaged.
//
//	1-0:1.8.1(000171.155*kWh)␍␀1-0:1.8.2(000178.682*kWh)␍␊
//	                           └ begins a line
func segments(received []byte) (list []span) {
	start := 0
	for i := range received {
		if i > start && begins(received[start:], i-start) {
			list = append(list, span{start, i})
			start = i
		}
		if received[i] == '\n' {
			list = append(list, span{start, i + 1})
			start = i + 1
		}
		if len(list) > mostLines {
			return nil
		}
	}
	if start < len(received) {
		list = append(list, span{start, len(received)})
	}
	return list
}

// reach is how far behind the end of a line's text the next line begins.
const reach = 3

// begins reports whether another line begins inside of what may be one: a code or a '!' where a
// value has ended, or what comes after the header.
func begins(text []byte, at int) bool {
	before := text[max(0, at-reach):at]
	switch {
	case text[0] == '/' && at >= 2 && text[at-2] == '\r' && bytes.IndexByte(text[:at], '(') < 0:
		return text[at-1] != '\n'
	case text[0] == '\r' && at <= reach:
		return looksLikeCode(text[at:])
	case bytes.IndexByte(before, ')') < 0 || text[at-1] == '(':
		return false
	case text[at] == '!':
		return len(text)-at <= len("!ABCD\r\n")
	}
	return looksLikeCode(text[at:])
}

// looksLikeCode reports whether text begins as d-d:d does, but for one byte.
func looksLikeCode(text []byte) bool {
	const form = "0-0:0"
	if len(text) < len(form)+3 || !telegram.IsDigit(text[0]) {
		return false
	}
	wrong := 0
	for i := range len(form) {
		if form[i] == '0' && !telegram.IsDigit(text[i]) || form[i] != '0' && text[i] != form[i] {
			wrong++
		}
	}
	end := len(form)
	for end < len(text) && (telegram.IsDigit(text[end]) || text[end] == '.') {
		end++
	}
	return wrong <= 1 && !(end < len(text) && text[end] == ')') // which is the end of a reference to a code
}
