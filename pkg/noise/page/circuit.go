package page

import (
	"bytes"
	"html/template"
	"slices"

	"p1/hardware/drawings"
	"p1/pkg/noise/diagnose"
)

// circuit is the drawing of a receiver with the part marked that a cause points at.
type circuit struct {
	All, Near template.HTML // for a phone also the part enlarged, with what is around it
	Part      string        // what is marked, and what to know of it
}

// circuits says which part of which receiver does what. They are those of
// hardware/README.md: (a) transistor, (b) hc14, (c) direct and ftdi.
var circuits = []struct {
	signature diagnose.Signature
	receivers []string
	part      string
	says      string
}{
	{diagnose.OnesLost, []string{"transistor"}, "R4", "R4, the collector resistor, lifts the output. The larger it is, the later the edge."},
	{diagnose.OnesLost, []string{"hc14", "direct", "ftdi"}, "R1", "R1, the pull-up. The smaller it is, the longer a weak output of the meter takes to pull the wire down."},
	{diagnose.ZerosLost, []string{"transistor", "hc14", "direct", "ftdi"}, "R1", "R1, the pull-up, lifts the wire. The larger it is and the longer the cable, the later the edge."},
}

// drawn is the file of each receiver's circuit.
var drawnIn = map[string]string{"transistor": "transistor", "hc14": "schmitt", "direct": "esp32", "ftdi": "direct"}

// circuitOf draws the receiver that the user has named, if the first finding points at a
// part of it.
func circuitOf(r *diagnose.Report) (*circuit, error) {
	if len(r.Findings) == 0 || r.Excused {
		return nil, nil
	}
	for _, c := range circuits {
		if c.signature != r.Findings[0].Signature || !slices.Contains(c.receivers, r.Receiver) {
			continue
		}
		all, near, err := drawings.SVG(drawnIn[r.Receiver], c.part)
		if err != nil {
			return nil, err
		}
		return &circuit{inline(all, c.says), inline(near, c.says), c.says}, nil
	}
	return nil, nil
}

// inline makes an element of a page of a drawing, which says in words what it shows.
func inline(svg []byte, says string) template.HTML {
	return template.HTML(bytes.TrimSpace(bytes.Replace(svg, []byte(`xmlns="http://www.w3.org/2000/svg" `), []byte(`role="img" aria-label="`+says+`" `), 1)))
}
