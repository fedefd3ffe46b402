package pipetest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	// quoted is a path of the project between backticks, with what stands in
	// parentheses after it.
	quoted = regexp.MustCompile("`((?:cmd|pkg|hardware|testdata|\\.ci)[\\w./-]*)`(?: \\(((?:`\\w+`(?:, )?)+)\\))?")
	word   = regexp.MustCompile("`(\\w+)`")
)

// mostWords is how many words the glossary may have.
const mostWords = 25

// What ARCHITECTURE.md names is there: each path, and in a file what stands in
// parentheses after it; and it names every package.
func TestArchitecture(t *testing.T) {
	t.Parallel()
	const root = "../../.."
	text := string(read(t, filepath.Join(root, "ARCHITECTURE.md")))
	named := map[string]bool{}
	for _, q := range quoted.FindAllStringSubmatch(text, -1) {
		path := filepath.Join(root, q[1])
		named[q[1]] = true
		if _, err := os.Stat(path); err != nil {
			t.Errorf("ARCHITECTURE.md names %s: %v", q[1], err)
			continue
		}
		for _, name := range word.FindAllStringSubmatch(q[2], -1) {
			declared := regexp.MustCompile(`(?m)^(?:func (?:\([^)]*\) )?|type |var |const |\t)` + name[1] + `\b`)
			if !declared.Match(read(t, path)) {
				t.Errorf("ARCHITECTURE.md names %s in %s, which does not declare it", name[1], q[1])
			}
		}
	}
	for _, dir := range packages(t, root) {
		if !named[dir] {
			t.Errorf("ARCHITECTURE.md does not name %s", dir)
		}
	}
	_, glossary, _ := strings.Cut(text, "\n## Words\n")
	glossary, _, _ = strings.Cut(glossary, "\n## ")
	if n := strings.Count(glossary, "\n| ") - 1; n < 15 || n > mostWords {
		t.Errorf("the glossary has %d words, at most %d are wanted", n, mostWords)
	}
}

// packages returns the folders that hold Go files, below cmd, pkg and hardware.
func packages(t *testing.T, root string) []string {
	t.Helper()
	var dirs []string
	for _, top := range []string{"cmd", "pkg", "hardware"} {
		must(t, filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return err
			}
			if files, err := filepath.Glob(filepath.Join(path, "*.go")); err != nil || len(files) == 0 {
				return err
			}
			dir, err := filepath.Rel(root, path)
			dirs = append(dirs, filepath.ToSlash(dir))
			return err
		}))
	}
	if len(dirs) < 30 {
		t.Errorf("only %d packages are found", len(dirs))
	}
	return dirs
}
