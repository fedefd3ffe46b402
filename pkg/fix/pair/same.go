package pair

import (
	"bytes"

	"p1/pkg/align"
)

const (
	// sure is the doubt below which no other telegram is looked at, and most that above which
	// two telegrams are no pair.
	sure = 1e-6
	most = 0.01

	// other is how likely a telegram is none of the second capture, before it is looked at.
	other = 0.01
	// agrees is how likely a number that has just changed is the same in another telegram,
	// digit a digit of the CRC; and differs how much likelier another one differs in a digit.
	agrees  = 0.3
	digit   = 1.0 / 16
	differs = 50

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

// tell marks the places of a telegram, without its filler, at which it differs from one of
// its neighbours in a digit.
func (c *Capture) tell(number int64) []bool {
	b := without(c.at(number).raw).text
	tells := make([]bool, len(b))
	for _, n := range []int64{number - 1, number + 1} {
		x := c.at(n)
		if x == nil {
			continue
		}
		near := without(x.raw).text
		i, j := 0, 0
		for _, o := range align.Within(differences, len(b), len(near), equal(b, near)) {
			if o == align.Other && isDigit(b[i]) && isDigit(near[j]) {
				tells[i] = true
			}
			i, j = on(o, i, j)
		}
	}
	return tells
}

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
func oddsOfOther(a, b cut, ops []align.Op, tells []bool) float64 {
	odds := 1.0
	bang := bytes.LastIndexByte(b.text, '!')
	told, differ := false, false // of the number that is gone through
	i, j := 0, 0
	for _, o := range ops {
		if i == len(b.text) {
			break
		}
		c := b.text[i]
		switch {
		case bang >= 0 && i > bang:
			switch {
			case o == align.Same && isHex(c):
				odds *= digit
			case o == align.Other && isHex(c) && isHex(a.text[j]):
				odds *= differs
			}
		case !isDigit(c) && c != '.':
			if told && !differ {
				odds *= agrees
			}
			told, differ = false, false
		case o == align.Same:
			told = told || tells[i]
		case o == align.Other && isDigit(c) && isDigit(a.text[j]):
			odds *= differs
			differ = true
		}
		i, j = on(o, i, j)
	}
	return odds
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || 'A' <= c && c <= 'F' || 'a' <= c && c <= 'f' }
