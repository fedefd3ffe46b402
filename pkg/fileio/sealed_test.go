package fileio

import "testing"

// A shell hands on the names that were meant, and no command takes one for a flag.
func TestQuoted(t *testing.T) {
	for want, names := range map[string][]string{
		"lake/meter=1/day=2026-03-01 lake/meter=2/day=2026-03-01": {"lake/meter=1/day=2026-03-01", "lake/meter=2/day=2026-03-01"},
		`'a b' 'it'\''s' ''`: {"a b", "it's", ""},
		"-- x -y '*'":        {"x", "-y", "*"},
	} {
		if got := Quoted(names...); got != want {
			t.Errorf("%q: %s, want %s", names, got, want)
		}
	}
}
