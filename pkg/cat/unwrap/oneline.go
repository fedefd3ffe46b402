package unwrap

import (
	"bytes"

	"p1/pkg/telegram"
)

// A telegram on one line, as it is pasted, or kept in a cell of a table: something else
// stands where its lines end, or nothing.
//
//	/ISK5\2M550T-1012  1-3:0.2.8(50) 1-0:1.8.0(008234.524*kWh) !5B60␊
//	                 └┘             │                         │ line ends
//
// It is cut behind the header, which an empty line follows, between a ')' and the code or
// value that comes next, and before the '!'.
func lineForm() form {
	return form{
		name: "one line", live: true,
		says: "telegrams stand on one line each: cut before each code",
		look: func(s *sample) maker {
			if !s.oneLines() {
				return nil
			}
			return func() layer {
				l := &lineLayer{}
				l.each = l.line
				return l
			}
		},
	}
}

// lineLayer cuts lines into the meter's. Of a line that is taken in parts, what stands behind
// the last code waits for the next part.
type lineLayer struct {
	lined
	rest []byte
}

func (l *lineLayer) line(p stamped, out sink) {
	if len(l.rest) > 0 {
		p.data = append(l.rest, p.data...)
		l.rest = nil
	}
	if countCodes(p.data) < fewLines {
		l.pass(p, out)
		return
	}
	if !bytes.HasSuffix(p.data, newline) && len(p.data) >= maxLine {
		last := 0
		for at := range codes(p.data) {
			last = at
		}
		l.rest = bytes.Clone(p.data[last:])
		p.data = p.data[:last]
	}
	p.data = cutLine(p.data)
	out(p)
}

func (l *lineLayer) end(out sink) {
	l.lined.end(out)
	if rest := l.rest; len(rest) > 0 {
		l.rest = nil
		out(stamped{data: cutLine(rest)})
	}
}

// oneLines reports whether nine of ten lines hold several codes each, those within
// parentheses not counted, and most of these a header before them.
func (s *sample) oneLines() bool {
	n, headers := 0, 0
	for _, line := range s.first() {
		if countCodes(line) >= fewLines {
			n++
			if beginsTelegram(line) {
				headers++
			}
		}
	}
	return n > 0 && (s.told || 10*n >= 9*len(s.first()) && 2*headers >= n)
}

// beginsTelegram reports whether a header stands before the first code of a line.
func beginsTelegram(line []byte) bool {
	for at := range codes(line) {
		if at > 0 {
			return headerIn(bytes.TrimRight(line[:at], gaps)) >= 0
		}
	}
	return false
}

// countCodes counts codes with values that stand outside of parentheses.
func countCodes(line []byte) int {
	n := 0
	if text, _ := cutEnd(line); bytes.IndexByte(text, '\r') >= 0 {
		return 0 // they have line ends, of another kind
	}
	for at := range codes(line) {
		if at > 0 {
			n++
		}
	}
	return n
}

// codes gives the places where codes begin, outside of parentheses, behind a ')' or a header
// and what stands between.
func codes(line []byte) func(func(int) bool) {
	return func(yield func(int) bool) {
		depth := 0
		after := false // a code has come: before that, a header may run into the first one
		for i := 0; i < len(line); i++ {
			switch c := line[i]; {
			case c == '(':
				depth++
			case c == ')':
				depth = max(depth-1, 0)
			case depth == 0 && c == '/':
				after = false // the next telegram
			case depth == 0 && telegram.IsDigit(c) && (i == 0 || !isCode(line[i-1]) || !after && i+1 < len(line) && line[i+1] == '-'):
				n := telegram.CodeLen(line[i:])
				if n > 0 && i+n < len(line) && line[i+n] == '(' {
					if after = true; !yield(i) {
						return
					}
					i += n - 1
				}
			}
		}
	}
}

// isCode reports whether a byte can stand within a code.
func isCode(c byte) bool { return telegram.IsDigit(c) || c == '-' || c == ':' || c == '.' }

// cutLine puts line ends into telegrams on one line.
func cutLine(line []byte) []byte {
	text, _ := cutEnd(line)
	out := make([]byte, 0, len(text)+128)
	last := 0
	for at := range codes(text) {
		out = appendBetween(out, text[last:at])
		last = at
	}
	return appendBetween(out, text[last:])
}

// appendBetween appends what stands before a code: values, the end of a telegram, the header
// of the next one, each with its line end.
func appendBetween(out, text []byte) []byte {
	text = bytes.TrimRight(text, gaps)
	if at := headerIn(text); at >= 0 {
		out = appendEnd(out, text[:at])
		return append(append(out, text[at:]...), "\r\n\r\n"...)
	}
	return appendEnd(out, text)
}

// appendEnd appends values and the end of a telegram behind them, if they are there.
func appendEnd(out, text []byte) []byte {
	end := bytes.LastIndexByte(text, '!')
	if end < 0 || bytes.IndexByte(text[end:], ')') >= 0 {
		end = len(text)
	}
	for _, part := range [][]byte{text[:end], text[end:]} {
		if part = bytes.TrimRight(part, gaps); len(part) > 0 {
			out = append(appendValues(out, part), "\r\n"...)
		}
	}
	return out
}

// gaps is what may stand between the lines of a telegram.
const gaps = " \t,;|_"

// appendValues appends the values of a code; those behind a gap had a line of their own.
//
//	0-1:24.3.0(230824010000)(00)(60)(1)(0-1:24.2.1)(m3) (00123.456)
func appendValues(out, values []byte) []byte {
	for {
		at := bytes.Index(values, []byte(") "))
		if at < 0 || !bytes.HasPrefix(bytes.TrimLeft(values[at+1:], gaps), []byte("(")) {
			return append(out, values...)
		}
		out = append(append(out, values[:at+1]...), "\r\n"...)
		values = bytes.TrimLeft(values[at+1:], gaps)
	}
}
