package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"
)

var testRelease = release{version: "1.0.0-rc1", commit: "24a259ef8100f1ab877ed8efc2bd6414e93766e4", when: time.Unix(1796049058, 0).UTC(), source: "../.."}

// files makes a folder with these files; those whose name begins with ! may be run.
func files(t *testing.T, all map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range all {
		mode := fs.FileMode(0o600)
		name, run := strings.CutPrefix(name, "!")
		if run {
			mode = 0o700
		}
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// TestArchives: what is packed comes out again, with the modes that it should have whatever the
// umask was; and two folders of the same content make the same bytes.
func TestArchives(t *testing.T) {
	content := map[string]string{"!bin/p1cat": "program", "man/p1cat.1": strings.Repeat("page ", 1000), "LICENSE": ""}
	want := []string{"-rw-r--r-- p1/LICENSE 0", "-rw-r--r-- p1/man/p1cat.1 5000", "-rwxr-xr-x p1/bin/p1cat 7", "drwxr-xr-x p1/ 0", "drwxr-xr-x p1/bin/ 0", "drwxr-xr-x p1/man/ 0"}
	for _, ending := range []string{".tar.gz", ".zip"} {
		var made [][]byte
		for range 2 {
			folder, file := files(t, content), filepath.Join(t.TempDir(), "p1"+ending)
			if err := os.Chtimes(filepath.Join(folder, "LICENSE"), time.Now(), time.Now().Add(-time.Hour)); err != nil {
				t.Fatal(err)
			}
			if err := pack(folder, file, testRelease.when); err != nil {
				t.Fatal(err)
			}
			made = append(made, read(t, file))
		}
		if !bytes.Equal(made[0], made[1]) {
			t.Errorf("%s: the same content makes other bytes", ending)
		}
		got := unpacked(t, ending, made[0])
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: it holds\n%s\nwant\n%s", ending, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// unpacked lists an archive, and checks the times in it.
func unpacked(t *testing.T, ending string, content []byte) (list []string) {
	t.Helper()
	see := func(info fs.FileInfo, name string) {
		list = append(list, strings.Join([]string{info.Mode().String(), name, itoa(info.Size())}, " "))
		if !info.ModTime().Equal(testRelease.when) {
			t.Errorf("%s is of %v", name, info.ModTime())
		}
	}
	if ending == ".zip" {
		z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			see(f.FileInfo(), f.Name)
		}
		return list
	}
	z, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		see(h.FileInfo(), h.Name)
		if h.Uid != 0 || h.Gid != 0 || h.Uname != "" {
			t.Errorf("%s is %d %d %s's", h.Name, h.Uid, h.Gid, h.Uname)
		}
	}
}

func itoa(n int64) string { text, _ := json.Marshal(n); return string(text) }

// A link would carry a path of the machine that packs.
func TestNoLinkIsPacked(t *testing.T) {
	folder := files(t, map[string]string{"a": "a"})
	if err := os.Symlink("/etc/passwd", filepath.Join(folder, "b")); err != nil {
		t.Skip(err)
	}
	file := filepath.Join(t.TempDir(), "p1.zip")
	if err := pack(folder, file, testRelease.when); err == nil {
		t.Error("a link was packed")
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("what has failed is there")
	}
}

// TestLicences: what is permissive passes, with its name; what is not, what nobody knows, and
// nothing at all stop a release.
func TestLicences(t *testing.T) {
	mit := string(read(t, "../../LICENSE"))
	const gpl = "GNU GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007\n\nThis program is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.\n"
	for _, c := range []struct {
		path  string
		files map[string]string
		want  []string // none if it is refused
	}{
		{"a", map[string]string{"LICENSE": mit}, []string{"MIT"}},
		{"a", map[string]string{"LICENSE": mit, "NOTICE": "by us"}, []string{"MIT"}},
		{"a", map[string]string{"LICENSE": gpl}, nil},
		{"a", map[string]string{"LICENSE": mit, "inner/COPYING": gpl}, nil},
		{"a", map[string]string{"LICENSE": "All rights reserved. You may look at it on Sundays."}, nil},
		{"a", map[string]string{"README": mit}, nil},
		{"a", map[string]string{"NOTICE": "by us"}, nil},
		{"github.com/eclipse/paho.mqtt.golang", map[string]string{"LICENSE": gpl, "edl-v10": mit}, []string{"MIT"}},
		{"github.com/eclipse/paho.mqtt.golang", map[string]string{"LICENSE": mit}, nil},
	} {
		p := &part{folder: files(t, c.files)}
		p.Path = c.path
		linked := p.folder
		if c.files["inner/COPYING"] != "" {
			linked = filepath.Join(p.folder, "inner")
		}
		var err error
		p.files, err = licenceFiles(p, []string{linked})
		if (err == nil) != (c.want != nil) || err == nil && !slices.Equal(p.ids(), c.want) {
			t.Errorf("%s %v: %v, %v, want %v", c.path, slices.Collect(maps.Keys(c.files)), p.ids(), err, c.want)
		}
	}
}

// A program whose sources the release does not have stops it: nobody knows what is linked.
func TestProgramOfAnotherModule(t *testing.T) {
	foreign := binary{name: "x", info: &buildinfo.BuildInfo{GoVersion: "go1.25", Path: "example.org/x/cmd/x", Main: debug.Module{Path: "example.org/x"}}}
	_, err := parts(target{"linux", "amd64"}, &testRelease, []binary{foreign})
	if err == nil || !strings.Contains(err.Error(), "none of the release: example.org/x") {
		t.Error(err)
	}
}

// TestImage: each blob is what its name says and each descriptor says the size of its blob; from
// the index to the layers of each processor, in which are the commands.
func TestImage(t *testing.T) {
	b := &blobs{there: map[string]bool{}}
	for _, arch := range []string{"amd64", "arm64"} {
		folder := files(t, map[string]string{"!bin/p1cat": arch, "licences/LICENSE": "licence"})
		d, err := addManifest(b, &testRelease, target{"linux", arch}, folder)
		if err != nil {
			t.Fatal(err)
		}
		var m imageManifest
		decode(t, b, d, &m)
		var c imageConfig
		decode(t, b, m.Config, &c)
		if c.Architecture != arch || d.Platform.Architecture != arch || c.Config.User == "" || strings.HasPrefix(c.Config.User, "0") {
			t.Errorf("%s: %+v", arch, c)
		}
		var held []string
		for i, layer := range m.Layers {
			content := blob(t, b, layer)
			if c.RootFS.DiffIDs[i] != layer.Digest {
				t.Errorf("layer %d is named in two ways", i)
			}
			for r := tar.NewReader(bytes.NewReader(content)); ; {
				h, err := r.Next()
				if err != nil {
					break
				}
				held = append(held, h.Name)
				if text, _ := io.ReadAll(r); h.Name == "bin/p1cat" && string(text) != arch {
					t.Errorf("%s has the command of another processor", arch)
				}
				if h.Name == "tmp/" && h.Mode != 0o1777 {
					t.Errorf("tmp has mode %o", h.Mode)
				}
			}
		}
		for _, name := range []string{"bin/p1cat", "usr/share/doc/p1/LICENSE", "etc/ssl/certs/ca-certificates.crt", "tmp/"} {
			if !slices.Contains(held, name) {
				t.Errorf("%s is not in the image for %s: %v", name, arch, held)
			}
		}
	}
	if len(b.files) != 7 { // of each a layer, config, manifest; one layer for both
		t.Errorf("there are %d blobs", len(b.files))
	}
}

func blob(t *testing.T, b *blobs, d descriptor) []byte {
	t.Helper()
	for _, f := range b.files {
		sum := sha256.Sum256(f.text)
		if path.Base(f.name) != hex.EncodeToString(sum[:]) {
			t.Fatalf("%s holds %x", f.name, sum)
		}
		if "sha256:"+path.Base(f.name) == d.Digest {
			if len(f.text) != d.Size {
				t.Errorf("%s has %d bytes, and is said to have %d", f.name, len(f.text), d.Size)
			}
			return f.text
		}
	}
	t.Fatalf("there is no %s", d.Digest)
	return nil
}

func decode(t *testing.T, b *blobs, d descriptor, value any) {
	t.Helper()
	if err := json.Unmarshal(blob(t, b, d), value); err != nil {
		t.Fatal(err)
	}
}
