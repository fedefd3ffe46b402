package tooltest

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"p1/pkg/tool"
)

// What a command does with the file that a flag names.
const (
	reads   = "reads"
	writes  = "writes"
	keeps   = "reads and writes"
	fills   = "writes into" // a directory
	noValue = ""
)

// uses are the flags of the five commands that name a file.
func uses() map[string]string {
	return map[string]string{
		"output": writes, "validity": writes, "html": writes, "voltage-html": writes, "index": writes, "plot": writes, "metrics": writes,
		"key-file": reads, "seal": reads, "identity": reads, "with": reads, "state-from": reads, "prices": reads, "link": reads, "state": keeps, "archive": fills, "partition": fills,
	}
}

// Apart runs a command with every flag that writes a file, and with standard output, on
// every way to name that same file as an input: the file stays as it is, nothing is made
// beside it, and the exit code is 1.
func Apart(t *testing.T, app func() *cli.App) {
	t.Helper()
	var written, read []string
	for _, f := range app().Flags {
		name := f.Names()[0]
		use := uses()[name]
		if use == noValue && namesFile(f) {
			t.Errorf("--%s names a file: what is done with it is to be in this test's table, and by tool.Reads and its like in the command", name)
		}
		if use == writes || use == keeps || use == fills {
			written = append(written, name)
		}
		if use == reads || use == keeps {
			read = append(read, name)
		}
	}
	for _, out := range append(written, standardOutput) {
		for _, in := range append(inputs(), read...) {
			if in == out {
				continue // a state is read and written on purpose
			}
			for _, link := range []string{"the name", "a symbolic link", "a hard link"} {
				t.Run(out+" on "+in+" by "+link, func(t *testing.T) { apart(t, app(), out, in, link) })
			}
		}
	}
}

// namesFile reports whether the value of a flag is the name of a file.
func namesFile(f cli.Flag) bool {
	switch f.(type) {
	case *tool.FileFlag, *tool.FilesFlag:
		return true
	}
	usage := ""
	switch f := f.(type) {
	case *cli.StringFlag:
		usage = f.Usage
		if f.TakesFile {
			return true
		}
	case *cli.StringSliceFlag:
		usage = f.Usage
	case *cli.PathFlag, *cli.GenericFlag:
		return true
	}
	placeholder := strings.Split(usage, "`")
	return len(placeholder) == 3 && slices.Contains([]string{"FILE", "FILES", "DIR", "PATH"}, placeholder[1])
}

const standardOutput = "standard output"

func inputs() []string {
	return []string{"an argument", "the last argument", "an absolute path", "a pattern", "standard input", "standard input as -"}
}

// apart runs one command line. The file is one that an archive would go on in.
func apart(t *testing.T, app *cli.App, out, in, link string) {
	t.Chdir(t.TempDir())
	const text = "months of it\n"
	const dir, name = "kept", "kept/p1-2026-01-01.jsonl.zst"
	must(t, os.Mkdir(dir, 0o777))
	must(t, os.WriteFile(name, []byte(text), 0o666))
	must(t, os.WriteFile("other", []byte(text), 0o666))
	input := name
	switch link {
	case "a symbolic link":
		input = "linked"
		skip(t, os.Symlink(name, input))
	case "a hard link":
		input = "linked"
		skip(t, os.Link(name, input))
	}
	stdin, stdout := open(t, "other", os.O_RDONLY), open(t, "out", os.O_WRONLY|os.O_CREATE)
	var args []string
	switch in {
	case "an argument":
		args = []string{input}
	case "the last argument":
		args = []string{"other", input}
	case "an absolute path":
		absolute, err := filepath.Abs(input)
		must(t, err)
		args = []string{absolute}
	case "a pattern":
		args = []string{input[:len(input)-1] + "*"}
	case "standard input":
		stdin = open(t, input, os.O_RDONLY)
	case "standard input as -":
		stdin, args = open(t, input, os.O_RDONLY), []string{"other", "-"}
	default:
		args = []string{"--" + in, input, "other"}
	}
	switch {
	case out == standardOutput:
		stdout = open(t, name, os.O_WRONLY|os.O_APPEND)
	case uses()[out] == fills:
		args = append(args, "--"+out, dir)
	default:
		args = append(args, "--"+out, name)
	}
	before := listing(t)
	var said bytes.Buffer
	code := tool.Run(app, append([]string{app.Name}, args...), stdin, stdout, &said)
	if code != tool.ExitFailed || !strings.Contains(said.String(), ": input file is output file\nhint: ") {
		t.Errorf("%q: exit code %d, says %q", args, code, said.String())
	}
	if after := listing(t); !slices.Equal(before, after) {
		t.Errorf("%q: of %q came %q", args, before, after)
	}
}

// listing is each file below the current directory with what is in it.
func listing(t *testing.T) (all []string) {
	must(t, filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		all = append(all, path+": "+string(data))
		return err
	}))
	return all
}

func open(t *testing.T, name string, how int) *os.File {
	t.Helper()
	f, err := os.OpenFile(name, how, 0o666)
	must(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// skip ends a test that the system has no links for.
func skip(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Skip(err)
	}
}
