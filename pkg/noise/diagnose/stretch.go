package diagnose

import (
	"cmp"
	"math"
	"slices"
	"sync"

	"p1/pkg/uart"
)

// out is a line, and the receiver behind it, that turns a stretch of characters into
// garbage.
type out struct {
	way      int
	receiver uart.Receiver
	spell    uart.Spell
	rare     float64 // what it costs to be this one of its way; and a clock that is off shows in single bits above all
}

// perReceiver is how many outs there are with each receiver.
const perReceiver = 9

// outs are what a stretch of garbage is tried with: edges that are late nearly always, or
// as often as not, for many characters or for one.
var outs = sync.OnceValue(func() []out {
	const own, always, often, long, lone, off, seen = 0.05, 0.6, 0.48, 0.05, 0.9, 0.03, 0.3
	// A receiver with a clock that is off looks at the stop bit a third of a bit late or
	// early, and where it was read as 0 it goes on so.
	slow := uart.Spell{Odds: uart.Line{Clock: off, Own: own}.Odds(), Passes: 1, Stop: true, Phase: uart.Line{StartLate: seen, Own: own}.Odds()}
	fast := uart.Spell{Odds: uart.Line{Clock: -off, Own: own}.Odds(), Stop: true, Phase: uart.Line{StartLate: -seen, Own: own}.Odds()}
	missed := uart.Spell{Odds: uart.Line{Own: own}.Odds(), Over: lone, Missed: true}
	third := math.Log(3)
	var all []out
	for _, r := range receivers() {
		all = append(all, out{asSlip, r, missed, 0}, out{asClock, r, slow, 2 + math.Ln2}, out{asClock, r, fast, 2 + math.Ln2})
		for _, spell := range []struct{ late, over float64 }{{always, long}, {often, long}, {always, lone}} {
			rise := uart.Line{Rise: spell.late, Own: own}.Odds()
			fall := uart.Line{Fall: spell.late, Own: own}.Odds()
			passes := uart.Beyond((0.5 - uart.SeenLate - spell.late) / (math.Sqrt2 * own))
			phase := uart.Line{StartLate: spell.late - 1, Own: own}.Odds() // behind a start edge that it has passed
			all = append(all,
				out{asOnesLost, r, uart.Spell{Odds: rise, Over: spell.over}, third},
				out{asZerosLost, r, uart.Spell{Odds: fall, Over: spell.over, Passes: passes, Phase: phase}, third})
		}
	}
	return all
})

// receivers are those that a stretch of garbage is tried with.
func receivers() (all []uart.Receiver) {
	for _, gap := range []int{0, 1} {
		for _, r := range []uart.Receiver{{}, {Restarts: true}, {TakesLow: true}, {CountsOn: true}} {
			r.Gap = gap
			all = append(all, r)
			if !r.CountsOn {
				r.Drops = true
				all = append(all, r)
			}
		}
	}
	return all
}

// stretches finds out what explains stretches of garbage. A log has one receiver: behind
// which the first ones are likeliest, the others are tried.
type stretches struct {
	left      int       // of the telegram: characters that may be tried still
	printable bool      // nothing but printable output was received
	likely    []float64 // −ln of how likely each receiver makes those that were tried
	tried     []int     // receivers that are tried
	seen      int
}

// Bounds of what is tried.
const (
	firstStretches  = 12
	mostReceivers   = 2    // after these
	perTelegram     = 4000 // characters, each time that they are tried
	longestStretch  = 80   // characters; of a longer one the beginning is tried
	longestFirst    = 32   // the same of the first ones, with all receivers
	shortestStretch = 2
)

// shown is how many tenths of the bytes of a long stretch are those of its first characters
// for sure, whatever a receiver makes of them.
const shown = 6

// behind is −ln of how likely an event is in each way in which it may come about, behind
// each of the receivers that were tried; nil behind others.
type behind []*[ways]float64

// try tries the receivers with an event that costs so much otherwise.
func (s *stretches) try(e *event, raw []byte, otherwise float64) behind {
	sent, open := e.asSent(raw)
	n := len(e.sent)
	if s.left <= 0 || len(sent) < n || n < shortestStretch || len(e.got) > n+n/8+2 {
		return nil
	}
	longest := longestStretch
	if s.seen < firstStretches {
		longest = longestFirst
	}
	got, through, scale := e.got, uart.Receiver.Stretch, 1.0
	if n > longest {
		sent, open, got = sent[:longest], open[:longest], got[:min(len(got), len(got)*longest*shown/(10*n))]
		through, scale = uart.Receiver.Beginning, float64(n*10)/float64(longest*shown)
	}
	if s.tried == nil {
		s.likely = make([]float64, len(outs())/perReceiver)
		for r := range s.likely {
			s.tried = append(s.tried, r)
		}
	}
	all := make(behind, len(s.likely))
	least := otherwise / scale
	for _, r := range s.tried {
		costs := s.costs(r, func(o *out) float64 { return through(o.receiver, sent, open, got, o.spell) })
		s.likely[r] += min(slices.Min(costs[:]), otherwise/scale)
		least = min(least, slices.Min(costs[:]))
		all[r] = &costs
		s.left -= perReceiver * len(sent)
	}
	for _, costs := range all {
		for way := 0; costs != nil && way < ways; way++ {
			costs[way] += oneRun + (scale-1)*least // what was not tried tells nothing
		}
	}
	if s.seen++; s.seen == firstStretches {
		slices.SortStableFunc(s.tried, func(a, b int) int { return cmp.Compare(s.likely[a], s.likely[b]) })
		s.tried = s.tried[:mostReceivers]
	}
	return all
}

// costs are −ln of how likely something is in each way, behind a receiver.
func (s *stretches) costs(receiver int, cost func(*out) float64) (costs [ways]float64) {
	for way := range costs {
		costs[way] = math.Inf(1)
	}
	for _, o := range outs()[receiver*perReceiver : (receiver+1)*perReceiver] {
		o.receiver.Printable = s.printable
		costs[o.way] = either(costs[o.way], cost(&o)+o.rare)
	}
	return costs
}

// either is −ln of the sum of two probabilities that are given so.
func either(a, b float64) float64 {
	least := min(a, b)
	if math.IsInf(least, 1) {
		return least
	}
	return least - math.Log(math.Exp(least-a)+math.Exp(least-b))
}

// receiver is the likeliest.
func (s *stretches) receiver() int {
	best := 0
	for i, r := range s.tried {
		if i == 0 || s.likely[r] < s.likely[best] {
			best = r
		}
	}
	return best
}

// asSent is what was sent of an event, with the bits open that nobody knows.
func (e *event) asSent(raw []byte) (sent, open []byte) {
	for i, s := range e.sent {
		if e.at+i >= len(raw) {
			return nil, nil
		}
		sent = append(sent, raw[e.at+i])
		if s == anyDigit {
			open = append(open, 0x0F)
		} else {
			open = append(open, 0)
		}
	}
	return sent, open
}
