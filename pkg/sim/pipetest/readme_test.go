package pipetest

import (
	"os"
	"path/filepath"
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

// The README has a row for every flag that several commands have, that of a command for
// each of its own, and for every exit code; none names another flag.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme := string(read(t, "../../../README.md"))
	all := readme + string(read(t, "../../../pkg/record/README.md")) + string(read(t, "../../../hardware/README.md"))
	known := map[string]bool{}
	for _, command := range []string{"p1cat", "p1frame", "p1fix", "p1csv", "p1noise"} {
		text := string(read(t, "../../../cmd/"+command+"/README.md"))
		all += text
		_, own, ok := strings.Cut(text, "\n## Flags\n")
		if !ok {
			t.Errorf("cmd/%s/README.md has no flags", command)
		}
		has := flags(t, command)
		for _, name := range has {
			known[name] = true
			if !inReadme(readme, command, name) && !regexp.MustCompile("(?m)^\\|[^|]*`"+name+"[ `=]").MatchString(own) {
				t.Errorf("no row for the flag %s of %s, in cmd/%s/README.md or, for several commands, README.md", name, command, command)
			}
		}
		for _, row := range flagRow.FindAllStringSubmatch(own, -1) {
			if !slices.Contains(has, row[1]) {
				t.Errorf("cmd/%s/README.md has a row for %s, which is no flag of it", command, row[1])
			}
		}
	}
	for _, name := range mentioned.FindAllStringSubmatch(all, -1) {
		if !known[name[1]] {
			t.Errorf("a README names the flag %s, which no command has", name[1])
		}
	}
	for _, code := range []string{"0", "1", "2", "3", "4", "130"} {
		if !regexp.MustCompile(`(?m)^\| *` + "`?" + code + "`?" + ` *\|`).MatchString(readme) {
			t.Errorf("README.md has no row for the exit code %s", code)
		}
	}
}

var flagRow = regexp.MustCompile("(?m)^\\| `(--[a-z-]+)")

// inReadme reports whether README.md has a row for a flag, and says there that the
// command has it.
func inReadme(readme, command, name string) bool {
	row := regexp.MustCompile("(?m)^\\|[^|]*`" + name + "[ `=][^|]*\\|([^|]*)\\|").FindStringSubmatch(readme)
	if row == nil {
		return false
	}
	if but, every := strings.CutPrefix(strings.TrimSpace(row[1]), "all"); every {
		return !strings.Contains(but, command)
	}
	return strings.Contains(row[1], command)
}

var link = regexp.MustCompile(`\]\(([^):#]*)(#[^)]*)?\)`)

// What the READMEs link to is there, the heading included.
func TestReadmeLinks(t *testing.T) {
	t.Parallel()
	root := "../../.."
	n := 0
	names := []string{"ARCHITECTURE.md"}
	for _, dir := range []string{".", "cmd/p1cat", "cmd/p1frame", "cmd/p1fix", "cmd/p1csv", "cmd/p1noise", "pkg/record", "hardware"} {
		names = append(names, filepath.Join(dir, "README.md"))
	}
	for _, file := range names {
		dir, name := filepath.Dir(file), filepath.Join(root, file)
		for _, l := range link.FindAllStringSubmatch(string(read(t, name)), -1) {
			n++
			target := name
			if l[1] != "" {
				target = filepath.Join(root, dir, l[1])
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s%s: %v", name, l[1], l[2], err)
			} else if l[2] != "" && !slices.Contains(headings(string(read(t, target))), l[2]) {
				t.Errorf("%s links to %s%s, and there is no such heading", name, l[1], l[2])
			}
		}
	}
	if n < 10 {
		t.Errorf("only %d links are found", n)
	}
}

// headings returns the anchors of a text's headings: #the-contract.
func headings(text string) []string {
	var list []string
	for _, h := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		plain := regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(h[1]), "")
		list = append(list, "#"+strings.ReplaceAll(plain, " ", "-"))
	}
	return list
}
