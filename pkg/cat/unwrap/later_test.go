package unwrap

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// A form that begins behind lines which have none, of the meter or of a program, is taken off
// from there on: near the beginning, in the first bytes that are looked at, and far behind.
func TestLaterForms(t *testing.T) {
	const telegrams = 40
	long := strings.Repeat(plain, telegrams)
	bare := "1-0:1.8.0(008234.524*kWh)\r\n1-0:1.8.1(008234.524*kWh)\r\n1-0:1.8.2(008234.524*kWh)\r\n!5B60\r\n"
	banner := "Welcome to minicom 2.8\r\n\r\nOPTIONS: I18n \r\nPort /dev/ttyUSB0, 14:00:00\r\n\r\nPress CTRL-A Z for help on special keys\r\n\r\n"
	forms := map[string]struct{ text, forms string }{
		"stamps":      {before(long, "[2026-11-29 14:00:00.120] "), "time stamp"},
		"labels":      {before(long, "DEBUG:p1: "), "label"},
		"quotes":      {before(long, "> "), "quote marks"},
		"hex":         {every(long, 16, func(_ int, part string) string { return spaced(part, " ") + "\n" }), "hex"},
		"repr":        {ofLines(long, func(_ int, l string) string { return "b'" + escaped(l) + "'\n" }), "escapes"},
		"cat -v":      {strings.NewReplacer("\r", "^M", "\xff", "M-^?", "\x80", "M-^@").Replace(long), "caret notation"},
		"CR to LF":    {strings.ReplaceAll(long, "\r", "\n"), "line ends"},
		"blank lines": {strings.ReplaceAll(long, "\r\n", "\r\n\r\n"), "line ends"},
		"stamped hex": {before(every(long, 16, func(_ int, part string) string { return spaced(part, " ") + "\n" }), "14:00:00 "), "time stamp, hex"},
	}
	for name, f := range forms {
		for lead, text := range map[string]string{"lines of a telegram": bare, "a banner": banner, "10 telegrams": strings.Repeat(plain, 5), "500 telegrams": strings.Repeat(plain, 250)} {
			if name == "blank lines" && lead == "a banner" {
				continue // which has blank lines, too
			}
			for _, size := range []int{1 << 20, maxHead, 5000} {
				got, _, s := unwrapAll(Options{}, []byte(text+f.text), size)
				at, line := s.Begins()
				if want := text + long; string(got) != want || strings.Join(s.Unwrapped(), ", ") != f.forms {
					same := 0
					for same < min(len(got), len(want)) && got[same] == want[same] {
						same++
					}
					t.Errorf("%s behind %s, reads of %d: %q from byte %d on (%s); %d bytes, want %d, the first %d are right of which %d stand before it: %.80q", name, lead, size, s.Unwrapped(), at, line, len(got), len(want), same, len(text), got[max(same-20, 0):])
				}
			}
		}
	}
}

// Of a short log, too, and it is said where the form begins.
func TestLaterFormOfAShortLog(t *testing.T) {
	bare := "1-0:1.8.0(008234.524*kWh)\r\n1-0:1.8.1(008234.524*kWh)\r\n1-0:1.8.2(008234.524*kWh)\r\n!5B60\r\n"
	got, pieces, s := unwrapAll(Options{}, []byte(bare+before(first, "14:00:%02d ")), 1000)
	if at, line := s.Begins(); at != int64(len(bare)) || line != `14:00:00 /FLU5\253769484_A` || string(got) != bare+first || !pieces[0].AsIs {
		t.Errorf("from byte %d on, %q: %q", at, line, got)
	}
}

// Lines that P1 does not explain, and of which no form leaves telegrams, stay as they are
// wherever they stand.
func TestNothingBeginsLater(t *testing.T) {
	long := strings.Repeat(plain, 100)
	for name, odd := range map[string]string{
		"a message in hex": strings.Repeat(strings.Repeat("4D", 32)+"\r\n", 60),
		"words":            before(strings.Repeat("the port is closed\r\n", 60), "14:00:%02d "),
		"numbers":          ofLines(strings.Repeat("x\n", 60), func(i int, _ string) string { return fmt.Sprintf("%d;%d\r\n", i, i*i) }),
		"bytes":            strings.Repeat("\x00\x1b\x9c\xfe\x80\n", 300),
	} {
		for _, text := range []string{long + odd + long, long[:len(long)/3] + odd + odd + long + odd} {
			for _, size := range []int{maxHead, 3000} {
				if got, _, s := unwrapAll(Options{}, []byte(text), size); string(got) != text || !s.Plain() {
					t.Errorf("%s, reads of %d: %q is taken off", name, size, s.Unwrapped())
				}
			}
		}
	}
}

// What it costs to look for a form in a plain log, in bytes a second.
func BenchmarkWatch(b *testing.B) {
	data := bytes.Repeat(logOf(b, "?meter=hu&telegrams=40&seed=7"), 2)[:maxHead]
	s := New(Options{})
	s.Take(data)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if s.Watch(data) {
			b.Fatal("a form begins")
		}
	}
}
