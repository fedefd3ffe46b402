package display

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                        "",
		"p1.log":                  "p1.log",
		"Zähler №5, 電気":           "Zähler №5, 電気",
		"\x1b]0;mine\a":           `\x1b]0;mine\x07`,
		"one\ntwo\r\tthree\x7f":   `one\ntwo\r\tthree\x7f`,
		"\u009b31m red":           `\u009b31m red`,
		"bill\u202egnp.exe":       `bill\u202egnp.exe`,
		"\u2066a\u2069\u200bb":    `\u2066a\u2069\u200bb`,
		"\ufeffa\u00ad\u2028b":    `\ufeffa\u00ad\u2028b`,
		"\U000e0041tag":           `\U000e0041tag`,
		"byte \x9b and \xff":      `byte \x9b and \xff`,
		"a replaced one: \ufffd.": "a replaced one: \ufffd.",
	} {
		if got := Text(text); got != want {
			t.Errorf("%q is shown as %s, want %s", text, got, want)
		}
	}
}

func TestShort(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		most int
		want string
	}{
		{"meter", 5, "meter"},
		{"meters", 5, "mete…"},
		{"Zählerstände", 7, "Zähler…"},
		{"電気電気電気", 4, "電気電…"},
		{"\x1b" + strings.Repeat("a", 1<<20), 8, `\x1baaa…`},
	} {
		if got := Short(c.text, c.most); got != c.want {
			t.Errorf("%d characters of %.20q are %q, want %q", c.most, c.text, got, c.want)
		}
	}
}

// A long line keeps its beginning and its end, whatever is in it.
func TestLine(t *testing.T) {
	t.Parallel()
	const maxLine = 100
	for _, much := range []string{"a", "\x1b", "電", "\xff", "\u202e"} {
		got := Line("p1csv: "+strings.Repeat(much, 1<<20)+": no such file", maxLine)
		if n := utf8.RuneCountInString(got); n != maxLine {
			t.Errorf("a line of many %q has %d characters, want %d", much, n, maxLine)
		}
		if !strings.HasPrefix(got, "p1csv: ") || !strings.HasSuffix(got, ": no such file") || strings.Count(got, "…") != 1 {
			t.Errorf("a line of many %q is cut to %q", much, got)
		}
	}
	exact := strings.Repeat("é", maxLine)
	if got := Line(exact, maxLine); got != exact {
		t.Errorf("a line that fits is cut to %q", got)
	}
	if got, want := Lines("a\x1b\n\tb\n"), "a\\x1b\n\\tb\n"; got != want {
		t.Errorf("two lines are shown as %q, want %q", got, want)
	}
	long := strings.Repeat("x", 2*maxLine)
	if got := Page(long + "\n\u009b"); got != long+"\n\\u009b" {
		t.Errorf("a page is shown as %q", got)
	}
}
