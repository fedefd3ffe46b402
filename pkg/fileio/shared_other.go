//go:build !windows

package fileio

import "os"

// OpenShared opens a file for reading that its writer may go on to write, rename and
// delete, as a file that is followed must be.
func OpenShared(name string) (*os.File, error) { return os.Open(name) }
