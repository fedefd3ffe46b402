package circuit

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"p1/pkg/sim"
)

// The wires of the cable, by the pins of the port: +5 V, request, data ground, data,
// power ground. A cable of four pairs has others, which are left open.
var wires = []string{"1", "2", "3", "5", "6"}

// A Split says which wires share a pair, by their pins; "" is a wire that is open.
type Split struct {
	Name  string
	Pairs [][2]string
	Flat  bool // no pairs: a flat cable, the wires in the order of the pins
}

// Splits are the ways to use a cable that are compared.
func Splits() []Split {
	return []Split{
		{Name: "data with data ground (5+3), supply with power ground (1+6), request alone", Pairs: [][2]string{{"5", "3"}, {"1", "6"}, {"2", ""}}},
		{Name: "data with request (5+2), data ground alone, supply with power ground (1+6)", Pairs: [][2]string{{"5", "2"}, {"3", ""}, {"1", "6"}}},
		{Name: "data with supply (5+1), data ground with power ground (3+6), request alone", Pairs: [][2]string{{"5", "1"}, {"3", "6"}, {"2", ""}}},
		{Name: "in order: 1+2, 3+open, 5+6", Pairs: [][2]string{{"1", "2"}, {"3", ""}, {"5", "6"}}},
		{Name: "flat telephone cable", Flat: true},
	}
}

// A Disturbance is what acts on the data wire.
type Disturbance string

const (
	// Load is the receiver taking 250 mA more from the port, within 1 µs. Data ground
	// and power ground are joined at both ends.
	Load Disturbance = "the receiver takes 250 mA more from the port, within 1 µs"
	// Mains is the current in a wire beside the cable, 20 mm away, rising by 10 A in
	// 1 µs. The receiver has a supply of its own; pins 1 and 6 are open there.
	Mains Disturbance = "the current in a wire 20 mm beside rises by 10 A within 1 µs"
)

// Crosstalk is what a disturbance adds to the data wire, against data ground at the
// receiver, while the meter holds it down.
type Crosstalk struct {
	Peak float64 // V, without what stays
	Stay float64 // V, after 20 µs
	For  float64 // s for which it is more than half of Peak away from what stays
}

// Geometry of Cat5e in mm, and of a flat cable: thickness of a wire's copper, distance
// of two wires in a pair, of two pairs, and of two wires of a flat cable.
const (
	copper   = 0.255 // radius
	inPair   = 0.9
	ofPairs  = 1.9
	flatStep = 1.0
	mainsAt  = 20.0
	far      = 1000.0 // of the return that the inductances are calculated against
	bare     = 0.03   // m at either end where the pairs are untwisted
	// That of polyethylene, which gives a pair about 50 pF/m and 100 Ω.
	permittivity = 2.27
)

// place is where a wire runs, in mm. What is twisted runs around its pair's place.
type place struct{ x, y float64 }

// places returns those of the pairs or wires, in the order of wires, and the pair of
// each: -1 for none.
func (s Split) places(twisted bool) (at []place, pair []int) {
	corner := []place{{0, 0}, {ofPairs, 0}, {0, ofPairs}, {ofPairs, ofPairs}}
	for i, w := range wires {
		if s.Flat {
			pin := float64(w[0] - '1')
			at, pair = append(at, place{pin * flatStep, 0}), append(pair, -1)
			continue
		}
		n := slices.IndexFunc(s.Pairs, func(p [2]string) bool { return p[0] == w || p[1] == w })
		p := corner[n]
		if !twisted { // side by side, as they enter the plug
			p = place{float64(i) * inPair, 0}
			n = -1
		}
		at, pair = append(at, p), append(pair, n)
	}
	return at, pair
}

// inductances returns those per metre, in H/m, of the wires, and of the wire beside
// the cable, the last one. Where pairs are twisted, the mean of the logarithm of the
// distance of two wires is that of their pairs' distance.
func (s Split) inductances(twisted bool) [][]float64 {
	at, pair := s.places(twisted)
	at, pair = append(at, place{-mainsAt, 0}), append(pair, -1)
	l := make([][]float64, len(at))
	for i := range at {
		l[i] = make([]float64, len(at))
		for j := range at {
			d := math.Hypot(at[i].x-at[j].x, at[i].y-at[j].y)
			switch {
			case i == j:
				d = copper
			case pair[i] >= 0 && pair[i] == pair[j]:
				d = inPair
			}
			l[i][j] = 0.2e-6 * math.Log(far/d)
		}
	}
	return l
}

// Crosstalk simulates the disturbance over so many metres.
func (s Split) Crosstalk(by Disturbance, length float64) (Crosstalk, error) {
	columns, err := Spice(func(file string) string { return s.netlist(by, length, file) })
	if err != nil {
		return Crosstalk{}, fmt.Errorf("%s: %w", s.Name, err)
	}
	return measure(columns[0]), nil
}

// begins is when the disturbance comes, s.
const begins = 5e-6

// measure compares the voltage with that before the disturbance.
func measure(line []sim.Volt) Crosstalk {
	before := line[0].V
	for _, v := range line {
		if v.Time < begins {
			before = v.V
		}
	}
	c := Crosstalk{Stay: line[len(line)-1].V - before}
	for _, v := range line {
		if off := v.V - before - c.Stay; v.Time > begins+1e-6 || math.Abs(v.V-before) > math.Abs(c.Stay) {
			if math.Abs(off) > math.Abs(c.Peak) {
				c.Peak = off
			}
		}
	}
	for i := 1; i < len(line); i++ {
		if v := line[i]; v.Time > begins && math.Abs(v.V-before-c.Stay) > math.Abs(c.Peak)/2 {
			c.For += v.Time - line[i-1].Time
		}
	}
	return c
}

// netlist is the cable between the meter, whose nodes end in m, and the receiver, whose
// end in r. Data is held down by 20 Ω at the meter and pulled up by 1.5 kΩ.
func (s Split) netlist(by Disturbance, length float64, file string) string {
	var n strings.Builder
	p := func(format string, a ...any) { fmt.Fprintf(&n, format+"\n", a...) }
	p("* crosstalk, %s", s.Name)
	const sections = 6
	for k := range sections {
		l, twisted := (length-2*bare)/(sections-2), true
		if k == 0 || k == sections-1 {
			l, twisted = bare, false
		}
		s.section(p, k, k == sections-1, l, s.inductances(twisted))
	}
	p("vm w1m w6m 5\nrhold w5m w3m 20\nrask w2m w3m 820\nrjoinm w3m w6m 0.02\nrearth w6m 0 1")
	p("rpull plus w5r 1500\nrinput w5r w3r 20k\ncinput w5r w3r 50p\nraskr plus w2r 1\nrmains wxr 0 0.01")
	if by == Load {
		p("vplus plus w1r 0\nrjoinr w3r w6r 0.02")
		p("iload w1r w6r pwl(0 0.02 %g 0.02 %g 0.27)", begins, begins+1e-6)
	} else {
		p("vplus plus w3r 5\nropen w1r w6r 1meg")
		p("imains 0 wxm pwl(0 0 %g 0 %g 10)", begins, begins+1e-6)
	}
	p(".tran 10n 25u 0 10n\n.control\nset wr_singlescale\nset numdgt=7\nrun\nwrdata %s v(w5r,w3r)\nquit 0\n.endc\n.end", file)
	return n.String()
}

// section is a piece of the cable: coupled inductors, the wires' resistance, and the
// capacitances between them.
func (s Split) section(p func(string, ...any), k int, last bool, length float64, l [][]float64) {
	name := append(slices.Clone(wires), "x") // the wire beside the cable
	node := func(i, k int, last bool) string {
		switch {
		case k < 0:
			return "w" + name[i] + "m"
		case last:
			return "w" + name[i] + "r"
		}
		return fmt.Sprintf("w%sk%d", name[i], k)
	}
	for i := range name {
		from, to := node(i, k-1, false), node(i, k, last)
		p("l%sk%d %s i%sk%d %g", name[i], k, from, name[i], k, l[i][i]*length)
		p("r%sk%d i%sk%d %s %g", name[i], k, name[i], k, to, cableR/2*length)
		for j := range i {
			p("k%s%sk%d l%sk%d l%sk%d %.6f", name[i], name[j], k, name[i], k, name[j], k, l[i][j]/math.Sqrt(l[i][i]*l[j][j]))
		}
	}
	const speed = 299792458.0
	c := inverse(l)
	for i := range wires {
		for j := range i {
			if between := -c[i][j] * permittivity / (speed * speed) * length; between > 0 {
				p("c%s%sk%d %s %s %g", name[i], name[j], k, node(i, k, last), node(j, k, last), between)
			}
		}
	}
}

// inverse returns that of a matrix that has one.
func inverse(m [][]float64) [][]float64 {
	n := len(m)
	a := make([][]float64, n)
	for i := range a {
		a[i] = append(slices.Clone(m[i]), make([]float64, n)...)
		a[i][n+i] = 1
	}
	for i := range a {
		best := i
		for r := i; r < n; r++ {
			if math.Abs(a[r][i]) > math.Abs(a[best][i]) {
				best = r
			}
		}
		a[i], a[best] = a[best], a[i]
		scale := a[i][i]
		for c := range a[i] {
			a[i][c] /= scale
		}
		for r := range a {
			if f := a[r][i]; r != i && f != 0 {
				for c := range a[r] {
					a[r][c] -= f * a[i][c]
				}
			}
		}
	}
	for i := range a {
		a[i] = a[i][n:]
	}
	return a
}
