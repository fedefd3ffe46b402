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
// was hit there, as few bytes are; where that is what most of them have instead, all others
// were, and the text's own telegram.
func (f *Fixer) hear(k *known, shape *expect.Shape, p *places, list []entry) (v hearsay) {
	votes := make([]readings, len(shape.Text))
	for _, e := range slices.Concat(f.witnesses.latest(2*fewWitnesses), list) {
		t, ok := e.record.(*record.Telegram)
		if !ok || !e.open || e.framed() {
			continue
		}
		raw, _ := f.unlogged(t)
		if other := f.find(raw); other != nil && other != k {
			continue
		}
		if short, ops := match(shape, raw); ops != nil {
			v.telegrams++
			count(votes, shape, short, ops, raw)
		}
	}
	v.telegrams += int(p.telegrams) - p.valid
	for i := range votes {
		if i < len(p.hits) && i <= shape.Bang && shape.FieldAt[i] < 0 {
			votes[i].hits += int(p.hits[i])
		}
		v.worst = max(v.worst, votes[i].hits)
	}
	v.against = against(shape, votes, v.telegrams)
	return v
}

// against says how much likelier so many damaged telegrams are if the text of a shape is
// another one in a few bytes, as most of them have it: 0 where that is no text that meters
// send, as of a receiver that was out of step in most of them.
func against(shape *expect.Shape, votes []readings, telegrams int) (cost float64) {
	const (
		hit = 0.01 // share of bytes: a bad line
		few = 8    // bytes: where more are others, it is another text and not a damaged one
	)
	var text []byte
	others := 0
	for i, c := range shape.Text {
		most, n := votes[i].most()
		if more := 2*n - telegrams - 1; more > 0 {
			text = append(text, most...)
			others++
			cost -= float64(more) * math.Log(hit)
		} else {
			text = append(text, c)
		}
	}
	if others > few || others > 0 && telegram.Check(text) != nil {
		return 0
	}
	return cost
}

// readings are what stands in place of one byte of a text in telegrams that have
// something else there.
type readings struct {
	hits int // so many of them, those of which nobody knows any more what it was too
	by   map[string]int
}

func (r *readings) add(text string) {
	if r.by == nil {
		r.by = map[string]int{}
	}
	r.hits++
	r.by[text]++
}

// most is what most of them have, and how many may have it.
func (r *readings) most() (text string, n int) {
	known := 0
	for s, m := range r.by {
		known += m
		if m > n || m == n && s < text {
			text, n = s, m
		}
	}
	if n == 0 {
		return "", 0
	}
	return text, n + r.hits - known
}

// count adds the differences in the text of a shape to the readings of each place; a few
// bytes that it lacks are differences of the place behind them. Of a filler, of which nobody
// can tell which byte is missing, missing ones do not count: a line that hits one byte in 700
// takes some of 1,024 in most telegrams. Nor need they: a filler of another length moves all
// that stands before it, the clock too, so that a CRC that holds with it by accident holds
// for that telegram alone.
func count(votes []readings, shape *expect.Shape, short shortened, ops []align.Op, raw []byte) {
	i, j, from := 0, 0, 0
	for _, o := range ops {
		if o == align.Added {
			j++
			continue
		}
		at := short.origin(i)
		added := j - from
		lacks := 0 < added && added < longRun && (at <= shape.FillStart || at > shape.FillEnd)
		fill := o == align.Lost && shape.FillStart <= at && at < shape.FillEnd
		other := o != align.Same && !fill && shape.FieldAt[at] < 0
		if !lacks {
			from = j
		}
		if o != align.Lost {
			j++
		}
		if (lacks || other) && at <= shape.Bang {
			votes[at].add(string(raw[from:j]))
		}
		i, from = i+1, j
	}
}
