package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// writePages copies README.md, and all that can be reached from it, into a folder: each file at
// its own path, so that what a page names is where the page says.
func writePages(r *release, to string) error {
	source := os.DirFS(r.source)
	all, err := reached(source, "README.md")
	if err != nil {
		return err
	}
	for _, name := range all {
		content, err := fs.ReadFile(source, name)
		if err != nil {
			return err
		}
		file := filepath.Join(to, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// reached returns, sorted, these pages, the files that they lead to, and those that pages among
// these lead to. It fails where one leads nowhere, or to a heading that is not there, and names
// all such places.
func reached(files fs.FS, start ...string) ([]string, error) {
	found := map[string]bool{}
	var next []string
	add := func(names ...string) {
		for _, name := range names {
			if !found[name] && isPage(name) {
				next = append(next, name)
			}
			found[name] = true
		}
	}
	var dead []error
	for add(start...); len(next) > 0; {
		page := next[0]
		next = next[1:]
		text, err := pageText(files, page)
		if err != nil {
			return nil, err
		}
		for _, r := range references(page, text) {
			names, err := r.files(files)
			if err != nil {
				dead = append(dead, fmt.Errorf("%s leads to %s%s: %w", page, r.target, r.heading, err))
			}
			add(names...)
		}
	}
	return slices.Sorted(maps.Keys(found)), errors.Join(dead...)
}

// isPage reports whether what a file leads to is followed.
func isPage(name string) bool { return path.Ext(name) == ".md" }

// pageText returns the text of a page, without CRs.
func pageText(files fs.FS, name string) (string, error) {
	text, err := fs.ReadFile(files, name)
	return strings.ReplaceAll(string(text), "\r", ""), err
}

// reference is where a page leads: a file or folder, and a heading in it or none.
type reference struct{ target, heading string }

var (
	link = regexp.MustCompile(`\]\(([^):#\s]*)(#[^)]*)?\)|(?:src|href)="([^":#]+)(#[^"]*)?"`)
	// A block of commands, or of what they print, is written for the folder of the project; what
	// stands after > is not read.
	fenced = regexp.MustCompile("(?ms)^ *```.*?^ *```")
	sample = regexp.MustCompile(`(?m)(?:^|(>\s*)|[^\w./])(testdata/[\w./-]*\w)`)
)

// references returns where the text of a page leads within the project: by its links, and by
// the logs that its commands read.
func references(page, text string) []reference {
	var all []reference
	for _, l := range link.FindAllStringSubmatch(text, -1) {
		r := reference{page, l[2] + l[4]}
		if l[1]+l[3] != "" {
			r.target = path.Join(path.Dir(page), l[1]+l[3])
		}
		all = append(all, r)
	}
	for _, block := range fenced.FindAllString(text, -1) {
		for _, s := range sample.FindAllStringSubmatch(block, -1) {
			if s[1] == "" {
				all = append(all, reference{target: s[2]})
			}
		}
	}
	return all
}

// files returns what is shown to whoever follows a reference: a file, or those in a folder.
func (r reference) files(files fs.FS) ([]string, error) {
	info, err := fs.Stat(files, r.target)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{r.target}, r.headingIsThere(files)
	}
	entries, err := fs.ReadDir(files, r.target)
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() {
			names = append(names, path.Join(r.target, e.Name()))
		}
	}
	if err == nil && (len(names) == 0 || r.heading != "") {
		err = fmt.Errorf("it is a folder without files, or one with a heading")
	}
	return names, err
}

func (r reference) headingIsThere(files fs.FS) error {
	if r.heading == "" {
		return nil
	}
	text, err := pageText(files, r.target)
	if err == nil && !slices.Contains(headings(text), r.heading) {
		err = fmt.Errorf("there is no such heading")
	}
	return err
}

var (
	heading  = regexp.MustCompile(`(?m)^#+ (.*)$`)
	noAnchor = regexp.MustCompile(`[^a-z0-9 -]`)
)

// headings returns the anchors of a text's headings: #the-contract.
func headings(text string) []string {
	var list []string
	for _, h := range heading.FindAllStringSubmatch(text, -1) {
		plain := noAnchor.ReplaceAllString(strings.ToLower(h[1]), "")
		list = append(list, "#"+strings.ReplaceAll(plain, " ", "-"))
	}
	return list
}
