//go:build !linux && !windows

package sources

import (
	"path/filepath"
	"runtime"
	"strings"

	"go.bug.st/serial"
)

// portsHere lists names only: what adapters say of themselves, macOS tells C programs. The
// name of a USB adapter there ends in its number, as /dev/cu.usbserial-A5XK3RJT does.
//
// Of the two names that macOS has for a port, that with tty waits for a modem's carrier.
func portsHere() ([]Port, error) {
	names, err := serial.GetPortsList()
	var ports []Port
	for _, name := range names {
		if runtime.GOOS == "darwin" && strings.HasPrefix(filepath.Base(name), "tty.") {
			continue
		}
		ports = append(ports, Port{Name: name})
	}
	return ports, err
}

// PortAt returns "": what port an open file is, nobody says here.
func PortAt(any) string { return "" }
