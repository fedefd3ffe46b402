//go:build unix

package sources

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// errHeld says that another program has locked the device.
var errHeld = errors.New("locked")

// hold keeps a device for this process. The port itself is opened for nobody else
// (TIOCEXCL), which does not count for root; the lock does, among programs that
// ask for it: two that read one port get half of the bytes each.
//
// It also knows how the port was set, speed and translations, and sets it so again when it
// is given back: a getty or another program may expect that.
type hold struct {
	f   *os.File
	was *term.State // nil where that is not known
}

func reserve(path string) (*hold, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); errors.Is(err, unix.EWOULDBLOCK) {
		_ = f.Close()
		return nil, errHeld
	}
	was, err := term.GetState(int(f.Fd()))
	if err != nil {
		was = nil // no terminal: whoever opens it says so
	}
	return &hold{f, was}, nil
}

func (h *hold) release() {
	if h.was != nil {
		_ = term.Restore(int(h.f.Fd()), h.was) // what is unplugged need not be set
	}
	_ = h.f.Close()
}

// isTerminal reports whether a character device is a tty, or one that cannot be
// asked.
func isTerminal(path string) bool {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		return true
	}
	defer f.Close()
	return term.IsTerminal(int(f.Fd()))
}

func whoHolds(path string) string { return "; fuser -v " + path + " says which" }

// whoMay says who may read the device, and how to become one of them.
func whoMay(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return accessWords(info.Mode().Perm(), groupName(s.Gid))
}

func accessWords(mode fs.FileMode, group string) string {
	const groupReadsAndWrites = 0o060
	if mode&groupReadsAndWrites != groupReadsAndWrites {
		return fmt.Sprintf(": only its owner may use it (mode %04o); a udev rule can hand it to a group", mode)
	}
	return fmt.Sprintf(": it is for the group %s; sudo usermod -aG %s $USER, then log in again, makes you one of it", group, group)
}

func groupName(gid uint32) string {
	id := strconv.FormatUint(uint64(gid), 10)
	if g, err := user.LookupGroupId(id); err == nil {
		return g.Name
	}
	return id
}
