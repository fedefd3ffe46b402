package tool

import (
	"bufio"
	"io"
	"strings"
	"testing"

	"github.com/creack/pty"
	"github.com/urfave/cli/v2"

	"p1/pkg/record"
)

// closing is a sink that adds words at the end.
type closing struct {
	record.BaseStage
	words string
	loud  bool
}

func (e closing) Take(record.Record) error { return nil }
func (e closing) Ending() (string, bool)   { return e.words, e.loud }

// counting runs a filter, or the sink if there is one, as a command that has --quiet.
func counting(e *closing, errw io.Writer, stdin string, args ...string) int {
	app := App("p1test", "testing: what a test says", "[FILE...]", "Does what it is told.", "p1test one",
		append([]cli.Flag{OutputFlag(), ASCIIFlag(), QuietFlag()}, ReadFlags()...), func(c *cli.Context) error {
			if e != nil {
				return Sink(c, func(io.Writer) (record.Stage, error) { return *e, nil })
			}
			return Filter(c, func(w record.Writer) (record.Stage, error) { return &stage{out: w}, nil })
		})
	return Run(app, append([]string{"p1test"}, args...), strings.NewReader(stdin), io.Discard, errw)
}

func telegrams(n int, status, suspect string) string {
	return strings.Repeat(telegram(status, suspect), n)
}

// doubted is a good telegram of which so many lines are doubted.
func doubted(lines int) string {
	list := strings.TrimSuffix(strings.Repeat(`{"line":2,"code":"1-0:1.8.0","why":"fell"},`, lines), ",")
	return strings.Replace(telegram("ok", ""), `"status"`, `"doubted":[`+list+`],"status"`, 1)
}

func TestEnding(t *testing.T) {
	inFolder(t, map[string]string{"good": telegrams(2, "ok", ""), "bad": telegram("bad", "")})
	good := telegrams(3, "ok", "") + telegrams(2, "repaired", "") + telegram("unchecked", "") + gap(0)
	for _, c := range []struct {
		stdin, args string
		sink        *closing
		code        int
		says        string
	}{
		{"", "", nil, 0, ""},
		{gap(0), "", nil, 0, ""},
		{good, "", nil, 0, ""},
		{"", "", &closing{words: "0 rows"}, 0, "no telegrams came in"},
		{gap(0), "", &closing{words: "0 rows"}, 0, "no telegrams came in"},
		{gap(0), "", &closing{words: "0 rows: why", loud: true}, 0, "0 telegrams; 0 rows: why"},
		{"", "--quiet", &closing{words: "0 rows"}, 0, ""},
		{good, "", &closing{words: "6 rows"}, 0, ""},
		{good, "", &closing{words: "5 rows", loud: true}, 0, "6 telegrams: 6 usable; 5 rows"},
		{good, "--quiet", &closing{words: "5 rows", loud: true}, 0, ""},
		{good + telegrams(6, "salvaged", ""), "", nil, 0, "12 telegrams: 6 usable, 6 salvaged"},
		{good + telegrams(6, "salvaged", ""), "--quiet", nil, 0, ""},
		{telegram("lost", ""), "", nil, 0, "1 telegram: 1 lost"},
		{telegram("lost", ""), "", &closing{words: "0 rows: why"}, 0, "1 telegram: 1 lost; 0 rows: why"},
		{telegram("ok", "fell") + telegrams(2, "lost", "") + telegram("bad", "") + telegram("salvaged", ""), "", nil, 0,
			"5 telegrams: 1 suspect, 1 salvaged, 2 lost, 1 bad"},
		{good + telegram("bad", ""), "--strict", &closing{words: "6 rows"}, 4, "of 7 telegrams 1 are not valid and 0 are suspect; 6 rows"},
		{good, "--strict", &closing{words: "6 rows"}, 0, ""},
		{good + doubted(1), "", nil, 0, "1 line of 1 telegram is doubted: p1noise lists it"},
		{doubted(2) + good + doubted(1), "", nil, 0, "3 lines of 2 telegrams are doubted: p1noise lists them"},
		{doubted(2) + telegram("lost", ""), "", nil, 0, "2 telegrams: 1 usable, 1 lost\np1test: 2 lines of 1 telegram are doubted: p1noise lists them"},
		{doubted(2), "--quiet", nil, 0, ""},
		{doubted(2), "", &closing{words: "1 row"}, 0, ""}, // it was said where they were written
	} {
		var said buffer
		code := counting(c.sink, &said, c.stdin, words(c.args)...)
		got := strings.TrimPrefix(strings.TrimSuffix(said.String(), "\n"), "p1test: ")
		if code != c.code || got != c.says {
			t.Errorf("%q of %.60q: code %d, said %q, want %d, %q", c.args, c.stdin, code, got, c.code, c.says)
		}
	}

	// A file that is missing is named before; what is no record is said instead.
	var said buffer
	if counting(&closing{words: "0 rows"}, &said, "", "missing"); strings.Count(said.String(), "\n") != 1 || strings.Contains(said.String(), "rows") {
		t.Errorf("said %q", said.String())
	}
	said = buffer{}
	if counting(nil, &said, "", "missing", "bad"); !strings.HasSuffix(said.String(), "\np1test: 1 telegram: 1 bad\n") {
		t.Errorf("said %q", said.String())
	}
	said = buffer{}
	if counting(nil, &said, telegram("bad", "")+"nonsense\n"); strings.Contains(said.String(), "telegram:") {
		t.Errorf("said %q", said.String())
	}
}

// On a terminal the line is always said, but for --quiet.
func TestEndingOnATerminal(t *testing.T) {
	master, slave, err := pty.Open()
	if err != nil {
		t.Skipf("no pty here: %v", err)
	}
	defer master.Close()
	counting(nil, slave, telegrams(2, "ok", ""), "--quiet")
	counting(&closing{words: "2 rows"}, slave, telegrams(2, "ok", ""))
	line, err := bufio.NewReader(master).ReadString('\n')
	if got := strings.TrimSpace(line); err != nil || got != "p1test: 2 telegrams: 2 usable; 2 rows" {
		t.Errorf("said %q, %v", got, err)
	}
	slave.Close()
}

// Who reads a terminal is told the pipe that a command stands in.
func TestWaitsFor(t *testing.T) {
	for name, pipe := range map[string]string{
		"p1frame": "p1cat p1.log | p1frame, ", "p1fix": "p1cat p1.log | p1frame | p1fix, ", "p1csv": "p1cat p1.log | p1frame | p1fix | p1csv, ",
	} {
		if text := waitsFor(name); !strings.Contains(text, pipe) || !strings.Contains(text, name+" day.jsonl") {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// Of an input whose first line is no JSON the first sentence says what is missing.
func TestNoRecords(t *testing.T) {
	inFolder(t, map[string]string{"log": "/AUX59902759022\n", "table": "time,source,offset,type,status\n", "half": "{\"v\n", "later": gap(0) + "/AUX\n"})
	for name, want := range map[string]string{
		"log":   "log holds no records: a meter's log goes through p1cat and p1frame first\np1test: log:1: not JSON: ",
		"table": "table: this is a table that p1noise wrote. ",
		"half":  "half:1: not JSON: ", "later": "later:2: not JSON: ",
	} {
		if r := sink(&stage{}, nil, name); r.code != 3 || !strings.HasPrefix(r.errors, "p1test: "+want) {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
