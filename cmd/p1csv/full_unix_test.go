//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Where there is no more room, a file of which all is to be there stays as it was, nothing is left
// beside it, and what is said names it.
func TestFullDisk(t *testing.T) {
	in := filepath.Join(t.TempDir(), "in.jsonl")
	mixed(t, in, 3, 4, 100, false)
	for _, c := range []struct{ flag, name, old string }{
		{"-o", "x.xlsx", "old"}, {"-o", "x.parquet", "old"}, {"-o", "new.xlsx", ""}, {"--validity", "v.parquet", "old"}, {"--partition", "lake", ""},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, c.name)
		if c.old != "" {
			if err := os.WriteFile(path, []byte(c.old), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		const limited = `trap "" XFSZ; ulimit -f 2; exec p1csv "$@"`
		said, err := exec.Command("sh", "-c", limited, "sh", c.flag, path, in).CombinedOutput()
		if failed, ok := err.(*exec.ExitError); !ok || failed.ExitCode() != 1 || !strings.Contains(string(said), c.name) || strings.Contains(string(said), ".tmp") {
			t.Errorf("%s %s: %v, %s", c.flag, c.name, err, said)
		}
		all := tree(t, dir)
		if text, there := all[c.name]; len(all) > 1 || there != (c.old != "") || text != c.old {
			t.Errorf("%s %s: then there are %q", c.flag, c.name, all)
		}
	}
}
