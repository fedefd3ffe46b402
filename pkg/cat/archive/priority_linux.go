package archive

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// lowestPriority makes the goroutine's thread the last that the system asks, as nice 19 does.
// setpriority(2): on Linux it is that of the thread that calls. The thread is not handed back, and
// ends with the goroutine.
func lowestPriority() {
	const last = 19
	runtime.LockOSThread()
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, last) // else it rests between pieces all the same
}
