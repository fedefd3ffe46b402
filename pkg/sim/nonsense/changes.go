package nonsense

import (
	"cmp"
	"slices"
	"strings"
)

// changes are what happens to a meter without any nonsense: from then on its telegrams
// are right, and read otherwise.
type changes struct {
	reset, deviceReset, newChannel bool // to come with the next telegram

	off    map[string]int64 // what registers have been set back by
	levels map[string]*level
	parted map[string]string // lines of the device that was taken out, by code
	begun  int64             // what the device in its place is set back by
}

// A level is what a register counts from after it was set back.
type level struct {
	first  int64  // when it first stepped there
	begin  int64  // what it showed then
	values int    // that it has shown
	last   string // the last one; of a device its time stamp
	known  bool   // it can be believed
}

// changeOf returns what a name does, or nil.
func changeOf(name string) func(c *changes) {
	switch name {
	case "reset": // all registers of the meter begin at 0, with the same identifier
		return func(c *changes) { c.reset = true }
	case "device reset": // the same of what hangs on the M-Bus
		return func(c *changes) { c.deviceReset = true }
	case "new channel": // home-assistant/core 56558: another gas meter on channel 2, and the old one stays
		return func(c *changes) { c.newChannel = true }
	}
	return nil
}

// apply makes a telegram of the meter as it is now, of one of the meter as it was, and
// returns which lines cannot be believed yet. Before is the right telegram before it.
func (c *changes) apply(m, before message, now int64) (message, []int) {
	if c.reset || c.deviceReset {
		c.setBack(m)
	}
	for i, line := range m {
		if off, ok := c.off[codeOf(line)]; ok {
			x, _ := readNumber(line)
			m[i] = x.value(max(x.n-off, 0))
		}
	}
	m = c.part(m, before)
	var waiting []int
	for i, line := range m {
		if l := c.levels[codeOf(line)]; l != nil && !l.take(line, now) {
			waiting = append(waiting, i+1)
		}
	}
	return m, waiting
}

// setBack notes what each register has to be set back by.
func (c *changes) setBack(m message) {
	if c.off == nil {
		c.off, c.levels = map[string]int64{}, map[string]*level{}
	}
	for _, line := range m {
		if isRegister(line) && c.reset || isDevice(line) && c.deviceReset {
			x, _ := readNumber(line)
			c.off[codeOf(line)], c.levels[codeOf(line)] = x.n, &level{}
		}
	}
	c.reset, c.deviceReset = false, false
}

// take sees a line at a new level, and reports whether one could have believed it
// before: a device after three readings with stamps of their own that do not all say the same,
// a register that has shown three values and gone on counting for a minute.
func (l *level) take(line string, now int64) bool {
	if l.known {
		return true
	}
	x, _ := readNumber(line)
	stamp := stampOf(line)
	shown := cmp.Or(stamp, x.digits())
	if shown == l.last || stamp == "" && x.n == 0 {
		return false
	}
	if l.values == 0 {
		l.first, l.begin = now, x.n
	}
	l.values, l.last = l.values+1, shown
	if stamp != "" {
		l.known = l.values > 3 && x.n != l.begin
		return l.known
	}
	l.known = l.values >= 3 && now-l.first >= 60
	return false // this one is the first that confirms it
}

// part lets the device on channel 1 stand still, and puts another one on channel 2.
func (c *changes) part(m, before message) message {
	if c.newChannel {
		c.newChannel, c.parted = false, map[string]string{}
		for _, line := range before {
			if strings.HasPrefix(line, "0-1:") {
				c.parted[codeOf(line)] = line
			}
			if x, ok := readNumber(line); ok && isDevice(line) {
				c.begun = x.n
			}
		}
	}
	if c.parted == nil {
		return m
	}
	var added []string
	for i, line := range m {
		if !strings.HasPrefix(line, "0-1:") {
			continue
		}
		added = append(added, c.onSecond(line))
		m[i] = c.parted[codeOf(line)]
	}
	return slices.Insert(m, len(m)-2, added...)
}

// onSecond is a line of the device on channel 2.
func (c *changes) onSecond(line string) string {
	line = "0-2:" + line[len("0-1:"):]
	switch {
	case strings.Contains(line, ":96.1."):
		return line[:len(line)-len("3737)")] + "3132)"
	case isDevice(line):
		x, _ := readNumber(line)
		return x.value(max(x.n-c.begun, 0) + 12)
	}
	return line
}
