package channel

import (
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// coding is what a program does to bytes that it takes for text: it decodes them
// by a code page and writes the characters in another way. 0xFF by
//
//	Latin-1, as UTF-8          ÿ   C3 BF       utf8
//	code page 437, as UTF-8        C2 A0       utf8-437 (a blank that does not break)
//	code page 1250, as UTF-8   ˙   CB 99       utf8-1250
//	code page 437, as UTF-16       A0          utf16-437
//	code page 1250, as UTF-16  ˙   CB 99       utf16-1250
//
// UTF-16 has been decoded when a log is opened, where a character up to U+00FF
// becomes one byte and any other one its UTF-8.
type coding struct {
	name string
	page *charmap.Charmap
	wide bool // UTF-16
}

// codings are those of programs that people log with: editors, scripts, and the
// shells of Windows, whose code page depends on the country. Where the bytes of a
// log cannot tell two of them apart, the first one is taken.
var codings = []coding{
	{"utf8", charmap.ISO8859_1, false},
	{"utf8-437", charmap.CodePage437, false},
	{"utf8-850", charmap.CodePage850, false},
	{"utf8-852", charmap.CodePage852, false},
	{"utf8-1252", charmap.Windows1252, false},
	{"utf8-1250", charmap.Windows1250, false},
	{"utf16-437", charmap.CodePage437, true},
	{"utf16-850", charmap.CodePage850, true},
	{"utf16-852", charmap.CodePage852, true},
	{"utf16-1252", charmap.Windows1252, true},
	{"utf16-1250", charmap.Windows1250, true},
}

// read returns the byte above 0x7F that the character at the beginning of text was
// made of, and how long that is; false where no byte makes it.
func (c *coding) read(text []byte) (b byte, n int, ok bool) {
	r, n := utf8.DecodeRune(text)
	if n > 1 && (!c.wide || r > 0xFF) {
		if b, ok := c.page.EncodeRune(r); ok {
			return b, n, true
		}
	}
	if c.wide {
		b, ok := c.page.EncodeRune(rune(text[0]))
		return b, 1, ok
	}
	return text[0], 1, false
}

// undo writes the bytes that the text was made of, and returns how many bytes of
// it no byte makes; these stay as they are.
func (c *coding) undo(w *rewriter) (foreign int) {
	for len(w.rest) > 0 {
		if n := ascii(w.rest); n > 0 {
			w.keep(n)
			continue
		}
		b, n, ok := c.read(w.rest)
		switch {
		case !ok:
			foreign++
			w.keep(1)
		case n == 1 && b == w.rest[0]:
			w.keep(1)
		default:
			w.change(n, b)
		}
	}
	return foreign
}

// ascii returns how many bytes of ASCII text begins with.
func ascii(text []byte) int {
	for i, b := range text {
		if b >= utf8.RuneSelf {
			return i
		}
	}
	return len(text)
}
