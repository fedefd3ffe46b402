// Command simulate simulates the receivers of hardware/README.md by ngspice, and
// writes which values damage what a meter sends: simulation/signatures.csv, its
// summary SIGNATURES.md, and plots. It takes some minutes:
//
//	go run ./hardware/simulate
package main

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"p1/hardware/circuit"
	"p1/pkg/meter"
)

func main() {
	dir := flag.String("o", "hardware/simulation", "directory for what is written")
	flag.Parse()
	if err := simulate(*dir); err != nil {
		fmt.Fprintln(os.Stderr, "simulate:", err)
		os.Exit(1)
	}
}

func simulate(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	text, drive, err := circuit.Telegram()
	if err != nil {
		return err
	}
	sweeps := circuit.Sweeps()
	var points []circuit.Point
	for _, s := range sweeps {
		points = append(points, s.Points...)
	}
	var judged atomic.Int64
	results, err := circuit.JudgeAll(points, text, drive, func() {
		if n := judged.Add(1); n%50 == 0 {
			fmt.Fprintf(os.Stderr, "simulate: %d of %d\n", n, len(points))
		}
	})
	if err != nil {
		return err
	}
	var table bytes.Buffer
	if err := circuit.WriteTable(&table, sweeps, results); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "signatures.csv"), table.Bytes(), 0o644); err != nil {
		return err
	}
	if err := plots(dir, sweeps, results, text, drive); err != nil {
		return err
	}
	return summarise(filepath.Join(dir, "SIGNATURES.md"), sweeps, results)
}

func plots(dir string, sweeps []circuit.Sweep, results []circuit.Result, text []byte, drive meter.Drive) error {
	for _, s := range sweeps {
		if strings.HasSuffix(s.Name, "-pullup") {
			if err := plotMargins(dir, s, results[:len(s.Points)]); err != nil {
				return err
			}
		}
		results = results[len(s.Points):]
	}
	for _, w := range waves() {
		if err := plotWave(dir, w, text, drive); err != nil {
			return err
		}
	}
	return nil
}

const opening = `# What the values of a receiver do

Written by ` + "`go run ./hardware/simulate`" + `; every point stands in signatures.csv.

A cell shows the margins in µs of its worst point, late / early: by how much more an
edge could come late, or early, against the start edge of its byte, before the UART
reads a bit wrongly. A perfect line has 4.34 / 4.34, half a bit. A UART that looks at
the line 16 times a bit takes up to 0.54 from the early one; a difference of 1 % in
speed takes 0.8 from one of them. What is not clean is named: ones lost, zeros lost,
garbled (both), dead (next to nothing arrives).
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
