package prescribed

import (
	"bytes"
	"slices"
	"strings"

	"p1/pkg/telegram"
)

// widthsOf returns, for each unit, how the undamaged values of it are written by most lines,
// with a 0 for each digit; units of which there is one value alone are not among them.
func widthsOf(received []byte, segs []span) map[string]string {
	counts := map[string]map[string]int{}
	for _, s := range segs {
		seg := received[s.start:s.end]
		if telegram.CodeLen(seg) == 0 {
			continue
		}
		for _, v := range valuesOf(seg) {
			if pattern, unit, ok := measure(v); ok {
				if counts[unit] == nil {
					counts[unit] = map[string]int{}
				}
				counts[unit][pattern]++
			}
		}
	}
	widths := map[string]string{}
	for unit, patterns := range counts {
		best, sum := "", 0
		for p, n := range patterns {
			sum += n
			if n > patterns[best] || n == patterns[best] && p < best {
				best = p
			}
		}
		if patterns[best] >= 2 && 2*patterns[best] > sum {
			widths[unit] = best
		}
	}
	return widths
}

// measure takes a value with a unit apart: its digits as zeros, and the unit.
func measure(value []byte) (pattern, unit string, ok bool) {
	star := bytes.IndexByte(value, '*')
	if star <= 0 {
		return "", "", false
	}
	digits := []byte(nil)
	for _, c := range value[:star] {
		switch {
		case telegram.IsDigit(c):
			digits = append(digits, '0')
		case c == '.':
			digits = append(digits, '.')
		default:
			return "", "", false
		}
	}
	unit = string(value[star+1:])
	return string(digits), unit, slices.Contains(units[:], unit)
}

// rewritten are the cells of a line of one value as this meter writes values of its unit, where
// that is not how the table has it.
func (c *chooser) rewritten(l *line, j int) (cells []cell, price float64, ok bool) {
	if len(l.items) != 1 || l.items[0].many != nil {
		return nil, 0, false
	}
	unit := ""
	for _, atoms := range l.items[0].either {
		text := cellsText(atoms)
		pattern, u, ok := measure([]byte(text))
		if !ok || c.widths[u] == pattern {
			return nil, 0, false
		}
		unit = u
		for other := range c.widths {
			if strings.EqualFold(other, u) && bytes.Contains(c.text(j), []byte(other)) {
				unit = other
			}
		}
	}
	pattern, ok := c.widths[unit]
	price = sameWidth
	if !ok {
		price = otherWidth
		if pattern, unit, ok = c.asReceived(j); !ok {
			return nil, 0, false
		}
	}
	cells = literals(nil, l.code+"(")
	for i := range len(pattern) {
		if pattern[i] == '0' {
			cells = append(cells, cell{digit, '0'})
		} else {
			cells = append(cells, cell{literal, pattern[i]})
		}
	}
	return literals(cells, "*"+unit+")\r\n"), price, true
}

// asReceived is how the one value of a received line is written.
func (c *chooser) asReceived(j int) (pattern, unit string, ok bool) {
	values := valuesOf(c.text(j))
	if len(values) != 1 {
		return "", "", false
	}
	return measure(values[0])
}

func cellsText(atoms []atom) string {
	var b strings.Builder
	for _, a := range atoms {
		b.WriteByte(a.c)
	}
	return b.String()
}
