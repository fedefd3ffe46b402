package sim

import "slices"

// A line carries telegrams from the meter to the receiver's driver.
type line struct {
	dice     dice
	noises   []noise
	settings []settings // of each noise
	uart     *uart
	adrift   bool        // the clock of the receiver has no fixed phase
	sevenBit bool        // parity is sent and taken off again
	parity   bool        // parity arrives in bit 7
	chars    []character // of the telegram on its way
	arrived  []heard     // what became of it
}

func newLine(o Options, m model) (*line, error) {
	chosen, err := o.noises()
	if err != nil {
		return nil, err
	}
	l := &line{
		dice:     newDice(o.Seed, forLine),
		uart:     &uart{dropFraming: o.Framing == "drop", resync: o.Resync, gap: o.Gap, clock: looks},
		sevenBit: m.sevenBit && o.Parity == "none",
		parity:   o.Parity == "even",
	}
	for _, n := range chosen {
		s, err := n.usual.with(n.given, m.bit())
		if err != nil {
			return nil, err
		}
		l.noises = append(l.noises, n.noise)
		l.settings = append(l.settings, s)
		l.uart.slow += s.slow
		l.adrift = l.adrift || len(n.has) > 0
	}
	return l, nil
}

// looks is how often in a bit time the receiver looks at the line.
const looks = 16

// carry sends a telegram through the line. It returns the bytes that arrive and
// what the line did.
func (l *line) carry(text []byte, pauses []int) (received []byte, done damage) {
	if l.parity {
		text = withParity(text)
	}
	if l.quiet() {
		return slices.Clone(text), damage{}
	}
	arrived := l.sample(text, pauses)
	for i, n := range l.noises {
		if n.bytes != nil {
			arrived = n.bytes(l.dice, l.settings[i].rate, arrived)
		}
	}
	received = make([]byte, len(arrived))
	for i, h := range arrived {
		received[i] = h.value
	}
	done = compare(text, arrived)
	for i := range l.chars {
		if l.chars[i].hit {
			done.struck++
		}
	}
	return received, done
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
			n.edges(l.dice, l.settings[i], l.chars)
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
		if l.adrift {
			l.uart.phase = float64(l.dice.below(bitTime))
		}
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

// damage is what a line did to a telegram.
type damage struct {
	hits   int // bytes changed, removed or added
	spoilt int // characters that did not arrive as they were sent
	struck int // characters that the line did something to
}

// compare compares what arrived with what was sent, character by character.
func compare(sent []byte, arrived []heard) damage {
	var d damage
	next, added := 0, 0
	for _, h := range arrived {
		if h.from < next {
			added++ // a second byte made of the same character
			continue
		}
		d.spoilt += h.from - next // characters that left nothing
		if h.value != sent[h.from] {
			d.spoilt++
		}
		next = h.from + 1
	}
	d.spoilt += len(sent) - next
	d.hits = d.spoilt + added
	return d
}
