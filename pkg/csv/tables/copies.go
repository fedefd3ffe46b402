package tables

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"p1/pkg/record"
)

// copies reports whether two telegrams are copies of one: of the same meter, with the
// same clock and the same registers. A telegram of which some lines cannot be trusted is
// one of another if nothing in it contradicts that.
//
// With another register they are two telegrams: of the hour that autumn repeats, where
// the clock says neither S nor W.
func (m *statement) copies(other *statement) bool {
	if !m.clockOK || !other.clockOK || !m.clock.Time.Equal(other.clock.Time) ||
		(m.clock.Season == 0) != (other.clock.Season == 0) {
		return false
	}
	shared := slices.ContainsFunc(m.counters, func(c counter) bool { return find(other.counters, 0, c.code) != nil })
	if m.meter != other.meter {
		// The line that names the meter may be one that cannot be trusted.
		unnamed := m.partial && m.meter == "" || other.partial && other.meter == ""
		if !unnamed || !shared {
			return false
		}
	}
	if fell, rose := compared(m.counters, other.counters); fell || rose {
		return false
	}
	return shared || m.partial || other.partial || m.hash == other.hash
}

// group are telegrams of one time. The best copy of each becomes a row.
type group struct {
	*merging
	key    []byte
	turn   turn
	room   record.Room
	list   []*record.Telegram
	unfold unfold
}

// maxGroup is how many telegrams of one time are looked at together: a clock may stand
// still.
const maxGroup = 256

// take takes the next telegram of all that were kept.
func (g *group) take(key, line []byte) error {
	full := len(g.list) == maxGroup && !g.shrink()
	if full || !bytes.Equal(key, g.key) || !g.turn.own {
		if err := g.end(); err != nil {
			return err
		}
		g.key, g.turn = append(g.key[:0], key...), turnOfKey(key)
	}
	room := &g.room // for as long as the group is there
	if g.unfold.holds(g.turn) {
		room = nil // it is kept longer
	}
	from, err := g.keeper.kept(line, room)
	g.list = append(g.list, from)
	return err
}

// shrink leaves out the copies so far, and reports whether that has made room.
func (g *group) shrink() bool {
	g.list = g.best()
	for i, from := range g.list {
		g.list[i] = record.Keep(from).(*record.Telegram)
	}
	g.room.Reset()
	return len(g.list) <= maxGroup/2
}

// end hands on the telegrams of the group.
func (g *group) end() error {
	list := g.list
	if len(list) > 1 {
		list = g.best()
	}
	for _, from := range list {
		if err := g.unfold.take(g.turn, from); err != nil {
			return err
		}
	}
	clear(g.list)
	g.list = g.list[:0]
	g.room.Reset()
	return nil
}

// best leaves out the copies, whichever came first, and returns the others by meter and
// registers.
func (g *group) best() []*record.Telegram {
	slices.SortFunc(g.list, better)
	var kept []*statement
	for _, from := range g.list {
		var m moment
		m.read(from, nil)
		now := state(m, g.words)
		if slices.ContainsFunc(kept, now.copies) {
			g.copies++
			continue
		}
		kept = append(kept, now)
	}
	slices.SortStableFunc(kept, func(a, b *statement) int {
		return cmp.Or(strings.Compare(a.meter, b.meter), cmp.Compare(a.energy(), b.energy()))
	})
	list := g.list[:0]
	for _, m := range kept {
		list = append(list, m.from)
	}
	return list
}

// energy is what the registers of kWh show together, in Wh.
func (m *statement) energy() (sum int64) {
	for _, c := range m.counters {
		if n, ok := wattHours(c.value); ok && c.unit == "kWh" {
			sum += n
		}
	}
	return sum
}

// better sorts copies, the one that counts first: by what is known of it, by how little of it
// is doubted, and where that is the same by what it says, so that it does not matter which
// came first.
func better(a, b *record.Telegram) int {
	return cmp.Or(
		cmp.Compare(rank(a), rank(b)),
		cmp.Compare(len(a.Doubted), len(b.Doubted)),
		-cmp.Compare(a.Confidence, b.Confidence),
		-cmp.Compare(len(a.Trusted), len(b.Trusted)),
		bytes.Compare(a.Raw, b.Raw),
		-strings.Compare(a.Time, b.Time), // one that says when it came in before one that does not
		strings.Compare(a.Source, b.Source),
		cmp.Compare(a.Offset, b.Offset),
	)
}

// rank is how well a telegram can be relied on, 0 for the best.
func rank(t *record.Telegram) int {
	order := []record.Status{record.OK, record.Repaired, record.Unchecked, record.Salvaged}
	at := slices.Index(order, t.Status)
	if at < 0 {
		at = len(order) // bad or lost
	}
	if t.Suspect != "" {
		at += len(order) + 1
	}
	return at
}
