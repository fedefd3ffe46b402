package sim

import "slices"

// A noise is one way in which the line, the receiver or its driver does damage.
// What is a matter of edges is drawn onto the characters before the UART samples
// them; what the driver does happens to the bytes that come out of it.
type noise struct {
	name   string
	usual  settings // what it is like unless told otherwise
	always bool     // it hits every character, and no rate can be given
	spells bool     // it has a rate of its own after a pause
	has    []string // which of the parameters it has, beside the rates
	edges  func(d dice, s settings, chars []character)
	bytes  func(d dice, rate float64, in []heard) []heard
}

// slowEdges are the parameters of slow-rise and slow-fall.
var slowEdges = []string{"common", "late", "scatter", "shift", "spell"}

// noises is sorted by name. The rates of slow-rise are those measured on a
// Hungarian meter behind 10 m of cable and a transistor inverter, and its lateness, at
// 115200 baud 5.6 µs, makes damage that looks like what was measured there; of the
// others no rate is known, and theirs are chosen so that some telegrams are hit.
var noises = []noise{
	{name: "burst", usual: settings{rate: 0.1}, bytes: burst},
	{name: "clean"},
	{name: "clock", usual: settings{rate: 1, spell: 1, slow: 0.03, scatter: 0.05}, always: true, has: []string{"clock-error", "common", "scatter", "shift"}, edges: jitter},
	{name: "cut", usual: settings{rate: 0.05}, bytes: cut},
	{name: "delete", usual: settings{rate: 0.0003}, bytes: deleteBytes},
	{name: "flip", usual: settings{rate: 0.0001}, edges: flip},
	{name: "jitter", usual: settings{rate: 1, spell: 1, scatter: 0.1}, spells: true, has: []string{"common", "scatter", "shift", "spell"}, edges: jitter},
	{name: "late", usual: settings{rate: 0.0003}, edges: late},
	{name: "overrun", usual: settings{rate: 0.0003}, bytes: overrun},
	{name: "pulse", usual: settings{rate: 0.0003, longest: 3, pull: "either"}, spells: true, has: []string{"longest", "pull"}, edges: pulse},
	{name: "slip", usual: settings{rate: 0.1}, edges: slip},
	{name: "slow-fall", usual: settings{rate: 0.001, spell: 1, late: 0.64, common: 0.02, scatter: 0.04}, spells: true, has: slowEdges, edges: slowFall},
	{name: "slow-rise", usual: settings{rate: 0.0017, first: 0.22, spell: 1, late: 0.64, common: 0.02, scatter: 0.04}, spells: true, has: slowEdges, edges: slowRise},
}

// Noises lists the kinds of noise. What the rate of each is a share of:
//
//	burst      telegrams in which 3 to 30 bytes in a row become random
//	clean      nothing happens
//	clock      the receiver's clock is off, and all edges scatter: it has no rate
//	cut        telegrams whose end, or less often beginning, is missing
//	delete     bytes that vanish
//	flip       bit times, start and stop bits included, whose middle is inverted
//	jitter     characters with which a spell begins in which all edges scatter
//	late       bytes that come a bit time later than the receiver takes them
//	overrun    bytes with which a run of 1 to 16 lost bytes begins
//	pulse      characters in which interference pulls the line to one level
//	slip       telegrams in which the receiver misses one start edge
//	slow-fall  characters with which a spell begins in which falling edges are late
//	slow-rise  characters with which a spell begins in which rising edges are late
func Noises() []string {
	var names []string
	for _, n := range noises {
		names = append(names, n.name)
	}
	return names
}

// flip inverts the line around the middle of single bit times. In a data bit
// that is one flipped bit; a start bit is not recognised.
func flip(d dice, s settings, chars []character) {
	for i := range chars {
		for k := range 10 {
			if d.chance(s.rate) {
				chars[i].glitch |= 1 << k
				chars[i].hit = true
			}
		}
	}
}

// late makes the receiver sample single characters one bit time early, so that
// each bit is read as the one before it: b as b<<1, and bit 7 as the stop bit.
func late(d dice, s settings, chars []character) {
	for i := range chars {
		if d.chance(s.rate) {
			chars[i].early, chars[i].hit = true, true
		}
	}
}

// slip hides one start edge of the telegram. The receiver stays out of step until
// a pause, or, unless it counts on, until it waits for an edge and the next one
// happens to be that of a start bit, as at CR and LF, whose high bits are all 0. In
// filler of all ones it finds its way back at once, so the edge that is hidden is
// one in text.
func slip(d dice, s settings, chars []character) {
	if !d.chance(s.rate) {
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
