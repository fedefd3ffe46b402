package tool

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"p1/pkg/record"
)

// redirected runs a filter with every kind of flag that names a file; < and > with the
// name of a file after them stand in the line as in a shell, >> too.
func redirected(t *testing.T, line string) result {
	t.Helper()
	var in io.Reader = strings.NewReader("")
	var out io.Writer = io.Discard
	var args []string
	modes := map[string]int{"<": os.O_RDONLY, ">": os.O_WRONLY | os.O_CREATE | os.O_TRUNC, ">>": os.O_WRONLY | os.O_CREATE | os.O_APPEND}
	for rest := words(line); len(rest) > 0; rest = rest[1:] {
		how, ok := modes[rest[0]]
		if !ok {
			args = append(args, rest[0])
			continue
		}
		f, err := os.OpenFile(rest[1], how, 0o666)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if rest[0] == "<" {
			in = f
		} else {
			out = f
		}
		rest = rest[1:]
	}
	app := App("p1test", "", "", "", "", []cli.Flag{
		OutputFlag(), Writes(&cli.StringFlag{Name: "second"}), Replaces(&cli.StringFlag{Name: "page"}),
		Keeps(&cli.StringFlag{Name: "state"}), Reads(&cli.StringFlag{Name: "key-file"}),
		Fills(&cli.StringFlag{Name: "archive"}, func(name string) bool { return strings.HasPrefix(name, "own") }),
	}, func(c *cli.Context) error {
		return Filter(c, func(w record.Writer) (record.Stage, error) { return &stage{out: w}, nil })
	})
	var said bytes.Buffer
	code := Run(app, append([]string{"p1test"}, args...), in, out, &said)
	return result{code: code, errors: said.String()}
}

// filesForApart makes the files that the command lines of these tests name.
func filesForApart(t *testing.T) {
	inFolder(t, map[string]string{"a": gap(1), "b": gap(2), "out": "", "empty": ""})
	for _, err := range []error{
		os.Mkdir("dir", 0o777),
		os.WriteFile("dir/own1", []byte(gap(1)), 0o666),
		os.WriteFile("dir/log", []byte(gap(1)), 0o666),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// What the shell has emptied is named; what would be destroyed is refused, whichever two
// of the files it is.
func TestOneFileForTwoThings(t *testing.T) {
	const empties = "hint: the shell empties the file after > before p1test begins: what it held is gone unless there is a copy; " +
		"write to another file, and rename it afterwards\n"
	const rename = " would write to it: write to another file, and rename it afterwards\n"
	const both = " would both write it: name another file for one of them\n"
	for line, want := range map[string]string{
		"a > a":                          "a: input file is output file, and it is empty\n" + empties,
		"a b > b":                        "b: input file is output file, and it is empty\n" + empties,
		"< a > a":                        "standard input: input file is output file, and it is empty\n" + empties,
		"a -o new > a":                   "a: input file is output file, and it is empty\n" + empties,
		"--key-file b a > b":             "b: input file is output file, and it is empty\n" + empties,
		"--state b a > b":                "b: input file is output file, and it is empty\n" + empties,
		"a >> a":                         "a: input file is output file\nhint: standard output" + rename,
		"< a >> a":                       "standard input: input file is output file\nhint: standard output" + rename,
		"b - < a >> a":                   "standard input: input file is output file\nhint: standard output" + rename,
		"a -o - >> a":                    "a: input file is output file\nhint: standard output" + rename,
		"< a -o ./a":                     "./a: input file is output file\nhint: -o ./a" + rename,
		"a --second - -o new >> a":       "a: input file is output file\nhint: --second -" + rename,
		"a --page a":                     "a: input file is output file\nhint: --page a" + rename,
		"a --state a":                    "a: input file is output file\nhint: --state a" + rename,
		"missing -o missing":             "missing: input file is output file\nhint: -o missing" + rename,
		"a -o b --state b":               "b: input file is output file\nhint: -o b" + rename,
		"a --page b --state b":           "b: input file is output file\nhint: --page b" + rename,
		"a --key-file b --state b":       "b: input file is output file\nhint: --state b" + rename,
		"a -o new --second ./new":        "new: two outputs are one file\nhint: -o new and --second ./new" + both,
		"a --second b >> b":              "standard output: two outputs are one file\nhint: standard output and --second b" + both,
		"a --second -":                   "standard output: two outputs are one file\nhint: standard output and --second -" + both,
		"a -o dir/own2 --archive dir":    "dir/own2: two outputs are one file\nhint: -o dir/own2 and --archive dir" + both,
		"a -o later/own --archive later": "later/own: two outputs are one file\nhint: -o later/own and --archive later" + both,
		"dir/own1 --archive ./dir/":      "dir/own1: input file is output file\nhint: --archive ./dir/ would write to it: name another directory\n",
		"dir/own2 --archive dir":         "dir/own2: input file is output file\nhint: --archive dir would write to it: name another directory\n",
		"--archive dir < dir/own1":       "standard input: input file is output file\nhint: --archive dir would write to it: name another directory\n",
		"a missing* --page a":            "a: input file is output file\nhint: --page a" + rename,
	} {
		filesForApart(t)
		if r := redirected(t, line); r.code != 1 || r.errors != "p1test: "+want {
			t.Errorf("%s: exit code %d, says\n%swant\n%s", line, r.code, r.errors, want)
		}
		for _, name := range []string{"new", "later", "dir/own2", "missing"} {
			if _, err := os.Stat(name); err == nil {
				t.Errorf("%s: made %s", line, name)
			}
		}
	}
}

// What destroys nothing is let be.
func TestFilesApart(t *testing.T) {
	for _, line := range []string{
		"a", "a a", "a - < a", "< a > out", "a < b >> b", "a < b >> out", "a b >> out", "a -o b", "a -o new >> a",
		"a --key-file a", "a --key-file b --state new", "a --state b", "a -o new --second newer --page newest",
		"a --second - -o new", "a --second /dev/null -o /dev/null", "a --second /dev/null > /dev/null",
		"/dev/null -o /dev/null", "< /dev/null > /dev/null", "empty > out", "a -o dir/new --archive dir",
		"dir/log --archive dir", "a --page dir/page --archive dir", "a -o A.jsonl --second B.jsonl",
	} {
		filesForApart(t)
		if _, err := os.Stat("/dev/null"); err != nil && strings.Contains(line, "/dev/null") {
			continue
		}
		if r := redirected(t, line); r.code != 0 || r.errors != "" {
			t.Errorf("%s: exit code %d, says %s", line, r.code, r.errors)
		}
	}
}
