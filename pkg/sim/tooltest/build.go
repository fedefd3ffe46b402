package tooltest

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
)

// RunWithCommands builds the commands into a folder
// that bin then names, and runs the tests of a [testing.M]. It returns the exit code.
func RunWithCommands(m *testing.M, bin *string) int {
	dir, err := os.MkdirTemp("", "p1commands")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	build := exec.Command("go", "build", "-o", dir+string(filepath.Separator), "p1/cmd/...")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "the commands cannot be built:", err)
		return 1
	}
	*bin = dir
	hearSignals()
	return m.Run()
}

// hearSignals undoes that whoever has started the tests ignores signals, as nohup does and a
// shell does for what is in the background: what the tests start would ignore them, too.
func hearSignals() {
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
}
