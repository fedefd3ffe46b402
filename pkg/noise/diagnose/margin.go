package diagnose

import (
	"fmt"
	"math"

	"p1/pkg/noise/words"
)

// A bit that an edge can make wrong, by the row of an [EdgeTable].
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

// wrongWhere says which bits are read wrong. A bit between two edges counts for both.
func wrongWhere(t *EdgeTable) string {
	wrong := func(pick func(int) bool) string { return words.Count(rows(&t.Wrong, pick)) }
	all := rows(&t.Wrong, func(int) bool { return true })
	return fmt.Sprintf("Of %s read wrong %s are a 1 behind a rising edge, %s a 0 before one, %s a 0 behind a falling edge, %s a 1 before one; %s have no edge beside them.",
		words.Plural(all, "bit"), wrong(beside(aOne, edgeBefore)), wrong(beside(0, edgeAfter)), wrong(beside(0, edgeBefore)), wrong(beside(aOne, edgeAfter)),
		wrong(func(row int) bool { return row&(edgeBefore|edgeAfter) == 0 }))
}

// Scatter of the edges of a line, in bit times: what lines have (FACTS).
const (
	leastScatter = 0.02
	mostScatter  = 0.12
)

// bitMicroseconds is a bit time at 115200 baud.
const bitMicroseconds = 8.68

// seenLate is by how much a receiver that looks 16 times in a bit time sees a start edge
// late on average, in bits: an edge may be late by so much more.
const seenLate = 1.0 / 32

// margin says how near late edges come to the middle of a bit, where each edge is late by
// itself. What a log determines is the distance in units of their scatter, from how often
// one gets there (a normal distribution); how late that is depends on the scatter, of the
// edge and of the start edge.
func margin(t *EdgeTable, s Signature) string {
	pick, edge := beside(aOne, edgeBefore), "rising"
	if s == ZerosLost {
		pick, edge = beside(0, edgeAfter), "falling"
	}
	wrong, sent := float64(rows(&t.Wrong, pick)), float64(rows(&t.Sent, pick))
	if wrong < 10 || sent < wrong {
		return ""
	}
	z := math.Sqrt2 * math.Erfinv(1-2*wrong/sent)
	late := func(scatter float64) float64 {
		return max(0, (0.5+seenLate-z*math.Sqrt2*scatter)*bitMicroseconds)
	}
	from, to := late(mostScatter), late(leastScatter)
	return fmt.Sprintf("One %s edge in %s comes more than half a bit late: that limit is %.1f times the scatter away. How late the edges come on average the log alone does not tell: with the scatter of 0.02 to 0.12 bit that lines have it is %.1f to %.1f µs at 115200 baud.",
		edge, words.Count(int64(sent/wrong)), z, min(from, to), max(from, to))
}

// growth says how the wrong bits grow with their number.
func growth(t *EdgeTable) []string {
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
