package main

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// schemasFolder names the environment's variable for the folder of public schemas.
const schemasFolder = "P1_SCHEMAS"

// released makes a folder with archives and, of one program, a bill of materials; and the
// manifests.
func released(t *testing.T) string {
	t.Helper()
	content := map[string]string{}
	for _, a := range archives {
		ending := ".tar.gz"
		if a.Winget != "" {
			ending = ".zip"
		}
		content[archiveName(testRelease.version, a.Target)+ending] = a.Target
	}
	folder := files(t, content)
	if err := writeManifests(&testRelease, folder); err != nil {
		t.Fatal(err)
	}
	return folder
}

// TestManifests: each can be read, says the version, and names archives of the release only,
// each with the sum of that archive.
func TestManifests(t *testing.T) {
	folder := released(t)
	named := regexp.MustCompile(`p1_1\.0\.0-rc1_[a-z]+_[a-z0-9]+\b`)
	sum := regexp.MustCompile(`\b[0-9a-fA-F]{64}\b`)
	sums := map[string]bool{}
	for _, a := range archives {
		sums[hexSum([]byte(a.Target))] = true
	}
	n := 0
	err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Dir(name) == folder {
			return err
		}
		n++
		text := string(read(t, name))
		if strings.Contains(text, "<no value>") || strings.Contains(text, "{{") {
			t.Errorf("%s is not filled: %s", name, text)
		}
		for _, archive := range named.FindAllString(text, -1) {
			found, _ := filepath.Glob(filepath.Join(folder, archive+".*"))
			if len(found) != 1 {
				t.Errorf("%s names %s, which is not there", name, archive)
			}
		}
		for _, one := range sum.FindAllString(text, -1) {
			if !sums[strings.ToLower(one)] {
				t.Errorf("%s has the sum %s, which is no archive's", name, one)
			}
		}
		var value any
		switch filepath.Ext(name) {
		case ".yaml":
			err = yaml.Unmarshal([]byte(text), &value)
		case ".json":
			err = json.Unmarshal([]byte(text), &value)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return nil
	})
	if err != nil || n != len(want()) {
		t.Errorf("%d manifests, %v", n, err)
	}
	for _, name := range want() {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Error(err)
		}
	}
	if len(summary) > 80 || strings.HasPrefix(strings.ToLower(summary), "p1 ") {
		t.Errorf("Homebrew does not take %q", summary)
	}
	if ruby, err := exec.LookPath("ruby"); err == nil {
		if out, err := exec.Command(ruby, "-wc", filepath.Join(folder, "homebrew", "p1.rb")).CombinedOutput(); err != nil || string(out) != "Syntax OK\n" {
			t.Errorf("ruby: %v: %s", err, out)
		}
	}
}

// want lists the manifests.
func want() []string {
	return []string{
		"winget/p1.p1.yaml", "winget/p1.p1.locale.en-GB.yaml", "winget/p1.p1.installer.yaml", "scoop/p1.json", "homebrew/p1.rb",
		"homeassistant/p1/config.yaml", "homeassistant/p1/Dockerfile", "homeassistant/p1/run.sh", "homeassistant/p1/httpd.conf", "homeassistant/p1/DOCS.md",
	}
}

// Each archive has in a manifest the sum that is its own, and not its neighbour's.
func TestSumsBesideNames(t *testing.T) {
	folder := released(t)
	var app struct {
		Architecture map[string]struct{ URL, Hash string }
	}
	if err := json.Unmarshal(read(t, filepath.Join(folder, "scoop/p1.json")), &app); err != nil || len(app.Architecture) != 2 {
		t.Fatal(app, err)
	}
	docker, brew := string(read(t, filepath.Join(folder, "homeassistant/p1/Dockerfile"))), string(read(t, filepath.Join(folder, "homebrew/p1.rb")))
	for _, a := range archives {
		sum, name := hexSum([]byte(a.Target)), archiveName(testRelease.version, a.Target)
		switch {
		case a.Scoop != "":
			if got := app.Architecture[a.Scoop]; got.Hash != sum || !strings.HasSuffix(got.URL, "/v1.0.0-rc1/"+name+".zip") {
				t.Errorf("scoop, %s: %+v", a.Scoop, got)
			}
		case a.HomeAssistant != "" && !strings.Contains(docker, "\t"+a.HomeAssistant+") name="+name+" sum="+sum+" ;;"):
			t.Errorf("the Dockerfile has no %s with its sum", a.HomeAssistant)
		}
		if strings.Contains(brew, name) && !regexp.MustCompile(`url "\S+/`+name+`\.tar\.gz"\n\s+sha256 "`+sum+`"`).MatchString(brew) {
			t.Errorf("the formula has no %s with its sum", name)
		}
	}
}

// TestWhereItLives: addresses come from the module's path.
func TestWhereItLives(t *testing.T) {
	for module, want := range map[string][2]string{
		"module p1\n\ngo 1.25.0\n":        {"p1", "https://p1.invalid"},
		"module example.org/someone/p1\n": {"someone", "https://example.org/someone/p1"},
	} {
		m := newManifest(&testRelease, module)
		if m.Publisher != want[0] || m.Repository != want[1] || m.Download != want[1]+"/releases/download/v1.0.0-rc1" {
			t.Errorf("%q: %+v", module, m)
		}
	}
}

// TestBill: the bill of a program lists what go version -m says that it is made of, each with a
// licence, and is the same each time. Where the public schemas are, all that has one is as it wants.
func TestBill(t *testing.T) {
	folder := released(t)
	bin := filepath.Join(t.TempDir(), "bin")
	build := exec.Command("go", "build", "-buildvcs=false", "-trimpath", "-o", bin+"/", "./p1-pipe")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	host, err := exec.Command("go", "env", "GOOS", "GOARCH").Output()
	if err != nil {
		t.Fatal(err)
	}
	system := strings.Join(strings.Fields(string(host)), "/")
	file := filepath.Join(folder, "p1_1.0.0-rc1_linux_amd64.tar.gz")
	var first []byte
	for range 2 {
		if err := writeSBOM(&testRelease, file, []string{system + "=" + bin}, roots()); err != nil {
			t.Fatal(err)
		}
		text := read(t, file+".cdx.json")
		if first != nil && string(first) != string(text) {
			t.Error("it is another one the second time")
		}
		first = text
	}
	var b bom
	if err := json.Unmarshal(first, &b); err != nil {
		t.Fatal(err)
	}
	if b.Metadata.Component.Hashes[0].Content != hexSum([]byte("linux_amd64")) || b.Metadata.Timestamp != "2026-11-30T14:30:58Z" {
		t.Errorf("%+v", b.Metadata)
	}
	got := map[string]bool{}
	for _, c := range b.Components {
		if len(c.Licences) == 0 {
			t.Errorf("%s has no licence", c.Name)
		}
		got[c.Name] = true
	}
	version, err := exec.Command("go", "version", "-m", filepath.Join(bin, "p1-pipe")).Output()
	if err != nil {
		t.Fatal(err)
	}
	expected := map[string]bool{"p1-pipe": true, library: true, roots().Name: true}
	for line := range strings.Lines(string(version)) {
		if words := strings.Fields(line); words[0] == "dep" {
			expected[words[1]] = true
		}
	}
	if !maps.Equal(got, expected) || len(expected) < 4 {
		t.Errorf("it lists %v, want %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(expected)))
	}
	schemas := os.Getenv(schemasFolder)
	if schemas == "" {
		t.Log("not compared with schemas: " + schemasFolder + " names no folder of them")
		return
	}
	if err := check(folder, schemas); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(file+".cdx.json", []byte(strings.Replace(string(first), `"type": "library"`, `"type": "shelf"`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if check(folder, schemas) == nil {
		t.Error("a bill with a part that is a shelf passes")
	}
}
