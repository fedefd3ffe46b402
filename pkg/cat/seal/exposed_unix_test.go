//go:build unix

package seal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// An identity that others may read is refused, with the command that mends it; not where modes
// do not say who may.
func TestExposed(t *testing.T) {
	_, _, secret := identity(t, false)
	dir := t.TempDir()
	file := filepath.Join(dir, "my key")
	must(t, os.WriteFile(file, []byte(secret+"\n"), 0o600))
	for mode := range os.FileMode(0o1000) {
		if mode&0o400 == 0 {
			continue
		}
		must(t, os.Chmod(file, mode))
		_, err := ReadIdentities(file, nil)
		var e *ExposedError
		if refused := errors.As(err, &e); refused != (mode&0o077 != 0) {
			t.Errorf("mode %v: %v", mode, err)
		} else if refused && e.Hint() != "chmod 600 '"+file+"' keeps it for its owner; whoever has read it before has it" {
			t.Errorf("mode %v: %s", mode, e.Hint())
		}
	}
	must(t, os.Chmod(file, 0o440))
	f, err := os.Open(file)
	must(t, err)
	defer f.Close()
	if _, err := ReadIdentities(fmt.Sprintf("/dev/fd/%d", f.Fd()), nil); err != nil {
		t.Errorf("by its descriptor: %v", err)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	if _, err := ReadIdentities(file, nil); err != nil {
		t.Errorf("as a credential: %v", err)
	}
	if _, err := ReadIdentities(filepath.Join(dir, "other", "..", "my key"), nil); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Errorf("as a credential: %v", err)
	}
}
