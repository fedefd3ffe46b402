package repair

import (
	"math"

	"p1/pkg/align"
	"p1/pkg/fix/expect"
	"p1/pkg/record"
)

// wire is how the bytes of a text stand on the line where they are encrypted. Each stands at
// its place, as another one, so that a text is aligned and priced as if it came as it is; nil
// is a wire on which it does.
//
//	DB 08 S A G g p 05 8D 1C 82 04 1B 30 00 00 A3 F1   head, as it is expected
//	…                                                  text XOR mask
//	12 bytes                                           tag, which follows from all of the text
type wire struct {
	head []byte
	mask []byte // as long as the text
	tail int    // how many bytes of tag there are
	tag  func(text []byte) []byte
}

// on is what is sent for a byte of the text.
func (w *wire) on(at int, c byte) byte {
	if w == nil {
		return c
	}
	return c ^ w.mask[at]
}

// text is what was received of text[start:end] if each byte of it stands at its place.
func (w *wire) text(start, end int, received []byte) []byte {
	if w == nil {
		return received
	}
	text := make([]byte, min(len(received), end-start))
	for i := range text {
		text[i] = received[i] ^ w.mask[start+i]
	}
	return text
}

// tagged reports whether a tag tells what was sent.
func (w *wire) tagged() bool { return w != nil && w.tag != nil }

// match holds what was received against what is expected on the wire. Of a text that comes as
// it is, what is missing of its fill is no part of that. There are no ops where they differ too
// much.
func (w *wire) match(shape *expect.Shape, received []byte) (shortened, []align.Op) {
	short := w.shorten(shape, received)
	n, may := w.expected(shape, short, received)
	return short, align.Bytes(n, len(received), may)
}

// roughly pairs what is expected with what was received where too many bytes differ to align them.
func (w *wire) roughly(shape *expect.Shape, short shortened, received []byte) []align.Op {
	n, may := w.expected(shape, short, received)
	return roughly(n, len(received), may)
}

func (w *wire) shorten(shape *expect.Shape, received []byte) shortened {
	if w != nil {
		return shortened{text: shape.Text, from: len(shape.Text)}
	}
	return shorten(shape, received)
}

// expected is how many bytes are, and whether received byte j may be byte i of them.
func (w *wire) expected(shape *expect.Shape, short shortened, received []byte) (n int, may func(i, j int) bool) {
	if w == nil {
		return len(short.text), func(i, j int) bool { return mayBe(shape, short.origin(i), received[j]) }
	}
	from, end := len(w.head), len(w.head)+len(w.mask)
	return end + w.tail, func(i, j int) bool {
		switch {
		case i < from:
			return w.head[i] == received[j]
		case i < end:
			return mayBe(shape, i-from, received[j]^w.mask[i-from])
		}
		return true // the tag
	}
}

// unwrap returns those of the ops, and what was received, that are of the text.
func (r *reader) unwrap(w *wire, ops []align.Op, received []byte) ([]align.Op, []byte) {
	if r.wire = w; w == nil {
		return ops, received
	}
	from, at := w.pass(ops, 0, len(w.head))
	n, end := w.pass(ops[from:], at, len(w.mask))
	r.tail, r.rest = received[end:], received[at:]
	return ops[from : from+n], received[at:end]
}

// pass returns how many ops go over n expected bytes, and how far in what was received, from at on.
func (*wire) pass(ops []align.Op, at, n int) (count, end int) {
	for n > 0 && count < len(ops) {
		if ops[count] != align.Added {
			n--
		}
		if ops[count] != align.Lost {
			at++
		}
		count++
	}
	return count, at
}

// tagBytes is how many bytes a tag has.
const tagBytes = 12

// mostTags is how many telegrams are held against a tag where nothing else tells.
const mostTags = 3000

// verifies reports whether the tag is that of a combination of values; a CRC that cannot be read is
// made that of the text.
func (d *decoder) verifies(columns []column, chosen []choice, shape *expect.Shape) bool {
	text := compose(shape, columns, chosen)
	if !d.reader.anyCRC {
		return d.hasTag(text)
	}
	start, end := digitsOf(shape)
	if !d.reader.crc.write(text[start:end], d.kind.Sum(text[:shape.Bang+1])) || !d.hasTag(text) {
		return false
	}
	copy(columns[len(columns)-1].values[0].text[:], text[start:end])
	return true
}

// How many bytes of a tag must have come as they should: at their places, wherever bytes of it were
// lost or added, and where no CRC has narrowed down what is held against it. Of the few telegrams
// that satisfy a CRC and are not what was sent one in ten million has so many.
const (
	inPlace, anywhere, alone = 4, 6, 8
)

// hasTag reports whether what was received behind the text is the tag of this one.
func (d *decoder) hasTag(text []byte) bool {
	r := &d.reader
	tag := r.wire.tag(text)
	front, back := 0, 0
	for i := range min(len(tag), len(r.tail)) {
		if tag[i] == r.tail[i] {
			front++
		}
		if tag[len(tag)-1-i] == r.tail[len(r.tail)-1-i] {
			back++
		}
	}
	same := 0
	for _, o := range align.Bytes(len(tag), len(r.tail), func(i, j int) bool { return tag[i] == r.tail[j] }) {
		if o == align.Same {
			same++
		}
	}
	switch {
	case r.anyCRC:
		return same >= alone
	case max(front, back) >= inPlace, same >= anywhere:
		return true
	}
	return d.slippedTag(tag)
}

// sent is what was sent on the wire for a text, as far as it is known.
func (w *wire) sent(text []byte) []byte {
	line := append(make([]byte, 0, len(w.head)+len(text)+w.tail), w.head...)
	for i, c := range text {
		line = append(line, c^w.mask[i])
	}
	if w.tag != nil {
		line = append(line, w.tag(text)...)
	}
	return line
}

// edits lists how what was received differs from what was sent on the wire for a text.
func (w *wire) edits(text, received []byte) []record.Edit {
	line := w.sent(text)
	n := len(line)
	if w.tag == nil {
		n += w.tail
	}
	ops := align.Bytes(n, len(received), func(i, j int) bool { return i >= len(line) || line[i] == received[j] })
	if ops == nil {
		return nil
	}
	known, end := w.pass(ops, 0, len(line))
	list := edits(ops[:known], line, shortened{text: line, from: len(line)}, received[:end])
	for i := range list {
		list[i].At -= len(w.head)
	}
	return list
}

// tagDoubt is −ln of the share of what is received by accident that a receiver out of step may have
// made of a tag.
const tagDoubt = 40

// slippedTag reports whether what was received behind the text is what a receiver makes of its tag
// that is out of step, or was a little before.
func (d *decoder) slippedTag(tag []byte) bool {
	t, r := &d.trellis, &d.reader
	if !t.behind {
		n := len(r.shape.Text)
		s := stretch{text: span{max(0, n-early), n}}
		s.got = span{r.reached[s.text.start], r.reached[n]}
		t.lay(d, &s, shortened{text: r.shape.Text, from: n}, r.rest)
		t.slips = true
		if math.IsInf(t.forward(), 1) {
			t.behind = false
			return false
		}
	}
	ends := t.fore[len(t.places)]
	without := -math.Log(t.end(ends))
	with := d.atTag.after(t, ends, tag)
	return with-without < float64(min(len(tag), len(r.tail)))*math.Log(256)-tagDoubt
}

// after is −ln of how likely what is left of what was received is if that was sent after a stretch
// that has led to these nodes, and then the line paused.
func (t *trellis) after(s *trellis, ends []node, sent []byte) float64 {
	fore, slot, places := t.fore, t.slot, t.places[:0]
	*t = *s
	t.fore, t.slot, t.places = fore, slot, places
	t.slips, t.last, t.behind = true, true, false
	end := s.origin(len(s.places) - 1)
	t.origin = func(int) int { return end }
	for i := range sent {
		t.places = append(t.places, sent[i:i+1])
	}
	first := ends[0].j
	for _, n := range ends {
		first = min(first, n.j)
	}
	t.got = s.got[first:]
	t.start = t.start[:0]
	for _, n := range ends {
		t.start = append(t.start, node{n.state, n.j - first, n.w})
	}
	return t.forward()
}
