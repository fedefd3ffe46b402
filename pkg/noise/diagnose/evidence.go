package diagnose

import (
	"cmp"
	"math"
	"slices"
	"sync"

	"p1/pkg/uart"
)

// lineReadings is what each shape makes of each byte on the wire, worked out once a byte is
// asked for; and last, what a receiver does that looks half a bit early.
var lineReadings = sync.OnceValue(func() *[256]func() []uart.Readings {
	var all [256]func() []uart.Readings
	early := sync.OnceValue(uart.Line{StartLate: -0.5, Own: rough}.Reader)
	for wire := range all {
		all[wire] = sync.OnceValue(func() []uart.Readings {
			list := make([]uart.Readings, 0, len(shapes())+1)
			for _, s := range shapes() {
				list = append(list, s.readings(byte(wire)))
			}
			return append(list, early()(byte(wire)))
		})
	}
	return &all
})

// evidence is what was seen of single bytes: how often each was sent, and what became of
// those that were hit.
type evidence struct {
	sent  *[256]int64
	kinds []kind
	rest  float64            // hits of kinds that are too many to be told apart
	known map[Signature]bool // those that stretches out of step have shown already
}

// kind are hits that are alike.
type kind struct {
	sent symbol
	got  int
	n    float64
}

// evidence gathers what was seen.
func (d *Diagnoser) gather() *evidence {
	e := &evidence{sent: &d.sent, known: map[Signature]bool{}}
	for s := range d.hits {
		for got, n := range d.hits[s] {
			if n > 0 {
				e.kinds = append(e.kinds, kind{symbol(s), got, float64(n)})
			}
		}
	}
	runs := d.settled()
	out := runs[Slip] + runs[OnesLost] + runs[ZerosLost] + runs[Clock]
	for _, s := range []Signature{OnesLost, ZerosLost, Clock} {
		e.known[s] = runs[s] >= max(enoughShown, shareShown*out)
	}
	for _, run := range []struct {
		signature Signature
		got       int
	}{{Slip, slipped}, {Overrun, hole}, {torn, tornOne}} {
		if n := runs[run.signature]; n > 0 {
			e.kinds = append(e.kinds, kind{nothing, run.got, n})
		}
	}
	e.fewer()
	return e
}

// mostKinds is how many kinds of hits are explained: what random bytes become has no end.
const mostKinds = 400

// fewer leaves the kinds that came up most. The others have no pattern.
func (e *evidence) fewer() {
	slices.SortStableFunc(e.kinds, func(a, b kind) int { return cmp.Compare(b.n, a.n) })
	for _, k := range e.kinds[min(len(e.kinds), mostKinds):] {
		e.rest += k.n
	}
	e.kinds = e.kinds[:min(len(e.kinds), mostKinds)]
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
		all[k] = make([]float64, len(shapes()))
	}
	var counts [256]float64
	for b := range counts {
		counts[b] = e.count(byte(b))
	}
	for i := range shapes() {
		sum := 0.0
		var of [256]*outcomes
		for b := range counts {
			if counts[b] == 0 {
				continue
			}
			o := r.outcomesOf(i, lineReadings()[r.onWire(byte(b))](), byte(b))
			of[b] = &o
			for _, p := range o {
				sum += p * counts[b]
			}
		}
		for k, one := range e.kinds {
			all[k][i] = one.chance(&of, &counts) / max(sum, math.SmallestNonzeroFloat64)
		}
	}
	return all
}

// chance is how often a kind of hit comes up, each byte being sent so often.
func (k kind) chance(of *[256]*outcomes, counts *[256]float64) float64 {
	sum := 0.0
	if k.sent == nothing { // a run, which has no byte of its own
		for b, o := range of {
			if o != nil {
				sum += o[k.got] * counts[b]
			}
		}
		return sum
	}
	if k.sent != anyDigit {
		return of[byte(k.sent)][k.got] * counts[byte(k.sent)]
	}
	for digit := byte('0'); digit <= '9'; digit++ {
		if o := of[digit]; o != nil && int(digit) != k.got {
			sum += o[k.got] * counts[digit]
		}
	}
	return sum
}
