package diagnose

import (
	"fmt"
	"math"
	"math/bits"

	"p1/pkg/noise/words"
	"p1/pkg/uart"
)

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

// howLate says how near to the middle of a bit the edges of the first finding come, where
// each is late by itself. What a log determines is the distance in units of their scatter,
// from how often one gets there; how late that is depends on the scatter, of the edge and
// of the start edge, which the circuits of a receiver narrow down.
func (d *Diagnoser) howLate(m *mixture, r *Report) string {
	top := &r.Findings[0]
	if top.Signature != OnesLost && top.Signature != ZerosLost || top.Share.Value < leastShown || r.Spells || d.asOne(m, top.Signature) {
		return ""
	}
	l := lateIn(&r.Bits, top.Signature)
	if l.wrong < 10 || l.sent < l.wrong {
		return ""
	}
	away, most := l.away(l.wrong), l.mostScatter()
	text := fmt.Sprintf("One %s edge in %s comes more than half a bit late: that limit is %.1f times their scatter away.", l.edge, words.Count(int64(l.sent/l.wrong)), away)
	if r.Estimate.Late != nil {
		return text + fmt.Sprintf(" On average they come %s µs late at 115,200 baud. That is a range: it rests on the simulated circuits with this receiver that make so many bits wrong, in which an edge scatters by %.2f to %.2f bit.",
			micros(r.Estimate.Late), r.Estimate.Scatter[0], r.Estimate.Scatter[1])
	}
	at := func(scatter float64) float64 { return max(0, l.by(away, scatter)*bitMicroseconds) }
	why := ""
	if most < mostScatter {
		why = ", as far as so few wrong bits on the other side of an edge allow"
	}
	text += fmt.Sprintf(" On average they come %s µs late at 115,200 baud. That is a range: it rests on the scatter that lines have, %.2f to %.2f bit%s.", micros(&[2]float64{at(most), at(leastScatter)}), leastScatter, most, why)
	if r.Receiver == Unknown {
		text += " Say which receiver you have, " + simulatedReceivers + ": then it becomes narrower, where such a receiver explains the log."
	}
	return text
}

// simulatedReceivers is how to name one of which it is known how late its edges come.
const simulatedReceivers = "--receiver transistor, direct (as an ESP32), hc14 or ftdi"

// determined says what the log determines of the edges, with intervals.
func (m *Measures) determined() []string {
	if m.Margin == nil {
		return nil
	}
	in := func(v *Measured) string {
		return fmt.Sprintf("%.2f (95 %% interval %.2f to %.2f)", v.Value, v.Low, v.High)
	}
	text := fmt.Sprintf("What the log determines, of %s: at bit %.0f the edge stays %s times its scatter away from the middle of the bit", m.Edge, m.Bit, in(m.Margin))
	if m.Growth != nil {
		text += fmt.Sprintf("; that changes by %s from one bit to the next", in(m.Growth))
	}
	if m.Common != nil {
		text += fmt.Sprintf("; of the scatter, as a variance, a share of %s is common to a character", in(m.Common))
	}
	if m.Late != nil {
		text += fmt.Sprintf("; rising edges come %s bit later than start edges", in(m.Late))
	}
	return []string{text + "."}
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
	return []string{fmt.Sprintf("Of bits 4 to 7 that stand beside an edge %s times as many are read wrong as of bits 0 to 3.", words.Number(late/early))}
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
