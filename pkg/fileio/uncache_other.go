//go:build !linux

package fileio

import "os"

// Uncache does nothing: what is read back may come from memory.
func Uncache(*os.File) {}
