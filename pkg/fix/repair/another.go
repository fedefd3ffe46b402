package repair

import (
	"bytes"

	"p1/pkg/align"
	"p1/pkg/fix/expect"
	"p1/pkg/telegram"
)

// Two meters of one kind send the same lines, of which the names are others. Read as one of the
// other meter, a telegram has a dozen hits, all of them digits that came as other digits, and
// registers that have jumped. One of some thousands satisfies the CRC with one value more that is
// wrong; and then all do that come after it, with the same value wrong, since what is other in the
// text is the same in each of them:
//
//	known     /SIM5\2DM500-2491 … 0-0:96.1.1(4530303737303133353436303331393533)
//	received  /SIM5\2DM500-9932 … 0-0:96.1.1(4530303737393039373235363138323635)

// candidates lists the shapes that what was received as entry i may have: those of the meters that
// may have sent it.
func (f *Fixer) candidates(b *batch, i int, received []byte) (list []contender) {
	header, id := f.names.Identity(received)
	for _, k := range f.senders(received) {
		named := bytes.Equal(k.header, header) && bytes.Equal(k.id, id)
		for _, shape := range k.meter.Shapes() {
			c := contender{k: k, shape: shape, context: b.context(i, k, shape)}
			if named || !otherLines(shape, received) && !c.another(received) {
				list = append(list, c)
			}
		}
	}
	return list
}

// otherLines reports whether most of the lines that can be read in a telegram are none of a
// shape: it is of a meter of another kind. Read as one of this kind all of it would be damaged, and
// it takes a hundred times as long to find that nothing explains that.
func otherLines(shape *expect.Shape, received []byte) bool {
	const few = 3
	own, others := 0, 0
	eachLine(received, func(at span) {
		n := telegram.CodeLen(received[at.start:at.end])
		switch {
		case n == 0 || at.start == 0:
		case bytes.Contains(shape.Text, received[at.start-1:at.start+n+len("(")]): // with the line end before it
			own++
		default:
			others++
		}
	})
	return others > max(own, few)
}

// another reports whether a telegram is of another meter than the one of the shape: of the text
// that this one never changes several digits are others, and most registers do not go on from
// where this one's were. Where nobody knows that, more of these digits must be others than damaged
// in another way, as a line damages them.
func (c *contender) another(received []byte) bool {
	const several = 2
	d := c.digits(received)
	if d == nil || d.others < several {
		return false
	}
	on, off := registers(c.shape, c.context, d.raw, func(field int) bool { return !d.hit[field] })
	return off > on || off == on && d.others > d.damaged
}

// digits is how the digits of a telegram were received.
type digits struct {
	raw             []byte // the text of the shape, with what was received of its fields
	hit             []bool // fields of which something was received otherwise
	others, damaged int    // how many of the text that never changes were received as other digits, and otherwise
}

// digits holds what was received against the shape; nil where too much is other.
func (c *contender) digits(received []byte) *digits {
	short, ops := match(c.shape, received)
	if ops == nil {
		return nil
	}
	d := &digits{raw: bytes.Clone(c.shape.Text), hit: make([]bool, len(c.shape.Fields))}
	i, j := 0, 0
	for _, o := range ops {
		if o == align.Added {
			j++
			continue
		}
		at := short.origin(i)
		switch field := c.shape.FieldAt[at]; {
		case o == align.Same:
			d.raw[at] = received[j]
		case field >= 0:
			d.hit[field] = true
		case at > c.shape.Bang || !telegram.IsDigit(d.raw[at]):
		case o == align.Other && telegram.IsDigit(received[j]):
			d.others++
		default:
			d.damaged++
		}
		i++
		if o != align.Lost {
			j++
		}
	}
	return d
}

// registers counts those of a telegram that go on from what is known around it, but for those that
// say 0, and those that do not.
func registers(shape *expect.Shape, c expect.Context, raw []byte, counts func(field int) bool) (on, off int) {
	const surprise = 20 // -ln of a chance of one in 500 million
	if c.Prev == nil && c.Next == nil {
		return 0, 0
	}
	for i := range shape.Fields {
		f := &shape.Fields[i]
		if f.Kind != expect.Register || !counts(i) {
			continue
		}
		v, _ := f.Value(f.Of(raw))
		prior := shape.Prior(i, c)
		switch {
		case prior.Cost(v) > surprise:
			off++
		case v != 0:
			on++
		}
	}
	return on, off
}
