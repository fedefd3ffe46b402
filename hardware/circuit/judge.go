package circuit

import (
	"math"

	"p1/pkg/sim"
)

// A Verdict is what a circuit does to what a meter sends.
type Verdict string

// The verdicts, by the names of the signatures that p1noise looks for.
const (
	Clean     Verdict = "clean"      // all bytes are right
	OnesLost  Verdict = "ones lost"  // 1s are read as 0, hardly ever the other way round
	ZerosLost Verdict = "zeros lost" // the mirror; so are bytes whose start bit is lost
	Garbled   Verdict = "garbled"    // both
	Dead      Verdict = "dead"       // of ten bytes not even one arrives
)

// A Result is how a circuit carried a text.
type Result struct {
	Verdict Verdict
	Sent    int // bytes
	Right   int // of these arrived as they were
	Ones    int // had 1s that were read as 0, and nothing else
	Zeros   int // had 0s that were read as 1, and nothing else
	Both    int
	Lost    int // nothing was received for them
	Framing int // of all that arrived: the stop bit was read as 0

	// How far the edges are from being taken for the wrong side of a sample, in s,
	// with a UART that samples in the middle of a bit, Bit/2 from either edge: an
	// edge that comes later than it should by Late, or earlier by Early, against
	// the start edge of its byte, is lost. Less than 0: some are. NaN where edges
	// are missing altogether.
	Late, Early float64
}

// Sampler is the UART behind the circuit. Most look at the line 16 times a bit.
func (v Values) Sampler() sim.Sampler {
	return sim.Sampler{Baud: Baud, Low: v.Low, High: v.High, Inverted: v.Kind == Direct, Clock: 16}
}

// Judge returns how the circuit carries the text, which is sent at the drive.
func (v Values) Judge(text []byte, d sim.Drive) (Result, error) {
	lines, err := v.Simulate(d)
	if err != nil {
		return Result{}, err
	}
	s := v.Sampler()
	r := compare(text, d, s.Receive(lines.UART))
	r.Late, r.Early = margins(d, s.Edges(lines.UART))
	if r.Verdict == Garbled && r.Late > 0 && r.Early < Bit/16 {
		r.Verdict = ZerosLost // start bits among them, so that the UART loses its step
	}
	return r, nil
}

// compare finds for each byte that was sent the first one whose start edge came
// while it was sent.
func compare(text []byte, d sim.Drive, heard []sim.Sampled) Result {
	r := Result{Sent: len(text)}
	next := 0
	for i, b := range text {
		end := d.Starts[i] + 9.5*Bit // a start edge may be late by half a byte's stop bit
		for next < len(heard) && heard[next].Start < d.Starts[i]-Bit/2 {
			next++
		}
		if next == len(heard) || heard[next].Start > end {
			r.Lost++
			continue
		}
		got := heard[next].Value
		next++
		switch lost, added := b&^got, got&^b; {
		case b == got:
			r.Right++
		case added == 0:
			r.Ones++
		case lost == 0:
			r.Zeros++
		default:
			r.Both++
		}
	}
	for _, h := range heard {
		if !h.Stop {
			r.Framing++
		}
	}
	r.Verdict = r.verdict(len(heard))
	return r
}

// verdict names the signature. A byte whose stop bit is read as 0 has lost a 1.
func (r Result) verdict(heard int) Verdict {
	ones, zeros := r.Ones+r.Framing, r.Zeros
	switch {
	case heard*10 < r.Sent:
		return Dead
	case r.Right == r.Sent && r.Framing == 0:
		return Clean
	case ones > 9*(zeros+r.Both):
		return OnesLost
	case zeros+r.Lost > 9*(ones+r.Both):
		return ZerosLost
	}
	return Garbled
}

// margins compares the edges with those that were driven. That a start edge is late
// does no harm.
func margins(d sim.Drive, edges []sim.Edge) (late, early float64) {
	if len(edges) != len(d.Edges) || len(edges) == 0 {
		return math.NaN(), math.NaN()
	}
	late, early = Bit/2, Bit/2
	next, start := 0, edges[0].Time-d.Edges[0].Time
	for i, e := range edges {
		lateness := e.Time - d.Edges[i].Time
		early = min(early, Bit/2+lateness-start)
		if next < len(d.Starts) && math.Abs(d.Edges[i].Time-d.Starts[next]) < Bit/100 {
			start = lateness
			next++
			continue
		}
		late = min(late, Bit/2-(lateness-start))
	}
	return late, early
}
