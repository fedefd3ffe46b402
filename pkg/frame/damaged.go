package frame

import "p1/pkg/record"

// Damaged is a [record.Writer] that hands on what is damaged, and the telegrams beside it: of a
// log that is to be shown to others, what they need to see what the line did.
//
//	ok  ok  bad  noise  ok  ok  ok  ok  ok  ok  bad
//	    └─────────────────┘                 └─────┘
//
// Bytes that belong to no telegram are damage too, and so is a gap; but before the first telegram
// of a stream, where loggers write their header, they are left out. A telegram without a CRC is
// not seen to be damaged.
type Damaged struct {
	out  record.Writer
	last *record.Telegram // the telegram before, if it was left out so far
	met  bool             // there was a telegram in the stream
	next bool             // the next telegram is beside something that is damaged
	any  bool
	at   record.Origin // of the record before
}

// NewDamaged returns a Damaged that writes to out.
func NewDamaged(out record.Writer) *Damaged { return &Damaged{out: out} }

// Write hands the record on, keeps it until it is known what follows, or leaves it out.
func (d *Damaged) Write(r record.Record) error {
	if !d.at.SameStream(r.Where()) {
		d.last, d.next, d.met = nil, false, false
	}
	d.at = r.Where()
	last := d.last
	t, ok := r.(*record.Telegram)
	if d.met = d.met || ok; !d.met {
		return nil
	}
	whole := ok && (t.Status == record.OK || t.Status == record.Unchecked)
	switch {
	case whole && !d.next:
		d.last = record.Keep(t).(*record.Telegram)
		return nil
	case whole:
		d.next = false
		return d.out.Write(r)
	}
	d.last, d.next = nil, true
	d.any = true
	if last != nil {
		if err := d.out.Write(last); err != nil {
			return err
		}
	}
	return d.out.Write(r)
}

// Flush hands on what is written.
func (d *Damaged) Flush() error { return d.out.Flush() }

// Any reports whether anything was damaged.
func (d *Damaged) Any() bool { return d.any }
