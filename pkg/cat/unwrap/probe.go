package unwrap

import (
	"bytes"
	"slices"
)

// probe looks for forms in the lines of a live source while these come through as they are.
// One line is not enough: one byte that noise has put before it makes it a quoted one.
//
//	 1-0:1.8.0(008234.524*kWh)␍␊
//	│
//	noise, or an indent?
type probe struct {
	begun  bool
	part   []byte   // of the line that is not complete
	recent [][]byte // the last lines that are not blank
	looked int      // how many there were
}

// mostProbed is after how many lines nothing is looked for any more.
const mostProbed = 100

// probes reports whether what is to be taken off must be told by few lines.
func (s *Stream) probes() bool { return s.options.Live && s.options.Forms == nil }

// stampFirst reports whether the first line begins with a time stamp that no noise makes, and
// nothing else.
func (s *Stream) stampFirst() bool {
	const least = 8 // 14:00:00
	first, _, whole := bytes.Cut(s.head, newline)
	c, n := parseClock(first)
	if !whole || n < least || c.sec == 0 && c.min == 0 && c.hour == 0 && !c.absolute && c.day == 0 {
		return false
	}
	rest := first[n:]
	return isPlain(bytes.TrimRight(rest[len(separator(rest)):], "\r"))
}

// beginProbe lets through what has come.
func (s *Stream) beginProbe() []Piece {
	head := s.head
	s.head, s.probe.begun = nil, true
	return s.pass(head)
}

// pass gives bytes as they are, up to the line that shows what is to be taken off; what
// follows goes through the layers.
func (s *Stream) pass(data []byte) []Piece {
	given := 0
	for given < len(data) && !s.decided {
		n := bytes.IndexByte(data[given:], '\n') + 1
		if n == 0 {
			s.probe.hold(data[given:])
			given = len(data)
			break
		}
		s.probe.hold(data[given : given+n])
		s.probed()
		s.line++
		given += n
	}
	if s.Plain() {
		given = len(data)
	}
	for part := range slices.Chunk(data[:given], maxPiece) {
		s.pieces = append(s.pieces, Piece{Data: part, AsIs: true})
	}
	s.feed(data[given:])
	return s.done()
}

// hold keeps the beginning of a line, as far as it tells anything.
func (p *probe) hold(data []byte) {
	p.part = append(p.part, data[:min(len(data), max(maxHead-len(p.part), 0))]...)
}

// probed looks at the line that is complete.
func (s *Stream) probed() {
	p := &s.probe
	line := p.part
	p.part = nil
	if len(bytes.TrimSpace(line)) == 0 {
		return
	}
	p.looked++
	if p.recent = append(p.recent, line); len(p.recent) > fewLines {
		p.recent = p.recent[1:]
	}
	if len(p.recent) < fewLines {
		return
	}
	recent := bytes.Join(p.recent, nil)
	s.recognise(recent, false, maxDepth)
	plain := newSample(recent, false).share(isPlain)
	s.decided = len(s.layers) > 0 || plain || p.looked == mostProbed
}
