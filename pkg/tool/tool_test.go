package tool

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/urfave/cli/v2"

	"p1/pkg/record"
)

// buffer is a writer that several goroutines may use.
type buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// result is what a command leaves behind.
type result struct {
	code        int
	out, errors string
}

// command runs an action as a command named p1test.
func command(action cli.ActionFunc, stdin io.Reader, args ...string) result {
	flags := append([]cli.Flag{
		OutputFlag(), ASCIIFlag(), &cli.Float64Flag{Name: "limit", Aliases: []string{"l"}},
	}, ReadFlags()...)
	app := App("p1test", "testing: what a test says", "[FILE...]", "Does what it is told.", "p1test one\np1test two", flags, action)
	var out, errw buffer
	code := Run(app, append([]string{"p1test"}, args...), stdin, &out, &errw)
	return result{code, out.String(), errw.String()}
}

// seen is what an action finds on its command line.
type seen struct {
	args          []string
	output        string
	limit         float64
	strict, ascii bool
}

// look runs a command line and returns what its action found; nil where it was
// not called.
func look(args ...string) (*seen, result) {
	var found *seen
	r := command(func(c *cli.Context) error {
		found = &seen{c.Args().Slice(), c.String(FlagOutput), c.Float64("limit"), c.Bool(flagStrict), c.Bool(FlagASCII)}
		return nil
	}, nil, args...)
	return found, r
}

func words(text string) []string { return append([]string{}, strings.Fields(text)...) }

func TestFlagsAndArgumentsInAnyOrder(t *testing.T) {
	for line, want := range map[string]seen{
		"":                                {},
		"a b":                             {args: words("a b")},
		"a -o x b":                        {args: words("a b"), output: "x"},
		"a b --output x":                  {args: words("a b"), output: "x"},
		"a --output=x --limit=5 b":        {args: words("a b"), output: "x", limit: 5},
		"a -o=x=y":                        {args: words("a"), output: "x=y"},
		"a -output x":                     {args: words("a"), output: "x"},
		"--strict a b":                    {args: words("a b"), strict: true},
		"a --strict b --ascii":            {args: words("a b"), strict: true, ascii: true},
		"a --strict=true b --ascii=false": {args: words("a b"), strict: true},
		"-":                               {args: words("-")},
		"a - -o - b":                      {args: words("a - b"), output: "-"},
		"a --limit -3.5 b":                {args: words("a b"), limit: -3.5},
		"a -l -3":                         {args: words("a"), limit: -3},
		"-- --strict -o x":                {args: words("--strict -o x")},
		"a -o x -- -b --":                 {args: words("a -b --"), output: "x"},
		"--":                              {},
		"-o --strict a":                   {args: words("a"), output: "--strict"},
		"h":                               {args: words("h")},
		"help a":                          {args: words("help a")},
		"v -o version":                    {args: words("v"), output: "version"},
		"p1test":                          {args: words("p1test")},
		"-o x -o y":                       {output: "y"},
	} {
		if want.args == nil {
			want.args = []string{}
		}
		got, r := look(words(line)...)
		if got == nil || !reflect.DeepEqual(*got, want) || r != (result{}) {
			t.Errorf("%q: %+v, %+v, want %+v", line, got, r, want)
		}
	}
}

func TestWrongUsage(t *testing.T) {
	for _, line := range []string{
		"--nope", "--nope=1", "a --nope b", "-x", "---strict", "--limit abc", "--strict=perhaps",
		"-o", "a -o", "a b --limit", "--strict a --output",
	} {
		got, r := look(words(line)...)
		if got != nil {
			t.Errorf("%q: the action ran with %+v", line, got)
		}
		if r.code != 2 || r.out != "" || !strings.HasPrefix(r.errors, "p1test: ") || !strings.Contains(r.errors, "\nhint: p1test --help") {
			t.Errorf("%q: %+v", line, r)
		}
	}
	if _, err := os.Stat("--"); err == nil {
		t.Error("a file -- was made")
	}
}

// Of a flag that is not known it is said which one was meant.
func TestUnknownFlag(t *testing.T) {
	for line, want := range map[string]string{
		"--outptu x":  "p1test: there is no flag --outptu (did you mean --output?)\n",
		"a --limt=3":  "p1test: there is no flag --limt (did you mean --limit?)\n",
		"--keep":      "p1test: there is no flag --keep (did you mean --keep-going?)\n",
		"-versoin":    "p1test: there is no flag --versoin (did you mean --version?)\n",
		"--something": "p1test: there is no flag --something\n",
	} {
		if _, r := look(words(line)...); r.code != 2 || !strings.HasPrefix(r.errors, want) {
			t.Errorf("%s: %+v, want %s", line, r, want)
		}
	}
}

func TestHelpAndVersionGoToStandardOutput(t *testing.T) {
	for line, want := range map[string][]string{
		"--help":            {"p1test - testing: what a test says", "p1test [options] [FILE...]", "    p1test one\n", "p1test two", "--strict", "--keep-going", "-o, --output FILE", "Exit codes:"},
		"-h":                {"Does what it is told."},
		"a b --help":        {"Examples:"},
		"--strict a -h":     {"Examples:"},
		"--version":         {"p1test devel"},
		"-v":                {"p1test devel"},
		"a --version -o xx": {"p1test devel"},
	} {
		got, r := look(words(line)...)
		if got != nil || r.code != 0 || r.errors != "" {
			t.Errorf("%q: action %+v, %+v", line, got, r)
		}
		for _, w := range want {
			if !strings.Contains(r.out, w) {
				t.Errorf("%q does not say %q:\n%s", line, w, r.out)
			}
		}
	}
}

func lineError(err error) error { return &record.LineError{Name: "day.jsonl", Line: 7, Err: err} }

func TestExitCodes(t *testing.T) {
	cases := []struct {
		name string
		err  error
		code int
		says []string // on standard error; nothing where empty
	}{
		{"well done", nil, 0, nil},
		{"output failed", errors.New("disk full"), 1, []string{"p1test: disk full\n"}},
		{"said already", fmt.Errorf("a: %w", ErrReported), 1, nil},
		{"wrong usage", Usagef("--limit %d: too low", -3), 2, []string{"p1test: --limit -3: too low\n", "hint: p1test --help"}},
		{"wrong usage, wrapped", fmt.Errorf("x: %w", Usagef("y")), 2, []string{"p1test: x: y\n"}},
		{"not JSON", lineError(record.ErrNotJSON), 3, []string{"p1test: day.jsonl:7: not JSON\n", "hint: ", "p1cat", "--keep-going"}},
		{"no record", lineError(record.ErrNotRecord), 3, []string{"p1test: day.jsonl:7: not a record\n", "--keep-going"}},
		{"too long", lineError(record.ErrTooLong), 3, []string{"day.jsonl:7: ", "4 MiB"}},
		{"newer", lineError(record.ErrNewer), 3, []string{"day.jsonl:7: made by a newer version"}},
		{"chunks", lineError(record.ErrChunks), 3, []string{"these are chunks: p1frame is missing\n", "hint: p1cat LOG | p1frame | p1test\n"}},
		{"no record, and Close failed too", errors.Join(lineError(record.ErrNotJSON), errors.New("disk full")), 3, []string{"day.jsonl:7", "disk full"}},
		{"strict", ErrStrict, 4, nil},
		{"interrupted", fmt.Errorf("a: %w", ErrInterrupted), 130, nil},
		{"interrupted, and Close failed too", errors.Join(ErrInterrupted, errors.New("disk full")), 130, []string{"p1test: disk full\n"}},
		{"said already, and something else", errors.Join(errors.Join(fmt.Errorf("a: %w", ErrReported), nil), Usagef("refused")), 1, []string{"p1test: refused\n"}},
		{"strict, and Close failed too", errors.Join(ErrStrict, errors.New("disk full")), 4, []string{"p1test: disk full\n"}},
	}
	for _, c := range cases {
		r := command(func(*cli.Context) error { return c.err }, nil)
		if r.code != c.code || r.out != "" || len(c.says) == 0 && r.errors != "" {
			t.Errorf("%s: %+v, want code %d", c.name, r, c.code)
		}
		for _, text := range c.says {
			if !strings.Contains(r.errors, text) {
				t.Errorf("%s: standard error does not say %q: %s", c.name, text, r.errors)
			}
		}
	}
}

// There is no hint to pass over a line that says that the tools are too old.
func TestNewerVersionCannotBePassedOver(t *testing.T) {
	r := command(func(*cli.Context) error { return lineError(record.ErrNewer) }, nil)
	if strings.Contains(r.errors, "keep-going") {
		t.Errorf("it says %s", r.errors)
	}
}

func TestClosedPipeEndsSilently(t *testing.T) {
	err := &os.PathError{Op: "write", Path: "|1", Err: syscall.EPIPE}
	r := command(func(*cli.Context) error { return errors.Join(err, errors.New("more")) }, nil)
	if isClosedPipe(err) && r != (result{code: ExitClosedPipe}) {
		t.Errorf("%+v", r)
	}
	if !isClosedPipe(err) && syscall.EPIPE == syscall.Errno(32) {
		t.Error("EPIPE is not a closed pipe")
	}
}

func TestUsageErrorUnwraps(t *testing.T) {
	if !errors.Is(Usagef("x: %w", io.ErrUnexpectedEOF), io.ErrUnexpectedEOF) {
		t.Error("the reason is lost")
	}
}

// What others have named reaches a terminal as text, on one line that is not endless.
func TestTextOfOthersIsShown(t *testing.T) {
	const evil = "\x1b]0;mine\a\u009b2J\u202egol.1p\np1test: all is well\r"
	const shows = `\x1b]0;mine\x07\u009b2J\u202egol.1p\np1test: all is well\r`
	long := strings.Repeat(evil, 1<<12)
	missing := func(c *cli.Context) error {
		return Sink(c, func(io.Writer) (record.Stage, error) { return &stage{}, nil })
	}
	for name, c := range map[string]struct {
		r     result
		lines int
	}{
		"an error":     {command(func(*cli.Context) error { return fmt.Errorf("%s: no", evil) }, nil), 1},
		"usage":        {command(func(*cli.Context) error { return Usagef("%s: no", evil) }, nil), 2},
		"a line":       {command(func(*cli.Context) error { return &record.LineError{Name: evil, Err: errors.New("no")} }, nil), 3},
		"words":        {command(func(c *cli.Context) error { Say(c)(evil); return nil }, nil), 1},
		"a value":      {command(nil, nil, "--limit", evil), 2},
		"a flag":       {command(nil, nil, "--"+evil), 2},
		"a file":       {command(missing, nil, evil), 1},
		"a long file":  {command(missing, nil, long), 1},
		"two errors":   {command(func(*cli.Context) error { return errors.Join(errors.New(evil), errors.New(evil)) }, nil), 2},
		"a long error": {command(func(*cli.Context) error { return fmt.Errorf("%s: no", long) }, nil), 1},
		"long words":   {command(func(c *cli.Context) error { Say(c)(long); return nil }, nil), 1},
	} {
		if n := strings.Count(c.r.errors, "\n"); n != c.lines || len(c.r.errors) > 5000 || strings.ContainsAny(c.r.errors, "\x1b\a\r\u009b\u202e") {
			t.Errorf("%s: %d lines, want %d: %q", name, n, c.lines, c.r.errors)
		}
		// The flag package has quoted values, in its own way.
		if name != "a value" && !strings.Contains(c.r.errors, shows) {
			t.Errorf("%s: it is not to be seen in %s", name, c.r.errors)
		}
	}
}

// endless is an input of one line that never ends.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	e.read += len(p)
	return len(p), nil
}

// A line without end ends the command: nobody waits for the rest of it.
func TestLineWithoutEnd(t *testing.T) {
	in := &endless{}
	r := command(func(c *cli.Context) error {
		return Filter(c, func(out record.Writer) (record.Stage, error) { return &stage{out: out}, nil })
	}, in)
	if r.code != ExitNotRecords || !strings.HasPrefix(r.errors, "p1test: -:1: the line is longer than 4 MiB\n") {
		t.Errorf("%+v", r)
	}
	if in.read > 2*record.MaxLine {
		t.Errorf("%d bytes were read of it", in.read)
	}
}
