// Package telegram takes the raw bytes of one telegram and gives its lines, OBIS
// codes and values as spans of those bytes, its clock, its numbers as the decimal
// text that the meter sent, what its codes mean, and what it says of devices,
// history and messages.
//
// A telegram (P1 companion standard 5.0.2 §6.2):
//
//	/ISK5\2M550T-1012␍␊                      header: '/', three letters, a digit, identification
//	␍␊
//	1-3:0.2.8(50)␍␊                          line: OBIS code, then values in parentheses
//	1-0:1.8.1(008234.524*kWh)␍␊
//	└──┬────┘ └───┬────┘ └┬┘
//	  code      text    unit
//	0-1:24.2.1(230824012000S)(00123.456*m3)␍␊  two values
//	!5B60␍␊                                  end: '!', CRC in hex
//
// An odd one: meters of DSMR 3 put the gas reading on a line of its own, which
// belongs to the OBIS code above it, and have no CRC.
//
//	0-1:24.3.0(230824010000)(00)(60)(1)(0-1:24.2.1)(m3)␍␊
//	(00123.456)␍␊
//	!␍␊
//
// Some Hungarian meters wrap a long line between two values, which is the same, or
// (loggers do it) inside of one: then the value's text has the line end in it, and
// reading it as a number leaves it out.
//
//	0-0:98.1.0(260301000000W)(00001234.5␍␊
//	67*kWh)(00001234.567*kWh)␍␊
//
// Meters that write codes and parentheses in forms of their own are read too: see
// [CodeLen], and
//
//	1-0:1.7.0 (03.333*kW)␍␊                  blanks around the parentheses
//	1-0:0.2.0((ER11))␍␊                      parentheses in a text: its value is (ER11)
//
// Nothing here fails on damage: what does not follow the grammar is a line
// without a code, and [Check] says where the grammar is broken first.
package telegram

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"p1/pkg/crc"
)

// Span is a range of bytes in a telegram's raw: raw[Start:End].
type Span struct{ Start, End int }

// Of returns the bytes of the span.
func (s Span) Of(raw []byte) []byte { return raw[s.Start:s.End] }

// Value is the text between a pair of parentheses. Unit is what follows the
// '*', and Text what precedes it; without a '*', Unit is empty.
type Value struct{ Text, Unit Span }

// Line is one line of a telegram, its end not included.
type Line struct {
	Span
	// Code is the OBIS code, empty where the line is not `code(value)…`.
	Code Span
	// Values are those of the line and of the lines that continue it.
	Values []Value
	nested bool // a value has parentheses in it
	inside bool // it begins in a value of a line above
}

// Telegram is a raw telegram taken apart.
type Telegram struct {
	Raw   []byte
	Lines []Line // all lines of Raw, the header being the first
	open  int    // lines from the last one with a code on, where values alone go on with it, else 0
	until int    // up to here the bytes are of values that began in a line above
	odd   bool   // a code is written in another form than [Canonical] gives it
	memo  *memo  // nil where nothing was found in telegrams like this one before

	on0, on1 bool // power or energy is measured on channel 0, anything on channel 1
}

// Parse takes raw apart. Lines end in LF, and a CR before it is not part of
// the line; it never fails.
func Parse(raw []byte) *Telegram {
	t := &Telegram{Raw: raw, Lines: make([]Line, 0, 48)}
	values := make([]Value, 0, 72)
	for start := 0; start < len(raw); {
		end, next := len(raw), len(raw)
		if n := bytes.IndexByte(raw[start:], '\n'); n >= 0 {
			end, next = start+n, start+n+1
		}
		if end > start && raw[end-1] == '\r' {
			end--
		}
		values = t.addLine(Span{start, end}, values)
		start = next
	}
	return t
}

// addLine appends the line, or, where it is nothing but values, gives its
// values to the line above too.
func (t *Telegram) addLine(at Span, values []Value) []Value {
	l := Line{Span: at}
	text := at.Of(t.Raw)
	n := CodeLen(text)
	from := len(values)
	ok := false
	if n > 0 || len(text) > 0 && text[0] == '(' {
		if values, ok = appendValues(values, t.Raw, at.Start+n, at.End); !ok && n > 0 {
			values, ok = appendNested(values[:from], t.Raw, Span{at.Start + n, at.End})
			l.nested = ok
		}
	}
	if !ok {
		return t.addOther(at, n, values[:from])
	}
	l.Values = values[from:len(values):len(values)]
	if n > 0 {
		l.Code = Span{at.Start, at.Start + n}
		t.note(l.Code.Of(t.Raw))
		t.open = 1
	} else if t.open > 0 {
		t.above().Values = append(t.above().Values, l.Values...)
		t.open++
	}
	t.Lines = append(t.Lines, l)
	return values
}

// appendValues reads `(text*unit)(text)…`, blanks around the parentheses or not, and
// reports whether it is all of the line.
func appendValues(values []Value, raw []byte, start, end int) ([]Value, bool) {
	for start < end {
		if raw[start] != '(' {
			if raw[start] != ' ' && raw[start] != '\t' {
				return values, false
			}
			start++
			continue
		}
		n := bytes.IndexByte(raw[start:end], ')')
		if n < 0 {
			return values, false
		}
		values = append(values, valueIn(raw, Span{start + 1, start + n}))
		start += n + 1
	}
	return values, true
}

// valueIn is the value that fills a pair of parentheses.
func valueIn(raw []byte, inside Span) Value {
	v := Value{Text: inside, Unit: Span{inside.End, inside.End}}
	if star := bytes.LastIndexByte(inside.Of(raw), '*'); star >= 0 {
		v.Unit.Start = inside.Start + star + 1
		v.Text.End = inside.Start + star
	}
	return v
}

// CodeLen returns the length of the OBIS code that text begins with and that a
// '(' follows, blanks between them or not, or 0. A code is A-B:C.D.E (IEC 62056-61);
// each group has one to three digits. Some meters write it in forms of their own,
// which [Canonical] undoes:
//
//	1-0:1.8.0*255(…)     the group F, after an asterisk
//	1-0:21.7.0.255(…)    or after a point, as the examples of DSMR 4.2 have it
//	1-0:72:32.0(…)       a colon for the first point
func CodeLen(text []byte) int {
	i := 0
	for group, mark := range [...]byte{'-', ':', '.', '.', '('} {
		digits := 0
		for i < len(text) && IsDigit(text[i]) && digits < 3 {
			i++
			digits++
		}
		switch {
		case digits == 0 || i == len(text):
			return 0
		case text[i] == mark: // as in nearly all codes
		case group == 4:
			return untilValue(text, i)
		case group != 2 || text[i] != ':':
			return 0
		}
		i++
	}
	return i - 1
}

// untilValue returns where a code ends whose groups up to E end at i, 0 where it is
// not followed by a value.
func untilValue(text []byte, i int) int {
	if text[i] == '*' || text[i] == '.' {
		n := groupLen(text[i+1:])
		if i += 1 + n; n == 0 {
			return 0
		}
	}
	if next := bytes.TrimLeft(text[i:], " \t"); len(next) == 0 || next[0] != '(' {
		return 0
	}
	return i
}

// groupLen is how many digits of a group text begins with, three at most.
func groupLen(text []byte) int {
	n := 0
	for n < len(text) && n < 3 && IsDigit(text[n]) {
		n++
	}
	return n
}

// HasLine reports whether data holds an OBIS code with a '(' after it at any
// place: what has none is no part of a telegram.
func HasLine(data []byte) bool {
	for i := 0; i < len(data); {
		n := bytes.IndexByte(data[i:], '-')
		if n < 0 {
			return false
		}
		for back := 1; back <= 3 && i+n-back >= 0 && IsDigit(data[i+n-back]); back++ {
			if CodeLen(data[i+n-back:]) > 0 {
				return true
			}
		}
		i += n + 1
	}
	return false
}

// IsDigit reports whether c is a decimal digit.
func IsDigit(c byte) bool { return c-'0' < 10 }

// IsHex reports whether c is a hex digit in either case.
func IsHex(c byte) bool { return IsDigit(c) || c|0x20-'a' < 6 }

// Find returns the values of the first line with the code. Where there is none,
// another form of it will do, [Telegram.CodeOf]: for 1-0:1.7.0 also 1-0:1.7.255*255.
func (t *Telegram) Find(code string) ([]Value, bool) {
	l := t.find(code)
	if l == nil {
		return nil, false
	}
	return l.Values, true
}

// find is Find for the line.
func (t *Telegram) find(code string) *Line {
	if t.memo == nil {
		return t.search(code)
	}
	l, ok := t.memo.lines[code]
	if !ok {
		l = t.search(code)
		t.memo.lines[code] = l
	}
	return l
}

func (t *Telegram) search(code string) *Line {
	for i := range t.Lines {
		if l := &t.Lines[i]; string(l.Code.Of(t.Raw)) == code {
			return l
		}
	}
	for i := range t.Lines {
		if l := &t.Lines[i]; (t.odd || t.isAlone()) && l.Code.End > 0 && t.CodeOf(l) == code {
			return l
		}
	}
	return nil
}

// CodeOf returns the code of a line as [Canonical] writes it, "" where it has none.
// Swiss meters have power and energy on channel 1, where the rest of the world has them on
// 0; of a telegram that has none on 0, 1-1:1.8.0 is 1-0:1.8.0.
func (t *Telegram) CodeOf(l *Line) string {
	code := Canonical(string(l.Code.Of(t.Raw)))
	if rest, ok := strings.CutPrefix(code, "1-1:"); ok && t.isAlone() && !isThing(rest) {
		return "1-0:" + rest
	}
	return code
}

// plain is CodeOf as a part of Raw, where the code is written as Canonical gives it.
func (t *Telegram) plain(l *Line) []byte {
	if t.odd {
		return []byte(t.CodeOf(l))
	}
	return l.Code.Of(t.Raw)
}

// note keeps what forms the codes have.
func (t *Telegram) note(code []byte) {
	t.odd = t.odd || isOdd(code)
	if code[0] != '1' {
		return
	}
	switch string(code[1:4]) {
	case "-0:":
		t.on0 = t.on0 || isFlow(code)
	case "-1:":
		t.on1 = t.on1 || !isThing(string(code[4:]))
	}
}

// isAlone reports whether channel 1 is the only one that electricity is measured on.
func (t *Telegram) isAlone() bool { return t.on1 && !t.on0 }

// isFlow reports whether a code 1-n:C.D.E is of power or energy: groups C of 1 to 10, of
// the phases 20, 40 and 60 more, and D of 7 or 8.
func isFlow(code []byte) bool {
	const at = len("1-0:")
	n := groupLen(code[at:])
	c := 0
	for _, digit := range code[at : at+n] {
		c = 10*c + int(digit-'0')
	}
	rest := code[at+n:]
	return c >= 1 && c <= 80 && (c-1)%20 < 10 && len(rest) > 2 && (rest[1] == '7' || rest[1] == '8') && !IsDigit(rest[2])
}

// isThing reports whether the groups C.D.E are of the meter as a thing, and not of
// something measured: 0.2.8, 96.1.0.
func isThing(groups string) bool {
	return strings.HasPrefix(groups, "0.") || strings.HasPrefix(groups, "96.") || strings.HasPrefix(groups, "97.")
}

// Text returns the text of the last value under the code: on lines of one value
// that value, on lines with a time before it the reading.
func (t *Telegram) Text(code string) (string, bool) {
	text, ok := t.lastText(code)
	return string(text), ok
}

// lastText is Text as a part of Raw.
func (t *Telegram) lastText(code string) ([]byte, bool) {
	l := t.find(code)
	if l == nil || len(l.Values) == 0 {
		return nil, false
	}
	return l.Values[len(l.Values)-1].Text.Of(t.Raw), true
}

// Header returns the header line without its '/', or nothing where the telegram
// does not begin with one.
func (t *Telegram) Header() []byte {
	if len(t.Lines) == 0 || len(t.Raw) == 0 || t.Raw[0] != '/' {
		return nil
	}
	return t.Lines[0].Of(t.Raw)[1:]
}

// Unread returns the indices of the lines that say something nobody can read: neither
// header nor end, no code with values, and no part of a value.
func (t *Telegram) Unread() []int {
	var list []int
	for i := 1; i < len(t.Lines); i++ {
		l := &t.Lines[i]
		text := l.Of(t.Raw)
		if l.Values == nil && !l.inside && len(bytes.TrimSpace(text)) > 0 && text[0] != '!' {
			list = append(list, i)
		}
	}
	return list
}

// LineAt returns the index of the line that holds the byte at offset at of raw;
// a line's end belongs to it.
func (t *Telegram) LineAt(at int) int {
	for i := range t.Lines {
		if i+1 == len(t.Lines) || at < t.Lines[i+1].Start {
			return i
		}
	}
	return 0
}

// Check reports where raw first breaks the grammar of a telegram, or nil: a
// header line, an empty line, lines `code(value)…` or further values of the
// line above, and an end line of '!' and up to four hex digits, all ended by
// CR LF but the last, of whose end any part may be missing.
func Check(raw []byte) error {
	t := Parse(raw)
	n := len(t.Lines)
	if n < 4 {
		return fmt.Errorf("only %d lines", n)
	}
	if h := t.Header(); !IsHeader(h) {
		return fmt.Errorf("line 1 is no header")
	}
	for i, l := range t.Lines[:n-1] {
		text := l.Of(raw)
		switch {
		case !bytes.HasPrefix(raw[l.End:], []byte("\r\n")):
			return fmt.Errorf("line %d does not end in CR LF", i+1)
		case i == 0 || i == 1 && len(text) == 0:
		case i == 1:
			return fmt.Errorf("line 2 is not empty")
		case l.Values == nil, l.cut(), i == 2 && l.Code.End == 0, l.nested && !t.isWords(&l), hasSixth(l.Code.Of(raw)),
			!printable(text) && !bytes.Contains(l.Code.Of(raw), []byte(":96.13.")):
			return fmt.Errorf("line %d is no OBIS line", i+1)
		}
	}
	if last := t.Lines[n-1].Of(raw); string(last) != "!" && SentCRC(last) == "" {
		return fmt.Errorf("line %d is no end line", n)
	}
	return nil
}

// OddValue returns the number of the first line, from 1, in which a value with a unit is no
// number though its code wants one; 0 if there is none. To the grammar, that is no damage.
//
//	1-0:1.8.1(00x123.456*kWh)
func OddValue(raw []byte) int {
	t := Parse(raw)
	for i := range t.Lines {
		l := &t.Lines[i]
		if kind := Lookup(t.CodeOf(l)).Kind; kind != Register && kind != Instant {
			continue
		}
		for _, v := range l.Values {
			if _, ok := ParseNumber(string(v.Text.Of(raw))); !ok && v.Unit.End > v.Unit.Start {
				return i + 1
			}
		}
	}
	return 0
}

// hasSixth reports whether a sixth group follows a point and is in use: no meter is
// known to send one, and two lines that lost what was between them look like it.
//
//	0-0:96.1⟨4.0(0001)␍␊1-0:1⟩.7.0(0000.31*kW)
func hasSixth(code []byte) bool {
	return bytes.Count(code, []byte{'.'}) == 3 && !bytes.HasSuffix(code, []byte(".255"))
}

// isWords reports whether a line is one text, which may have parentheses in it: in
// several values, or in a number, they are damage.
func (t *Telegram) isWords(l *Line) bool {
	kind := Lookup(t.CodeOf(l)).Kind
	return len(l.Values) == 1 && (kind == Text || kind == Identifier)
}

// IsHeader reports whether text (a header line without its '/') is three letters
// and a digit, then the identification: XXX5identification.
func IsHeader(text []byte) bool {
	if len(text) < 4 || !IsDigit(text[3]) || !printable(text) {
		return false
	}
	for _, c := range text[:3] {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			return false
		}
	}
	return !bytes.ContainsAny(text, "()")
}

func printable(text []byte) bool {
	for _, c := range text {
		if c < 0x20 || c > 0x7E {
			return false
		}
	}
	return true
}

// SentCRC reads the CRC of an end line "!1AbC": four hex digits in either case,
// or fewer where the meter does not pad them. It returns them as four
// upper-case digits, or "" where the text holds something else. Blanks may stand around
// four digits, and they may stand in a line below; beside fewer, a blank may be a digit that
// was damaged.
func SentCRC(line []byte) string {
	if len(line) < 2 || line[0] != '!' {
		return ""
	}
	digits := line[1:]
	if len(digits) > 4 {
		if digits = bytes.Trim(digits, " \r\n"); len(digits) != 4 {
			return ""
		}
	}
	sum, err := strconv.ParseUint(string(digits), 16, 16)
	if err != nil {
		return ""
	}
	return crc.Digits(uint16(sum))
}
