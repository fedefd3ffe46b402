// Command draw draws circuits: of each FILE.txt it makes FILE.svg, and with -nets it
// lists which pins are joined. How to write one stands in package drawing.
//
//	go run ./hardware/draw hardware/drawings/*.txt
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"p1/hardware/drawing"
)

func main() {
	nets := flag.Bool("nets", false, "list which pins are joined")
	flag.Parse()
	for _, name := range flag.Args() {
		if err := draw(name, *nets); err != nil {
			fmt.Fprintf(os.Stderr, "draw: %s: %v\n", name, err)
			os.Exit(1)
		}
	}
}

func draw(name string, nets bool) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	d, err := drawing.Parse(string(text))
	if err != nil {
		return err
	}
	if nets {
		for _, net := range d.Nets() {
			fmt.Println(strings.Join(net, "  "))
		}
	}
	return os.WriteFile(strings.TrimSuffix(name, ".txt")+".svg", d.SVG(), 0o644)
}
