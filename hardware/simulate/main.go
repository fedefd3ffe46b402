// Command simulate simulates the receivers of hardware/README.md by ngspice, and
// writes which values damage what a meter sends: simulation/signatures.csv, its
// summary SIGNATURES.md, and plots. It takes some minutes:
//
//	go run ./hardware/simulate
//
// How late the edges come, for p1noise's advice, is a table of its own:
//
//	go run ./hardware/simulate -lateness hardware/lateness/lateness.csv
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"p1/hardware/circuit"
	"p1/hardware/lateness"
	"p1/pkg/sim"
)

func main() {
	dir := flag.String("o", "hardware/simulation", "directory for what is written")
	late := flag.String("lateness", "", "write only the table of how late edges come, to this file")
	flag.Parse()
	do := func() error { return simulate(*dir) }
	if *late != "" {
		do = func() error { return measure(*late) }
	}
	if err := do(); err != nil {
		if errors.Is(err, circuit.ErrMissing) { // of every circuit: which one says nothing
			err = fmt.Errorf("%w; what it gave before is in hardware/simulation and hardware/lateness", circuit.ErrMissing)
		}
		fmt.Fprintln(os.Stderr, "simulate:", err)
		os.Exit(1)
	}
}

// measure writes how late the edges of each receiver come, for values of its resistor.
func measure(name string) error {
	list := circuit.Lates()
	var measured atomic.Int64
	rows, err := circuit.MeasureAll(list, func() {
		if n := measured.Add(1); n%50 == 0 {
			fmt.Fprintf(os.Stderr, "simulate: %d of %d\n", n, len(list))
		}
	})
	if err != nil {
		return err
	}
	var table bytes.Buffer
	if err := lateness.Write(&table, rows); err != nil {
		return err
	}
	return os.WriteFile(name, table.Bytes(), 0o644)
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

func plots(dir string, sweeps []circuit.Sweep, results []circuit.Result, text []byte, drive sim.Drive) error {
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
