package repair

import (
	"math"
	"slices"

	"p1/pkg/align"
	"p1/pkg/fix/expect"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// byLuck is how likely a text, of one telegram whose CRC held, is not what the meter sends.
// Any damaged telegram may be one whose CRC holds by accident, those with an odd number of
// wrong bits too; against says what damaged telegrams say against the text.
func (f *Fixer) byLuck(text []byte, against float64) float64 {
	const (
		holds   = accident / 2
		strange = 1e-4 // how often a meter sends what breaks the grammar: no known one does
	)
	odds := float64(1+f.damaged) * holds * math.Exp(against)
	if telegram.Check(text) != nil {
		odds /= strange
	}
	return 1 / (1 + 1/odds)
}

// contradicted reports whether a telegram whose CRC holds, the first one of a meter, is
// rather a damaged one: its text is none that meters send, and damaged telegrams agree on
// another one.
func (f *Fixer) contradicted(raw []byte) bool {
	if telegram.Check(raw) == nil {
		return false
	}
	v := f.hear(nil, expect.NewShape(raw), &places{}, f.held)
	return v.against > 0 && f.byLuck(raw, v.against) > 0.5
}

// hearsay is what damaged telegrams say of a text.
type hearsay struct {
	telegrams int     // that can be held against it
	worst     int     // how many of them have something else in one place of it, at most
	against   float64 // ln of how much likelier they are if a few bytes of it are others
}

// confirms reports whether the damaged telegrams agree with a text: no place of it is
// another in most of them.
func (v hearsay) confirms() bool {
	const few, most = 3, 0.6
	return v.telegrams >= few && float64(v.worst) < most*float64(v.telegrams)
}

// hear holds the text of a shape of a meter, nil of one that is not known, against the
// damaged telegrams of a list, the latest refused ones, and those that were repaired by it,
// of which its places tell; but for those that name another meter.
//
// Where the text is what the meter sends, each telegram that has something else in a place
// was hit there, as few bytes are; where it is not, each that has the same was, and the
// text's own telegram.
func (f *Fixer) hear(k *known, shape *expect.Shape, p *places, list []entry) (v hearsay) {
	const (
		hit = 0.01 // share of bytes: a bad line
		few = 8    // bytes: where more are others, it is another text and not a damaged one
	)
	hits := make([]int, len(shape.Text))
	for _, e := range slices.Concat(f.witnesses.latest(2*fewWitnesses), list) {
		t, ok := e.record.(*record.Telegram)
		if !ok || !e.open {
			continue
		}
		raw, _ := f.unlogged(t)
		if other := f.find(raw); other != nil && other != k {
			continue
		}
		if short, ops := match(shape, raw); ops != nil {
			v.telegrams++
			count(hits, shape, short, ops)
		}
	}
	v.telegrams += int(p.telegrams) - p.valid
	others := 0
	for i, n := range hits {
		if i < len(p.hits) && i <= shape.Bang && shape.FieldAt[i] < 0 {
			n += int(p.hits[i])
		}
		v.worst = max(v.worst, n)
		if more := 2*n - v.telegrams - 1; more > 0 {
			others++
			v.against -= float64(more) * math.Log(hit)
		}
	}
	if others > few {
		v.against = 0
	}
	return v
}

// count adds the differences in the text of a shape to the hits of each place; a few bytes
// that it lacks are hits of the place behind them. Of a filler, of which nobody can tell
// which byte is missing, missing ones do not count: a line that hits one byte in 700 takes
// some of 1,024 in most telegrams. Nor need they: a filler of another length moves all that
// stands before it, the clock too, so that a CRC that holds with it by accident holds for
// that telegram alone.
func count(hits []int, shape *expect.Shape, short shortened, ops []align.Op) {
	i, added := 0, 0
	for _, o := range ops {
		if o == align.Added {
			added++
			continue
		}
		at := short.origin(i)
		lacks := 0 < added && added < longRun && (at <= shape.FillStart || at > shape.FillEnd)
		fill := o == align.Lost && shape.FillStart <= at && at < shape.FillEnd
		other := o != align.Same && !fill && shape.FieldAt[at] < 0
		if (lacks || other) && at <= shape.Bang {
			hits[at]++
		}
		i, added = i+1, 0
	}
}
