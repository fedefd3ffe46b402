// Package report takes the records of p1fix or p1frame and gives what the noise
// was: a CSV line for each damaged telegram, noise record and gap ([Log]), or
// one text with the counts, the reliability and a prediction ([Summary]).
//
// Times are the meter's own. A telegram whose clock cannot be trusted lies
// between two that can: the telegrams before and after it, in the same source
// and session, that are valid and not suspect, or salvaged with a trusted clock
// line.
//
// Text that comes from the stream loses its control characters before it is
// written, so that no log can send escapes to a terminal.
package report

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// stream is the place in the input up to which records have come.
type stream struct {
	at    record.Origin
	begun bool
}

// enter moves on to a record at o and reports whether other bytes begin with
// it: another source or session, or the same one from an earlier offset on.
func (s *stream) enter(o record.Origin) bool {
	fresh := !s.begun || !s.at.SameStream(o) || o.Offset < s.at.Offset
	s.at, s.begun = o, true
	return fresh
}

// moment is a meter's time, or none.
type moment struct {
	clock telegram.Clock
	known bool
}

// String writes the time in RFC 3339, or the two dots that stand for an unknown
// end of an interval in ISO 8601-2.
func (m moment) String() string {
	if !m.known {
		return ".."
	}
	return m.clock.RFC3339()
}

// ownTime returns what the telegram's clock says, if all of the telegram or
// that line can be used.
func ownTime(t *record.Telegram, parts *telegram.Telegram) moment {
	if !t.Status.Valid() && !clockTrusted(t, parts) {
		return moment{}
	}
	clock, _, ok := parts.Clock()
	return moment{clock, ok}
}

func clockTrusted(t *record.Telegram, parts *telegram.Telegram) bool {
	for i, l := range parts.Lines {
		if string(l.Code.Of(t.Raw)) != telegram.ClockCode {
			continue
		}
		// The clock is read from the first line with its code.
		for _, trusted := range t.Trusted {
			if trusted.Line == i+1 {
				return true
			}
		}
		return false
	}
	return false
}

// verified reports whether the telegram's own time bounds that of others: a
// suspect telegram may owe its wrong content to its clock.
func verified(t *record.Telegram, own moment) bool { return own.known && t.Suspect == "" }

// damaged reports whether the telegram was not received as the meter sent it.
func damaged(t *record.Telegram) bool {
	return t.Status != record.OK && t.Status != record.Unchecked
}

// loggerOnly reports whether the line delivered the telegram intact, and all
// that was put back is what the logger had left out.
func loggerOnly(t *record.Telegram) bool {
	line, logger := t.EditCount()
	return t.Status == record.Repaired && line == 0 && logger > 0
}

// printable removes control characters, and those that change the direction of
// writing, from text of the stream.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) {
			return r
		}
		return -1
	}, s)
}

// maxExcerpt is the most characters that an excerpt has between its quotes.
const maxExcerpt = 40

// excerpt quotes the beginning of data, every byte that is not printable ASCII
// as \x00.
func excerpt(data []byte) string {
	text := make([]byte, 0, maxExcerpt+4)
	cut := 0 // the longest prefix of text that leaves room for the ellipsis
	for _, c := range data {
		switch {
		case c == '"' || c == '\\':
			text = append(text, '\\', c)
		case c < ' ' || c > '~':
			text = fmt.Appendf(text, `\x%02X`, c)
		default:
			text = append(text, c)
		}
		if len(text) > maxExcerpt {
			return `"` + string(text[:cut]) + `…"`
		}
		if len(text) < maxExcerpt {
			cut = len(text)
		}
	}
	return `"` + string(text) + `"`
}

// loggerHeader reports whether data is nothing but lines that PuTTY begins a
// log with:
//
//	=~=~=~=~=~=~=~=~=~=~=~= PuTTY log 2023.08.24 01:21:30 =~=~=~=~=~=~=~=~=~=~=~=
func loggerHeader(data []byte) bool {
	found := false
	for line := range bytes.Lines(data) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		if !bytes.HasPrefix(line, []byte("=~=~=~")) || !bytes.Contains(line, []byte(" PuTTY log ")) {
			return false
		}
		found = true
	}
	return found
}

// plural writes a number with its noun: 1 byte, 2 bytes.
func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
