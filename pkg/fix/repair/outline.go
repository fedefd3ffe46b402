package repair

import (
	"bytes"

	"p1/pkg/align"
	"p1/pkg/fix/expect"
)

// outline is a shape line by line.
type outline struct {
	shape *expect.Shape
	lines []span         // with their ends
	codes map[string]int // which line begins with this, up to the '('
}

// span is a part of a text: text[start:end].
type span struct{ start, end int }

func newOutline(shape *expect.Shape) *outline {
	o := &outline{shape: shape, codes: map[string]int{}}
	eachLine(shape.Text, func(at span) {
		mark := lineMark(shape.Text[at.start:at.end])
		if _, twice := o.codes[mark]; twice {
			o.codes[mark] = unsure
		} else {
			o.codes[mark] = len(o.lines)
		}
		o.lines = append(o.lines, at)
	})
	o.codes[""] = unsure
	return o
}

// unsure stands for a line that is not the only one of its kind.
const unsure = -1

// eachLine calls f for each line of a text, with its end.
func eachLine(text []byte, f func(span)) {
	for start := 0; start < len(text); {
		end := len(text)
		if n := bytes.IndexByte(text[start:], '\n'); n >= 0 {
			end = start + n + 1
		}
		f(span{start, end})
		start = end
	}
}

// lineMark is what tells a line from others: its OBIS code, all of a header, the
// '!' of an end line.
func lineMark(line []byte) string {
	line = bytes.TrimRight(line, "\r\n")
	if n := bytes.IndexByte(line, '('); n >= 0 {
		return string(line[:n+1])
	}
	if len(line) > 0 && line[0] == '!' {
		return "!"
	}
	return string(line)
}

// find returns the line of the outline that a received line begins as, or
// unsure.
func (o *outline) find(line []byte) int {
	if n, ok := o.codes[lineMark(line)]; ok {
		return n
	}
	return unsure
}

// cuts returns where in a received text one telegram ends and another one
// begins, and whether the last one has its end line.
func (o *outline) cuts(text []byte) (cuts []int, ended bool) {
	last, after := unsure, 0 // the line that was recognised last, and where it ends
	eachLine(text, func(at span) {
		n := o.find(text[at.start:at.end])
		if n == unsure {
			return
		}
		if last != unsure && n <= last {
			cuts = append(cuts, o.cut(text, after, at.start, last, n))
		}
		last, after = n, at.end
	})
	return cuts, last == len(o.lines)-1
}

// cut returns the boundary between two telegrams: the first one is recognised up
// to its line last, which ends at from; the second one from its line first, which
// begins at to.
func (o *outline) cut(text []byte, from, to, last, first int) int {
	tail := o.shape.Text[o.lines[last].end:]
	head := o.shape.Text[:o.lines[first].start]
	between := text[from:to]
	ops := align.Bytes(len(tail)+len(head), len(between), func(i, j int) bool {
		if i < len(tail) {
			return mayBe(o.shape, o.lines[last].end+i, between[j])
		}
		return mayBe(o.shape, i-len(tail), between[j])
	})
	i, j := 0, 0
	for _, op := range ops {
		if i == len(tail) {
			break
		}
		if op != align.Added {
			i++
		}
		if op != align.Lost {
			j++
		}
	}
	return from + j
}
