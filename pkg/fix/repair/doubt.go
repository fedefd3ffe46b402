package repair

import (
	"fmt"

	"p1/pkg/fix/expect"
)

// doubts watches telegrams whose CRC holds although their content contradicts
// what is known of the meter. One damaged telegram in 65,536 has such a CRC by
// accident; but meters are replaced and clocks set, too, and then what follows
// agrees with the first of them.
type doubts struct {
	shape *expect.Shape
	last  expect.Observed // the last suspect telegram
	run   int             // how many in a row agree with each other
}

// convincing is how many telegrams in a row must agree with each other to be
// believed against what was known before.
const convincing = 3

// look returns why a telegram is suspect, or "" where it is not. It keeps a copy of
// its values.
func (d *doubts) look(shape *expect.Shape, prev, now *expect.Observed) string {
	why := ""
	if prev != nil {
		why = shape.Contradiction(prev, now)
	}
	if why == "" {
		*d = doubts{}
		return ""
	}
	if d.shape == shape && d.last.Values != nil && shape.Contradiction(&d.last, now) == "" {
		d.run++
	} else {
		d.run = 1
	}
	d.shape = shape
	d.last.Set(now)
	if d.run >= convincing {
		*d = doubts{}
		return ""
	}
	return why
}

// text doubts a telegram of which n bytes are others than the meter always sends.
func (d *doubts) text(raw []byte, n int) string {
	if d.shape != nil && d.shape.Fits(raw) {
		d.run++
	} else {
		*d = doubts{shape: expect.NewShape(raw), run: 1}
	}
	if d.run >= convincing {
		*d = doubts{}
		return ""
	}
	return fmt.Sprintf("%d bytes differ from what this meter always sends", n)
}
