package main

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"
	"time"
)

// templates are the manifests, in the folders that a release has.
//
//go:embed templates
var templates embed.FS

// summary is what a manifest says of the project in one line: of Homebrew's at most 80 characters,
// which do not begin with the formula's name (brew's rubocops/shared/desc_helper.rb).
const summary = "Reads the P1 port of a smart meter, repairs telegrams, diagnoses the line"

// commands are the programs of a release.
var commands = []string{"p1cat", "p1frame", "p1fix", "p1csv", "p1noise"}

// archive is one of a release, and how package managers name its processor.
type archive struct {
	Target, Folder, URL, SHA256  string
	Winget, Scoop, HomeAssistant string
}

// archives are those that a manifest names.
var archives = []archive{
	{Target: "linux_amd64", HomeAssistant: "amd64"},
	{Target: "linux_arm64", HomeAssistant: "aarch64"},
	{Target: "linux_armv6", HomeAssistant: "armhf"},
	{Target: "linux_armv7", HomeAssistant: "armv7"},
	{Target: "darwin_amd64"},
	{Target: "darwin_arm64"},
	{Target: "windows_amd64", Winget: "x64", Scoop: "64bit"},
	{Target: "windows_arm64", Winget: "arm64", Scoop: "arm64"},
}

// manifest is what the templates are filled with.
type manifest struct {
	Version, Date, Summary, Publisher string
	Repository                        string // its address
	Download                          string // that of the release's files
	Commands                          []string
	files                             []archive
}

// File is the archive for a target.
func (m *manifest) File(target string) (archive, error) {
	for _, f := range m.files {
		if f.Target == target {
			return f, nil
		}
	}
	return archive{}, fmt.Errorf("no manifest names an archive for %s", target)
}

// Windows are the archives for Windows.
func (m *manifest) Windows() []archive {
	return m.where(func(a archive) bool { return a.Winget != "" })
}

// HomeAssistant are the archives for what Home Assistant runs on.
func (m *manifest) HomeAssistant() []archive {
	return m.where(func(a archive) bool { return a.HomeAssistant != "" })
}

func (m *manifest) where(has func(archive) bool) []archive {
	var some []archive
	for _, f := range m.files {
		if has(f) {
			some = append(some, f)
		}
	}
	return some
}

// archiveName is how the archive for a target is named, without its ending.
func archiveName(version, target string) string { return "p1_" + version + "_" + target }

// writeManifests writes the manifests beside the archives of a release, which lie in the folder.
func writeManifests(r *release, folder string) error {
	module, err := os.ReadFile(filepath.Join(r.source, "go.mod"))
	if err != nil {
		return err
	}
	m := newManifest(r, string(module))
	for _, a := range archives {
		ending := ".tar.gz"
		if a.Winget != "" {
			ending = ".zip"
		}
		a.Folder = archiveName(r.version, a.Target)
		a.URL = m.Download + "/" + a.Folder + ending
		if a.SHA256, err = sumOf(filepath.Join(folder, a.Folder+ending)); err != nil {
			return err
		}
		m.files = append(m.files, a)
	}
	return m.fill(folder)
}

var modulePath = regexp.MustCompile(`(?m)^module (\S+)$`)

// moduleOf is the module's path in a go.mod, or nothing.
func moduleOf(text string) string {
	if found := modulePath.FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}

// newManifest says what hangs on no file. Where the project lives its module's path says; of a
// path that names no host the addresses end in .invalid, which is the address of nobody (RFC 2606).
func newManifest(r *release, module string) *manifest {
	name := cmp.Or(moduleOf(module), "p1")
	host, rest, _ := strings.Cut(name, "/")
	publisher, _, _ := strings.Cut(rest, "/")
	if !strings.Contains(host, ".") {
		name, publisher = host+".invalid", host
	}
	m := &manifest{
		Version: r.version, Date: r.when.Format(time.DateOnly), Summary: summary,
		Publisher: publisher, Repository: "https://" + name, Commands: commands,
	}
	m.Download = m.Repository + "/releases/download/v" + m.Version
	return m
}

// fill writes each template, filled, below the folder.
func (m *manifest) fill(folder string) error {
	return fs.WalkDir(templates, "templates", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		t, err := template.New(path.Base(name)).Funcs(template.FuncMap{"upper": strings.ToUpper}).ParseFS(templates, name)
		if err != nil {
			return err
		}
		var text bytes.Buffer
		if err := t.Execute(&text, m); err != nil {
			return err
		}
		to := filepath.Join(folder, filepath.FromSlash(m.place(strings.TrimPrefix(name, "templates/"))))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if path.Ext(name) == ".sh" {
			mode = 0o755
		}
		return os.WriteFile(to, text.Bytes(), mode)
	})
}

// place is where a manifest goes: those of winget are named by their publisher too, and the
// folder of an app has the name of the app.
func (m *manifest) place(name string) string {
	folder, file := path.Split(name)
	switch folder {
	case "winget/":
		return folder + m.Publisher + "." + file
	case "homeassistant/":
		return folder + "p1/" + file
	}
	return name
}
