package pair

import (
	"bytes"
	"math"

	"p1/pkg/align"
)

const (
	// sure is the doubt below which no other telegram is looked at, and most that above which
	// two telegrams are no pair.
	sure = 1e-6
	most = 1e-3

	// other is how likely a telegram is none of the second capture, before it is looked at.
	other = 0.01
	// agrees is how likely a number that has just changed is the same in another telegram, and
	// digit how likely a digit of the CRC finds one that is the same.
	agrees = 0.3
	digit  = 1.0 / 8
	// differs is how much likelier a digit of the CRC is another one in another telegram.
	differs = 25
	// crossed is how many digits seem to differ for each digit and the product of the shares
	// that were lost: where one lacks a byte and the other one the next, one stands for the
	// other. Beside that so many differ for each digit; and of another telegram any number may.
	crossed  = 3
	misread  = 1e-3
	anything = 0.05

	longestEnd = 10 // bytes of the last line

	differences = 400 // between two telegrams that may be the same
)

// doubt is how likely a telegram of the first capture is not the one with a number.
func (c *Capture) doubt(raw []byte, number int64) float64 {
	x := c.at(number)
	a, b := without(raw), without(x.raw)
	ops := align.Within(differences, len(b.text), len(a.text), equal(b.text, a.text))
	if ops == nil {
		return 1
	}
	if x.tells == nil {
		x.tells = c.tell(number)
	}
	odds := other * oddsOfOther(a, b, ops, x.tells)
	return odds / (1 + odds)
}

func equal(a, b []byte) func(i, j int) bool { return func(i, j int) bool { return a[i] == b[j] } }

// tell marks the places of a telegram, without its filler, at which it differs from the one
// before in a digit, and at which from the one after.
func (c *Capture) tell(number int64) []telling {
	b := without(c.at(number).raw).text
	tells := make([]telling, len(b))
	for k, n := range []int64{number - 1, number + 1} {
		x := c.at(n)
		if x == nil {
			continue
		}
		near := without(x.raw).text
		i, j := 0, 0
		for _, o := range align.Within(differences, len(b), len(near), equal(b, near)) {
			if o == align.Other && isDigit(b[i]) && isDigit(near[j]) {
				tells[i] |= before << k
			}
			i, j = on(o, i, j)
		}
	}
	return tells
}

// telling says from which neighbours a telegram differs at a place.
type telling byte

const (
	before telling = 1 << iota
	after
)

// on goes past an op.
func on(o align.Op, i, j int) (int, int) {
	if o != align.Added {
		i++
	}
	if o != align.Lost {
		j++
	}
	return i, j
}

// oddsOfOther is how much likelier it is that a is another telegram than b, given where they
// agree and differ.
func oddsOfOther(a, b cut, ops []align.Op, tells []telling) float64 {
	odds := 1.0
	var digits, others, lost, added float64
	bang := bytes.LastIndexByte(b.text, '!')
	signed := bytes.LastIndexByte(a.text, '!') >= len(a.text)-longestEnd
	var told telling // of the number that is gone through
	differ := false
	agreed := map[telling]float64{before: 1, after: 1}
	clear := apart(a.text, b.text, ops)
	i, j := 0, 0
	for k, o := range ops {
		if i == len(b.text) {
			break
		}
		c := b.text[i]
		switch o {
		case align.Lost:
			lost++
		case align.Added:
			added++
		}
		if isDigit(c) {
			digits++
		}
		switch {
		case bang >= 0 && i > bang:
			switch {
			case o == align.Same && isHex(c):
				odds *= digit
			case o == align.Other && signed && isHex(c) && isHex(a.text[j]):
				odds *= differs
			}
		case !isDigit(c) && c != '.':
			for side := range agreed {
				if told&side > 0 && !differ {
					agreed[side] *= agrees
				}
			}
			told, differ = 0, false
		case o == align.Same:
			told |= tells[i]
		case o == align.Other && isDigit(c) && isDigit(a.text[j]):
			differ = true
			if clear[k] {
				others++
			}
		}
		i, j = on(o, i, j)
	}
	n := float64(len(b.text))
	expected := digits * (misread + crossed*lost/n*added/n)
	return odds * max(agreed[before], agreed[after]) * max(1, anything/poisson(others, expected))
}

// apart marks the ops that are differences between digits among bytes that agree. Where runs of
// bytes are lost from both, what is aligned says nothing of what was sent.
func apart(a, b []byte, ops []align.Op) []bool {
	const flank = 4 // bytes that agree
	clear := make([]bool, len(ops))
	i, j, from, same, only := 0, 0, 0, flank, true
	for k := 0; k <= len(ops); k++ {
		if k == len(ops) || ops[k] == align.Same {
			if same++; same == flank || k == len(ops) {
				for n := from; only && n < k; n++ {
					clear[n] = ops[n] == align.Other
				}
			}
			if k == len(ops) {
				break
			}
		} else {
			if same >= flank {
				from, only = k, true
			}
			same = 0
			only = only && ops[k] == align.Other && isDigit(b[i]) && isDigit(a[j])
		}
		i, j = on(ops[k], i, j)
	}
	return clear
}

// poisson is how likely so many events are where so many are expected; of fewer than are
// expected no more is made.
func poisson(n, expected float64) float64 {
	if n <= expected {
		return 1
	}
	g, _ := math.Lgamma(n + 1)
	return math.Exp(n*math.Log(expected) - expected - g)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || 'A' <= c && c <= 'F' || 'a' <= c && c <= 'f' }
