package sources

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"

	"p1/pkg/display"
)

// Port is a serial port of this machine.
type Port struct {
	Name    string // by which it is opened, such as /dev/ttyUSB0 or COM3
	Link    string // one that stays the same wherever it is plugged in; empty where there is none
	Maker   string // what the adapter says of itself; these may be empty
	Model   string
	Serial  string
	USB     string // the numbers of maker and product, such as 0403:6001; empty where it is no USB adapter
	Trouble string // why it cannot be read; empty where nothing is known against it
}

// Ports returns the serial ports of this machine, in the order of their names. No port is
// opened: that could disturb whoever reads it.
func Ports() ([]Port, error) {
	ports, err := portsHere()
	slices.SortFunc(ports, func(a, b Port) int { return strings.Compare(a.Name, b.Name) })
	return ports, err
}

// WritePorts writes a line for each port, in columns.
//
//	/dev/ttyUSB0  FTDI FT232R USB UART, number A5XK3RJT (USB 0403:6001)  /dev/serial/by-id/usb-FTDI_…
func WritePorts(w io.Writer, ports []Port) error {
	const between = 2
	columns := tabwriter.NewWriter(w, 0, 0, between, ' ', tabwriter.StripEscape)
	for _, p := range ports {
		cells := []string{display.Text(p.Name), display.Text(p.says())}
		if p.Link != "" || p.Trouble != "" {
			cells = append(cells, display.Text(p.Link))
		}
		if p.Trouble != "" {
			cells = append(cells, p.Trouble)
		}
		if _, err := fmt.Fprintln(columns, strings.Join(cells, "\t")); err != nil {
			return err
		}
	}
	return columns.Flush()
}

// MayBeUSB reports whether a port is that of a USB adapter, or of a system that does not
// say what its ports are.
func (p Port) MayBeUSB() bool {
	return p.USB != "" || runtime.GOOS != "linux" && runtime.GOOS != "windows"
}

// says is what the adapter says of itself, in words.
func (p Port) says() string {
	// Some models have the name of their maker in their own.
	text := strings.TrimSpace(strings.TrimSpace(p.Maker) + " " + strings.TrimSpace(strings.TrimPrefix(p.Model, p.Maker)))
	if p.Serial != "" {
		text += ", number " + p.Serial
	}
	switch {
	case p.USB != "":
		text += " (USB " + p.USB + ")"
	case text == "":
		text = "a port of this machine, which says nothing of itself"
	}
	return strings.TrimPrefix(strings.TrimSpace(text), ", ")
}
