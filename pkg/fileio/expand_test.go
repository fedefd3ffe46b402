package fileio

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// inFolder makes a folder with empty files of these names the current one.
func inFolder(t *testing.T, names ...string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, name := range names {
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func TestExpand(t *testing.T) {
	inFolder(t, "c.log", "a.log", "b.log", "b.txt", "day[1].log", "day1.log", "2023/x.log", "2024/x.log", "x[y",
		"p1.csv", "p2.csv", "p10.csv", "p010.csv", "p10b.csv", "p9/2.csv", "p10/1.csv", "p.csv", ".p.csv", ".lock")
	cases := []struct {
		name  string
		names []string
		want  []string
	}{
		{"nothing", nil, nil},
		{"names stay in their order", []string{"c.log", "a.log", "missing.log"}, []string{"c.log", "a.log", "missing.log"}},
		{"sorted by name", []string{"?.log"}, []string{"a.log", "b.log", "c.log"}},
		{"numbers by their value", []string{"p*.csv"}, []string{"p.csv", "p1.csv", "p2.csv", "p10.csv", "p010.csv", "p10b.csv"}},
		{"in folders too", []string{"p*/*.csv"}, []string{"p9/2.csv", "p10/1.csv"}},
		{"what begins with a dot, if that is asked for", []string{"*p.csv", ".l*"}, []string{"p.csv", ".lock"}},
		{"a range", []string{"[a-b].*"}, []string{"a.log", "b.log", "b.txt"}},
		{"arguments stay in their order", []string{"b.*", "a*"}, []string{"b.log", "b.txt", "a.log"}},
		{"folders", []string{"202?/*.log"}, []string{"2023/x.log", "2024/x.log"}},
		{"brackets in a file's name", []string{"day[1].log"}, []string{"day[1].log"}},
		{"half a bracket in a file's name", []string{"x[y"}, []string{"x[y"}},
		{"missing, with brackets in its name", []string{"night[2].log", "[a-"}, []string{"night[2].log", "[a-"}},
		{"standard input", []string{"-"}, []string{"-"}},
		{"demo", []string{"demo:?meter=hu&seed=1", "demo:"}, []string{"demo:?meter=hu&seed=1", "demo:"}},
		{"address", []string{"tcp://host:2000/?x=*"}, []string{"tcp://host:2000/?x=*"}},
	}
	for _, c := range cases {
		if got, err := Expand(c.names); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %q, %v, want %q", c.name, got, err, c.want)
		}
	}
}

func TestExpandWithoutAMatch(t *testing.T) {
	inFolder(t, "a.log")
	got, err := Expand([]string{"a.log", "*.txt"})
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "*.txt") {
		t.Errorf("%q, %v, want an error that names the pattern", got, err)
	}
}

func TestExpandOfABrokenPattern(t *testing.T) {
	inFolder(t)
	if got, err := Expand([]string{"[a-*"}); err == nil || !strings.Contains(err.Error(), "[a-*") {
		t.Errorf("%q, %v, want an error that names the pattern", got, err)
	}
}

// TestExpandOnWindows: the volume of a path is no part of a pattern.
func TestExpandOnWindows(t *testing.T) {
	if runtime.GOOS != "windows" {
		t.Skip("of Windows")
	}
	inFolder(t, "a.log", "b.log")
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		`\\?\` + folder + `\missing.log`:    {`\\?\` + folder + `\missing.log`},
		`\\?\` + folder + `\missing[1].log`: {`\\?\` + folder + `\missing[1].log`},
		folder + `\missing[1].log`:          {folder + `\missing[1].log`},
		folder + `\[ab].log`:                {folder + `\a.log`, folder + `\b.log`},
	} {
		if got, err := Expand([]string{name}); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
	}
}
