package diagnose

import (
	"fmt"
	"math"

	"p1/pkg/noise/words"
)

// A bit that an edge can make wrong, by the row of an [BitTable].
const (
	aOne       = 4
	edgeBefore = 2
	edgeAfter  = 1
)

// rows sums the bits of the rows that a condition picks.
func rows(t *[8][8]int64, pick func(row int) bool) (n int64) {
	for row := range t {
		if pick(row) {
			for _, count := range t[row] {
				n += count
			}
		}
	}
	return n
}

// beside picks the ones, or the zeros, with an edge on a side.
func beside(level, edge int) func(int) bool {
	return func(row int) bool { return row&aOne == level && row&edge != 0 }
}

func anyBit(int) bool         { return true }
func besideEdge(row int) bool { return row&(edgeBefore|edgeAfter) != 0 }
func besideNone(row int) bool { return !besideEdge(row) }
func behindEdge(row int) bool { return row&edgeBefore != 0 }

// part is how many bits of a kind were read wrong, and how many there were.
type part struct{ wrong, sent float64 }

func (t *BitTable) part(pick func(row int) bool) part {
	return part{float64(rows(&t.Wrong, pick)), float64(rows(&t.Sent, pick))}
}

// bitNames name the rows of a [BitTable], in the order in which they are shown: what an edge
// before the bit makes wrong, what one after it does, and what neither can.
var bitNames = [8]struct {
	row  int
	name string
}{
	{aOne | edgeBefore, "1 after an edge"}, {aOne | edgeAfter, "1 before an edge"}, {aOne | edgeBefore | edgeAfter, "1 between two edges"},
	{edgeBefore, "0 after an edge"}, {edgeAfter, "0 before an edge"}, {edgeBefore | edgeAfter, "0 between two edges"},
	{aOne, "1 beside no edge"}, {0, "0 beside no edge"},
}

// Kinds lists the rows of the table, in the order in which they are shown.
func (t *BitTable) Kinds() []BitKind {
	var all []BitKind
	for _, n := range bitNames {
		all = append(all, BitKind{Name: n.name, Sent: t.Sent[n.row], Wrong: t.Wrong[n.row]})
	}
	return all
}

// Totals are its bits that were read wrong, and all of them.
func (k *BitKind) Totals() (wrong, sent int64) {
	for b := range k.Sent {
		wrong += k.Wrong[b]
		sent += k.Sent[b]
	}
	return wrong, sent
}

// Any reports whether a bit was read wrong.
func (t *BitTable) Any() bool { return rows(&t.Wrong, anyBit) > 0 }

// supports says how the table of wrong bits bears on a cause: which bits are read wrong,
// against how many of them there are; and whether it shows the cause, or is not about it.
func (t *BitTable) supports(s Signature) (says string, proved bool) {
	all := t.part(anyBit)
	if all.wrong == 0 {
		return "No byte was read as another one, so there is no table of wrong bits: " + s.beyondBits() + ".", true
	}
	switch s {
	case OnesLost:
		return t.points(behindRising())
	case Deleted:
		const enough = 10 // bits
		if facts, shown := t.facts(behindRising()); shown && all.wrong >= enough {
			return "The table of wrong bits does not hold the bytes that are missing. What it holds points at a slow rising edge, by which a driver that drops bytes with framing errors loses them: " + facts, true
		}
	case ZerosLost:
		return t.points(beside(0, edgeAfter), "are a 0 before a rising edge", "which is what a start edge makes wrong that comes too late")
	case Late:
		return t.points(behindEdge, "stand behind an edge", "which is where a bit differs from the one before it")
	case Scatter, Clock:
		return t.points(besideEdge, "stand beside an edge", "which is what edges make wrong that come too early or too late")
	case Flip, Garbled:
		return t.anywhere()
	}
	return fmt.Sprintf("The table of wrong bits says little of it: it counts bytes that were read as others (%s wrong in them), and here %s.", words.Plural(int64(all.wrong), "bit"), s.beyondBits()), true
}

// beyondBits says why a signature is not seen in wrong bits.
func (s Signature) beyondBits() string {
	switch s {
	case Inserted:
		return "bytes come that nobody sent"
	case Slip:
		return "the bits of many bytes are grouped anew"
	case Burst:
		return "many bytes in a row are garbage"
	}
	return "bytes are missing"
}

// surely is how many standard deviations beyond chance, and clearly how many times as often
// as others, bits of a kind have to be wrong to support a cause.
const (
	surely  = 2
	clearly = 2
)

// behindRising are the bits that late rising edges make wrong.
func behindRising() (kind func(row int) bool, are, why string) {
	return beside(aOne, edgeBefore), "are a 1 behind a rising edge", "which is what a rising edge makes wrong that comes too late"
}

// points says whether the wrong bits point at a cause.
func (t *BitTable) points(kind func(row int) bool, are, why string) (says string, proved bool) {
	facts, shown := t.facts(kind, are, why)
	if shown {
		return "The table of wrong bits supports it: " + facts, true
	}
	return "The table of wrong bits hardly shows it: " + facts, false
}

// facts say how many of the wrong bits are of the kind that a cause makes wrong, and
// whether that is more than chance.
func (t *BitTable) facts(kind func(row int) bool, are, why string) (says string, shown bool) {
	all, these, none := t.part(anyBit), t.part(kind), t.part(besideNone)
	usual := these.sent / math.Max(all.sent, 1)
	others := part{all.wrong - these.wrong, all.sent - these.sent}
	share := fmt.Sprintf("%s of the %s", words.Percent(these.wrong/all.wrong), words.Plural(int64(all.wrong), "bit"))
	switch {
	case all.wrong == 1:
		share = fmt.Sprintf("%d of 1 bit", int64(these.wrong))
	case others.wrong == 0:
		share = fmt.Sprintf("all %s bits", words.Count(int64(all.wrong)))
	case these.wrong == 0:
		share = fmt.Sprintf("none of %s bits", words.Count(int64(all.wrong)))
	}
	beyond := these.wrong - all.wrong*usual
	shown = beyond > surely*math.Sqrt(all.wrong*usual*(1-usual)) && these.wrong*others.sent >= clearly*others.wrong*these.sent
	return fmt.Sprintf("%s read wrong %s, %s; such bits are %s of all that were sent. Of the %s beside no edge, which edges cannot make wrong, %s.",
		share, are, why, words.Percent(usual), words.Plural(int64(none.sent), "bit"), none.times()), shown
}

// times says how many of a part were wrong.
func (p part) times() string {
	switch p.wrong {
	case 0:
		return "none was"
	case 1:
		return "one was"
	}
	return words.Count(int64(p.wrong)) + " were"
}

// anywhere says whether bits are read wrong wherever they stand. What makes only ones
// wrong, or mostly, meets those beside no edge as often as other ones; so ones and zeros are
// held against their own.
func (t *BitTable) anywhere() (says string, proved bool) {
	seen, usual := t.part(besideNone).wrong, 0.0
	for _, level := range []int{0, aOne} {
		of := func(row int) bool { return row&aOne == level }
		all, none := t.part(of), t.part(func(row int) bool { return of(row) && besideNone(row) })
		usual += all.wrong * none.sent / math.Max(all.sent, 1)
	}
	text := fmt.Sprintf("of the %s read wrong %s beside no edge; if edges had nothing to do with it, it would be about %s",
		words.Plural(int64(t.part(anyBit).wrong), "bit"), words.Plural(int64(seen), "stands", "stand"), words.Number(math.Round(10*usual)/10))
	switch {
	case seen*clearly >= usual && seen > 0:
		return "The table of wrong bits supports it: " + text + ".", true
	case usual < 3: // of so few none may be seen by chance
		return "The table of wrong bits is too small to show it: " + text + ".", false
	}
	return "The table of wrong bits supports it in part: " + text + ". Some of these bits may have been made wrong by edges.", seen > 0
}
