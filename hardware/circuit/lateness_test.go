package circuit

import (
	"errors"
	"math"
	"os"
	"testing"

	"p1/hardware/lateness"
	"p1/pkg/sim"
)

// The committed table of how late edges come has the circuits of Lates, in their order,
// but for those in which edges are missing; some of them are simulated again.
func TestLatenessTable(t *testing.T) {
	f, err := os.Open("../lateness/lateness.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table, err := lateness.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	list, n := Lates(), 0
	for i, l := range list {
		is := n < len(table)
		var row lateness.Row
		if is {
			row = table[n]
			f := row.Figures
			row.Figures = lateness.Figures{}
			is = row == l.Row
			row.Figures = f
		}
		if is {
			n++
		}
		if i%53 != 0 {
			continue
		}
		now, ok, err := l.Measure()
		if errors.Is(err, ErrMissing) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		if ok != is {
			t.Errorf("%+v: in the table: %v, simulated: %v", l.Row, is, ok)
		} else if ok && !alike(row.Figures, now.Figures) {
			t.Errorf("%+v is now %+v", row, now)
		}
	}
	if n != len(table) || n < 700 {
		t.Errorf("the table has %d lines, %d of them in order: make it again", len(table), n)
	}
}

// alike allows for the steps of the simulation.
func alike(a, b lateness.Figures) bool {
	near := func(a, b float64) bool { return math.Abs(a-b) <= 0.05+0.05*math.Abs(a) }
	return near(a.Mean, b.Mean) && near(a.Own, b.Own) && near(a.Least, b.Least) && near(a.Most, b.Most) && near(a.PerVolt, b.PerVolt) && near(a.Room, b.Room)
}

// A pull-up R lifts C to half of the supply V in RC·ln 2, with the slope V/2RC there, while
// a switch pulls it down at once: so falling logic edges are late, and a volt of noise is
// worth 2RC/V. (The switch has 20 Ω, and takes 0.01 µs.)
func TestLatenessAsCalculated(t *testing.T) {
	v := Values{Kind: Direct, Supply: 5, PullUp: 4700, Cable: 10}.input(2.5)
	row, ok, err := Late{lateness.Row{Part: lateness.PullUp}, v}.Measure()
	if errors.Is(err, ErrMissing) {
		t.Skip(err)
	}
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	rc := 4700 * (10*cableC + inputC) * 1e6
	if want := -rc * math.Ln2; math.Abs(row.Mean-want) > 0.05*-want {
		t.Errorf("rising edges come %.2f µs late, want %.2f", row.Mean, want)
	}
	if want := 2 * rc / 5; math.Abs(row.PerVolt-want) > 0.05*want {
		t.Errorf("%.2f µs for a volt, want %.2f", row.PerVolt, want)
	}
	if row.Room < 2.3 || row.Room > 2.5 {
		t.Errorf("%.2f V from turning, want nearly 2.5", row.Room)
	}
}

// Rising edges are counted against the start edge of their own character.
func TestRisings(t *testing.T) {
	d := sim.NewDrive(Baud, []byte("0"), nil, 3) // start, 0000, 11, 00, stop: rising before bit 4 and the stop bit
	var edges []sim.Edge
	for i, e := range d.Edges {
		e.Time += []float64{1, 3, 0, 4}[i] * 1e-6
		edges = append(edges, e)
	}
	if got := risings(d, edges); len(got) != 2 || math.Abs(got[0]-2) > 1e-6 || math.Abs(got[1]-3) > 1e-6 {
		t.Errorf("%v, want 2 and 3 µs", got)
	}
	if got := risings(d, edges[1:]); got != nil {
		t.Errorf("of missing edges: %v", got)
	}
}
