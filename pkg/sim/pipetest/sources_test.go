package pipetest

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

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
