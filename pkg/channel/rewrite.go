package channel

import (
	"bytes"

	"p1/pkg/record"
)

// rewriter makes other bytes of received ones, and notes each change as an edit
// of the logger. A run of the same change is one: since an edit is a substituted
// byte, a run that is taken away or one that is put there, it is two edits.
//
//	received  (C3 BF C3 BF C3 BF)
//	out       (FF FF FF)
//	edits     {"at":1,"got":C3 BF C3 BF C3 BF,"now":""} {"at":1,"got":"","now":FF FF FF}
type rewriter struct {
	rest  []byte // what has not been read yet
	out   []byte
	edits []record.Edit

	got  []byte // the run of changes that out ends with
	unit int    // bytes of got that became one of out
	now  int    // bytes of out that got became
}

// keep copies n bytes.
func (w *rewriter) keep(n int) {
	w.endRun()
	w.out = append(w.out, w.rest[:n]...)
	w.rest = w.rest[n:]
}

// change writes b in place of n bytes.
func (w *rewriter) change(n int, b byte) {
	same := w.unit == n && w.out[len(w.out)-1] == b && bytes.Equal(w.got[:n], w.rest[:n])
	if !same {
		w.endRun()
	}
	w.got = append(w.got, w.rest[:n]...)
	w.out = append(w.out, b)
	w.rest = w.rest[n:]
	w.unit = n
	w.now++
}

// drop leaves n bytes out.
func (w *rewriter) drop(n int) {
	w.endRun()
	w.edit(len(w.out), w.rest[:n], record.Bytes{})
	w.rest = w.rest[n:]
}

// put writes bytes that were not received.
func (w *rewriter) put(text []byte) {
	w.endRun()
	w.edit(len(w.out), record.Bytes{}, text)
	w.out = append(w.out, text...)
}

// done returns what has been written.
func (w *rewriter) done() ([]byte, []record.Edit) {
	w.keep(len(w.rest))
	return w.out, w.edits
}

func (w *rewriter) endRun() {
	if w.unit == 0 {
		return
	}
	at := len(w.out) - w.now
	now := w.out[at:len(w.out):len(w.out)]
	if len(w.got) == 1 {
		w.edit(at, w.got, now)
	} else {
		w.edit(at, w.got, record.Bytes{})
		w.edit(at, record.Bytes{}, now)
	}
	w.got, w.unit, w.now = nil, 0, 0
}

func (w *rewriter) edit(at int, got, now []byte) {
	w.edits = append(w.edits, record.Edit{At: at, Got: got, Now: now, By: record.ByLogger})
}
