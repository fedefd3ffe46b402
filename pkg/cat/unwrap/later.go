package unwrap

import (
	"bytes"

	"p1/pkg/display"
)

// A form may begin later than the file: behind lines that say how a log was made, or where
// another program went on with it.
//
//	/ISK5\2M550T-1012␍␊
//	␍␊
//	1-0:1.8.0(008234.524*kWh)␍␊                   as the meter sent it
//	14:00:00 1-0:2.8.0(000000.000*kWh)␍␊          from here on, a time stamp
//
// To look at each line would cost more than to pass it on. Of the bytes in which nothing has
// been found one line in several KiB is looked at, and the last ones. Where P1 explains
// neither it nor most of those behind it, these are looked at as the beginning of a file is.
// Damage makes such lines, too: so a form must not only explain them, but leave telegrams.

const (
	// stride is how far the lines lie apart that are looked at.
	stride = 24 << 10
	// mostQuiet is for how many bytes at most nothing is looked for where nothing was found.
	mostQuiet = 4 << 20
	// lastLines is how many lines are looked at before the end of some bytes.
	lastLines = 10
	// twoPlain of these that P1 explains show that no form has begun.
	twoPlain = 2
	// maxShown is how much of a line is shown to a person.
	maxShown = 40
)

// place is where in a file the first form begins that does not begin with the file.
type place struct {
	given int64 // bytes before it, as far as they are given
	ended bool  // these end with a line
	later bool  // a form may begin, or has begun, behind them
	line  string
	quiet int // for how many bytes nothing is looked for
	pause int // how many that were the last time
}

// pass notes bytes that are given as they are.
func (p *place) pass(data []byte) {
	if len(data) > 0 {
		p.given += int64(len(data))
		p.ended = data[len(data)-1] == '\n'
	}
}

// rest looks for nothing for a while: for long, where nothing was found before, since then it
// is the line that makes such lines.
func (p *place) rest() {
	if p.pause == 0 {
		p.pause = maxHead
	} else {
		p.pause = mostQuiet
	}
	p.quiet, p.later = p.pause, false
}

// Watch takes bytes of a plain stream that are handed on as they are, or reports that a form
// may begin in them: then it has not taken them, and the stream is plain no longer.
func (s *Stream) Watch(data []byte) bool {
	if s.place.quiet > 0 {
		s.place.quiet -= len(data)
	} else if s.laterIn(data) >= 0 {
		s.place.later = true
		return true
	}
	s.place.pass(data)
	return false
}

// Later reports whether a form may begin, or has begun, behind bytes that nothing was to be
// taken off. What the stream gives is all that it has taken then.
func (s *Stream) Later() bool { return s.place.later }

// Begins returns how many bytes of the file stand before the first form, and what its first
// line begins with.
func (s *Stream) Begins() (at int64, line string) { return s.place.given, s.place.line }

// look looks for a form in bytes of which P1 does not explain those from a place on, and gives
// what there is. whole tells that nothing may follow them.
func (s *Stream) look(data []byte, at int, whole bool) {
	s.head, s.decided = nil, true
	if !whole && !enoughOf(data[at:]) {
		s.giveAsIs(data[:at])
		s.head, s.decided, s.place.later = bytes.Clone(data[at:]), false, true
		return
	}
	first := s.firstOf(data[at:], whole)
	if first < 0 {
		s.giveAsIs(data)
		s.place.rest()
		return
	}
	at += first
	s.giveAsIs(data[:at])
	s.place.later = true
	line, _, _ := bytes.Cut(data[at:], newline)
	s.place.line = display.Short(string(bytes.TrimRight(line[:min(len(line), maxLine)], "\r")), maxShown)
	s.feed(data[at:])
}

// firstOf returns where in bytes a form begins, and begins to take it off; -1 for nowhere.
// Words of a program may stand before it: then it is found in the second half.
func (s *Stream) firstOf(data []byte, whole bool) int {
	starts := lineStarts(data)
	if len(starts) < fewLines {
		return -1
	}
	end := starts[len(starts)-1]
	if whole && len(starts) <= mostLines {
		end = len(data)
	}
	if ok, _ := s.leaves(data[:end], whole); ok {
		return 0
	}
	if ok, _ := s.leaves(data[starts[len(starts)/2]:end], whole); !ok {
		return -1
	}
	best, least := -1, int64(0)
	for _, at := range starts {
		ok, misfits := s.leaves(data[at:end], whole)
		if best >= 0 && (!ok || misfits >= least) {
			break // of the lines before it, all have the form
		}
		if ok {
			best, least = at, misfits
		}
	}
	if best >= 0 {
		s.leaves(data[best:end], whole)
	}
	return best
}

// leaves recognises the forms that bytes are of, and reports whether telegrams are left of
// them, and how many lines do not fit; else it leaves none.
func (s *Stream) leaves(data []byte, whole bool) (ok bool, misfits int64) {
	s.layers, s.names, s.says, s.zoned = nil, nil, nil, s.options.zoning()
	left, misfits := s.recognise(data, whole, maxDepth)
	if ok = len(s.layers) > 0 && newSample(left, whole).isPlain(); !ok {
		s.layers, s.names, s.says = nil, nil, nil
	}
	return ok, misfits
}

// giveAsIs gives bytes from which nothing is taken off.
func (s *Stream) giveAsIs(data []byte) {
	s.place.pass(data)
	for len(data) > 0 {
		n := min(len(data), maxPiece)
		s.pieces = append(s.pieces, Piece{Data: bytes.Clone(data[:n]), AsIs: true})
		data = data[n:]
	}
}

// laterIn returns where in the bytes that come next a form may begin; -1 for nowhere. Of a
// live line that is not looked for, and not where a person has named the forms.
func (s *Stream) laterIn(data []byte) int {
	if s.options.Live || s.options.Forms != nil {
		return -1
	}
	return laterIn(data, s.place.ended)
}

// laterIn returns where in bytes the first of several lines begins that P1 does not explain,
// as far as lines are looked at; -1 where there is none. begins tells that a line begins with
// the bytes.
func laterIn(data []byte, begins bool) int {
	end := bytes.LastIndexByte(data, '\n') + 1
	for at := stride; at < end; at += stride {
		start := at + bytes.IndexByte(data[at:end], '\n') + 1
		if isOdd(data[start:end]) && mostlyOdd(data[start:end]) {
			return firstOdd(data, start, begins)
		}
	}
	// The last ones: they begin what goes on in the bytes that follow.
	first, odd, plain := end, 0, 0
	for n := 0; n < lastLines && plain < twoPlain && first > 0; n++ {
		before := bytes.LastIndexByte(data[:first-1], '\n') + 1
		if before == 0 && !begins {
			break
		}
		switch line := data[before:end]; {
		case len(bytes.TrimSpace(data[before:first])) == 0:
			n--
		case isOdd(line):
			odd, plain = odd+1, 0
		case line[0] != '/' && line[0] != '!': // which have fewer marks than others
			plain++
		}
		first = before
	}
	if odd < fewLines {
		return -1
	}
	return firstOdd(data, oddIn(data, first, end), begins)
}

// oddIn returns where the first line begins in data[from:to] that P1 does not explain.
func oddIn(data []byte, from, to int) int {
	for !isOdd(data[from:to]) {
		from += bytes.IndexByte(data[from:to], '\n') + 1
	}
	return from
}

// mostlyOdd reports whether P1 does not explain most of the lines that come next.
func mostlyOdd(data []byte) bool {
	of, odd := 0, 0
	for _, at := range lineStarts(data) {
		if of++; isOdd(data[at:]) {
			odd++
		}
	}
	return 2*odd > of
}

// firstOdd returns where the first line begins, of those up to a place that P1 does not
// explain, with no more than a line or two between that it does. A header before it is of the
// same telegram.
func firstOdd(data []byte, at int, begins bool) int {
	first, plain := at, 0
	for at > 0 && plain < fewLines {
		before := bytes.LastIndexByte(data[:at-1], '\n') + 1
		if before == 0 && !begins {
			break
		}
		switch line := data[before:at]; {
		case len(bytes.TrimSpace(line)) == 0:
		case isOdd(data[before:]):
			first, plain = before, 0
		default:
			if plain++; plain == 1 && isHeader(bytes.TrimRight(line, "\r\n")) {
				first = before
			}
		}
		at = before
	}
	return first
}

// isOdd reports whether the first line of data is none that P1 explains as it stands: a
// header, one that ends in a value, or the end of a telegram, with one line end.
func isOdd(data []byte) bool {
	line, rest, _ := bytes.Cut(data, newline)
	text := bytes.TrimSuffix(line, []byte("\r"))
	switch {
	case len(text) == 0:
		return false
	case text[0] == '/':
		return !isHeader(text) || bytes.IndexByte(text, '(') > 0
	case text[0] == '!':
		return len(text) > len("!0000")
	case bytes.HasPrefix(rest, newline) || bytes.HasPrefix(rest, []byte("\r\n")):
		return true
	}
	return text[len(text)-1]&0x7F != ')' || !isPlain(text)
}

// mostLines is how many lines are looked at where a form may begin.
const mostLines = 2 * enoughLines

// lineStarts returns where the first lines begin that are not blank and end in data.
func lineStarts(data []byte) []int {
	var starts []int
	for at := 0; len(starts) < mostLines; {
		n := bytes.IndexByte(data[at:], '\n') + 1
		if n == 0 {
			break
		}
		if len(bytes.TrimSpace(data[at:at+n])) > 0 {
			starts = append(starts, at)
		}
		at += n
	}
	return starts
}
