package tool

import (
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// completed runs a command line as the shells' scripts do, and returns the words offered, with
// what the shell is to do first.
func completed(t *testing.T, word string, before ...string) []string {
	t.Helper()
	flags := append([]cli.Flag{
		OutputFlag(), ASCIIFlag(),
		OneOf(&cli.StringFlag{Name: "chart"}, These("hours", "bits", "bytes")),
		SomeOf(&cli.StringFlag{Name: "table"}, These("records", "gas", "gases")),
		ReadsAll(&cli.StringSliceFlag{Name: "seal"}),
		Fills(&cli.StringFlag{Name: "partition"}, func(string) bool { return true }),
		&cli.IntFlag{Name: "worst"},
		&cli.StringFlag{Name: "key", Hidden: true},
	}, ReadFlags()...)
	app := OffersArguments(App("p1test", "testing", "[FILE...]", "Does.", "p1test", flags, func(*cli.Context) error {
		t.Error("the action ran")
		return nil
	}), func(typed string) []string { return []string{"demo:?meter=hu", "demo:?meter=nl", "tcp://"} })
	var out, errw buffer
	if code := Run(app, append([]string{"p1test", completeMark + word, "--"}, before...), nil, &out, &errw); code != 0 || errw.String() != "" {
		t.Errorf("%q after %q: code %d, %s", word, before, code, errw.String())
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	for i, line := range lines {
		lines[i], _, _ = strings.Cut(line, "\t")
	}
	return lines
}

func TestCompletion(t *testing.T) {
	for _, c := range []struct {
		line string // the last word is the one that is completed
		want string
	}{
		{"--st", "words --strict"},
		{"--strict --st", "words"},             // counts once
		{"--seal x --se", "words --seal"},      // may be given again
		{"--ke", "words --keep-going"},         // --key is hidden
		{"--worst --st", "words"},              // a value, of which nothing is known
		{"-o --st", "words files"},             // the same of a file
		{"--worst 3 --st", "words --strict"},   //
		{"--worst=3 --st", "words --strict"},   //
		{"a b --st", "words --strict"},         // flags may stand behind arguments
		{"-- --st", "words files open"},        // but not behind --
		{"--chart ", "words hours bits bytes"}, //
		{"-chart b", "words bits bytes"},       // as the flag package reads it
		{"--chart=b", "words --chart=bits --chart=bytes"},
		{"--table ga", "words open gas gases"},
		{"--table gas,", "words open gas,records gas,gases"}, // none twice
		{"--table=records,ga", "words open --table=records,gas --table=records,gases"},
		{"-o ", "words files"},
		{"--output=x", "words files"},
		{"--seal ", "words files"},
		{"--partition ", "words directories"},
		{"--ascii=", "words --ascii=true --ascii=false"},
		{"--ascii ", "words files open demo:?meter=hu demo:?meter=nl tcp://"},
		{"d", "words files open demo:?meter=hu demo:?meter=nl"},
		{"demo:?meter=n", "words open demo:?meter=nl"},
		{"x", "words files open"},
		{"--nothing ", "words files open demo:?meter=hu demo:?meter=nl tcp://"},
		{"--completion z", "words zsh"},
	} {
		words := strings.Split(c.line, " ")
		last := len(words) - 1
		if got := strings.Join(completed(t, words[last], words[:last]...), " "); got != c.want {
			t.Errorf("%q: %q, want %q", c.line, got, c.want)
		}
	}
	if got := completed(t, "-"); !slices.Contains(got, "-o") || !slices.Contains(got, "--output") || !slices.Contains(got, "-h") || slices.Contains(got, "--key") {
		t.Errorf("-: %q", got)
	}
}

// What stands in the help is no wider than a terminal, but for what cannot be broken, and says
// nothing less than it is told.
func TestFilled(t *testing.T) {
	text := strings.Repeat("a word and another, ", 30) + strings.Repeat("x", 100) + " end"
	got := filled("  -x    ", helpIndent, text)
	for line := range strings.Lines(got) {
		if line = strings.TrimSuffix(line, "\n"); len(line) > helpWidth && strings.Contains(strings.TrimSpace(line), " ") {
			t.Errorf("%d characters: %q", len(line), line)
		}
		if !strings.HasPrefix(line, helpIndent) && !strings.HasPrefix(line, "  -x    ") {
			t.Errorf("not moved in: %q", line)
		}
	}
	if a, b := strings.Fields(got)[1:], strings.Fields(text); !slices.Equal(a, b) {
		t.Errorf("%q became %q", text, got)
	}
}
