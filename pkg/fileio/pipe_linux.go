package fileio

import (
	"os"

	"golang.org/x/sys/unix"
)

// pipeSize is how many bytes a pipe between two stages should hold: with the usual
// 64 KiB they wait for each other after every write.
const pipeSize = 1 << 20

// widen makes a pipe hold more. Where f is no pipe, or the system grants no more, it
// stays as it is.
func widen(f *os.File) {
	conn, err := f.SyscallConn() // f.Fd would change how f is read
	if err != nil {
		return
	}
	_ = conn.Control(func(fd uintptr) {
		if n, err := unix.FcntlInt(fd, unix.F_GETPIPE_SZ, 0); err == nil && n < pipeSize {
			_, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, pipeSize)
		}
	})
}
