// Package display takes text that somebody else wrote, such as a file's name or what a
// meter sends, and gives it as a person is to see it: on a terminal or a page, in a cell
// of a spreadsheet, in the answer to a name that is not known.
package display

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text makes visible what a terminal or a browser would obey or hide: control
// characters, those that change the direction of writing, those without width, and bytes
// that are no UTF-8.
//
//	␛]0;mine␇  →  \x1b]0;mine\x07
func Text(text string) string {
	if !hides(text) {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		if r != utf8.RuneError {
			writeRune(&b, r)
		} else if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
			fmt.Fprintf(&b, `\x%02x`, text[i])
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// hides reports whether there is anything in a text that is not seen.
func hides(text string) bool {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < ' ' || c > '~' {
			return !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsGraphic(r) })
		}
	}
	return false
}

func writeRune(b *strings.Builder, r rune) {
	switch {
	case unicode.IsGraphic(r):
		b.WriteRune(r)
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\r':
		b.WriteString(`\r`)
	case r == '\t':
		b.WriteString(`\t`)
	case r < utf8.RuneSelf:
		fmt.Fprintf(b, `\x%02x`, r)
	case r <= 0xFFFF:
		fmt.Fprintf(b, `\u%04x`, r)
	default:
		fmt.Fprintf(b, `\U%08x`, r)
	}
}

// Short is Text of at most that many characters. What is longer ends in …
func Short(text string, most int) string {
	// A character has four bytes at most: what comes after cannot be shown.
	short := []rune(Text(text[:min(len(text), 4*(most+1))]))
	if len(short) > most {
		return string(short[:most-1]) + "…"
	}
	return string(short)
}

// Line is Text of at most that many characters, as one line of a message. What is longer
// loses its middle: the beginning of a message says where something is wrong, and its end
// what.
func Line(text string, most int) string {
	if n := len(text); n > 8*most {
		text = text[:4*most] + text[n-4*most:]
	}
	line := []rune(Text(text))
	over := len(line) - most
	if over <= 0 {
		return string(line)
	}
	from := most * 2 / 3
	return string(line[:from]) + "…" + string(line[from+over+1:])
}

// Lines is Line of each line of a text, which are such as fit on a terminal.
func Lines(text string) string {
	const most = 600
	return eachLine(text, func(line string) string { return Line(line, most) })
}

// Page is Text of each line of a text whose lines may be of any length.
func Page(text string) string { return eachLine(text, Text) }

func eachLine(text string, show func(string) string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = show(line)
	}
	return strings.Join(lines, "\n")
}
