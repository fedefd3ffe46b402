// Package lateness takes a receiver and gives how late its logic edges come for each value
// of the resistor that makes them late, and the other way round. The figures are those of
// the simulated receivers of hardware/README.md, made by
//
//	go run ./hardware/simulate -lateness hardware/lateness/lateness.csv
//
// A UART looks at a character from its start edge on, which is a falling one. So what
// counts is by how much the rising edges come later than the start edges: more than half a
// bit, and the first 1 after a 0 is read as 0; less than minus half a bit, and the last 0
// before a 1 is read as 1.
package lateness

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"sync"
)

// The parts that make edges late.
const (
	Collector = "collector resistor"
	PullUp    = "pull-up"
)

// A Row is one circuit. How late its rising edges come is in µs, against the start edge of
// their character.
type Row struct {
	Receiver string // transistor, hc14, ftdi (pulled up to 5 V), direct (to 3.3 V)
	Part     string // whose value Ohm is
	Circuit  string // what else differs from one circuit to another
	Ohm      float64
	Figures
}

// Figures are how late the rising edges of a circuit come, in µs: each by what was on the
// line before it.
type Figures struct {
	Mean        float64
	Own         float64 // standard deviation
	Least, Most float64
	PerVolt     float64 // standard deviation for each volt of noise where it comes in, of which
	Room        float64 // so many volts at once make a bit wrong that has no edge beside it
}

// A Curve is one circuit for all values of a part, the smallest first.
type Curve struct {
	Circuit string
	Rows    []Row
}

//go:embed lateness.csv
var table []byte

// rows is the table. It is part of the program and cannot be wrong in one run only, so
// that an error is one for its tests.
var rows = sync.OnceValue(func() []Row {
	list, err := Read(bytes.NewReader(table))
	if err != nil {
		panic("lateness.csv: " + err.Error())
	}
	return list
})

// Curves returns those of a receiver and a part; none of one that was not simulated.
func Curves(receiver, part string) []Curve {
	var curves []Curve
	for _, r := range rows() {
		if r.Receiver != receiver || r.Part != part {
			continue
		}
		if n := len(curves); n == 0 || curves[n-1].Circuit != r.Circuit {
			curves = append(curves, Curve{Circuit: r.Circuit})
		}
		last := &curves[len(curves)-1]
		last.Rows = append(last.Rows, r)
	}
	return curves
}

// At returns the figures for a value, between those of the values beside it.
func (c Curve) At(ohm float64) (f Figures, ok bool) {
	for i, r := range c.Rows {
		switch {
		case r.Ohm == ohm:
			return r.Figures, true
		case r.Ohm > ohm && i == 0:
			return Figures{}, false
		case r.Ohm > ohm:
			before := c.Rows[i-1]
			return before.toward(r.Figures, math.Log(ohm/before.Ohm)/math.Log(r.Ohm/before.Ohm)), true
		}
	}
	return Figures{}, false
}

// toward is a part of the way from one to another.
func (f Figures) toward(g Figures, part float64) Figures {
	between := func(a, b float64) float64 { return a + part*(b-a) }
	return Figures{between(f.Mean, g.Mean), between(f.Own, g.Own), between(f.Least, g.Least), between(f.Most, g.Most), between(f.PerVolt, g.PerVolt), between(f.Room, g.Room)}
}

// Ohms returns the values at which the mean is so many µs, between those of the table.
func (c Curve) Ohms(mean float64) []float64 {
	var list []float64
	for i := 1; i < len(c.Rows); i++ {
		a, b := c.Rows[i-1], c.Rows[i]
		if (a.Mean-mean)*(b.Mean-mean) > 0 || a.Mean == b.Mean {
			continue
		}
		list = append(list, a.Ohm*math.Pow(b.Ohm/a.Ohm, (mean-a.Mean)/(b.Mean-a.Mean)))
	}
	return list
}

// heading of the table.
var heading = []string{"receiver", "part", "circuit", "ohm", "mean_us", "own_us", "least_us", "most_us", "us_per_v", "room_v"}

// Write writes a table.
func Write(w io.Writer, list []Row) error {
	lines := [][]string{heading}
	n := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	for _, r := range list {
		lines = append(lines, []string{r.Receiver, r.Part, r.Circuit, n(r.Ohm), n(r.Mean), n(r.Own), n(r.Least), n(r.Most), n(r.PerVolt), n(r.Room)})
	}
	return csv.NewWriter(w).WriteAll(lines)
}

// Read reads a table.
func Read(r io.Reader) ([]Row, error) {
	lines, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 || !slices.Equal(lines[0], heading) {
		return nil, errors.New("this is no table of how late edges come, or that of another version: make it again")
	}
	var list []Row
	for i, line := range lines[1:] {
		var x [7]float64
		for k := range x {
			if x[k], err = strconv.ParseFloat(line[3+k], 64); err != nil {
				return nil, fmt.Errorf("line %d: %w", i+2, err)
			}
		}
		list = append(list, Row{line[0], line[1], line[2], x[0], Figures{x[1], x[2], x[3], x[4], x[5], x[6]}})
	}
	return list, nil
}
