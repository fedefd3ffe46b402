package fileio

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// openScratch opens a file that the system deletes once it is closed.
func openScratch(dir string) (*os.File, error) {
	name := filepath.Join(dir, fmt.Sprintf("p1-%016x.tmp", rand.Uint64()))
	path, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return nil, &fs.PathError{Op: "create", Path: name, Err: err}
	}
	const access = windows.GENERIC_READ | windows.GENERIC_WRITE | windows.DELETE
	const flags = windows.FILE_ATTRIBUTE_TEMPORARY | windows.FILE_FLAG_DELETE_ON_CLOSE
	h, err := windows.CreateFile(path, access, windows.FILE_SHARE_DELETE, nil, windows.CREATE_NEW, flags, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "create", Path: name, Err: err}
	}
	return os.NewFile(uintptr(h), name), nil
}
