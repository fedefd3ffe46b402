package pipebench

import (
	"os"
	"syscall"
)

// peak returns the most memory in MB that a process had resident. The kernel
// counts the process it was forked from, too, up to the moment it became itself.
func peak(s *os.ProcessState) float64 {
	usage, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return kib(int64(usage.Maxrss))
}

// ownPeak returns the same of this process.
func ownPeak() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return kib(int64(usage.Maxrss))
}

func kib(n int64) float64 { return float64(n) * 1024 / mb }
