package channel

import (
	"math"
	"math/bits"
	"sync"
)

// Cause is a mechanism that damages bytes.
type Cause int

// The causes that a Model tells apart.
const (
	Rise    Cause = iota // rising edges come late: the first 1 after a 0 is read as 0
	Fall                 // falling edges come late, the start edge in time: the first 0 after a 1 is read as 1
	Soon                 // falling edges come late, the start edge too: the last 0 before a 1 is read as 1
	RiseOne              // some rising edges come late, each by itself
	FallOne              // some falling edges do, each by itself
	SoonOne              // some rising edges come early, each by itself: before the middle of the last 0
	DropOne              // some falling edges do: the last 1 before a 0 is read as 0
	Flip                 // one bit is inverted
	Late                 // all bits are read one bit time late or early
	Random               // any byte may be read
	Delete               // nothing is read
	Insert               // something is read where nothing was sent
	causes
)

// causeNames are the causes as they are written down.
var causeNames = [causes]string{
	Rise: "rise", Fall: "fall", Soon: "soon", RiseOne: "rise one", FallOne: "fall one", SoonOne: "soon one",
	DropOne: "drop one", Flip: "flip", Late: "late", Random: "random", Delete: "delete", Insert: "insert",
}

// anyByte is the share of each of the bytes that may be read instead of one.
const anyByte = 1.0 / 255

// reading is one way in which a cause may turn a byte into another.
type reading struct {
	read  byte
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

var priorHits = [causes]float64{
	Rise: 1.9, Fall: 1, Soon: 0.5, RiseOne: 0.2, FallOne: 0.2, SoonOne: 0.2, DropOne: 0.1, Flip: 1.2,
	Late: 0.1, Random: 0.3, Delete: 1, Insert: 0.5,
}

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
	var weight [causes]float64
	weight[Random] = m.hits[Random] * anyByte
	total := weight[Random]
	for _, w := range readings()[sent] {
		if w.read == read {
			weight[w.cause] += m.hits[w.cause] * w.share
			total += m.hits[w.cause] * w.share
		}
	}
	m.share(weight, total)
}

// Vanished counts a byte of which nothing was read.
func (m *Model) Vanished(sent byte) {
	var weight [causes]float64
	weight[Delete] = m.hits[Delete]
	total := weight[Delete]
	if m.printable {
		each(sent, func(w reading) {
			if !Printable(w.read) {
				weight[w.cause] += m.hits[w.cause] * w.share
				total += m.hits[w.cause] * w.share
			}
		})
	}
	m.share(weight, total)
}

// Loosen makes what was seen so far, or assumed before anything was, count only a share of what it
// does: what comes soon outweighs it.
func (m *Model) Loosen(share float64) {
	m.bytes *= share
	for c := range m.hits {
		m.hits[c] *= share
	}
}

// Hit is a byte that was read as another, or of which nothing was read.
type Hit struct {
	Sent, Read byte
	Vanished   bool
}

// With returns a model that has also seen so many bytes, with these hits. m stays as it is.
func (m *Model) With(bytes int, hits []Hit) *Model {
	c := &Model{printable: m.printable, bytes: m.bytes, hits: m.hits}
	c.See(bytes, hits)
	return c
}

// See counts so many bytes that went over the line, with these hits.
func (m *Model) See(bytes int, hits []Hit) {
	m.Sent(bytes)
	for _, h := range hits {
		if h.Vanished {
			m.Vanished(h.Sent)
		} else {
			m.Hit(h.Sent, h.Read)
		}
	}
	m.Settle()
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
func each(sent byte, f func(w reading)) {
	for _, w := range readings()[sent] {
		f(w)
	}
	for r := range 256 {
		if byte(r) != sent {
			f(reading{byte(r), Random, anyByte})
		}
	}
}

// readings returns those of each byte that follow from its bits; they are worked out once.
var readings = sync.OnceValue(func() *[256][]reading {
	var all [256][]reading
	for b := range all {
		all[b] = shaped(byte(b))
	}
	return &all
})

// shaped lists the readings of a byte, other than itself, that follow from its bits.
func shaped(sent byte) (list []reading) {
	add := func(read byte, c Cause, share float64) {
		if read != sent {
			list = append(list, reading{read, c, share})
		}
	}
	for _, e := range []struct {
		mask     byte
		all, one Cause
	}{
		{riseEdges(sent), Rise, RiseOne}, {fallEdges(sent), Fall, FallOne}, {soonEdges(sent), Soon, SoonOne},
		{mask: dropEdges(sent), one: DropOne}, // all of them together are Late
	} {
		if e.one != DropOne {
			add(sent^e.mask, e.all, 1)
		}
		subsets(e.mask, func(set byte) {
			if n := bits.OnesCount8(set); n < len(several) {
				add(sent^set, e.one, several[n])
			}
		})
	}
	for k := range 8 {
		add(sent^1<<k, Flip, 1.0/8)
	}
	add(sent<<1, Late, 0.5)
	add(sent>>1|0x80, Late, 0.5)
	return list
}

// several is the share of each set of so many edges that are late or early by themselves: one
// with another edge is a tenth as likely, and more hardly ever happen. Of the four edges that a
// byte has at most the shares add up to 1; a byte with fewer edges is hit less often.
var several = [3]float64{1: 1 / 4.6, 2: 0.1 / 4.6}

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
		for _, w := range readings()[b] {
			if m.printable && !Printable(w.read) {
				gone += m.rates[w.cause] * w.share
			} else {
				p[w.read] += m.rates[w.cause] * w.share
			}
		}
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
