package tables

import (
	"errors"
	"io"
	"os"
	"time"

	"p1/pkg/fileio"
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
	a := &ahead{spool: spool{output: o.Output}, out: &pending{w: w, output: o.Output}, order: &order{strict: true}}
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

// pending is output that may have to be made anew: it is kept, in a temporary file if it is
// much, until it is known to be right.
type pending struct {
	w      io.Writer
	output string
	right  bool // what comes is handed on
	kept   []byte
	f      *os.File
	dir    string
}

func (p *pending) Write(b []byte) (int, error) {
	if p.right {
		return p.w.Write(b)
	}
	p.kept = append(p.kept, b...)
	if len(p.kept) < spoolMemory {
		return len(b), nil
	}
	err := error(nil)
	if p.f == nil {
		p.f, p.dir, err = fileio.Scratch(p.output)
	}
	if err == nil {
		if _, err = p.f.Write(p.kept); err != nil {
			err = &fileio.ScratchError{Dir: p.dir, Err: err}
		}
	}
	p.kept = p.kept[:0]
	return len(b), err
}

// settle hands on what is kept if it is right, and forgets it if not. What comes from now on
// is handed on.
func (p *pending) settle(right bool) (err error) {
	p.right = true
	if p.f != nil {
		if _, err = p.f.Seek(0, io.SeekStart); err == nil && right {
			_, err = io.Copy(p.w, p.f)
		}
		err = errors.Join(err, p.f.Close())
	}
	if right && err == nil && len(p.kept) > 0 {
		_, err = p.w.Write(p.kept)
	}
	p.kept, p.f = nil, nil
	return err
}
