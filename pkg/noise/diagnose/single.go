package diagnose

import (
	"math"
	"math/bits"
	"slices"

	"p1/pkg/channel"
	"p1/pkg/uart"
)

// receiving is what drops bytes once they are received.
type receiving struct {
	printable bool // the logger drops what is not printable
	framing   bool // the driver drops bytes whose stop bit was read as 0
	sevenBit  bool // bit 7 carried even parity and was taken off
	restarts  bool // the UART takes a stop bit that is 0 for the next start bit
}

// assumptions is how many of these are made of a receiver; parity is seen, not assumed.
func (r receiving) assumptions() (n int) {
	for _, assumed := range []bool{r.printable, r.framing, r.restarts} {
		if assumed {
			n++
		}
	}
	return n
}

// receivings are the ways of receiving that are possible.
func receivings(printable, sevenBit bool) (all []receiving) {
	for i := range 8 {
		r := receiving{printable: i&1 != 0, framing: i&2 != 0, restarts: i&4 != 0, sevenBit: sevenBit}
		if printable || !r.printable {
			all = append(all, r)
		}
	}
	return all
}

// hitTable counts what became of single bytes: sent (256 is any digit) and got (256
// is nothing).
type hitTable [257][257]int64

const vanished = 256

func (t *hitTable) add(h hit) {
	got := h.got
	if got == nothing {
		got = vanished
	}
	t[h.sent][got]++
}

// outcomes are how likely each byte, or nothing, is handed on for one that was sent, or
// that the receiver is out of step from there on; the chance that it is what was sent is
// left out.
type outcomes [260]float64

// Outcomes that are runs of bytes.
const (
	slipped = 257 // garbage of bits that are grouped anew
	hole    = 258 // bytes that vanish one after the other
	tornOne = 259 // the same with some left between them
)

// outcomesOf is what a shape makes of a byte that is sent, of which all is what lines read.
func (r receiving) outcomesOf(i int, all []uart.Readings, sent byte) (o outcomes) {
	s, read := &shapes[i], &all[i]
	kept := 1 - s.lost
	for b := range 256 {
		r.hand(&o, byte(b), read.Good[b]*kept)
		if r.framing {
			o[vanished] += read.Framing[b] * kept
		} else {
			r.hand(&o, byte(b), read.Framing[b]*kept)
		}
	}
	// Of a byte whose start is not seen nothing is left, or what its next edge gives, and
	// mostly it takes some bytes to find the next start.
	lost := (read.Missed + read.Passed) * kept
	if r.restarts { // the stop bit was looked at in the start bit after it, whose edges the next looks fall upon
		lost = read.Missed * kept
		for b, p := range all[len(shapes)].Good {
			r.hand(&o, byte(b), (p+all[len(shapes)].Framing[b])*read.Passed*kept)
		}
	}
	if r.onWire(sent) == 0xFF { // it has no other edge, and mostly stands among its like
		o[vanished] += lost
	} else {
		rest := lost * (1 - s.slips)
		o[slipped] = lost - rest
		o[vanished] += rest / 8
		r.hand(&o, uart.MissedStart(r.onWire(sent)), rest*7/8)
	}
	o[vanished] += s.lost * s.strikes(read, r.onWire(sent))
	gone := o[vanished]
	o[hole], o[tornOne], o[vanished] = gone*s.holes, gone*s.torn, gone*(1-s.holes-s.torn)
	if s.signature == Garbled { // what has no pattern may be a run as well
		o[slipped], o[hole], o[tornOne] = anyOutcome, anyOutcome, anyOutcome
	}
	o[sent] = 0
	return o
}

// anyOutcome is the chance of one of all outcomes where there is no pattern.
const anyOutcome = 1.0 / 256

// strikes is how often a byte is hit, where that takes some of them whole.
func (s *shape) strikes(read *uart.Readings, sent byte) float64 {
	if s.lost == 1 {
		return 1
	}
	return 1 - read.Good[sent]
}

// hand hands a byte on, or drops it.
func (r receiving) hand(o *outcomes, b byte, p float64) {
	if b = r.delivered(b); r.printable && !channel.Printable(b) {
		o[vanished] += p
	} else {
		o[b] += p
	}
}

// onWire is a byte as it is sent.
func (r receiving) onWire(b byte) byte {
	if r.sevenBit {
		return b&0x7F | byte(bits.OnesCount8(b&0x7F)&1)<<7
	}
	return b
}

// delivered is a byte as the driver hands it on.
func (r receiving) delivered(b byte) byte {
	if r.sevenBit {
		return b & 0x7F
	}
	return b
}

// lineReadings is what each shape makes of each byte on the wire, worked out once a byte is
// asked for; and last, what a receiver does that looks half a bit early.
type lineReadings map[byte][]uart.Readings

func (l lineReadings) of(wire byte) []uart.Readings {
	all := l[wire]
	if all == nil {
		all = make([]uart.Readings, len(shapes), len(shapes)+1)
		for i := range shapes {
			all[i] = shapes[i].readings(wire)
		}
		all = append(all, uart.Line{StartLate: -0.5, Own: rough}.Read(wire))
		l[wire] = all
	}
	return all
}

// evidence is what was seen of single bytes: how often each was sent, and what became of
// those that were hit.
type evidence struct {
	sent  *[256]int64
	kinds []kind
	read  map[byte][]uart.Readings // of each byte that was sent
	known map[Signature]bool       // those that stretches out of step have shown already
}

// kind are hits that are alike.
type kind struct {
	sent symbol
	got  int
	n    float64
}

// evidence gathers what was seen.
func (d *Diagnoser) gather() *evidence {
	e := &evidence{sent: &d.sent, read: map[byte][]uart.Readings{}, known: map[Signature]bool{}}
	for s := range d.hits {
		for got, n := range d.hits[s] {
			if n > 0 {
				e.kinds = append(e.kinds, kind{symbol(s), got, float64(n)})
			}
		}
	}
	runs := d.settled()
	for _, s := range []Signature{OnesLost, ZerosLost, Clock} {
		e.known[s] = runs[s] >= enoughShown
	}
	for run, got := range map[Signature]int{Slip: slipped, Overrun: hole, torn: tornOne} {
		if n := runs[run]; n > 0 {
			e.kinds = append(e.kinds, kind{nothing, got, float64(n)})
		}
	}
	if len(e.kinds) == 0 {
		return e
	}
	for b := range 256 {
		if e.count(byte(b)) > 0 {
			e.read[byte(b)] = d.lines.of(receiving{sevenBit: d.sevenBit}.onWire(byte(b)))
		}
	}
	return e
}

// count is how often a byte was sent, at least once where it was hit.
func (e *evidence) count(b byte) float64 {
	if e.sent[b] > 0 {
		return float64(e.sent[b])
	}
	hit := slices.ContainsFunc(e.kinds, func(k kind) bool {
		return k.sent == symbol(b) || k.sent == anyDigit && b >= '0' && b <= '9'
	})
	if hit {
		return 1
	}
	return 0
}

// given is how likely each kind of hit is under each shape, if one of them struck: the
// chances of all that it may do to what was sent add up to 1.
func (e *evidence) given(r receiving) [][]float64 {
	all := make([][]float64, len(e.kinds))
	for k := range all {
		all[k] = make([]float64, len(shapes))
	}
	for i := range shapes {
		sum := 0.0
		of := map[byte]*outcomes{}
		for b, read := range e.read {
			o := r.outcomesOf(i, read, b)
			of[b] = &o
			for _, p := range o {
				sum += p * e.count(b)
			}
		}
		for k, one := range e.kinds {
			all[k][i] = e.chance(one, of) / max(sum, math.SmallestNonzeroFloat64)
		}
	}
	return all
}

// chance is how often a kind of hit comes up.
func (e *evidence) chance(k kind, of map[byte]*outcomes) float64 {
	sum := 0.0
	if k.sent == nothing { // a run, which has no byte of its own
		for b, o := range of {
			sum += o[k.got] * e.count(b)
		}
		return sum
	}
	if k.sent != anyDigit {
		return of[byte(k.sent)][k.got] * e.count(byte(k.sent))
	}
	for digit := byte('0'); digit <= '9'; digit++ {
		if o := of[digit]; o != nil && int(digit) != k.got {
			sum += o[k.got] * e.count(digit)
		}
	}
	return sum
}

// mixture is how the hits of single bytes share among the signatures.
type mixture struct {
	receiving
	events  map[Signature]float64 // hits explained by each
	evident float64               // log of the likelihood

	chosen []Signature // those that explain anything, but for Garbled
	known  map[Signature]bool
	kinds  []kind
	given  [][]float64
	weight []float64 // of each shape; they add up to 1
}

// explain finds the mixture under which the hits are likeliest, for each way of
// receiving that is possible. One that assumes more must explain more.
func (d *Diagnoser) explain() mixture {
	e := d.gather()
	best := e.fewest(receiving{sevenBit: d.sevenBit})
	if len(e.kinds) == 0 {
		return best
	}
	for _, r := range receivings(d.printing, d.sevenBit)[1:] {
		if m := e.fewest(r); m.worth() > best.worth() {
			best = m
		}
	}
	return best
}

// perSignature is by how much a signature more must make the hits likelier, in nats, to be
// believed: a line has few faults, and with enough of them anything can be explained.
// perHit is added for each hit: no shape is quite what a line does, and with many hits that
// shows.
const (
	perSignature  = 6
	perHit        = 0.02
	perAssumption = 2 // of a receiver
)

// fewest explains the hits by as few signatures as it takes: the best two, or one, and
// then one more as long as it explains enough.
func (e *evidence) fewest(r receiving) mixture {
	m := mixture{receiving: r, kinds: e.kinds, given: e.given(r), known: e.known}
	m.mix(nil)
	none := m
	for first, one := range singles() {
		alone := none.with(one)
		m.prefer(alone)
		for _, other := range singles()[first+1:] {
			m.prefer(alone.with(other))
		}
	}
	for size := -1; size < len(m.chosen); {
		size = len(m.chosen)
		for _, s := range singles() {
			m.prefer(m.with(s))
		}
	}
	return m
}

// singles are the signatures that hit single bytes, but for what has no pattern.
func singles() (list []Signature) {
	for i := range shapes {
		if s := shapes[i].signature; s != Garbled && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// with is a mixture with one signature more.
func (m *mixture) with(s Signature) *mixture {
	other := &mixture{receiving: m.receiving, kinds: m.kinds, given: m.given, known: m.known}
	other.mix(append(slices.Clone(m.chosen), s))
	return other
}

// prefer takes another mixture if it is worth its signatures.
func (m *mixture) prefer(other *mixture) {
	if other.worth() > m.worth() {
		*m = *other
	}
}

func (m *mixture) worth() float64 {
	hits := 0.0
	for _, k := range m.kinds {
		hits += k.n
	}
	worth := m.evident - perAssumption*float64(m.assumptions())
	for _, s := range m.chosen {
		if !m.known[s] {
			worth -= perSignature + perHit*hits
		}
	}
	if slices.Contains(m.chosen, Scatter) {
		worth -= manyShapes
	}
	if slices.Contains(m.chosen, Slip) {
		worth -= anEffect
	}
	return worth
}

// anEffect is what a slip has to explain more than others do: that start edges are missed
// follows from nearly all that a line does.
const anEffect = 2

// enoughShown is how many stretches out of step show that a line has a fault.
const enoughShown = 3

// manyShapes is what scatter has to explain more than others do: it has shapes of each
// kind.
const manyShapes = 1.5

// rounds of expectation maximisation; the weights settle after some ten.
const rounds = 60

// mix finds the weights of the shapes of some signatures by expectation maximisation
// (Dempster, Laird and Rubin 1977). A hit more of each is assumed in a hundred, so that
// none is ruled out.
func (m *mixture) mix(chosen []Signature) {
	m.chosen = chosen
	m.weight = make([]float64, len(shapes))
	var used []int
	for i := range shapes {
		if s := shapes[i].signature; s == Garbled || slices.Contains(chosen, s) {
			used = append(used, i)
			m.weight[i] = 1
		}
	}
	total := 0.0
	for _, k := range m.kinds {
		total += k.n
	}
	const assumed = 0.01
	for _, i := range used {
		m.weight[i] /= float64(len(used))
	}
	for range rounds {
		events := make([]float64, len(shapes))
		m.evident = 0
		for k := range m.kinds {
			m.share(k, used, events)
		}
		m.events = map[Signature]float64{}
		for _, i := range used {
			m.weight[i] = (events[i] + assumed) / (total + assumed*float64(len(used)))
			m.events[shapes[i].signature] += events[i]
		}
	}
}

// share shares hits of a kind among the shapes.
func (m *mixture) share(k int, used []int, events []float64) {
	p := 0.0
	for _, i := range used {
		p += m.weight[i] * m.given[k][i]
	}
	n := m.kinds[k].n
	m.evident += n * math.Log(max(p, 1e-30))
	for _, i := range used {
		if p > 0 {
			events[i] += n * m.weight[i] * m.given[k][i] / p
		}
	}
}

// part is the share of one signature in the explanation of a kind of hit.
func (m *mixture) part(s Signature, k int) float64 {
	all, own := 0.0, 0.0
	for i, w := range m.weight {
		p := w * m.given[k][i]
		all += p
		if shapes[i].signature == s {
			own += p
		}
	}
	if all <= 0 {
		return 0
	}
	return own / all
}

// prices are what hits of single bytes cost: −ln of how likely the likeliest shape with a
// pattern makes a byte that it strikes another.
type prices struct {
	lines     lineReadings
	stretches stretches
	of        map[byte]*[256]float64
}

func (p *prices) cost(sent, got byte) float64 {
	costs := p.of[sent]
	if costs == nil {
		costs = p.price(sent)
		p.of[sent] = costs
	}
	return costs[got]
}

// price works out the costs of a byte.
func (p *prices) price(sent byte) *[256]float64 {
	var best [256]float64
	read := p.lines.of(sent)
	for i := range shapes {
		if s := shapes[i].signature; s == Garbled || s == Deleted {
			continue
		}
		o := receiving{}.outcomesOf(i, read, sent)
		struck := 0.0
		for _, x := range o {
			struck += x
		}
		for got := range best {
			best[got] = max(best[got], o[got]/max(struck, math.SmallestNonzeroFloat64))
		}
	}
	for got := range best {
		best[got] = min(-math.Log(best[got]), anyByte)
	}
	return &best
}
