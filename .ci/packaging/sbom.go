package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The keys of a bill of materials that ours have, by CycloneDX 1.6 (cyclonedx.org/docs/1.6/json).
type (
	bom struct {
		Schema       string          `json:"$schema"`
		Format       string          `json:"bomFormat"`
		Spec         string          `json:"specVersion"`
		Version      int             `json:"version"`
		Metadata     bomMetadata     `json:"metadata"`
		Components   []bomComponent  `json:"components"`
		Dependencies []bomDependency `json:"dependencies"`
	}
	bomMetadata struct {
		Timestamp string       `json:"timestamp"`
		Component bomComponent `json:"component"`
	}
	bomComponent struct {
		Type       string        `json:"type"`
		Ref        string        `json:"bom-ref"`
		Name       string        `json:"name"`
		Version    string        `json:"version"`
		Hashes     []bomHash     `json:"hashes,omitempty"`
		Licences   []bomLicence  `json:"licenses,omitempty"`
		PURL       string        `json:"purl,omitempty"`
		Properties []bomProperty `json:"properties,omitempty"`
	}
	bomHash struct {
		Algorithm string `json:"alg"`
		Content   string `json:"content"`
	}
	bomLicence struct {
		Licence struct {
			ID string `json:"id"`
		} `json:"license"`
	}
	bomProperty struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	bomDependency struct {
		Ref       string   `json:"ref"`
		DependsOn []string `json:"dependsOn"`
	}
)

// ownLicence is that of the project, by its SPDX identifier.
const ownLicence = "MIT"

// writeSBOM writes FILE.cdx.json: what FILE holds, by what its binaries say of themselves. It
// has no serial number, which would be another one each time.
//
// The folders hold the binaries for each target; others are what else is in it.
func writeSBOM(r *release, file string, built []string, others ...bomComponent) error {
	sum, err := sumOf(file)
	if err != nil {
		return err
	}
	b := bom{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", Spec: "1.6", Version: 1,
		Metadata: bomMetadata{r.when.Format(time.RFC3339), bomComponent{
			Type: "file", Ref: filepath.Base(file), Name: filepath.Base(file), Version: r.version,
			Hashes: []bomHash{{"SHA-256", sum}}, Licences: bomLicences(ownLicence),
			Properties: []bomProperty{{"p1:commit", r.commit}},
		}},
	}
	modules := map[string]bomComponent{}
	holds := []string{}
	for _, text := range built {
		name, folder, ok := strings.Cut(text, "=")
		t, err := parseTarget(name)
		if err != nil || !ok {
			return cmp.Or(err, fmt.Errorf("%q: want TARGET=FOLDER", text))
		}
		refs, err := b.add(r, t, folder, modules)
		if err != nil {
			return err
		}
		holds = append(holds, refs...)
	}
	for _, c := range others {
		modules[c.Ref] = c
		holds = append(holds, c.Ref)
	}
	for _, ref := range slices.Sorted(maps.Keys(modules)) {
		b.Components = append(b.Components, modules[ref])
		b.Dependencies = append(b.Dependencies, bomDependency{ref, []string{}})
	}
	b.Dependencies = append(b.Dependencies, bomDependency{filepath.Base(file), holds})
	text, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file+".cdx.json", append(text, '\n'), 0o644)
}

// add adds the binaries in a folder and the modules that they are made of, and returns how the
// bill refers to the binaries.
func (b *bom) add(r *release, t target, folder string, modules map[string]bomComponent) ([]string, error) {
	binaries, err := readBinaries(folder)
	if err != nil {
		return nil, err
	}
	all, err := parts(t, r, binaries)
	if err != nil {
		return nil, err
	}
	refs := map[string]string{}
	for _, p := range all {
		c := bomModule(p)
		refs[p.Path], modules[c.Ref] = c.Ref, c
	}
	var made []string
	for _, one := range binaries {
		sum, err := sumOf(one.path)
		if err != nil {
			return nil, err
		}
		ref := t.String() + "/" + one.name
		b.Components = append(b.Components, bomComponent{
			Type: "application", Ref: ref, Name: one.name, Version: r.version,
			Hashes: []bomHash{{"SHA-256", sum}}, Licences: bomLicences(ownLicence),
			Properties: []bomProperty{{"p1:target", t.String()}},
		})
		of := []string{refs[library]}
		for _, m := range one.info.Deps {
			of = append(of, refs[m.Path])
		}
		slices.Sort(of)
		b.Dependencies = append(b.Dependencies, bomDependency{ref, of})
		made = append(made, ref)
	}
	return made, nil
}

// bomModule describes a module. The property holds the sum by which go.sum verifies it: a hash
// of the list of its files' hashes, and so none of the hashes that the format knows.
func bomModule(p *part) bomComponent {
	purl := "pkg:golang/" + p.Path + "@" + p.Version
	c := bomComponent{Type: "library", Ref: purl, Name: p.Path, Version: p.Version, Licences: bomLicences(p.ids()...), PURL: purl}
	if p.Sum != "" {
		c.Properties = []bomProperty{{"p1:go.sum", p.Sum}}
	}
	return c
}

func bomLicences(ids ...string) []bomLicence {
	all := make([]bomLicence, len(ids))
	for i, id := range ids {
		all[i].Licence.ID = id
	}
	return all
}

// sumOf returns the SHA-256 of a file.
func sumOf(file string) (string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	return hexSum(content), nil
}

func hexSum(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// jsonOf encodes a value as the registries of images do: without indents and escapes of HTML.
func jsonOf(value any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(value)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
