package repair

import (
	"slices"

	"p1/pkg/expect"
	"p1/pkg/record"
)

// neighbour is a known telegram near one that is not.
type neighbour struct {
	shape *expect.Shape
	seen  *expect.Observed
}

// batch is what is decided together: a list of records, and the known telegram
// behind it, or nil.
type batch struct {
	list []entry
	next *neighbour
}

// decideAll decides about the open telegrams of a list and returns it, with
// fewer or more records where some had to be cut anew. A second look is taken
// at those that were refused, since others between them and the known ones may
// have become known.
func (f *Fixer) decideAll(list []entry, next *neighbour) []entry {
	b := &batch{list, next}
	f.look(b)
	if b.strange() && f.bootstrap(b.list) {
		f.look(b)
	}
	f.recut(b)
	for i := range b.list {
		e := &b.list[i]
		if e.open && e.shape == nil {
			f.refuse(b, i)
		}
		e.explain(f.options.Explain)
	}
	return b.list
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

// strange reports whether so many telegrams were refused in a row that the meter
// may send what is not known yet.
func (b *batch) strange() bool {
	const many = 8
	run, most, of := 0, 0, 0
	for _, e := range b.list {
		switch {
		case !e.open:
			continue
		case e.shape == nil:
			run++
		default:
			run = 0
		}
		of++
		most = max(most, run)
	}
	return most >= many || most == of && of >= fewWitnesses
}

// look decides about the open telegrams that are not known yet, twice where
// that may help.
func (f *Fixer) look(b *batch) {
	for range 2 {
		before := b.refused()
		for i := range b.list {
			if e := &b.list[i]; e.open && e.shape == nil {
				f.decide(b, i)
			}
		}
		if after := b.refused(); after == 0 || after == before {
			return
		}
	}
}

// context returns what is known around entry i of telegrams of a shape.
func (b *batch) context(i int, k *known, shape *expect.Shape) expect.Context {
	c := expect.Context{Seq: b.list[i].seq, Prev: k.prev[shape]}
	if b.next != nil && b.next.shape == shape {
		c.Next = b.next.seen
	}
	for j := i - 1; j >= 0; j-- {
		if b.list[j].shape == shape {
			c.Prev = b.list[j].seen
			break
		}
	}
	for j := i + 1; j < len(b.list); j++ {
		if b.list[j].shape == shape {
			c.Next = b.list[j].seen
			break
		}
	}
	return c
}

// decide repairs entry i if it can, and keeps what was found in about.
func (f *Fixer) decide(b *batch, i int) {
	e := &b.list[i]
	t := e.record.(*record.Telegram)
	if t.CRC == record.CRCNone {
		e.about = outcome{why: unprotected}
		return
	}
	received, logger := f.unlogged(t)
	if e.about = f.best(b, i, received); e.about.why != "" {
		return
	}
	line := e.about.fixed.edits
	if len(logger) > 0 {
		e.about.fixed.edits = record.Compose(logger, line)
		if e.about = f.sure(e.about, t.Raw); e.about.why != "" {
			return
		}
	}
	accept(t, e.about)
	k := f.use(t.Raw)
	e.shape = k.learn(t.Raw, line, e.seq)
	e.seen = e.shape.Observe(t.Raw, e.seq)
}

func accept(t *record.Telegram, o outcome) {
	t.Status, t.CRC, t.Why = record.Repaired, record.CRCARC, ""
	t.Raw, t.Edits, t.Confidence = o.fixed.raw, o.fixed.edits, o.confidence
}

// best decodes what was received as entry i by every shape that is known, until
// one explains it.
func (f *Fixer) best(b *batch, i int, received []byte) outcome {
	o := outcome{why: unknown}
	for _, k := range f.senders(received) {
		for _, shape := range slices.Clone(k.meter.Shapes()) {
			this := f.decode(k, received, shape, b.context(i, k, shape))
			if this.why == "" {
				k.decoder.explained++
				return this
			}
			if o.why == unknown || o.why == tooDamaged {
				o = this
			}
		}
		if o.exhausted && o.why == noCandidate {
			k.decoder.unexplained++
		}
	}
	return o
}

// decode decodes received bytes by one shape; what it finds can be undone, and
// is sure enough.
func (f *Fixer) decode(k *known, received []byte, shape *expect.Shape, c expect.Context) outcome {
	o := f.sure(k.decoder.decode(received, shape, c), received)
	if o.why != "" {
		if slip := f.sure(k.decoder.unslip(received, shape, c), received); slip.why == "" {
			return slip
		}
	}
	return o
}

// sure refuses what is not sure enough, or would lose bytes.
func (f *Fixer) sure(o outcome, received []byte) outcome {
	switch {
	case o.fixed == nil:
		return o
	case o.confidence < f.options.MinConfidence:
		o.why = ambiguous
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
	t.Status, t.Why = record.Lost, string(e.about.why)
	if t.CRC == record.CRCUnknown && f.anyHere() {
		t.CRC = record.CRCARC // it holds in this stream after all
	}
	f.salvage(b, i)
}
