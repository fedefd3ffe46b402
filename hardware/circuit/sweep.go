package circuit

import (
	"cmp"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"

	"p1/pkg/sim"
)

// A Point is a circuit in a sweep: where it stands in the sweep's table. Several
// points may stand in one place; the table shows the worst of them.
type Point struct {
	Values
	Row, Column string
}

// A Sweep varies some values of a circuit.
type Sweep struct {
	Name  string // short, of letters, digits and dashes
	Title string
	Rows  string // what its rows are
	Fixed string // what is the same in all its points
	// Points, in the order of the table.
	Points []Point
}

// What is taken for the meters' outputs. The standard wants one that sinks 30 mA and
// pulls down to 1 V or less; optocouplers that sink less are in the field, and the
// weaker one is driven, the slower it is.
var outputs = []struct {
	name             string
	sink, tau, floor float64
}{
	{"switch", 0, 0, 0},
	{"switch down to 0.9 V", 0, 0, 0.9},
	{"optocoupler 30 mA, 0.3 µs", 30e-3, 0.3e-6, 0},
	{"optocoupler 10 mA, 0.7 µs", 10e-3, 0.7e-6, 0},
	{"optocoupler 4 mA, 1 µs", 4e-3, 1e-6, 0},
}

// The values that the sweeps run through: the shortest and the longest cable, and
// pull-ups for 5 V and for 3.3 V.
var (
	shortLong = []float64{0.5, 20}
	pullUps   = []float64{1000, 1200, 1500, 1800, 2200, 3300, 4700, 10000}
	pullUps33 = []float64{680, 820, 1000, 1200, 1500, 2200, 3300, 4700, 10000}
)

// input sets the limits of a UART's input 50 mV apart.
func (v Values) input(limit float64) Values {
	v.Low, v.High = limit-0.025, limit+0.025
	return v
}

// The receivers as hardware/README.md builds them. The UART's limit is that of a TTL
// input; that of an ESP32 is half of its supply.
var (
	builtTransistor = Values{
		Kind: Transistor, Supply: 5, PullUp: 1500, Cable: 10, Base: 10e3, Bleed: 4700,
		Out: 1500, Divide: 2700, Transit: 120e-9, Load: 160e-12,
	}.input(1.2)
	builtHC14     = Values{Kind: HC14, Supply: 5, PullUp: 1500, Cable: 10, Series: 1000, Out: 1000, Divide: 1800, Load: 160e-12}.input(1.2)
	builtHCT14    = Values{Kind: HCT14, Supply: 5, PullUp: 1500, Cable: 10, Series: 1000, Out: 1000, Divide: 1800, Load: 160e-12}.input(1.2)
	builtDirect   = Values{Kind: Direct, Supply: 5, PullUp: 1800, Cable: 10, Series: 1000, Load: 10e-12}.input(1.2)
	builtDirect33 = Values{Kind: Direct, Supply: 3.3, PullUp: 1000, Cable: 10, Series: 1000, Load: 10e-12}.input(1.65)
)

// Built returns the receivers of hardware/README.md, each with its recommended
// values, behind 10 m of cable, for a meter whose output is a switch.
func Built() []Values {
	return []Values{builtTransistor, builtHC14, builtHCT14, builtDirect, builtDirect33}
}

// WeakCollector is the first fault of shared/FACTS.md §3, an inverter at the meter
// with 10 kΩ at its collector and 10 m of cable behind it; StrongPullUp the second
// one, a weak optocoupler against 1 kΩ at 5 V.
var (
	WeakCollector = Values{
		Kind: Transistor, Supply: 5, PullUp: 1000, Cable: 10, Behind: true, Base: 10e3,
		Out: 10e3, Transit: 120e-9, Load: 50e-12,
	}.input(2.5)
	StrongPullUp = Values{Kind: Direct, Supply: 5, PullUp: 1000, Sink: 4e-3, Tau: 1.5e-6, Cable: 10, Load: 10e-12}.input(1.2)
)

// Sweeps returns all that are made.
func Sweeps() []Sweep {
	return []Sweep{
		lengthSweep(),
		pullUpSweep("transistor-pullup", "One transistor: pull-up", "base 10 kΩ, base–emitter 4.7 kΩ, collector 1.5 kΩ up and 2.7 kΩ down", builtTransistor, pullUps),
		baseSweep(),
		collectorSweep(),
		storageSweep(),
		pullUpSweep("hc14-pullup", "74HC14: pull-up", "supply 5 V, output 1 kΩ and 1.8 kΩ to ground", builtHC14, pullUps),
		pullUpSweep("hct14-pullup", "74HCT14: pull-up", "supply 5 V, output 1 kΩ and 1.8 kΩ to ground", builtHCT14, pullUps),
		pullUpSweep("direct5-pullup", "Direct, pulled up to 5 V: pull-up", "input turns at 1.2 V", builtDirect, pullUps),
		pullUpSweep("direct33-pullup", "Direct, pulled up to 3.3 V: pull-up", "input turns at 1.65 V", builtDirect33, pullUps33),
		sinkSweep(),
		limitSweep(),
	}
}

func ohms(r float64) string {
	if r >= 1000 {
		return strconv.FormatFloat(r/1000, 'g', -1, 64) + " kΩ"
	}
	return strconv.FormatFloat(r, 'g', -1, 64) + " Ω"
}

// pullUpSweep varies the pull-up, over all outputs and cables.
func pullUpSweep(name, title, fixed string, v Values, pullUps []float64) Sweep {
	s := Sweep{Name: name, Title: title, Rows: "pull-up", Fixed: fixed + "; the worst of 0.5 and 20 m of cable"}
	for _, v.PullUp = range pullUps {
		for _, o := range outputs {
			v.Sink, v.Tau, v.Floor = o.sink, o.tau, o.floor
			for _, v.Cable = range shortLong {
				s.Points = append(s.Points, Point{v, ohms(v.PullUp), o.name})
			}
		}
	}
	return s
}

// lengthSweep is each receiver as it is built, behind cables of several lengths.
func lengthSweep() Sweep {
	s := Sweep{
		Name: "built", Title: "The receivers as they are built: length of the cable", Rows: "receiver, cable",
		Fixed: "the values of hardware/README.md",
	}
	for _, v := range Built() {
		row := string(v.Kind)
		if v.Kind == Direct {
			row = fmt.Sprintf("direct, %g V", v.Supply)
		}
		for _, v.Cable = range []float64{2, 10, 20} {
			for _, o := range outputs {
				v.Sink, v.Tau, v.Floor = o.sink, o.tau, o.floor
				s.Points = append(s.Points, Point{v, fmt.Sprintf("%s, %g m", row, v.Cable), o.name})
			}
		}
	}
	return s
}

// baseSweep varies what is around the transistor's base, over outputs, cables, and
// fast and slow transistors.
func baseSweep() Sweep {
	s := Sweep{
		Name: "transistor-base", Title: "One transistor: base resistor and base–emitter resistor", Rows: "base, base–emitter",
		Fixed: "pull-up 1.5 kΩ, collector 1.5 kΩ up and 2.7 kΩ down; the worst of 0.5 and 20 m, reverse transit time 60 and 240 ns",
	}
	v := builtTransistor
	for _, pair := range [][2]float64{{10e3, 0}, {4700, 4700}, {10e3, 10e3}, {22e3, 22e3}, {10e3, 4700}, {22e3, 10e3}} {
		v.Base, v.Bleed = pair[0], pair[1]
		row := ohms(v.Base) + ", none"
		if v.Bleed > 0 {
			row = ohms(v.Base) + ", " + ohms(v.Bleed)
		}
		for _, o := range outputs {
			v.Sink, v.Tau, v.Floor = o.sink, o.tau, o.floor
			for _, v.Transit = range []float64{60e-9, 240e-9} {
				for _, v.Cable = range shortLong {
					s.Points = append(s.Points, Point{v, row, o.name})
				}
			}
		}
	}
	return s
}

// collectorSweep varies the collector's resistor and the capacitance behind it.
func collectorSweep() Sweep {
	s := Sweep{
		Name: "transistor-collector", Title: "One transistor: collector resistor and the capacitance behind it", Rows: "collector resistor",
		Fixed: "pull-up 1.5 kΩ, base 10 kΩ, base–emitter 4.7 kΩ, no resistor from collector to ground, 2 m of cable before the transistor, meter output a switch",
	}
	v := builtTransistor
	v.Cable, v.Divide = 2, 0
	for _, v.Out = range []float64{470, 1000, 1500, 2200, 3300, 4700, 10e3, 22e3} {
		for _, limit := range []float64{1.2, 2.5} {
			v := v.input(limit)
			for _, v.Load = range []float64{60e-12, 160e-12, 550e-12, 1050e-12} {
				s.Points = append(s.Points, Point{v, ohms(v.Out), fmt.Sprintf("%.0f pF, input turns at %g V", v.Load*1e12, limit)})
			}
		}
	}
	return s
}

// storageSweep is the first row of shared/FACTS.md §3, with faster and slower
// transistors and other inputs.
func storageSweep() Sweep {
	s := Sweep{
		Name: "transistor-storage", Title: "One transistor with 10 kΩ at its collector and 550 pF behind it", Rows: "reverse transit time",
		Fixed: "inverter at the meter, 10 m of cable behind it, pull-up 1 kΩ, base 10 kΩ, no base–emitter resistor",
	}
	v := WeakCollector
	for _, v.Transit = range []float64{60e-9, 120e-9, 240e-9} {
		for _, limit := range []float64{1.2, 1.65, 2, 2.25, 2.5} {
			s.Points = append(s.Points, Point{v.input(limit), fmt.Sprintf("%.0f ns", v.Transit*1e9), fmt.Sprintf("input turns at %g V", limit)})
		}
	}
	return s
}

// sinkSweep varies how much the meter sinks, how fast, and against which pull-up.
func sinkSweep() Sweep {
	s := Sweep{
		Name: "direct5-sink", Title: "Direct, pulled up to 5 V: what the meter's optocoupler sinks", Rows: "sinks, time constant",
		Fixed: "input turns at 1.2 V, 10 m",
	}
	v := builtDirect
	for _, v.Sink = range []float64{3e-3, 4e-3, 5e-3, 7e-3, 10e-3} {
		for _, v.Tau = range []float64{0.5e-6, 1e-6, 1.5e-6, 2e-6} {
			for _, v.PullUp = range []float64{1000, 1500, 4700} {
				s.Points = append(s.Points, Point{v, fmt.Sprintf("%g mA, %g µs", v.Sink*1e3, v.Tau*1e6), ohms(v.PullUp)})
			}
		}
	}
	return s
}

// limitSweep is the second row of shared/FACTS.md §3 with other inputs.
func limitSweep() Sweep {
	s := Sweep{
		Name: "direct5-limit", Title: "Direct, pulled up to 5 V, an optocoupler of 4 mA: where the input turns", Rows: "input turns at",
		Fixed: "10 m",
	}
	v := StrongPullUp
	for _, limit := range []float64{0.8, 1, 1.2, 1.4, 1.6, 2, 2.5} {
		v := v.input(limit)
		for _, v.Tau = range []float64{1e-6, 1.5e-6} {
			for _, v.PullUp = range []float64{1000, 1500, 4700} {
				s.Points = append(s.Points, Point{v, fmt.Sprintf("%g V", limit), fmt.Sprintf("%s, %g µs", ohms(v.PullUp), v.Tau*1e6)})
			}
		}
	}
	return s
}

// JudgeAll judges points, several at a time, and returns their results in order. It
// calls done after each.
func JudgeAll(points []Point, text []byte, d sim.Drive, done func()) ([]Result, error) {
	results := make([]Result, len(points))
	err := each(len(points), func(i int) (err error) {
		results[i], err = points[i].Judge(text, d)
		done()
		return err
	})
	return results, err
}

// each does something for all numbers below n, several at a time, until one fails. Its error
// is that of the least number that failed.
func each(n int, do func(i int) error) error {
	errs := make([]error, n)
	next := make(chan int)
	var failed atomic.Bool
	var working sync.WaitGroup
	for range runtime.NumCPU() {
		working.Go(func() {
			for i := range next {
				if errs[i] = do(i); errs[i] != nil {
					failed.Store(true)
				}
			}
		})
	}
	for i := 0; i < n && !failed.Load(); i++ {
		next <- i
	}
	close(next)
	working.Wait()
	return cmp.Or(errs...)
}
