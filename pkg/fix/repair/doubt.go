package repair

import (
	"bytes"
	"fmt"
	"slices"

	"p1/pkg/fix/expect"
	"p1/pkg/record"
)

// doubts watches telegrams whose CRC holds although their text is not what the meter
// sends. One damaged telegram in 65,536 has such a CRC by accident; but meters are
// given other programs, too, and then what follows agrees with the first of them.
type doubts struct {
	shape *expect.Shape // of the last such telegram
	run   int           // how many in a row agree with each other
}

// convincing is how many telegrams in a row must agree with each other to be
// believed against what was known before.
const convincing = 3

// convinced takes the next such telegram, and reports whether it is to be believed.
func (d *doubts) convinced(raw []byte) bool {
	if d.shape != nil && d.shape.Fits(raw) {
		d.run++
	} else {
		*d = doubts{shape: expect.NewShape(raw), run: 1}
	}
	if d.run < convincing {
		return false
	}
	*d = doubts{}
	return true
}

// text doubts a telegram of which n bytes are others than the meter always sends.
func (d *doubts) text(raw []byte, n int) string {
	if d.convinced(raw) {
		return ""
	}
	return fmt.Sprintf("%d bytes differ from what this meter always sends", n)
}

// withoutDoubted returns a telegram of a shape with its doubted lines as they were last.
// It writes into the memory of b.
func withoutDoubted(b []byte, list []record.Doubt, raw []byte, shape *expect.Shape) []byte {
	b = append(b[:0], raw...)
	line, doubted := 0, false
	eachLine(raw, func(at span) {
		line++
		if raw[at.start] != '(' { // else it goes on with the values of the one above
			doubted = slices.ContainsFunc(list, func(d record.Doubt) bool { return d.Line == line })
		}
		if doubted {
			copy(b[at.start:at.end], shape.Text[at.start:at.end])
		}
	})
	return b
}

// staleFields lists the fields of which another text says something else.
func staleFields(shape *expect.Shape, raw, clean []byte) (list []int) {
	for k := range shape.Fields {
		if f := &shape.Fields[k]; !bytes.Equal(f.Of(raw), f.Of(clean)) {
			list = append(list, k)
		}
	}
	return list
}
