package main

import (
	"bytes"
	"cmp"
	"debug/buildinfo"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// permissive are the licences, by their SPDX identifiers, under which binaries may be handed
// on with nothing but their text.
var permissive = []string{"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "OFL-1.1", "Unlicense", "Zlib"}

// chosen are modules that come under one licence or another: the file of the one that we take,
// in place of their LICENSE.
var chosen = map[string]string{
	"github.com/eclipse/paho.mqtt.golang": "edl-v10", // EPL-2.0 or this, which is BSD-3-Clause
}

// library is the name of Go's own library among the parts.
const library = "std"

// part is a module that binaries are made of, or Go's library.
type part struct {
	debug.Module
	folder string // in the module cache
	files  []licenceFile
}

// licenceFile is a text that is handed on with the binaries.
type licenceFile struct {
	name, text string
	ids        []string // the licences in it; none of a notice
}

// ids are the licences of a part, sorted.
func (p *part) ids() []string {
	all := map[string]bool{}
	for _, f := range p.files {
		for _, id := range f.ids {
			all[id] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// binary is a program of a release.
type binary struct {
	name, path string
	info       *buildinfo.BuildInfo
}

// readBinaries reads what the programs in a folder say that they are made of.
func readBinaries(folder string) ([]binary, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var all []binary
	for _, e := range entries {
		b := binary{name: e.Name(), path: filepath.Join(folder, e.Name())}
		if b.info, err = buildinfo.ReadFile(b.path); err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no binary is there", folder)
	}
	return all, nil
}

// parts returns what the binaries in a folder are made of, Go's library first, each with the
// texts of its licences: those in the folder of a package that is linked, and in the folders
// above it. It fails where a licence is not known to be permissive.
func parts(t target, r *release, binaries []binary) ([]*part, error) {
	sources, err := r.sources()
	if err != nil {
		return nil, err
	}
	goroot, err := t.command(".", "go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOROOT: %w", err)
	}
	std := &part{folder: strings.TrimSpace(string(goroot))}
	std.Path, std.Version = library, strings.TrimPrefix(binaries[0].info.GoVersion, "go")
	linked := map[string]*part{library: std}
	folders := map[string][]string{library: {std.folder}}
	programs := map[question][]string{}
	for _, b := range binaries {
		for _, m := range b.info.Deps {
			linked[m.Path] = &part{Module: *m}
		}
		q := asked(b)
		programs[q] = append(programs[q], b.info.Path)
	}
	for q, names := range programs {
		if sources[q.module] == "" {
			return nil, fmt.Errorf("%s is made of a module that is none of the release: %s", strings.Join(names, ", "), q.module)
		}
		if err := listed(t, sources[q.module], q, names, linked, folders); err != nil {
			return nil, err
		}
	}
	var all []*part
	for _, path := range slices.Sorted(maps.Keys(linked)) {
		p := linked[path]
		if p.files, err = licenceFiles(p, folders[path]); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(a, b *part) int { return cmp.Compare(rank(a), rank(b)) })
	return all, nil
}

// rank puts Go's library first.
func rank(p *part) int {
	if p.Path == library {
		return 0
	}
	return 1
}

// question is what is the same for all programs of which the go command is asked at once.
type question struct{ module, tags string }

func asked(b binary) question {
	q := question{module: b.info.Main.Path}
	for _, s := range b.info.Settings {
		if s.Key == "-tags" {
			q.tags = s.Value
		}
	}
	return q
}

// listed asks the go command in which folders the packages of some programs are. It is asked
// with the tags that they were built with.
func listed(t target, source string, q question, programs []string, linked map[string]*part, folders map[string][]string) error {
	args := append([]string{"list", "-deps", "-tags=" + q.tags, "-f", "{{with .Module}}{{.Path}}\t{{.Dir}}\t{{end}}{{.Dir}}"}, programs...)
	out, err := t.command(source, "go", args...).Output()
	if err != nil {
		return fmt.Errorf("go list of %s in %s: %w", q.module, source, err)
	}
	for line := range strings.Lines(string(out)) {
		words := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(words) != 3 || words[0] == q.module {
			continue
		}
		p := linked[words[0]]
		if p == nil {
			return fmt.Errorf("%s is linked by the sources, and by the build info of no binary", words[0])
		}
		p.folder = words[1]
		folders[p.Path] = append(folders[p.Path], words[2])
	}
	return nil
}

var licenceName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|unlicense|notice|patents)([-.].*)?$`)

// isLicence reports whether a file of the part is handed on.
func isLicence(p *part, name string) bool {
	if taken, ok := chosen[p.Path]; ok && strings.HasPrefix(name, "LICENSE") || name == taken {
		return name == taken
	}
	return licenceName.MatchString(name)
}

// licenceFiles reads the licences and notices of the packages in these folders.
func licenceFiles(p *part, folders []string) ([]licenceFile, error) {
	if p.folder == "" {
		return nil, fmt.Errorf("%s: its sources are not there", p.Path)
	}
	found := map[string]bool{}
	for _, folder := range folders {
		for within(folder, p.folder) {
			entries, err := os.ReadDir(folder)
			if err != nil {
				return nil, err
			}
			for _, e := range entries {
				if e.Type().IsRegular() && isLicence(p, e.Name()) {
					found[filepath.Join(folder, e.Name())] = true
				}
			}
			folder = filepath.Dir(folder)
		}
	}
	var files []licenceFile
	for _, name := range slices.Sorted(maps.Keys(found)) {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		relative, err := filepath.Rel(p.folder, name)
		if err != nil {
			return nil, err
		}
		files = append(files, licenceFile{name: filepath.ToSlash(relative), text: string(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))})
	}
	return judged(p, files)
}

// within reports whether a folder is another one, or lies in it.
func within(folder, in string) bool {
	return folder == in || strings.HasPrefix(folder, in+string(filepath.Separator))
}

// judged says which licences the files hold, and fails where one is not permissive.
func judged(p *part, files []licenceFile) ([]licenceFile, error) {
	known := false
	for i := range files {
		f := &files[i]
		if base := strings.ToLower(filepath.Base(f.name)); strings.HasPrefix(base, "notice") || strings.HasPrefix(base, "patents") {
			continue // says more, and takes nothing away
		}
		var err error
		if f.ids, err = identified(f.text); err != nil {
			return nil, fmt.Errorf("%s %s, %s: %w", p.Path, p.Version, f.name, err)
		}
		known = true
	}
	if !known {
		return nil, fmt.Errorf("%s %s has no licence", p.Path, p.Version)
	}
	return files, nil
}

// leastShare is how much of a file must be text of licences that are known, in percent. What
// else stands there is whose it is, and of which files.
const leastShare = 75

// identified returns the licences whose text this is, all of them permissive.
func identified(text string) ([]string, error) {
	coverage := licensecheck.Scan([]byte(text))
	if coverage.Percent < leastShare {
		return nil, fmt.Errorf("only %.0f %% of it is text of a licence that is known", coverage.Percent)
	}
	var ids []string
	for _, m := range coverage.Match {
		if m.IsURL {
			continue
		}
		if !slices.Contains(permissive, m.ID) {
			return nil, fmt.Errorf("%s is not among the permissive licences", m.ID)
		}
		ids = append(ids, m.ID)
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("it holds no licence that is known")
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// notices is the text that is handed on with binaries: of each part its licences and notices.
func notices(all []*part) string {
	var b strings.Builder
	b.WriteString("The commands of p1 are under the licence in the file LICENSE. They are made of the following\nparts too, under the licences that follow.\n")
	for _, p := range all {
		name := p.Path
		if name == library {
			name = "Go's library"
		}
		fmt.Fprintf(&b, "\n%s\n%s %s: %s\n", strings.Repeat("=", 80), name, p.Version, strings.Join(p.ids(), ", "))
		for _, f := range p.files {
			fmt.Fprintf(&b, "\n--- %s\n\n%s\n", f.name, strings.TrimSpace(f.text))
		}
	}
	return b.String()
}
