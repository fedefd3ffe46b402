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
	run   streak
	tried int64 // the seq of the last one that was held against others
	apart bool  // and then they had no text in common
}

// A streak is telegrams that were refused in a row. One that can be used ends it, unless all
// of them are like no known meter's: where two meters send by turns, one is learned first.
type streak struct {
	n     int
	likes bool // not all of them are like no known meter's
}

// refuse counts a telegram that was refused.
func (s *streak) refuse(why reason) {
	stranger := why == unknown || why == tooDamaged || why == unknownCRC
	s.n, s.likes = min(s.n+1, maxWitnesses), s.likes || !stranger
}

// use is told of a telegram that can be used; after those that were held against each other
// in vain the streak begins anew.
func (s *streak) use(vain bool) {
	if s.likes || vain {
		*s = streak{}
	}
}

// use is told of a telegram that can be used.
func (w *witnesses) use() {
	w.run.use(len(w.list) == 0 || w.list[len(w.list)-1].seq <= w.tried)
}

// take takes a telegram that was decided about.
func (w *witnesses) take(e entry) {
	t, ok := e.record.(*record.Telegram)
	if !ok || !e.open || e.framed() {
		return
	}
	if t.Status == record.Repaired {
		w.use()
		return
	}
	raw, err := record.Undo(t.Raw, t.Edits)
	if err != nil || len(raw) > longest || e.told != nil {
		return
	}
	copied := *t
	copied.Raw, copied.Edits = raw, nil
	if e.couple != nil {
		copied.Raw = e.couple.merged
	}
	if len(w.list) == maxWitnesses {
		w.list = w.list[:copy(w.list, w.list[1:])]
	}
	w.list = append(w.list, entry{record: &copied, seq: e.seq, open: true})
	w.run.refuse(e.about.why)
}

// latest returns the last n of them, or all.
func (w *witnesses) latest(n int) []entry { return w.list[max(len(w.list)-n, 0):] }

// learnFrom learns what the meter sends from telegrams that were refused: those before that
// were refused in a row, and those of the lists. It reports whether there is news.
//
// If all of them together do not tell, those up to some of the new ones may, with which they
// would have been held against each other at a smaller lookahead: a digit that one of ten has
// otherwise counts as damaged, and one of seven has changed it.
func (f *Fixer) learnFrom(lists ...[]entry) bool {
	w := &f.witnesses
	pool := slices.Clone(w.latest(w.run.n))
	for _, e := range slices.Concat(lists...) {
		if t, ok := e.record.(*record.Telegram); ok && e.open && e.shape == nil && e.told == nil && len(t.Raw) <= longest {
			if e.framed() {
				if e, ok = f.opened(&e); !ok {
					continue
				}
			}
			pool = append(pool, e)
		}
	}
	last := 0 // how many of them were held against each other
	for last < len(pool) && pool[last].seq <= w.tried {
		last++
	}
	if !w.due(last, len(pool)) {
		return false
	}
	w.tried = pool[len(pool)-1].seq
	learned, news := f.bootstrap(pool)
	for n := last + 1; n < len(pool) && !news && !w.apart; n++ {
		if w.due(last, n) {
			var more []confirmed
			more, news = f.bootstrap(pool[max(n-maxWitnesses, 0):n])
			learned, last = append(learned, more...), n
		}
	}
	for i := range learned {
		tell(&learned[i], lists)
		f.meetSealer(&learned[i], lists)
	}
	if len(learned) > 0 {
		w.run = streak{}
	}
	if news {
		w.tried = 0 // the others may be of another meter, and agree among themselves
	}
	return news
}

// tell keeps what was learned of a telegram with it, if it is in one of the lists. Else it
// has been written, and its values are what is known of the time before the lists: whatever
// comes of a telegram itself, they tell what those around it can be.
func tell(c *confirmed, lists [][]entry) {
	for _, list := range lists {
		for i := range list {
			if list[i].seq == c.seen.Seq {
				list[i].told = c
				return
			}
		}
	}
	c.k.keep(c.shape, c.seen)
}

// due reports whether n telegrams are to be held against each other after so many of them
// were in vain: where a sixteenth is new, or a quarter if they had no text in common. Each of
// them is held against others 32 times at most, or nearly so, whatever the lookahead, and
// none that fits waits for more than three others.
func (w *witnesses) due(last, n int) bool {
	share := 16
	if w.apart {
		share = 4
	}
	return n >= fewWitnesses && share*(n-last) >= min(n, maxWitnesses)
}
