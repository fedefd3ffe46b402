package main

import (
	"slices"

	"github.com/urfave/cli/v2"

	"p1/pkg/cat/sources"
	"p1/pkg/tool"
)

const flagPorts = "ports"

func portsFlag() cli.Flag {
	return &cli.BoolFlag{Name: flagPorts, Usage: "list the serial ports of this machine, with what each adapter says of itself, and read nothing"}
}

// listPorts writes the serial ports, a line for each.
func listPorts(c *cli.Context) error {
	if c.NArg() > 0 || c.NumFlags() > 1 {
		return tool.Usagef("--%s lists the ports and does nothing else: it stands alone", flagPorts)
	}
	ports, err := sources.Ports()
	if err != nil {
		return err
	}
	if len(ports) == 0 {
		tool.Say(c)("there is no serial port here: is the adapter plugged in, and if this is a container or a virtual machine, handed on to it?")
	} else if !slices.ContainsFunc(ports, sources.Port.MayBeUSB) {
		tool.Say(c)("none of these is a USB adapter: if one is plugged in, the system does not see it (another cable or socket, or in a container or a virtual machine: hand it on)")
	}
	return sources.WritePorts(c.App.Writer, ports)
}
