package unwrap

import "bytes"

// maxLine is how many bytes a line may have that is looked at as a whole; what is longer is
// taken in parts.
const maxLine = 256 << 10

// lined puts pieces together to lines, and gives each to a function.
type lined struct {
	each  func(line stamped, out sink)
	buf   []byte
	first stamped // the piece that buf begins with
	count misfitCount
}

func (l *lined) take(p stamped, out sink) {
	for len(p.data) > 0 {
		n := bytes.IndexByte(p.data, '\n') + 1
		if n == 0 && len(l.buf)+len(p.data) < maxLine {
			l.keep(p)
			return
		}
		if n == 0 {
			n = len(p.data)
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
		l.buf = l.buf[:0]
	}
}

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
