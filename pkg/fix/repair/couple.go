package repair

import (
	"p1/pkg/align"
	"p1/pkg/channel"
	"p1/pkg/fix/expect"
	"p1/pkg/fix/pair"
	"p1/pkg/record"
)

// couple is a damaged telegram that a second capture has, too.
type couple struct {
	pair.Match
	merged []byte        // what both say together
	edits  []record.Edit // that lead to it from what the first has
	shared bool          // two records of the first are parts of it
}

// couples follows how the telegrams of two captures go together.
type couples struct {
	merged, held int // telegrams that both have, and of these those whose CRC holds as merged

	last *couple        // the one found last
	used map[int64]bool // telegrams of the second capture by which one of the first was repaired
}

// use notes that a telegram was repaired by one of the second capture.
func (c *couples) use(number int64) {
	const remembered = 4096
	if c.used == nil || len(c.used) > remembered {
		c.used = map[int64]bool{}
	}
	c.used[number] = true
}

// of returns what is to be used of a couple: nothing, where it is of another telegram, too.
func (c *couples) of(x *couple) *couple {
	if x == nil || x.shared || c.used[x.Number] {
		return nil
	}
	return x
}

// accidental is how likely a merged telegram is wrong although its CRC holds: the fewer hold, the
// likelier one does so by accident.
func (c *couples) accidental() float64 {
	return accident / 2 * float64(c.merged-c.held+1) / float64(c.held+1)
}

// keepStep tells the second capture of a telegram that is whole.
func (f *Fixer) keepStep(raw []byte) {
	if f.options.With != nil {
		f.options.With.Pass(raw)
	}
}

// couple looks for a damaged telegram in the second capture.
func (f *Fixer) couple(t *record.Telegram) *couple {
	if f.options.With == nil || t.ReceivedRaw != nil {
		return nil
	}
	m, ok := f.options.With.Find(t.Raw)
	if !ok {
		return nil
	}
	c := &couple{Match: m}
	if c.merged, c.edits = pair.Merge(t.Raw, m.Raw); c.merged == nil {
		return nil
	}
	f.couples.merged++
	if last := f.couples.last; last != nil && last.Number == c.Number {
		last.shared, c.shared = true, true
	}
	f.couples.last = c
	return c
}

// recouple looks for a damaged telegram that was cut anew.
func (f *Fixer) recouple(t *record.Telegram) *couple {
	f.couples.last = nil
	c := f.couple(t)
	f.couples.last = nil
	return f.couples.of(c)
}

// evidence is a telegram as it was received: what both captures say, where both have it.
func (e *entry) evidence() []byte {
	if e.couple != nil {
		return e.couple.merged
	}
	return e.record.(*record.Telegram).Raw
}

// decodeEntry decodes a telegram by one shape: by both captures, then by what they say together.
func (f *Fixer) decodeEntry(e *entry, received []byte, x *contender) outcome {
	if e.couple != nil {
		o := x.k.decoder.decodeBoth(e.record.(*record.Telegram).Raw, e.couple.Match.Raw, received, x.shape, x.context)
		if o = f.sure(o, received); o.why == "" {
			return o
		}
	}
	return f.sure(x.k.decoder.decodeOver(x.wire, received, x.shape, x.context), received)
}

// editsFrom lists the edits that lead to a repaired telegram from what the first capture has.
func (e *entry) editsFrom(received []byte, shape *expect.Shape, fixed *repaired, logger []record.Edit) []record.Edit {
	if len(logger) == 0 && shape != nil {
		short := shorten(shape, received)
		if list := exactEdits(fixed.raw, short, received); list != nil {
			return list
		}
	}
	return record.Compose(e.couple.edits, record.Compose(logger, fixed.edits))
}

// heard learns from a telegram what the second line does.
func (d *decoder) heard(raw, received []byte) {
	if d.second == nil {
		d.second = channel.NewModel(false)
	}
	ops := align.Within(mostOther, len(raw), len(received), func(i, j int) bool { return raw[i] == received[j] })
	if ops == nil {
		return
	}
	d.second.Sent(len(raw))
	i, j := 0, 0
	for _, o := range ops {
		switch o {
		case align.Other:
			d.second.Hit(raw[i], received[j])
		case align.Lost:
			d.second.Vanished(raw[i])
		case align.Added:
			d.second.Added()
		}
		if o != align.Added {
			i++
		}
		if o != align.Lost {
			j++
		}
	}
	d.second.Settle()
}

// mostOther is how many differences are learned from.
const mostOther = 400
