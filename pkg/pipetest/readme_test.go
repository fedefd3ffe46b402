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
	flagLine  = regexp.MustCompile(`(?m)^ +(-[^ ].*?)(?:  |$)`)
	flagName  = regexp.MustCompile(`(?:^|[^\w-])(--?[a-z][a-z-]*)`)
	mentioned = regexp.MustCompile("`(--[a-z][a-z-]*)")
)

// flags returns the names of a command's flags, as its help lists them: --output
// and -o.
func flags(t *testing.T, command string) []string {
	t.Helper()
	_, options, ok := strings.Cut(string(run(t, "", command+" --help")), "OPTIONS:\n")
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

// The README names every flag of every command and every exit code; it and those of
// the commands name no other flag, and link to nothing that is not there.
func TestReadme(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../README.md")
	if os.IsNotExist(err) {
		t.Skip("there is no README.md yet")
	}
	must(t, err)
	readme := string(data)
	all := readme
	for _, name := range []string{"cmd/p1cat", "cmd/p1frame", "cmd/p1csv", "cmd/p1noise", "pkg/record", "hardware"} {
		all += string(read(t, "../../"+name+"/README.md"))
	}
	// In the table of the flags a row is a flag, and the commands that have it.
	known := map[string]bool{}
	for _, command := range []string{"p1cat", "p1frame", "p1fix", "p1csv", "p1noise"} {
		for _, name := range flags(t, command) {
			known[name] = true
			row := regexp.MustCompile("(?m)^\\|[^|]*`" + name + "[ `=][^|]*\\|([^|]*)\\|").FindStringSubmatch(readme)
			if row == nil {
				t.Errorf("README.md has no row for the flag %s of %s", name, command)
				continue
			}
			has := strings.Contains(row[1], command)
			if but, every := strings.CutPrefix(strings.TrimSpace(row[1]), "all"); every {
				has = !strings.Contains(but, command)
			}
			if !has {
				t.Errorf("README.md does not say that %s has the flag %s, but:%s", command, name, row[1])
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

var link = regexp.MustCompile(`\]\(([^):#]*)(#[^)]*)?\)`)

// What the READMEs link to is there, the heading included.
func TestReadmeLinks(t *testing.T) {
	t.Parallel()
	root := "../.."
	n := 0
	for _, dir := range []string{".", "cmd/p1cat", "cmd/p1frame", "cmd/p1csv", "cmd/p1noise", "pkg/record", "hardware"} {
		name := filepath.Join(root, dir, "README.md")
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
