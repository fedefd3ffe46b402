package diagnose

import (
	"math"
	"slices"
)

// What runs of damage cost, in nats (−ln of a probability). A hit of a byte next to
// another one is an accident; a run is one hit, whose length is open.
const (
	nextToIt   = 3.5 // another single byte that vanished within a few bytes
	inARow     = 1.5 // another one that was read as another: spells of slow edges are usual
	oneRun     = 2   // runs are rarer than single hits
	anyLength  = 3.3 // 3 to 30 bytes
	anyByte    = 5.5 // a byte that can be any
	slipOpen   = 8   // which start edge, and which idle bits
	slipByte   = 3   // a byte that disagrees
	longerThan = 16  // bytes: overruns of more are rarer
	perByte    = 1.5 // a byte of a stretch whose receiver is known
	unlike     = 6   // a burst keeps the length
)

// runOf decides whether an event is one hit with a signature of its own, or
// several single hits. It returns the signature, or where several explain it as well, all
// of them with blanks between.
func (e *event) runOf(raw []byte, p *prices, printable bool) (run string, is bool) {
	if len(e.hits) == 1 {
		return "", false
	}
	cost := e.singleCost(p)
	take := func(s string, c float64) {
		if c < cost {
			run, cost = s, c
		}
	}
	take(string(Overrun), e.overrunCost(p))
	take(string(torn), min(e.tornCost(OnesLost), e.tornCost(ZerosLost)))
	take(string(Burst), e.burstCost(printable))
	if cost > oneRun+slipOpen && e.odd(p) && p.stretches.affordable() {
		g := p.stretches.best(e, raw)
		if g.signatures == "" || printable || g.cost > perByte*float64(len(e.got)) {
			take(string(Slip), e.slipCost(raw, printable))
		}
		if !printable {
			take(g.signatures, oneRun+slipOpen+g.cost)
		}
	}
	return run, run != ""
}

// odd reports whether an event has more than bytes that became others as slow edges make
// them.
func (e *event) odd(p *prices) bool {
	return slices.ContainsFunc(e.hits, func(h hit) bool { return h.got == nothing || h.cost(p) > anyByte-1 })
}

// singleCost is what the event costs as hits of single bytes.
func (e *event) singleCost(p *prices) float64 {
	sum := 0.0
	for i, h := range e.hits {
		sum += h.cost(p)
		switch {
		case i == 0:
		case h.got == nothing || h.cost(p) == anyByte:
			sum += nextToIt
		default:
			sum += inARow
		}
	}
	return sum
}

// cost is what the likeliest mechanism makes of a single hit.
func (h hit) cost(p *prices) float64 {
	switch {
	case h.got == nothing:
		return 0 // deleted
	case h.sent == nothing:
		return anyByte
	case h.sent != anyDigit:
		return p.cost(byte(h.sent), byte(h.got))
	}
	sum := 0.0
	for digit := byte('0'); digit <= '9'; digit++ {
		sum += math.Exp(-p.cost(digit, byte(h.got))) / 10
	}
	return -math.Log(sum)
}

// overrunCost is what the holes of lost bytes cost as one hit each, with the other hits
// beside them.
func (e *event) overrunCost(p *prices) float64 {
	sum, holes := 0.0, 0
	for i := 0; i < len(e.hits); {
		n := e.lostFrom(i)
		switch {
		case n > 1:
			holes++
			sum += oneRun + math.Log(longerThan)
			if n > longerThan {
				sum += 2
			}
			if holes > 1 {
				sum += nextToIt
			}
		case n == 1:
			sum += nextToIt
		default:
			sum += e.hits[i].cost(p) + inARow
		}
		i += max(n, 1)
	}
	if holes == 0 {
		return math.Inf(1)
	}
	return sum
}

// lostFrom is how many bytes next to each other vanished, from a hit on.
func (e *event) lostFrom(i int) int {
	n := 0
	for i+n < len(e.hits) && e.hits[i+n].got == nothing && (n == 0 || e.hits[i+n].at == e.hits[i+n-1].at+1) {
		n++
	}
	return n
}

// torn is a hole with bytes left in it: what a driver that drops framing errors leaves of
// a spell of slow edges, where some stop bits come in time.
const torn Signature = "torn"

// What it costs that a byte vanishes in such a spell, and that it does not.
const (
	inHole   = 0.15
	survives = 2
)

// tornCost is what the event costs as such a hole, whose other bytes are as edges make them
// that a signature is about.
func (e *event) tornCost(by Signature) float64 {
	lost, sum := 0, 0.0
	for _, h := range e.hits {
		switch {
		case h.got == nothing:
			lost++
		case h.sent == nothing || h.sent != anyDigit && (byte(h.sent)^byte(h.got))&^movable(by, byte(h.sent)) != 0:
			sum += anyByte // no such edge did that
		}
	}
	left := len(e.sent) - lost
	if lost < 3 || left <= 0 {
		return math.Inf(1)
	}
	return sum + oneRun + anyLength + inHole*float64(lost) + survives*float64(left)
}

// burstCost is what the event costs as a run of bytes without a pattern. A logger of
// printable output leaves a third of them.
func (e *event) burstCost(printable bool) float64 {
	if len(e.got) == 0 {
		return math.Inf(1)
	}
	n, m := float64(len(e.sent)), float64(len(e.got))
	sum := oneRun + anyLength + anyByte*m
	if printable {
		return sum + 0.5*math.Max(n-m, 0) + unlike*math.Max(m-n, 0)
	}
	return sum + unlike*math.Abs(n-m)
}

// slipCost is what the event costs if the receiver missed a start edge and grouped
// the bits anew. A run of bytes that are all shifted the same way is such an event too.
func (e *event) slipCost(raw []byte, printable bool) float64 {
	if len(e.sent) > longestSlip {
		return math.Inf(1)
	}
	if wrong, is := e.slipped(raw, printable); is {
		return oneRun + slipOpen + slipByte*float64(wrong)
	}
	switch shifted := e.shifted(); {
	case shifted >= 4 && shifted*4 >= len(e.hits)*3:
		return oneRun + slipOpen + anyByte*float64(len(e.hits)-shifted)
	case looksRegrouped(e.got):
		return oneRun + slipOpen + anyByte*float64(distinct(e.got))
	}
	return math.Inf(1)
}

// shifted counts the hits that are the byte's bits one place further.
func (e *event) shifted() int {
	n := 0
	for _, h := range e.hits {
		if h.sent >= 0 && h.sent < anyDigit && (h.got == int(byte(h.sent)<<1) || h.got == int(byte(h.sent)>>1|0x80)) {
			n++
		}
	}
	return n
}

// looksRegrouped reports whether a run of garbage has far fewer different bytes than
// random ones have: text of a few characters, in one phase, becomes a few bytes.
func looksRegrouped(got []byte) bool {
	n := float64(len(got))
	expected := 256 * (1 - math.Pow(255.0/256, n)) // of n random bytes
	return n >= 24 && float64(distinct(got)) < 0.6*expected
}

func distinct(data []byte) int {
	var seen [256]bool
	n := 0
	for _, c := range data {
		if !seen[c] {
			seen[c] = true
			n++
		}
	}
	return n
}
