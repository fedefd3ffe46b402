package unwrap

import (
	"bytes"
	"slices"

	"p1/pkg/telegram"
)

// The log of a program that writes a telegram as one entry of several lines, of which the
// first alone has a time and a level: Home Assistant's and dsmr-reader's.
//
//	2026-11-29 14:00:00.123 DEBUG (MainThread) [dsmr_parser.clients.protocol] got telegram: /ISK5\2M550T-1012␍␊
//	└────────────────────────────────── taken off ─────────────────────────────────────────┘
//	␍␊
//	1-3:0.2.8(50)␍␊
//	[2026-11-29 14:00:00,123] DEBUG    datalogger | Received telegram:␊
//	└──────────────────────────── taken off ──────────────────────────┘
//	/ISK5\2M550T-1012␍␊
//	[14:00:00][D][text_sensor:064]: 'Telegram': Sending state '/ISK5\2M550T-1012␍␊
//	└─────────────────────── taken off ───────────────────────┘
//	…
//	!5B60'␊
//	     └ taken off
//
// Whatever words stand before a header, it belongs to the telegram. Where the line has
// damaged it, it is known by the words that stand before the others, or by its '/'.
//
// Home Assistant logs each telegram twice: as it is received, in parts, and whole. Where
// there are whole ones, those are taken. Entries that hold no telegram are left out.
func entryForm() form {
	return form{
		name: "log entries",
		says: "telegrams stand in the entries of a log: its own words are left out",
		look: lookEntry,
	}
}

// receivedData is what the library that Home Assistant uses writes before a part of a
// telegram.
var receivedData = []byte("received data: ")

func lookEntry(s *sample) maker {
	l := entryLayer{zoned: s.zoned, words: map[string]bool{}}
	begun, telegrams, lines := 0, 0, 0
	after := false // the line before was an entry's first
	words := ""    // that stand before a header in it
	for _, line := range s.lines {
		n := 0
		if !isPlain(line) {
			_, n = entryHead(line)
		}
		if n == 0 {
			if after && isHeader(line) {
				telegrams++
			}
			if words != "" {
				l.words[words] = true
			}
			after, words = false, ""
			continue
		}
		begun++
		if all := labels(line[n:]); len(all) > 0 && telegram.CodeLen(line[n+all[len(all)-1]:]) > 0 {
			lines++ // it begins each line, not each telegram
		}
		after, words = true, ""
		rest := line[n:]
		part := bytes.Contains(rest, receivedData)
		l.parts = l.parts || part
		if at := headerIn(rest); at >= 0 {
			telegrams++
			if !part {
				words = string(masked(rest[:at]))
			}
		}
	}
	if telegrams == 0 && !l.parts || !s.told && (begun == 0 || begun == len(s.lines) || 2*lines > begun || !s.hasP1()) {
		return nil
	}
	return func() layer {
		fresh := l
		fresh.each = fresh.line
		return &fresh
	}
}

// entryHead reads the clock and the level that an entry begins with, and returns how long
// they are; 0 where a line begins none.
func entryHead(line []byte) (clock, int) {
	c, n := parseClock(line)
	if n > 0 {
		n += len(separator(line[n:]))
	}
	words := labels(line[n:])
	if len(words) == 0 || !isLetter(line[n]) && line[n] != '[' && line[n] != '(' || n == 0 && !isLogLine(line) {
		return c, 0
	}
	return c, n + words[0]
}

// headerIn returns where a header begins in a line, or -1.
func headerIn(line []byte) int {
	text, _ := cutEnd(line)
	for at := 0; ; at++ {
		n := bytes.IndexByte(text[at:], '/')
		if n < 0 {
			return -1
		}
		if at += n; isHeader(text[at:]) {
			return at
		}
	}
}

// slashIn returns where something begins in a line that may be a header which the line has
// damaged: the last '/' that begins a word, and letters and a digit behind it, one of them
// wrong; -1 if there is none.
func slashIn(line []byte) int {
	for at := len(line) - 5; at >= 0; at-- {
		if line[at] != '/' || at > 0 && (isLetter(line[at-1]) || telegram.IsDigit(line[at-1])) {
			continue
		}
		right := 0
		for _, c := range line[at+1 : at+4] {
			if isLetter(c) {
				right++
			}
		}
		if telegram.IsDigit(line[at+4]) {
			right++
		}
		if right >= 3 {
			return at
		}
	}
	return -1
}

// entryLayer takes off what begins an entry.
type entryLayer struct {
	lined
	words map[string]bool // that stand before headers, masked
	parts bool
	zoned *zoning

	skip    bool    // the entry is none that is taken
	quote   byte    // that the telegram stands within, or 0
	part    bool    // it is a part of a telegram, whose last LF is the log's
	doubt   stamped // a damaged header if a telegram's lines follow it, else the log's words
	held    []byte  // its bytes
	pending []byte  // the LF, or the blank line, that may be the log's
	when    stamped // the time of the entry, and nothing else
}

func (l *entryLayer) line(p stamped, out sink) {
	c, n := entryHead(p.data)
	if n == 0 || isPlain(p.data) {
		l.follow(p.data, out)
		l.more(p, out)
		return
	}
	l.pending, l.held = l.pending[:0], l.held[:0] // they were the log's
	l.when = stamped{}
	l.when.at(l.zoned.time(c))
	l.skip, l.part, l.quote = false, false, 0
	rest := p.data[n:]
	at := headerIn(rest)
	switch data := bytes.Index(rest, receivedData); {
	case data >= 0 && l.parts && len(l.words) > 0: // the whole telegram is logged too
		l.skip = true
		return
	case data >= 0 && l.parts:
		l.part = true
		at = data + len(receivedData)
	case at < 0:
		if at = l.behindWords(rest); at >= 0 {
			l.doubt, l.held = p, append(l.held, rest[at:]...)
			l.quote = quoteBefore(rest, at)
		}
		return
	}
	if !l.part {
		l.quote = quoteBefore(rest, at)
	}
	p.data = rest[at:]
	l.more(p, out)
}

// quoteBefore returns the quote that stands before a place, else 0.
func quoteBefore(text []byte, at int) byte {
	if at > 0 && (text[at-1] == '\'' || text[at-1] == '"') {
		return text[at-1]
	}
	return 0
}

// behindWords returns where a header that is damaged may begin; -1 for nowhere.
func (l *entryLayer) behindWords(rest []byte) int {
	at := slashIn(rest)
	for words := range l.words {
		at = max(at, labelled(rest, words))
	}
	return at
}

// follow gives what was in doubt before a line that goes on with the entry.
func (l *entryLayer) follow(line []byte, out sink) {
	text, _ := cutEnd(line)
	if len(l.held) == 0 || isHeader(text) {
		l.held = l.held[:0]
		return
	}
	p := l.doubt
	p.data = l.held
	l.more(p, out)
	l.held = l.held[:0]
}

// more gives a line of an entry.
func (l *entryLayer) more(p stamped, out sink) {
	if l.skip {
		return
	}
	if len(l.pending) > 0 {
		out(l.stamped(l.pending, p.line))
		l.pending = l.pending[:0]
	}
	text, end := cutEnd(p.data)
	if l.quote != 0 && endsQuoted(text, l.quote) {
		text = text[:len(text)-1]
		p.data = slices.Concat(text, end)
	}
	switch {
	case l.part:
		l.pending = append(l.pending, '\n')
		p.data = bytes.TrimSuffix(p.data, newline)
	case len(text) == 0:
		l.pending = append(l.pending, end...)
		return
	}
	if len(p.data) > 0 {
		out(l.stamped(p.data, p.line))
	}
}

// endsQuoted reports whether a line ends a telegram, and a mark stands behind that, or there
// is nothing else.
func endsQuoted(text []byte, mark byte) bool {
	if len(text) == 1 && text[0] == mark {
		return true
	}
	at := bytes.LastIndexByte(text, '!')
	return at >= 0 && text[len(text)-1] == mark && len(text)-at <= len("!0000'")
}

// stamped returns a piece of the entry; the first one has its time.
func (l *entryLayer) stamped(data []byte, line int64) stamped {
	p := l.when
	l.when = stamped{}
	p.data, p.line = data, line
	return p
}

// kept says what becomes of the times.
func (l *entryLayer) kept(z *zoning) string { return z.says() }
