package sources

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// lineCounts is struct serial_icounter_struct of linux/serial.h.
type lineCounts struct {
	cts, dsr, rng, dcd, rx, tx        int32
	frame, overrun, parity, brk, full int32
	_                                 [9]int32
}

// overruns returns how often the hardware or the driver has dropped bytes since
// it was plugged in; 0 where it does not count.
func (h *hold) overruns() uint64 {
	var c lineCounts
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, h.f.Fd(), unix.TIOCGICOUNT, uintptr(unsafe.Pointer(&c)))
	if errno != 0 {
		return 0
	}
	return uint64(uint32(c.overrun)) + uint64(uint32(c.full))
}
