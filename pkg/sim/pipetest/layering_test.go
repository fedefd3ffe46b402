package pipetest

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// imports returns the packages of this module that the commands are made of, each
// with those that it needs, itself not among them. The module's name and pkg/ are
// left out.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	short := func(path string) string {
		return strings.TrimPrefix(strings.TrimPrefix(path, "p1/"), "pkg/")
	}
	deps := map[string][]string{}
	list := exec.Command("go", "list", "-deps", "-f", "{{.ImportPath}} {{join .Deps \" \"}}", "../../../cmd/...")
	var said bytes.Buffer
	list.Stderr = &said
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v %s", err, &said)
	}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		if !strings.HasPrefix(words[0], "p1/") {
			continue
		}
		name := short(words[0])
		deps[name] = []string{}
		for _, w := range words[1:] {
			if strings.HasPrefix(w, "p1/") {
				deps[name] = append(deps[name], short(w))
			}
		}
	}
	return deps
}

// Imports point one way only: a command needs one stage, a stage no other one, and
// what decodes knows nothing of the simulator that it is tested with.
func TestLayers(t *testing.T) {
	t.Parallel()
	deps := imports(t)
	// A name that is no longer there would make the rules below empty.
	known := func(names ...string) []string {
		for _, n := range names {
			if _, ok := deps[n]; !ok {
				t.Errorf("there is no package %s: do these rules still hold?", n)
			}
		}
		return names
	}
	stages := known("capture", "frame", "repair", "table", "report")
	for _, stage := range stages {
		for _, other := range stages {
			if slices.Contains(deps[stage], other) {
				t.Errorf("the stage %s needs the stage %s", stage, other)
			}
		}
	}
	for _, name := range known("frame", "crc", "channel", "expect", "repair", "telegram", "table", "report", "voltage", "chart", "page", "record", "file", "tool", "pseudonym") {
		if slices.Contains(deps[name], "meter") {
			t.Errorf("%s needs the simulated meter", name)
		}
	}
	for _, stage := range stages {
		if slices.Contains(deps["voltage"], stage) {
			t.Errorf("voltage needs the stage %s", stage)
		}
	}
	for _, name := range known("record", "meter") {
		if len(deps[name]) > 0 {
			t.Errorf("%s needs %v, and is to need nothing of this module", name, deps[name])
		}
	}
	known("meter", "source")
	for command, stage := range map[string]string{
		"cmd/p1cat": "capture", "cmd/p1frame": "frame", "cmd/p1fix": "repair", "cmd/p1csv": "table", "cmd/p1noise": "report",
	} {
		known(command)
		for _, s := range stages {
			if has := slices.Contains(deps[command], s); has != (s == stage) {
				t.Errorf("%s needs the stage %s: %v", command, s, has)
			}
		}
		if has := slices.Contains(deps[command], "meter"); has != (command == "cmd/p1cat") {
			t.Errorf("%s needs the simulated meter: %v", command, has)
		}
	}
	// Nothing that is made for tests is in what people run, nor the circuits.
	for name := range deps {
		if strings.Contains(name, "test") || strings.Contains(name, "bench") || strings.HasPrefix(name, "hardware") {
			t.Errorf("the commands need %s", name)
		}
	}
}

// maxMain is how many lines a command's main.go may have.
const maxMain = 120

// The commands are thin, nothing happens before main, and every package says what
// it is for.
func TestSources(t *testing.T) {
	t.Parallel()
	documented := map[string]bool{}
	packages := map[string]bool{}
	files := token.NewFileSet()
	for _, root := range []string{"../../../cmd", "../../../pkg", "../../../hardware"} {
		must(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") {
				return err
			}
			text := read(t, path)
			file, err := parser.ParseFile(files, path, text, parser.ParseComments|parser.SkipObjectResolution)
			must(t, err)
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "init" && f.Recv == nil {
					t.Errorf("%s has an init", path)
				}
			}
			if strings.HasSuffix(path, "_test.go") {
				return nil
			}
			packages[filepath.Dir(path)] = true
			if file.Doc != nil {
				checkDoc(t, path, file)
				documented[filepath.Dir(path)] = true
			}
			if n := bytes.Count(text, []byte("\n")); filepath.Base(path) == "main.go" && n > maxMain {
				t.Errorf("%s has %d lines, and %d are enough to wire a command", path, n, maxMain)
			}
			return nil
		}))
	}
	if len(packages) < 15 {
		t.Fatalf("only %d packages are found", len(packages))
	}
	for dir := range packages {
		if !documented[dir] {
			t.Errorf("%s has no package comment", dir)
		}
	}
}

// checkDoc looks at how a package comment begins.
func checkDoc(t *testing.T, path string, file *ast.File) {
	t.Helper()
	want := "Package " + file.Name.Name + " "
	if file.Name.Name == "main" {
		want = "Command " + filepath.Base(filepath.Dir(path)) + " "
	}
	if doc := file.Doc.Text(); !strings.HasPrefix(doc, want) {
		t.Errorf("the package comment in %s begins with %.30q, want %q", path, doc, want)
	}
}
