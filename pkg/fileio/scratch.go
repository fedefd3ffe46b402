package fileio

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// ScratchError is what became of a file of [Scratch], and where that is.
type ScratchError struct {
	Dir string
	Err error
}

func (e *ScratchError) Error() string {
	err := e.Err
	var own *fs.PathError // which names a file that nobody can see
	if errors.As(err, &own) {
		err = own.Err
	}
	return fmt.Sprintf("a temporary file in %s: %v", e.Dir, err)
}

// Unwrap returns what went wrong.
func (e *ScratchError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *ScratchError) Hint() string {
	return "temporary files stand beside the file of -o, or, where there is none, in the directory that TMPDIR names " +
		"(TEMP on Windows): name one on a disk that has room"
}

// Scratch opens an empty file for as long as it is open, and says where it is: beside a
// file that is being written, or, where that is none or there may be no other one
// beside it, where the system keeps such files. It is gone with the process, however that
// ends.
func Scratch(output string) (f *os.File, dir string, err error) {
	dir = os.TempDir()
	if beside, ok := directoryOf(output); ok {
		if f, err := openScratch(beside); err == nil {
			return f, beside, nil
		}
	}
	if f, err = openScratch(dir); err != nil {
		return nil, dir, &ScratchError{dir, err}
	}
	return f, dir, nil
}

// directoryOf is where a file is that is being written, false of a device, a pipe or
// standard output: /dev is no place for more.
func directoryOf(output string) (dir string, ok bool) {
	if output == "" || output == Stdin {
		return "", false
	}
	path, err := Target(output)
	if err != nil {
		return "", false
	}
	info, err := os.Stat(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return "", false
	}
	return Directory(path), true
}
