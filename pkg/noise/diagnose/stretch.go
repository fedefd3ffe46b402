package diagnose

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"p1/pkg/uart"
)

// out is a line, and the receiver behind it, that turns a stretch of characters into
// garbage.
type out struct {
	signature Signature
	receiver  uart.Receiver
	spell     uart.Spell
	rare      float64 // what it costs more than others: a clock that is off shows in single bits above all
}

// outs are what a stretch of garbage is tried with: edges that are late nearly always, or
// as often as not, for many characters or for one.
var outs = func() []out {
	const own, always, often, long, lone = 0.05, 0.6, 0.48, 0.05, 0.9
	slow := uart.Spell{Odds: uart.Line{Clock: 0.03, Own: own}.Odds(), Passes: true, Stop: true}
	fast := uart.Spell{Odds: uart.Line{Clock: -0.03, Own: own}.Odds(), Stop: true}
	missed := uart.Spell{Odds: uart.Line{Own: own}.Odds(), Over: lone, Missed: true}
	var all []out
	for _, gap := range []int{0, 1} {
		for _, r := range []uart.Receiver{{}, {Restarts: true}, {Drops: true}, {Restarts: true, Drops: true}, {CountsOn: true}} {
			r.Gap = gap
			all = append(all, out{Slip, r, missed, 0}, out{Clock, r, slow, 2}, out{Clock, r, fast, 2})
			for _, spell := range []struct{ late, over float64 }{{always, long}, {often, long}, {always, lone}} {
				rise := uart.Line{Rise: spell.late, Own: own}.Odds()
				fall := uart.Line{Fall: spell.late, Own: own}.Odds()
				all = append(all,
					out{OnesLost, r, uart.Spell{Odds: rise, Over: spell.over}, 0},
					out{ZerosLost, r, uart.Spell{Odds: fall, Over: spell.over, Passes: true}, 0})
			}
		}
	}
	return all
}()

// stretches finds what explains stretches of garbage best. A log has one line and one
// receiver: what was never the best of the first ones is not tried any more.
type stretches struct {
	seen int
	left int         // of the telegram: that may be tried still
	wins map[int]int // of each of outs
}

// Bounds of what is tried.
const (
	firstStretches  = 12
	mostOuts        = 6  // after these
	perTelegram     = 6  // stretches
	longestStretch  = 90 // bytes
	shortestStretch = 2
)

// affordable reports whether another stretch of the telegram may be tried: one takes
// milliseconds.
func (s *stretches) affordable() bool {
	s.left--
	return s.left >= 0
}

// prune keeps the outs that explained most of the first stretches.
func (s *stretches) prune() {
	order := slices.SortedFunc(maps.Keys(s.wins), func(a, b int) int {
		return cmp.Or(cmp.Compare(s.wins[b], s.wins[a]), cmp.Compare(a, b))
	})
	for _, i := range order[min(len(order), mostOuts):] {
		delete(s.wins, i)
	}
}

// guess is what explains an event.
type guess struct {
	signatures string  // those that do about as well as the best, blanks between
	cost       float64 // −ln of how likely the best makes the event
}

// aWin is by how much one explanation has to be likelier than another, in nats.
const aWin = 1

// best returns the best of outs, if any can be.
func (s *stretches) best(e *event, raw []byte) guess {
	g := guess{cost: math.Inf(1)}
	sent, open := e.asSent(raw)
	if n := len(e.sent); len(sent) < n || n > longestStretch || n < shortestStretch || len(e.got) > n+n/8+2 {
		return g
	}
	best, costs := -1, map[Signature]float64{}
	for i := range outs {
		if s.seen >= firstStretches && s.wins[i] == 0 {
			continue
		}
		c := outs[i].receiver.Stretch(sent, open, e.got, outs[i].spell) + outs[i].rare
		if c < g.cost {
			best, g.cost = i, c
		}
		if old, ok := costs[outs[i].signature]; !ok || c < old {
			costs[outs[i].signature] = c
		}
	}
	if best < 0 {
		return g
	}
	if s.wins == nil {
		s.wins = map[int]int{}
	}
	s.wins[best]++
	if s.seen++; s.seen == firstStretches {
		s.prune()
	}
	var all []string
	for s, c := range costs {
		if c < g.cost+aWin {
			all = append(all, string(s))
		}
	}
	slices.Sort(all)
	g.signatures = strings.Join(all, " ")
	return g
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
