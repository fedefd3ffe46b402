package pipetest

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	flagLine  = regexp.MustCompile(`(?m)^  (-[^ ].*)$`)
	flagName  = regexp.MustCompile(`(?:^|[^\w-])(--?[a-z][a-z-]*)`)
	mentioned = regexp.MustCompile("`(--[a-z][a-z-]*)")
)

// flags returns the names of a command's flags, as its help lists them: --output
// and -o.
func flags(t *testing.T, command string) []string {
	t.Helper()
	_, options, ok := strings.Cut(string(run(t, "", command+" --help")), "\nOptions:\n")
	if !ok {
		t.Fatalf("%s --help lists no options", command)
	}
	var names []string
	for _, line := range flagLine.FindAllStringSubmatch(options, -1) {
		for _, name := range flagName.FindAllStringSubmatch(line[1], -1) {
			names = append(names, name[1])
		}
	}
	for _, name := range []string{"--help", "-h", "--version", "-v", "--output", "-o"} {
		if !slices.Contains(names, name) {
			t.Fatalf("%s: %v lacks %s: is its help read as it is meant?", command, names, name)
		}
	}
	return names
}

// The page of all commands has a row for every flag that several have, that of a command for
// each of its own, and the first one for every exit code; none names another flag.
func TestReadme(t *testing.T) {
	t.Parallel()
	common := pageText(t, "cmd/README.md")
	known := map[string]bool{}
	for command := range strings.FieldsSeq(every) {
		_, own, ok := strings.Cut(pageText(t, "cmd/"+command+"/README.md"), "\n## Flags\n")
		if !ok {
			t.Errorf("cmd/%s/README.md has no flags", command)
		}
		has := flags(t, command)
		for _, name := range has {
			known[name] = true
			if !inCommon(common, command, name) && !regexp.MustCompile("(?m)^\\|[^|]*`"+name+"[ `=]").MatchString(own) {
				t.Errorf("no row for the flag %s of %s, in cmd/%s/README.md or, for several commands, cmd/README.md", name, command, command)
			}
		}
		for _, row := range flagRow.FindAllStringSubmatch(own, -1) {
			if !slices.Contains(has, row[1]) {
				t.Errorf("cmd/%s/README.md has a row for %s, which is no flag of it", command, row[1])
			}
		}
	}
	for _, name := range pages(t) {
		if slices.Contains(ofOthers, name) {
			continue
		}
		for _, flag := range mentioned.FindAllStringSubmatch(pageText(t, name), -1) {
			if !known[flag[1]] {
				t.Errorf("%s names the flag %s, which no command has", name, flag[1])
			}
		}
	}
	for _, code := range []string{"0", "1", "2", "3", "4", "130"} {
		if !regexp.MustCompile(`(?m)^\| *` + "`?" + code + "`?" + ` *\|`).MatchString(common) {
			t.Errorf("cmd/README.md has no row for the exit code %s", code)
		}
	}
}

var flagRow = regexp.MustCompile("(?m)^\\| `(--[a-z-]+)")

// ofOthers are pages that name flags of other programs.
var ofOthers = []string{".ci/RELEASE.md", "cmd/p1csv/HISTORY.md", "cmd/p1csv/fleet/README.md"}

// inCommon reports whether the page of all commands has a row for a flag, and says there that
// the command has it.
func inCommon(common, command, name string) bool {
	row := regexp.MustCompile("(?m)^\\|[^|]*`" + name + "[ `=][^|]*\\|([^|]*)\\|").FindStringSubmatch(common)
	if row == nil {
		return false
	}
	if but, every := strings.CutPrefix(strings.TrimSpace(row[1]), "all"); every {
		return !strings.Contains(but, command)
	}
	return strings.Contains(row[1], command)
}
