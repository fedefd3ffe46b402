package wrapped

import (
	"bytes"
	"fmt"
)

// terminals are the forms that a terminal's settings, or cat, make of a log (termios(3),
// cat(1)).
//
//	CR to LF            icrnl, which a port has until told otherwise: CR LF is LF LF
//	LF to CR            inlcr: CR LF is CR CR
//	CR NUL LF           a telnet server that takes CR for the end of a line (RFC 854)
//	CR CR LF            onlcr, or a file opened as text on Windows: each LF is CR LF
//	both doubled        icrnl, then onlcr, as script(1) records cat: CR LF CR LF
//	cat -v              1-0:1.8.1(008234.524*kWh)^M
//	cat -A              1-0:1.8.1(008234.524*kWh)^M$
func terminals() []Form {
	return []Form{
		{Name: "CR to LF", Wrap: perPiece(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\r"), []byte("\n")) }), Left: paired('\n', '\n')},
		{Name: "LF to CR", Wrap: perPiece(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r")) }), Left: paired('\r', '\r')},
		{Name: "CR NUL LF", Wrap: perPiece(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\r"), []byte("\r\x00")) })},
		{Name: "CR CR LF", Wrap: perPiece(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) })},
		{Name: "both doubled", Wrap: perPiece(bothDoubled), Left: paired('\n', '\n')},
		{Name: "script", Unasked: true, Wrap: script, Left: paired('\n', '\n')},
		{Name: "cat -v", Armour: true, Wrap: perPiece(func(b []byte) []byte { return caret(b, false) }), Left: one(func(b []byte) []byte { return uncaret(caret(b, false)) })},
		{Name: "cat -A", Armour: true, Wrap: perPiece(func(b []byte) []byte { return caret(b, true) }), Left: one(func(b []byte) []byte {
			return uncaret(bytes.ReplaceAll(caret(b, true), []byte("$\n"), []byte("\n")))
		})},
	}
}

// script is a typescript of cat, with the lines that script(1) puts before and after it.
func script(c Capture) Capture {
	return around("Script started on 2026-03-01 00:00:00+01:00 [TERM=\"xterm\" TTY=\"/dev/pts/0\" COLUMNS=\"80\" LINES=\"24\"]\n",
		"\nScript done on 2026-03-01 00:10:00+01:00 [COMMAND_EXIT_CODE=\"0\"]\n", bothDoubled)(c)
}

func bothDoubled(b []byte) []byte {
	b = bytes.ReplaceAll(b, []byte("\r"), []byte("\n"))
	return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))
}

// paired reads a log in which CR and LF have both become one and the same byte: two of
// them are CR LF, and one that is left over stands for itself, the last of its run or the
// first.
func paired(same, alone byte) func(Capture) [][]byte {
	return func(c Capture) [][]byte {
		var log []byte
		for _, b := range c.Bytes() {
			if b == '\r' || b == '\n' {
				b = same
			}
			log = append(log, b)
		}
		var last, first []byte
		for i := 0; i < len(log); {
			run := 0
			for i+run < len(log) && log[i+run] == same {
				run++
			}
			if run == 0 {
				last, first = append(last, log[i]), append(first, log[i])
				i++
				continue
			}
			pairs := bytes.Repeat([]byte("\r\n"), run/2)
			if run%2 == 1 {
				last = append(append(last, pairs...), alone)
				first = append(append(first, alone), pairs...)
			} else {
				last, first = append(last, pairs...), append(first, pairs...)
			}
			i += run
		}
		return [][]byte{last, first}
	}
}

// caret writes what cannot be printed as cat -v does: ^ and a letter for control
// characters but TAB and LF, M- before what is above 0x7F. With all, as cat -A, TAB too,
// and $ before LF.
func caret(b []byte, all bool) []byte {
	var out []byte
	for _, c := range b {
		switch {
		case c == '\n' && all:
			out = append(out, '$', '\n')
		case c == '\n' || c == '\t' && !all:
			out = append(out, c)
		default:
			if c >= 0x80 {
				out = append(out, "M-"...)
				c -= 0x80
			}
			switch {
			case c < 0x20:
				out = append(out, '^', c+'@')
			case c == 0x7F:
				out = append(out, "^?"...)
			default:
				out = append(out, c)
			}
		}
	}
	return out
}

// uncaret reads that, from the left: ^M in the text itself is taken for CR.
func uncaret(b []byte) []byte {
	var out []byte
	for i := 0; i < len(b); {
		c, n := single(b[i:])
		if bytes.HasPrefix(b[i:], []byte("M-")) && i+2 < len(b) && b[i+2] >= 0x20 {
			c, n = single(b[i+2:])
			c, n = c+0x80, n+2
		}
		out = append(out, c)
		i += n
	}
	return out
}

// single reads one character without M-.
func single(b []byte) (c byte, length int) {
	if len(b) > 1 && b[0] == '^' {
		if b[1] == '?' {
			return 0x7F, 2
		}
		if b[1] >= '@' && b[1] <= '_' {
			return b[1] - '@', 2
		}
	}
	return b[0], 1
}

// escaped are the forms in which bytes are written as escape sequences.
//
//	1-0:1.8.1(008234.524*kWh)\r\n                 written out, as in many a debug output
//	b'1-0:1.8.1(008234.524*kWh)\r\n'              Python's print(port.readline())
//	b''                                           the same, when nothing came for a while
//	b'/ISK5\\2M550T-1012\r\n\r\n1-3:0.2.8(50)…'   Python's print(telegram)
func escaped() []Form {
	return []Form{
		{Name: "escapes", Armour: true, Wrap: perLine(func(l Piece) []byte { return append(pythonEscapes(l.Data, 0), '\n') })},
		{Name: "Python repr", Armour: true, Wrap: perLine(repr)},
		{Name: "Python repr, timeouts", Armour: true, Wrap: func(c Capture) Capture {
			var out Capture
			for _, p := range c {
				out = append(out, perLine(repr)(Capture{p})...)
				out = append(out, Piece{p.At, []byte("b''\n")})
			}
			return out
		}},
		{Name: "Python repr, telegrams", Armour: true, Wrap: func(c Capture) Capture {
			var out Capture
			for _, p := range c {
				out = append(out, Piece{p.At, repr(p)})
			}
			return out
		}},
	}
}

// repr is what Python prints of bytes: in double quotes where they hold single quotes and
// no double ones (PyBytes_Repr).
func repr(p Piece) []byte {
	quote := byte('\'')
	if bytes.IndexByte(p.Data, '\'') >= 0 && bytes.IndexByte(p.Data, '"') < 0 {
		quote = '"'
	}
	out := append([]byte{'b', quote}, pythonEscapes(p.Data, quote)...)
	return append(out, quote, '\n')
}

// pythonEscapes writes bytes as in a literal of Python.
func pythonEscapes(b []byte, quote byte) []byte {
	var out []byte
	for _, c := range b {
		switch {
		case c == '\\' || quote != 0 && c == quote:
			out = append(out, '\\', c)
		case c == '\t':
			out = append(out, `\t`...)
		case c == '\n':
			out = append(out, `\n`...)
		case c == '\r':
			out = append(out, `\r`...)
		case c < ' ' || c >= 0x7F:
			out = fmt.Appendf(out, `\x%02x`, c)
		default:
			out = append(out, c)
		}
	}
	return out
}
