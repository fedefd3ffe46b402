package pipetest

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// module is the top of the module; the tests run in their package's directory.
const module = "../../.."

// pages returns the names of all pages below the top of the module, with slashes.
func pages(t *testing.T) []string {
	t.Helper()
	var list []string
	must(t, fs.WalkDir(os.DirFS(module), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(d.Name(), ".") && !slices.Contains([]string{".", ".github", ".ci"}, name)
		if d.IsDir() && (hidden || d.Name() == "node_modules") {
			return fs.SkipDir
		}
		if strings.HasSuffix(name, ".md") && name != ".ci/FIGURES.md" { // which .ci/long writes
			list = append(list, name)
		}
		return nil
	}))
	if len(list) < 20 {
		t.Fatalf("only %d pages are found", len(list))
	}
	return list
}

// pageText returns the text of a page, without CRs.
func pageText(t *testing.T, name string) string {
	t.Helper()
	return strings.ReplaceAll(string(read(t, filepath.Join(module, name))), "\r", "")
}

// A block is what stands between two lines of backticks in a page.
type block struct {
	page string
	line int    // of its first line
	kind string // what stands behind the backticks: sh
	file string // and behind that: the file that the block shows
	text string // without the indent of a list
}

func (b block) String() string { return fmt.Sprintf("%s:%d", b.page, b.line) }

// Of the kinds of block, these are commands. A shell block is run, and of a console also what
// is printed after each line that begins with "$ " is compared. Those of Windows are only read.
var commandKinds = []string{"sh", "console", "bat", "powershell"}

// The other kinds are no commands. What a page shows of a file whose name stands behind the
// kind is there for the commands after it: ```text prices.txt
var otherKinds = []string{"text", "csv", "json", "yaml", "sql", "python"}

var (
	blockFence   = regexp.MustCompile("^( *)```(\\w*) ?(.*)$")
	indented     = regexp.MustCompile(`^(?: {4,}|\t)\S`)
	looksRun     = regexp.MustCompile(`(?m)^(?:\$ |(?:bin/)?p1(?:cat|frame|fix|csv|noise) [^:]* [|-])`)
	commandCalls = regexp.MustCompile(`\b(p1(?:cat|frame|fix|csv|noise))(?:\.exe)?((?:[ \t]+|\\\n)[^|;&)\n]*)`)
	callFlags    = regexp.MustCompile(`(?:^|\s)(--?[a-z][a-z-]*)`)
	inQuotes     = regexp.MustCompile(`'[^']*'|"[^"]*"`)
	goTest       = regexp.MustCompile(`go test (?:[^\n]*? )?(\./\S+)(?:[^\n]*? -run[ =]'?([^' ]+))?`)
)

// blocks returns the blocks of a page in their order.
func blocks(t *testing.T, name string) []block {
	t.Helper()
	var (
		list   []block
		open   *block
		indent string
		before string
	)
	for i, line := range strings.Split(pageText(t, name), "\n") {
		edge := blockFence.FindStringSubmatch(line)
		switch {
		case edge != nil && open == nil:
			open, indent = &block{page: name, line: i + 2, kind: edge[2], file: edge[3]}, edge[1]
		case edge != nil:
			list = append(list, *open)
			open = nil
		case open != nil:
			open.text += strings.TrimPrefix(line, indent) + "\n"
		case before == "" && indented.MatchString(line):
			t.Errorf("%s:%d: a block that is indented does not say what it is: write ```sh, ```console, ```text, …", name, i+1)
		}
		before = line
	}
	if open != nil {
		t.Errorf("%v: the block has no end", open)
	}
	return list
}

// Each block says what it is, and commands stand in no block that is not said to be one.
func TestBlocksSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	for _, name := range pages(t) {
		for _, b := range blocks(t, name) {
			switch {
			case slices.Contains(commandKinds, b.kind):
			case !slices.Contains(otherKinds, b.kind):
				t.Errorf("%v: ```%s is no kind of block: %v, %v", b, b.kind, commandKinds, otherKinds)
			case looksRun.MatchString(b.text):
				t.Errorf("%v: ```%s has a command: %s", b, b.kind, looksRun.FindString(b.text))
			}
		}
	}
}

// What a page says of commands that no test runs is right as far as it can be seen: their
// flags are flags of these commands, and what is named after go test is there.
func TestBlocksNameWhatIsThere(t *testing.T) {
	t.Parallel()
	known := map[string][]string{}
	for command := range strings.FieldsSeq(every) {
		known[command] = flags(t, command)
	}
	n := 0
	for _, name := range pages(t) {
		for _, b := range blocks(t, name) {
			if !slices.Contains(commandKinds, b.kind) {
				continue
			}
			for _, call := range commandCalls.FindAllStringSubmatch(inQuotes.ReplaceAllString(b.text, "x"), -1) {
				for _, flag := range callFlags.FindAllStringSubmatch(call[2], -1) {
					n++
					if !slices.Contains(known[call[1]], flag[1]) {
						t.Errorf("%v: %s has no flag %s", b, call[1], flag[1])
					}
				}
			}
			for _, call := range goTest.FindAllStringSubmatch(b.text, -1) {
				testIsThere(t, b, call[1], call[2])
			}
		}
	}
	if n < 50 {
		t.Errorf("only %d flags are found", n)
	}
}

// Where the service keeps its archive, pages and manuals look for it: `p1csv --mcp` of the folder
// above answers that it has read no file.
func TestPagesNameTheServicesArchive(t *testing.T) {
	t.Parallel()
	service := string(read(t, filepath.Join(module, "cmd/p1cat/service/p1.service")))
	archive := regexp.MustCompile(`--archive (/[a-z0-9/]+)`).FindStringSubmatch(service)
	if archive == nil {
		t.Fatal("p1.service names no archive")
	}
	list, err := filepath.Glob(filepath.Join(module, "cmd/*/*.1"))
	must(t, err)
	for i := range list {
		list[i], err = filepath.Rel(module, list[i])
		must(t, err)
	}
	n := 0
	for _, name := range append(list, pages(t)...) {
		for _, folder := range regexp.MustCompile(`/var/lib/p1[a-z0-9/]*`).FindAllString(pageText(t, name), -1) {
			n++
			if folder != archive[1] && !strings.HasPrefix(folder, archive[1]+"/") {
				t.Errorf("%s looks for the archive in %s: the service keeps it in %s", name, folder, archive[1])
			}
		}
	}
	if n < 10 {
		t.Errorf("only %d mentions of the archive are found", n)
	}
}

var testFunc = regexp.MustCompile(`(?m)^func (Test\w+|Fuzz\w+)\(`)

// testIsThere reports a package that is not there, or that has no test of a name.
func testIsThere(t *testing.T, b block, pkg, pattern string) {
	t.Helper()
	if strings.HasSuffix(pkg, "...") {
		return
	}
	files, err := filepath.Glob(filepath.Join(module, pkg, "*_test.go"))
	must(t, err)
	names, err := regexp.Compile(pattern)
	must(t, err)
	for _, file := range files {
		for _, name := range testFunc.FindAllStringSubmatch(string(read(t, file)), -1) {
			if names.MatchString(name[1]) {
				return
			}
		}
	}
	t.Errorf("%v: %s has no test %s", b, pkg, pattern)
}

// usedPrograms are what blocks need beside the commands and what every Unix has. Of those that
// .ci/run installs none may be missing there; it looks for them in this function.
func usedPrograms() map[string]error {
	missing := map[string]error{}
	_, missing["jq"] = exec.LookPath("jq")
	_, missing["mlr"] = exec.LookPath("mlr")
	_, missing["zstd"] = exec.LookPath("zstd")
	_, missing["age"] = exec.LookPath("age")
	_, missing["python3"] = exec.LookPath("python3")
	return missing
}

// An absence is why a test cannot run a block that names something.
type absence struct {
	name *regexp.Regexp
	why  string
}

// absences are what stands for something that only the reader has, or that a test must not do.
var absences = []absence{
	{regexp.MustCompile(`\bYOUR-[A-Z]+`), "a placeholder"},
	{regexp.MustCompile(`/dev/(?:tty|serial|p1\b)|serial://|\bCOM\d`), "a serial port"},
	{regexp.MustCompile(`/var/lib/p1|/etc/(?:p1|udev|systemd)|/run/p1|/usr/local|~/`), "an installation"},
	{regexp.MustCompile(`\b(?:sudo|apt-get|apt|systemctl|podman|docker|skopeo|git)\b`), "the system, or a repository, is changed"},
	{regexp.MustCompile(`\bgo (?:test|run)\b|\.ci/`), "what .ci/run or .ci/long run"},
	{regexp.MustCompile(`\b(?:duckdb|ssh-keygen|influx write|node_exporter|submit\.sh|mosquitto_\w+|p1-mqtt|p1-announce|socat|xdg-open)\b`), "a program that few have"},
	{regexp.MustCompile(`--serve|\bkill\b`), "a process that does not end by itself"},
}

// notRun says why a block is not run; nothing if it is.
func notRun(b block) string {
	if b.kind != "sh" && b.kind != "console" {
		return "commands of Windows"
	}
	for _, a := range absences {
		if found := a.name.FindString(b.text); found != "" {
			return found + ": " + a.why
		}
	}
	for program, err := range usedPrograms() {
		if err != nil && regexp.MustCompile(`\b`+program+`\b`).MatchString(b.text) {
			return program + ": " + err.Error()
		}
	}
	return ""
}

// No page is so long that nobody reads it: README.md has less than 150 lines, every other less
// than 300; and the flags of a command stand last on its page.
func TestPagesAreShort(t *testing.T) {
	t.Parallel()
	for _, name := range pages(t) {
		most, text := 300, pageText(t, name)
		if name == "README.md" {
			most = 150
		}
		if n := strings.Count(text, "\n"); n >= most {
			t.Errorf("%s has %d lines, less than %d are wanted", name, n, most)
		}
		if _, own, ok := strings.Cut(text, "\n## Flags\n"); ok && strings.Contains(own, "\n## ") {
			t.Errorf("%s goes on after its flags", name)
		}
	}
}
