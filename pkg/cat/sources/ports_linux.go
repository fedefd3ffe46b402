package sources

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/sys/unix"
)

// portsHere reads what the kernel knows of its terminals:
//
//	/sys/class/tty/ttyUSB0/device -> …/usb1/1-1/1-1.2/1-1.2:1.0/ttyUSB0
//	                                              └ idVendor, idProduct, manufacturer, product, serial
//
// go.bug.st/serial/enumerator opens and sets the ports of the board to see whether they
// are there, which would set them otherwise for whoever reads them.
func portsHere() ([]Port, error) { return portsBelow("/") }

func portsBelow(root string) ([]Port, error) {
	devices, err := filepath.Glob(filepath.Join(root, "sys/class/tty/*/device"))
	if err != nil {
		return nil, err
	}
	links := linksBelow(filepath.Join(root, byIDFolder))
	var ports []Port
	for _, device := range devices {
		name := filepath.Base(filepath.Dir(device))
		path := filepath.Join(root, "dev", name)
		if _, err := os.Stat(path); err != nil || attribute(filepath.Dir(device), "type") == "0" {
			continue // the kernel keeps a place for a port of the board that is not there
		}
		p := Port{Name: path, Link: links[path], Trouble: troubleWith(path)}
		p.ask(device)
		ports = append(ports, p)
	}
	return ports, nil
}

// seats are the terminals at which people sit: windows, connections and consoles.
var seats = regexp.MustCompile(`^/dev/(pts/.*|tty[0-9]*|console)$`)

// PortAt returns the name of the port that an open file is; empty where it is none, or a
// terminal at which a person sits.
func PortAt(stream any) string {
	f, ok := stream.(*os.File)
	if !ok {
		return ""
	}
	name, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", f.Fd()))
	if err != nil || !isSerial(name) || seats.MatchString(name) {
		return ""
	}
	return name
}

// linksBelow are the links in a folder, by what they lead to.
func linksBelow(folder string) map[string]string {
	links := map[string]string{}
	all, _ := filepath.Glob(filepath.Join(folder, "*")) // the pattern is a good one
	for _, link := range all {
		if target, err := filepath.EvalSymlinks(link); err == nil {
			links[target] = link
		}
	}
	return links
}

// ask finds what the adapter says of itself: the USB device is above the device that is
// the port, one step or two.
func (p *Port) ask(device string) {
	dir, err := filepath.EvalSymlinks(device)
	if err != nil {
		return
	}
	const steps = 3
	for range steps {
		if vendor := attribute(dir, "idVendor"); vendor != "" {
			p.USB = vendor + ":" + attribute(dir, "idProduct")
			p.Maker, p.Model, p.Serial = attribute(dir, "manufacturer"), attribute(dir, "product"), attribute(dir, "serial")
			return
		}
		dir = filepath.Dir(dir)
	}
}

// attribute is what the kernel says in a file; empty where there is none.
func attribute(dir, name string) string {
	const most = 4096 // a page, which is what such a file holds at most
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	defer f.Close()
	text := make([]byte, most)
	n, _ := f.Read(text)
	return strings.TrimSpace(string(text[:n]))
}

// troubleWith says why a port could not be read, without opening it.
func troubleWith(path string) string {
	if err := unix.Access(path, unix.R_OK|unix.W_OK); errors.Is(err, fs.ErrPermission) {
		return "permission denied" + whoMay(path)
	}
	return ""
}
