package repair

import (
	"bytes"

	"p1/pkg/channel"
	"p1/pkg/crc"
	"p1/pkg/record"
)

// logging follows what the loggers of the logs do.
type logging struct {
	finder channel.LoggerFinder // of this stream
	// last is what the logger of another stream did, or of an earlier run. This
	// one's may do the same; it does once a CRC says so.
	last   channel.Logger
	proven bool
	claim  claim
}

// claim is the telegram that holds, once undone, by a kind of CRC that is not believed.
type claim struct {
	kind crc.Kind
	raw  []byte // empty where there is none
	seq  int64
}

// oldClaim telegrams after it a claim is void: one of so many holds by its kind by accident
// once in 65 times.
const oldClaim = 1000

// confirmed reports whether a telegram with another text has held by the same kind; the
// telegram is the claim from now on.
func (l *logging) confirmed(kind crc.Kind, raw []byte, seq int64) bool {
	c := l.claim
	l.claim = claim{kind, bytes.Clone(raw), seq}
	return len(c.raw) > 0 && c.kind == kind && seq-c.seq < oldClaim && !bytes.Equal(c.raw, raw)
}

// enter begins another stream.
func (l *logging) enter() {
	if found, ok := l.finder.Found(); ok {
		l.last = found
	}
	l.finder, l.proven, l.claim = channel.LoggerFinder{}, false, claim{}
}

// known returns what the logger of this stream has done, as far as it is known.
func (l *logging) known() (channel.Logger, bool) {
	if found, ok := l.finder.Found(); ok {
		return found, true
	}
	return l.last, l.proven
}

// likely returns what it may have done.
func (l *logging) likely() channel.Logger {
	if found, ok := l.finder.Found(); ok {
		return found
	}
	return l.last
}

// printable reports whether the logger drops what is not printable, or, where
// nothing says so, leaves it at what was thought before.
func (l *logging) printable(before bool) bool {
	logger, known := l.known()
	_, filled := logger.Fill()
	return !l.finder.Unprintable() && (before || known && filled)
}

// undoings returns what the logger may have done to a telegram. What its lines alone say is
// believed as long as no other telegram of the stream has been right.
func (f *Fixer) undoings(raw []byte) []channel.Logger {
	list := []channel.Logger{f.logs.likely()}
	if _, known := f.logs.known(); !known && !f.anyHere() {
		list = append(list, channel.LineEnds(raw))
	}
	return list
}

// undone returns the first of what the logger may have done that makes the CRC of a telegram
// hold, and the telegram before that; false where there is none.
func (f *Fixer) undone(e entry) (l channel.Logger, r repaired, kind crc.Kind, ok bool) {
	received, seq := e.evidence(), e.seq
	for _, l := range f.undoings(received) {
		raw, edits := l.Undo(received)
		if len(edits) == 0 && e.couple == nil || !complete(raw) {
			continue
		}
		kind, ok := heldBy(raw, f.kinds()...)
		if ok && (f.believes(kind, raw) || f.logs.confirmed(kind, raw, seq)) {
			return l, repaired{raw, edits}, kind, true
		}
	}
	return l, r, kind, false
}

// unlog repairs a telegram with which nothing is wrong but what the logger has
// done to it.
func (f *Fixer) unlog(e entry) (done bool, err error) {
	t, confidence := e.record.(*record.Telegram), 1-accident
	if e.couple != nil {
		confidence = (1 - max(accident, f.couples.accidental())) * (1 - e.couple.Doubt)
	}
	if confidence < f.options.MinConfidence {
		return false, nil
	}
	logger, fixed, kind, ok := f.undone(e)
	if !ok {
		return false, nil
	}
	if _, found := f.logs.finder.Found(); !found && logger != (channel.Logger{}) {
		f.logs.last, f.logs.proven = logger, true
	}
	raw, edits := fixed.raw, fixed.edits
	if e.couple != nil {
		f.couples.held++
		f.couples.use(e.couple.Number)
		edits = record.Compose(e.couple.edits, edits)
	}
	f.observe(raw, kind, e.seq)
	if f.suspect() != "" {
		return false, nil
	}
	if f.seen.values.Look(t) {
		f.cleanse(f.seen.values.Doubted())
	}
	moved, err := f.settle()
	if err != nil {
		return false, err
	}
	t.Seq += moved
	accept(t, kind, outcome{fixed: &repaired{raw, edits}, confidence: confidence})
	f.follow(edits)
	if e.couple != nil {
		e.about.weighed = &explanation{Weighed: 1, Passing: 1, All: true, Accidents: rounded(accident)}
		e.open, e.shape = true, f.seen.shape
		e.explain(f.options.Explain)
	}
	return true, f.put(t)
}

// unlogged returns a telegram as it was before the logger, and the edits that
// lead to it.
func (f *Fixer) unlogged(e *entry) ([]byte, []record.Edit) {
	received := e.evidence()
	if logger, ok := f.logs.known(); ok {
		return logger.Undo(received)
	}
	return received, nil
}

// setPrintable tells the decoders what the logger drops.
func (f *Fixer) setPrintable() {
	for _, k := range f.meters {
		line := k.decoder.line
		line.SetPrintable(f.logs.printable(line.Printable()))
	}
}
