package fileio

import (
	"os"

	"golang.org/x/sys/unix"
)

// Uncache has the system forget what it knows of a file that is synced, so that it is read
// from the disk. Where that cannot be, it is read from memory.
func Uncache(f *os.File) {
	conn, err := f.SyscallConn()
	if err != nil {
		return
	}
	_ = conn.Control(func(fd uintptr) { _ = unix.Fadvise(int(fd), 0, 0, unix.FADV_DONTNEED) })
}
