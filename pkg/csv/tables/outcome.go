package tables

import (
	"cmp"
	"fmt"

	"p1/pkg/display"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// Outcome is what became of the telegrams that a Writer has taken.
type Outcome struct {
	Rows    int
	LeftOut bool   // of telegrams that can be used some gave no row, which was said; or there was something, and no telegram
	Why     string // where there is no row: why, and what to do
}

// Outcome returns what became of the telegrams so far.
func (t *Writer) Outcome() Outcome {
	o := Outcome{Rows: t.rows.written(), LeftOut: t.rows.leftOut()}
	if o.Rows == 0 {
		o.Why = t.refused.why()
		o.LeftOut = o.LeftOut || t.refused.isStrange()
	}
	return o
}

// refusal is what keeps a telegram from being used.
type refusal int

const (
	noKeyGiven  refusal = iota // encrypted, and there was no key
	wrongKey                   // the key does not open it
	lineless                   // no line in it can be read
	underMask                  // somebody has put a mask in it
	unknownCRC                 // its CRC is of no known kind
	notFixed                   // p1fix has not seen it
	maskedLines                // salvaged, and somebody has put a mask in it
	onlyLines                  // salvaged
	gaveUp                     // lost: p1fix gave it up
	refusals
)

// advice says why telegrams cannot be used, and what can be done.
func (r refusal) advice() string {
	const (
		unverified = "p1csv --accept bad makes rows of them all the same, which nothing verifies"
		someLines  = "--salvaged makes rows of those of their lines that can be trusted"
	)
	return [refusals]string{
		noKeyGiven: "they are encrypted and the key is missing: p1frame --key-file takes the one that the grid operator gives to the household",
		wrongKey:   "they are encrypted and the key that was given to p1frame does not open them: compare it, and the number of the meter, with the grid operator's letter; where only the tag does not verify, p1frame --allow-unverified takes them",
		lineless:   "no line in them can be read: p1noise --summary says what is wrong",
		underMask:  "their CRC does not hold, and %s looks as if somebody had masked it before the log was handed on: " + unverified,
		unknownCRC: "they look whole, and yet no known CRC holds: " + unverified,
		notFixed:   "they are not valid, and p1fix, which repairs such telegrams, is missing: p1cat LOG | p1frame | p1fix | p1csv; " + unverified,
		onlyLines:  "p1fix could repair none of them: " + someLines + "; " + unverified,
		gaveUp:     "they are not valid, and p1fix could repair none of them (of the first: %s): p1noise --summary says more; " + unverified,
	}[r]
}

// refused counts the telegrams that cannot be used as long as none can, by what keeps
// them from it.
type refused struct {
	usable bool
	noise  int64 // bytes that belong to no telegram
	by     [refusals]int
	mask   string // where the first mask is
	broken string // where the first line that is damaged is
}

// take takes down whether a telegram can be used.
func (f *refused) take(o *Options, t *record.Telegram) {
	if f.usable = f.usable || o.accepts(t); f.usable {
		return
	}
	f.by[f.refusal(t)]++
}

func (f *refused) refusal(t *record.Telegram) refusal {
	switch {
	case t.Status == record.Salvaged && f.masked(t.Raw):
		return underMask
	case t.Status == record.Salvaged:
		return onlyLines
	case telegram.HasLine(t.Raw):
	case t.Cipher == record.CipherNoKey:
		return noKeyGiven
	case t.Cipher == record.CipherFailed:
		return wrongKey
	default:
		return lineless
	}
	switch {
	case f.masked(t.Raw):
		return underMask
	case t.CRC == record.CRCUnknown && damageIn(t.Raw) == nil:
		return unknownCRC
	case t.Status == record.Bad:
		return notFixed
	case t.CRCSent != "" && damageIn(t.Raw) == nil:
		return unknownCRC // one telegram is too few for p1frame to say so
	}
	if f.broken == "" {
		f.broken = "it has no CRC that can be read"
		if err := damageIn(t.Raw); err != nil {
			f.broken = err.Error()
		}
	}
	return gaveUp
}

// masked reports whether a text shows a mask, and keeps where the first one is.
func (f *refused) masked(raw []byte) bool {
	where := telegram.MaskedPlace(raw)
	f.mask = cmp.Or(f.mask, where)
	return where != ""
}

// damageIn reports where a text breaks the form of a telegram, or nil where it looks whole.
func damageIn(raw []byte) error {
	if err := telegram.Check(raw); err != nil {
		return err
	}
	return oddValue(raw)
}

// maxLineShown is how many characters of a line are shown.
const maxLineShown = 60

// oddValue reports the first value with a unit that is no number, if there is one.
func oddValue(raw []byte) error {
	if n := telegram.OddValue(raw); n > 0 {
		return fmt.Errorf("line %d: %s is no value", n, display.Short(string(telegram.Parse(raw).Lines[n-1].Of(raw)), maxLineShown))
	}
	return nil
}

// why says what keeps most telegrams from being used, or nothing where one can be.
func (f *refused) why() string {
	most := refusal(0)
	for r, n := range f.by {
		if n > f.by[most] {
			most = refusal(r)
		}
	}
	switch {
	case f.usable:
		return "these telegrams say nothing that this table is made of"
	case f.isStrange():
		return fmt.Sprintf("no telegram stands in the %d bytes that came in; where p1cat has not said what they are, this is no log of a meter's P1 port, "+
			"or one that was changed too much: p1cat FILE | p1frame shows what was read", f.noise)
	case f.by[most] == 0:
		return ""
	case most == underMask:
		return fmt.Sprintf(most.advice(), f.mask)
	case most == gaveUp:
		return fmt.Sprintf(most.advice(), f.broken)
	}
	return most.advice()
}

// isStrange reports whether something came in, and no telegram.
func (f *refused) isStrange() bool { return !f.usable && f.noise > 0 && f.by == [refusals]int{} }
