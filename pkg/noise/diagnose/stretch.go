package diagnose

import (
	"math"

	"p1/pkg/uart"
)

// out is a line, and the receiver behind it, that turns a stretch of characters into
// garbage.
type out struct {
	signature Signature
	receiver  uart.Receiver
	odds      uart.Odds
	missed    bool // it begins with a start edge that does not show
}

// outs are what a stretch of garbage is tried with.
var outs = func() []out {
	edges := uart.Line{Own: 0.05}
	late := 0.6
	var all []out
	for _, gap := range []int{0, 1} {
		for _, r := range []uart.Receiver{{}, {Restarts: true}, {Drops: true}, {Restarts: true, Drops: true}, {CountsOn: true}} {
			r.Gap = gap
			all = append(all, out{Slip, r, edges.Odds(), true},
				out{OnesLost, r, uart.Line{Rise: late, Own: edges.Own}.Odds(), false},
				out{ZerosLost, r, uart.Line{Fall: late, Own: edges.Own}.Odds(), false})
		}
	}
	return all
}()

// stretches finds what explains stretches of garbage best. A log has one line and one
// receiver: what was never the best of the first ones is not tried any more.
type stretches struct {
	seen int
	wins [64]int // of each of outs
}

// Bounds of what is tried.
const (
	firstStretches  = 24
	longestStretch  = 120 // bytes
	shortestStretch = 2
)

// best returns the signature of the best of outs, and −ln of how likely it makes the
// event.
func (s *stretches) best(e *event, raw []byte) (Signature, float64) {
	sent, open := e.asSent(raw)
	if n := len(e.sent); len(sent) < n || n > longestStretch || n < shortestStretch || len(e.got) > n+n/8+2 {
		return "", math.Inf(1)
	}
	best, cost := -1, math.Inf(1)
	for i := range outs {
		if s.seen >= firstStretches && s.wins[i] == 0 {
			continue
		}
		if c := outs[i].receiver.Stretch(sent, open, e.got, outs[i].odds, outs[i].missed); c < cost {
			best, cost = i, c
		}
	}
	if best < 0 {
		return "", cost
	}
	s.seen++
	s.wins[best]++
	return outs[best].signature, cost
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
