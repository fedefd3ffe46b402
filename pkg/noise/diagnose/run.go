package diagnose

import "math"

// What runs of damage cost, in nats (−ln of a probability). A hit of a byte next to
// another one is an accident; a run is one hit, whose length is open.
const (
	nextToIt   = 3.5 // another single hit within a few bytes
	oneRun     = 2   // runs are rarer than single hits
	anyLength  = 3.3 // 3 to 30 bytes
	anyByte    = 5.5 // a byte that can be any
	slipOpen   = 8   // which start edge, and which idle bits
	slipByte   = 3   // a byte that disagrees
	longerThan = 16  // bytes: overruns of more are rarer
	unlike     = 6   // a burst keeps the length
)

// runOf decides whether an event is one hit with a signature of its own, or
// several single hits.
func (e *event) runOf(raw []byte, printable bool) (Signature, bool) {
	if len(e.hits) == 1 {
		return "", false
	}
	best, cost := Signature(""), e.singleCost()
	take := func(s Signature, c float64) {
		if c < cost {
			best, cost = s, c
		}
	}
	take(Overrun, e.overrunCost())
	take(Burst, e.burstCost(printable))
	if cost > oneRun+slipOpen {
		take(Slip, e.slipCost(raw, printable))
	}
	return best, best != ""
}

// singleCost is what the event costs as hits of single bytes.
func (e *event) singleCost() float64 {
	sum := nextToIt * float64(len(e.hits)-1)
	for _, h := range e.hits {
		sum += h.cost()
	}
	return sum
}

// cost is what the likeliest mechanism makes of a single hit.
func (h hit) cost() float64 {
	switch {
	case h.got == nothing:
		return 0 // deleted
	case h.sent == nothing:
		return anyByte
	}
	least := anyByte
	l := receiving{}.likelihood(h.sent, h.got)
	for i, p := range l {
		if p > 0 && singles[i].signature != Garbled {
			least = min(least, -math.Log(p))
		}
	}
	return least
}

// overrunCost is what the longest run of lost bytes costs as one hit, with the
// other hits beside it.
func (e *event) overrunCost() float64 {
	longest, run := 0, 0
	for i, h := range e.hits {
		switch {
		case h.got != nothing:
			run = 0
		case i > 0 && run > 0 && h.at == e.hits[i-1].at+1:
			run++
		default:
			run = 1
		}
		longest = max(longest, run)
	}
	if longest < 2 {
		return math.Inf(1)
	}
	sum := oneRun + math.Log(longerThan)
	if longest > longerThan {
		sum += 2
	}
	lost := 0
	for _, h := range e.hits {
		if h.got == nothing {
			lost++
		} else {
			sum += h.cost() + nextToIt
		}
	}
	return sum + nextToIt*float64(lost-longest)
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
