package meter

import (
	"bytes"
	"slices"
	"time"
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
	{"lf", true, toLF},
	{"printable", true, printable},
	{"raw", false, slices.Clone[[]byte]},
}

// Loggers lists the ways to log:
//
//	all        every byte, behind PuTTY's header line
//	lf         the same after an editor turned CR LF into LF
//	printable  only 0x20 to 0x7E, CR and LF, behind PuTTY's header line
//	raw        every byte and nothing else
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

func toLF(in []byte) []byte {
	return bytes.ReplaceAll(in, []byte("\r\n"), []byte("\n"))
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
