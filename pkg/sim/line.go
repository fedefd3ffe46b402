package sim

import (
	"cmp"
	"slices"
)

// A line carries telegrams from the meter to the receiver's driver.
type line struct {
	dice     dice
	noises   []noise
	rates    []rates // of each noise
	uart     *uart
	sevenBit bool        // parity is sent and taken off again
	parity   bool        // parity arrives in bit 7
	chars    []character // of the telegram on its way
	arrived  []heard     // what became of it
}

func newLine(o Options, m model) (*line, error) {
	noises, err := findNoises(o.Noise)
	if err != nil {
		return nil, err
	}
	l := &line{
		dice:     newDice(o.Seed, forLine),
		noises:   noises,
		uart:     &uart{dropFraming: o.Framing == "drop", countsOn: o.Resync == "pause", gap: o.Gap},
		sevenBit: m.sevenBit && o.Parity == "none",
		parity:   o.Parity == "even",
	}
	for _, n := range noises {
		r := rates{normal: cmp.Or(o.Rate, n.rate)}
		r.first = cmp.Or(o.PauseRate, n.pauseRate, r.normal)
		l.rates = append(l.rates, r)
	}
	return l, nil
}

// carry sends a telegram through the line. It returns the bytes that arrive and
// how many bytes were changed, removed or added.
func (l *line) carry(text []byte, pauses []int) (received []byte, hits int) {
	if l.parity {
		text = withParity(text)
	}
	if l.quiet() {
		return slices.Clone(text), 0
	}
	arrived := l.sample(text, pauses)
	for i, n := range l.noises {
		if n.bytes != nil {
			arrived = n.bytes(l.dice, l.rates[i].normal, arrived)
		}
	}
	received = make([]byte, len(arrived))
	for i, h := range arrived {
		received[i] = h.value
	}
	return received, countHits(text, arrived)
}

// quiet tells that the line does nothing to what it carries.
func (l *line) quiet() bool {
	return !slices.ContainsFunc(l.noises, func(n noise) bool { return n.edges != nil || n.bytes != nil })
}

// sample draws the noise onto the edges and lets the UART look at them. What the
// line does nothing to arrives as it was sent.
func (l *line) sample(text []byte, pauses []int) []heard {
	l.load(text, pauses)
	for i, n := range l.noises {
		if n.edges != nil {
			n.edges(l.dice, l.rates[i], l.chars)
		}
	}
	l.arrived = l.arrived[:0]
	for begin := 0; begin < len(l.chars); {
		end := begin + 1
		for end < len(l.chars) && !l.chars[end].first {
			end++
		}
		l.sampleStretch(text, begin, end)
		begin = end
	}
	if l.sevenBit {
		for i := range l.arrived {
			l.arrived[i].value &= 0x7F
		}
	}
	return l.arrived
}

// sampleStretch samples what lies between two pauses. The UART is in step up to
// the first character that is hit, and may be out of step until the next pause.
func (l *line) sampleStretch(sent []byte, begin, end int) {
	for begin < end && !l.chars[begin].hit {
		l.arrived = append(l.arrived, heard{sent[begin], begin})
		begin++
	}
	if begin < end {
		l.arrived = l.uart.receive(l.chars[begin:end], begin, l.arrived)
	}
}

// load turns a telegram into characters.
func (l *line) load(text []byte, pauses []int) {
	l.chars = l.chars[:0]
	for _, b := range text {
		if l.sevenBit {
			b = evenParity(b)
		}
		l.chars = append(l.chars, sentAs(b))
	}
	for _, p := range pauses {
		l.chars[p].first = true
	}
}

// countHits compares what arrived with what was sent, character by character.
func countHits(sent []byte, arrived []heard) int {
	hits, next := 0, 0
	for _, h := range arrived {
		if h.from < next {
			hits++ // a second byte made of the same character
			continue
		}
		hits += h.from - next // characters that left nothing
		if h.value != sent[h.from] {
			hits++
		}
		next = h.from + 1
	}
	return hits + len(sent) - next
}
