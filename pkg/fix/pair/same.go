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
	most = 2e-4
	// far is most of a telegram that is none of the next ones.
	far = 1e-7

	// other is how likely a telegram is none of the second capture, before it is looked at.
	other = 0.01
	// agrees is how likely a number that has just changed is the same in another telegram.
	agrees = 0.3
	// How much likelier it is that one digit of a CRC is another one, or more of them, in
	// another telegram.
	oneDiffers, moreDiffer = 10, 1e4
	// crossed is how many digits seem to differ for each digit and the product of the shares
	// that were lost: where one lacks a byte and the other one the next, one stands for the
	// other. Beside that so many differ for each digit; and of another telegram any number may.
	crossed  = 3
	misread  = 1e-3
	anything = 0.05

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
	var digits, others, lost, added float64
	var told telling // of the number that is gone through
	whole := true    // all of it is the same
	agreed := [2]float64{1, 1}
	isolated := apart(a.text, b.text, ops)
	i, j := 0, 0
	for k := 0; k < len(ops) && i < len(b.text); k++ {
		o, c := ops[k], b.text[i]
		switch o {
		case align.Lost:
			lost++
		case align.Added:
			added++
		case align.Other:
			if isolated[k] {
				others++
			}
		}
		if isDigit(c) {
			digits++
		}
		if isDigit(c) || c == '.' {
			whole = whole && o == align.Same
			told |= tells[i]
		} else {
			for side := range agreed {
				if told&(before<<side) > 0 && whole && o == align.Same {
					agreed[side] *= agrees
				}
			}
			told, whole = 0, o == align.Same
		}
		i, j = on(o, i, j)
	}
	n := float64(len(b.text))
	expected := digits * (misread + crossed*lost/n*added/n)
	return oddsOfCheck(digitsOf(a.text), digitsOf(b.text)) * max(agreed[0], agreed[1]) * max(1, anything/poisson(others, expected))
}

// digitsOf returns what is left of the digits of a telegram's CRC.
func digitsOf(text []byte) []byte {
	const last = 10 // bytes of the last line
	end := text[max(0, len(text)-last):]
	digits := bytes.TrimRight(end[bytes.LastIndexByte(end, '!')+1:], "\r\n")
	if len(digits) == len(end) || len(digits) > 4 || bytes.ContainsFunc(digits, func(r rune) bool { return r > 'f' || !isHex(byte(r)) }) {
		return nil
	}
	return digits
}

// oddsOfCheck is how much likelier what is left of two CRCs is if they are two: by accident the
// shorter one is a part of the longer one once in so often.
func oddsOfCheck(a, b []byte) float64 {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) < 2 {
		return 1
	}
	k := 0
	for i := 0; i < len(b) && k < len(a); i++ {
		if a[k] == b[i] {
			k++
		}
	}
	switch {
	case k < len(a) && len(a)-k == 1:
		return oneDiffers
	case k < len(a):
		return moreDiffer
	}
	return [...]float64{2: 6.0 / 256, 3: 4.0 / 4096, 4: 1.0 / 65536}[len(a)]
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
