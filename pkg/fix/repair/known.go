package repair

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"p1/pkg/align"
	"p1/pkg/crc"
	"p1/pkg/fix/expect"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// known is what has been learned of one meter and of the line that it is read
// over.
type known struct {
	header, id []byte // its header line, and the line that names it
	here       bool   // it has sent in this stream

	meter   expect.Meter
	decoder *decoder
	prev    map[*expect.Shape]*expect.Observed // the last known telegram of each shape
	doubts  doubts
	others  int // telegrams in a row whose CRC holds by another kind than the meter's
}

// maxMeters is how many meters are remembered.
const maxMeters = 16

// find returns what is known of the meter that sent a valid telegram, or nil.
func (f *Fixer) find(raw []byte) *known {
	return f.named(f.names.Identity(raw))
}

// named returns what is known of the meter with a name, or nil.
func (f *Fixer) named(header, id []byte) *known {
	for _, k := range f.meters {
		if bytes.Equal(k.header, header) && bytes.Equal(k.id, id) {
			return k
		}
	}
	return nil
}

// use returns what is known of the meter that sent a valid telegram, with a CRC of
// this kind; it is the one that sends now.
func (f *Fixer) use(raw []byte, kind crc.Kind) *known {
	k := f.find(raw)
	if k == nil {
		k = f.meet(raw, kind)
	}
	f.turnTo(k, raw, kind)
	return k
}

// meet begins to know the meter that sent a valid telegram.
func (f *Fixer) meet(raw []byte, kind crc.Kind) *known {
	k := f.newKnown(raw, kind)
	f.meters = append(f.meters[:min(len(f.meters), maxMeters-1)], k)
	return k
}

// newKnown returns what is known of the meter that sent a telegram before any is learned from.
func (f *Fixer) newKnown(raw []byte, kind crc.Kind) *known {
	header, id := f.names.Identity(raw)
	return &known{
		header: bytes.Clone(header), id: bytes.Clone(id),
		decoder: newDecoder(kind, f.logs.printable(false), f.options.Explain), prev: map[*expect.Shape]*expect.Observed{},
	}
}

// turnTo makes a meter the one that sends now, by a valid telegram of it.
func (f *Fixer) turnTo(k *known, raw []byte, kind crc.Kind) {
	k.here = true
	k.decoder.setKind(kind)
	k.decoder.reader.crc.learn(raw)
	for i := range f.meters {
		if f.meters[i] == k {
			copy(f.meters[1:i+1], f.meters[:i])
			f.meters[0] = k
		}
	}
}

// senders lists the meters that may have sent a damaged telegram: the one that it
// names, else those that have sent in this stream, else all; but for those whose name is
// another one, if not all are.
func (f *Fixer) senders(raw []byte) []*known {
	if len(f.meters) <= 1 {
		return f.meters
	}
	header, id := f.names.Identity(raw)
	if k := f.named(header, id); k != nil {
		return []*known{k}
	}
	list := f.meters
	n := 0
	for n < len(f.meters) && f.meters[n].here {
		n++
	}
	if n > 0 {
		list = f.meters[:n]
	}
	var may []*known
	nearest, least := list[0], len(raw)
	for _, k := range list {
		n := otherDigits(k.header, header) + otherDigits(k.id, id)
		if n < least {
			nearest, least = k, n
		}
		if n <= likeNames {
			may = append(may, k)
		}
	}
	if may == nil {
		return []*known{nearest} // its lines may be such ones
	}
	return may
}

// likeNames is how many digits of a name the line may have made others: two meters of one
// maker differ in more of them, most often.
const likeNames = 8

// otherDigits counts the digits of a line in the place of which another one was received.
// Where it has another length it is so damaged that nothing is said.
func otherDigits(line, received []byte) (n int) {
	if len(line) != len(received) {
		return 0
	}
	for i := align.NextChange(line, received, 0); i < len(line); i = align.NextChange(line, received, i+1) {
		if telegram.IsDigit(line[i]) && telegram.IsDigit(received[i]) {
			n++
		}
	}
	return n
}

// kinds lists the kinds of CRC that a telegram of this stream may have: those that are
// believed, or all where none is.
func (f *Fixer) kinds() []crc.Kind {
	if list := f.believed(); list != nil {
		return list
	}
	return crc.Kinds()
}

// believed lists the kinds of CRC that this stream is known to have: those of the meters
// that have sent in it, else that of the logger's telegrams.
func (f *Fixer) believed() (list []crc.Kind) {
	for _, k := range f.meters {
		if k.here && !slices.Contains(list, k.decoder.kind) {
			list = append(list, k.decoder.kind)
		}
	}
	if kind, ok := f.logs.finder.Kind(); ok && list == nil {
		list = append(list, kind)
	}
	return list
}

// believes reports whether one telegram whose CRC holds by a kind does not do so by
// accident, as one of 65,536 does: that is the kind of the stream, or of the meter that the
// telegram names, or ARC, which the standard prescribes, where no other is believed.
func (f *Fixer) believes(kind crc.Kind, raw []byte) bool {
	if k := f.find(raw); k != nil && k.decoder.kind == kind {
		return true
	}
	list := f.believed()
	return slices.Contains(list, kind) || list == nil && kind == crc.ARC
}

// anyHere reports whether a meter is known that has sent in this stream.
func (f *Fixer) anyHere() bool { return len(f.meters) > 0 && f.meters[0].here }

// leave forgets what belongs to one stream alone: another log of the same meter
// may be an older one.
func (k *known) leave() {
	k.here = false
	clear(k.prev)
	k.meter.Break()
}

// resume takes up what the meter said long ago, where the stream is known to come
// after it: its registers have not fallen since.
func (k *known) resume() {
	for _, shape := range k.meter.Shapes() {
		k.keep(shape, shape.Last())
	}
}

// keep takes a telegram for the last known one of its shape.
func (k *known) keep(shape *expect.Shape, o *expect.Observed) {
	if k.prev[shape] == nil {
		k.prev[shape] = &expect.Observed{}
	}
	k.prev[shape].Set(o)
}

// suspect returns why the telegram that is looked at is not to be believed although its CRC
// holds.
func (f *Fixer) suspect() string {
	s := &f.seen
	if s.k != nil {
		if why := s.k.otherKind(s.kind); why != "" {
			return why
		}
		if s.shape != nil {
			s.k.doubts = doubts{}
			return ""
		}
	} else if f.contradicted(s.raw) && !f.doubts.convinced(s.raw) {
		return "no meter sends such text, and the damaged telegrams around it have another"
	}
	header, id := f.names.Identity(s.raw)
	for _, k := range f.meters {
		if !bytes.Equal(k.header, header) && !bytes.Equal(k.id, id) {
			continue // its name stands in two places, and both name another meter
		}
		if why := k.strange(s, k != s.k); why != "" {
			return why
		}
	}
	return ""
}

// otherKind doubts a telegram whose CRC holds by another kind than the meter's so
// far: that is an accident, until several in a row do so.
func (k *known) otherKind(kind crc.Kind) string {
	if kind == k.decoder.kind || kind.SamePolynomial(k.decoder.kind) { // of a learned one, start value and final XOR are found later
		k.others = 0
		return ""
	}
	if k.others++; k.others < convincing {
		return fmt.Sprintf("its CRC holds by %s, and those of this meter by %s", kind.Name(), k.decoder.kind.Name())
	}
	k.others = 0
	return ""
}

// tells reports whether the values of one shape's telegrams say what those of
// another one's may be.
func (k *known) tells(one, other *expect.Shape) bool {
	return one == other || one != nil && slices.Contains(k.meter.Shapes(), one) && one.SameFields(other)
}

// last returns the values of the last known telegram before those that are held
// back, whose fields are those of a shape; nil where there is none.
func (k *known) last(shape *expect.Shape) *expect.Observed {
	last := k.prev[shape]
	for s, o := range k.prev {
		if (last == nil || o.Seq > last.Seq) && s.SameFields(shape) {
			last = o
		}
	}
	return last
}

// strange doubts a telegram of a shape that is not known, where it is a known one
// but for a few bytes that a meter never changes; of a shape that has been seen a few times
// only, where it is no text that meters send. One that is named otherwise, and counts
// from somewhere else, is of a meter that has taken this one's place.
func (k *known) strange(seen *observation, named bool) string {
	const few = 8
	odd := telegram.Check(seen.raw) != nil
	for _, shape := range k.meter.Shapes() {
		n := shape.Stranger(seen.raw)
		longer := len(seen.raw) - len(shape.Text)
		switch odd := odd && telegram.Check(shape.Text) == nil; {
		case n > 0 && named && k.countsElsewhere(shape, seen):
		case (odd || shape.Established()) && n > 0 && n <= few:
			return k.doubts.text(seen.raw, n)
		case odd && longer != 0 && -few <= longer && longer <= few && !k.doubts.convinced(seen.raw):
			return "no meter sends such text, and this one has sent what differs in length by a few bytes"
		}
	}
	return ""
}

// countsElsewhere reports whether most registers of a telegram do not go on from where the
// meter's were.
func (k *known) countsElsewhere(shape *expect.Shape, seen *observation) bool {
	context := expect.Context{Seq: seen.seq, Prev: k.last(shape)}
	on, off := registers(shape, context, seen.raw, func(int) bool { return true })
	return off > on
}

// learn follows a telegram that is known, with the edits that led to it.
func (k *known) learn(raw []byte, edits []record.Edit, seq int64) *expect.Shape {
	shape := k.meter.Learn(raw, seq)
	k.note(shape, raw, edits)
	return shape
}

// note learns of the line from a telegram of a shape that is known by now.
func (k *known) note(shape *expect.Shape, raw []byte, edits []record.Edit) {
	k.decoder.observe(shape, raw, edits)
	k.forget()
}

// forget drops what is kept of shapes that the meter no longer knows.
func (k *known) forget() {
	if len(k.decoder.places) <= 2*len(k.meter.Shapes()) {
		return
	}
	forgotten := func(s *expect.Shape) bool { return !slices.Contains(k.meter.Shapes(), s) }
	maps.DeleteFunc(k.decoder.places, func(s *expect.Shape, _ *places) bool { return forgotten(s) })
	maps.DeleteFunc(k.prev, func(s *expect.Shape, _ *expect.Observed) bool { return forgotten(s) })
}
