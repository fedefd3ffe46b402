package pipetest

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"p1/pkg/noise/page"
)

var (
	folderFile = regexp.MustCompile(`"%FOLDER%\\([\w.-]+)"`)
	jumpTo     = regexp.MustCompile(`(?m)\bgoto (\w+)`)
	isDefined  = regexp.MustCompile(`\bdefined (\w+)`)
	jumpLabel  = regexp.MustCompile(`(?m)^:(\w+)$`)
)

// What can be looked at of the script for Windows without it: it has the line ends that cmd
// wants, jumps only where there is something, asks of no variable that the environment may
// have, such as that of the folder to be removed, and makes the files of a report, and others
// only to remove them.
func TestReportForWindows(t *testing.T) {
	t.Parallel()
	text := read(t, "../../../cmd/p1noise/p1-report.cmd")
	if bytes.Count(text, []byte("\n")) != bytes.Count(text, []byte("\r\n")) || bytes.ContainsFunc(text, func(r rune) bool { return r > '~' }) {
		t.Error("a line does not end in CR LF, or is not ASCII")
	}
	script := strings.ReplaceAll(string(text), "\r\n", "\n")
	labels := map[string]bool{}
	for _, l := range jumpLabel.FindAllStringSubmatch(script, -1) {
		labels[l[1]] = true
	}
	for _, j := range jumpTo.FindAllStringSubmatch(script, -1) {
		if !labels[j[1]] {
			t.Errorf("it goes to %s, which is not there", j[1])
		}
	}
	begin, _, _ := strings.Cut(script, "\n:")
	for _, d := range isDefined.FindAllStringSubmatch(script, -1) {
		if !strings.Contains(begin, "\nset \""+d[1]+"=") && !strings.Contains(script, "\nset "+d[1]+"=%1\nif defined "+d[1]) {
			t.Errorf("%s may come from the environment", d[1])
		}
	}
	made := map[string]bool{}
	for _, f := range folderFile.FindAllStringSubmatch(script, -1) {
		made[f[1]] = true
	}
	for _, f := range append(page.Files(), page.File{Name: "index.html"}, page.File{Name: "unread.txt"}) {
		if !made[f.Name] {
			t.Errorf("it does not make %s", f.Name)
		}
		delete(made, f.Name)
	}
	for name := range made {
		if !regexp.MustCompile(`(?m)^del .*\\` + regexp.QuoteMeta(name) + `"`).MatchString(script) {
			t.Errorf("it leaves %s", name)
		}
	}
}
