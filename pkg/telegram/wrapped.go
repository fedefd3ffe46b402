package telegram

import (
	"bytes"
	"slices"
)

// maxWrapped is how many bytes a value may have that goes on in the next line:
// the 1,024 of a message, in hex, and line ends among them.
const maxWrapped = 3 * 1024

// addOther appends a line that is no `code(value)…`: its last parenthesis is closed
// in a line below, it is such a line below, or it is none of the telegram's own,
// and then it has neither code nor values.
func (t *Telegram) addOther(at Span, code int, values []Value) []Value {
	l := Line{Span: at}
	from := len(values)
	goesOnAbove := code == 0 && t.open > 0 && l.Start < l.End && t.Raw[l.Start] == '('
	switch {
	case l.Start < t.until:
		l.Values = valuesIn(t.above().Values, l.Span)
		l.inside = true
		t.open++
	case code > 0 || goesOnAbove:
		owner := Span{l.Start, l.Start + code}
		if goesOnAbove {
			owner = t.above().Code
		}
		message := bytes.Contains(owner.Of(t.Raw), []byte(messageGroups))
		values, t.until = appendWrapped(values, t.Raw, Span{l.Start + code, l.End}, message)
		if t.until == 0 {
			t.open = 0
			break
		}
		l.Values = values[from:len(values):len(values)]
		if goesOnAbove {
			t.above().Values = append(t.above().Values, l.Values...)
			t.open++
			for l.Values[len(l.Values)-1].Text.Start > l.End {
				l.Values = l.Values[:len(l.Values)-1] // of a line below
			}
		} else {
			l.Code = owner
			t.note(l.Code.Of(t.Raw))
			t.open = 1
		}
	default:
		t.open = 0
	}
	t.Lines = append(t.Lines, l)
	return values
}

// above is the line with a code that values without one go on with.
func (t *Telegram) above() *Line { return &t.Lines[len(t.Lines)-t.open] }

// appendWrapped reads the values in the rest of a line, of which one goes on in the
// next line, and returns where the line ends in which the last one is closed; 0,
// and no value, where they are not of that form.
func appendWrapped(values []Value, raw []byte, rest Span, message bool) ([]Value, int) {
	from := len(values)
	at, end := rest.Start, rest.End
	for at < end {
		if raw[at] == ' ' || raw[at] == '\t' {
			at++
			continue
		}
		length := bytes.IndexByte(raw[at:min(len(raw), at+maxWrapped)], ')')
		if raw[at] != '(' || length < 0 {
			return values[:from], 0
		}
		if at+length > end {
			if !goesOn(raw[at+1:at+length], message) {
				return values[:from], 0
			}
			end = lineEnd(raw, at+length)
		}
		// The piece up to this ')' is one value, whatever lines it goes over.
		values, _ = appendValues(values, raw, at, at+length+1)
		at += length + 1
	}
	return values, end
}

// appendNested reads values of which at least one has parentheses in its text. A
// value ends where as many are shut as were opened and another value, or the line's
// end, follows; where they do not match, at the first ')' that one of these follows.
//
//	((ER11))       (ER11)
//	(ER13))        ER13)
//	(a (b) c)(1)   a (b) c, and 1
//
// What may be two lines run together, or damage, is no text with parentheses.
func appendNested(values []Value, raw []byte, rest Span) ([]Value, bool) {
	if text := rest.Of(raw); !printable(text) || HasLine(text) {
		return values, false
	}
	for _, matched := range [...]bool{true, false} {
		list := values
		at := rest.Start
		for at < rest.End {
			if raw[at] == ' ' || raw[at] == '\t' {
				at++
				continue
			}
			end := nestedEnd(raw, Span{at, rest.End}, matched)
			if end < 0 {
				break
			}
			list = append(list, valueIn(raw, Span{at + 1, end}))
			at = end + 1
		}
		if at >= rest.End {
			return list, true
		}
	}
	return values, false
}

// nestedEnd returns where the ')' stands that ends the value with which a span begins,
// -1 where there is none.
func nestedEnd(raw []byte, s Span, matched bool) int {
	if raw[s.Start] != '(' {
		return -1
	}
	depth := 0
	for i := s.Start; i < s.End; i++ {
		switch raw[i] {
		case '(':
			depth++
		case ')':
			depth--
			next := bytes.TrimLeft(raw[i+1:s.End], " \t")
			if (len(next) == 0 || next[0] == '(') && (depth == 0 || !matched) {
				return i
			}
		}
	}
	return -1
}

// cut reports whether a value begins in the line and ends in one below.
func (l *Line) cut() bool {
	for _, v := range l.Values {
		if v.Text.Start <= l.End && v.Unit.End >= l.End {
			return true
		}
	}
	return false
}

// messageGroups stand in the code of a message, which may hold any byte.
const messageGroups = ":96.13."

// goesOn reports whether text may be one value, though it goes over lines: it
// holds no other parenthesis, and none of its lines is one of the telegram's own.
// But in a message, nothing may look like damage: no colon of a code, nothing
// unprintable.
func goesOn(text []byte, message bool) bool {
	if bytes.IndexByte(text, '(') >= 0 {
		return false
	}
	for first := true; ; first = false {
		line, rest, more := bytes.Cut(text, []byte{'\n'})
		if !first && len(line) > 0 && (line[0] == '/' || line[0] == '!') {
			return false
		}
		if more {
			line = bytes.TrimSuffix(line, []byte{'\r'})
		}
		if !message && (!printable(line) || bytes.IndexByte(line, ':') >= 0) {
			return false
		}
		if !more {
			return true
		}
		text = rest
	}
}

// lineEnd is where the line ends that holds the byte at offset at.
func lineEnd(raw []byte, at int) int {
	end := len(raw)
	if n := bytes.IndexByte(raw[at:], '\n'); n >= 0 {
		end = at + n
	}
	if end > at && raw[end-1] == '\r' {
		end--
	}
	return end
}

// valuesIn are the values that stand in the span from their first parenthesis to
// their last, nil where there are none.
func valuesIn(values []Value, line Span) []Value {
	for len(values) > 0 && values[0].Text.Start <= line.Start {
		values = values[1:]
	}
	n := 0
	for n < len(values) && values[n].Unit.End < line.End {
		n++
	}
	if n == 0 {
		return nil
	}
	return slices.Clone(values[:n])
}
