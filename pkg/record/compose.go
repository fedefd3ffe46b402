package record

import "math"

// Compose returns the edits that do in one step what first and then second do:
// first leads from the received bytes to others, in the middle, and second from
// these to raw.
//
//	received  1-0:1.8.0(0082␍␍␊    first: a CR that the logger has added
//	middle    1-0:1.8.0(0082␍␊     second: a ')' that the line has lost
//	raw       1-0:1.8.0(0082)␍␊
//	composed  {"at":14,"got":"","now":")"} {"at":15,"got":"\r","now":"","by":"logger"}
//
// Both must be edits that [Apply] accepts. An edit keeps its By where it comes
// from one of the two; what both have a part in is the logger's only where both
// parts are.
func Compose(first, second []Edit) []Edit {
	c := composer{first: first, second: second}
	for c.step() {
	}
	return c.out
}

// composer walks the bytes in the middle from edit to edit.
type composer struct {
	first, second []Edit // those to come, and those that the walk is within

	mid, raw int   // places in the bytes in the middle and in raw
	shift    int   // how far raw is ahead of the middle once second[0] is done with
	put      int   // bytes of first[0].Now that are passed
	taken    int   // bytes of second[0].Got that are passed
	both     *Edit // what second[0] has become so far
	out      []Edit
}

// far is the place of an edit that is not there.
const far = math.MaxInt

// step passes what comes next, and reports whether there was anything.
func (c *composer) step() bool {
	if len(c.first)+len(c.second) == 0 {
		return false
	}
	one, two := far, far // where the next edits begin in the middle
	if len(c.first) > 0 {
		one = c.first[0].At + c.put
	}
	if len(c.second) > 0 {
		two = c.second[0].At - c.shift + c.taken
	}
	switch {
	case two <= c.mid && c.both == nil:
		e := c.second[0]
		c.both = &Edit{Got: Bytes{}, Now: e.Now, By: e.By, Extra: e.Extra}
		if len(e.Got) == 0 {
			c.endSecond()
		}
	case c.both != nil && one <= c.mid:
		c.stepBoth()
	case c.both != nil:
		e := c.second[0]
		n := min(len(e.Got)-c.taken, one-c.mid)
		c.both.Got = append(c.both.Got, e.Got[c.taken:c.taken+n]...)
		c.take(n)
	case one <= c.mid:
		c.stepFirst(two)
	default:
		n := min(one, two) - c.mid
		c.mid += n
		c.raw += n
	}
	return true
}

// stepFirst passes what second leaves of first[0]; its next edit is at two.
func (c *composer) stepFirst(two int) {
	e := c.first[0]
	n := min(len(e.Now)-c.put, two-c.mid)
	if c.put > 0 {
		e.Got = Bytes{}
	}
	e.Now = e.Now[c.put : c.put+n]
	c.emit(e)
	c.mid += n
	c.passFirst(n)
}

// stepBoth passes what first[0] has put there and second[0] takes away again.
func (c *composer) stepBoth() {
	e := c.first[0]
	n := min(len(e.Now)-c.put, len(c.second[0].Got)-c.taken)
	switch {
	case c.put > 0 || len(e.Got) == 0:
	case n == len(e.Now) && n > 0: // nothing else is left of it
		c.both.Got = append(c.both.Got, e.Got...)
		if c.both.By == ByLogger {
			c.both.By = e.By
		}
	default:
		c.emit(Edit{Got: c.both.Got, Now: Bytes{}, By: c.both.By})
		c.both.Got = Bytes{}
		c.emit(Edit{Got: e.Got, Now: Bytes{}, By: e.By, Extra: e.Extra})
	}
	c.passFirst(n)
	c.take(n)
}

// passFirst passes n bytes of first[0].Now.
func (c *composer) passFirst(n int) {
	if c.put += n; c.put == len(c.first[0].Now) {
		c.first, c.put = c.first[1:], 0
	}
}

// take passes n bytes of second[0].Got.
func (c *composer) take(n int) {
	c.mid += n
	if c.taken += n; c.taken == len(c.second[0].Got) {
		c.endSecond()
	}
}

// endSecond writes what second[0] has become.
func (c *composer) endSecond() {
	e := c.second[0]
	c.emit(*c.both)
	c.both = nil
	c.shift += len(e.Now) - len(e.Got)
	c.second, c.taken = c.second[1:], 0
}

// emit writes an edit at the place in raw, if it changes anything.
func (c *composer) emit(e Edit) {
	if len(e.Got)+len(e.Now) > 0 {
		e.At = c.raw
		c.out = append(c.out, e)
		c.raw += len(e.Now)
	}
}
