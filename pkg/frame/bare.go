package frame

import (
	"bytes"
	"slices"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// endsBare reports whether a telegram ends in a lone '!'. Of the blanks that may stand after
// it, four may be the damaged digits of a CRC.
func endsBare(t *record.Telegram) bool {
	text, _ := bytes.CutSuffix(t.Raw, []byte("\r\n"))
	text, many := bytes.CutSuffix(text, []byte("    "))
	return t.CRCSent == "" && !many && bytes.HasSuffix(bytes.TrimRight(text, " "), []byte("\n!"))
}

// wholeWithoutCRC reports whether a telegram ends in a lone '!' and keeps the grammar,
// whatever its header is, and whether an empty line stands below that: some meters do not
// keep the standard there, and some loggers leave empty lines out. Hex digits of one value
// may go over several lines.
//
//	/KMP MB6412␍␊                   no digit after three letters, and no empty line
//	0-0:96.13.0(303132333435␍␊
//	3637)␍␊
//	!␍␊
func wholeWithoutCRC(t *record.Telegram) bool {
	if !endsBare(t) || t.Raw[0] != '/' {
		return false
	}
	header := untilEOL(t.Raw[1:])
	rest, _ := bytes.CutPrefix(t.Raw[1+len(header):], []byte("\r\n"))
	rest = withoutTrailing(rest[:bytes.LastIndexByte(rest, '!')+1])
	rest, _ = bytes.CutPrefix(rest, []byte("\r\n"))
	rest = joinHex(rest)
	return !lostParenthesis(rest) && telegram.Check(slices.Concat([]byte("/XXX5"), header, []byte("\r\n\r\n"), rest)) == nil
}

// withoutTrailing takes the blanks off that stand after a line's last value, and those of a
// line that is nothing else.
func withoutTrailing(text []byte) []byte {
	var out []byte
	for line := range bytes.Lines(text) {
		body := untilEOL(line)
		if trimmed := bytes.TrimRight(body, " \t"); len(trimmed) == 0 || trimmed[len(trimmed)-1] == ')' {
			line = append(trimmed[:len(trimmed):len(trimmed)], line[len(body):]...)
		}
		out = append(out, line...)
	}
	return out
}

// lostParenthesis reports whether a value begins in another one, of which the end is lost:
// (00(60). Some texts have parentheses of their own, ((ER11)) and (a (b) c), and a message
// may hold anything.
func lostParenthesis(text []byte) bool {
	for line := range bytes.Lines(text) {
		if bytes.Contains(line, []byte(":96.13.")) {
			continue
		}
		open, last := 0, byte(0)
		for _, c := range line {
			switch {
			case c == '(' && last == ')' && open > 0:
				return true
			case c == '(' && last != '(':
				open++
			case c == ')' && open > 0:
				open--
			}
			last = c
		}
		if open > 0 {
			return true
		}
	}
	return false
}

// joinHex takes the line ends out of values that are nothing but hex digits.
func joinHex(text []byte) []byte {
	var out []byte
	for {
		n := bytes.IndexByte(text, '(')
		end := bytes.IndexByte(text[n+1:], ')')
		if n < 0 || end < 0 {
			return append(out, text...)
		}
		value := bytes.ReplaceAll(text[n+1:n+1+end], []byte("\r\n"), nil)
		if slices.ContainsFunc(value, func(c byte) bool { return !telegram.IsHex(c) }) {
			value = text[n+1 : n+1+end]
		}
		out = append(append(out, text[:n+1]...), value...)
		text = text[n+1+end:]
	}
}

// keepsStandard reports whether a telegram begins with a header as the standard has it.
func keepsStandard(raw []byte) bool {
	return len(raw) > 0 && raw[0] == '/' && telegram.IsHeader(untilEOL(raw[1:]))
}
