package diagnose

import (
	"sync"

	"p1/pkg/channel"
	"p1/pkg/uart"
)

// slipping are the receivers that a slip is looked for with.
var slipping = sync.OnceValue(func() []uart.Receiver {
	var all []uart.Receiver
	for _, gap := range []int{0, 1, 2, 3} {
		for _, r := range []uart.Receiver{{}, {Drops: true}, {Restarts: true}, {TakesLow: true}, {CountsOn: true}} {
			r.Gap = gap
			all = append(all, r)
			r.SevenBit = true
			all = append(all, r)
		}
	}
	return all
})

// regroup returns what is received of characters whose first start bit does not show,
// up to the first one that is in step again or, where there is none, to the end; and
// how many characters that takes.
//
//	sent  (1) 0 0 0 0 1 1 0 0  1  0 0 0 0 0 1 1 0 0  1      "00"
//	read      ↑ 0 0 0 1 1 0 0  1  0 …                       0x98, and so on
func regroup(r uart.Receiver, sent []byte) (got []byte, until int) {
	size := 10 + r.Gap
	level := func(bit int) bool {
		c, k := bit/size, bit%size
		switch {
		case bit <= 0 || c >= len(sent) || k > 8:
			return true // idle, or a stop bit; the first start bit does not show
		case k == 0:
			return false
		}
		return receiving{sevenBit: r.SevenBit}.onWire(sent[c])>>(k-1)&1 == 1
	}
	end := len(sent) * size
	for at := 1; at < end; {
		if !level(at-1) || level(at) {
			at++
			continue
		}
		for again := true; again && at < end; {
			if at%size == 0 {
				return got, at / size
			}
			value := byte(0)
			for k := range 8 {
				if level(at + 1 + k) {
					value |= 1 << k
				}
			}
			stop := level(at + 9)
			if stop || !r.Drops {
				got = append(got, receiving{sevenBit: r.SevenBit}.delivered(value))
			}
			switch again = true; {
			case r.CountsOn:
				at += size
			case r.Restarts && !stop:
				at += 9
			case r.TakesLow && !stop && !level(at+10):
				at += 10
			default:
				at += 10
				again = false
			}
		}
	}
	return got, len(sent)
}

// Bounds of the search for a slip.
const (
	longestSlip = 1500 // bytes: from pause to pause
	leastAlike  = 0.7  // of the bytes, since digits of a lost telegram are not known
)

// slipped reports whether an event is what a receiver out of step makes of what was
// sent, and how many of its bytes disagree.
func (e *event) slipped(sent []byte, printable bool) (wrong int, is bool) {
	if e.at >= len(sent) {
		return 0, false
	}
	wrong = len(e.got)
	for _, r := range slipping() {
		for _, from := range []int{e.at, e.at - 1} {
			if from < 0 {
				continue
			}
			got, until := regroup(r, sent[from:min(len(sent), e.at+len(e.sent)+maxTail)])
			if printable {
				got = keepPrintable(got)
			}
			if miss, ok := e.alike(got, from+until); ok && miss <= wrong {
				wrong, is = miss, true
			}
		}
	}
	return wrong, is
}

// maxTail is how many more characters than were hit a slip may take: the last ones may
// be right by accident.
const maxTail = 40

// alike compares an event with what a slip gives, which ends before the byte until.
func (e *event) alike(got []byte, until int) (wrong int, ok bool) {
	if len(got) < 2 || until < e.at+len(e.sent)-closeBy {
		return 0, false
	}
	n := min(len(got), len(e.got))
	if n < len(e.got)-closeBy {
		return 0, false
	}
	for i := range n {
		if got[i] != e.got[i] {
			wrong++
		}
	}
	return wrong, n >= 2 && float64(n-wrong) >= leastAlike*float64(n)
}

func keepPrintable(data []byte) []byte {
	var kept []byte
	for _, c := range data {
		if channel.Printable(c) {
			kept = append(kept, c)
		}
	}
	return kept
}
