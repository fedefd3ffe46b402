package unwrap

import (
	"bytes"
	"regexp"
	"slices"
	"unicode/utf8"

	"p1/pkg/telegram"
)

// Written-out escapes, as programs write bytes for people: with quotes, as Python's repr and
// ESPHome's log do, or without.
//
//	b'1-0:1.8.0(008234.524*kWh)\r\n'␊
//	"1-0:1.8.0(008234.524*kWh)\r\n1-0:2."␊       the next one goes on
//	"1-0:1.8.0(008234.524*kWh)\r\n" +␊          the test of a parser
//	1-0:1.8.0(008234.524*kWh)\r\n␊
//	b'0-0:96.13.0(\xff\xff\xff)'␊                without line ends: those of the file
//	1-0:1.8.0(008234.524*kWh)\015$␊              octal, as sed -n l writes it
//
// A backslash alone proves nothing: /ISK5\2M550T-1012 and /FLU5\253769484_A are headers. So
// lines must end in an escape of CR or LF, or be quoted.
func escapeForm() form {
	return form{
		name: "escapes", live: true,
		says: "bytes are written out as escapes such as \\r\\n: read back",
		look: lookEscape,
	}
}

var (
	writtenEnd = regexp.MustCompile(`(?:\\r|\\n|\\x0[aAdD]|\\u000[aAdD])['"]? ?[,;)\]+]?$`)
	wholeEnd   = regexp.MustCompile(`\\r\\n['"]?$`)
	octalEnd   = regexp.MustCompile(`\\01[25]['"$]?$`)
	quoted     = regexp.MustCompile(`^[bBuUrR]{0,2}('.*'|".*")[,;)\]]?$`)
)

func lookEscape(s *sample) maker {
	octal := s.share(octalEnd.Match)
	ends := s.share(writtenEnd.Match) || s.wholeEscaped()
	quotes := s.share(quoted.Match)
	if s.live { // one line proves it by both
		octal, ends = false, s.share(wholeEnd.Match)
	}
	if !octal && !ends && !quotes {
		return nil
	}
	l := escapeLayer{octal: octal}
	for _, line := range s.lines {
		text := l.unescape(unquote(line))
		l.ends = l.ends || bytes.IndexByte(text, '\n') >= 0
		l.crs = l.crs || bytes.HasSuffix(text, []byte("\r"))
	}
	var text []byte
	for _, line := range s.lines {
		if text = append(text, l.unescape(unquote(line))...); !l.ends {
			text = append(text, '\n')
		}
	}
	if !s.makesSense(newSample(text, true).lines) && (s.alone || !isBinary(text)) {
		return nil
	}
	return func() layer {
		fresh := l
		fresh.each = fresh.line
		fresh.cuts = cutEscapes
		return &fresh
	}
}

// wholeEscaped reports whether lines hold several escaped line ends each.
func (s *sample) wholeEscaped() bool {
	n := 0
	for _, line := range s.first() {
		if bytes.Count(line, []byte(`)\r\n`)) >= fewLines {
			n++
		}
	}
	return n > 0 && 10*n >= 9*len(s.first())
}

// escapeLayer reads escapes back.
type escapeLayer struct {
	lined
	octal bool // \015
	ends  bool // the meter's line ends are among what is escaped
	crs   bool // its CRs alone are
}

// cutEscapes returns where a line in escapes is best cut: behind a line end of the meter's,
// else before the last backslash, of which an escape has at most 5 characters behind it.
func cutEscapes(line []byte) int {
	if at := bytes.LastIndex(line, []byte(`)\r\n`)); at > 0 {
		return at + len(`)\r\n`)
	}
	at := len(line)
	if last := bytes.LastIndexByte(line, '\\'); last >= 0 && len(line)-last <= 5 {
		for at = last; at > 0 && line[at-1] == '\\'; {
			at--
		}
	}
	return at
}

func (l *escapeLayer) line(p stamped, out sink) {
	text, end := cutEnd(p.data)
	if len(text) == 0 {
		if !l.ends {
			out(p)
		}
		return
	}
	inner := unquote(text)
	if l.octal {
		inner = bytes.TrimSuffix(inner, []byte("$"))
	}
	if len(inner) == len(text) && bytes.IndexByte(text, '\\') < 0 {
		l.pass(p, out)
		return
	}
	p.data = l.unescape(inner)
	if !l.ends {
		if l.crs {
			end = newline
		}
		p.data = append(p.data, end...)
	}
	out(p)
}

// kept says what is lost.
func (l *escapeLayer) kept(*zoning) string {
	if l.ends {
		return ""
	}
	return "; " + ownEnds
}

// ownEnds is what is said of forms without the meter's line ends.
const ownEnds = "the line ends are the file's, those of the meter are not in it"

// unquote returns what stands between the quotes of a line, or the line where there are
// none.
//
//	b'…'    '…'    "…",
func unquote(line []byte) []byte {
	text := bytes.TrimRight(line, ",;)]+ \t")
	n := 0
	for n < len(text) && n < 2 && slices.Contains([]byte("bBuUrR"), text[n]) {
		n++
	}
	if n+2 > len(text) {
		return line
	}
	q := text[n]
	if (q != '\'' && q != '"') || text[len(text)-1] != q {
		return line
	}
	return text[n+1 : len(text)-1]
}

// short are the escapes of one letter.
var short = map[byte]byte{
	'r': '\r', 'n': '\n', 't': '\t', 'a': 7, 'b': 8, 'v': 11, 'f': 12, 'e': 27, '0': 0,
	'\\': '\\', '\'': '\'', '"': '"', '/': '/',
}

// unescape returns the bytes that a text with escapes stands for. What is none stays.
func (l *escapeLayer) unescape(text []byte) []byte {
	out := make([]byte, 0, len(text)+2)
	for {
		n := bytes.IndexByte(text, '\\')
		if n < 0 || n+1 == len(text) {
			return append(out, text...)
		}
		out, text = append(out, text[:n]...), text[n:]
		c := text[1]
		b, known := short[c]
		switch {
		case c == 'x' && len(text) >= 4 && hexValue(text[2:4]) >= 0:
			out, text = append(out, byte(hexValue(text[2:4]))), text[4:]
		case c == 'u' && len(text) >= 6 && hexValue(text[2:6]) >= 0:
			out, text = appendChar(out, rune(hexValue(text[2:6]))), text[6:]
		case l.octal && len(text) >= 4 && octalValue(text[1:4]) >= 0:
			out, text = append(out, byte(octalValue(text[1:4]))), text[4:]
		case known && !(c == '0' && len(text) > 2 && telegram.IsDigit(text[2])):
			out, text = append(out, b), text[2:]
		default:
			out, text = append(out, '\\'), text[1:]
		}
	}
}

// appendChar appends a character: one byte of the meter up to U+00FF, else its UTF-8.
func appendChar(b []byte, r rune) []byte {
	if r <= 0xFF {
		return append(b, byte(r))
	}
	return utf8.AppendRune(b, r)
}

// hexValue returns the number that hex digits stand for, or -1.
func hexValue(digits []byte) int {
	v := 0
	for _, c := range digits {
		switch {
		case c-'0' < 10:
			v = v<<4 | int(c-'0')
		case c|0x20-'a' < 6:
			v = v<<4 | int(c|0x20-'a'+10)
		default:
			return -1
		}
	}
	return v
}

// octalValue returns the byte that three octal digits stand for, or -1.
func octalValue(digits []byte) int {
	v := 0
	for _, c := range digits {
		if c-'0' >= 8 {
			return -1
		}
		v = v<<3 | int(c-'0')
	}
	if v > 0xFF {
		return -1
	}
	return v
}
