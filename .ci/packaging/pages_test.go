package main

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

var pagesFolder = flag.String("pages", "", "a `FOLDER` with packed pages for TestPages, such as /usr/share/doc/p1; else they are packed")

// pagesIn returns the names of all pages in a folder.
func pagesIn(t *testing.T, folder fs.FS) []string {
	t.Helper()
	var list []string
	err := fs.WalkDir(folder, ".", func(name string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && (name == ".git" || d.Name() == "node_modules") {
			return fs.SkipDir
		}
		if isPage(name) && name != ".ci/FIGURES.md" { // which .ci/long writes
			list = append(list, name)
		}
		return err
	})
	if err != nil || len(list) < 20 {
		t.Fatalf("%d pages are found: %v", len(list), err)
	}
	return list
}

// TestLinks: what the pages of the project link to is there, the heading included.
func TestLinks(t *testing.T) {
	project := os.DirFS(testRelease.source)
	if _, err := reached(project, pagesIn(t, project)...); err != nil {
		t.Error(err)
	}
}

// mostPages is what the pages may weigh with all that they lead to: who links to a folder of
// logs is to see that they are packed.
const mostPages = 1 << 20

// TestPages: among packed pages no link is dead, each is reached from README.md, and nobody may
// run or change what is there.
func TestPages(t *testing.T) {
	folder := *pagesFolder
	if folder == "" {
		folder = t.TempDir()
		if err := writePages(&testRelease, folder); err != nil {
			t.Fatal(err)
		}
	}
	packed := os.DirFS(folder)
	list := pagesIn(t, packed)
	if _, err := reached(packed, list...); err != nil {
		t.Error(err)
	}
	all, _ := reached(packed, "README.md")
	for _, page := range list {
		if !slices.Contains(all, page) {
			t.Errorf("README.md does not lead to %s", page)
		}
	}
	var size int64
	for _, name := range all {
		info, err := fs.Stat(packed, name)
		if err != nil {
			continue // said above
		}
		if size += info.Size(); info.Mode() != 0o644 {
			t.Errorf("%s has the mode %v", name, info.Mode())
		}
		if want := read(t, filepath.Join(testRelease.source, name)); !bytes.Equal(read(t, filepath.Join(folder, name)), want) {
			t.Errorf("%s is not that of the project", name)
		}
	}
	t.Logf("%d files, %d bytes", len(all), size)
	if size > mostPages {
		t.Errorf("the pages and what they lead to have %d bytes, at most %d are wanted", size, mostPages)
	}
}

// TestReached: which files come with a page.
func TestReached(t *testing.T) {
	others := fstest.MapFS{}
	for name, text := range map[string]string{
		"a.md":            "# A heading, and `code`\n",
		"b/README.md":     "[up](../a.md) [beside](c.svg)\n",
		"b/c.svg":         "](nowhere.md)",
		"b/inner/d.md":    "",
		"testdata/x.log":  "",
		"testdata/y.log":  "",
		"testdata/z/z.md": "",
	} {
		others[name] = &fstest.MapFile{Data: []byte(text)}
	}
	for _, c := range []struct{ page, want string }{
		{"none", ""},
		{"[a](a.md) ![c](b/c.svg)", "a.md b/c.svg"},
		{"[a](a.md#a-heading-and-code) [here](#r)\n# R", "a.md"},
		{"[a](a.md#another)", "README.md leads to a.md#another: there is no such heading"},
		{"[here](#s)\n# R", "README.md leads to README.md#s: there is no such heading"},
		{"[b](b/README.md)", "a.md b/README.md b/c.svg"},
		{"[b](b)", "a.md b/README.md b/c.svg"},
		{"[b](b/)", "a.md b/README.md b/c.svg"},
		{"[b](b#up)", "README.md leads to b#up: it is"},
		{"[b](b/inner)", "b/inner/d.md"},
		{`<img src="b/c.svg">`, "b/c.svg"},
		{"[a](https://example.org/a.md) [b](mailto:b@example.org)", ""},
		{"[n](n.md) [m](m.svg)", "README.md leads to m.svg: open m.svg"},
		{"[out](../p1/a.md)", "README.md leads to ../p1/a.md: "},
		{"see `testdata/x.log`", ""},
		{"```sh\np1cat testdata/x.log | p1frame\n```\ntestdata/y.log", "testdata/x.log"},
		{"1. one\n\n   ```console\n   $ p1cat testdata/x.log\n   testdata/x.log:0: and testdata/y.log.\n   ```", "testdata/x.log testdata/y.log"},
		{"```sh\np1cat other/testdata/n.log\n```", ""},
		{"```sh\np1cat <testdata/x.log >testdata/n.log\np1cat testdata/y.log > testdata/n.log\n```", "testdata/x.log testdata/y.log"},
		{"```sh\np1cat testdata/n.log\n```", "README.md leads to testdata/n.log: "},
	} {
		others["README.md"] = &fstest.MapFile{Data: []byte(c.page)}
		all, err := reached(others, "README.md")
		got := strings.Join(slices.DeleteFunc(all, func(name string) bool { return name == "README.md" }), " ")
		if err != nil {
			got = err.Error()
		}
		if got != c.want && (err == nil || c.want == "" || !strings.Contains(got, c.want)) {
			t.Errorf("%q: %s, want %s", c.page, got, c.want)
		}
	}
}
