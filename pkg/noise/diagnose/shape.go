package diagnose

import (
	"sync"

	"p1/pkg/uart"
)

// A shape is one form that the hits of a signature take: how likely each reading of a byte
// is that went over such a line. How far edges come from the middle of a bit, measured in
// their scatter, decides how often a line strikes; the shape of what it does hardly depends
// on that. So a few lines of each kind stand for all of them, and how much of each there is
// in a log is found out from its hits.
type shape struct {
	signature Signature
	readings  func(sent byte) uart.Readings
	lost      float64 // share of the hits that leave nothing of a byte, whatever is read
	slips     float64 // share of the missed start edges that put the receiver out of step for some bytes
	// holes is the share of what vanishes that goes in runs, torn that in runs in which some
	// bytes are left.
	holes, torn float64
}

// Scatter of edges in bit times: slow lines have 0.02 to 0.12 (FACTS, and the receivers of
// hardware/README.md). Together is a byte all of whose edges are late.
const (
	steady = 0.03
	rough  = 0.06
)

// shapes are those of all signatures that hit single bytes.
var shapes = sync.OnceValue(func() []shape {
	var all []shape
	line := func(s Signature, l uart.Line) {
		all = append(all, shape{signature: s, readings: reader(l), lost: 0.01, slips: 0.95})
	}

	// Where the edges of several characters in a row are late, whole bytes may vanish.
	spell := func(s Signature, l uart.Line) {
		all = append(all, shape{signature: s, readings: reader(l), lost: 0.01, slips: 0.95, holes: 0.4, torn: 0.4})
	}

	// Rising edges late: seldom, often, and all of a byte together.
	for _, late := range []float64{0.38, 0.44, 0.5, 0.56, 0.7} {
		line(OnesLost, uart.Line{Rise: late, Own: steady})
		line(OnesLost, uart.Line{Rise: late, Common: 0.06})
	}
	spell(OnesLost, uart.Line{Rise: 0.6, Own: steady})
	line(OnesLost, uart.Line{Rise: 0.3, Own: rough})

	// Falling edges late, that of the start bit with them; or those of the data bits alone.
	for _, late := range []float64{0.38, 0.44, 0.5, 0.56, 0.7} {
		line(ZerosLost, uart.Line{Fall: late, Own: steady})
		line(ZerosLost, uart.Line{Fall: late, Common: 0.06})
		line(ZerosLost, uart.Line{Fall: late, StartLate: -late, Rise: 0, Own: steady})
	}
	spell(ZerosLost, uart.Line{Fall: 0.6, Own: steady})
	line(ZerosLost, uart.Line{Fall: 0.3, Own: rough})
	all = append(all, shape{signature: ZerosLost, readings: lone, lost: 0.01, slips: 0.75}) // of one character alone

	// Edges that scatter: each by itself, those of a direction, all against the start edge.
	for _, own := range []float64{0.07, 0.085, 0.1, 0.12} {
		line(Scatter, uart.Line{Own: own})
	}
	for _, common := range []float64{0.12, 0.16, 0.2} {
		line(Scatter, uart.Line{Common: common, Own: steady})
		line(Scatter, uart.Line{Common: common})
		line(Scatter, uart.Line{Shift: common})
		line(Scatter, uart.Line{Shift: common, Own: steady})
		line(Scatter, uart.Line{Shift: common, Own: rough})
	}

	// The same where a start edge is far off: mostly too late, as receivers see it late anyway.
	line(Scatter, uart.Line{StartLate: -0.75, Own: steady})
	for _, early := range []float64{0.1, 0.3} {
		all = append(all, shape{signature: Scatter, readings: farOff(early), lost: 0.01, slips: 0.95},
			shape{signature: Scatter, readings: farOff(early), lost: 0.01, slips: 0.5})
	}

	// A clock that is off, with as much scatter as it takes to show.
	for _, clock := range []float64{-0.05, -0.04, -0.03, -0.02, 0.02, 0.03, 0.04, 0.05} {
		line(Clock, uart.Line{Clock: clock, Own: 0.05})
		line(Clock, uart.Line{Clock: clock, Own: 0.08})
	}

	// Each bit is the one before it: the start edge alone came early. One that comes late
	// looks like one that is missed: see Slip.
	line(Late, uart.Line{StartLate: -0.75, Own: steady})

	pulled := func(high bool) func(byte) uart.Readings {
		return func(sent byte) uart.Readings { return uart.Pulled(sent, high) }
	}
	return append(all,
		shape{signature: Flip, readings: pulled(false), slips: 0.5},
		shape{signature: Flip, readings: pulled(true), slips: 0.5},
		shape{signature: Garbled, readings: anything, lost: 0.02},
		shape{signature: Deleted, readings: reader(uart.Line{}), lost: 1},
		shape{signature: Slip, readings: missedIdle, slips: 0.9},
		shape{signature: Slip, readings: missed, slips: 0.5},
		shape{signature: Slip, readings: missed, slips: 0.98},
		shape{signature: Overrun, readings: reader(uart.Line{}), lost: 1, holes: 0.9, torn: 0.1},
	)
})

// reader is what a line makes of a byte, worked out once it is asked for.
func reader(l uart.Line) func(byte) uart.Readings {
	read := sync.OnceValue(l.Reader)
	return func(sent byte) uart.Readings { return read()(sent) }
}

// farOff is a start edge that comes far too late, or as often as that too early.
func farOff(early float64) func(byte) uart.Readings {
	lateStart := reader(uart.Line{StartLate: 0.75, Own: steady})
	earlyStart := reader(uart.Line{StartLate: -0.75, Own: steady})
	return func(sent byte) uart.Readings {
		r, other := lateStart(sent), earlyStart(sent)
		r.Missed = (1-early)*r.Missed + early*other.Missed
		r.Passed = (1-early)*r.Passed + early*other.Passed
		for b := range r.Good {
			r.Good[b] = (1-early)*r.Good[b] + early*other.Good[b]
			r.Framing[b] = (1-early)*r.Framing[b] + early*other.Framing[b]
		}
		return r
	}
}

// lone is a byte that begins so late that the next one has begun before its stop bit is
// looked at.
func lone(byte) (r uart.Readings) {
	r.Passed = 1
	return r
}

// anything is a byte without a pattern.
func anything(byte) (r uart.Readings) {
	for b := range r.Good {
		r.Good[b] = 1.0 / 256
	}
	return r
}

// missed is a byte whose start edge is missed. Among the 0xFF of a filler that leaves no
// garbage, and a byte that vanishes there tells nothing.
func missed(sent byte) (r uart.Readings) {
	if sent != 0xFF {
		r.Missed = 1
	}
	return r
}

// missedIdle is the same where an idle bit follows each character: one that begins with a 0
// costs no more than itself.
func missedIdle(sent byte) (r uart.Readings) {
	if sent&1 == 0 {
		r.Good[uart.MissedStart(sent)] = 1
	} else if sent != 0xFF {
		r.Missed = 1
	}
	return r
}
