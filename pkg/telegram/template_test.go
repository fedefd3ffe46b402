package telegram_test

import (
	"bytes"
	"strings"
	"testing"

	"p1/pkg/telegram"
)

// drawn shows a template below its text: v in a value, # a digit of one, c in the CRC,
// and . for all that is fixed; line ends stand as they are.
func drawn(t *telegram.Template) string {
	marks := make([]byte, len(t.Text))
	for i, c := range t.Text {
		switch p := t.Places[i]; {
		case c == '\n':
			marks[i] = '\n'
		case t.Digit(i) && p == telegram.InValue:
			marks[i] = '#'
		default:
			marks[i] = ".vc"[p]
		}
	}
	return string(marks)
}

// Where the digits are, on whole telegrams and on what damage leaves of them.
func TestTemplate(t *testing.T) {
	for name, c := range map[string]struct{ text, marks string }{
		"a telegram": {
			"/AUX5990\n\n0-0:1.0.0(230824012130S)\n1-0:1.8.0(008234.524*kWh)\n0-1:24.2.1(2308240120W)(1.5*m3)\n!5b60\n",
			"........\n\n..........############v.\n..........######v###vvvv.\n...........##########v..#v#vv#.\n.cccc\n",
		},
		"a text":                    {"0-0:96.14.0(TARIFF 1)()\n", "............vvvvvvv#...\n"},
		"no CRC":                    {"(1)\n!\n", ".#.\n.\n"},
		"blanks after the CRC":      {"!5B60 12\n", ".cccc...\n"},
		"blanks before the CRC":     {"!  5B60 12\n", "...cccc...\n"},
		"nothing but blanks":        {"!  \n", "...\n"},
		"a damaged CRC":             {"!5B(0\n", ".cccc\n"},
		"a line, and no CRC":        {"!\n0-0:1.0.0(0)\n", ".\n..........#.\n"},
		"the last '!' counts":       {"!12\n(1!2)!34\n", "...\n.#v#..cc\n"},
		"a wrapped value":           {"(12.\n3*kWh)(4)\n", ".##v\n#vvvv..#.\n"},
		"wrapped over three lines":  {"(1\n\n2)3(4)\n", ".#\n\n#...#.\n"},
		"the end is lost":           {"1:8(12\n2:8(34)\n", "....##\n....##.\n"},
		"the beginning is lost":     {"1:8 12)\n2:8(34)\n", ".......\n....##.\n"},
		"nothing is closed":         {"(12(3\n4\n", ".##v#\n.\n"},
		"a parenthesis in a value":  {"(1(2)3\n", ".#v#..\n"},
		"what may become a code":    {"(0-A:1(2)(3)\n", "..........#.\n"},
		"one in a message of lines": {"(a\nb 1(2)\n", ".v\n....#.\n"},
		"nothing":                   {"", ""},
	} {
		var got telegram.Template
		got.Set([]byte("/something else, and longer than all of them (1)(2)" + strings.Repeat("(3)", 60) + "\n!1234\n"))
		got.Set([]byte(c.text))
		if drawn(&got) != c.marks {
			t.Errorf("%s:\n%q has\n%q, want\n%q", name, c.text, drawn(&got), c.marks)
		}
	}
}

// Values that Parse finds are values, and where nothing is damaged nothing else is.
func TestTemplateAgreesWithParse(t *testing.T) {
	for _, d := range dialects {
		var made telegram.Template
		made.Set(d.raw)
		want := bytes.Repeat([]byte{byte(telegram.Fixed)}, len(d.raw))
		for _, l := range telegram.Parse(d.raw).Lines {
			for _, v := range l.Values {
				for i := v.Text.Start; i < v.Unit.End; i++ {
					want[i] = byte(telegram.InValue)
				}
			}
		}
		for i, p := range made.Places {
			if p != telegram.InCRC && p != telegram.Place(want[i]) || p == telegram.InCRC && i <= bytes.LastIndexByte(d.raw, '!') {
				t.Fatalf("%s: byte %d, %q, is at place %d", d.name, i, d.raw[i], p)
			}
		}
	}
}

// What fits, byte by byte: one of its kind in a value and in the CRC.
func TestTemplateFits(t *testing.T) {
	raw := []byte("/AUX5990\r\n\r\n0-0:1.0.0(230824012130S)\r\n1-0:1.8.0(008234.524*kWh)\r\n!5B60\r\n")
	var made telegram.Template
	made.Set(raw)
	for i, before := range raw {
		for b := range 256 {
			c := byte(b)
			near := bytes.Clone(raw)
			near[i] = c
			if got, want := made.Fits(near), c == before || made.Places[i] != telegram.Fixed && telegram.Alike(before, c); got != want {
				t.Fatalf("%q in the place of %q, byte %d, fits: %v", c, before, i, got)
			}
			if at := made.NextChange(near, 0); at != i && c != before || at != len(raw) && c == before {
				t.Fatalf("the change of byte %d is found at %d", i, at)
			}
		}
	}
	if made.Fits(raw[1:]) || made.Fits(append(bytes.Clone(raw), '\n')) || new(telegram.Template).Fits(nil) {
		t.Error("a telegram of another length fits")
	}
	if want := strings.NewReplacer("230824012130", "000000000000", "008234.524", "000000.000", "5B60", "0000").Replace(string(raw)); string(telegram.Masked(raw)) != want {
		t.Errorf("masked it is %q", telegram.Masked(raw))
	}
}

// TestAlike: hex digits are one kind, other letters another, and nothing else
// has a kind.
func TestAlike(t *testing.T) {
	kinds := []string{"0123456789abcdefABCDEF", "ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ"}
	kind := func(b byte) int {
		for k, all := range kinds {
			if strings.IndexByte(all, b) >= 0 {
				return k + 1
			}
		}
		return 0
	}
	for a := range 256 {
		for b := range 256 {
			want := kind(byte(a)) > 0 && kind(byte(a)) == kind(byte(b))
			if got := telegram.Alike(byte(a), byte(b)); got != want {
				t.Fatalf("Alike(%q, %q) = %v", a, b, got)
			}
		}
	}
}
