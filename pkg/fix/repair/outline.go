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
func (o *outline) find(line []byte) int { return o.named(lineMark(line)) }

// named returns the line of the outline with a mark, or unsure.
func (o *outline) named(mark string) int {
	if n, ok := o.codes[mark]; ok {
		return n
	}
	return unsure
}

// marked is a line of a received text, with what tells it from others.
type marked struct {
	at   span
	mark string
}

// marksOf lists the lines of a text.
func marksOf(text []byte) (list []marked) {
	eachLine(text, func(at span) { list = append(list, marked{at, lineMark(text[at.start:at.end])}) })
	return list
}

// seam is where one telegram goes over into another one: the first is recognised up to
// its line last, which ends at from, the second from its line first, which begins at to.
type seam struct{ from, to, last, first int }

// cuts returns where in a received text, of these lines, one telegram ends and another one
// begins, and whether the last one has its end line. The boundaries are looked for once
// it is known that there are at most so many: text without an end, in which the same
// lines come back, would have one a line. Else there are none, and ok is false.
func (o *outline) cuts(text []byte, lines []marked, most int) (cuts []int, ended, ok bool) {
	seams, ended := o.seams(lines)
	if len(seams) > most {
		return nil, ended, false
	}
	for _, s := range seams {
		cuts = append(cuts, o.cut(text, s))
	}
	return cuts, ended, true
}

// seams lists where the lines of the outline begin anew, and reports whether the last one
// of them comes last.
func (o *outline) seams(lines []marked) (list []seam, ended bool) {
	last, after := unsure, 0 // the line that was recognised last, and where it ends
	for _, l := range lines {
		n := o.named(l.mark)
		if n == unsure {
			continue
		}
		if last != unsure && n <= last {
			list = append(list, seam{after, l.at.start, last, n})
		}
		last, after = n, l.at.end
	}
	return list, last == len(o.lines)-1
}

// cut returns the boundary between two telegrams.
func (o *outline) cut(text []byte, s seam) int {
	tail := o.shape.Text[o.lines[s.last].end:]
	head := o.shape.Text[:o.lines[s.first].start]
	between := text[s.from:s.to]
	ops := align.Bytes(len(tail)+len(head), len(between), func(i, j int) bool {
		if i < len(tail) {
			return mayBe(o.shape, o.lines[s.last].end+i, between[j])
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
	return s.from + j
}
