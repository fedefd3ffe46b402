package sim

import (
	"bytes"
	"slices"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// A logger is what a terminal program writes into its file of the bytes that
// arrive.
type logger struct {
	name   string
	header bool // the file begins with a line that says so
	keep   func([]byte) []byte
}

// loggers is sorted by name.
var loggers = []logger{
	{"all", true, slices.Clone[[]byte]},
	{"ascii", true, highAs("?")},
	{"cr", true, replace("\r\n", "\r")},
	{"crcrlf", true, replace("\n", "\r\n")},
	{"lf", true, replace("\r\n", "\n")},
	{"nohigh", true, highAs("")},
	{"nonul", true, replace("\x00", "")},
	{"printable", true, printable},
	{"raw", false, slices.Clone[[]byte]},
	{"replacement", true, highAs(string(utf8.RuneError))},
	{"sevenbit", true, sevenBit},
	{"utf8", true, decodedAs(charmap.ISO8859_1)},
	{"utf8-1250", true, decodedAs(charmap.Windows1250)},
	{"utf8-1252", true, decodedAs(charmap.Windows1252)},
	{"utf8-437", true, decodedAs(charmap.CodePage437)},
	{"utf8-850", true, decodedAs(charmap.CodePage850)},
	{"utf8-852", true, decodedAs(charmap.CodePage852)},
}

// Loggers lists the ways to log; each but raw begins with PuTTY's header line:
//
//	all          every byte
//	ascii        a byte above 0x7F becomes '?'
//	cr           CR LF becomes CR
//	crcrlf       LF becomes CR LF once more: a file opened as text on Windows
//	lf           CR LF becomes LF, as in some editors
//	nohigh       a byte above 0x7F is left out
//	nonul        NUL is left out
//	printable    only 0x20 to 0x7E, CR and LF
//	raw          every byte
//	replacement  a byte above 0x7F becomes U+FFFD in UTF-8
//	sevenbit     the highest bit of each byte is lost
//	utf8         a byte becomes the Latin-1 character's UTF-8, 0xFF 0xC3 0xBF
//	utf8-437     the same with the code page 437 (850, 852, 1250, 1252)
func Loggers() []string {
	var names []string
	for _, l := range loggers {
		names = append(names, l.name)
	}
	return names
}

func findLogger(name string) (logger, error) {
	i := slices.IndexFunc(loggers, func(l logger) bool { return l.name == name })
	if i < 0 {
		return logger{}, unknown("logger", name, Loggers())
	}
	return loggers[i], nil
}

// opening is what the file holds before the first byte arrives.
func (l logger) opening(t time.Time) []byte {
	if !l.header {
		return nil
	}
	line := "=~=~=~=~=~=~=~=~=~=~=~= PuTTY log " + t.Format("2006.01.02 15:04:05") + " =~=~=~=~=~=~=~=~=~=~=~=\r\n"
	return l.keep([]byte(line))
}

func replace(old, by string) func([]byte) []byte {
	return func(in []byte) []byte { return bytes.ReplaceAll(in, []byte(old), []byte(by)) }
}

// highAs writes a text in place of each byte above 0x7F.
func highAs(text string) func([]byte) []byte {
	return func(in []byte) []byte {
		out := make([]byte, 0, len(in))
		for _, b := range in {
			if b < utf8.RuneSelf {
				out = append(out, b)
			} else {
				out = append(out, text...)
			}
		}
		return out
	}
}

// decodedAs takes the bytes for characters of a code page, and writes UTF-8.
func decodedAs(page *charmap.Charmap) func([]byte) []byte {
	return func(in []byte) []byte {
		out := make([]byte, 0, len(in))
		for _, b := range in {
			out = utf8.AppendRune(out, page.DecodeByte(b))
		}
		return out
	}
}

func sevenBit(in []byte) []byte {
	out := slices.Clone(in)
	for i := range out {
		out[i] &= 0x7F
	}
	return out
}

func printable(in []byte) []byte {
	out := make([]byte, 0, len(in))
	for _, b := range in {
		if b >= 0x20 && b <= 0x7E || b == '\r' || b == '\n' {
			out = append(out, b)
		}
	}
	return out
}
