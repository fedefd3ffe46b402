// Package repair takes telegram records and gives them back repaired: of the bad
// ones, those for which a telegram is found that this meter could have sent and
// whose CRC holds, with the edits that lead to it; or it refuses, and says why.
//
// Two rules are at work. What a logger left out is put back, where one number of
// bytes makes the CRC of several telegrams hold ([channel.Fill]). What was fixed
// text in this meter's valid telegrams is fixed text now ([expect.Shape]): a
// damaged header, OBIS code or unit, garbage between lines. Digits that vary are
// taken as received, so a telegram in which one of them is damaged is refused.
//
// # Lab notebook
//
// Figures are of eon-noisy.log, a public log of a Hungarian meter on a bad day
// (804 transmissions, printable bytes only), from a state that has seen nothing.
//
//	date        method                          right  refused  wrong
//	2026-11-22  fill only                          83      721      0
//	2026-11-22  fill and fixed text (this)        706       98      0
//
// Of the 98, 62 have a digit damaged that varies, in 30 no candidate satisfies
// the CRC (a digit was read as another one), in 6 the CRC itself is damaged.
//
// "Right" means here: CRC, sums between registers and the clock agree; there is
// no truth for this log.
package repair

import (
	"p1/pkg/channel"
	"p1/pkg/expect"
	"p1/pkg/record"
)

// Options are what a person may choose.
type Options struct {
	// MinConfidence is the confidence below which a repair is refused.
	MinConfidence float64
	// Again decides anew what a former run has decided.
	Again bool
}

// Fixer repairs a stream of records. It holds records back, unless they come
// from a live source, while it has seen no valid telegram of the stream.
type Fixer struct {
	out     record.Writer
	options Options

	meter expect.Meter
	fills channel.FillFinder

	source record.Origin   // the stream that the records are of
	known  bool            // a valid telegram of this stream has been seen
	held   []record.Record // since the first bad one, while none has
	size   int             // bytes of held
}

const (
	// maxHeld and maxHeldBytes bound what is held back.
	maxHeld      = 512
	maxHeldBytes = 8 << 20
)

// New returns a Fixer that writes to out.
func New(out record.Writer, o Options) *Fixer { return &Fixer{out: out, options: o} }

// Take takes the next record; records that are no bad telegrams pass.
func (f *Fixer) Take(r record.Record) error {
	if _, ok := r.(*record.Other); !ok && !f.source.SameStream(r.Where()) {
		if err := f.release(0); err != nil {
			return err
		}
		f.source, f.known = r.Where(), false
	}
	t, ok := r.(*record.Telegram)
	if !ok {
		return f.pass(r)
	}
	if f.options.Again {
		if err := reopen(t); err != nil {
			return f.pass(t) // its own edits contradict it: nothing to go back to
		}
	}
	switch t.Status {
	case record.OK:
		return f.valid(t)
	case record.Bad:
		return f.bad(t)
	}
	return f.pass(t)
}

// Flush does nothing: what is finished has been written.
func (f *Fixer) Flush() error { return nil }

// Close decides about what is held back.
func (f *Fixer) Close() error { return f.release(0) }

// valid learns from a telegram whose CRC holds.
func (f *Fixer) valid(t *record.Telegram) error {
	if t.Suspect == "" && t.CRC == record.CRCARC {
		f.learn(t.Raw)
		if err := f.release(0); err != nil {
			return err
		}
	}
	return f.pass(t)
}

func (f *Fixer) learn(raw []byte) {
	f.meter.Learn(raw)
	f.known = true
}

// bad repairs a telegram, or holds it back until the meter is known.
func (f *Fixer) bad(t *record.Telegram) error {
	f.fills.Add(t.Raw, t.CRCSent)
	if f.known || t.Live {
		if err := f.release(0); err != nil {
			return err
		}
		f.decide(t)
		return f.out.Write(t)
	}
	f.hold(t)
	if fill, ok := f.fills.Found(); ok && f.learnRefilled(fill) {
		return f.release(0)
	}
	return f.bound()
}

// learnRefilled learns from the telegrams that are held back and valid once the
// fill is back.
func (f *Fixer) learnRefilled(fill channel.Fill) bool {
	for _, r := range f.held {
		if t, ok := r.(*record.Telegram); ok && t.Status == record.Bad {
			if fixed, ok := refill(t.Raw, fill); ok {
				f.learn(fixed.raw)
			}
		}
	}
	return f.known
}

func (f *Fixer) hold(r record.Record) {
	f.held = append(f.held, r)
	switch r := r.(type) {
	case *record.Telegram:
		f.size += len(r.Raw)
	case *record.Noise:
		f.size += len(r.Data)
	case *record.Other:
		f.size += len(r.Line)
	}
}

// pass hands on a record that is decided, behind those that are not.
func (f *Fixer) pass(r record.Record) error {
	if len(f.held) == 0 {
		return f.out.Write(r)
	}
	f.hold(r)
	return f.bound()
}

// bound lets the older half of what is held back go once it is too much.
func (f *Fixer) bound() error {
	if len(f.held) > maxHeld || f.size > maxHeldBytes {
		return f.release(len(f.held) / 2)
	}
	return nil
}

// release decides about what is held back, in order, and writes it; the newest
// keep records stay.
func (f *Fixer) release(keep int) error {
	held := f.held
	f.held, f.size = nil, 0
	for i, r := range held {
		if i >= len(held)-keep {
			f.hold(r)
			continue
		}
		if t, ok := r.(*record.Telegram); ok && t.Status == record.Bad {
			f.decide(t)
		}
		if err := f.out.Write(r); err != nil {
			return err
		}
	}
	return nil
}

// decide makes a bad telegram a repaired or a lost one.
func (f *Fixer) decide(t *record.Telegram) {
	fixed, why := f.repair(t)
	if fixed != nil && fixed.confidence() < f.options.MinConfidence {
		fixed, why = nil, "the repair is not certain enough"
	}
	if fixed != nil {
		// A repair that cannot be undone would lose bytes.
		received, err := record.Undo(fixed.raw, fixed.edits)
		if err != nil || string(received) != string(t.Raw) {
			fixed, why = nil, "the repair cannot be undone"
		}
	}
	if fixed == nil {
		t.Status, t.Why = record.Lost, string(why)
		return
	}
	t.Status, t.CRC, t.Why = record.Repaired, record.CRCARC, ""
	t.Raw, t.Edits, t.Confidence = fixed.raw, fixed.edits, fixed.confidence()
	if line, _ := t.EditCount(); line == 0 {
		f.learn(t.Raw)
	}
}

// repair tries the fill alone first, then every shape that is known.
func (f *Fixer) repair(t *record.Telegram) (*repaired, reason) {
	if t.CRC == record.CRCNone {
		return nil, unprotected
	}
	if t.CRCSent == "" {
		return nil, noCRC
	}
	if fill, ok := f.fills.Found(); ok {
		if fixed, ok := refill(t.Raw, fill); ok {
			return fixed, ""
		}
	}
	why := unknown
	for _, shape := range f.meter.Shapes() {
		fixed, reason := restore(t.Raw, shape)
		if fixed != nil {
			return fixed, ""
		}
		if why == unknown || why == tooDamaged {
			why = reason
		}
	}
	return nil, why
}

// reopen makes a telegram that p1fix has decided about a bad one again.
func reopen(t *record.Telegram) error {
	switch t.Status {
	case record.Repaired, record.Salvaged, record.Lost:
	default:
		return nil
	}
	raw, err := record.Undo(t.Raw, t.Edits)
	if err != nil {
		return err
	}
	t.Status, t.Raw, t.Edits = record.Bad, raw, nil
	t.Confidence, t.Suspect, t.Why, t.Trusted = 0, "", "", nil
	return nil
}
