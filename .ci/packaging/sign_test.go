package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// verification are the lines by which RELEASE.md says that a release is verified.
func verification(t *testing.T) string {
	t.Helper()
	_, text, _ := strings.Cut(string(read(t, "../RELEASE.md")), "## How it is verified\n")
	lines := regexp.MustCompile(`(?m)^    (.+)$`).FindAllStringSubmatch(text, 3)
	if len(lines) != 3 {
		t.Fatalf("RELEASE.md has %d lines that verify", len(lines))
	}
	return "set -e\n" + lines[0][1] + "\n" + lines[1][1] + "\n" + lines[2][1] + "\n"
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
		folder := files(t, map[string]string{"p1.tar.gz": "archive", "homebrew/p1.rb": "formula"})
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

// TestRefused: what .ci/release does not begin with, it says why.
func TestRefused(t *testing.T) {
	clone := filepath.Join(t.TempDir(), "p1")
	for _, line := range []string{"init -q " + clone, "-C " + clone + " -c user.name=t -c user.email=t commit -q --allow-empty -m first", "-C " + clone + " tag v2.0.0",
		"-C " + clone + " -c user.name=t -c user.email=t commit -q --allow-empty -m second"} {
		if out, err := exec.Command("git", strings.Fields(line)...).CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v: %s", line, err, out)
		}
	}
	if err := os.Mkdir(filepath.Join(clone, ".ci"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(clone, ".ci", "release"), read(t, "../release"), 0o700); err != nil {
		t.Fatal(err)
	}
	refused := func(want string, args ...string) {
		t.Helper()
		out, err := exec.Command(filepath.Join(clone, ".ci", "release"), args...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("%v: %v: %s, want %s", args, err, out, want)
		}
	}
	refused("changes that no commit holds", "1.0.0")
	refused(".ci/release [--key KEY]", "v1.0.0")
	refused(".ci/release [--key KEY]", "1.0")
	refused("no key is there", "--key", "/nowhere", "1.0.0")
	if out, err := exec.Command("git", "-C", clone, "-c", "core.excludesFile=", "add", "-A").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	refused("changes that no commit holds", "1.0.0")
	if out, err := exec.Command("git", "-C", clone, "-c", "user.name=t", "-c", "user.email=t", "commit", "-qm", "third").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	refused("v2.0.0 is the tag of another commit", "2.0.0")
	refused("is not empty", "--output", clone, "1.0.0")
}
