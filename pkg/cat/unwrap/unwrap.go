// Package unwrap takes bytes as another program kept them and gives those that the meter
// sent, and when they came.
//
//	2026-11-29T14:00:00.120+01:00 1-0:1.8.0(008234.524*kWh)␍␊
//	└───────── taken off ───────┘ └────── the meter's ──────┘
//
// Each form in which programs keep bytes is one file of this package, with a drawn
// example, and a row of the table forms. A form is believed if it explains nine of ten of
// the first lines, or of the first 2 KiB, and plain P1 does not; what is left is then
// looked at again, since forms stand within each other: the hex of a dump behind time
// stamps. A line that does not fit is passed on as it is.
//
// Damage is none of these forms: what a line does to a telegram, it does here and there,
// and a program does it to each line. A log that nobody has wrapped comes through byte for
// byte.
package unwrap

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Options say what a person knows of the bytes.
type Options struct {
	// Forms names what is to be taken off, outermost first, by [Names]; nil for what is
	// recognised.
	Forms []string
	// Zone is where the clock of a time stamp stands that does not say so; nil where that
	// is not known.
	Zone *time.Location
	// Live holds nothing back but the first line: only forms of whole lines are
	// recognised then, by three lines in a row, which come through as they are; a time stamp
	// by the first one.
	Live bool
}

// Piece is a run of the meter's bytes.
type Piece struct {
	Data []byte
	// Time is when the first of them came; zero where that is not known.
	Time time.Time
	// AsIs tells that nothing has been taken off yet.
	AsIs bool
}

// stamped is a piece on its way through the layers.
type stamped struct {
	data []byte
	line int64     // of the file that they begin in, from 1
	time time.Time // zero where nothing new is known
	lost bool      // from here on the time is not known: a stamp does not tell it
}

// at gives a piece the time that a stamp tells; where it tells none, that of a stamp around
// it stays.
func (p *stamped) at(t time.Time, told bool) {
	if told {
		p.time = t
	}
	p.lost = p.time.IsZero()
}

// timed reports whether a piece says something new of the time.
func (p *stamped) timed() bool { return p.lost || !p.time.IsZero() }

// sink takes what a layer gives. It keeps none of the bytes.
type sink func(stamped)

// layer takes one form off. What it gives is the same however the bytes are cut into
// pieces.
type layer interface {
	take(p stamped, out sink)
	// end gives what was held back.
	end(out sink)
}

// misfit is a layer that counts the lines which it passed on as they were.
type misfit interface{ misfits() (n, first int64) }

// leaver is a layer that counts the lines which it left out, since they hold nothing of the
// meter's as far as it can tell.
type leaver interface{ leftOut() (n, first int64) }

// form is one way in which programs keep bytes.
type form struct {
	name string
	// says is what a person is told of it.
	says string
	// live tells that it is looked for in live lines.
	live bool
	// look returns what takes it off, or nil if the sample is not of this form.
	look func(s *sample) maker
}

// maker begins to take a form off.
type maker func() layer

// forms lists all forms in the order in which they are looked for.
func forms() []form {
	return []form{
		wideForm(), pageForm(), fenceForm(), colourForm(), jsonForm(), analyserForm(), numberForm(), stampForm(), quoteForm(), labelForm(), entryForm(),
		dumpForm(), hexForm(), base64Form(), caretForm(), escapeForm(), octalForm(), asciiForm(), dashForm(), htmlForm(), markdownForm(), trailForm(), endsForm(), lineForm(),
	}
}

// Names lists the forms that [Options.Forms] may name.
func Names() []string {
	var names []string
	for _, f := range forms() {
		names = append(names, f.name)
	}
	slices.Sort(names)
	return names
}

// ParseForms reads a list such as "time stamp,hex", in which hyphens may stand for blanks.
func ParseForms(list string) ([]string, error) {
	var names []string
	for name := range strings.SplitSeq(list, ",") {
		name = strings.ReplaceAll(strings.TrimSpace(name), "-", " ")
		at := slices.IndexFunc(Names(), func(known string) bool {
			return strings.EqualFold(strings.ReplaceAll(known, "-", " "), name)
		})
		if at < 0 {
			return nil, fmt.Errorf("there is no form %q: want one of %s, or several joined by commas, the outermost first", name, strings.Join(Names(), ", "))
		}
		names = append(names, Names()[at])
	}
	return names, nil
}

const (
	// maxDepth is how many forms may stand within each other.
	maxDepth = 6
	// maxHead is how many bytes are looked at.
	maxHead = 64 << 10
	// enoughBytes and enoughLines are enough of them to tell.
	enoughBytes = 2 << 10
	enoughLines = 20
	// maxPiece is how many bytes a piece holds.
	maxPiece = 64 << 10
	// apart is how far the times of two lines lie apart of which the second begins a piece.
	apart = 300 * time.Millisecond
)

// zoning begins to read time stamps.
func (o Options) zoning() zoning { return zoning{zone: o.Zone, live: o.Live} }

// Stream takes the bytes of one source, in order.
type Stream struct {
	options Options
	decided bool
	head    []byte // while that is not so
	probe   probe  // while it is live, and its first line has shown nothing
	layers  []layer
	names   []string
	says    []string
	// unproved is a form within these that nothing proves.
	unproved string
	line     int64 // in which the next byte stands, counted from where the forms begin
	place    place // where that is
	zoned    zoning

	pieces []Piece   // that are complete
	open   Piece     // the one that grows
	last   time.Time // the last that was known
}

// New begins a stream.
func New(o Options) *Stream {
	return &Stream{options: o, line: 1, place: place{ended: true}, zoned: o.zoning()}
}

// Plain reports whether it is known that nothing is to be taken off: then the bytes are
// those of the meter, and need not be taken any more, as long as [Stream.Watch] is told.
func (s *Stream) Plain() bool { return s.decided && len(s.layers) == 0 && !s.place.later }

// Passing reports whether bytes come through as they are until more lines of a live source
// show what is to be taken off.
func (s *Stream) Passing() bool { return !s.decided && s.probe.begun }

// Decided reports whether it is known what is to be taken off.
func (s *Stream) Decided() bool { return s.decided }

// Holds reports whether bytes are held back until that is known.
func (s *Stream) Holds() bool { return !s.decided && len(s.head) > 0 }

// Unwrapped names what is taken off, outermost first.
func (s *Stream) Unwrapped() []string { return s.names }

// Says returns what a person is to be told of each form that is taken off, once where two
// are the same.
func (s *Stream) Says() []string {
	says := slices.Clone(s.says)
	for i, l := range s.layers {
		if t, ok := l.(interface{ kept(*zoning) string }); ok {
			says[i] += t.kept(&s.zoned)
		}
	}
	return slices.Compact(says)
}

// Misfits returns how many lines did not fit and were passed on as they were, and the
// number of the first of them in the file; n is 0 where there are none.
func (s *Stream) Misfits() (n, first int64) {
	for _, l := range s.layers {
		if m, ok := l.(misfit); ok {
			more, at := m.misfits()
			if n == 0 || more > 0 && at < first {
				first = at
			}
			n += more
		}
	}
	return n, first
}

// Missing returns what lines of a dump are missing.
func (s *Stream) Missing() Hole {
	for _, l := range s.layers {
		if d, ok := l.(interface{ hole() Hole }); ok && d.hole().Bytes > 0 {
			return d.hole()
		}
	}
	return Hole{}
}

// LeftOut returns how many lines of the form held nothing that is the meter's and were left
// out, and the number of the first of them in the file; n is 0 where there are none.
func (s *Stream) LeftOut() (n, first int64) {
	for _, l := range s.layers {
		if m, ok := l.(leaver); ok && n == 0 {
			n, first = m.leftOut()
		}
	}
	return n, first
}

// Cut returns how many lines were too long to be read as a whole, and the number of the first
// of them in the file; n is 0 where there are none.
func (s *Stream) Cut() (n, first int64) {
	for _, l := range s.layers {
		if m, ok := l.(interface{ tooLong() (n, first int64) }); ok && n == 0 {
			n, first = m.tooLong()
		}
	}
	return n, first
}

// Take takes the next bytes, and returns what the meter sent as far as it is known. The
// pieces are valid until the next call.
func (s *Stream) Take(data []byte) []Piece {
	s.pieces = s.pieces[:0]
	if s.Passing() {
		return s.pass(data)
	}
	if !s.decided {
		s.head = append(s.head, data...)
		if !s.enough() {
			return nil
		}
		return s.decide(false)
	}
	if s.place.later && len(s.layers) == 0 {
		s.look(data, max(laterIn(data, s.place.ended), 0), false)
	} else {
		s.feed(data)
	}
	return s.done()
}

// Decide decides with what has come, since nothing more may come soon.
func (s *Stream) Decide() []Piece {
	s.pieces = s.pieces[:0]
	if s.decided || len(s.head) == 0 {
		return nil
	}
	return s.decide(true)
}

// End returns what was held back, after the last byte.
func (s *Stream) End() []Piece {
	s.pieces = s.pieces[:0]
	if !s.decided && s.probes() {
		return s.beginProbe()
	}
	if !s.decided {
		s.settle(true, maxDepth)
	}
	for i, l := range s.layers {
		l.end(s.from(i + 1))
	}
	return s.done()
}

// enough reports whether the head tells what the bytes are.
func (s *Stream) enough() bool {
	if s.probes() {
		return bytes.IndexByte(s.head, '\n') >= 0 || len(s.head) >= enoughBytes || isBinary(s.head)
	}
	return enoughOf(s.head)
}

// enoughOf reports whether bytes tell what they are.
func enoughOf(data []byte) bool {
	lines := countLines(data)
	return len(data) >= maxHead || lines >= enoughLines || len(data) >= enoughBytes && (lines >= fewLines || isBinary(data))
}

// countLines counts the lines that are not blank, up to as many as are enough.
func countLines(data []byte) int {
	n := 0
	for len(data) > 0 && n < enoughLines {
		line, rest, whole := bytes.Cut(data, newline)
		if whole && len(bytes.TrimSpace(line)) > 0 {
			n++
		}
		data = rest
	}
	return n
}

// decide recognises the forms, and gives what has come through them.
func (s *Stream) decide(whole bool) []Piece {
	if s.probes() && !s.stampFirst() {
		return s.beginProbe()
	}
	deepest := maxDepth
	if s.probes() && countLines(s.head) < fewLines {
		deepest = 1
	}
	s.settle(whole, deepest)
	return s.done()
}

// settle finds what the head is of, and takes that off. Where it is of nothing, a form may
// begin later.
func (s *Stream) settle(whole bool, deepest int) {
	head := s.head
	if s.place.later {
		s.look(head, 0, whole)
		return
	}
	s.head, s.decided = nil, true
	s.recognise(head, whole, deepest)
	if len(s.layers) > 0 {
		s.feed(head)
		return
	}
	if at := s.laterIn(head); at >= 0 {
		s.look(head, at, whole)
		return
	}
	s.place.pass(head)
	s.open.Data = head
}

// recognise finds the layers of bytes, at most so many, and returns what they leave, and how
// many lines do not fit. whole tells that nothing may follow the bytes.
func (s *Stream) recognise(data []byte, whole bool, deepest int) (left []byte, misfits int64) {
	for depth := 0; depth < deepest; depth++ {
		f, begin := s.next(newSample(data, whole), depth)
		if begin == nil {
			break
		}
		s.layers, s.names, s.says = append(s.layers, begin()), append(s.names, f.name), append(s.says, f.says)
		l := begin()
		data = through(l, data)
		if m, ok := l.(misfit); ok {
			n, _ := m.misfits()
			misfits += n
		}
	}
	if s.options.Forms == nil {
		s.unproved = unproved(data)
	}
	return data, misfits
}

// next returns the outermost form of the sample, and what begins to take it off; nil where
// there is none.
func (s *Stream) next(sample *sample, depth int) (form, maker) {
	sample.zoned, sample.live = &s.zoned, s.options.Live
	if s.options.Forms == nil {
		return outermost(sample)
	}
	if depth == len(s.options.Forms) {
		return form{}, nil
	}
	sample.told = true
	f := named(s.options.Forms[depth])
	return f, f.look(sample)
}

// outermost returns the first form that the sample is of.
func outermost(s *sample) (form, maker) {
	for _, f := range forms() {
		if s.live && !f.live {
			continue
		}
		if begin := f.look(s); begin != nil {
			return f, begin
		}
	}
	return form{}, nil
}

func named(name string) form {
	all := forms()
	return all[slices.IndexFunc(all, func(f form) bool { return f.name == name })]
}

// through returns what a layer makes of bytes.
func through(l layer, data []byte) []byte {
	var out []byte
	add := func(p stamped) { out = append(out, p.data...) }
	eachLine(data, 1, func(p stamped) { l.take(p, add) })
	l.end(add)
	return out
}

// eachLine gives data in pieces that end where its lines do, the last one where data does.
// It returns the number of the line that follows.
func eachLine(data []byte, line int64, out sink) int64 {
	for len(data) > 0 {
		n := bytes.IndexByte(data, '\n') + 1
		if n == 0 {
			out(stamped{data: data, line: line})
			break
		}
		out(stamped{data: data[:n], line: line})
		data = data[n:]
		line++
	}
	return line
}

// feed gives bytes of the file to the outermost layer.
func (s *Stream) feed(data []byte) { s.line = eachLine(data, s.line, s.from(0)) }

// from returns what takes the bytes that come to a layer; behind the last one they become
// pieces.
func (s *Stream) from(i int) sink {
	if i == len(s.layers) {
		return s.add
	}
	next := s.from(i + 1)
	return func(p stamped) { s.layers[i].take(p, next) }
}

// add puts the meter's bytes into pieces.
func (s *Stream) add(p stamped) {
	if p.lost && !s.last.IsZero() {
		s.last = time.Time{}
		s.cut()
	}
	if !p.time.IsZero() {
		if d := p.time.Sub(s.last); s.last.IsZero() || d >= apart || d <= -apart {
			s.cut()
			s.open.Time = p.time
		}
		s.last = p.time
	}
	for data := p.data; len(data) > 0; {
		n := min(len(data), maxPiece-len(s.open.Data))
		s.open.Data = append(s.open.Data, data[:n]...)
		if data = data[n:]; len(s.open.Data) == maxPiece {
			s.cut()
		}
	}
}

// cut ends the piece that grows. What follows it came then, too, until a stamp says
// something else.
func (s *Stream) cut() {
	if len(s.open.Data) > 0 {
		s.pieces = append(s.pieces, s.open)
	}
	s.open = Piece{Time: s.last}
}

// done returns the pieces that have become.
func (s *Stream) done() []Piece {
	s.cut()
	return s.pieces
}
