// Package verdict takes a record and gives what became of it: whether the line
// damaged it, whether its clock can be believed, whether it is a logger's header.
package verdict

import (
	"bytes"
	"slices"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// Damaged reports whether the telegram was not received as the meter sent it.
func Damaged(t *record.Telegram) bool {
	return t.Status != record.OK && t.Status != record.Unchecked
}

// LoggerOnly reports whether the line delivered the telegram intact, and all that
// was put back is what the logger had left out.
func LoggerOnly(t *record.Telegram) bool {
	line, logger := t.EditCount()
	return t.Status == record.Repaired && line == 0 && logger > 0
}

// Moment is a meter's time, or none.
type Moment struct {
	Clock telegram.Clock
	Known bool
}

// String writes the time in RFC 3339, or the two dots that stand for an unknown
// end of an interval in ISO 8601-2.
func (m Moment) String() string {
	if !m.Known {
		return ".."
	}
	return m.Clock.RFC3339()
}

// OwnTime returns what the telegram's clock says, if all of the telegram or that
// line can be used.
func OwnTime(t *record.Telegram, parts *telegram.Telegram) Moment {
	if !t.Status.Valid() && !clockTrusted(t, parts) {
		return Moment{}
	}
	clock, _, ok := parts.Clock()
	return Moment{clock, ok}
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

// Verified reports whether the telegram's own time bounds that of others: a
// suspect telegram may owe its wrong content to its clock, and a doubted clock is wrong.
func Verified(t *record.Telegram, own Moment) bool {
	return own.Known && t.Suspect == "" && !slices.ContainsFunc(t.Doubted, func(d record.Doubt) bool { return d.Code == telegram.ClockCode })
}

// LoggerHeader reports whether data is nothing but lines that PuTTY begins a log
// with:
//
//	=~=~=~=~=~=~=~=~=~=~=~= PuTTY log 2023.08.24 01:21:30 =~=~=~=~=~=~=~=~=~=~=~=
func LoggerHeader(data []byte) bool {
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

// Stream is the place in the input up to which records have come.
type Stream struct {
	at    record.Origin
	begun bool
}

// Enter moves on to a record at o and reports whether other bytes begin with
// it: another source or session, or the same one from an earlier offset on.
func (s *Stream) Enter(o record.Origin) bool {
	fresh := !s.begun || !s.at.SameStream(o) || o.Offset < s.at.Offset
	s.at, s.begun = o, true
	return fresh
}
