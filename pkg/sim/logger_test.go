package sim

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// What stands in the log of bytes of each kind, written down by hand.
func TestWhatLoggersWrite(t *testing.T) {
	const sent = "1\x00~\x7F\x80\xE9\xFF(\r\n\n\r"
	want := map[string]string{
		"all":         sent,
		"ascii":       "1\x00~\x7F???(\r\n\n\r",
		"cr":          "1\x00~\x7F\x80\xE9\xFF(\r\n\r",
		"crcrlf":      "1\x00~\x7F\x80\xE9\xFF(\r\r\n\r\n\r",
		"lf":          "1\x00~\x7F\x80\xE9\xFF(\n\n\r",
		"nohigh":      "1\x00~\x7F(\r\n\n\r",
		"nonul":       "1~\x7F\x80\xE9\xFF(\r\n\n\r",
		"printable":   "1~(\r\n\n\r",
		"raw":         sent,
		"replacement": "1\x00~\x7F\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD(\r\n\n\r",
		"sevenbit":    "1\x00~\x7F\x00\x69\x7F(\r\n\n\r",
		"utf8":        "1\x00~\x7F\u0080éÿ(\r\n\n\r",
		"utf8-1250":   "1\x00~\x7F€é˙(\r\n\n\r",
		"utf8-1252":   "1\x00~\x7F€éÿ(\r\n\n\r",
		"utf8-437":    "1\x00~\x7FÇΘ\u00A0(\r\n\n\r",
		"utf8-850":    "1\x00~\x7FÇÚ\u00A0(\r\n\n\r",
		"utf8-852":    "1\x00~\x7FÇÚ\u00A0(\r\n\n\r",
	}
	for _, l := range loggers {
		if got := string(l.keep([]byte(sent))); got != want[l.name] {
			t.Errorf("%s: %q, want %q", l.name, got, want[l.name])
		}
	}
	if len(want) != len(loggers) {
		t.Errorf("%d loggers are written down, and there are %d", len(want), len(loggers))
	}
}

// A logger treats each byte by itself, whatever it was given before.
func TestLoggersKeepNothing(t *testing.T) {
	var all []byte
	for b := range 256 {
		all = append(all, byte(b))
	}
	for _, l := range loggers {
		before := slices.Clone(all)
		whole := l.keep(all)
		if !bytes.Equal(all, before) {
			t.Errorf("%s changes what it is given", l.name)
		}
		if got := append(l.keep(all[:100]), l.keep(all[100:])...); !bytes.Equal(got, whole) {
			t.Errorf("%s: in two pieces %q, want %q", l.name, got, whole)
		}
		if strings.HasPrefix(l.name, "utf8") && !utf8.Valid(whole) {
			t.Errorf("%s writes no UTF-8", l.name)
		}
	}
}
