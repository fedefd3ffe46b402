package sim

import "math"

// What the line does to edges. A logic edge arrives late, rising ones by another time
// than falling ones: a resistor charges the cable slowly, a saturated transistor lets
// go late. What a receiver can tell is only how late an edge is against the start edge
// of its character, which is a falling one.
//
//	late     the mean of all edges of one direction
//	scatter  each edge's own
//	common   that of all edges of one direction in a character; the start edge
//	         is one of the falling ones
//	shift    that of all edges of a character but its start edge, which comes to the
//	         same as a start edge that scatters alone
//
// The three scatters are standard deviations of normal distributions.
//
// What comes of them in Dutch telegrams with no idle bits between characters, 1.8 million
// of these each, a receiver that waits for an edge, slips that begin there included; in
// brackets the figures of a simulation that knows nothing of this one:
//
//	scatter 0.08 bit     0.058 % of the characters  (0.05 %)
//	scatter 0.10         1.36 %                     (1.3 %)
//	scatter 0.12         7.9 %                      (8 %)
//	scatter 0.20         57 %                       (57 %)
//	shift 0.12           0.046 %                    (0.02 %)
//	shift 0.20           5.9 %                      (5.6 %)
//	common 0.12          6.6 %
//	common 0.20          47 %
//	clock 3 % slow       0                          (0)
//	the same 2 %, scatter 0.05  0.10 %              (0.08 %)
//
// So what is said there to be common to a character is a shift: all of its edges against
// its start edge. Where both directions have a common lateness of their own, a start
// edge and a rising one differ by √2 of it, which does nearly as much as scatter.

// slowRise makes rising edges late: the first 1 after a 0 is read as 0 once they are
// late by more than half a bit. The start bit is such a 0, and the stop bit such a 1.
func slowRise(d dice, s settings, chars []character) {
	s.inSpells(d, chars, s.late, 0)
}

// slowFall makes falling edges late, that of the start bit among them. By more than
// half a bit, the last 0 before a 1 is read as 1; a start bit before a 1 vanishes.
func slowFall(d dice, s settings, chars []character) {
	s.inSpells(d, chars, 0, s.late)
}

// jitter lets all edges scatter.
func jitter(d dice, s settings, chars []character) {
	s.inSpells(d, chars, 0, 0)
}

// inSpells makes edges of the characters of each spell late: rising and falling ones
// by a mean of so many bit times.
func (s settings) inSpells(d dice, chars []character, rising, falling float64) {
	left := 0
	for i := range chars {
		c := &chars[i]
		if left == 0 && d.chance(s.rateOf(c)) {
			left = d.between(1, s.spell)
		}
		if left > 0 {
			left--
			c.hit = true
			s.delay(d, c, c.rising(), rising)
			s.delay(d, c, c.falling(), falling)
			s.move(d, c)
		}
	}
}

// rateOf is how often the noise hits such a character.
func (s settings) rateOf(c *character) float64 {
	if c.first {
		return s.first
	}
	return s.rate
}

// delay makes edges of one direction late, by a mean that may be 0.
func (s settings) delay(d dice, c *character, edges uint16, all float64) {
	if s.common > 0 {
		all += s.common * d.gauss()
	}
	for k := range c.late {
		if edges>>k&1 == 0 {
			continue
		}
		own := all
		if s.scatter > 0 {
			own += s.scatter * d.gauss()
		}
		c.late[k] += ticks(own)
	}
}

// move shifts all edges of a character against that of its start bit.
func (s settings) move(d dice, c *character) {
	if s.shift == 0 {
		return
	}
	by := ticks(s.shift * d.gauss())
	for k := 1; k < len(c.late); k++ {
		c.late[k] += by
	}
}

// ticks rounds bit times.
func ticks(bits float64) int32 { return int32(math.Round(bits * bitTime)) }

// pulse pulls the line to one level for a while. Before a character that follows a
// pause it may happen while the line idles.
func pulse(d dice, s settings, chars []character) {
	for i := range chars {
		c := &chars[i]
		if !d.chance(s.rateOf(c)) {
			continue
		}
		at := d.below(10 * bitTime)
		if c.first {
			at = d.between(-10*bitTime, 10*bitTime-1)
		}
		high := s.pull == "up"
		if s.pull == "either" {
			high = d.below(2) == 1
		}
		c.pull = pull{at: int32(at), long: int32(d.between(1, max(int(ticks(s.longest)), 1))), high: high}
		c.hit = true
	}
}
