package pipetest

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// ends runs a pipe on a log, and returns its output and what its last command has said.
func ends(t *testing.T, log []byte, line string) (out, said string) {
	t.Helper()
	p, w := startFed(t, line)
	go func() {
		w.Write(log)
		w.Close()
	}()
	out = string(p.rest())
	last := p.stages[len(p.stages)-1]
	if last.code != 0 {
		t.Errorf("%s: exit code %d", line, last.code)
	}
	return out, last.stderr.String()
}

// Telegrams of which none can be used are told of with what can be done, one as well as
// many; what is said to be done makes rows, which show that nothing verifies them.
func TestNoRowIsExplained(t *testing.T) {
	t.Parallel()
	for _, query := range []string{"meter=nl&telegrams=1&logger=raw", "meter=dsmr4&telegrams=3&logger=raw", "meter=be&telegrams=3&logger=raw"} {
		log := simulate(t, query).log
		id := "0-0:96.1.1("
		at := bytes.Index(log, []byte(id)) + len(id)
		value, _, _ := bytes.Cut(log[at:], []byte(")"))
		for kind, c := range map[string]struct {
			log  []byte
			says string
		}{
			"masked": {bytes.ReplaceAll(log, value, bytes.Repeat([]byte("*"), len(value))), "0-0:96.1.1 looks as if somebody had masked it"},
			"edited": {bytes.ReplaceAll(log, []byte("*kW)"), []byte("*MW)")), "no known CRC holds"},
		} {
			n := bytes.Count(c.log, []byte("\n/")) + 1
			for _, pipe := range []string{"p1cat | p1frame", "p1cat | p1frame | p1fix"} {
				fixed := strings.HasSuffix(pipe, "p1fix")
				out, said := ends(t, c.log, pipe+" | p1csv")
				lines := kind != "masked" && strings.Contains(said, "--salvaged makes rows") // which can be trusted
				if strings.Count(out, "\n") != 1 || !lines && !strings.Contains(said, "--accept bad") || strings.Count(said, "\n") != 1 ||
					(fixed && !lines || kind == "masked") && !strings.Contains(said, c.says) {
					t.Errorf("%s, %s, %s: %d lines, said %s", query, kind, pipe, strings.Count(out, "\n"), said)
				}
				out, _ = ends(t, c.log, pipe+" | p1csv --accept bad")
				if got := len(unverified.FindAllString(out, -1)); got != n || strings.Count(out, "\n") != n+1 {
					t.Errorf("%s, %s, %s: %d rows that are not verified, want %d:\n%.300s", query, kind, pipe, got, n, out)
				}
			}
		}
	}
}

// unverified is what is said of a row that nothing verifies.
var unverified = regexp.MustCompile(",(bad|lost|salvaged),")

// A log of which a few telegrams are lost ends with what came of all, unless that is not
// wanted; a good one ends without a word.
func TestTelegramsAreCounted(t *testing.T) {
	t.Parallel()
	log := simulate(t, "meter=hu&telegrams=30&noise=cut&rate=0.7&seed=1").log
	fixed, said := ends(t, log, "p1cat | p1frame | p1fix")
	list := telegrams(lines(t, []byte(fixed)))
	var want string
	for _, x := range list {
		if x.Status == "salvaged" || x.Status == "lost" {
			want = "telegrams: "
		}
	}
	if want == "" || !strings.HasPrefix(said, "p1fix: ") || !strings.Contains(said, want) {
		t.Errorf("%d telegrams, said %q", len(list), said)
	}
	rows, said := ends(t, []byte(fixed), "p1csv --no-header")
	if !strings.HasSuffix(said, "; "+plural(strings.Count(rows, "\n"), "row")+"\n") {
		t.Errorf("%d rows, said %q", strings.Count(rows, "\n"), said)
	}
	for _, line := range []string{"p1cat | p1frame | p1fix --quiet", "p1cat | p1frame | p1csv --quiet"} {
		if _, said := ends(t, log, line); said != "" {
			t.Errorf("%s: said %q", line, said)
		}
	}
	good := simulate(t, "meter=hu&telegrams=20").log
	for _, line := range []string{"p1cat | p1frame | p1fix", "p1cat | p1frame | p1csv", "p1cat | p1frame | p1csv --table gas"} {
		if _, said := ends(t, good, line); said != "" {
			t.Errorf("%s: said %q", line, said)
		}
	}
}

// A register of 0 in a telegram is doubted, and where that was found it is said; nowhere else.
func TestDoubtedLinesAreCounted(t *testing.T) {
	t.Parallel()
	parts := bytes.SplitAfter(simulate(t, "meter=dsmr3&telegrams=60&logger=raw").log, []byte("\n1-0:1.8.1("))
	copy(parts[30], "00000.000")
	log := bytes.Join(parts, nil)
	fixed, said := ends(t, log, "p1cat | p1frame | p1fix")
	if n := strings.Count(fixed, `"doubted":[`); n != 1 || said != "p1fix: 1 line of 1 telegram is doubted: p1noise lists it\n" {
		t.Errorf("%d telegrams with doubts, said %q", n, said)
	}
	if out, said := ends(t, []byte(fixed), "p1noise"); !strings.Contains(out, "doubted 1-0:1.8.1") || said != "" {
		t.Errorf("p1noise lists %q, and said %q", out, said)
	}
	for fed, line := range map[string]string{fixed: "p1csv", string(log): "p1cat | p1frame | p1fix --quiet"} {
		if _, said := ends(t, []byte(fed), line); said != "" {
			t.Errorf("%s: said %q", line, said)
		}
	}
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}
