package pipetest

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A log that the first command of a pipe reads is not overwritten by a later one, and what
// a file held stays where there is nothing to put in its place.
func TestPipeKeepsWhatItReads(t *testing.T) {
	log, err := os.ReadFile(filepath.Join(testdata, "hu-clean.log"))
	must(t, err)
	for line, code := range map[string]int{
		"p1cat p1.log | p1frame -o p1.log":                              1,
		"p1cat p1.log | p1frame | p1fix -o p1.log":                      1,
		"p1cat p1.log | p1frame | p1fix | p1csv -o p1.log":              1,
		"p1cat p1.log | p1frame | p1csv --validity p1.log":              1,
		"p1cat p1.log | p1frame | p1csv --table gas -o ./p1.log":        1,
		"p1cat p1.log | p1frame | p1noise -o p1.log":                    1,
		"p1cat p1.log | p1frame | p1noise --html p1.log":                1,
		"p1cat p1.log | p1frame --anonymise | p1cat --raw -o p1.log":    1,
		"p1csv none.jsonl -o p1.log":                                    1,
		"p1csv none.jsonl --validity p1.log":                            1,
		"p1fix none.jsonl -o p1.log":                                    1,
		"p1cat none.log -o p1.log":                                      1,
		"p1cat p1.log --raw | p1noise --summary -o p1.log":              3,
		"p1cat p1.log | p1frame | p1csv --only nothing -o p1.log":       2,
		"p1cat p1.log | p1frame | p1fix | p1csv --profile xx -o p1.log": 2,
	} {
		t.Run(strings.ReplaceAll(line, "/", "_"), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, filepath.Join(dir, "p1.log"), log)
			p := start(t, dir, nil, line)
			p.rest()
			if got := p.stages[len(p.stages)-1].code; got != code {
				t.Errorf("exit code %d, want %d", got, code)
			}
			if now, err := os.ReadFile(filepath.Join(dir, "p1.log")); err != nil || !bytes.Equal(now, log) {
				t.Errorf("the log has %d bytes, and had %d (%v)", len(now), len(log), err)
			}
		})
	}
}
