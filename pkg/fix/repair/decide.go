package repair

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"p1/pkg/align"
	"p1/pkg/channel"
	"p1/pkg/crc"
	"p1/pkg/fix/expect"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// neighbour is a known telegram near one that is not.
type neighbour struct {
	shape *expect.Shape
	seen  *expect.Observed
}

// batch is what is decided together: a list of records, and the known telegram
// after it, or nil.
type batch struct {
	list  []entry
	next  *neighbour
	more  bool // some of the list have become known since the look began
	trial bool // some of the list are pieces that records were cut into, on trial
	alien bool // p1frame has found that no known CRC holds in the stream
}

// decideAll decides about the open telegrams of a list and returns it, with
// fewer or more records where some had to be cut anew: by what is known of meters,
// then by what those agree on that are like none of them, then by what dialects
// prescribe. That comes last, whatever meter was read before: it takes twenty times as
// long as the others, and knows less. The rest is what has come after the list, and
// waits.
func (f *Fixer) decideAll(list []entry, next *neighbour, rest []entry) []entry {
	b := &batch{list: list, next: next}
	b.alien = f.alien(b)
	if len(f.meters) == 0 {
		f.learnFrom(list, rest)
	}
	f.agree(b)
	f.look(b, f.decide)
	for b.strange(f.witnesses.run) && f.learnFrom(list) {
		f.agree(b)
		f.look(b, f.decide)
	}
	f.look(b, f.decideStranger)
	f.recut(b)
	f.reframe(b)
	f.spreadUnknown(b)
	for i := range b.list {
		e := &b.list[i]
		if e.open && e.shape == nil {
			f.refuse(b, i)
		}
		e.explain(f.options.Explain)
	}
	return b.list
}

// alien reports whether p1frame has found in a list that no known CRC holds in the stream.
func (f *Fixer) alien(b *batch) bool {
	return !f.anyHere() && b.next == nil && slices.ContainsFunc(b.list, func(e entry) bool {
		t, ok := e.record.(*record.Telegram)
		return ok && t.CRC == record.CRCUnknown && !e.framed()
	})
}

// spreadUnknown marks the whole telegrams from before p1frame found that no known
// CRC holds in their stream as those after them are.
func (f *Fixer) spreadUnknown(b *batch) {
	if !f.alien(b) {
		return
	}
	for i := range b.list {
		e := &b.list[i]
		if t, ok := e.record.(*record.Telegram); ok && e.open && e.shape == nil && !e.framed() && t.CRCSent != "" && telegram.Check(t.Raw) == nil {
			t.CRC = record.CRCUnknown
		}
	}
}

// refused counts the open telegrams that were refused.
func (b *batch) refused() int {
	n := 0
	for _, e := range b.list {
		if e.open && e.shape == nil {
			n++
		}
	}
	return n
}

// strange reports whether so many telegrams were refused in a row, with those before the
// list, that the meter may send what is not known yet.
func (b *batch) strange(run streak) bool {
	const many = 8
	most, of := run.n, run.n
	for _, e := range b.list {
		switch {
		case !e.open:
			continue
		case e.shape == nil:
			run.refuse(e.about.why)
		default:
			run.use(false)
		}
		of++
		most = max(most, run.n)
	}
	return most >= many || most == of && of >= fewWitnesses
}

// look decides about the open telegrams that are not known yet, and a second time
// about those that were refused where others have become known: those between them and
// known ones tell more of them.
func (f *Fixer) look(b *batch, decide func(b *batch, i int)) {
	b.more = false
	for range 2 {
		before := b.refused()
		for i := range b.list {
			if e := &b.list[i]; e.open && e.shape == nil {
				decide(b, i)
			}
		}
		if after := b.refused(); after == 0 || after == before {
			return
		}
	}
}

// context returns what is known around entry i of telegrams whose fields are those
// of a shape.
func (b *batch) context(i int, k *known, shape *expect.Shape) expect.Context {
	c := expect.Context{Seq: b.list[i].seq, Prev: k.last(shape)}
	if b.next != nil && k.tells(b.next.shape, shape) {
		c.Next = b.next.seen
	}
	for j := i - 1; j >= 0; j-- {
		if seen := b.list[j].tells(k, shape); seen != nil {
			c.Prev = seen
			break
		}
	}
	for j := i + 1; j < len(b.list); j++ {
		if seen := b.list[j].tells(k, shape); seen != nil {
			c.Next = seen
			break
		}
	}
	return c
}

// tells returns the values of a telegram, where they are known and say what those of
// another one of this shape may be; else nil.
func (e *entry) tells(k *known, shape *expect.Shape) *expect.Observed {
	switch {
	case k.tells(e.shape, shape):
		return e.seen
	case e.told != nil && k.tells(e.told.shape, shape):
		return e.told.seen
	}
	return nil
}

// decide repairs entry i if it can by what is known of meters, and keeps what was found in about.
func (f *Fixer) decide(b *batch, i int) { f.decideBy(b, i, f.best) }

// reading finds what was sent where this was received as entry i.
type reading func(b *batch, i int, received []byte) outcome

// decideBy repairs entry i if it can, and keeps what was found in about.
func (f *Fixer) decideBy(b *batch, i int, by reading) {
	e := &b.list[i]
	t := e.record.(*record.Telegram)
	if t.CRC == record.CRCNone {
		e.about = outcome{why: unprotected}
		return
	}
	e.couple = f.couples.of(e.couple)
	line, ok := f.explainReceived(b, i, by)
	if both := e.couple; !ok && both != nil && both.Doubt > doubtful {
		first := e.about
		e.couple = nil
		if line, ok = f.explainReceived(b, i, by); !ok {
			e.couple, e.about = both, first
		}
	}
	if !ok {
		return
	}
	accept(t, e.about.kind, e.about)
	b.more = true
	k := f.use(t.Raw, e.about.kind)
	line = e.about.inStep(line)
	raw, stale := t.Raw, []int(nil)
	values := f.judge.Read(raw)
	if shape := k.meter.Find(raw); shape != nil && values.Look(t) {
		raw = withoutDoubted(nil, values.Doubted(), raw, shape)
		stale = staleFields(shape, t.Raw, raw)
	}
	news := k.meter.Find(raw) == nil
	e.shape = k.meter.Learn(raw, e.seq)
	if e.framed() {
		k.decoder.observeFrame(e.shape, raw, line)
		k.forget()
	} else {
		k.note(e.shape, raw, line)
	}
	if e.couple != nil {
		f.couples.use(e.couple.Number)
		k.decoder.heard(t.Raw, e.couple.Match.Raw)
	}
	if news && e.about.prescribed {
		k.decoder.placesOf(e.shape).doubt = 1 - e.about.confidence
	}
	e.seen = e.shape.Observe(raw, e.seq)
	e.seen.Stale = stale
}

// explainReceived looks for what was received as entry i, and lists what the line did to it.
func (f *Fixer) explainReceived(b *batch, i int, by reading) (line []record.Edit, ok bool) {
	e := &b.list[i]
	t := e.record.(*record.Telegram)
	if e.framed() {
		return f.openFrame(b, i)
	}
	logger := f.weigh(b, i, by)
	if e.about.why != "" {
		return nil, false
	}
	line = e.about.fixed.edits
	switch {
	case e.couple != nil:
		line = e.editsFrom(t.Raw, e.about.shape, e.about.fixed, logger)
		e.about.fixed.edits = line
	case len(logger) > 0:
		e.about.fixed.edits = record.Compose(logger, line)
	default:
		return line, true
	}
	e.about = f.sure(e.about, t.Raw)
	return line, e.about.why == ""
}

// doubtful is from where on a telegram that cannot be repaired with the second capture is looked
// at without it: that may have another one.
const doubtful = 1e-5

// weigh looks for what entry i was, and keeps what was found in about. It returns what the logger
// has done.
func (f *Fixer) weigh(b *batch, i int, by reading) (logger []record.Edit) {
	e := &b.list[i]
	received, logger := f.unlogged(e)
	e.about = by(b, i, received)
	if e.couple != nil && e.about.why == "" {
		e.about.confidence *= 1 - e.couple.Doubt
		e.about = f.sure(e.about, received)
	}
	return logger
}

// inStep are those of the edits that were no matter of a receiver out of step.
func (o *outcome) inStep(list []record.Edit) []record.Edit {
	if len(o.out) == 0 {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(e record.Edit) bool {
		return slices.ContainsFunc(o.out, func(s span) bool { return s.start <= e.At && e.At < s.end })
	})
}

func accept(t *record.Telegram, kind crc.Kind, o outcome) {
	t.Status, t.CRC, t.Why = record.Repaired, kind.Name(), ""
	t.Raw, t.Edits, t.Confidence = o.fixed.raw, o.fixed.edits, o.confidence
	t.Masked = channel.Masked(kind, t.Raw)
}

// contender is a shape that a received telegram may have.
type contender struct {
	k       *known
	shape   *expect.Shape
	context expect.Context
	wire    *wire // that it came over
	counter uint32
	ops     int // differences
	outcome
}

// contenders lists the shapes that are not far more different from what was
// received than the nearest one.
func (f *Fixer) contenders(b *batch, i int, received []byte) []contender {
	return nearest(f.candidates(b, i, received), received)
}

// nearest are those of a list that are not far more different from what was received than the
// nearest one.
func nearest(list []contender, received []byte) []contender {
	if len(list) <= 1 {
		return list
	}
	least := align.Max + 1
	for n := range list {
		list[n].ops = list[n].wire.differences(list[n].shape, received)
		least = min(least, list[n].ops)
	}
	const far = 6
	return slices.DeleteFunc(list, func(c contender) bool { return c.ops > least+far })
}

// best decodes what was received as entry i by each shape that it may have. Of two
// that explain it, the likelier one counts, and the other one is held against it.
func (f *Fixer) best(b *batch, i int, received []byte) outcome {
	return f.bestOf(f.contenders(b, i, received), &b.list[i], received)
}

// bestOf is best of a list of shapes.
func (f *Fixer) bestOf(list []contender, e *entry, received []byte) outcome {
	o := outcome{why: unknown}
	best := -1
	for n := range list {
		c := &list[n]
		c.outcome = f.decodeEntry(e, received, c)
		switch {
		case c.fixed != nil && (best < 0 || c.cost+rarity(c.shape) < list[best].cost+rarity(list[best].shape)):
			best = n
		case c.fixed == nil && (o.why == unknown || o.why == tooDamaged):
			o = c.outcome
		}
	}
	if best < 0 {
		if o.exhausted && o.why == noCandidate {
			list[0].k.decoder.unexplained++
		}
		return o
	}
	o = list[best].outcome
	o.kind, o.shape = list[best].k.decoder.kind, list[best].shape
	if !o.wire.tagged() {
		o.confidence = math.Min(o.confidence*share(list, best), 1-f.luck(&list[best]))
	}
	if o = f.sure(o, received); o.why == "" {
		list[best].k.decoder.explained++
	}
	return o
}

// agree looks what damaged telegrams say of the text of a shape of which there was one
// valid telegram only.
func (f *Fixer) agree(b *batch) {
	for _, k := range f.meters {
		for shape, p := range k.decoder.places {
			if p.valid >= 2 || !k.here {
				continue
			}
			if v := f.hear(k, shape, p, b.list); v.confirms() {
				p.valid = 2
			} else {
				p.against = v.against
			}
		}
	}
}

// luck is how likely a shape is none, but that of a damaged telegram whose CRC
// held by accident: not at all once two valid telegrams had it, or damaged ones
// agree on its text. What is wrong in it is put into all others, else, and their
// CRC still holds.
func (f *Fixer) luck(c *contender) float64 {
	p := c.k.decoder.places[c.shape]
	switch {
	case p == nil || p.valid >= 2:
		return 0
	case p.doubt > 0:
		return p.doubt
	}
	return f.byLuck(c.shape.Text, p.against)
}

// share is the probability of one of the contenders among those that explain
// what was received as another telegram.
func share(list []contender, best int) float64 {
	b := &list[best]
	sum := 1.0
	for n := range list {
		if c := &list[n]; n != best && c.fixed != nil && !bytes.Equal(c.fixed.raw, b.fixed.raw) {
			sum += mass(c.cost + rarity(c.shape) - b.cost - rarity(b.shape))
		}
	}
	return 1 / sum
}

// rarity is the cost of a shape that has been seen a few times only: a damaged
// telegram whose CRC holds by accident is one, too.
func rarity(shape *expect.Shape) float64 {
	const usual = 1000 // telegrams
	return math.Log(usual / math.Min(float64(shape.Seen()), usual))
}

// decode decodes received bytes by one shape; what it finds can be undone, and
// is sure enough.
func (f *Fixer) decode(k *known, received []byte, shape *expect.Shape, c expect.Context) outcome {
	return f.sure(k.decoder.decode(received, shape, c), received)
}

// sure refuses what is not sure enough, or would lose bytes.
func (f *Fixer) sure(o outcome, received []byte) outcome {
	switch {
	case o.fixed == nil:
		return o
	case o.confidence < f.options.MinConfidence:
		o.why = ambiguous
	case o.wire != nil: // received keeps the bytes
	default:
		undone, err := record.Undo(o.fixed.raw, o.fixed.edits)
		if err != nil || string(undone) != string(received) {
			o.why = tooDamaged
		}
	}
	return o
}

// refuse gives up entry i as a whole; single lines of it may be trusted.
func (f *Fixer) refuse(b *batch, i int) {
	e := &b.list[i]
	t := e.record.(*record.Telegram)
	if e.framed() {
		t.Status, t.Why = record.Lost, e.whySealed()
		return
	}
	strange := e.about.why == unknown || e.about.why == tooDamaged
	if t.CRC == record.CRCUnknown {
		e.about.said = ""
	}
	switch {
	case t.CRC != record.CRCUnknown:
	case strange:
		e.about.why = unknownCRC
	case f.anyHere():
		t.CRC = f.meters[0].decoder.kind.Name() // it holds in this stream after all
	}
	t.Status, t.Why = record.Lost, string(cmp.Or(e.about.said, e.about.why))
	f.salvage(b, i)
}
