package channel

import (
	"math"
	"math/bits"
)

// Cause is a mechanism that damages bytes.
type Cause int

// The causes that a Model tells apart.
const (
	Rise   Cause = iota // rising edges come late: the first 1 after a 0 is read as 0
	Fall                // falling edges come late: the first 0 after a 1 is read as 1
	Flip                // one bit is inverted
	Late                // all bits are read one bit time late or early
	Random              // any byte may be read
	Delete              // nothing is read
	Insert              // something is read where nothing was sent
	causes
)

// causeNames are the causes as they are written down.
var causeNames = [causes]string{
	Rise: "rise", Fall: "fall", Flip: "flip", Late: "late", Random: "random", Delete: "delete", Insert: "insert",
}

// partial is the share of hits of a slow line that take some of a byte's edges
// rather than all; measured on a transistor inverter it is 4 to 8 %.
const partial = 0.06

// anyByte is the share of each of the bytes that may be read instead of one.
const anyByte = 1.0 / 255

// reading is one way in which a cause may turn a byte into another.
type reading struct {
	cause Cause
	share float64 // of the hits of that cause on that byte
}

// Model says how likely a reading of a byte is. Its rates are learned from the
// stream: hits in so many bytes, for each cause.
type Model struct {
	printable bool // the logger drops what is not printable
	bytes     float64
	hits      [causes]float64

	rates [causes]float64 // those that the costs are made of
	costs Costs
	stale bool // they are of other rates
}

// Costs are what the readings of bytes cost: −ln of their probabilities.
type Costs struct {
	reading [256][256]float32 // reading[sent][read], read ≠ sent
	vanish  [256]float32
	insert  float32
}

// What is assumed of a line before anything is seen of it: so many hits in so
// many bytes.
const priorBytes = 4000

var priorHits = [causes]float64{Rise: 2, Fall: 2, Flip: 1.2, Late: 0.1, Random: 0.3, Delete: 1, Insert: 0.5}

// forgetAfter so many bytes, what was seen counts half: lines change. What was
// assumed before stays, so that no cause is ever ruled out for good.
const forgetAfter = 4e6

// NewModel returns the model of a line of which nothing is known but whether its
// logger drops bytes that are not printable.
func NewModel(printable bool) *Model {
	m := &Model{printable: printable, bytes: priorBytes, hits: priorHits}
	m.Settle()
	return m
}

// Printable reports whether the logger is taken to drop unprintable bytes.
func (m *Model) Printable() bool { return m.printable }

// SetPrintable says whether the logger drops what is not printable. What was
// learned of the line stays.
func (m *Model) SetPrintable(printable bool) {
	m.stale = m.stale || m.printable != printable
	m.printable = printable
}

// Sent counts bytes that went over the line, hit or not.
func (m *Model) Sent(n int) {
	m.bytes += float64(n)
	if m.bytes > forgetAfter {
		m.bytes /= 2
		for c := range m.hits {
			m.hits[c] = math.Max(m.hits[c]/2, priorHits[c])
		}
	}
}

// Hit counts a byte that was read as another.
func (m *Model) Hit(sent, read byte) {
	total := 0.0
	var weight [causes]float64
	each(sent, func(r byte, w reading) {
		if r == read {
			weight[w.cause] += m.hits[w.cause] * w.share
			total += m.hits[w.cause] * w.share
		}
	})
	m.share(weight, total)
}

// Vanished counts a byte of which nothing was read.
func (m *Model) Vanished(sent byte) {
	var weight [causes]float64
	weight[Delete] = m.hits[Delete]
	total := weight[Delete]
	if m.printable {
		each(sent, func(r byte, w reading) {
			if !Printable(r) {
				weight[w.cause] += m.hits[w.cause] * w.share
				total += m.hits[w.cause] * w.share
			}
		})
	}
	m.share(weight, total)
}

// Added counts a byte that was read although nothing was sent.
func (m *Model) Added() { m.hits[Insert]++ }

// share spreads one hit over the causes that explain it.
func (m *Model) share(weight [causes]float64, total float64) {
	for c, w := range weight {
		if total > 0 {
			m.hits[c] += w / total
		}
	}
}

// Rate returns how often a cause hits a byte.
func (m *Model) Rate(c Cause) float64 { return m.hits[c] / m.bytes }

// HitRate returns how often a byte is hit by any cause but an insertion.
func (m *Model) HitRate() float64 {
	sum := 0.0
	for c := Rise; c < Insert; c++ {
		sum += m.Rate(c)
	}
	return sum
}

// Costs returns the costs, until the model learns on. They are worked out when they
// are asked for: as long as nothing is damaged nobody does.
func (m *Model) Costs() *Costs {
	if m.stale {
		m.price()
		m.stale = false
	}
	return &m.costs
}

// Reading returns −ln of the probability that sent is read as read; that of an
// undamaged byte is taken to be 0.
func (c *Costs) Reading(sent, read byte) float32 {
	if sent == read {
		return 0
	}
	return c.reading[sent][read]
}

// Vanish returns −ln of the probability that nothing is read of sent.
func (c *Costs) Vanish(sent byte) float32 { return c.vanish[sent] }

// Insert returns −ln of the probability that one particular byte is added.
func (c *Costs) Insert() float32 { return c.insert }

// each calls f for the readings of a byte, other than itself, that the causes
// lead to; a reading may come up more than once.
func each(sent byte, f func(read byte, w reading)) {
	shaped(sent, f)
	for r := range 256 {
		if byte(r) != sent {
			f(byte(r), reading{Random, anyByte})
		}
	}
}

// shaped calls f for those readings that follow from the bits of the byte.
func shaped(sent byte, f func(read byte, w reading)) {
	edges(riseEdges(sent), Rise, func(set byte, share float64) { f(sent&^set, reading{Rise, share}) })
	edges(fallEdges(sent), Fall, func(set byte, share float64) { f(sent|set, reading{Fall, share}) })
	for k := range 8 {
		f(sent^1<<k, reading{Flip, 1.0 / 8})
	}
	f(sent<<1, reading{Late, 0.5})
	f(sent>>1|0x80, reading{Late, 0.5})
}

// tenth are the powers of 0.1.
var tenth = func() (t [8]float64) {
	for n := range t {
		t[n] = math.Pow(0.1, float64(n))
	}
	return t
}()

// edges calls f for the sets of a byte's edges that may be late together: all of
// them, or, as a part of the hits, some.
func edges(mask byte, c Cause, f func(set byte, share float64)) {
	n := bits.OnesCount8(mask)
	if n == 0 {
		return
	}
	if n == 1 {
		f(mask, 1)
		return
	}
	// One late edge alone is nearly always what a part of them is.
	some := 0.0
	subsets(mask, func(s byte) {
		if s != mask {
			some += tenth[bits.OnesCount8(s)-1]
		}
	})
	subsets(mask, func(s byte) {
		if s == mask {
			f(s, 1-partial)
		} else {
			f(s, partial*tenth[bits.OnesCount8(s)-1]/some)
		}
	})
}

// Settle makes the costs agree with the rates, once these have changed by a
// fifth since it last did.
func (m *Model) Settle() {
	same := true
	for c := range causes {
		same = same && math.Abs(m.Rate(c)-m.rates[c]) <= m.rates[c]/5
	}
	if same {
		return
	}
	for c := range causes {
		m.rates[c] = m.Rate(c)
	}
	m.stale = true
}

// price makes the costs of the rates.
func (m *Model) price() {
	random := m.rates[Random] * anyByte
	byAccident := cost(random) // what nearly all of the readings cost
	for b := range 256 {
		var p [256]float64
		gone := m.rates[Delete]
		shaped(byte(b), func(r byte, w reading) {
			if m.printable && !Printable(r) {
				gone += m.rates[w.cause] * w.share
			} else {
				p[r] += m.rates[w.cause] * w.share
			}
		})
		for r, q := range p {
			if dropped := m.printable && !Printable(byte(r)); r != b && dropped {
				gone += random
			} else if r != b {
				q += random
			}
			if q == random {
				m.costs.reading[b][r] = byAccident
			} else {
				m.costs.reading[b][r] = cost(q)
			}
		}
		m.costs.vanish[b] = cost(gone)
	}
	m.costs.insert = cost(m.rates[Insert] / 256)
}

// Never is the cost of what does not happen.
const Never = 60

func cost(p float64) float32 {
	if p < 1e-26 {
		return Never
	}
	return float32(-math.Log(p))
}
