package plausible

import (
	"time"

	"p1/pkg/record"
)

// clock is the meter's clock as far as it is believed.
type clock struct {
	known  bool
	at     int64 // what it said in the last telegram in which it was believed
	passed int64 // the moment of that telegram
	seen   int   // telegrams in which it was believed

	before int64 // what it said before it jumped ahead
	jumped int   // telegrams after which the jump is believed

	candidate int64 // the last time that contradicts it
	run       int   // of how many in a row that follow from each other
}

// moment is how long the telegrams of a meter have taken so far.
type moment struct {
	known  bool
	passed int64  // seconds
	period int64  // seconds from one telegram to the next, as it was last
	host   string // when the last telegram came to this host
	unsure bool   // nobody knows how long it was to that one
}

// timing is what a telegram says of the time.
type timing struct {
	why    why
	off    int64 // seconds by which it is wrong
	jumps  how   // how the clock goes on
	dt     int64 // seconds since the telegram before
	passed int64 // seconds since the first telegram
	unsure bool  // dt is the usual time, and nobody knows
}

const (
	// convincing is how many in a row must agree with each other to be believed
	// against what was known before.
	convincing = 3
	// tick is how many seconds are over at least from one telegram to the next.
	tick = 1
	// usualPeriod is how far telegrams are apart at most, where nothing says more.
	usualPeriod = 10
	// hour is what may have passed between two telegrams of which nobody knows.
	hour = 3600
	day  = 24 * hour
	week = 7 * day
	// maxPassed keeps sums of seconds within bounds, whatever the clocks say.
	maxPassed = 1 << 40
)

// timing finds how much time has passed, by the clock, or else by the host's.
func (m *Meter) timing(t *record.Telegram) timing {
	s := m.clock.look(m.l)
	if !m.time.known {
		s.dt = 0
		return s
	}
	byClock := m.l.line > 0 && s.why == sound && (s.jumps == follows || s.jumps == returns)
	if byClock {
		s.passed = max(m.time.passed, m.clock.passed+s.dt)
		s.dt = s.passed - m.time.passed
	}
	if byClock && (!t.Live || s.dt < hour) {
		return s
	}
	if host, ok := between(m.time.host, t.Time); ok {
		if byClock && s.dt > host+day { // no log, and it came at once
			s.why, s.off, s.jumps = ahead, s.dt-host, deviates
			if m.clock.goesOn(m.l.now) {
				s.why, s.jumps = sound, replaces
			}
		}
		s.dt = host
	} else if !byClock {
		s.dt, s.unsure = max(m.time.period, 1), true
	}
	s.passed = min(m.time.passed+s.dt, maxPassed)
	return s
}

// between is how many seconds lie between two arrivals.
func between(from, to string) (int64, bool) {
	if from == "" || to == "" {
		return 0, false
	}
	a, err1 := time.Parse(time.RFC3339Nano, from)
	b, err2 := time.Parse(time.RFC3339Nano, to)
	return max(0, int64(b.Sub(a).Seconds()+0.5)), err1 == nil && err2 == nil
}

// look decides about the clock of a telegram.
func (c *clock) look(l *layout) timing {
	switch {
	case l.line == 0:
		return timing{}
	case !l.set:
		return timing{why: noDate, jumps: unread}
	case !c.known:
		return timing{jumps: begins}
	case l.now >= c.at:
		return timing{jumps: follows, dt: l.now - c.at}
	case !l.seasonal && l.now >= c.at-hour && autumn(l.now):
		return timing{jumps: follows, dt: l.now + hour - c.at}
	case c.jumped > 0 && l.now >= c.before && l.now-c.before < c.at-l.now:
		return timing{jumps: returns, dt: l.now - c.before}
	case c.goesOn(l.now):
		return timing{jumps: replaces}
	}
	return timing{jumps: deviates, why: back, off: c.at - l.now}
}

// goesOn reports whether the clock has gone on from where it contradicted what was known
// for so long that it was set.
func (c *clock) goesOn(now int64) bool {
	enough := min(convincing, c.seen+1)
	return c.run > 0 && now > c.candidate && now-c.candidate < day && c.run+1 >= enough
}

// follow learns from a telegram that was looked at.
func (c *clock) follow(l *layout, s timing) {
	switch {
	case s.jumps == unread:
		return
	case s.jumps == deviates:
		if c.run > 0 && l.now > c.candidate && l.now-c.candidate < day {
			c.run++
		} else if c.run == 0 || l.now != c.candidate {
			c.run = 1
		}
		c.candidate = l.now
		return
	case s.jumps == follows && s.dt > hour:
		c.before, c.jumped = c.at, convincing
	case s.jumps == follows:
		c.jumped = max(0, c.jumped-1)
	default:
		c.jumped = 0
	}
	if s.jumps == replaces {
		c.seen = 0
	}
	c.known, c.at, c.passed, c.run = true, l.now, s.passed, 0
	c.seen = min(c.seen+1, convincing)
}

func (m *moment) follow(t *record.Telegram, s timing) {
	if m.known && !s.unsure && s.dt > 0 {
		m.period = min(s.dt, usualPeriod)
	}
	if m.period == 0 {
		m.period = usualPeriod
	}
	m.known, m.passed, m.host, m.unsure = true, s.passed, t.Time, s.unsure
}

// autumn reports whether a time of a clock that says neither S nor W is of the day on
// which it goes back by an hour: the last Sunday of October.
func autumn(at int64) bool {
	t := time.Unix(at, 0).UTC()
	return t.Month() == time.October && t.Weekday() == time.Sunday && t.Day() >= 25
}
