package circuit

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"p1/hardware/lateness"
	"p1/pkg/sim"
)

// A Late is a circuit with one resistor varied, of which it is asked how late its edges
// come.
type Late struct {
	lateness.Row // without its figures
	Values
}

// Lates returns what the table of hardware/lateness is made of, in its order.
func Lates() []Late {
	list := collectors()
	five := []float64{1000, 1200, 1500, 1800, 2200, 3300, 4700, 6800, 10e3, 15e3, 22e3}
	three := []float64{470, 560, 680, 820, 1000, 1500, 2200, 3300, 4700, 10e3, 15e3, 22e3}
	list = append(list, pullUpsOf("transistor", builtTransistor, five, 1.2)...)
	list = append(list, pullUpsOf("hc14", builtHC14, five, 1.2)...)
	list = append(list, pullUpsOf("ftdi", builtDirect, five, 1.2, 1.65)...)
	return append(list, pullUpsOf("direct", builtDirect33, three, 1.2, 1.65)...)
}

// collectors varies the collector's resistor: with the base as in hardware/README.md and
// without a base–emitter resistor, behind a fast and a slow transistor; over the wire from
// the transistor to the UART, and where its input turns.
func collectors() []Late {
	var list []Late
	for _, base := range []struct {
		bleed, transit float64
		name           string
	}{{4700, 120e-9, "base–emitter 4.7 kΩ"}, {0, 60e-9, "no base–emitter resistor, fast transistor"}, {0, 240e-9, "no base–emitter resistor, slow transistor"}} {
		for _, load := range []float64{160e-12, 550e-12, 1050e-12} {
			for _, limit := range []float64{1.2, 2.5} {
				v := builtTransistor.input(limit)
				v.Cable, v.Divide, v.Bleed, v.Transit, v.Load = 2, 0, base.bleed, base.transit, load
				name := fmt.Sprintf("%s, %.0f pF behind it, input turns at %g V", base.name, load*1e12, limit)
				for _, v.Out = range []float64{1000, 1500, 2200, 3300, 4700, 6800, 10e3, 15e3, 22e3, 33e3} {
					list = append(list, Late{lateness.Row{Receiver: "transistor", Part: lateness.Collector, Circuit: name, Ohm: v.Out}, v})
				}
			}
		}
	}
	return list
}

// pullUpsOf varies the pull-up of the wire, over meters' outputs, cables, and where the
// UART's input turns.
func pullUpsOf(receiver string, v Values, ohms []float64, limits ...float64) []Late {
	var list []Late
	for _, o := range []struct{ sink, tau float64 }{{}, {30e-3, 0.3e-6}, {10e-3, 0.7e-6}, {4e-3, 1e-6}, {4e-3, 1.5e-6}} {
		output := "switch"
		if o.sink > 0 {
			output = fmt.Sprintf("optocoupler %g mA, %g µs", o.sink*1e3, o.tau*1e6)
		}
		for _, v.Cable = range []float64{2, 20} {
			for _, limit := range limits {
				v := v.input(limit)
				v.Sink, v.Tau = o.sink, o.tau
				name := fmt.Sprintf("%s, %g m, input turns at %g V", output, v.Cable, limit)
				for _, v.PullUp = range ohms {
					list = append(list, Late{lateness.Row{Receiver: receiver, Part: lateness.PullUp, Circuit: name, Ohm: v.PullUp}, v})
				}
			}
		}
	}
	return list
}

// lateText has the characters of telegrams, with idle time before the first and in the
// middle of them.
func lateText() sim.Drive {
	return sim.NewDrive(Baud, []byte("1-0:8.U0(W*m3)\r\n"), []int{8}, 20)
}

// Measure simulates how late the rising edges come against the start edges of their
// characters, and what noise does to them. Without an error there is nothing of a circuit
// in which edges are missing.
func (l Late) Measure() (row lateness.Row, ok bool, err error) {
	d := lateText()
	lines, err := l.Simulate(d)
	if err != nil {
		return lateness.Row{}, false, err
	}
	rising := risings(d, l.Sampler().Edges(lines.UART))
	perVolt, room := l.noise(d, lines)
	if len(rising) == 0 || room <= 0 {
		return lateness.Row{}, false, nil
	}
	n := float64(len(rising))
	sum, squares := 0.0, 0.0
	for _, x := range rising {
		sum += x
	}
	row = l.Row
	row.Mean = round(sum / n)
	for _, x := range rising {
		squares += (x - sum/n) * (x - sum/n)
	}
	row.Own = round(math.Sqrt(squares / n))
	row.Least, row.Most = round(slices.Min(rising)), round(slices.Max(rising))
	row.PerVolt, row.Room = round(perVolt), round(room)
	return row, true, nil
}

// noise is by how many µs each volt of noise makes a rising edge scatter against a start
// edge, where the noise comes in at the end of the slow line: noise over slope, of either
// edge. Room is how many volts from turning the line is in the middle of a bit that has no
// edge beside it; 0 where edges are missing.
func (l Late) noise(d sim.Drive, lines Lines) (perVolt, room float64) {
	line, s := lines.UART, l.Sampler()
	if l.Part == lateness.PullUp && l.Kind != Direct {
		line, s.Inverted = lines.Wire, true
		s.Low, s.High = 1.95, 2.05 // hardware/README.md, (a)
		if l.Kind == HC14 {
			s.High, s.Low = l.gate()
		}
	}
	edges := s.Edges(line)
	if len(risings(d, edges)) == 0 {
		return 0, 0
	}
	const near = 50e-9
	var squares, n [2]float64 // of start edges, of rising ones
	next := 0
	for i, e := range edges {
		kind := 1
		if next < len(d.Starts) && math.Abs(d.Edges[i].Time-d.Starts[next]) < Bit/100 {
			kind = 0
			next++
		} else if !e.High {
			continue
		}
		flat := 2 * near * 1e6 / math.Abs(at(line, e.Time+near)-at(line, e.Time-near))
		squares[kind] += flat * flat
		n[kind]++
	}
	room = math.Inf(1)
	for i, e := range d.Edges {
		end := d.End
		if i+1 < len(d.Edges) {
			end = d.Edges[i+1].Time
		}
		turns := s.Low // a high voltage is left by falling below this
		if e.High == s.Inverted {
			turns = s.High
		}
		for t := e.Time + 1.5*Bit; t < end-Bit; t += Bit {
			room = min(room, math.Abs(at(line, t)-turns))
		}
	}
	return math.Sqrt(squares[0]/n[0] + squares[1]/n[1]), room
}

// at is the voltage of a line at a time in s.
func at(line []sim.Volt, t float64) float64 {
	i, _ := slices.BinarySearchFunc(line, t, func(v sim.Volt, t float64) int { return cmp.Compare(v.Time, t) })
	if i == 0 || i == len(line) {
		return line[min(i, len(line)-1)].V
	}
	a, b := line[i-1], line[i]
	return a.V + (b.V-a.V)*(t-a.Time)/(b.Time-a.Time)
}

// round rounds µs to two digits.
func round(x float64) float64 {
	y, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'f', 2, 64), 64)
	return y + 0 // no −0
}

// risings is by how many µs each rising edge comes later than the start edge of its
// character does; nothing where edges are missing.
func risings(d sim.Drive, edges []sim.Edge) []float64 {
	if len(edges) != len(d.Edges) {
		return nil
	}
	var list []float64
	next, start := 0, 0.0
	for i, e := range edges {
		late := (e.Time - d.Edges[i].Time) * 1e6
		switch {
		case e.High != d.Edges[i].High:
			return nil
		case next < len(d.Starts) && math.Abs(d.Edges[i].Time-d.Starts[next]) < Bit/100:
			start = late
			next++
		case e.High:
			list = append(list, late-start)
		}
	}
	return list
}

// MeasureAll measures all circuits, several at a time, in order, without those in which
// edges are missing. It calls done after each.
func MeasureAll(list []Late, done func()) ([]lateness.Row, error) {
	rows, oks := make([]lateness.Row, len(list)), make([]bool, len(list))
	err := each(len(list), func(i int) (err error) {
		rows[i], oks[i], err = list[i].Measure()
		done()
		return err
	})
	var out []lateness.Row
	for i, ok := range oks {
		if ok {
			out = append(out, rows[i])
		}
	}
	return out, err
}
