package seal

import (
	"os"

	"golang.org/x/sys/unix"
)

// uncache has the system forget what it knows of a file that is synced, so that it is read
// from the disk. Where that cannot be, it is read from memory.
func uncache(f *os.File) {
	conn, err := f.SyscallConn()
	if err != nil {
		return
	}
	_ = conn.Control(func(fd uintptr) { _ = unix.Fadvise(int(fd), 0, 0, unix.FADV_DONTNEED) })
}
