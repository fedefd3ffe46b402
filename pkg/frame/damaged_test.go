package frame_test

import (
	"strings"
	"testing"

	"p1/pkg/frame"
	"p1/pkg/record"
)

// letters writes a letter for each record: o ok, u unchecked, b bad, n noise, g gap, and its
// place in the stream behind it.
type letters struct{ text strings.Builder }

func (w *letters) Flush() error { return nil }
func (w *letters) Write(r record.Record) error {
	w.text.WriteByte('a' + byte(r.Where().Offset))
	return nil
}

// What is damaged goes on, with the telegram before and the one after it; no other.
func TestDamaged(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"ooouoo", ""},
		{"b", "a"},
		{"oobo", "bcd"},
		{"ooobnooooob", "cdefjk"},
		{"obobo", "abcde"},
		{"oobooboo", "bcdefg"},
		{"noog", "cd"}, // a logger's header
		{"nnbo", "cd"},
		{"oo|noo", ""},
		{"ob|oob|o", "abde"}, // the next stream is none of its neighbours
		{"oo|bo", "cd"},
		{"bo|o", "ab"},
		{"b|oo", "a"},
	} {
		out := &letters{}
		d := frame.NewDamaged(out)
		source, n := "a", int64(0)
		for _, is := range c.in {
			origin := record.Origin{Source: source, Offset: n}
			var r record.Record
			switch is {
			case '|':
				source += "a"
				continue
			case 'n':
				r = &record.Noise{Origin: origin}
			case 'g':
				r = &record.Gap{Origin: origin}
			default:
				r = &record.Telegram{Origin: origin, Status: map[rune]record.Status{'o': record.OK, 'u': record.Unchecked, 'b': record.Bad}[is]}
			}
			if err := d.Write(r); err != nil {
				t.Fatal(err)
			}
			n++
		}
		if out.text.String() != c.want || d.Any() != (c.want != "") {
			t.Errorf("%s: %q, want %q", c.in, out.text.String(), c.want)
		}
	}
}
