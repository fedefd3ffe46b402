package pipetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"p1/pkg/sim/longtest"
)

// releaseTags leave out of a release what none of its commands shows: the man pages that
// urfave/cli would write (ours are made of the same flags by tests), with a Markdown parser that
// nobody maintains, 0.3 MB in each command; and HTTP/2, which no bridge in a house asks for, 0.4
// in p1cat and p1csv.
const releaseTags = "urfave_cli_no_docs,nethttpomithttp2"

// limits are how large the commands may be on linux/amd64, stripped, in millions of bytes: what
// is reached, and a little. What p1cat has beside p1frame's 6.5 is measured by leaving it out:
//
//	HTTP and TLS, for bridges   2.1
//	MQTT, for brokers           0.6   with paho's websockets, which nobody opens
//	age, serial ports, time zones (0.4), the forms of logs, demo:   the rest, 3.2
//
// 1.6 to 1.9 in each command are text/template, with which urfave/cli prints help and version, and
// the methods that the linker then keeps of all types since a template might name them. Neither
// library can be told to do without.
var limits = map[string]float64{"p1cat": 12.6, "p1frame": 6.8, "p1fix": 7.8, "p1csv": 17.5, "p1noise": 9.8}

// TestSizes: who installs the commands downloads no more than is needed.
func TestSizes(t *testing.T) {
	longtest.Needs(t, "it builds all commands once more")
	dir := t.TempDir()
	build := exec.Command("go", "build", "-trimpath", "-tags="+releaseTags, "-ldflags=-s -w", "-o", dir+string(filepath.Separator), "p1/cmd/...")
	build.Env = append(build.Environ(), "GOOS=linux", "GOARCH=amd64", "GOAMD64=v1", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	sum := 0.0
	for _, command := range strings.Fields(every) {
		file, err := os.Stat(filepath.Join(dir, command))
		must(t, err)
		size := float64(file.Size()) / 1e6
		sum += size
		t.Logf("%-8s %5.2f MB of %4.1f", command, size, limits[command])
		if size > limits[command] {
			t.Errorf("%s has %.2f MB, and may have %.1f", command, size, limits[command])
		}
	}
	t.Logf("%-8s %5.2f MB", "all", sum)
}
