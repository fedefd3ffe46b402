package unwrap

import (
	"bytes"
	"time"
)

// clock is what a time stamp says.
type clock struct {
	year, month, day   int // 0 where it does not say so
	hour, min, sec, ns int
	ordered            bool // false: day and month may stand the other way round
	zoned              bool // offset holds
	offset             int  // seconds east of Greenwich
	epoch              int64
	absolute           bool // epoch and ns hold alone
	comma              bool // a fraction stands behind a comma or a colon
}

// parseClock reads the time stamp that a line begins with, and returns how long it is, with
// its brackets; 0 where there is none.
//
//	2026-11-29T14:00:00.123+01:00    2026-11-29 14:00:00,123    20261129140000
//	29.11.2026 14:00:00              29/11/2026, 2:00:00 PM     29 Nov 2026 14:00:00
//	Nov 29 14:00:00                  Sun Nov 29 14:00:00 2026   [14:00:00.123]
//	1796043600.123456                [   12.345678]               12.345678
func parseClock(line []byte) (clock, int) { return scanClock(scanner{rest: line}) }

// scanClock is parseClock for a scanner at the beginning of a line.
func scanClock(s scanner) (clock, int) {
	line := s.rest
	closing := s.open()
	var c clock
	switch {
	case s.weekday() && s.date(&c) && s.between() && s.clockTime(&c):
	case s.reset(line, closing) && s.compact(&c):
	case s.reset(line, closing) && s.clockTime(&c):
	case s.reset(line, closing) && s.epoch(&c, closing):
	default:
		return clock{}, 0
	}
	if !c.absolute {
		s.zone(&c)
		s.year(&c)
	}
	if closing != 0 {
		s.blanks()
		if !s.skip(string(closing)) {
			return clock{}, 0
		}
	} else if n := len(s.rest); n > 0 && len(separator(s.rest)) == 0 && s.rest[0] != '\r' && s.rest[0] != '\n' {
		return clock{}, 0 // it goes on
	}
	return c, len(line) - len(s.rest)
}

// scanner reads a text from its beginning on. What does not fit leaves it where it was, or
// makes the whole fail.
type scanner struct {
	rest  []byte
	whole bool // what stands behind a comma or a colon is no fraction
}

// reset begins anew, behind the bracket.
func (s *scanner) reset(line []byte, closing byte) bool {
	s.rest = line
	if closing != 0 {
		s.rest = line[1:]
	}
	return true
}

// open passes over an opening bracket, and returns the one that closes it, or 0.
func (s *scanner) open() byte {
	if len(s.rest) == 0 {
		return 0
	}
	at := bytes.IndexByte([]byte("[(<{"), s.rest[0])
	if at < 0 {
		return 0
	}
	s.rest = s.rest[1:]
	return "])>}"[at]
}

func (s *scanner) skip(text string) bool {
	if len(s.rest) < len(text) || string(s.rest[:len(text)]) != text {
		return false
	}
	s.rest = s.rest[len(text):]
	return true
}

func (s *scanner) blanks() {
	for len(s.rest) > 0 && s.rest[0] == ' ' {
		s.rest = s.rest[1:]
	}
}

// number reads a number of least to most digits.
func (s *scanner) number(least, most int, to *int) bool {
	n, v := 0, 0
	for n < len(s.rest) && n < most && s.rest[n]-'0' < 10 {
		v = v*10 + int(s.rest[n]-'0')
		n++
	}
	if n < least {
		return false
	}
	*to, s.rest = v, s.rest[n:]
	return true
}

// digits is how many digits come next.
func (s *scanner) digits() int {
	n := 0
	for n < len(s.rest) && s.rest[n]-'0' < 10 {
		n++
	}
	return n
}

// name reads one of the names, of which three letters are enough, and the letters that
// follow; it returns its place, or -1.
func (s *scanner) name(names []string) int {
	if len(s.rest) < 3 {
		return -1
	}
	for i, name := range names {
		if !bytes.EqualFold(s.rest[:3], []byte(name)) {
			continue
		}
		n := 3
		for n < len(s.rest) && n < 9 && s.rest[n]|0x20-'a' < 26 {
			n++
		}
		s.rest = s.rest[n:]
		s.skip(".")
		return i
	}
	return -1
}

var (
	weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	months   = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}
)

// weekday passes over the name of a day, if there is one.
func (s *scanner) weekday() bool {
	if s.name(weekdays) >= 0 {
		s.skip(",")
		s.blanks()
	}
	return true
}

// date reads a date.
func (s *scanner) date(c *clock) bool {
	c.ordered = true
	if m := s.name(months); m >= 0 { // Nov 29, Nov 29 2026
		c.month = m + 1
		s.blanks()
		if !s.number(1, 2, &c.day) {
			return false
		}
		if s.skip(", ") || len(s.rest) > 5 && s.rest[0] == ' ' && s.rest[5] == ' ' && s.skip(" ") {
			s.number(4, 4, &c.year)
		}
		return c.sound()
	}
	switch n := s.digits(); n {
	case 4:
		return s.number(4, 4, &c.year) && s.numbers(&c.month, &c.day) && c.sound()
	case 8:
		return s.number(4, 4, &c.year) && s.number(2, 2, &c.month) && s.number(2, 2, &c.day) && c.sound()
	case 1, 2:
		return s.dayFirst(c) && c.sound()
	}
	return false
}

// numbers reads "-11-29" and the like.
func (s *scanner) numbers(month, day *int) bool {
	if len(s.rest) == 0 || bytes.IndexByte([]byte("-/."), s.rest[0]) < 0 {
		return false
	}
	mark := string(s.rest[:1])
	return s.skip(mark) && s.number(1, 2, month) && s.skip(mark) && s.number(1, 2, day)
}

// dayFirst reads 29.11.2026, 29-11-2026, 11/29/2026, 29 Nov 2026.
func (s *scanner) dayFirst(c *clock) bool {
	if !s.number(1, 2, &c.day) || len(s.rest) == 0 {
		return false
	}
	mark := s.rest[0]
	if bytes.IndexByte([]byte("./- "), mark) < 0 {
		return false
	}
	s.rest = s.rest[1:]
	if m := s.name(months); m >= 0 {
		c.month = m + 1
		if len(s.rest) > 0 && (s.rest[0] == ' ' || s.rest[0] == mark) {
			s.rest = s.rest[1:]
		}
		return s.number(4, 4, &c.year)
	}
	if mark == ' ' || !s.number(1, 2, &c.month) || !s.skip(string(mark)) {
		return false
	}
	c.ordered = mark != '/'
	if s.digits() == 2 {
		if !s.number(2, 2, &c.year) {
			return false
		}
		c.year += 2000
		return true
	}
	return s.number(4, 4, &c.year)
}

// sound reports whether the date can be one.
func (c *clock) sound() bool {
	if !c.ordered {
		return c.day >= 1 && c.month >= 1 && c.day <= 31 && c.month <= 31 && (c.day <= 12 || c.month <= 12) && c.year >= 1970
	}
	return c.month >= 1 && c.month <= 12 && c.day >= 1 && c.day <= 31 && (c.year == 0 || c.year >= 1970 && c.year < 2200)
}

// between passes over what stands between date and time.
func (s *scanner) between() bool {
	for _, text := range []string{"T", "_", "] [", ", ", "; ", ",", ";", "\t", " - ", "-"} {
		if s.skip(text) {
			return true
		}
	}
	if !s.skip(" ") {
		return false
	}
	s.blanks()
	return true
}

// clockTime reads 14:00:00.123, and 2:00:00 PM.
func (s *scanner) clockTime(c *clock) bool {
	if !s.number(1, 2, &c.hour) || !s.skip(":") || !s.number(2, 2, &c.min) || !s.skip(":") || !s.number(2, 2, &c.sec) {
		return false
	}
	s.fraction(c)
	if n := len(s.rest); n >= 3 && s.rest[0] == ' ' && s.rest[2]|0x20 == 'm' && (n == 3 || s.rest[3]|0x20-'a' >= 26) {
		switch s.rest[1] | 0x20 {
		case 'p':
			c.hour = c.hour%12 + 12
			s.rest = s.rest[3:]
		case 'a':
			c.hour %= 12
			s.rest = s.rest[3:]
		}
	}
	return c.hour < 24 && c.min < 60 && c.sec <= 60
}

// fraction reads up to nine digits behind a point, a comma or a colon, if they are there.
func (s *scanner) fraction(c *clock) {
	if len(s.rest) < 2 || bytes.IndexByte([]byte(".,:"), s.rest[0]) < 0 || s.rest[1]-'0' >= 10 {
		return
	}
	was, comma := s.rest, s.rest[0] != '.'
	s.rest = s.rest[1:]
	n, v := min(s.digits(), 9), 0
	if comma && (s.whole || n < 2) { // 14:00:00,1-0:1.8.0
		s.rest = was
		return
	}
	s.number(n, n, &v)
	c.comma = comma
	for ; n < 9; n++ {
		v *= 10
	}
	c.ns = v
}

// compact reads 20261129140000.
func (s *scanner) compact(c *clock) bool {
	c.ordered = true
	ok := s.digits() == 14 && s.number(4, 4, &c.year) && s.number(2, 2, &c.month) && s.number(2, 2, &c.day) &&
		s.number(2, 2, &c.hour) && s.number(2, 2, &c.min) && s.number(2, 2, &c.sec)
	if ok {
		s.fraction(c)
	}
	return ok && c.sound() && c.hour < 24 && c.min < 60 && c.sec <= 60
}

// epoch reads seconds or milliseconds since 1970, or with decimals since some other time.
func (s *scanner) epoch(c *clock, closing byte) bool {
	s.blanks()
	n, v := s.digits(), int64(0)
	if n == 0 || n > 13 {
		return false
	}
	for _, digit := range s.rest[:n] {
		v = v*10 + int64(digit-'0')
	}
	s.rest = s.rest[n:]
	point := len(s.rest) > 0 && s.rest[0] == '.'
	before := len(s.rest)
	s.fraction(c)
	decimals := before - len(s.rest) - 1
	switch {
	case n == 10 && v >= 1e9:
		c.absolute, c.epoch = true, v
	case n == 13 && v >= 1e12 && !point:
		c.absolute, c.epoch, c.ns = true, v/1000, int(v%1000)*1e6
	case closing == 0 && point && decimals >= 3: // 12.345678, and days as 740316.583333
	case closing != 0 && point: // [   12.345678], and [12.345678 0.000123]
		if s.skip(" ") {
			more := 0
			s.blanks()
			if !s.number(1, 9, &more) {
				return false
			}
			var rest clock
			s.fraction(&rest)
		}
	default:
		return false
	}
	return true
}

// zone reads Z, +01:00, +0100 or UTC, if one follows.
func (s *scanner) zone(c *clock) {
	was := s.rest
	if s.skip("Z") || s.skip(" UTC") || s.skip(" GMT") || s.skip(" Z") {
		c.zoned = true
		return
	}
	s.skip(" ")
	var hours, minutes int
	if len(s.rest) > 0 && (s.rest[0] == '+' || s.rest[0] == '-') {
		sign := 1
		if s.rest[0] == '-' {
			sign = -1
		}
		s.rest = s.rest[1:]
		if s.number(2, 2, &hours) && (s.skip(":") || true) && s.number(2, 2, &minutes) && hours <= 14 && minutes < 60 && s.digits() == 0 {
			c.zoned, c.offset = true, sign*(hours*3600+minutes*60)
			return
		}
	}
	s.rest = was
}

// year reads what ctime writes behind the time: " 2026", " CET 2026".
func (s *scanner) year(c *clock) {
	was := s.rest
	if c.year != 0 || c.month == 0 || !s.skip(" ") {
		s.rest = was
		return
	}
	if n := 0; len(s.rest) > 0 && s.rest[0]-'A' < 26 {
		for n < len(s.rest) && n < 5 && s.rest[n]-'A' < 26 {
			n++
		}
		if s.rest = s.rest[n:]; !s.skip(" ") {
			s.rest = was
			return
		}
	}
	if s.digits() != 4 || !s.number(4, 4, &c.year) || c.year < 1970 || c.year > 2200 {
		c.year, s.rest = 0, was
	}
}

// dayOrder learns where the day stands in 03/02/2026.
type dayOrder struct{ first, second bool }

func (o *dayOrder) learn(c clock) {
	if !c.ordered {
		o.first, o.second = o.first || c.day > 12, o.second || c.month > 12
	}
}

// date puts day and month in order, or takes them away where that is not known.
func (o dayOrder) date(c clock) clock {
	switch {
	case c.ordered || c.absolute:
	case o.first && !o.second:
	case o.second && !o.first:
		c.day, c.month = c.month, c.day
	default:
		c.day, c.month, c.year = 0, 0, 0
	}
	return c
}

// zoning turns clocks into times, and keeps what stood in the way.
type zoning struct {
	zone          *time.Location
	live          bool // when the bytes come is known without stamps
	known, noZone bool
	lacks         string // what a clock did not say of the day
}

// time returns the time that a clock shows; false where it does not say which one that is.
func (z *zoning) time(c clock) (time.Time, bool) {
	switch {
	case c.absolute:
		z.known = true
		return time.Unix(c.epoch, int64(c.ns)).UTC(), true
	case c.year == 0 && c.month != 0:
		z.lacks = "the year"
		return time.Time{}, false
	case c.year == 0 || c.month > 12:
		z.lacks = "the date"
		return time.Time{}, false
	case c.zoned:
		z.known = true
		zone := time.UTC
		if c.offset != 0 {
			zone = time.FixedZone("", c.offset)
		}
		return time.Date(c.year, time.Month(c.month), c.day, c.hour, c.min, c.sec, c.ns, zone), true
	case z.zone == nil:
		z.noZone = true
		return time.Time{}, false
	}
	z.known = true
	t := time.Date(c.year, time.Month(c.month), c.day, c.hour, c.min, c.sec, c.ns, z.zone)
	if t.Hour() != c.hour || sameClock(t, t.Add(time.Hour)) || sameClock(t, t.Add(-time.Hour)) {
		return time.Time{}, false // there is no such hour, or there are two
	}
	return t, true
}

func sameClock(t, u time.Time) bool { return t.Hour() == u.Hour() && t.Day() == u.Day() }

// says tells what becomes of the times.
func (z *zoning) says() string {
	switch {
	case z.live:
	case z.known:
		return ", and kept as time of arrival"
	case z.noZone:
		return "; it names no time zone, so that it says nothing of the time of arrival (--tz Europe/Amsterdam would name one)"
	case z.lacks != "":
		return "; it lacks " + z.lacks + ", so that it says nothing of the time of arrival; rows have the meter's own time"
	}
	return ""
}
