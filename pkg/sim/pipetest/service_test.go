package pipetest

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	called   = regexp.MustCompile(`\b(p1cat|p1frame|p1fix|p1csv|p1noise)"?\s`)
	longFlag = regexp.MustCompile(`\s(--[a-z][a-z-]*)`)
)

// The files for services, and the scripts for reports, call the commands by flags that they
// have.
func TestServiceFlags(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../../cmd/p1cat/service/*")
	must(t, err)
	files = append(files, "../../../cmd/p1noise/p1-report", "../../../cmd/p1noise/p1-report.cmd")
	n := 0
	for _, name := range files {
		text := strings.ReplaceAll(string(read(t, name)), "\\\n", " ")
		for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune("|\n()'", r) }) {
			command := called.FindStringSubmatch(part + " ")
			if command == nil || strings.HasPrefix(strings.TrimSpace(part), "#") {
				continue
			}
			for _, f := range longFlag.FindAllStringSubmatch(part[strings.Index(part, command[1]):], -1) {
				n++
				if !slices.Contains(flags(t, command[1]), f[1]) {
					t.Errorf("%s calls %s with %s, which it does not have", name, command[1], f[1])
				}
			}
		}
	}
	if n < 8 {
		t.Errorf("only %d flags are found", n)
	}
}
