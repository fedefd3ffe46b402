package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// verification are the lines by which RELEASE.md says that a release is verified.
func verification(t *testing.T) string {
	t.Helper()
	_, text, _ := strings.Cut(string(read(t, "../RELEASE.md")), "## How it is verified\n")
	_, text, _ = strings.Cut(text, "```sh\n")
	block, _, _ := strings.Cut(text, "```\n")
	if n := strings.Count(block, "\n"); n != 3 {
		t.Fatalf("RELEASE.md has %d lines that verify", n)
	}
	return "set -e\n" + block
}

// TestSignature: what .ci/release has signed is verified by the three lines; what was changed
// then, or signed by another, is not.
func TestSignature(t *testing.T) {
	if _, err := exec.LookPath("ssh-keygen"); err != nil {
		t.Skip(err)
	}
	keys := t.TempDir()
	for _, name := range []string{"release", "other"} {
		if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", filepath.Join(keys, name)).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	verify := verification(t)
	for _, c := range []struct {
		how, key string
		change   func(folder string) error
		good     bool
	}{
		{"as it was signed", "release", func(string) error { return nil }, true},
		{"with a file of the download only", "release", func(f string) error { return os.Remove(filepath.Join(f, "homebrew", "p1.rb")) }, true},
		{"with a changed file", "release", func(f string) error { return os.WriteFile(filepath.Join(f, "p1.tar.gz"), []byte("archivE"), 0o600) }, false},
		{"with changed sums", "release", func(f string) error {
			return os.WriteFile(filepath.Join(f, "SHA256SUMS"), []byte(hexSum([]byte("archive"))+"  p1.tar.gz\n"), 0o600)
		}, false},
		{"signed by another", "other", func(string) error { return nil }, false},
		{"without a signature", "release", func(f string) error { return os.Remove(filepath.Join(f, "SHA256SUMS.sig")) }, false},
	} {
		folder := toSign(t)
		if out, err := exec.Command("../release", "--key", filepath.Join(keys, c.key), "--sign", folder).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if err := os.WriteFile(filepath.Join(folder, "release.pub"), read(t, filepath.Join(keys, "release.pub")), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := c.change(folder); err != nil {
			t.Fatal(err)
		}
		run := exec.Command("bash", "-c", verify)
		run.Dir = folder
		if out, err := run.CombinedOutput(); (err == nil) != c.good {
			t.Errorf("%s: %v: %s", c.how, err, out)
		}
	}
}

// toSign makes a folder as a release is that has not been signed yet.
func toSign(t *testing.T) string {
	t.Helper()
	content := map[string]string{"homebrew/p1.rb": "formula", "p1.tar.gz": "archive"}
	var sums strings.Builder
	for _, name := range slices.Sorted(maps.Keys(content)) {
		sums.WriteString(hexSum([]byte(content[name])) + "  " + name + "\n")
	}
	content["SHA256SUMS"] = sums.String()
	return files(t, content)
}

// TestNotSigned: what is not the release that was made is not signed afterwards.
func TestNotSigned(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("ssh-keygen"); err != nil {
		t.Skip(err)
	}
	key := filepath.Join(t.TempDir(), "key")
	if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	write := func(name string) func(string) error {
		return func(f string) error { return os.WriteFile(filepath.Join(f, name), []byte("another"), 0o600) }
	}
	for how, change := range map[string]func(folder string) error{
		"a changed file": write("p1.tar.gz"),
		"one more":       write("p2.tar.gz"),
		"one missing":    func(f string) error { return os.Remove(filepath.Join(f, "p1.tar.gz")) },
		"no sums":        func(f string) error { return os.Remove(filepath.Join(f, "SHA256SUMS")) },
	} {
		folder := toSign(t)
		if err := change(folder); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("../release", "--key", key, "--sign", folder).CombinedOutput()
		if _, signed := os.Stat(filepath.Join(folder, "SHA256SUMS.sig")); err == nil || signed == nil || !strings.Contains(string(out), "nothing is signed") {
			t.Errorf("%s: %v, %s", how, err, out)
		}
	}
}

// script makes a repository with .ci/release and no more, of two commits: v1.5.0 is the tag of the first.
func script(t *testing.T) string {
	t.Helper()
	clone := filepath.Join(t.TempDir(), "p1 ü")
	git := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t"}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v: %s", args, err, out)
		}
	}
	git("init", "-q", clone)
	git("-C", clone, "commit", "-q", "--allow-empty", "-m", "first")
	git("-C", clone, "tag", "v1.5.0")
	if err := os.Mkdir(filepath.Join(clone, ".ci"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{".ci/release": read(t, "../release"), "go.mod": []byte("module p1\n")} {
		if err := os.WriteFile(filepath.Join(clone, name), text, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	git("-C", clone, "-c", "core.excludesFile=", "add", "-A")
	git("-C", clone, "commit", "-qm", "second")
	return clone
}

// TestSettingsOfOthers: what its user has set for Go and git, and who he is, changes nothing.
func TestSettingsOfOthers(t *testing.T) {
	t.Parallel()
	clone := script(t)
	compiler, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	// It stands in for Go where something is built, says what that would be built of, and fails.
	beside := files(t, map[string]string{
		"!go": "#!/bin/sh\ncase \"$*\" in *build*) echo \"flags <$(" + compiler + " env GOFLAGS)>, private <$(" + compiler + " env GOPRIVATE)>, tag <$(git -C \"${2%/.ci/packaging}\" describe --tags)>\"; exit 9 ;; esac\nexec " + compiler + " \"$@\"\n",
		"env": "GOFLAGS=-gcflags=all=-N\nGOPRIVATE=example.org\n", "gitconfig": "[tag]\ngpgSign = true\n",
	})
	if os.Geteuid() == 0 {
		if err := exec.Command("chown", "-R", "65532", clone).Run(); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(t.TempDir(), "out")
	c := exec.Command(filepath.Join(clone, ".ci", "release"), "--output", out, "1.0.0-rc1")
	c.Env = append(os.Environ(), "PATH="+beside+":"+os.Getenv("PATH"), "GOENV="+beside+"/env", "GIT_CONFIG_GLOBAL="+beside+"/gitconfig", "GIT_DIR="+clone+"/.git", "GIT_EDITOR=false")
	said, err := c.CombinedOutput()
	if want := "flags <>, private <example.org>, tag <v1.0.0-rc1>"; err == nil || !strings.Contains(string(said), want) {
		t.Errorf("%v: %s, want %s", err, said, want)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a release that has failed leaves a folder")
	}
	if tags, err := os.ReadDir(filepath.Join(clone, ".git", "refs", "tags")); err != nil || len(tags) != 1 {
		t.Errorf("it has made a tag: %v, %v", tags, err)
	}
}

// TestRefused: what .ci/release does not begin with, it says why.
func TestRefused(t *testing.T) {
	t.Parallel()
	clone := script(t)
	refused := func(want string, args ...string) {
		t.Helper()
		out, err := exec.Command(filepath.Join(clone, ".ci", "release"), args...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("%v: %v: %s, want %s", args, err, out, want)
		}
	}
	for _, version := range []string{"v1.0.0", "1.0", "01.0.0", "1.0.0-01", "1.0.0-", "1.0.0-rc..1", "1.0.0+x", "1.0.0; rm", "1.0.0\n"} {
		refused("is no version", version)
	}
	refused("Go writes no version from 2 on", "2.0.0")
	refused(".ci/release [--key KEY]")
	refused("no key is there", "--key", "/nowhere", "1.0.0")
	refused("is no key of ssh-keygen", "--key", filepath.Join(clone, "go.mod"), "1.0.0")
	refused("no folder of schemas", "--schemas", "/nowhere", "1.0.0")
	refused("plan9/386 is no target", "--check-reproducible", "linux/amd64,plan9/386")
	refused("v1.5.0 is the tag of another commit", "1.5.0")
	refused("is not empty", "--output", clone, "1.0.0")
	if err := os.WriteFile(filepath.Join(clone, "new"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refused("changes that no commit holds", "1.0.0")
}
