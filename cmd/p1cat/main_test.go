package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"

	"p1/pkg/sim/tooltest"
)

func TestMain(m *testing.M) { tooltest.Main(m, "p1cat", main) }

func TestScripts(t *testing.T) {
	tooltest.Scripts(t, tooltest.Tool{Name: "p1cat", Takes: "log"}, "../../testdata", "every", "p1cat")
}

func TestManPage(t *testing.T) { tooltest.ManPage(t, app(), "p1cat.1") }

// Of two ports that a pattern names, the second would never be read.
func TestPatternOfPorts(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"ttyUSB0", "ttyUSB1"} {
		master, slave, err := pty.Open()
		if err != nil {
			t.Skipf("no pty here: %v", err)
		}
		defer master.Close()
		defer slave.Close()
		if err := os.Symlink(slave.Name(), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		err = check([]string{filepath.Join(dir, "ttyUSB*")}, false)
		if both := name == "ttyUSB1"; (err != nil) != both || both && !strings.Contains(err.Error(), "ttyUSB0 has no end") {
			t.Errorf("with %s: %v", name, err)
		}
	}
}

func TestInputsAreNotOutputs(t *testing.T) { tooltest.Apart(t, app) }

func TestCompletion(t *testing.T) { tooltest.Completed(t, app) }
