package fileio

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// age makes all files of a folder older than what was just written.
func age(t *testing.T, dir string) {
	t.Helper()
	names, _ := filepath.Glob(filepath.Join(dir, "*"))
	before := time.Now().Add(-2 * written)
	for _, name := range names {
		if err := os.Chtimes(name, before, before); err != nil {
			t.Fatal(err)
		}
	}
}
