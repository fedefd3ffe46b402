package unwrap

import (
	"bytes"
	"time"
)

// maxLine is how many bytes a line may have that is looked at as a whole; what is longer is
// taken in parts.
const maxLine = 256 << 10

// lined puts pieces together to lines, and gives each to a function.
type lined struct {
	each  func(line stamped, out sink)
	buf   []byte
	first stamped // the piece that buf begins with
	count misfitCount
	// cuts returns where a line that is too long is best cut, 0 for nowhere; nil where the
	// form has no such places.
	cuts   func(line []byte) int
	long   misfitCount // lines that were cut
	goesOn bool        // the part that follows belongs to a line that was cut
}

func (l *lined) take(p stamped, out sink) {
	for len(p.data) > 0 {
		n := bytes.IndexByte(p.data, '\n') + 1
		if n == 0 && len(l.buf)+len(p.data) < maxLine {
			l.keep(p)
			return
		}
		if n == 0 {
			l.cut(p, out)
			return
		}
		part := p
		part.data = p.data[:n]
		p.data = p.data[n:]
		if len(l.buf) > 0 {
			l.keep(part)
			part = l.first
			part.data = l.buf
		}
		l.each(part, out)
		l.buf, l.goesOn = l.buf[:0], false
	}
}

// cut gives the first part of a line that is too long, and keeps what is behind the place
// where that was best cut.
func (l *lined) cut(p stamped, out sink) {
	if l.keep(p); !l.goesOn {
		l.long.add(l.first.line)
	}
	l.goesOn = true
	n := len(l.buf)
	if l.cuts != nil {
		if at := l.cuts(l.buf); at > 0 {
			n = at
		}
	}
	part := l.first
	part.data = l.buf[:n]
	behind := bytes.Clone(l.buf[n:])
	l.each(part, out)
	l.buf = append(l.buf[:0], behind...)
	l.first.time, l.first.lost = time.Time{}, false
}

// tooLong counts the lines that were cut.
func (l *lined) tooLong() (n, first int64) { return l.long.n, l.long.first }

func (l *lined) keep(p stamped) {
	if len(l.buf) == 0 {
		l.first = p
	}
	if !l.first.timed() {
		l.first.time, l.first.lost = p.time, p.lost
	}
	l.buf = append(l.buf, p.data...)
}

func (l *lined) end(out sink) {
	if len(l.buf) > 0 {
		p := l.first
		p.data = l.buf
		l.each(p, out)
		l.buf = nil
	}
}

func (l *lined) misfits() (n, first int64) { return l.count.n, l.count.first }

// pass gives a line that does not fit as it is.
func (l *lined) pass(line stamped, out sink) {
	if len(bytes.TrimSpace(line.data)) > 0 {
		l.count.add(line.line)
	}
	out(line)
}

// misfitCount counts lines that do not fit.
type misfitCount struct{ n, first int64 }

func (c *misfitCount) add(line int64) {
	if c.n++; c.n == 1 {
		c.first = line
	}
}

// cutEnd returns a line without its end, and that end.
func cutEnd(line []byte) (text, end []byte) {
	n := len(bytes.TrimSuffix(line, newline))
	for n > 0 && line[n-1] == '\r' {
		n--
	}
	return line[:n], line[n:]
}

// most returns the text that comes most often.
func most(texts map[string]int) (text string, n int) {
	for t, c := range texts {
		if c > n || c == n && t < text {
			text, n = t, c
		}
	}
	return text, n
}
