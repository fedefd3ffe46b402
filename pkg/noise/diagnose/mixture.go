package diagnose

import (
	"math"
	"slices"
)

// What an explanation costs, in nats.
const (
	// perSignature is by how much a signature more must make the hits likelier to be
	// believed: a line has few faults, and with enough of them anything can be explained.
	perSignature = 6
	// perHit is added to that for each hit: no shape is quite what a line does, and with
	// many hits that shows.
	perHit = 0.02
	// perAssumption is for each that is made of the receiver.
	perAssumption = 2
	// manyShapes is for scatter, which has shapes of each kind.
	manyShapes = 1.5
	// anEffect is for a slip: that start edges are missed follows from nearly all that a
	// line does.
	anEffect = 2
)

// enoughShown is how many stretches out of step show that a line has a fault, and shareShown
// what part of all of them: whatever makes a receiver lose its place looks like each of the
// others now and then.
const (
	enoughShown = 3
	shareShown  = 0.4
)

// rounds of expectation maximisation; the weights settle after some ten.
const rounds = 60

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
	best := e.fewest(receiving{})
	if len(e.kinds) == 0 {
		return best
	}
	for _, r := range receivings(d.printing, d.sevenBit)[1:] {
		if m := e.fewest(r); m.worth() > best.worth() {
			best = m
		}
	}
	best.events[Garbled] += e.rest
	return best
}

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
	for _, one := range shapes() {
		if s := one.signature; s != Garbled && !slices.Contains(list, s) {
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

// mix finds the weights of the shapes of some signatures by expectation maximisation
// (Dempster, Laird and Rubin 1977). A hit more of each is assumed in a hundred, so that
// none is ruled out.
func (m *mixture) mix(chosen []Signature) {
	m.chosen = chosen
	used := used(chosen)
	given := make([]float64, 0, len(m.kinds)*len(used)) // of those used, kind by kind
	total := 0.0
	for k := range m.kinds {
		total += m.kinds[k].n
		for _, i := range used {
			given = append(given, m.given[k][i])
		}
	}
	const assumed = 0.01
	weight, events := make([]float64, len(used)), make([]float64, len(used))
	for i := range weight {
		weight[i] = 1 / float64(len(used))
	}
	for round := range rounds {
		if round == rounds-1 {
			m.evident = m.likelihood(weight, given)
		}
		clear(events)
		for k := range m.kinds {
			share(m.kinds[k].n, weight, given[k*len(used):][:len(used)], events)
		}
		for i := range weight {
			weight[i] = (events[i] + assumed) / (total + assumed*float64(len(used)))
		}
	}
	m.weight, m.events = make([]float64, len(shapes())), map[Signature]float64{}
	for j, i := range used {
		m.weight[i] = weight[j]
		m.events[shapes()[i].signature] += events[j]
	}
}

// used are the shapes of some signatures, and those of what has no pattern.
func used(chosen []Signature) (list []int) {
	for i, one := range shapes() {
		if s := one.signature; s == Garbled || slices.Contains(chosen, s) {
			list = append(list, i)
		}
	}
	return list
}

// likelihood is the log of how likely all hits are, each shape having such a weight.
func (m *mixture) likelihood(weight, given []float64) (sum float64) {
	for k := range m.kinds {
		p := 0.0
		for i, w := range weight {
			p += w * given[k*len(weight)+i]
		}
		sum += m.kinds[k].n * math.Log(max(p, 1e-30))
	}
	return sum
}

// share shares n hits of a kind among the shapes.
func share(n float64, weight, given, events []float64) {
	p := 0.0
	for i, w := range weight {
		p += w * given[i]
	}
	if p <= 0 {
		return
	}
	n /= p
	for i, w := range weight {
		events[i] += n * w * given[i]
	}
}

// part is the share of one signature in the explanation of a kind of hit.
func (m *mixture) part(s Signature, k int) float64 {
	all, own := 0.0, 0.0
	shapes := shapes()
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
