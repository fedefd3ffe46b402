package repair

import (
	"bytes"

	"p1/pkg/telegram"
)

// mayFollow reports whether a line that was received may have been sent as it is after another one
// with the same code: it keeps the grammar, and differs where values change their length. What is
// written with leading zeros, times and identifiers do not.
//
//	1-0:1.7.0(184*W)          1-0:1.7.0(18*W)             may follow
//	0-0:96.3.10(ON)           0-0:96.3.10(OFF)            may follow
//	1-0:1.7.0(0000.51*kW)     1-0:1.7.0(-0000.51*kW)      may follow
//	1-0:1.7.0(0000.51*kW)     1-0:1.7.0(000.51*kW)        has lost a digit
//	1-0:1.7.0(184*W)          1-0:1.7.0(184W)             has lost the '*'
func mayFollow(before, now []byte) bool {
	n := telegram.CodeLen(before)
	if n == 0 || telegram.CodeLen(now) != n || !bytes.Equal(before[:n], now[:n]) {
		return false
	}
	was, endWas := groups(before[n:])
	is, endIs := groups(now[n:])
	if len(is) == 0 || !bytes.Equal(endWas, endIs) {
		return false
	}
	if telegram.Lookup(string(before[:n])).Kind == telegram.Identifier {
		return false // one that was exchanged has the same length
	}
	for i := range is {
		if i < len(was) && !valueMayFollow(was[i], is[i]) {
			return false
		}
	}
	return true
}

// groups returns what stands in each pair of parentheses that a text begins with, and what comes
// behind; none where something in them is no printable text.
func groups(text []byte) (list [][]byte, end []byte) {
	for len(text) > 0 && text[0] == '(' {
		n := bytes.IndexAny(text[1:], "()") + 1
		if n < 1 || text[n] == '(' {
			return nil, nil
		}
		for _, c := range text[1:n] {
			if c < ' ' || c > '~' {
				return nil, nil
			}
		}
		list, text = append(list, text[1:n]), text[n+1:]
	}
	return list, text
}

// valueMayFollow reports whether a value with its unit may come after another one.
func valueMayFollow(before, now []byte) bool {
	was, unitWas, _ := bytes.Cut(before, []byte("*"))
	is, unitIs, _ := bytes.Cut(now, []byte("*"))
	if !bytes.Equal(unitWas, unitIs) {
		return false
	}
	if _, err := telegram.ParseClock(string(was)); err == nil {
		_, err = telegram.ParseClock(string(is))
		return err == nil
	}
	w, isNumber := figureOf(was)
	padded := isNumber && w.padded
	if len(unitWas) == 0 && !padded {
		return true // words, or a count
	}
	i, ok := figureOf(is)
	return ok && w.decimals == i.decimals && (w.whole == i.whole || w.width == i.width || !padded && !i.padded)
}

// A figure is how a number is written.
type figure struct {
	whole, decimals int // digits before the point and behind it
	width           int // of the whole, with a sign, which may stand in the place of a digit
	padded          bool
}

// figureOf returns how a number is written; false for what is none.
func figureOf(text []byte) (f figure, ok bool) {
	sign := 0
	if len(text) > 0 && (text[0] == '+' || text[0] == '-') {
		sign, text = 1, text[1:]
	}
	whole, decimals, _ := bytes.Cut(text, []byte("."))
	for _, c := range append(whole[:len(whole):len(whole)], decimals...) {
		if !telegram.IsDigit(c) {
			return f, false
		}
	}
	return figure{len(whole), len(decimals), sign + len(whole), len(whole) > 1 && whole[0] == '0'}, len(whole) > 0
}
