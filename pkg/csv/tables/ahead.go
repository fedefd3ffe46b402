package tables

import (
	"errors"
	"io"
	"time"

	"p1/pkg/csv/sorted"
)

// ahead makes rows of telegrams as they come, as long as they come in the order of their
// clocks, as those of nearly all logs do. It hands none on before the end is known; where
// the order is broken the rows are made once more, of sorted telegrams:
//
//	in order     telegrams ─┬─► rows ─► pending ──────────────► output
//	                        └─► spool
//	not so       spool, then telegrams ─► sorted ─► rows ──────► output
type ahead struct {
	spool spool
	out   *pending
	order *order
	fresh func() (rows, error) // the table anew
}

// order watches that rows come in the order of their clocks.
type order struct {
	strict bool
	last   time.Time
}

// errOrder says that a row came that is not after the one before it for sure.
var errOrder = errors.New("telegrams are not in the order of their clocks")

// take looks at the time of a row.
func (o *order) take(t time.Time, floating bool) error {
	if o == nil || !o.strict {
		return nil
	}
	if floating || !t.After(o.last) {
		return errOrder
	}
	o.last = t
	return nil
}

// newAhead returns the rows that fresh makes, with what watches them; o is to be that of
// the rows.
func newAhead(w io.Writer, o Options) (rows, *ahead, error) {
	told := &toldOnce{say: o.Say}
	if o.Say != nil {
		o.Say = told.tell
	}
	a := &ahead{spool: spool{pile: sorted.NewPile(o.Output)}, out: &pending{w: w, kept: sorted.NewPile(o.Output)}, order: &order{strict: true}}
	o.order = a.order
	a.fresh = func() (rows, error) { return newRecords(a.out, o) }
	r, err := a.fresh()
	return r, a, err
}

// toldOnce tells nothing twice, though rows are made twice.
type toldOnce struct {
	say  func(string)
	told map[string]bool
}

func (t *toldOnce) tell(text string) {
	if t.told == nil {
		t.told = map[string]bool{}
	}
	if !t.told[text] {
		t.told[text] = true
		t.say(text)
	}
}

// pending is output that may have to be made anew: it is kept until it is known to be right.
type pending struct {
	w     io.Writer
	right bool // what comes is handed on
	kept  *sorted.Pile
}

func (p *pending) Write(b []byte) (int, error) {
	if p.right {
		return p.w.Write(b)
	}
	return p.kept.Write(b)
}

// settle hands on what is kept if it is right, and forgets it if not. What comes from now on
// is handed on.
func (p *pending) settle(right bool) (err error) {
	if p.right = true; right {
		err = p.kept.Read(func(from io.Reader) error {
			_, err := io.Copy(p.w, from)
			return err
		})
	}
	return errors.Join(err, p.kept.Close())
}
