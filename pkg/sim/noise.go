package sim

import (
	"math/bits"
	"slices"
	"strings"
)

// A noise is one way in which the line, the receiver or its driver does damage.
// What is a matter of edges is drawn onto the characters before the UART samples
// them; what the driver does happens to the bytes that come out of it.
type noise struct {
	name      string
	rate      float64 // how often it hits unless told otherwise
	pauseRate float64 // the same for the first byte after a pause; 0: like any other
	pauses    bool    // the pause rate has a meaning
	edges     func(d dice, r rates, chars []character)
	bytes     func(d dice, rate float64, in []heard) []heard
}

// noises is sorted by name. The rates of slow-rise are those measured on a
// Hungarian meter behind 10 m of cable and a transistor inverter; of the others
// no rate is known, and theirs are chosen so that some telegrams are hit.
var noises = []noise{
	{name: "burst", rate: 0.1, bytes: burst},
	{name: "clean"},
	{name: "cut", rate: 0.05, bytes: cut},
	{name: "delete", rate: 0.0003, bytes: deleteBytes},
	{name: "flip", rate: 0.0001, edges: flip},
	{name: "late", rate: 0.0003, edges: late},
	{name: "overrun", rate: 0.0003, bytes: overrun},
	{name: "slip", rate: 0.1, edges: slip},
	{name: "slow-fall", rate: 0.001, pauses: true, edges: slowFall},
	{name: "slow-rise", rate: 0.0017, pauseRate: 0.22, pauses: true, edges: slowRise},
}

// Noises lists the kinds of noise. What the rate of each is a share of:
//
//	burst      telegrams in which 3 to 30 bytes in a row become random
//	clean      nothing happens
//	cut        telegrams whose end, or less often beginning, is missing
//	delete     bytes that vanish
//	flip       bit times, start and stop bits included, whose middle is inverted
//	late       bytes that come a bit time later than the receiver takes them
//	overrun    bytes with which a run of 1 to 16 lost bytes begins
//	slip       telegrams in which the receiver misses one start edge
//	slow-fall  bytes whose falling edges come more than half a bit late
//	slow-rise  bytes whose rising edges come more than half a bit late
func Noises() []string {
	var names []string
	for _, n := range noises {
		names = append(names, n.name)
	}
	return names
}

// findNoises looks up names joined by '+', which a query turns into a blank.
func findNoises(list string) ([]noise, error) {
	var found []noise
	names := strings.FieldsFunc(list, func(r rune) bool { return r == '+' || r == ' ' })
	for _, name := range names {
		i := slices.IndexFunc(noises, func(n noise) bool { return n.name == name })
		if i < 0 {
			return nil, unknown("noise", name, Noises())
		}
		found = append(found, noises[i])
	}
	if len(found) == 0 {
		return nil, unknown("noise", list, Noises())
	}
	return found, nil
}

// rates say how often an edge noise hits.
type rates struct {
	normal float64
	first  float64 // the first byte after a pause
}

func (r rates) of(c *character) float64 {
	if c.first {
		return r.first
	}
	return r.normal
}

// slowRise delays rising edges: on a line that rises too slowly the first 1
// after a run of 0s is still read as 0. The start bit is such a 0, and the stop
// bit such a 1.
func slowRise(d dice, r rates, chars []character) {
	for i := range chars {
		if c := &chars[i]; d.chance(r.of(c)) {
			outer := ^c.levels << 1 & (1 << 9) // to the stop bit, if bit 7 is 0
			c.delay(d, c.rising(), outer)
		}
	}
}

// slowFall delays falling edges: the first 0 after a run of 1s is still read as
// 1. The start bit is such a 0; when it is late the receiver locks late, or not
// at all, or onto an edge further on.
func slowFall(d dice, r rates, chars []character) {
	for i := range chars {
		if c := &chars[i]; d.chance(r.of(c)) {
			c.delay(d, c.falling(), 1)
		}
	}
}

// How many edges of a hit byte are late with the first. On the line that was measured 92 %
// of the hits took all data edges of a byte; half of the rest took some of them,
// the other half was odd and is counted with them here. Drivers that throw away
// framing errors delete the byte in a third of the hits.
const (
	someEdges  = 0.08    // not every data edge is late
	oneMore    = 0.1     // such a byte has this chance for each further edge
	outerEdges = 1.0 / 3 // the edge to the stop bit, or to the start bit, is late too
)

// delay makes edges of the character so late that the middle of the bit after
// them is past: by more than half a bit, and by less than a whole one, or the
// stop bit and with it the next start edge would vanish.
func (c *character) delay(d dice, inner, outer uint16) {
	if d.chance(someEdges) {
		inner = someOf(d, inner)
	}
	if d.chance(outerEdges) {
		inner |= outer
	}
	lateness := bitTime/2 + 1 + d.below(bitTime*9/20)
	for k := range c.late {
		if inner>>k&1 == 1 {
			c.late[k] = int16(lateness)
			c.hit = true
		}
	}
}

// someOf picks some of the edges, nearly always one and never all of several.
func someOf(d dice, edges uint16) uint16 {
	n := bits.OnesCount16(edges)
	if n < 2 {
		return edges
	}
	chosen, spared := d.below(n), d.below(n-1)
	if spared >= chosen {
		spared++
	}
	var some uint16
	for i := range n {
		low := edges & -edges
		edges &^= low
		if i == chosen || i != spared && d.chance(oneMore) {
			some |= low
		}
	}
	return some
}

// flip inverts the line around the middle of single bit times. In a data bit
// that is one flipped bit; a start bit is not recognised.
func flip(d dice, r rates, chars []character) {
	for i := range chars {
		for k := range 10 {
			if d.chance(r.normal) {
				chars[i].glitch |= 1 << k
				chars[i].hit = true
			}
		}
	}
}

// late makes the receiver sample single characters one bit time early, so that
// each bit is read as the one before it: b as b<<1, and bit 7 as the stop bit.
func late(d dice, r rates, chars []character) {
	for i := range chars {
		if d.chance(r.of(&chars[i])) {
			chars[i].early, chars[i].hit = true, true
		}
	}
}

// slip hides one start edge of the telegram. The receiver stays out of step until
// a pause, or, unless it counts on, until it waits for an edge and the next one
// happens to be that of a start bit, as at CR and LF, whose high bits are all 0. In
// filler of all ones it finds its way back at once, so the edge that is hidden is
// one in text.
func slip(d dice, r rates, chars []character) {
	if !d.chance(r.normal) {
		return
	}
	for {
		c := &chars[d.below(len(chars))]
		if c.levels != sentAs(0xFF).levels {
			c.mute, c.hit = true, true
			return
		}
	}
}

// burst overwrites 3 to 30 bytes with random ones.
func burst(d dice, rate float64, in []heard) []heard {
	if len(in) == 0 || !d.chance(rate) {
		return in
	}
	begin := d.below(len(in))
	end := min(begin+d.between(3, 30), len(in))
	for i := begin; i < end; i++ {
		in[i].value = byte(d.below(256))
	}
	return in
}

// cut takes away the end of a telegram, or in one of four cases its beginning.
func cut(d dice, rate float64, in []heard) []heard {
	if len(in) < 2 || !d.chance(rate) {
		return in
	}
	at := d.between(1, len(in)-1)
	if d.below(4) == 0 {
		return in[at:]
	}
	return in[:at]
}

// deleteBytes drops single bytes.
func deleteBytes(d dice, rate float64, in []heard) []heard {
	return slices.DeleteFunc(in, func(heard) bool { return d.chance(rate) })
}

// overrun drops runs of 1 to 16 bytes, as a driver does that is not read in time.
func overrun(d dice, rate float64, in []heard) []heard {
	lost := 0
	return slices.DeleteFunc(in, func(heard) bool {
		if lost == 0 && d.chance(rate) {
			lost = d.between(1, 16)
		}
		if lost == 0 {
			return false
		}
		lost--
		return true
	})
}
