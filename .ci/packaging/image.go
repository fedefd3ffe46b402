package main

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// The parts of an image that ours has, by the OCI image format
// (github.com/opencontainers/image-spec).
type (
	descriptor struct {
		MediaType   string            `json:"mediaType"`
		Digest      string            `json:"digest"`
		Size        int               `json:"size"`
		Platform    *platform         `json:"platform,omitempty"`
		Annotations map[string]string `json:"annotations,omitempty"`
	}
	platform struct {
		Architecture string `json:"architecture"`
		OS           string `json:"os"`
	}
	imageIndex struct {
		SchemaVersion int          `json:"schemaVersion"`
		MediaType     string       `json:"mediaType"`
		Manifests     []descriptor `json:"manifests"`
	}
	imageManifest struct {
		SchemaVersion int          `json:"schemaVersion"`
		MediaType     string       `json:"mediaType"`
		Config        descriptor   `json:"config"`
		Layers        []descriptor `json:"layers"`
	}
	imageConfig struct {
		platform
		Created string        `json:"created"`
		Config  containerInit `json:"config"`
		RootFS  struct {
			Type    string   `json:"type"`
			DiffIDs []string `json:"diff_ids"`
		} `json:"rootfs"`
	}
	containerInit struct {
		User         string
		Env          []string
		Entrypoint   []string
		Cmd          []string
		ExposedPorts map[string]struct{}
		StopSignal   string
		Labels       map[string]string
	}
)

const (
	typeIndex    = "application/vnd.oci.image.index.v1+json"
	typeManifest = "application/vnd.oci.image.manifest.v1+json"
	typeConfig   = "application/vnd.oci.image.config.v1+json"
	typeLayer    = "application/vnd.oci.image.layer.v1.tar"
)

// blobs are the files of an image, each named by its SHA-256, in the order in which they came.
type blobs struct {
	files []entry
	there map[string]bool
}

// add keeps a blob, and describes it.
func (b *blobs) add(mediaType string, content []byte) descriptor {
	sum := hexSum(content)
	if !b.there[sum] {
		b.there[sum] = true
		b.files = append(b.files, entry{name: "blobs/sha256/" + sum, mode: 0o644, text: content})
	}
	return descriptor{MediaType: mediaType, Digest: "sha256:" + sum, Size: len(content)}
}

// addJSON keeps a blob that is JSON.
func (b *blobs) addJSON(mediaType string, value any) (descriptor, error) {
	text, err := jsonOf(value)
	return b.add(mediaType, text), err
}

// writeImage writes an image for some processors as a tar in the OCI layout, from scratch: the
// commands, p1-pipe in place of a shell, the certificates of authorities and a folder for
// temporary files. The zones of time are in the commands. Layers are not compressed, so that
// their bytes do not hang on how somebody compresses. Each folder holds bin and licences. The
// image's bill of materials is written beside it.
func writeImage(r *release, file string, built []string) error {
	b := &blobs{there: map[string]bool{}}
	var manifests []descriptor
	var programs []string
	for _, text := range built {
		name, folder, _ := strings.Cut(text, "=")
		programs = append(programs, name+"="+filepath.Join(folder, "bin"))
		t, err := parseTarget(name)
		if err != nil {
			return err
		}
		d, err := addManifest(b, r, t, folder)
		if err != nil {
			return err
		}
		manifests = append(manifests, d)
	}
	index, err := b.addJSON(typeIndex, imageIndex{2, typeIndex, manifests})
	if err != nil {
		return err
	}
	index.Annotations = map[string]string{"org.opencontainers.image.ref.name": r.version}
	top, err := jsonOf(imageIndex{2, typeIndex, []descriptor{index}})
	if err != nil {
		return err
	}
	all := append([]entry{
		{name: "oci-layout", mode: 0o644, text: []byte(`{"imageLayoutVersion":"1.0.0"}`)},
		{name: "index.json", mode: 0o644, text: top},
		{name: "blobs/", mode: 0o755, folder: true},
		{name: "blobs/sha256/", mode: 0o755, folder: true},
	}, b.files...)
	if err := create(file, func(w io.Writer) error { return writeTar(w, all, r.when) }); err != nil {
		return err
	}
	return writeSBOM(r, file, programs, roots())
}

// rootsModule is the module that holds Mozilla's list of authorities.
const rootsModule = "golang.org/x/crypto/x509roots/fallback"

// roots describes the list, in the version that this program has.
func roots() bomComponent {
	c := bomComponent{Type: "data", Ref: "authorities", Name: "Mozilla's list of certificate authorities, by " + rootsModule, Licences: bomLicences("MPL-2.0")}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == rootsModule {
				c.Version = m.Version
				c.Properties = []bomProperty{{"p1:go.sum", m.Sum}}
			}
		}
	}
	return c
}

// addManifest adds the image for one processor; the folder holds bin and licences.
func addManifest(b *blobs, r *release, t target, folder string) (descriptor, error) {
	base, err := baseLayer()
	if err != nil {
		return descriptor{}, err
	}
	var own []entry
	for _, part := range []struct{ from, to string }{{"bin", "bin"}, {"licences", "usr/share/doc/p1"}} {
		all, err := entries(filepath.Join(folder, part.from), part.to)
		if err != nil {
			return descriptor{}, err
		}
		own = append(own, all...)
	}
	config := imageConfig{platform: platform{t.arch, t.os}, Created: r.when.Format(time.RFC3339), Config: settings(r)}
	config.RootFS.Type = "layers"
	m := imageManifest{SchemaVersion: 2, MediaType: typeManifest}
	for _, content := range [][]entry{base, own} {
		var layer bytes.Buffer
		if err := writeTar(&layer, content, r.when); err != nil {
			return descriptor{}, err
		}
		d := b.add(typeLayer, layer.Bytes())
		m.Layers, config.RootFS.DiffIDs = append(m.Layers, d), append(config.RootFS.DiffIDs, d.Digest)
	}
	if m.Config, err = b.addJSON(typeConfig, config); err != nil {
		return descriptor{}, err
	}
	d, err := b.addJSON(typeManifest, m)
	d.Platform = &config.platform
	return d, err
}

// settings are how a container runs if nothing else is said: what cmd/p1cat/service/Containerfile
// says of the image that it makes.
func settings(r *release) containerInit {
	return containerInit{
		User:         "65532:65532",
		Env:          []string{"PATH=/bin", "P1_FROM=demo:", "P1_TO=tcp://0.0.0.0:2002"},
		Entrypoint:   []string{"/bin/p1-pipe"},
		Cmd:          []string{`p1cat "$P1_FROM" | p1frame | p1fix --lookahead 0 | p1cat --serve "$P1_TO"`},
		ExposedPorts: map[string]struct{}{"2002/tcp": {}},
		StopSignal:   "SIGTERM",
		Labels: map[string]string{
			"org.opencontainers.image.title":    "p1",
			"org.opencontainers.image.version":  r.version,
			"org.opencontainers.image.revision": r.commit,
			"org.opencontainers.image.licenses": ownLicence,
		},
	}
}

// baseLayer is what is the same for all processors.
func baseLayer() ([]entry, error) {
	roots, err := authorities()
	return []entry{
		{name: "etc/", mode: 0o755, folder: true},
		{name: "etc/ssl/", mode: 0o755, folder: true},
		{name: "etc/ssl/certs/", mode: 0o755, folder: true},
		{name: "etc/ssl/certs/ca-certificates.crt", mode: 0o644, text: roots},
		{name: "tmp/", mode: 0o777 | sticky, folder: true},
	}, err
}

// sticky is the bit of a folder in which everybody may remove only what is his, as tar has it.
const sticky fs.FileMode = 0o1000

// authorities are the certificates by which a broker or bridge with TLS is known: Mozilla's list
// in the version that go.mod names, without those that hold for some names only, which a file of
// certificates cannot say.
func authorities() ([]byte, error) {
	var b bytes.Buffer
	n := 0
	for root := range bundle.Roots() {
		if root.Constraint != nil {
			continue
		}
		n++
		if err := pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}); err != nil {
			return nil, err
		}
	}
	if n < 50 {
		return nil, fmt.Errorf("only %d authorities are known", n)
	}
	return b.Bytes(), nil
}
