//go:build !windows

package ask

import (
	"fmt"
	"os"
)

// checkMode refuses a key that others can read.
func checkMode(path string) error {
	info, err := os.Stat(path)
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s can be read by others, who could undo pseudonyms with it: chmod 600 %s", path, path)
	}
	return err
}
