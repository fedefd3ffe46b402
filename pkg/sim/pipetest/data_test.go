package pipetest

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"p1/pkg/sim"
	"p1/pkg/sim/tooltest"
)

// command is a line of a README that makes a file, by > or as a picture.
type command struct {
	shell string
	file  string // below testdata, with slashes
}

var (
	fence    = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")
	redirect = regexp.MustCompile(`(?:>|--plot) testdata/(\S+)$`)
)

// commands reads those of every README below testdata, in the order of the
// folders, the top one first.
func commands(t *testing.T) []command {
	t.Helper()
	var list []command
	must(t, filepath.WalkDir(testdata, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "README.md" {
			return err
		}
		for _, block := range fence.FindAllSubmatch(read(t, path), -1) {
			for shell := range strings.Lines(string(block[1])) {
				shell = strings.TrimSpace(shell)
				to := redirect.FindStringSubmatch(shell)
				if to == nil {
					t.Errorf("%s: this makes no file: %s", path, shell)
					continue
				}
				for _, meter := range metersIn(shell) {
					put := strings.NewReplacer("METER", meter)
					list = append(list, command{put.Replace(shell), put.Replace(to[1])})
				}
			}
		}
		return nil
	}))
	// A walk goes down into golden before it comes to README.md, but the logs
	// of the folders below depend on nothing.
	slices.SortStableFunc(list, func(a, b command) int {
		return strings.Count(a.file, "/") - strings.Count(b.file, "/")
	})
	return list
}

// metersIn returns the meters that a command stands for: METER is each that can be
// simulated.
func metersIn(shell string) []string {
	if strings.Contains(shell, "METER") {
		return sim.Meters()
	}
	return []string{""}
}

// Every log is what the command beside its description gives. The file of this
// test comes before that of the golden files, so that -update makes the logs first.
func TestTestdata(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the commands that make testdata are written for a Unix shell")
	}
	if _, err := exec.LookPath("iconv"); err != nil {
		t.Skip("there is no iconv, which makes a log in UTF-16")
	}
	list := commands(t)
	if len(list) < 10 {
		t.Fatalf("only %d commands are found in the READMEs", len(list))
	}
	dir := t.TempDir()
	for _, c := range list {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, "testdata", filepath.FromSlash(c.file))), 0o755))
		sh := exec.Command("sh", "-c", c.shell)
		sh.Dir = dir
		sh.Env = append(os.Environ(), "PATH="+bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
		if out, err := sh.CombinedOutput(); err != nil || len(out) > 0 {
			t.Fatalf("%s\n%v %s", c.shell, err, out)
		}
		made := filepath.Join(dir, "testdata", filepath.FromSlash(c.file))
		have := filepath.Join(testdata, filepath.FromSlash(c.file))
		if content(t, made) == content(t, have) {
			continue
		}
		if tooltest.Update() {
			write(t, have, read(t, made))
			continue
		}
		t.Errorf("testdata/%s is stale (go test ./pkg/sim/pipetest -update makes it again)", c.file)
	}
}

// content returns what is in a file, decompressed; nothing where there is none.
func content(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	if strings.HasSuffix(name, ".gz") {
		z, err := gzip.NewReader(bytes.NewReader(data))
		must(t, err)
		data, err = io.ReadAll(z)
		must(t, err)
	}
	return string(data)
}

// Every log has a command, and all of testdata stays small.
func TestTestdataIsDescribed(t *testing.T) {
	described := map[string]bool{}
	for _, c := range commands(t) {
		described[c.file] = true
	}
	var total int64
	must(t, filepath.WalkDir(testdata, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(testdata, path)
		must(t, err)
		name = filepath.ToSlash(name)
		if info, err := d.Info(); err == nil {
			total += info.Size()
		}
		if (strings.HasSuffix(name, ".log") || strings.HasSuffix(name, ".gz")) && !described[name] {
			t.Errorf("no README says how testdata/%s was made", name)
		}
		delete(described, name)
		return nil
	}))
	for name := range described {
		t.Errorf("testdata/%s is described but not there", name)
	}
	if total > 1_200_000 {
		t.Errorf("testdata has grown to %d bytes", total)
	}
}

// The log in UTF-16 holds the characters of the plain one; this does not ask
// iconv.
func TestTestdataUTF16(t *testing.T) {
	wide := content(t, filepath.Join(testdata, "hu-clean-utf16.log.gz"))
	var units []uint16
	for i := 0; i+1 < len(wide); i += 2 {
		units = append(units, uint16(wide[i])|uint16(wide[i+1])<<8)
	}
	if len(units) == 0 || units[0] != 0xFEFF {
		t.Fatal("it has no byte order mark")
	}
	var plain []byte
	for _, r := range utf16.Decode(units[1:]) {
		plain = append(plain, byte(r))
	}
	if !bytes.Equal(plain, read(t, filepath.Join(testdata, "hu-clean.log"))) {
		t.Error("it is not the plain log")
	}
}
