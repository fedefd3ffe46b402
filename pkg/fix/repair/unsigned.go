package repair

import (
	"bytes"
	"math"
	"slices"

	"p1/pkg/align"
	"p1/pkg/crc"
	"p1/pkg/fix/expect"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// unsigned is what is known of the meters of a stream whose telegrams no CRC confirms. What is
// expected and what the line does to bytes give each line a probability; that of a whole
// telegram is never told.
type unsigned struct {
	meters []*bare
	first  []whole // telegrams of meters that are not known yet
}

// bare is a meter that signs nothing.
type bare struct {
	*known
	against map[spot]int   // how many telegrams in a row contradict what a field said before
	heard   map[spot]heard // of each line that is not believed as it was received
}

// spot is a field of a shape, or a line of it, by its number.
type spot struct {
	shape *expect.Shape
	n     int
}

// heard is a line that looks untouched, and is not believed as it is.
type heard struct {
	text   []byte
	values []int64
	times  int // in a row, each going on from the one before
}

// whole is a telegram with which nothing is wrong to be seen.
type whole struct {
	raw []byte
	seq int64
}

// mostFirst is how many telegrams of an unknown form wait for others of it.
const mostFirst = 16

// takeUnsigned decides about the lines of a telegram that no CRC confirms.
func (f *Fixer) takeUnsigned(e entry) error {
	t := e.record.(*record.Telegram)
	if t.Trusted != nil { // decided already
		return f.pass(e)
	}
	b, shape := f.unsigned.find(t.Raw)
	switch {
	case t.Status == record.Unchecked && !b.hasForm(t.Raw) && f.learnForm(b, t.Raw, e.seq):
	case b != nil:
		f.weighLines(t, b, shape, e.seq)
	case t.Status == record.Bad:
		f.salvageUnsigned(&e)
	}
	if t.Status == record.Bad {
		t.Status, t.Why = record.Lost, string(unprotected)
	}
	return f.pass(e)
}

// find returns the meter that a telegram is of, and the shape that it has.
func (u *unsigned) find(raw []byte) (best *bare, shape *expect.Shape) {
	const few, share = 40, 8 // differences, and bytes to each
	least := max(few, len(raw)/share)
	for _, b := range u.meters {
		for _, s := range b.meter.Shapes() {
			if n := differences(s, raw); n < least {
				best, shape, least = b, s, n
			}
		}
	}
	return best, shape
}

// weighLines says which lines of a telegram of a known meter can be trusted, puts right what is
// damaged in them, and learns from them.
func (f *Fixer) weighLines(t *record.Telegram, b *bare, shape *expect.Shape, seq int64) {
	c := expect.Context{Seq: seq, Prev: b.last(shape)}
	w := b.decoder.salvage(t.Raw, shape, c, noCRC)
	b.doubt(w)
	b.hear(w)
	w.leaveUntouched()
	w.trustAsReceived(f.options.MinConfidence)
	clean, stale := w.learnable()
	o := shape.Observe(clean, seq)
	o.Stale = stale
	if last := b.last(shape); last != nil {
		for _, k := range stale {
			o.Values[k] = last.Values[k]
		}
	}
	b.meter.Follow(shape, clean, o)
	b.keep(shape, o)
	b.decoder.observeText(w)
	f.tell(t, w)
}

// doubt takes lines for untrue that contradict what the meter said before, until it has said so
// a few times.
func (b *bare) doubt(w *assessment) {
	seen := map[spot]bool{}
	for i := range w.lines {
		p := &w.lines[i]
		for _, n := range p.against {
			k := spot{w.shape, n}
			seen[k] = true
			if b.against[k]++; b.against[k] < convincing {
				p.odds = 0
			}
		}
	}
	for k := range b.against {
		if !seen[k] {
			delete(b.against, k)
		}
	}
}

// hear believes a line as it was received that was so a few times in a row, each going on from
// the one before, although something else was more likely: the line would have to hit the same
// byte in the same way each time.
func (b *bare) hear(w *assessment) {
	for i := range w.lines {
		p := &w.lines[i]
		if p.line == unsure {
			continue
		}
		at := spot{w.shape, p.line}
		h := b.heard[at]
		got := w.received[p.at.start:p.at.end]
		values, ok := w.untouched(p)
		if !ok || p.odds >= 0.5 && bytes.Equal(p.text, got) && len(p.against) == 0 {
			delete(b.heard, at)
			continue
		}
		if !w.saysAgain(p, h.text, got) || !w.goesOn(p, h.values, values) {
			h.times = 0
		}
		h = heard{text: bytes.Clone(got), values: values, times: h.times + 1}
		if b.heard[at] = h; h.times >= convincing {
			p.text, p.odds = h.text, 1-accident
			for n := range values {
				p.reads[2*n+1] = values[n]
			}
		}
	}
}

// untouched returns the values of a line as they were received; ok is false where something is
// wrong with it that can be seen: all that may change is what stands in parentheses, a letter
// or digit to another of its kind.
func (w *assessment) untouched(p *segment) (values []int64, ok bool) {
	got := w.received[p.at.start:p.at.end]
	if p.text == nil || len(got) != p.sent.end-p.sent.start {
		return nil, false
	}
	for i, c := range got {
		at := p.sent.start + i
		sent := w.shape.Text[at]
		if c != sent && !(w.shape.Places[at] == telegram.InValue && telegram.Alike(c, sent)) {
			return nil, false
		}
	}
	for n := 0; n < len(p.reads); n += 2 {
		f := &w.shape.Fields[p.reads[n]]
		at := p.at.start + f.Start - p.sent.start
		v, ok := f.Value(w.received[at : at+f.End-f.Start])
		if !ok {
			return nil, false
		}
		values = append(values, v)
	}
	return values, true
}

// unhurt is how likely a line that looks untouched has to be right: what it says is in doubt only
// where something else is nearly as likely, while a line that is put right has to be proven.
const unhurt = 0.9

// trustAsReceived chooses the lines that are right with this confidence, and those that look
// untouched and most likely are.
func (w *assessment) trustAsReceived(confidence float64) {
	w.trustBy(func(i int) float64 {
		p := &w.lines[i]
		if p.line == unsure || !bytes.Equal(p.text, w.received[p.at.start:p.at.end]) {
			return confidence
		}
		return min(unhurt, confidence)
	})
}

// leaveUntouched takes lines as they were received that look untouched: what contradicts what is
// known is not to be trusted, but no reason to write something else.
func (w *assessment) leaveUntouched() {
	for i := range w.lines {
		p := &w.lines[i]
		got := w.received[p.at.start:p.at.end]
		if p.line == unsure || p.text == nil || bytes.Equal(p.text, got) {
			continue
		}
		if _, ok := w.untouched(p); !ok {
			if !mayFollow(w.shape.Text[p.sent.start:p.sent.end], got) {
				continue
			}
			p.ops = nil // they say nothing of the line
		}
		p.text, p.odds = bytes.Clone(got), 0
	}
}

// saysAgain reports whether a line has the same text as before, but for its fields.
func (w *assessment) saysAgain(p *segment, before, now []byte) bool {
	if len(before) != len(now) {
		return false
	}
	for i := range now {
		if w.shape.FieldAt[p.sent.start+i] < 0 && before[i] != now[i] {
			return false
		}
	}
	return true
}

// goesOn reports whether values of a line may well come after others.
func (w *assessment) goesOn(p *segment, before, now []int64) bool {
	if len(before) != len(now) {
		return false
	}
	for n := range now {
		prev := expect.Observed{Values: make([]int64, len(w.shape.Fields))}
		k := int(p.reads[2*n])
		prev.Values[k] = before[n]
		prior := w.shape.Prior(k, expect.Context{Seq: 1, Prev: &prev})
		if contradicts(&prior, now[n]) {
			return false
		}
	}
	return true
}

// learnable returns the text of an assessed telegram with what can be trusted of it, and the
// fields of which that says nothing.
func (w *assessment) learnable() (clean []byte, stale []int) {
	clean = bytes.Clone(w.shape.Text)
	told := make([]bool, len(w.shape.Fields))
	take := func(p *segment) {
		copy(clean[p.sent.start:p.sent.end], p.text)
		for k := 0; k < len(p.reads); k += 2 {
			told[p.reads[k]] = true
		}
	}
	for _, i := range w.trusted {
		take(&w.lines[i])
		for n := i + 1; n < len(w.lines) && w.received[w.lines[n].at.start] == '(' && w.lines[n].text != nil; n++ {
			take(&w.lines[n])
		}
	}
	for k, ok := range told {
		if !ok {
			stale = append(stale, k)
		}
	}
	return clean, stale
}

// observeText learns what the line does to bytes from the text that is the same in each telegram:
// that of numbers would be biased, since there some hits are not to be seen.
func (d *decoder) observeText(w *assessment) {
	for i := range w.lines {
		p := &w.lines[i]
		at, j := p.sent.start, p.at.start
		sent := 0
		for _, o := range p.ops {
			fixed := at < p.sent.end && w.shape.FieldAt[at] < 0 && !w.shape.Varies[at]
			switch {
			case o == align.Added:
				d.line.Added()
			case !fixed:
			case o == align.Other:
				d.line.Hit(w.shape.Text[at], w.received[j])
			case o == align.Lost:
				d.line.Vanished(w.shape.Text[at])
			}
			if o != align.Added {
				if fixed {
					sent++
				}
				at++
			}
			if o != align.Lost {
				j++
			}
		}
		d.line.Sent(sent)
	}
	d.line.Settle()
}

// tell says which lines of a telegram can be trusted. Where all can as they are there is nothing
// to be said.
func (f *Fixer) tell(t *record.Telegram, w *assessment) {
	raw, edits, trusted := w.restore()
	if undone, err := record.Undo(raw, edits); err != nil || !bytes.Equal(undone, t.Raw) {
		return
	}
	w.sayHowSure(trusted)
	coded := 0
	for _, p := range w.lines {
		if telegram.CodeLen(w.received[p.at.start:p.at.end]) > 0 {
			coded++
		}
	}
	switch {
	case t.Status == record.Unchecked && len(edits) == 0 && len(trusted) == coded:
	case len(trusted) == 0 && t.Status == record.Bad:
	case len(edits) > 0 || t.Status == record.Bad:
		t.Status, t.Raw, t.Edits, t.Trusted, t.Why = record.Salvaged, raw, edits, trusted, string(unprotected)
	default:
		t.Trusted = trusted
	}
}

// salvageUnsigned looks for the lines that can be trusted of a damaged telegram of a meter that is
// not known, by what its dialect prescribes.
func (f *Fixer) salvageUnsigned(e *entry) {
	t := e.record.(*record.Telegram)
	plans := f.plansOf(e, t.Raw)
	if plans == nil {
		return
	}
	w := f.salvagePrescribed(e, t.Raw, noCRC)
	w.trust(f.options.MinConfidence)
	f.tell(t, w)
}

// hasForm reports whether a telegram has a form that the meter is known to send.
func (b *bare) hasForm(raw []byte) bool {
	return b != nil && slices.ContainsFunc(b.meter.Shapes(), func(s *expect.Shape) bool { return sameForm(s, raw) })
}

// sameForm reports whether a telegram has the text of a shape but for its numbers, and for what
// else has changed before.
func sameForm(s *expect.Shape, raw []byte) bool {
	if len(raw) != len(s.Text) || !s.Fits(raw) {
		return false
	}
	for i := range raw {
		if s.FieldAt[i] < 0 && !s.Varies[i] && raw[i] != s.Text[i] {
			return false
		}
	}
	return true
}

// learnForm takes a telegram that looks untouched and has another form than those of a known
// meter, or is of none that is known. Once there are some like it, it is what a meter sends, and
// is taken as it is: two where no meter is known, else three, as damage would have to be the same
// in all of them.
func (f *Fixer) learnForm(b *bare, raw []byte, seq int64) bool {
	u := &f.unsigned
	now, form := whole{bytes.Clone(raw), seq}, expect.NewShape(raw)
	var alike, others []whole
	for _, w := range u.first {
		if sameForm(form, w.raw) {
			alike = append(alike, w)
		} else {
			others = append(others, w)
		}
	}
	alike = append(alike, now)
	if b == nil && len(alike) < 2 || b != nil && len(alike) < convincing {
		if len(u.first) == mostFirst {
			u.first = u.first[1:]
		}
		u.first = append(u.first, now)
		return false
	}
	u.first = others
	if header, id := f.names.Identity(raw); b == nil || !bytes.Equal(b.header, header) || !bytes.Equal(b.id, id) {
		b = u.meet(f.newKnown(raw, crc.ARC))
	}
	for _, w := range alike {
		shape := b.meter.Learn(w.raw, w.seq)
		b.keep(shape, shape.Last())
	}
	return true
}

// meet begins to know a meter.
func (u *unsigned) meet(k *known) *bare {
	const share = 0.005 // most lines hit nothing, and of those that do much is to be seen
	k.decoder.line.Loosen(share)
	b := &bare{k, map[spot]int{}, map[spot]heard{}}
	u.meters = append(u.meters[:min(len(u.meters), maxMeters-1)], b)
	return b
}

// surprising is the cost from where on a value contradicts what a meter said before.
const surprising = 20

// contradicts reports whether a value is none that its meter could say after what it said last.
func contradicts(p *expect.Prior, n int64) bool {
	return p.Belief == nil && !math.IsInf(p.Cost(n), 1) && p.Cost(n) >= surprising
}
