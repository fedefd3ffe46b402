// Package pair takes the records of a second capture of a meter and a telegram of the
// first, and gives the telegram of the second that is the same one, how likely it is not,
// and what both of them together say.
//
// The telegrams of both captures come in the order in which they were sent, but either may
// have begun earlier, and lack some. So the next one is looked for where the last pair was
// left, and everywhere in the window by words of eight bytes that say something new. Two
// telegrams are the same one if they agree where neighbours differ: the digits of the CRC,
// and numbers that change. No clock is needed.
package pair

import (
	"bytes"
	"errors"
	"io"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// windowBytes is how many bytes of telegrams of the second capture are kept at most. With
// what else is kept of them it takes less than 64 MB.
const windowBytes = 20 << 20

// MostMemory is how much a capture takes at most: its window, the index, and what is garbage by then.
const MostMemory = 64 << 20

// Capture is a second capture, which is read as far as it is needed.
type Capture struct {
	read  func() (record.Record, error)
	limit int // bytes of telegrams

	window []item
	first  int64 // the number of window[0]
	next   int64 // of the telegram after the one that was paired last
	size   int
	index  index
	missed int // telegrams without a partner, in a row
	ended  bool
	err    error

	stats Stats
	from  int64 // the number of the first telegram with a partner; -1 where there is none yet
	last  int64 // and of the last one
}

// Stats counts the telegrams of a second capture.
type Stats struct {
	Telegrams int    // that were read
	Encrypted int    // of these, those that were left out
	Paired    int    // that are one of the first capture's
	Lonely    int64  // those between the first and the last of these that are not
	Damaged   int    // that were asked for
	Alike     int    // damaged ones that are the same in both, byte by byte
	Here      string // the meter of the first capture, as its first whole telegram has it
	There     string // the same of the second
}

// item is a telegram of the second capture.
type item struct {
	raw    []byte
	tells  []telling // the places that tell it from its neighbours; nil where nobody has looked
	paired bool
}

// Match is a telegram of the second capture that is one of the first's.
type Match struct {
	Raw    []byte
	Number int64   // it is the so manieth of its capture
	Doubt  float64 // how likely it is another one
}

// New returns a Capture of what read returns, until io.EOF.
func New(read func() (record.Record, error)) *Capture {
	return &Capture{read: read, limit: windowBytes, from: -1}
}

// Err returns what has ended reading before its time.
func (c *Capture) Err() error { return c.err }

// Stats counts what was read so far.
func (c *Capture) Stats() Stats {
	s := c.stats
	if c.from >= 0 {
		s.Lonely = c.last - c.from + 1 - int64(s.Paired)
	}
	return s
}

// load reads the next telegram; false at the end.
func (c *Capture) load() bool {
	for !c.ended {
		r, err := c.read()
		if err != nil {
			c.ended = true
			if !errors.Is(err, io.EOF) {
				c.err = err
			}
			return false
		}
		if _, chunk := r.(*record.Chunk); chunk {
			c.ended, c.err = true, record.ErrChunks
			return false
		}
		t, ok := r.(*record.Telegram)
		if !ok {
			continue
		}
		c.stats.Telegrams++
		if t.ReceivedRaw != nil && t.Cipher != "" {
			c.stats.Encrypted++
			continue
		}
		raw, err := record.Undo(t.Raw, t.Edits)
		if err != nil || len(raw) == 0 {
			continue
		}
		if c.stats.There == "" && t.Status == record.OK {
			c.stats.There = telegram.Parse(raw).Meter()
		}
		c.add(bytes.Clone(raw))
		return true
	}
	return false
}

// add adds a telegram to the window.
func (c *Capture) add(raw []byte) {
	c.index.add(raw, c.first+int64(len(c.window)))
	c.window = append(c.window, item{raw: raw})
	c.size += len(raw)
}

// drop forgets the oldest telegrams.
func (c *Capture) drop(n int) {
	for i := range c.window[:n] {
		c.size -= len(c.window[i].raw)
	}
	clear(c.window[:n])
	c.window = c.window[n:]
	c.first += int64(n)
}

// at returns the telegram with a number, which is read if need be; nil where there is none
// or the window is full.
func (c *Capture) at(number int64) *item {
	for number >= c.first+int64(len(c.window)) {
		if c.size > c.limit || !c.load() {
			return nil
		}
	}
	if number < c.first {
		return nil
	}
	return &c.window[number-c.first]
}

const (
	// behind and ahead are how far around the place of the last pair the next one is looked for
	// first.
	behind, ahead = 2, 4
	// lostAfter telegrams without a partner it is looked for in all of the window.
	lostAfter = 2
	// keep is how many telegrams before the last pair are kept.
	keep = 64
)

// Find returns the telegram of the second capture that one of the first is, if it has one.
// Telegrams have to be asked for in their order, but for those that were cut anew.
func (c *Capture) Find(raw []byte) (m Match, ok bool) {
	c.stats.Damaged++
	s := search{Capture: c, raw: raw, best: -1, doubt: 1}
	for n := c.next; n < c.next+ahead && s.doubt > sure; n++ {
		if x := c.at(n); x != nil && bytes.Equal(x.raw, raw) {
			return c.match(n, 0, true), true
		}
		s.try(n)
	}
	for n := max(c.next-behind, c.first); n < c.next && s.doubt > sure; n++ {
		s.try(n)
	}
	if s.doubt > sure {
		for (c.from < 0 || c.missed >= lostAfter) && c.size < c.limit && c.load() { // where they meet is not known
		}
		best, doubt := s.best, s.doubt
		for _, n := range c.index.votes(raw, c.first) {
			s.try(n)
		}
		if s.best != best && s.doubt > far {
			s.best, s.doubt = best, doubt
		}
	}
	if s.best < 0 || s.doubt > most {
		c.missed++
		return Match{}, false
	}
	return c.match(s.best, s.doubt, false), true
}

// search looks for the partner of one telegram.
type search struct {
	*Capture
	raw   []byte
	best  int64 // the number of the likeliest so far
	doubt float64
}

// try compares the telegram with another one. One that is much longer is more than one.
func (s *search) try(n int64) {
	const share = 4
	x := s.at(n)
	if x == nil || n == s.best || len(s.raw) > len(x.raw)+len(x.raw)/share {
		return
	}
	if doubt := s.Capture.doubt(s.raw, n); doubt < s.doubt {
		s.best, s.doubt = n, doubt
	}
}

// Pass is told of a telegram of the first capture that is whole: where it stands.
func (c *Capture) Pass(raw []byte) {
	if c.stats.Here == "" {
		c.stats.Here = telegram.Parse(raw).Meter()
	}
	for n := c.next; n < c.next+ahead; n++ {
		if x := c.at(n); x != nil && bytes.Equal(x.raw, raw) {
			c.match(n, 0, false)
			return
		}
	}
	c.Find(raw)
	c.stats.Damaged--
}

// match notes a pair.
func (c *Capture) match(n int64, doubt float64, alike bool) Match {
	x := c.at(n)
	if !x.paired {
		x.paired = true
		c.stats.Paired++
		if alike {
			c.stats.Alike++
		}
	}
	if c.from < 0 {
		c.from = n
	}
	c.from, c.last, c.next = min(c.from, n), max(c.last, n), max(c.next, n+1)
	raw := x.raw
	c.missed = 0
	c.drop(int(max(c.next-keep-c.first, 0)))
	return Match{Raw: raw, Number: n + 1, Doubt: doubt}
}
