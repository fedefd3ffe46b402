package pipetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"p1/pkg/sim/longtest"
)

// limits are how large the commands may be on linux/amd64, stripped, in millions of
// bytes. A command line with its help takes 3.9 of them, compression and records 2.9, and
// what p1cat asks bridges and brokers with, HTTPS and MQTT, 4.5.
var limits = map[string]float64{"p1cat": 13, "p1frame": 9, "p1fix": 9, "p1csv": 20, "p1noise": 10}

// TestSizes: who installs the commands downloads no more than is needed.
func TestSizes(t *testing.T) {
	longtest.Needs(t, "it builds all commands once more")
	dir := t.TempDir()
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", dir+string(filepath.Separator), "p1/cmd/...")
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
		t.Logf("%-8s %5.2f MB of %2.0f", command, size, limits[command])
		if size > limits[command] {
			t.Errorf("%s has %.2f MB, and may have %.0f", command, size, limits[command])
		}
	}
	t.Logf("%-8s %5.2f MB", "all", sum)
}
