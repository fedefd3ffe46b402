package sim

import (
	"math"
	"math/bits"
	"slices"
	"sort"
)

// bitTime is the length of one bit in ticks, the unit of time on the line: at
// 115200 baud 8.68 µs, so a tick is 2.1 ns.
const bitTime = 4096

// A character is what the UART sends for one byte: ten bit times with a level
// each, and what the line does to the edges between them.
//
//	idle   start   bit 0 … bit 7   stop   idle
//	  1      0     low bit first     1      1
type character struct {
	levels uint16    // bit k is the level of bit time k: start, eight data bits, stop
	first  bool      // the line idled before it
	hit    bool      // the line does something to it
	late   [10]int32 // ticks by which the edge before bit time k comes late
	glitch uint16    // bit times whose middle is inverted
	mute   bool      // the start bit does not show
	early  bool      // the receiver samples it one bit time early
	pull   pull      // interference
}

// A pull holds the line at one level, whatever the sender does.
type pull struct {
	at, long int32 // in ticks: when it begins, counted from that of the character; 0 long: there is none
	high     bool
}

// sentAs is the character for the eight data bits of b.
func sentAs(b byte) character {
	return character{levels: uint16(b)<<1 | 1<<9}
}

// evenParity puts even parity into bit 7 of a byte of seven bits.
func evenParity(b byte) byte {
	return b&0x7F | byte(bits.OnesCount8(b&0x7F)&1)<<7
}

// rising has a bit for each bit time before which the line goes from 0 to 1, the
// stop bit among them.
func (c *character) rising() uint16 { return c.levels &^ (c.levels << 1) & 0x3FE }

// falling is the same for edges from 1 to 0; that of the start bit is one.
func (c *character) falling() uint16 { return ^c.levels & (c.levels<<1 | 1) & 0x3FF }

// withParity is a text of seven bits as it looks to a receiver that takes the
// parity for bit 7.
func withParity(text []byte) []byte {
	wire := make([]byte, len(text))
	for i, b := range text {
		wire[i] = evenParity(b)
	}
	return wire
}

// An edge is a change of the line's level.
type edge struct {
	at   int // ticks since the first character began
	high bool
}

// A wave is the level of the line over time: high until its first edge.
type wave []edge

// set gives the line a level from a time on. Where the edge before is not over
// by then, the pulse between the two was too short to be seen and both vanish.
func (w wave) set(at int, high bool) wave {
	n := len(w)
	switch {
	case high == w.after(n):
		return w
	case n > 0 && at <= w[n-1].at:
		return w[:n-1]
	}
	return append(w, edge{at, high})
}

// after is the level after the first n edges.
func (w wave) after(n int) bool { return n == 0 || w[n-1].high }

// draw adds the edges of a character that begins at a time.
func (w wave) draw(c *character, begin int) wave {
	for k := range 10 {
		at := begin + k*bitTime
		high := c.levels>>k&1 == 1 || k == 0 && c.mute
		w = w.set(at+int(c.late[k]), high)
		if c.glitch>>k&1 == 1 {
			w = w.set(at+bitTime/4, !high)
			w = w.set(at+bitTime*3/4, high)
		}
	}
	return w
}

// hold gives the line one level between two times. Afterwards it has the level that
// it would have had.
func (w wave) hold(from, to int, high bool) wave {
	i := sort.Search(len(w), func(i int) bool { return w[i].at >= from })
	j := sort.Search(len(w), func(j int) bool { return w[j].at > to })
	var ends [2]edge
	n := 0
	if w.after(i) != high {
		ends[n] = edge{from, high}
		n++
	}
	if w.after(j) != high {
		ends[n] = edge{to, !high}
		n++
	}
	return slices.Replace(w, i, j, ends[:n]...)
}

// heard is a byte that the receiver made of the line, and the index of the
// character in which its start edge lay; of what it made before the first one, an
// index that is one less.
type heard struct {
	value byte
	from  int
}

// A uart receives. It looks at the line a number of times in each bit time of its own
// clock. Once it sees a falling edge, it looks half a bit later whether that was a start
// bit, and then takes a level in the middle of each bit time. What it does next, its
// resync says:
//
//	edge   it waits for the line to be high and then to fall: an edge that lies inside
//	       a character will do, which is how a frame slip begins and lasts
//	low    the same, but a stop bit that is low is the next start bit, whose middle
//	       this is: what a 16550 does
//	level  it waits until the stop bit is over if that is low, and takes any low level
//	       from then on for a start bit: a simple UART in software
//	pause  it counts on, whatever the level is, and so stays out of step until the
//	       sender pauses
type uart struct {
	dropFraming bool    // bytes whose stop bit is 0 are thrown away
	resync      string  // empty is edge
	gap         int     // idle bits that the sender leaves between characters
	clock       int     // how often in a bit time it looks at the line; 0: all the time
	slow        float64 // by what share its bit times are longer than the sender's
	phase       float64 // ticks by which its clock is off that of the first character's start
	wave        wave    // what it is looking at
	next        int     // the first edge that it has not looked at
}

// A start is the beginning of a character as the UART takes it, in ticks.
type start struct {
	edge int     // when the line fell
	seen float64 // when the UART saw it; its bit times count from here
}

// length is the time from one start edge to the next.
func (u *uart) length() int { return (10 + u.gap) * bitTime }

// bit is a bit time of the receiver's clock, in ticks.
func (u *uart) bit() float64 { return bitTime * (1 + u.slow) }

// receive samples the wave of some characters that follow each other without a
// pause. The first of them has the given index.
func (u *uart) receive(chars []character, index int, out []heard) []heard {
	u.show(chars)
	s, found := u.startBit()
	for found {
		from := u.within(s.edge, len(chars))
		value, stop := u.sample(s.seen, from >= 0 && chars[from].early)
		if stop || !u.dropFraming {
			out = append(out, heard{value, index + from})
		}
		if u.resync == "pause" {
			s = start{s.edge + u.length(), s.seen + float64(u.length())}
			found = s.edge < len(chars)*u.length()
			continue
		}
		s, found = u.nextStart(s, stop)
	}
	return out
}

// show draws the characters, and then what interferes with them.
func (u *uart) show(chars []character) {
	u.wave, u.next = u.wave[:0], 0
	pulled := false
	for i := range chars {
		u.wave = u.wave.draw(&chars[i], i*u.length())
		pulled = pulled || chars[i].pull.long > 0
	}
	if !pulled {
		return
	}
	for i := range chars {
		if p := chars[i].pull; p.long > 0 {
			from := i*u.length() + int(p.at)
			u.wave = u.wave.hold(from, from+int(p.long), p.high)
		}
	}
}

// within says in which of n characters an edge lies: -1 before the first. A start
// edge that is up to half a bit early is still one of its own character.
func (u *uart) within(edge, n int) int {
	at := edge + bitTime/2
	if at < 0 {
		return -1
	}
	return min(at/u.length(), n-1)
}

// startBit finds the next falling edge after which the line is low for half a bit, and
// before which the UART has seen it high. What is shorter is no start bit.
func (u *uart) startBit() (s start, found bool) {
	for ; u.next < len(u.wave); u.next++ {
		e := u.wave[u.next]
		if e.high || u.next > 0 && u.seen(u.wave[u.next-1].at) >= float64(e.at) {
			continue
		}
		s := start{e.at, u.seen(e.at)}
		if !u.level(s.seen) && !u.level(s.seen+u.bit()/2) {
			return s, true
		}
	}
	return start{}, false
}

// nextStart finds the start bit after a character, whose stop bit has just been
// sampled.
func (u *uart) nextStart(s start, stop bool) (start, bool) {
	if !stop && u.resync == "low" {
		return s.after(9 * u.bit()), true
	}
	if over := s.after(10 * u.bit()); !stop && u.resync == "level" && !u.level(over.seen) {
		if !u.level(over.seen + u.bit()/2) {
			return over, true
		}
	}
	u.next++
	return u.startBit()
}

// after is a start so many ticks later, with or without an edge.
func (s start) after(ticks float64) start {
	seen := s.seen + ticks
	return start{int(seen), seen}
}

// seen is when the UART sees an edge: when it looks at the line next.
func (u *uart) seen(at int) float64 {
	if u.clock == 0 {
		return float64(at)
	}
	step := u.bit() / float64(u.clock)
	return u.phase + math.Ceil((float64(at)-u.phase)/step)*step
}

// sample takes the eight data bits and the stop bit of a character, each in its
// middle, or a bit time before that.
func (u *uart) sample(start float64, early bool) (value byte, stop bool) {
	middle := 1.5
	if early {
		middle--
	}
	bit := u.bit()
	for k := range 8 {
		if u.level(start + (middle+float64(k))*bit) {
			value |= 1 << k
		}
	}
	return value, u.level(start + (middle+8)*bit)
}

// level is that of the line at a time, which never comes before an earlier one.
func (u *uart) level(at float64) bool {
	for u.next+1 < len(u.wave) && float64(u.wave[u.next+1].at) <= at {
		u.next++
	}
	return u.wave[u.next].high
}
