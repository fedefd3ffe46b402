package diagnose

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

	"p1/pkg/noise/words"
	"p1/pkg/uart"
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

// side is a kind of bit that a line makes wrong: an edge beside it moved.
type side struct {
	level, edge int
	says        string
}

// sidesOf are the kinds of wrong bits, first the one that a signature is about.
func sidesOf(s Signature) []side {
	sides := []side{
		{aOne, edgeBefore, "a 1 behind a rising edge"}, {0, edgeAfter, "a 0 before a rising edge"},
		{0, edgeBefore, "a 0 behind a falling edge"}, {aOne, edgeAfter, "a 1 before a falling edge"},
	}
	if s == ZerosLost {
		sides[0], sides[1] = sides[1], sides[0]
	}
	return sides
}

// wrongWhere says which bits are read wrong. A bit between two edges counts for the first
// of the kinds that it is of.
func wrongWhere(t *BitTable, s Signature) string {
	all := rows(&t.Wrong, func(int) bool { return true })
	if all == 0 {
		return ""
	}
	var parts []string
	add := func(n int64, says string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%s (%s)", says, words.Count(n)))
		}
	}
	sides := sidesOf(s)
	first := rows(&t.Wrong, beside(sides[0].level, sides[0].edge))
	for i, k := range sides {
		add(rows(&t.Wrong, func(row int) bool {
			earlier := slices.ContainsFunc(sides[:i], func(k side) bool { return beside(k.level, k.edge)(row) })
			return !earlier && beside(k.level, k.edge)(row)
		}), k.says)
	}
	add(rows(&t.Wrong, func(row int) bool { return row&(edgeBefore|edgeAfter) == 0 }), "beside no edge")
	if s != OnesLost && s != ZerosLost || first == 0 {
		return fmt.Sprintf("Bits read wrong, %s in all: %s.", words.Count(all), strings.Join(parts, ", "))
	}
	text := fmt.Sprintf("%s of the %s that were read wrong are %s.", words.Part(float64(first)/float64(all)), words.Plural(all, "bit"), sides[0].says)
	if len(parts) > 1 {
		text += " The others: " + strings.Join(parts[1:], ", ") + "."
	}
	return text
}

// Scatter of the edges of a line, in bit times: what lines have (FACTS).
const (
	leastScatter = 0.02
	mostScatter  = 0.12
)

// bitMicroseconds is a bit time at 115200 baud.
const bitMicroseconds = 8.68

// seenOwn is the scatter of when a receiver sees a start edge, which is up to twice
// uart.SeenLate late: a standard deviation, √12 of a width.
const seenOwn = 1.0 / 16 / 3.4641016

// late is what a log says of edges that come late: the rising ones, or the falling ones,
// the start edges among them. Against a start edge the former come late and the latter
// make the rising ones early, so it is rising edges that are counted either way.
type late struct {
	edge    string  // rising, falling
	wrong   float64 // edges that came more than half a bit late
	sent    float64
	other   float64 // edges that came more than half a bit late the other way
	limit   float64 // how late one may come, bits
	against float64 // and the other way
}

// lateIn counts the late edges of a signature.
func lateIn(t *BitTable, s Signature) late {
	after, before := beside(aOne, edgeBefore), beside(0, edgeAfter)
	l := late{"rising", float64(rows(&t.Wrong, after)), float64(rows(&t.Sent, after)), float64(rows(&t.Wrong, before)), 0.5 + uart.SeenLate, 0.5 - uart.SeenLate}
	if s == ZerosLost {
		l.edge, l.wrong, l.other = "falling", l.other, l.wrong
		l.limit, l.against = l.against, l.limit
	}
	return l
}

// away is how many times their scatter so many wrong edges are from being late by the
// limit (a normal distribution).
func (l late) away(wrong float64) float64 {
	return math.Sqrt2 * math.Erfinv(1-2*min(wrong/l.sent, 0.999))
}

// relative is the scatter of an edge against the start edge as the receiver sees it, each
// of them having the scatter; bits.
func relative(scatter float64) float64 { return math.Hypot(math.Sqrt2*scatter, seenOwn) }

// by is how late the edges come on average, in bits, if the limit is so many scatters away.
func (l late) by(away, scatter float64) float64 { return l.limit - away*relative(scatter) }

// mostScatter is the largest scatter that the log allows, in bits: with a larger one, edges
// would be late the other way more often than they are. (Both limits are a bit apart.)
func (l late) mostScatter() float64 {
	others := l.other + 2*math.Sqrt(l.other) + 3 // 95 %
	whole := (l.limit + l.against) / (l.away(l.wrong) + l.away(others))
	if square := whole*whole - seenOwn*seenOwn; square > 2*leastScatter*leastScatter {
		return min(math.Sqrt(square/2), mostScatter)
	}
	return leastScatter
}

// margin says how near late edges come to the middle of a bit, where each edge is late by
// itself. What a log determines is the distance in units of their scatter, from how often
// one gets there; how late that is depends on the scatter, of the edge and of the start
// edge.
func margin(t *BitTable, s Signature) string {
	l := lateIn(t, s)
	if l.wrong < 10 || l.sent < l.wrong {
		return ""
	}
	away, most := l.away(l.wrong), l.mostScatter()
	at := func(scatter float64) float64 { return max(0, l.by(away, scatter)*bitMicroseconds) }
	why := "that lines have"
	if most < mostScatter {
		why = "that lines have, as far as so few wrong bits on the other side of an edge allow,"
	}
	return fmt.Sprintf("One %s edge in %s comes more than half a bit late: that limit is %.1f times the scatter away. How late the edges come on average the log alone does not tell: with the scatter of %.2f to %.2f bit %s it is %.1f to %.1f µs at 115200 baud.",
		l.edge, words.Count(int64(l.sent/l.wrong)), away, leastScatter, most, why, at(most), at(leastScatter))
}

// growth says how the wrong bits grow with their number.
func growth(t *BitTable) []string {
	rate := func(from, to int) float64 {
		wrong, sent := 0.0, 0.0
		for row := range t.Sent {
			if row&(edgeBefore|edgeAfter) == 0 {
				continue
			}
			for k := from; k < to; k++ {
				wrong += float64(t.Wrong[row][k])
				sent += float64(t.Sent[row][k])
			}
		}
		return wrong / max(sent, 1)
	}
	early, late := rate(0, 4), rate(4, 8)
	if late <= early || early <= 0 {
		return nil
	}
	return []string{fmt.Sprintf("Of bits 4 to 7 that stand beside an edge %.1f times as many are read wrong as of bits 0 to 3.", late/early)}
}

// flipped says which way the bits went that flips explain.
func flipped(m *mixture) []string {
	toOne, toZero := 0.0, 0.0
	for k, kind := range m.kinds {
		if kind.sent < 0 || kind.sent == anyDigit || kind.got >= vanished {
			continue
		}
		n := kind.n * m.part(Flip, k)
		toOne += n * float64(bits.OnesCount8(byte(kind.got)&^byte(kind.sent)))
		toZero += n * float64(bits.OnesCount8(byte(kind.sent)&^byte(kind.got)))
	}
	text := fmt.Sprintf("Of the bits of these bytes about %s were read as 0 instead of 1, and %s as 1 instead of 0, beside an edge or not.", words.Count(int64(math.Round(toZero))), words.Count(int64(math.Round(toOne))))
	const oneWay = 10 // times as many
	if max(toOne, toZero) >= few && max(toOne, toZero) > oneWay*min(toOne, toZero) {
		text += " Nearly all went the same way: something pulls the line towards one level."
	}
	return []string{text}
}
