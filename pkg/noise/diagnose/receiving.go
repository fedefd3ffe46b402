package diagnose

import (
	"math/bits"

	"p1/pkg/channel"
	"p1/pkg/uart"
)

// receiving is what drops bytes once they are received.
type receiving struct {
	printable bool // the logger drops what is not printable
	framing   bool // the driver drops bytes whose stop bit was read as 0
	sevenBit  bool // bit 7 carried even parity and was taken off
	restarts  bool // the UART takes a stop bit that is 0 for the next start bit
}

// assumptions is how many of these are made of a receiver.
func (r receiving) assumptions() (n int) {
	for _, assumed := range []bool{r.printable, r.framing, r.sevenBit, r.restarts} {
		if assumed {
			n++
		}
	}
	return n
}

// receivings are the ways of receiving that are possible. That no byte from 0x80 on came may
// be because bit 7 was taken off, or because the logger or nobody writes any.
func receivings(printable, sevenBit bool) (all []receiving) {
	for i := range 16 {
		r := receiving{printable: i&1 != 0, framing: i&2 != 0, restarts: i&4 != 0, sevenBit: i&8 != 0}
		if (printable || !r.printable) && (sevenBit || !r.sevenBit) {
			all = append(all, r)
		}
	}
	return all
}

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

// outcomes are how likely each byte, or nothing, is handed on for one that was sent, or
// that the receiver is out of step from there on; the chance that it is what was sent is
// left out.
type outcomes [260]float64

// Outcomes that are runs of bytes.
const (
	slipped = 257 // garbage of bits that are grouped anew
	hole    = 258 // bytes that vanish one after the other
	tornOne = 259 // the same with some left between them
)

// outcomesOf is what a shape makes of a byte that is sent, of which all is what lines read.
func (r receiving) outcomesOf(i int, all []uart.Readings, sent byte) (o outcomes) {
	s, read := &shapes()[i], &all[i]
	kept := 1 - s.lost
	for b := range 256 {
		r.hand(&o, byte(b), read.Good[b]*kept)
		if r.framing {
			o[vanished] += read.Framing[b] * kept
		} else {
			r.hand(&o, byte(b), read.Framing[b]*kept)
		}
	}
	// Of a byte whose start is not seen nothing is left, or what its next edge gives, and
	// mostly it takes some bytes to find the next start.
	lost := (read.Missed + read.Passed) * kept
	if r.restarts { // the stop bit was looked at in the start bit after it, whose edges the next looks fall upon
		lost = read.Missed * kept
		early := &all[len(all)-1] // see lineReadings
		for b, p := range early.Good {
			r.hand(&o, byte(b), (p+early.Framing[b])*read.Passed*kept)
		}
	}
	if r.onWire(sent) == 0xFF { // it has no other edge, and mostly stands among its like
		o[vanished] += lost
	} else {
		rest := lost * (1 - s.slips)
		o[slipped] = lost - rest
		o[vanished] += rest / 8
		r.hand(&o, uart.MissedStart(r.onWire(sent)), rest*7/8)
	}
	o[vanished] += s.lost * s.strikes(read, r.onWire(sent))
	gone := o[vanished]
	o[hole], o[tornOne], o[vanished] = gone*s.holes, gone*s.torn, gone*(1-s.holes-s.torn)
	if s.signature == Garbled { // what has no pattern may be a run as well
		o[slipped], o[hole], o[tornOne] = anyOutcome, anyOutcome, anyOutcome
	}
	o[sent] = 0
	return o
}

// anyOutcome is the chance of one of all outcomes where there is no pattern.
const anyOutcome = 1.0 / 256

// strikes is how often a byte is hit, where that takes some of them whole.
func (s *shape) strikes(read *uart.Readings, sent byte) float64 {
	if s.lost == 1 {
		return 1
	}
	return 1 - read.Good[sent]
}

// hand hands a byte on, or drops it.
func (r receiving) hand(o *outcomes, b byte, p float64) {
	if p == 0 {
		return
	}
	if b = r.delivered(b); r.printable && !channel.Printable(b) {
		o[vanished] += p
	} else {
		o[b] += p
	}
}

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
