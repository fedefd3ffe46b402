package sim

import "math/bits"

// bitTime is the length of one bit in ticks, the unit of time on the line: at
// 115200 baud 8.68 µs, so a tick is 34 ns.
const bitTime = 256

// A character is what the UART sends for one byte: ten bit times with a level
// each, and what the line does to the edges between them.
//
//	idle   start   bit 0 … bit 7   stop   idle
//	  1      0     low bit first     1      1
type character struct {
	levels uint16    // bit k is the level of bit time k: start, eight data bits, stop
	first  bool      // the line idled before it
	hit    bool      // the line does something to it
	late   [10]int16 // ticks by which the edge before bit time k comes late
	glitch uint16    // bit times whose middle is inverted
	mute   bool      // the start bit does not show
	early  bool      // the receiver samples it one bit time early
}

// sentAs is the character for the eight data bits of b.
func sentAs(b byte) character {
	return character{levels: uint16(b)<<1 | 1<<9}
}

// evenParity puts even parity into bit 7 of a byte of seven bits.
func evenParity(b byte) byte {
	return b&0x7F | byte(bits.OnesCount8(b&0x7F)&1)<<7
}

// rising has a bit for each data bit whose edge from 0 to 1 stands before it.
// The edge before the stop bit is not among them.
func (c *character) rising() uint16 { return c.levels &^ (c.levels << 1) & 0x1FE }

// falling is the same for edges from 1 to 0; that of the start bit is not among
// them.
func (c *character) falling() uint16 { return ^c.levels & (c.levels << 1) & 0x1FE }

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
	case high == (n == 0 || w[n-1].high):
		return w
	case n > 0 && at <= w[n-1].at:
		return w[:n-1]
	}
	return append(w, edge{at, high})
}

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

// heard is a byte that the receiver made of the line, and the index of the
// character in which its start edge lay.
type heard struct {
	value byte
	from  int
}

// A uart receives. It waits for a falling edge, looks half a bit later whether
// that was a start bit, and then takes a level in the middle of each bit time.
// After the stop bit it waits for the next falling edge: one that lies inside a
// character will do, which is how a frame slip begins and lasts.
//
// There are receivers that count on instead of waiting, as long as the sender
// does not pause. One of these stays out of step until then.
type uart struct {
	dropFraming bool // bytes whose stop bit is 0 are thrown away
	countsOn    bool // the next start bit is taken to follow the stop bit
	gap         int  // idle bits that the sender leaves between characters
	clock       int  // how often in a bit time it looks at the line; 0: all the time
	wave        wave // what it is looking at
	next        int  // the first edge that it has not looked at
}

// length is the time from one start edge to the next.
func (u *uart) length() int { return (10 + u.gap) * bitTime }

// receive samples the wave of some characters that follow each other without a
// pause. The first of them has the given index.
func (u *uart) receive(chars []character, index int, out []heard) []heard {
	u.wave, u.next = u.wave[:0], 0
	for i := range chars {
		u.wave = u.wave.draw(&chars[i], i*u.length())
	}
	start, found := u.startBit()
	for found {
		from := start / u.length()
		value, stop := u.sample(start, chars[from].early)
		if stop || !u.dropFraming {
			out = append(out, heard{value, index + from})
		}
		if u.countsOn {
			start += u.length()
			found = start < len(chars)*u.length()
			continue
		}
		u.next++
		start, found = u.startBit()
	}
	return out
}

// startBit finds the next falling edge after which the line is low for half a
// bit. What is shorter is no start bit.
func (u *uart) startBit() (start int, found bool) {
	for u.next < len(u.wave) {
		if e := u.wave[u.next]; !e.high && !u.level(u.seen(e.at)+bitTime/2) {
			return e.at, true
		}
		u.next++
	}
	return 0, false
}

// seen is when the UART sees an edge: when it looks at the line next.
func (u *uart) seen(at int) int {
	if u.clock == 0 {
		return at
	}
	step := bitTime / u.clock
	return (at + step - 1) / step * step
}

// sample takes the eight data bits and the stop bit of a character, each in its
// middle, or a bit time before that.
func (u *uart) sample(start int, early bool) (value byte, stop bool) {
	at := start + bitTime*3/2
	if early {
		at -= bitTime
	}
	for k := range 8 {
		if u.level(at + k*bitTime) {
			value |= 1 << k
		}
	}
	return value, u.level(at + 8*bitTime)
}

// level is that of the line at a time, which never comes before an earlier one.
func (u *uart) level(at int) bool {
	for u.next+1 < len(u.wave) && u.wave[u.next+1].at <= at {
		u.next++
	}
	return u.wave[u.next].high
}
