package diagnose

import (
	"math"
	"slices"

	"p1/pkg/telegram"
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
	unlike     = 6   // a burst keeps the length, each byte that it does not
	mostUnlike = 4   // of these bytes; long garbage may be several bursts
)

// A run is one hit of several bytes: −ln of how likely it is in each of the ways in which it
// may come about.
type run struct {
	costs  [ways]float64
	hole   bool   // nothing is left of its bytes
	behind behind // the same, if the receiver is one of those that were tried
}

// The ways.
const (
	asOverrun = iota
	asTorn
	asBurst
	asSlip
	asOnesLost
	asZerosLost
	asClock
	ways
)

// signatureOf names the ways.
var signatureOf = [ways]Signature{Overrun, torn, Burst, Slip, OnesLost, ZerosLost, Clock}

// least is what the run costs in the cheapest way.
func (r *run) least() float64 {
	least := slices.Min(r.costs[:])
	for _, costs := range r.behind {
		if costs != nil {
			least = min(least, slipOpen+slices.Min(costs[:]))
		}
	}
	return least
}

// runOf decides whether an event is one hit with a signature of its own, or several single
// hits.
func (e *event) runOf(raw []byte, p *prices, printable bool) (r run, is bool) {
	if len(e.hits) == 1 {
		return r, false
	}
	cost := e.singleCost(p)
	for way := range r.costs {
		r.costs[way] = math.Inf(1)
	}
	r.hole = e.hole() > 0
	r.costs[asOverrun] = e.overrunCost(p)
	r.costs[asTorn] = min(e.tornCost(OnesLost), e.tornCost(ZerosLost))
	r.costs[asBurst] = e.burstCost(printable)
	if least := min(cost, r.least()); e.odd(p) {
		if r.behind = p.stretches.try(e, raw, least); r.behind == nil && p.stretches.left <= 0 && least > oneRun+slipOpen {
			return run{}, true
		}
		if r.least() > perByte*float64(max(len(e.sent), len(e.got)))+math.Ln2*float64(e.openBits()) {
			r.costs[asSlip] = e.slipCost(raw, printable)
		}
	}
	return r, r.least() < cost
}

// runs are those of a log.
type runs struct {
	list []run
	more int64 // that were not looked at, or beyond the first mostRuns
}

// mostRuns is how many runs are kept apart.
const mostRuns = 2000

func (r *runs) add(one run) {
	if one.costs != [ways]float64{} && len(r.list) < mostRuns {
		r.list = append(r.list, one)
	} else {
		r.more++
	}
}

// share shares the runs among the ways so that they are likeliest, behind a receiver
// (expectation maximisation). What a line does is assumed only if that makes all of them
// much likelier.
func (r *runs) share(receiver int) map[Signature]float64 {
	likely := r.likely(receiver)
	ways, sums, best := []int{asOverrun, asTorn, asBurst}, []float64(nil), 0.0
	sums, best = settle(likely, ways)
	for range 4 {
		more, next, gain := ways, sums, best+perSignature
		for _, way := range []int{asSlip, asOnesLost, asZerosLost, asClock} {
			if slices.Contains(ways, way) {
				continue
			}
			with := append(slices.Clone(ways), way)
			if s, worth := settle(likely, with); worth > gain {
				more, next, gain = with, s, worth
			}
		}
		if len(more) == len(ways) {
			break
		}
		ways, sums, best = more, next, gain
	}
	shares := map[Signature]float64{}
	for i, way := range ways {
		if sums[i] > 0 {
			shares[signatureOf[way]] += sums[i] * float64(int64(len(likely))+r.more) / float64(len(likely))
		}
	}
	return shares
}

// likely is how likely each run is in each way. A hole shows no edge: it is no more likely
// by one than by an overrun.
func (r *runs) likely(receiver int) [][ways]float64 {
	all := make([][ways]float64, len(r.list))
	for i := range r.list {
		one := &r.list[i]
		costs := one.costs
		if one.behind != nil && one.behind[receiver] != nil {
			for way, c := range one.behind[receiver] {
				costs[way] = min(costs[way], c)
			}
		}
		for way := range costs {
			if one.hole {
				costs[way] = max(costs[way], costs[asOverrun])
			}
			all[i][way] = math.Exp(-min(costs[way], dearest))
		}
	}
	return all
}

// dearest is what a run costs that is not to be explained.
const dearest = 200

// settle finds the shares of some ways, and how likely they make the runs, as a logarithm.
func settle(likely [][ways]float64, among []int) (sums []float64, worth float64) {
	weight := make([]float64, len(among))
	for i := range weight {
		weight[i] = 1 / float64(len(among))
	}
	for range rounds {
		sums, worth = make([]float64, len(among)), 0
		for i := range likely {
			all := 0.0
			for k, way := range among {
				all += weight[k] * likely[i][way]
			}
			for k, way := range among {
				sums[k] += weight[k] * likely[i][way] / all
			}
			worth += math.Log(all)
		}
		for k := range weight {
			weight[k] = (sums[k] + 0.01) / (float64(len(likely)) + 0.01*float64(len(among)))
		}
	}
	return sums, worth
}

// openBits is how many bits are not known of what was sent.
func (e *event) openBits() (n int) {
	for _, s := range e.sent {
		if s == anyDigit {
			n += 4
		}
	}
	return n
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
	if n := e.hole(); n > 0 {
		if n > longerThan {
			return oneRun + math.Log(longerThan) + 2
		}
		return oneRun + math.Log(longerThan)
	}
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

// hole is how many bytes vanished if one hole is all there is, wherever bytes that are alike
// let an alignment put it; else 0.
func (e *event) hole() int {
	n := len(e.sent) - len(e.got)
	if n <= 0 {
		return 0
	}
	front, back := 0, 0
	for front < len(e.got) && e.sent[front].is(e.got[front]) {
		front++
	}
	for back < len(e.got) && e.sent[len(e.sent)-1-back].is(e.got[len(e.got)-1-back]) {
		back++
	}
	if front+back < len(e.got) {
		return 0
	}
	return n
}

// is reports whether a byte can be what was sent.
func (s symbol) is(b byte) bool { return s == symbol(b) || s == anyDigit && telegram.IsHex(b) }

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
	return sum + unlike*min(math.Abs(n-m), mostUnlike)
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
