package repair

import (
	"bytes"
	"slices"

	"p1/pkg/crc"
	"p1/pkg/dlms"
	"p1/pkg/fix/expect"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// sealer is what is known of a meter that encrypts.
type sealer struct {
	form       dlms.Form
	header, id []byte // of its telegrams
	tags       bool   // its tags verify
	last       uint32 // the counter of the last known frame, of those that are decided
	known      bool   // there is one
	next       uint32 // the counter of the known frame after those that are held back
	ended      bool   // there is one
	wraps      int    // bytes between the pieces of its last known frame
}

// framed reports whether an entry is a telegram that came encrypted.
func (e *entry) framed() bool {
	t, ok := e.record.(*record.Telegram)
	return ok && t.Cipher != "" && t.ReceivedRaw != nil
}

// takeFrame takes a telegram that came in an encrypted frame. Its frame is as good as its tag
// says; one that is bad can be repaired with the key.
func (f *Fixer) takeFrame(e entry) error {
	t := e.record.(*record.Telegram)
	kind, known := crc.Named(t.CRC)
	f.sayKeyless(t)
	switch {
	case f.options.Keys == nil:
	case t.Status == record.OK && t.Suspect == "" && t.Doubted == nil && known && complete(t.Raw):
		return f.validFrame(e, kind)
	case t.Status == record.Bad:
		e.open = true
		f.damaged++
		f.hold(e)
		return f.wait(t, f.frameEnded(t))
	}
	return f.passEncrypted(e)
}

// keyless is what shows that p1fix has no key, or another one than p1frame had.
type keyless struct{ opened, damaged, said bool }

// sayKeyless says once what a key would do.
func (f *Fixer) sayKeyless(t *record.Telegram) {
	k := &f.keyless
	k.opened = k.opened || t.Cipher == record.CipherVerified || t.Cipher == record.CipherUnverified && t.Status == record.OK
	k.damaged = k.damaged || t.Status == record.Bad
	if f.options.Keys == nil && k.opened && k.damaged {
		f.sayOnce(t, "encrypted telegrams are damaged: give p1fix the key, too, with --key-file or P1_KEY, and it repairs them")
	}
}

func (f *Fixer) sayOnce(t *record.Telegram, text string) {
	if !f.keyless.said && f.options.Say != nil {
		f.options.Say(t.Source + ": " + text)
	}
	f.keyless.said = true
}

// opens reports whether the key is the one that has opened a telegram. That it is shows once.
func (f *Fixer) opens(t *record.Telegram) bool {
	if len(f.sealers) > 0 {
		return true
	}
	text, _, err := f.options.Keys.Open(dlms.Joined(t.ReceivedRaw))
	if err == nil && bytes.Equal(text, t.Raw) {
		return true
	}
	f.sayOnce(t, "the key is another one than that which p1frame has opened the telegrams with: no damaged one can be repaired")
	return false
}

// validFrame takes an encrypted telegram that is known.
func (f *Fixer) validFrame(e entry, kind crc.Kind) error {
	t := e.record.(*record.Telegram)
	form, counter, ok := dlms.Read(t.ReceivedRaw)
	if !ok || !f.opens(t) {
		return f.valid(e, kind)
	}
	s := f.sealerOf(form)
	header, id := f.names.Identity(t.Raw)
	s.header, s.id = bytes.Clone(header), bytes.Clone(id)
	s.form, s.tags = form, s.tags || t.Cipher == record.CipherVerified
	s.next, s.ended = counter, true
	s.wraps = len(t.ReceivedRaw) - len(dlms.Joined(t.ReceivedRaw))
	err := f.valid(e, kind)
	s.last, s.known, s.ended = counter, true, false
	if k := f.named(s.header, s.id); k != nil && s.tags {
		for _, shape := range k.meter.Shapes() {
			k.decoder.placesOf(shape).valid = 2 // no tag verifies by luck
		}
	}
	return err
}

// frameEnded reports whether nothing of a frame is to come: another one has come, or it is as long
// as those of its meter.
func (f *Fixer) frameEnded(t *record.Telegram) bool {
	if t.Cipher == record.CipherTruncated || len(f.sealers) == 0 {
		return true
	}
	const few = 4
	s := &f.sealers[0]
	k := f.named(s.header, s.id)
	return k == nil || slices.ContainsFunc(k.meter.Shapes(), func(shape *expect.Shape) bool {
		n := len(shape.Text)
		d := len(t.ReceivedRaw) - len(s.form.Head(0, n)) - n - s.form.Tail() - s.wraps
		return -few <= d && d <= few
	})
}

// mayBeFrame reports whether noise may be what has become of a frame.
func (f *Fixer) mayBeFrame(r record.Record) bool {
	if !isNoise(r) || f.options.Keys == nil {
		return false
	}
	return len(f.sealers) > 0 || f.lookahead(r) > 0
}

// sealerOf returns what is known of the meter with frames of a form, the first of the list from
// now on.
func (f *Fixer) sealerOf(form dlms.Form) *sealer {
	at := len(f.sealers)
	for i := range f.sealers {
		if f.sealers[i].form.Title == form.Title {
			at = i
			break
		}
	}
	if at == len(f.sealers) {
		f.sealers = append(f.sealers[:min(at, maxMeters-1)], sealer{})
		at = len(f.sealers) - 1
	}
	s := f.sealers[at]
	copy(f.sealers[1:at+1], f.sealers[:at])
	f.sealers[0] = s
	return &f.sealers[0]
}

// opened is an entry as a telegram that came as it is, if its frame looks whole: what can be learned
// of a meter of which every frame is damaged.
func (f *Fixer) opened(e *entry) (plain entry, ok bool) {
	t := e.record.(*record.Telegram)
	form, counter, ok := dlms.Read(t.ReceivedRaw)
	if !ok || f.options.Keys == nil {
		return plain, false
	}
	frame := dlms.Joined(t.ReceivedRaw)
	from := min(len(form.Head(counter, len(frame))), len(frame))
	sealed := frame[from:max(from, len(frame)-form.Tail())]
	text := f.options.Keys.Stream(form, counter, len(sealed))
	for i, c := range sealed {
		text[i] ^= c
	}
	if !telegram.HasLine(text) {
		return plain, false
	}
	sent := ""
	if bang := endLine(text); bang >= 0 {
		sent = telegram.SentCRC(bytes.TrimRight(text[bang:], "\r\n"))
	}
	return entry{record: &record.Telegram{Raw: text, CRCSent: sent}, seq: e.seq, open: true}, true
}

// meetSealer begins to know a meter that encrypts by a telegram of it that others have put right.
// What its tags say counts, unless they need not verify.
func (f *Fixer) meetSealer(c *confirmed, lists [][]entry) {
	for _, e := range slices.Concat(lists...) {
		if e.seq != c.seen.Seq || !e.framed() {
			continue
		}
		t := e.record.(*record.Telegram)
		if form, counter, ok := dlms.Read(t.ReceivedRaw); ok {
			if s := f.sealerOf(form); s.header == nil {
				*s = sealer{form: form, header: c.k.header, id: c.k.id, tags: t.Cipher != record.CipherUnverified, last: counter}
			}
		}
	}
}

// openFrame looks for the telegram that was received as the frame of entry i, and lists what the
// line did to it.
func (f *Fixer) openFrame(b *batch, i int) (line []record.Edit, ok bool) {
	e := &b.list[i]
	t := e.record.(*record.Telegram)
	e.about = outcome{why: unknown}
	if f.options.Keys == nil {
		return nil, false
	}
	received := dlms.Joined(t.ReceivedRaw)
	list := f.frames(b, i, received)
	if e.about = f.bestOf(list, e, received); e.about.why != "" {
		return nil, false
	}
	for _, c := range list {
		if c.wire == e.about.wire {
			e.counter = c.counter
		}
	}
	w := e.about.wire
	t.Cipher = record.CipherUnverified
	if w.tagged() {
		t.Cipher = record.CipherVerified
	}
	return w.edits(e.about.fixed.raw, received), true
}

// frames lists what was received as the frame of entry i may be.
func (f *Fixer) frames(b *batch, i int, received []byte) (list []contender) {
	for n := range f.sealers {
		s := &f.sealers[n]
		k := f.named(s.header, s.id)
		if k == nil {
			continue
		}
		for _, shape := range k.meter.Shapes() {
			counter, ok := s.counterOf(f.options.Keys, shape, received, b, i)
			if !ok {
				continue
			}
			list = append(list, contender{
				k: k, shape: shape, context: b.context(i, k, shape), counter: counter,
				wire: s.wire(f.options.Keys, counter, len(shape.Text)),
			})
		}
	}
	return nearest(list, received)
}

// wire is that of a frame with this counter around a text of n bytes.
func (s *sealer) wire(keys *dlms.Keys, counter uint32, n int) *wire {
	form := s.form
	w := &wire{head: form.Head(counter, n), mask: keys.Stream(form, counter, n), tail: form.Tail()}
	if s.tags {
		w.tag = func(text []byte) []byte { return keys.Tag(form, counter, text) }
	}
	return w
}

// observeFrame learns of the line from a telegram that came encrypted, and what the line did to
// its frame.
func (d *decoder) observeFrame(shape *expect.Shape, raw []byte, line []record.Edit) {
	d.placesOf(shape).telegrams++
	d.line.Sent(len(raw))
	for _, e := range line {
		d.learn(e)
	}
	d.line.Settle()
}

// whySealed is why a frame is refused.
func (e *entry) whySealed() string {
	t := e.record.(*record.Telegram)
	if e.about.why == unknown && t.Why != "" {
		return t.Why
	}
	return string(e.about.why)
}

// passEncrypted hands on a telegram that came in an encrypted frame and cannot be opened: why says
// what is wrong.
func (f *Fixer) passEncrypted(e entry) error {
	if t := e.record.(*record.Telegram); t.Status == record.Bad {
		t.Status = record.Lost
		if t.Why == "" {
			t.Why = string(sealed)
		}
	}
	return f.pass(e)
}
