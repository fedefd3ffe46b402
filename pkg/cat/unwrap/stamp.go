package unwrap

import "bytes"

// A time stamp before each line, as ts, minicom, Termite, CoolTerm, RealTerm, the Arduino's
// monitor, syslog and many a script write it: a time in any usual form, with brackets or
// not, and what stands between it and the line.
//
//	Nov 29 14:00:00 1-0:1.8.0(008234.524*kWh)␍␊                    ts
//	[2026-11-29 14:00:00.123] 1-0:1.8.0(008234.524*kWh)␍␊          minicom
//	14:00:00.123 -> 1-0:1.8.0(008234.524*kWh)␍␊                    Arduino
//	1796043600.123456 1-0:1.8.0(008234.524*kWh)␍␊                  ts %.s
//	└────── time ──┘│ └──────── the meter's ─────┘
//	             between
//
// What stands between is what most lines have there: blanks behind it are the line's own,
// since a line may turn a 0 into one.
func stampForm() form {
	return form{
		name: "time stamp", live: true,
		says: "each line begins with a time stamp: taken off",
		look: lookStamp,
	}
}

func lookStamp(s *sample) maker {
	l := stampLayer{zoned: s.zoned}
	if !l.learn(s, false) && !l.learn(s, true) || !s.makesSense(l.strip(s.lines)) {
		return nil
	}
	return func() layer {
		fresh := l
		fresh.each = fresh.line
		return &fresh
	}
}

// learn looks at the stamps of the first lines, and reports whether these have any. whole
// tells that a comma behind the seconds begins no fraction.
//
//	14:00:00,123 1-0:1.8.0(…)    14:00:00,1-0:1.8.0(…)
func (l *stampLayer) learn(s *sample, whole bool) bool {
	l.whole = whole
	between := map[string]int{}
	fit, comma := 0, 0
	for _, line := range s.first() {
		c, n := l.clock(line)
		if n == 0 || isPlain(line) {
			continue
		}
		fit++
		if c.comma {
			comma++
		}
		l.order.learn(c)
		between[string(separator(line[n:]))]++
	}
	l.between, _ = most(between)
	l.whole = whole || comma == 0
	return s.fits(fit, len(s.first())) && (comma == 0 || 10*comma >= 9*fit)
}

// clock reads the stamp that a line begins with.
func (l *stampLayer) clock(line []byte) (clock, int) {
	return scanClock(scanner{rest: line, whole: l.whole})
}

// separator is what a line begins with that may stand between a time and the line itself.
func separator(rest []byte) []byte {
	n := 0
	for n < len(rest) && bytes.IndexByte([]byte(" \t,;:|>-"), rest[n]) >= 0 {
		n++
	}
	return rest[:n]
}

// stampLayer takes time stamps off.
type stampLayer struct {
	lined
	between string
	whole   bool // no fraction stands behind a comma
	order   dayOrder
	zoned   *zoning
}

// split takes a line apart: its clock, and where the meter's part begins; 0 where the line
// does not fit.
func (l *stampLayer) split(line []byte) (clock, int) {
	c, n := l.clock(line)
	if n == 0 {
		return c, 0
	}
	text, end := cutEnd(line)
	switch rest := line[n:]; {
	case bytes.HasPrefix(rest, []byte(l.between)):
		return c, n + len(l.between)
	case len(separator(rest)) > 0 && bytes.HasPrefix([]byte(l.between), separator(rest)): // the first line had more
		return c, n + len(separator(rest))
	case len(bytes.TrimSpace(text[min(n, len(text)):])) == 0: // the blank behind it is gone with an editor
		return c, len(line) - len(end)
	}
	return c, 0
}

func (l *stampLayer) strip(lines [][]byte) [][]byte {
	var out [][]byte
	for _, line := range lines {
		if _, n := l.split(line); n > 0 {
			line = line[n:]
		}
		out = append(out, line)
	}
	return out
}

func (l *stampLayer) line(p stamped, out sink) {
	c, n := l.split(p.data)
	if n == 0 {
		l.pass(p, out)
		return
	}
	p.data = p.data[n:]
	p.at(l.zoned.time(l.order.date(c)))
	out(p)
}

// kept says what becomes of the times.
func (l *stampLayer) kept(z *zoning) string { return z.says() }
