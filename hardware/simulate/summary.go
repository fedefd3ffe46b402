package main

import (
	"bytes"
	"fmt"
	"math"
	"os"

	"p1/hardware/circuit"
)

const opening = `# What the values of a receiver do

Written by ` + "`go run ./hardware/simulate`" + `; every point stands in signatures.csv.

A cell shows the margins in µs of its worst point, late / early: by how much more an
edge could come late, or early, against the start edge of its byte, before the UART
reads a bit wrongly. A perfect line has 4.34 / 4.34, half a bit. A UART that looks at
the line 16 times a bit takes up to 0.54 from the early one; a difference of 1 % in
speed takes 0.8 from one of them. What is not clean is named: ones lost, zeros lost
(start bits among them, so that the UART slips), garbled (ones and zeros lost), dead
(next to nothing arrives).
`

func summarise(name string, sweeps []circuit.Sweep, results []circuit.Result) error {
	var out bytes.Buffer
	out.WriteString(opening)
	for _, s := range sweeps {
		if err := s.WriteSummary(&out, results[:len(s.Points)]); err != nil {
			return err
		}
		results = results[len(s.Points):]
	}
	if err := crosstalk(&out); err != nil {
		return err
	}
	return os.WriteFile(name, out.Bytes(), 0o644)
}

// crosstalk writes what disturbs the data wire, for each use of the cable's pairs.
func crosstalk(out *bytes.Buffer) error {
	out.WriteString("\n## Crosstalk on 10 m: what is added to the data wire while the meter holds it down\n\n| wires | disturbance | peak, mV | for, µs | stays, mV |\n|---|---|---|---|---|\n")
	for _, by := range []circuit.Disturbance{circuit.Load, circuit.Mains} {
		for _, s := range circuit.Splits() {
			x, err := s.Crosstalk(by, 10)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "| %s | %s | %.0f | %.2f | %.0f |\n", s.Name, by, math.Abs(x.Peak)*1e3, x.For*1e6, math.Abs(x.Stay)*1e3)
		}
	}
	return nil
}
