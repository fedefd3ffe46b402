package diagnose

import (
	"math"
	"math/bits"

	"p1/pkg/channel"
)

// receiving is what drops bytes once they are received.
type receiving struct {
	printable bool // the logger drops what is not printable
	framing   bool // the driver drops bytes whose stop bit was read as 0
	sevenBit  bool // bit 7 carried even parity and was taken off
}

// stopToo is how often an edge to the stop bit is late together with the others of
// its byte: a third of the hits of a receiver that drops such bytes are deletions.
const stopToo = 1.0 / 3

// hitTable counts what became of single bytes: sent (256 is any digit) and got (256
// is nothing).
type hitTable [257][257]int64

const vanished = 256

func (t *hitTable) add(h hit) {
	got := h.got
	if got == nothing {
		got = vanished
	}
	t[h.sent][got]++
}

// likelihoods are those of a hit under each of the singles.
type likelihoods [len(singles)]float64

// likelihood returns how likely a byte that a mechanism hits becomes that.
func (r receiving) likelihood(sent symbol, got int) likelihoods {
	if sent != anyDigit {
		return r.ofByte(byte(sent), got)
	}
	var sum likelihoods
	for digit := byte('0'); digit <= '9'; digit++ {
		if int(digit) == got {
			continue
		}
		for i, l := range r.ofByte(digit, got) {
			sum[i] += l / 10
		}
	}
	return sum
}

func (r receiving) ofByte(sent byte, got int) likelihoods {
	var l likelihoods
	if got != vanished && (!r.printable || channel.Printable(byte(got))) {
		shares := channel.Shares(sent, byte(got))
		for i, s := range singles {
			l[i] = shares[s.cause] * (1 - r.drops(i, sent))
		}
		r.shift(&l, sent, byte(got))
		return l
	}
	for i, s := range singles {
		l[i] = r.drops(i, sent)
		if r.printable {
			l[i] += (1 - l[i]) * unprintable(sent, s.cause)
		}
	}
	return l
}

// shift puts in what is a matter of the whole byte: sampled a bit early, its start bit
// late, or its start edge missed.
func (r receiving) shift(l *likelihoods, sent, got byte) {
	for i, s := range singles {
		switch s.signature {
		case Late:
			l[i] = 0
			if got == r.delivered(sent<<1) {
				l[i] = 1 - s.vanishes
			}
		case ZerosLost:
			l[i] = (1-startToo)*l[i] + startToo*r.lateStart(sent, got)
		case Slip:
			l[i] = 0
			if got == r.delivered(slipOf(r.onWire(sent))) {
				l[i] = 1 - s.vanishes
			}
		}
	}
}

// startToo is how often the falling edge of the start bit is late together with the
// others.
const startToo = 0.5

// lateStart is how often a byte whose start bit came late is read as another. By less
// than a bit: the receiver looks at every bit later by as much, so that the last 0 before
// each 1 is read as that 1. By a whole one: it takes each bit for the one before it.
//
//	sent  start 0 1 2 3 4 5 6 7 stop
//	read        ↑ 0 1 2 3 4 5 6 7
func (r receiving) lateStart(sent, read byte) float64 {
	sent = r.onWire(sent)
	falls := ^sent & (sent << 1)
	switch read {
	case r.delivered(lastZeros(sent)):
		return 0.5
	case r.delivered(sent>>1 | 0x80), r.delivered((sent|falls)>>1 | 0x80):
		return 0.25
	}
	return 0
}

// lastZeros is a byte with the last 0 before each 1, the stop bit being one, read as 1:
// '0' 0x30 as 0xB8.
func lastZeros(b byte) byte { return b | b>>1 | 0x80 }

// onWire is a byte as it is sent.
func (r receiving) onWire(b byte) byte {
	if r.sevenBit {
		return b&0x7F | byte(bits.OnesCount8(b&0x7F)&1)<<7
	}
	return b
}

// delivered is a byte as the driver hands it on.
func (r receiving) delivered(b byte) byte {
	if r.sevenBit {
		return b & 0x7F
	}
	return b
}

// drops is how often a hit leaves nothing of a byte, whatever it is read as.
func (r receiving) drops(i int, sent byte) float64 {
	switch s := singles[i].signature; {
	case s == OnesLost && r.framing && sent < 0x80:
		return stopToo
	case s == ZerosLost && sent == 0xFF:
		return 0.9 // it has no falling edge but that of its start bit
	}
	return singles[i].vanishes
}

// unprintable is how often a hit of the cause makes a byte unprintable.
func unprintable(sent byte, c channel.Cause) float64 {
	sum := 0.0
	for read := range 256 {
		if !channel.Printable(byte(read)) {
			sum += channel.Shares(sent, byte(read))[c]
		}
	}
	return sum
}

// mixture is how the hits of single bytes share among the mechanisms.
type mixture struct {
	receiving
	weight  likelihoods // sum to 1
	events  likelihoods // hits explained by each
	evident float64     // log of the likelihood
}

// explain finds the mixture under which the hits are likeliest, for each way of
// receiving that is possible. One that assumes more must explain much more.
func (t *hitTable) explain(printable, sevenBit bool) mixture {
	const perAssumption = 4 // in nats
	best := t.mix(receiving{sevenBit: sevenBit})
	for _, r := range []receiving{{framing: true}, {printable: true}, {printable: true, framing: true}} {
		if r.printable && !printable {
			continue
		}
		r.sevenBit = sevenBit
		m := t.mix(r)
		m.evident -= perAssumption
		if r.printable && r.framing {
			m.evident -= perAssumption
		}
		if m.evident > best.evident {
			best = m
		}
	}
	return best
}

// rounds of expectation maximisation; the weights settle after some ten.
const rounds = 60

// mix finds the weights by expectation maximisation (Dempster, Laird and Rubin 1977).
// A hit more of each mechanism is assumed in a hundred, so that none is ruled out.
func (t *hitTable) mix(r receiving) mixture {
	type kind struct {
		n int64
		l likelihoods
	}
	var kinds []kind
	total := 0.0
	for sent := range t {
		for got, n := range t[sent] {
			if n > 0 {
				kinds = append(kinds, kind{n, r.likelihood(symbol(sent), got)})
				total += float64(n)
			}
		}
	}
	m := mixture{receiving: r}
	for i := range m.weight {
		m.weight[i] = 1 / float64(len(m.weight))
	}
	for range rounds {
		m.events, m.evident = likelihoods{}, 0
		for _, k := range kinds {
			p := 0.0
			for i, l := range k.l {
				p += m.weight[i] * l
			}
			if p <= 0 {
				continue
			}
			m.evident += float64(k.n) * math.Log(p)
			for i, l := range k.l {
				m.events[i] += float64(k.n) * m.weight[i] * l / p
			}
		}
		const assumed = 0.01
		for i := range m.weight {
			m.weight[i] = (m.events[i] + assumed) / (total + assumed*float64(len(m.weight)))
		}
	}
	return m
}

// part is the share of one mechanism in the explanation of a hit.
func (m *mixture) part(i int, sent symbol, got int) float64 {
	l := m.likelihood(sent, got)
	p := 0.0
	for k := range l {
		p += m.weight[k] * l[k]
	}
	if p <= 0 {
		return 0
	}
	return m.weight[i] * l[i] / p
}
