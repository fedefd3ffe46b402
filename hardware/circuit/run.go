package circuit

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"p1/pkg/sim"
)

// ErrMissing says that there is no ngspice.
var ErrMissing = errors.New("ngspice is not installed (Debian: apt-get install ngspice)")

// Lines are the voltages of a circuit over time.
type Lines struct {
	UART []sim.Volt // at the input of the UART
	Wire []sim.Volt // at the receiver's end of the cable
}

// Simulate returns the voltages of the circuit while the meter drives it.
func (v Values) Simulate(d sim.Drive) (Lines, error) {
	columns, err := Spice(func(file string) string { return v.netlist(d, file) })
	if err != nil {
		return Lines{}, fmt.Errorf("%v: %w", v, err)
	}
	return Lines{UART: columns[0], Wire: columns[1]}, nil
}

// Spice runs ngspice on a netlist that writes to a file (wrdata with one scale), and
// returns the columns after that of the time.
func Spice(netlist func(file string) string) ([][]sim.Volt, error) {
	path, err := exec.LookPath("ngspice")
	if err != nil {
		return nil, ErrMissing
	}
	dir, err := os.MkdirTemp("", "p1spice")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	const out = "out.txt"
	if err := os.WriteFile(filepath.Join(dir, "in.cir"), []byte(netlist(out)), 0o600); err != nil {
		return nil, err
	}
	c := exec.Command(path, "-b", "in.cir")
	c.Dir = dir
	said, err := c.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("ngspice: %w: %s", err, tail(said))
	}
	columns, err := readColumns(filepath.Join(dir, out))
	if err != nil {
		return nil, fmt.Errorf("ngspice: %w: %s", err, tail(said))
	}
	return columns, nil
}

// tail is the end of what ngspice said.
func tail(said []byte) []byte {
	said = bytes.TrimSpace(said)
	return said[max(0, len(said)-500):]
}

// readColumns reads lines of a time and the same number of voltages each.
func readColumns(name string) ([][]sim.Volt, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var columns [][]sim.Volt
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if columns == nil {
			columns = make([][]sim.Volt, max(len(words)-1, 0))
		}
		if len(words) != len(columns)+1 {
			return nil, fmt.Errorf("a line of %d numbers, want %d", len(words), len(columns)+1)
		}
		at, err := strconv.ParseFloat(words[0], 64)
		if err != nil {
			return nil, err
		}
		for i, w := range words[1:] {
			x, err := strconv.ParseFloat(w, 64)
			if err != nil {
				return nil, err
			}
			columns[i] = append(columns[i], sim.Volt{Time: at, V: x})
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(columns) == 0 || len(columns[0]) < 2 {
		return nil, errors.New("nothing was simulated")
	}
	return columns, nil
}
