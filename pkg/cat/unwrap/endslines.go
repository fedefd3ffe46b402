package unwrap

import "bytes"

// endsLines undoes a translation of line ends where lines show it, and passes on those of
// another program or of another day as they are:
//
//	1-0:1.8.0(008234.524*kWh)␍␊␍␊          translated
//	!5B60␍␊␍␊
//	/ISK5\2M550T-1012␍␊␍␊                 either: a header has a blank line behind it
//	1-0:1.8.0(008234.531*kWh)␍␊            plain
//
// One line shows nothing, since damage may have made it: severalEnds in a row do, and until
// these have come, those before them are held back. A live line cannot wait for that.
type endsLines struct {
	endsLayer
	plain   bool    // lines come as the meter sent them
	line    stamped // that grows: a text, and the bytes of line ends behind it
	closed  bool    // it has some of these
	waiting []stamped
	others  int // of the waiting lines, those that the others are not like
	count   misfitCount
}

const (
	// severalEnds lines in a row show that their ends are translated no more, or again.
	severalEnds = 3
	// maxWaiting lines at most are held back for that.
	maxWaiting = 16
)

// shows is what the end of a line shows.
type shows int

const (
	either shows = iota
	translated
	asSent
)

func (l *endsLines) take(p stamped, out sink) {
	for len(p.data) > 0 {
		n := l.rest(p.data)
		l.keep(p, n)
		if p.data = p.data[n:]; len(p.data) > 0 || len(l.line.data) >= maxLine {
			l.close(out)
		}
	}
}

// rest is how many bytes belong to the line that grows.
func (l *endsLines) rest(data []byte) int {
	n := 0
	if !l.closed {
		for n < len(data) && !isEnd(data[n]) {
			n++
		}
		l.closed = n < len(data)
	}
	for n < len(data) && isEnd(data[n]) {
		n++
	}
	return n
}

// keep puts the first n bytes of a piece to the line that grows.
func (l *endsLines) keep(p stamped, n int) {
	if len(l.line.data) == 0 {
		l.line = stamped{data: l.line.data, line: p.line}
	}
	if !l.line.timed() {
		l.line.time, l.line.lost = p.time, p.lost
	}
	l.line.data = append(l.line.data, p.data[:n]...)
}

// close ends the line that grows.
func (l *endsLines) close(out sink) {
	if len(l.line.data) == 0 {
		return
	}
	line := l.line
	l.line, l.closed = stamped{}, false
	text := bytes.TrimRight(line.data, "\r\n\x00")
	header := isHeader(text)
	shown := l.shown(header, line.data[len(text):])
	usual := shown == translated && !l.plain || shown == asSent && l.plain
	if usual || shown == either && len(l.waiting) == 0 && !header {
		l.release(out)
		l.give(line, out)
		return
	}
	l.waiting = append(l.waiting, line)
	if shown != either {
		l.others++
	}
	if l.others == severalEnds {
		l.plain = !l.plain
		l.release(out)
	}
	if len(l.waiting) == maxWaiting {
		l.release(out)
	}
}

// shown is what the end of a line shows, that of a header or another one. Damage has made
// what is none of these.
func (l *endsLines) shown(header bool, end []byte) shows {
	sent := bytes.Equal(end, newline) || string(end) == "\r\n"
	twice := string(end) == "\n\n" || string(end) == "\r\n\r\n"
	switch {
	case header && twice && string(end) == l.mark:
		return either
	case len(end) > 0 && runs(end, l.mark):
		return translated
	case sent, header && twice:
		return asSent
	}
	return either
}

// release gives the lines that wait, as it is known now what they are.
func (l *endsLines) release(out sink) {
	for _, line := range l.waiting {
		l.give(line, out)
	}
	l.waiting, l.others = l.waiting[:0], 0
}

func (l *endsLines) give(line stamped, out sink) {
	if l.plain {
		l.count.add(line.line)
		out(line)
		return
	}
	l.endsLayer.take(line, func(stamped) {})
	l.settle(true)
	line.data = l.out
	out(line)
}

func (l *endsLines) end(out sink) {
	l.close(out)
	l.release(out)
}

func (l *endsLines) misfits() (n, first int64) { return l.count.n, l.count.first }
