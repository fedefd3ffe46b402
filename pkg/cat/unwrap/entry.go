package unwrap

import (
	"bytes"
	"slices"
)

// The log of a program that writes a telegram as one entry of several lines, of which the
// first alone has a time and a level: Home Assistant's, dsmr-reader's and ESPHome's.
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
// Home Assistant logs each telegram twice: as it is received, in parts, and whole. Where
// there are whole ones, those are taken. Entries that hold no telegram are left out.
func entryForm() form {
	return form{
		name: "log entries",
		says: "telegrams stand in the entries of a log: its own words are left out",
		look: lookEntry,
	}
}

// What the library that Home Assistant uses writes before what it logs.
var (
	gotTelegram  = []byte("got telegram: ")
	receivedData = []byte("received data: ")
)

func lookEntry(s *sample) maker {
	l := entryLayer{zoned: s.zoned}
	begun, telegrams := 0, 0
	before := map[string]int{}
	after := false // the line before was an entry's first
	for _, line := range s.lines {
		n := 0
		if !isPlain(line) {
			_, n = entryHead(line)
		}
		if n == 0 {
			if after && isHeader(line) {
				telegrams++
			}
			after = false
			continue
		}
		begun++
		after = true
		if at := headerIn(line[n:]); at >= 0 {
			telegrams++
			before[string(masked(line[n:n+at]))]++
		}
		l.got = l.got || bytes.Contains(line, gotTelegram)
		l.parts = l.parts || bytes.Contains(line, receivedData)
	}
	if telegrams == 0 && !l.parts || !s.told && (begun == 0 || begun == len(s.lines) || !s.hasP1()) {
		return nil
	}
	l.before, _ = most(before)
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
	line, _ = cutEnd(line)
	for at := 0; ; at++ {
		n := bytes.IndexByte(line[at:], '/')
		if n < 0 {
			return -1
		}
		if at += n; isHeader(line[at:]) {
			return at
		}
	}
}

// entryLayer takes off what begins an entry.
type entryLayer struct {
	lined
	got, parts bool
	before     string // what stands before a header, with 0 for each run of digits; or ""
	zoned      *zoning

	skip    bool    // the entry is none that is taken
	part    bool    // it is a part of a telegram, whose last LF is the log's
	quote   byte    // the mark that stands around the telegram, or 0
	pending []byte  // the LF, or the blank line, that may be the log's
	when    stamped // the time of the entry, and nothing else
}

func (l *entryLayer) line(p stamped, out sink) {
	c, n := entryHead(p.data)
	if n == 0 || isPlain(p.data) {
		l.more(p, out)
		return
	}
	l.pending = l.pending[:0] // it was the log's
	l.when = stamped{}
	l.when.at(l.zoned.time(c))
	rest := p.data[n:]
	l.skip, l.part, l.quote = false, false, 0
	switch at := bytes.Index(rest, receivedData); {
	case l.got && bytes.Contains(rest, gotTelegram):
		rest = rest[bytes.Index(rest, gotTelegram)+len(gotTelegram):]
	case l.got:
		l.skip = true
		return
	case l.parts && at >= 0:
		l.part = true
		rest = rest[at+len(receivedData):]
	default:
		at := headerIn(rest)
		if at < 0 && l.before != "" {
			at = labelled(rest, l.before) // the header is damaged
		}
		if at < 0 {
			return
		}
		if c := rest[max(at-1, 0)]; c == '\'' || c == '"' {
			l.quote = c
		}
		rest = rest[at:]
	}
	p.data = rest
	l.more(p, out)
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

// endsQuoted reports whether a line ends a telegram, and a mark stands behind that.
func endsQuoted(text []byte, mark byte) bool {
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
