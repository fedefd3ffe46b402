package sources

import "go.bug.st/serial/enumerator"

// portsHere asks the Plug and Play manager.
func portsHere() ([]Port, error) {
	found, err := enumerator.GetDetailedPortsList()
	var ports []Port
	for _, d := range found {
		p := Port{Name: d.Name, Maker: d.Manufacturer, Model: d.Product, Serial: d.SerialNumber}
		if d.IsUSB {
			p.USB = d.VID + ":" + d.PID
		}
		ports = append(ports, p)
	}
	return ports, err
}

// PortAt returns "": what port an open file is, nobody says here.
func PortAt(any) string { return "" }
