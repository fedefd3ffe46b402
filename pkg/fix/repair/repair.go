package repair

import (
	"slices"
	"time"

	"p1/pkg/crc"
	"p1/pkg/dlms"
	"p1/pkg/fix/expect"
	"p1/pkg/fix/pair"
	"p1/pkg/fix/plausible"
	"p1/pkg/fix/prescribed"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// Options are what a person may choose.
type Options struct {
	// MinConfidence is the confidence below which a repair is refused, and a
	// line of a telegram that cannot be repaired is not trusted.
	MinConfidence float64
	// Again decides anew what a former run has decided.
	Again bool
	// Lookahead is how many telegrams may come out late, so that those after
	// a damaged one can help. 0 stands for what is usual: none on a live
	// source, [FileLookahead] elsewhere; [NoLookahead] for none anywhere.
	Lookahead int
	// Explain adds to each decided telegram what was weighed.
	Explain bool
	// Keys are those of a meter that encrypts; nil where there are none.
	Keys *dlms.Keys
	// With, if not nil, is a second capture of the same meter: what it has of a damaged
	// telegram is evidence, too.
	With *pair.Capture
	// Say, if not nil, is told once of registers that go on from another level.
	Say func(text string)
}

// NoLookahead lets each telegram out as soon as it has come.
const NoLookahead = -1

// FileLookahead is the usual lookahead where a file is replayed.
const FileLookahead = 100

// EndWait is how long a telegram that lacks its last line is held back where
// there is no lookahead, for the rest of it to come.
const EndWait = time.Second

// Fixer repairs a stream of records.
type Fixer struct {
	out     record.Writer
	options Options
	taken   record.Telegram // a copy of one that is not kept

	meters    []*known // the one that sends now first
	logs      logging
	witnesses witnesses
	couples   couples
	doubts    doubts // about telegrams of meters that are not known
	strangers strangers
	unsigned  unsigned
	keyless   keyless
	sealers   []sealer // meters that encrypt, the one that sent last first

	names telegram.Namer
	seen  observation // the valid telegram that is looked at
	judge plausible.Judge
	clean []byte // of a telegram with doubted lines, what can be learned from

	source  record.Origin // the stream that the records are of
	count   int64         // telegrams of all streams
	damaged int64         // of this stream's telegrams
	number  int64         // the seq of the last telegram that was written
	shift   int64         // by how much the seq of this stream's telegrams has moved
	held    []entry       // since the first bad one that waits
	size    int           // bytes of held
}

// entry is a record that is held back.
type entry struct {
	record record.Record
	seq    int64 // counts the telegrams
	open   bool  // it is a telegram that is to be repaired

	shape  *expect.Shape    // of a telegram that is known: its shape
	seen   *expect.Observed // and its values
	about  outcome          // of one that was decided about
	whole  bool             // cutting it anew was tried
	couple *couple          // what a second capture has of it
	told   *confirmed       // what was learned of it, if it helped to learn what its meter sends

	counter uint32 // of an encrypted telegram that is known

	plans   *prescribed.Plans // what dialects prescribe of it, once that was asked for
	planned bool
	heard   bool // what they say of the line has been counted
}

// maxHeldBytes bounds what is held back, however many telegrams that is.
const maxHeldBytes = 2 << 20

// New returns a Fixer that writes to out.
func New(out record.Writer, o Options) *Fixer {
	return &Fixer{out: out, options: o, judge: plausible.Judge{Say: o.Say}}
}

// Take takes the next record; records that are no bad telegrams pass. It fails with
// [record.ErrChunks] for a chunk.
func (f *Fixer) Take(r record.Record) error {
	if _, chunk := r.(*record.Chunk); chunk {
		return record.ErrChunks
	}
	if _, ok := r.(*record.Other); !ok {
		// A source that begins again, a log named twice, is another stream too.
		if at := r.Where(); !f.source.SameStream(at) || at.Offset < f.source.Offset {
			if err := f.release(0); err != nil {
				return err
			}
			f.enter(r)
		}
		f.source = r.Where()
	}
	if f.options.With != nil {
		if err := f.options.With.Err(); err != nil {
			return err
		}
	}
	t, ok := r.(*record.Telegram)
	if !ok {
		return f.pass(entry{record: record.Keep(r), seq: f.count})
	}
	if t.Status != record.OK || t.Suspect != "" || t.Doubted != nil || t.ReceivedRaw != nil {
		t = record.Keep(t).(*record.Telegram)
	} else { // it is most often written at once
		f.taken = *t
		t = &f.taken
	}
	f.count++
	t.Seq += f.shift
	e := entry{record: t, seq: f.count}
	if f.options.Again && (!e.framed() || f.options.Keys != nil) {
		if err := reopen(t); err != nil {
			return f.pass(e) // its own edits contradict it: nothing to go back to
		}
	}
	kind, known := crc.Named(t.CRC)
	switch {
	case t.ReceivedRaw != nil && t.Cipher != "":
		return f.takeFrame(e)
	case t.Status == record.OK && t.Suspect == "" && t.Doubted == nil && known && complete(t.Raw):
		f.keepStep(t.Raw)
		return f.valid(e, kind)
	case t.CRC == record.CRCNone && (t.Status == record.Unchecked || t.Status == record.Bad) && t.Cipher == "":
		e.record = record.Keep(t)
		return f.takeUnsigned(e)
	case t.Status == record.Bad:
		e.open = true
		f.damaged++
		return f.bad(e)
	}
	e.record = record.Keep(t)
	return f.pass(e)
}

// enter begins another stream.
func (f *Fixer) enter(r record.Record) {
	if !f.source.SameStream(r.Where()) {
		f.shift, f.number = 0, 0
	}
	f.damaged, f.witnesses, f.doubts, f.strangers, f.unsigned = 0, witnesses{}, doubts{}, strangers{}, unsigned{}
	f.logs.enter()
	f.forgetMasked()
	if !record.IsLive(r) {
		f.judge.Leave()
	}
	for _, k := range f.meters {
		k.leave()
		if t, ok := r.(*record.Telegram); ok && t.Live {
			k.resume()
		}
	}
}

// Flush does nothing: what is finished has been written.
func (f *Fixer) Flush() error { return nil }

// Close decides about what is held back.
func (f *Fixer) Close() error { return f.release(0) }

// Wait returns how long Expire may be put off; 0 where nothing waits for it.
func (f *Fixer) Wait() time.Duration {
	if f.waitsForEnd() {
		return EndWait
	}
	return 0
}

// waitsForEnd reports whether what is held back is one telegram that lacks its
// last line, on a stream without lookahead.
func (f *Fixer) waitsForEnd() bool {
	return len(f.held) > 0 && f.lookahead(f.held[0].record) == 0
}

// Expire decides about a telegram whose rest has not come.
func (f *Fixer) Expire() error { return f.release(0) }

// valid takes a telegram whose CRC holds: what is held back is decided with its
// help, unless it is suspect.
func (f *Fixer) valid(e entry, kind crc.Kind) error {
	t := e.record.(*record.Telegram)
	f.observe(t.Raw, kind, e.seq)
	t.Suspect = f.suspect()
	doubted := t.Suspect == "" && f.seen.values.Look(t)
	switch {
	case t.Suspect != "", doubted && f.seen.k != nil && f.seen.shape == nil:
		e.record = record.Keep(t)
		return f.pass(e)
	case len(f.held) == 0 && f.lookahead(t) > 0 && f.seen.values.Uncertain():
		e.record = record.Keep(t)
		f.hold(e)
		return nil
	case len(f.held) == 0:
		f.seen.values.Settle(t)
		if doubted {
			f.cleanse(t.Doubted)
		}
		f.follow(nil)
		f.number = t.Seq
		return f.out.Write(t)
	}
	if doubted {
		f.cleanse(f.seen.values.Doubted())
	}
	moved, err := f.settle()
	if err != nil {
		return err
	}
	f.follow(nil)
	t.Seq += moved
	return f.put(t)
}

// cleanse takes what the doubted lines say out of the telegram that is looked at, so that
// nothing is learned from it: they count as they were last. There is nothing to take out of the
// first telegram of a meter.
func (f *Fixer) cleanse(list []record.Doubt) {
	if s := &f.seen; s.shape != nil {
		f.clean = withoutDoubted(f.clean, list, s.raw, s.shape)
		stale := staleFields(s.shape, s.raw, f.clean)
		s.raw, s.shape = f.clean, s.k.meter.Observe(&s.now, f.clean, s.seq)
		s.now.Stale = append(s.now.Stale, stale...)
	}
}

// foresee tells the judge of the telegram after the one that is written next, which was
// held back for that.
func (f *Fixer) foresee(list []entry, next []byte) {
	for _, e := range list {
		if t, ok := e.record.(*record.Telegram); ok && t.Status.Valid() {
			next = t.Raw
			break
		}
	}
	if next != nil {
		f.judge.Foresee(next)
	}
}

// put writes a record that is decided about, in its turn: a telegram that can be used with
// the lines that are to be doubted all the same.
func (f *Fixer) put(r record.Record) error {
	t, ok := r.(*record.Telegram)
	if ok {
		f.number = t.Seq
	}
	if ok && t.Status.Valid() && !f.foreign(t) {
		f.judge.Take(t)
	}
	return f.out.Write(r)
}

// foreign reports whether a telegram is suspect for other reasons than its registers: it
// may be of another meter.
func (f *Fixer) foreign(t *record.Telegram) bool { return t.Suspect != "" && t.Doubted == nil }

// observation is a telegram whose CRC holds, with what is known of its
// meter.
type observation struct {
	sent []byte // the telegram
	raw  []byte // the same, or what can be learned from it
	kind crc.Kind
	seq  int64
	k    *known // nil where the meter is not known

	values *plausible.Meter // the meter, with what the telegram says

	shape *expect.Shape   // nil where it is not known
	now   expect.Observed // the values, where it is
}

// observe looks at a telegram whose CRC of this kind holds.
func (f *Fixer) observe(raw []byte, kind crc.Kind, seq int64) {
	s := &f.seen
	s.sent, s.raw, s.kind, s.seq, s.shape = raw, raw, kind, seq, nil
	s.values = f.judge.Read(raw)
	s.k = f.named(s.values.Header, s.values.Name)
	if s.k != nil {
		s.shape = s.k.meter.Observe(&s.now, raw, seq)
	}
}

// follow learns from the telegram that is looked at, which is known, and after which nothing
// waits.
func (f *Fixer) follow(edits []record.Edit) {
	s := &f.seen
	if s.k == nil {
		s.k = f.meet(s.raw, s.kind)
	}
	f.turnTo(s.k, s.raw, s.kind)
	if s.shape == nil {
		s.shape = s.k.meter.Learn(s.raw, s.seq)
	} else {
		s.k.meter.Follow(s.shape, s.raw, &s.now)
	}
	s.k.note(s.shape, s.raw, edits)
	s.k.keep(s.shape, s.shape.Last())
	f.witnesses.use()
}

// settle decides about all that is held back, and looks at the known telegram after
// it anew, which is the one that is looked at. It returns by how much the numbers of what
// follows have moved.
func (f *Fixer) settle() (int64, error) {
	if len(f.held) == 0 {
		return 0, nil
	}
	sent, raw, kind, seq := f.seen.sent, f.seen.raw, f.seen.kind, f.seen.seq
	var stale []int
	if f.seen.shape != nil {
		stale = slices.Clone(f.seen.now.Stale)
	}
	k := f.use(raw, kind)
	shape := k.meter.Find(raw)
	if shape == nil {
		shape = k.meter.Learn(raw, seq)
		k.decoder.placesOf(shape)
	}
	before := f.count
	seen := shape.Observe(raw, seq)
	seen.Stale = stale
	f.held = f.decideAll(f.held, &neighbour{shape, seen}, nil)
	moved := f.count - before
	err := f.write(len(f.held), sent)
	f.observe(raw, kind, seq+moved)
	f.seen.sent = sent
	return moved, err
}

// bad repairs a telegram, or holds it back until more is known.
func (f *Fixer) bad(e entry) error {
	t := e.record.(*record.Telegram)
	e.couple = f.couples.of(f.couple(t))
	f.logs.finder.Add(e.evidence(), t.CRCSent, f.kinds()...)
	if done, err := f.unlog(e); done || err != nil {
		return err
	}
	f.setPrintable()
	f.hold(e)
	return f.wait(t, hasEnd(t.Raw))
}

// wait decides about what is held back, the last of which is a damaged telegram, unless more is
// to be known first. ended tells that nothing of that telegram is to come.
func (f *Fixer) wait(t *record.Telegram, ended bool) error {
	lookahead := f.lookahead(t)
	switch {
	case f.size <= maxHeldBytes && lookahead > 0 && len(f.meters) == 0 && f.telegrams() > lookahead:
		return f.release(lookahead) // each that is held may be the one that tells what the meter sends
	case f.size > maxHeldBytes || lookahead > 0 && f.telegrams() > lookahead:
		return f.release(lookahead / 2)
	case lookahead > 0:
		return nil
	case len(f.held) == 1 && !ended:
		return nil // until the next record, or for EndWait
	}
	return f.release(0)
}

func (f *Fixer) lookahead(r record.Record) int {
	switch {
	case f.options.Lookahead > 0:
		return f.options.Lookahead
	case record.IsLive(r) || f.options.Lookahead == NoLookahead:
		return 0
	}
	return FileLookahead
}

// telegrams counts the telegrams that are held back.
func (f *Fixer) telegrams() int {
	n := 0
	for _, e := range f.held {
		if _, ok := e.record.(*record.Telegram); ok {
			n++
		}
	}
	return n
}

func (f *Fixer) hold(e entry) {
	f.held = append(f.held, e)
	switch r := e.record.(type) {
	case *record.Telegram:
		f.size += len(r.Raw)
	case *record.Noise:
		f.size += len(r.Data)
	case *record.Other:
		f.size += len(r.Line)
	}
}

// pass hands on a record that is decided, after those that are not.
func (f *Fixer) pass(e entry) error {
	switch {
	case f.mayBeFrame(e.record):
	case len(f.held) == 0:
		return f.put(e.record)
	case f.waitsForEnd() && !isNoise(e.record):
		if err := f.release(0); err != nil {
			return err
		}
		return f.put(e.record)
	}
	f.hold(e)
	if f.size > maxHeldBytes {
		return f.release(0)
	}
	return nil
}

func isNoise(r record.Record) bool {
	_, ok := r.(*record.Noise)
	return ok
}

// release decides about what is held back without a known telegram after it,
// and writes it; the newest keep telegrams stay.
func (f *Fixer) release(keep int) error {
	n := len(f.held)
	for left := keep; n > 0 && left > 0; n-- {
		if _, ok := f.held[n-1].record.(*record.Telegram); ok {
			left--
		}
	}
	if n == 0 {
		return nil
	}
	rest := append([]entry(nil), f.held[n:]...)
	before := f.count
	done := f.decideAll(f.held[:n:n], nil, rest)
	for i := range rest {
		rest[i].seq += f.count - before
		if t, ok := rest[i].record.(*record.Telegram); ok {
			t.Seq += f.count - before
		}
	}
	f.held = append(done, rest...)
	return f.write(len(done), nil)
}

// write writes the first n held records; next is the telegram after them, if it is known.
func (f *Fixer) write(n int, next []byte) error {
	done := f.held[:n]
	rest := append([]entry(nil), f.held[n:]...)
	f.held, f.size = nil, 0
	for _, e := range rest {
		f.hold(e)
	}
	if len(done) > 0 && !done[0].open && !isNoise(done[0].record) {
		f.foresee(done[1:], next)
	}
	for _, e := range done {
		if e.seen != nil {
			if k := f.find(e.record.(*record.Telegram).Raw); k != nil {
				k.keep(e.shape, e.seen)
			}
		} else if e.told != nil {
			e.told.k.keep(e.told.shape, e.told.seen)
		}
		f.witnesses.take(e)
		if err := f.put(e.record); err != nil {
			return err
		}
	}
	return nil
}

// hasEnd reports whether a telegram's last line can be its end line.
func hasEnd(raw []byte) bool { return endLine(raw) >= 0 }

// reopen makes a telegram that p1fix has decided about a bad one again, and takes back
// what it has doubted.
func reopen(t *record.Telegram) error {
	t.Suspect, t.Doubted = "", nil
	if t.Status == record.Unchecked {
		t.Trusted = nil
	}
	switch t.Status {
	case record.Repaired, record.Salvaged, record.Lost:
	default:
		return nil
	}
	raw, err := record.Undo(t.Raw, t.Edits)
	if err != nil {
		return err
	}
	if t.ReceivedRaw != nil && t.Cipher != "" {
		raw = t.ReceivedRaw
	}
	t.Status, t.Raw, t.Edits = record.Bad, raw, nil
	t.Confidence, t.Trusted = 0, nil
	if t.ReceivedRaw == nil || t.Cipher == "" {
		t.Why = ""
	}
	t.Explain = nil
	return nil
}
