//go:build !windows

package fileio

import (
	"errors"
	"os"
)

// openScratch opens a file that has no name any more.
func openScratch(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, ".p1-*.tmp")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
