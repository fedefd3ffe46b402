package repair

import (
	"slices"

	"p1/pkg/record"
)

const (
	// maxWitnesses is how many damaged telegrams are held against each other.
	maxWitnesses = 60
	// fewWitnesses are too few to tell what the meter sends.
	fewWitnesses = 5
	// longest is how long a telegram may be to be one of them: there are none
	// of more than 2,400 bytes known.
	longest = 8 << 10
)

// witnesses are the latest telegrams of a stream that were refused, as they were received.
// They have been written, and nobody can repair them any more; but what they agree on is
// what the meter sends, whether telegrams are held back or not.
type witnesses struct {
	list  []entry
	run   int   // how many were refused in a row, up to now
	tried int64 // the seq of the last one that was held against others
	apart bool  // and then they had no text in common
}

// take takes a telegram that was decided about.
func (w *witnesses) take(e entry) {
	t, ok := e.record.(*record.Telegram)
	if !ok || !e.open {
		return
	}
	if t.Status == record.Repaired {
		w.run = 0
		return
	}
	raw, err := record.Undo(t.Raw, t.Edits)
	if err != nil || len(raw) > longest || e.used {
		return
	}
	copied := *t
	copied.Raw, copied.Edits = raw, nil
	if len(w.list) == maxWitnesses {
		w.list = w.list[:copy(w.list, w.list[1:])]
	}
	w.list = append(w.list, entry{record: &copied, seq: e.seq, open: true})
	w.run = min(w.run+1, maxWitnesses)
}

// latest returns the last n of them, or all.
func (w *witnesses) latest(n int) []entry { return w.list[max(len(w.list)-n, 0):] }

// learnFrom learns what the meter sends from telegrams that were refused: those before that
// were refused in a row, and those of the lists. It reports whether there is news. What has
// failed is tried anew when a sixteenth of the telegrams are new, or a quarter where they had no
// text in common: each of them is held against others 32 times at most, whatever the
// lookahead, and none that fits waits for more than three others.
func (f *Fixer) learnFrom(lists ...[]entry) bool {
	w := &f.witnesses
	pool := slices.Clone(w.latest(w.run))
	for _, e := range slices.Concat(lists...) {
		if t, ok := e.record.(*record.Telegram); ok && e.open && e.shape == nil && !e.used && len(t.Raw) <= longest {
			pool = append(pool, e)
		}
	}
	fresh := 0
	for _, e := range pool {
		if e.seq > w.tried {
			fresh++
		}
	}
	share := 16
	if w.apart {
		share = 4
	}
	if len(pool) < fewWitnesses || share*fresh < min(len(pool), maxWitnesses) {
		return false
	}
	w.tried = pool[len(pool)-1].seq
	learned, news := f.bootstrap(pool)
	if len(learned) > 0 {
		w.list, w.run = nil, 0
	}
	for _, list := range lists {
		for i := range list {
			list[i].used = list[i].used || slices.Contains(learned, list[i].seq)
		}
	}
	return news
}
