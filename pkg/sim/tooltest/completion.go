package tooltest

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"p1/pkg/tool"
)

// Completed checks that the shells are offered every flag that the help shows, after each other
// one, and that what a flag knows of its values is what the help says of them.
func Completed(t *testing.T, app func() *cli.App) {
	t.Helper()
	a := app()
	a.Setup()
	flags := 0
	for _, s := range tool.Sections(a) {
		for _, f := range s.Flags {
			flags++
			for _, name := range f.Names {
				if got := offered(t, app, name); !slices.Contains(got, name) {
					t.Errorf("%s is not offered, but %q", name, got)
				}
				if got := offered(t, app, name[:len(name)-1]); !slices.Contains(got, name) {
					t.Errorf("%s is not offered for %s, but %q", name, name[:len(name)-1], got)
				}
			}
		}
	}
	if flags < 8 {
		t.Errorf("only %d flags", flags)
	}
	for _, f := range a.VisibleFlags() {
		words, ok := f.(*tool.WordFlag)
		if !ok {
			continue
		}
		name := "--" + words.Name
		list := offered(t, app, name+"=")
		for _, word := range list {
			word = strings.TrimPrefix(word, name+"=")
			if few := 12; len(list) <= few && !strings.Contains(words.Usage+words.GetDefaultText(), word) {
				t.Errorf("the help of %s does not say %s", name, word)
			}
		}
		if len(list) < 1 {
			t.Errorf("%s: nothing is offered", name)
		}
	}
}

// offered are the words that a shell is offered for one that is typed in part.
func offered(t *testing.T, app func() *cli.App, word string) []string {
	t.Helper()
	var out, said bytes.Buffer
	a := app()
	if code := tool.Run(a, []string{a.Name, "--complete=" + word, "--"}, nil, &out, &said); code != 0 || said.Len() > 0 {
		t.Fatalf("%s: exit code %d, %s", word, code, said.String())
	}
	var words []string
	for line := range strings.Lines(out.String()) {
		name, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		words = append(words, name)
	}
	return words[1:]
}
