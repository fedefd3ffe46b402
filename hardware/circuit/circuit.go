// Package circuit takes the values of the parts between a meter and a computer and
// gives the voltage that the UART sees, simulated by ngspice, and what the UART makes
// of it.
//
//	meter output ── pull-up ── cable ── receiver ── wire to the UART, its input
//
// A line idles at logic 1. The meter's output is inverted: for a 1 it pulls the wire
// down, for a 0 it lets go of it (P1 companion standard 5.0.2, §5).
package circuit

import (
	"fmt"
	"strings"

	"p1/pkg/sim"
)

// Baud is the speed of the port in bits per second, Bit the time of a bit in s.
const (
	Baud = 115200
	Bit  = 1.0 / Baud
)

// The capacitance of the cable in F/m and the resistance of a pair, there and back,
// in Ω/m: Cat5e.
const (
	cableC = 50e-12
	cableR = 0.19
	inputC = 50e-12 // of what hangs on the wire at the receiver's end
)

// A Kind is a receiver.
type Kind string

// The receivers. A UART behind the first three takes a high voltage for a 1, behind
// the last one, which inverts its input, a low one.
const (
	Transistor Kind = "transistor" // one NPN transistor inverts
	HC14       Kind = "hc14"       // a Schmitt trigger with CMOS limits inverts
	HCT14      Kind = "hct14"      // one with TTL limits
	Direct     Kind = "direct"     // the wire goes to the UART, which inverts
)

// Values are those of the parts. All are in Ω, F, V, A, s and m.
type Values struct {
	Kind   Kind
	Supply float64 // of the pull-up and the receiver
	PullUp float64 // of the wire

	// The meter's output: with Sink 0 a switch that pulls down to Floor, else an
	// optocoupler that sinks no more than that and follows with the time constant Tau.
	Sink, Tau, Floor float64

	Cable  float64 // how long
	Behind bool    // the inverter stands at the meter, and the cable behind it

	Base    float64 // transistor: from the wire to the base
	Bleed   float64 // transistor: from the base to ground; 0: none
	Out     float64 // transistor: from the supply to the collector
	Divide  float64 // transistor: from the collector to ground; 0: none
	Transit float64 // transistor: reverse transit time, which makes its storage time
	Series  float64 // direct: between the wire and the UART
	Load    float64 // capacitance of the UART's input and of the wire to it
	Low     float64 // limits of the UART's input, see [sim.Sampler]
	High    float64

	Inductive bool // the cable has 0.5 µH/m too: it rings
}

// String says which circuit it is, for messages: transistor, pull-up 1.5 kΩ, 10 m.
func (v Values) String() string {
	return fmt.Sprintf("%s, pull-up %s, %g m", v.Kind, ohms(v.PullUp), v.Cable)
}

// gate returns the limits at which a Schmitt trigger turns, as the data sheets of
// 74HC14 (they go with the supply) and 74HCT14 give them as typical.
func (v Values) gate() (up, down float64) {
	if v.Kind == HCT14 {
		return 1.6, 0.9
	}
	return 0.54 * v.Supply, 0.34 * v.Supply
}

// netlist is the circuit for a drive, with the voltage of the UART's input in the
// file.
func (v Values) netlist(d sim.Drive, file string) string {
	var n strings.Builder
	p := func(format string, a ...any) { fmt.Fprintf(&n, format+"\n", a...) }
	p("* P1 port, %s receiver", v.Kind)
	p("vcc vcc 0 %g", v.Supply)
	p("vdrive drive 0 pwl(%s)", pwl(d))
	v.meter(p)
	p("rpull vcc wire %g", v.PullUp)
	near, far := "port", "wire"
	if v.Behind {
		near, far = "far", "uart"
		p("rport port wire 0.01")
	}
	v.cable(p, near, far)
	p("cwire wire 0 %g", inputC)
	switch v.Kind {
	case Transistor:
		v.transistor(p)
	case HC14, HCT14:
		v.schmitt(p)
	default:
		p("rseries wire uart %g", max(v.Series, 0.01))
	}
	if !v.Behind && v.Kind != Direct {
		p("rfar far uart 0.01")
	}
	p("cload uart 0 %g", max(v.Load, 1e-13))
	p(".options reltol=1e-3 method=gear")
	p(".tran 1u %g 0 %g", d.End+2*Bit, Bit/40)
	p(".control\nset wr_singlescale\nset numdgt=7\nrun\nwrdata %s v(uart) v(wire)\nquit 0\n.endc\n.end", file)
	return n.String()
}

// meter is the output of the meter at the node port.
func (v Values) meter(p func(string, ...any)) {
	if v.Sink == 0 {
		p(".model out sw(vt=0.5 vh=0 ron=20 roff=10meg)")
		p("sout port floor drive 0 out\nvfloor floor 0 %g", v.Floor)
		return
	}
	p("rlight drive light 1k")
	p("clight light 0 %g", v.Tau/1000)
	p("bout port 0 i=%g*v(light)*tanh(v(port)/0.15)", v.Sink)
}

// cable is a ladder of five sections between two nodes, with the return in it.
func (v Values) cable(p func(string, ...any), from, to string) {
	const sections = 5
	length := v.Cable / sections
	at := from
	for i := range sections {
		next := fmt.Sprintf("k%d", i)
		if i == sections-1 {
			next = to
		}
		middle := at
		if v.Inductive {
			middle = fmt.Sprintf("m%d", i)
			p("lcable%d %s %s %g", i, at, middle, 0.5e-6*length)
		}
		p("rcable%d %s %s %g", i, middle, next, cableR*length)
		p("ccable%d %s 0 %g", i, next, cableC*length)
		at = next
	}
}

// transistor inverts the node wire to the node far. Its model is that of a small
// general one (2N3904, BC547): 300 MHz, current gain 300. With a reverse transit time
// of 60 ns it has the 200 ns of storage time that the 2N3904's data sheet allows in
// its test (10 mA, 1 mA in and out of the base), with 240 ns the 800 ns of a slow one.
func (v Values) transistor(p func(string, ...any)) {
	p(".model npn npn(is=2e-14 bf=300 br=5 vaf=80 ikf=0.1 rb=20 rc=1 cje=8p vje=0.7 mje=0.35 cjc=4p vjc=0.5 mjc=0.35 tf=0.5n tr=%g)", v.Transit)
	p("rbase wire base %g", v.Base)
	if v.Bleed > 0 {
		p("rbleed base 0 %g", v.Bleed)
	}
	p("q1 far base 0 npn")
	p("rout vcc far %g", v.Out)
	v.divide(p)
}

// divide brings the voltage of the node far down to what an input of 3.3 V bears.
func (v Values) divide(p func(string, ...any)) {
	if v.Divide > 0 {
		p("rdivide far 0 %g", v.Divide)
	}
}

// schmitt inverts the node wire to the node far: a switch that turns at the gate's
// limits, and an output of 60 Ω.
func (v Values) schmitt(p func(string, ...any)) {
	up, down := v.gate()
	p(".model gate sw(vt=%g vh=%g ron=1 roff=1meg)", (up+down)/2, (up-down)/2)
	p("rgate vcc inside 1k")
	p("cgate inside 0 10p")
	p("rseries wire in %g\ncin in 0 5p", max(v.Series, 0.01))
	p("sgate inside 0 in 0 gate")
	p("egate ideal 0 inside 0 1")
	p("rfrom ideal far %g", 60+v.Out)
	v.divide(p)
}

// pwl is the drive as ngspice wants it: 1 V for a logic 1, with edges of 50 ns.
func pwl(d sim.Drive) string {
	var s strings.Builder
	s.WriteString("0 1")
	for _, e := range d.Edges {
		before, after := 1, 0
		if e.High {
			before, after = 0, 1
		}
		fmt.Fprintf(&s, "\n+ %.9g %d %.9g %d", e.Time-25e-9, before, e.Time+25e-9, after)
	}
	return s.String()
}
