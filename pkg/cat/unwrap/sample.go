package unwrap

import (
	"bytes"
	"math/bits"
	"slices"

	"p1/pkg/telegram"
)

var newline = []byte{'\n'}

// sample is the beginning of a source, in which forms are looked for.
type sample struct {
	data  []byte
	lines [][]byte // those that are whole and not blank, without their ends
	part  bool     // the only line is the beginning of one
	alone bool     // these few are all that there is
	told  bool     // a person has named the form
	live  bool
	zoned *zoning
	open  int  // how many forms it stands within
	asks  *int // how often it may yet be asked what stands within a form
}

// maxAsks bounds the work for texts that may be many forms.
const maxAsks = 60

// maxLines is how many lines of a sample are looked at.
const maxLines = 400

// newSample makes a sample of bytes; whole tells that the last line needs no end.
func newSample(data []byte, whole bool) *sample {
	asks := maxAsks
	s := &sample{data: data, zoned: &zoning{}, asks: &asks}
	for len(data) > 0 && len(s.lines) < maxLines {
		line, rest, ended := bytes.Cut(data, newline)
		if line = bytes.TrimRight(line, "\r"); len(bytes.TrimSpace(line)) > 0 && (ended || whole) {
			s.lines = append(s.lines, line)
		}
		data = rest
	}
	s.alone = whole && len(s.lines) < fewLines
	if len(s.lines) == 0 && len(s.data) >= enoughBytes {
		s.lines, s.part = [][]byte{s.data}, true
	}
	return s
}

// first returns the lines that a form must explain.
func (s *sample) first() [][]byte { return s.lines[:min(len(s.lines), enoughLines)] }

// fewLines is how few lines make a form believable.
const fewLines = 3

// believed reports whether as many of the lines as fit are enough.
func (s *sample) believed(fit, of int) bool {
	few := fewLines
	if s.live {
		few = min(few, max(len(s.lines), 1)) // a time stamp needs no more, and a probe looks at a few
	}
	if s.told {
		return fit > 0
	}
	return of >= few && 10*fit >= 9*of
}

// fits is believed, and true of fewer lines too where these are all that there is: then
// [sample.makesSense] wants more of what stands within.
func (s *sample) fits(fit, of int) bool {
	return s.believed(fit, of) || s.alone && fit > 0 && 10*fit >= 9*of
}

// share reports whether enough of the first lines fit.
func (s *sample) share(fits func(line []byte) bool) bool {
	n := 0
	for _, line := range s.first() {
		if fits(line) {
			n++
		}
	}
	return s.fits(n, len(s.first()))
}

// within is a sample of what stands within a form.
func (s *sample) within(lines [][]byte) *sample {
	return &sample{data: bytes.Join(lines, newline), lines: lines, zoned: &zoning{}, alone: s.alone && len(lines) < fewLines, open: s.open + 1, live: s.live, asks: s.asks}
}

// makesSense reports whether what stands within a form is P1 as it stands, or another form:
// so that no damage is taken for what a program wrote. A line or two may be damaged in any
// way: of these, only another form makes sense.
func (s *sample) makesSense(lines [][]byte) bool {
	if s.told {
		return true
	}
	inner := s.within(lines)
	if inner.isPlain() {
		return !inner.alone
	}
	if inner.open == maxDepth || *s.asks == 0 {
		return false
	}
	*s.asks--
	_, begin := outermost(inner)
	return begin != nil
}

// isPlain reports whether most lines are P1 as it stands.
func (s *sample) isPlain() bool {
	n, of := 0, 0
	for _, line := range s.lines {
		if len(bytes.TrimSpace(line)) > 0 {
			of++
			if isPlain(line) {
				n++
			}
		}
	}
	return n > 0 && 2*n >= of
}

// hasP1 reports whether a line of a telegram stands in the sample as it is.
func (s *sample) hasP1() bool {
	for _, line := range s.lines {
		if telegram.CodeLen(line) > 0 || isHeader(line) {
			return true
		}
	}
	return false
}

// isPlain reports whether a line is what P1 explains: a header, a code and its values, values
// alone, or the end of a telegram; bit 7 may be the parity of a meter that speaks 7E1.
func isPlain(line []byte) bool { return isText(line) || isText(sevenBits(line)) }

// sevenBits returns a line without bit 7 where that is the even parity of the others in four
// of five bytes; else nil.
func sevenBits(line []byte) []byte {
	if !slices.ContainsFunc(line, func(c byte) bool { return c >= 0x80 }) {
		return nil
	}
	even := 0
	for _, c := range line {
		if bits.OnesCount8(c)%2 == 0 {
			even++
		}
	}
	if 5*even < 4*len(line) {
		return nil
	}
	text := bytes.Clone(line)
	for i := range text {
		text[i] &= 0x7F
	}
	return bytes.TrimRight(text, "\r")
}

// isText reports whether a line is what P1 explains, as it stands.
func isText(line []byte) bool {
	if len(line) == 0 {
		return false
	}
	switch line[0] {
	case '/':
		return isHeader(line)
	case '!':
		return len(bytes.TrimSpace(line)) <= 5
	case '(':
		return isValues(line)
	}
	n := telegram.CodeLen(line)
	return n > 0 && n < len(line) && (line[n] == '(' || line[n] == ' ')
}

// isValues reports whether a line is values alone; a word in parentheses before something else
// is a program's, as those of amsreader are (UtilitechAS/amsreader-firmware's issue 578).
//
//	(00123.456)(m3)
//	(V) 2F 41 44 4E    is none
func isValues(line []byte) bool {
	end := bytes.IndexByte(line, ')')
	return end > 0 && (len(line) <= end+2 || line[end+1] == '(')
}

// isHeader reports whether a line is the header of a telegram.
func isHeader(line []byte) bool {
	return len(line) > 4 && line[0] == '/' && telegram.IsHeader(line[1:])
}

// isBinary reports whether bytes are no text.
func isBinary(data []byte) bool {
	odd := 0
	for _, c := range data {
		if c < ' ' && c != '\r' && c != '\n' && c != '\t' || c >= 0x7F {
			odd++
		}
	}
	return 10*odd > len(data)
}
