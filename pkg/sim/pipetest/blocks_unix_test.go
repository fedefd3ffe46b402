//go:build unix

package pipetest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"p1/pkg/sim/longtest"
)

// shellSetup is what the commands of a page run in: nothing to type at, the go command only as
// far as what it would build is there already, and a note of each pipe that fails. One that is
// closed by the next stage, as by head, has not failed.
const shellSetup = `set -E -o pipefail
TIMEFORMAT='%U s of CPU time'
go() { [ "$*" = "build -o bin/ ./cmd/..." ]; }
trap 'code=$?; [ $code = 141 ] || echo "exit code $code: $BASH_COMMAND" >>"$step.failed"' ERR
exec </dev/null
`

// Of each page the blocks of commands are run, one after the other in one folder, and what
// consoles show is what is printed. YOUR.log is there as a log. What is not run is listed
// with the reason.
func TestBlocks(t *testing.T) {
	t.Parallel()
	ran := 0
	for _, name := range pages(t) {
		if strings.HasPrefix(name, "testdata/") { // see TestTestdata
			continue
		}
		all := blocks(t, name)
		var runs []block
		for _, b := range all {
			if b.file != "" {
				runs = append(runs, b)
			} else if !slices.Contains(commandKinds, b.kind) {
				continue
			} else if why := notRun(b); why != "" {
				t.Logf("%v is not run: %s", b, why)
			} else {
				runs = append(runs, b)
				ran++
			}
		}
		if len(runs) > 0 {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				runBlocks(t, runs)
			})
		}
	}
	if ran < 40 {
		t.Errorf("only %d blocks are run", ran)
	}
	if os.Getenv("CI") != "" {
		for program, err := range usedPrograms() {
			if err != nil {
				t.Errorf("%s is missing: %v", program, err)
			}
		}
	}
}

// A step is a command, and what a page shows of what it prints.
type step struct {
	block
	command string
	shows   []string
}

var continues = regexp.MustCompile(`(?:\\|\||&&)\s*$`)

// steps takes a block apart: one of a shell is one step, one of a console a step for each line
// that begins with "$ ", and those that continue it.
func steps(t *testing.T, b block) []step {
	t.Helper()
	if b.file != "" {
		return []step{{block: b, command: "cat >" + b.file + " <<'END'\n" + b.text + "END\n"}}
	}
	if b.kind == "sh" {
		return []step{{block: b, command: b.text}}
	}
	var list []step
	more := false
	for i, line := range strings.Split(strings.TrimSuffix(b.text, "\n"), "\n") {
		command, ok := strings.CutPrefix(line, "$ ")
		switch {
		case ok:
			here := b
			here.line += i
			list = append(list, step{block: here, command: command})
		case len(list) == 0:
			t.Fatalf("%v: a console begins with a command after $", b)
		case more:
			list[len(list)-1].command += "\n" + line
			command = line
		default:
			last := &list[len(list)-1]
			last.shows = append(last.shows, line)
			continue
		}
		more = continues.MatchString(command)
	}
	return list
}

// personal are the variables of whoever runs the tests that would change what commands do: keys,
// and a desktop on which pages are opened.
var personal = regexp.MustCompile(`^(?:P1_\w*|DISPLAY|WAYLAND_DISPLAY)=`)

// runBlocks runs the blocks of a page in a folder of their own, with testdata, the commands
// and their scripts in it, by one shell.
func runBlocks(t *testing.T, list []block) {
	dir := t.TempDir()
	var script strings.Builder
	script.WriteString(shellSetup)
	var all []step
	for _, b := range list {
		for _, s := range steps(t, b) {
			n := len(all)
			write(t, filepath.Join(dir, fmt.Sprintf(".%d.command", n)), []byte(s.command))
			fmt.Fprintf(&script, "step=$HOME/.%d; { time { eval \"$(<$step.command)\"; } >$step.out 2>$step.err; } 2>$step.time\n", n)
			all = append(all, s)
		}
	}
	must(t, os.WriteFile(filepath.Join(dir, "YOUR.log"), read(t, filepath.Join(testdata, "hu-noisy.log")), 0o600))
	for linked, at := range map[string]string{"testdata": testdata, "bin": bin, "cmd": filepath.Join(module, "cmd"), "pkg": filepath.Join(module, "pkg")} {
		full, err := filepath.Abs(at)
		must(t, err)
		must(t, os.Symlink(full, filepath.Join(dir, linked)))
	}
	ctx, cancel := context.WithTimeout(t.Context(), longtest.Patience)
	defer cancel()
	shell := exec.CommandContext(ctx, "bash", "-c", script.String())
	shell.Dir = dir
	shell.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return personal.MatchString(v) }),
		"PATH="+bin+":"+filepath.Join(dir, "cmd/p1noise")+":"+os.Getenv("PATH"), "HOME="+dir, "LC_ALL=C.UTF-8", "TMPDIR="+dir)
	if out, err := shell.CombinedOutput(); err != nil && ctx.Err() != nil || len(out) > 0 {
		t.Fatalf("%v: %s", err, out)
	}
	for n, s := range all {
		judge(t, s, filepath.Join(dir, fmt.Sprintf(".%d", n)))
	}
}

// judge reports a step that has failed, unless the page shows its exit code, and one that has
// printed something else than the page shows.
func judge(t *testing.T, s step, file string) {
	t.Helper()
	out, said := string(read(t, file+".out")), string(read(t, file+".err"))
	if spent := string(read(t, file+".time")); !strings.HasPrefix(spent, "0.") {
		t.Logf("%v takes %s", s, spent) // dear steps are to be looked at
	}
	if failed, err := os.ReadFile(file + ".failed"); err == nil && !strings.Contains(s.command, "$?") {
		t.Errorf("%v fails:\n%s%s", s, failed, said)
	}
	if s.kind == "console" && !shown(s.shows, printed(out), printed(said)) {
		t.Errorf("%v: %s\nprints:\n%s%s", s, s.command, said, out)
	}
}

// printed takes a text apart, without blanks at the ends of lines.
func printed(text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		list = append(list, strings.TrimRight(line, " \r\n"))
	}
	return list
}

// shown reports whether a page shows what a command has printed: all lines of standard output
// in their order, and all of standard error in theirs, as a terminal mixes them. A line … stands
// for any number of lines, and … in a line for any text.
func shown(page, out, said []string) bool {
	type place struct{ page, out, said int }
	past := map[place]bool{}
	var fits func(place) bool
	fits = func(at place) bool {
		if past[at] {
			return false
		}
		past[at] = true
		page, out, said := page[at.page:], out[at.out:], said[at.said:]
		if len(page) == 0 {
			return len(out) == 0 && len(said) == 0
		}
		cut := strings.TrimSpace(page[0]) == "…"
		if cut && fits(place{at.page + 1, at.out, at.said}) {
			return true
		}
		next := at.page + 1
		if cut {
			next = at.page
		}
		return len(out) > 0 && (cut || like(page[0], out[0])) && fits(place{next, at.out + 1, at.said}) ||
			len(said) > 0 && (cut || like(page[0], said[0])) && fits(place{next, at.out, at.said + 1})
	}
	return fits(place{})
}

// like reports whether a line is what a page shows of it.
func like(page, line string) bool {
	page = strings.TrimRight(page, " ")
	if !strings.Contains(page, "…") {
		return page == line
	}
	return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(page), "…", ".*") + "$").MatchString(line)
}

// What is shown decides: a line more, less or other is seen, and what is cut may be anything.
func TestShown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		page, out, said string
		want            bool
	}{
		{"a\nb\n", "a\nb\n", "", true},
		{"a\nb\n", "b\n", "a\n", true},
		{"b\na\n", "b\n", "a\n", true},
		{"a\n", "a\nb\n", "", false},
		{"a\nb\n", "a\n", "", false},
		{"b\na\n", "a\nb\n", "", false},
		{"a\n…\n", "a\nb\nc\n", "said\n", true},
		{"a\n…\nd\n", "a\nb\nc\n", "", false},
		{"0.999992,…,x\n", "0.999992,1,2,x\n", "", true},
		{"0.999992,…,x\n", "0.999998,1,2,x\n", "", false},
		{"0.999992,…\n", "0.999992,1,2,x\n", "", true},
		{"0.99\n", "0.999\n", "", false},
		{"", "", "said\n", false},
	} {
		if got := shown(printed(c.page), printed(c.out), printed(c.said)); got != c.want {
			t.Errorf("%q for %q and %q: %v", c.page, c.out, c.said, got)
		}
	}
}
