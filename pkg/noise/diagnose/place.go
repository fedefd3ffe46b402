package diagnose

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"p1/pkg/display"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// spot is a byte of a telegram: its line, and where in that.
type spot struct {
	code   string
	column int
}

// places counts damage by place. Lines are told by their OBIS code, since telegrams
// of a meter may differ in length.
type places struct {
	hits      map[spot]int64
	telegrams int64 // that were examined
	lines     map[string]*lineCount
	other     int64 // hits at places beyond the first maxSpots
}

type lineCount struct {
	seen, bytes, hits int64
}

// Bounds of what a hostile stream can make us keep.
const (
	maxSpots = 1 << 16
	maxLines = 1024
)

func newPlaces() *places { return &places{hits: map[spot]int64{}, lines: map[string]*lineCount{}} }

// layout is where the lines of a telegram begin.
type layout struct {
	starts []int
	codes  []string
	end    int
}

func layoutOf(raw []byte) layout {
	parts := telegram.Parse(raw)
	l := layout{end: len(raw)}
	for i, line := range parts.Lines {
		text := line.Of(raw)
		code := ""
		switch {
		case line.Code.End > 0:
			code = string(line.Code.Of(raw))
		case i == 0:
			code = "header"
		case len(text) > 0 && text[0] == '!':
			code = "!"
		}
		l.starts = append(l.starts, line.Start)
		l.codes = append(l.codes, code)
	}
	return l
}

// find returns the spot of a byte. A line without a code belongs to the one above.
func (l *layout) find(at int) spot {
	n := sort.SearchInts(l.starts, at+1)
	for n > 1 && l.codes[n-1] == "" {
		n--
	}
	if n == 0 {
		return spot{"header", at}
	}
	return spot{l.codes[n-1], at - l.starts[n-1]}
}

// sent counts the lines of a telegram that was examined.
func (p *places) sent(l *layout) {
	p.telegrams++
	for i, code := range l.codes {
		end := l.end
		if i+1 < len(l.starts) {
			end = l.starts[i+1]
		}
		c := p.line(code)
		if c == nil {
			continue
		}
		c.seen++
		c.bytes += int64(end - l.starts[i])
	}
}

func (p *places) line(code string) *lineCount {
	c := p.lines[code]
	if c == nil && len(p.lines) < maxLines {
		c = &lineCount{}
		p.lines[code] = c
	}
	return c
}

// hit counts a hit at a byte of a telegram, for its line only where it is not known
// which byte it was.
func (p *places) hit(l *layout, at int, placed bool) {
	s := l.find(at)
	if c := p.line(s.code); c != nil {
		c.hits++
	}
	if !placed {
		return
	}
	if _, known := p.hits[s]; !known && len(p.hits) >= maxSpots {
		p.other++
		return
	}
	p.hits[s]++
}

// standOut lists the places that are hit so often that chance does not explain it:
// the first byte after a pause of the line.
func (p *places) standOut(sample layout) []Place {
	total := int64(0)
	for _, n := range p.hits {
		total += n
	}
	length := float64(max(sample.end, 1))
	var out []Place
	left := float64(total)
	for _, s := range p.byHits() {
		n := p.hits[s]
		// What is left without those that stand out already spreads over all bytes.
		mean := left / length
		if float64(n) < 8*mean+5 || poissonTail(n, mean)*length > 1e-6 || float64(n) < 0.01*float64(p.telegrams) {
			break
		}
		left -= float64(n)
		if nextToOne(out, s) {
			continue // what hits the byte after the pause reaches it too
		}
		out = append(out, Place{
			Offset: sample.offset(s), Code: display.Text(s.code), Column: s.column,
			Events: n, Rate: float64(n) / float64(max(p.telegrams, 1)),
		})
		if len(out) == maxPauses {
			break
		}
	}
	slices.SortFunc(out, func(a, b Place) int { return cmp.Compare(a.Offset, b.Offset) })
	return out
}

// nextToOne reports whether a spot is within a few bytes of a place of its line.
func nextToOne(list []Place, s spot) bool {
	return slices.ContainsFunc(list, func(p Place) bool {
		return p.Code == display.Text(s.code) && max(p.Column-s.column, s.column-p.Column) <= closeBy
	})
}

// maxPauses is how many places can stand out; where more do, none does.
const maxPauses = 12

// byHits lists the spots, those that were hit most often first.
func (p *places) byHits() []spot {
	var all []spot
	for s := range p.hits {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b spot) int {
		return cmp.Or(cmp.Compare(p.hits[b], p.hits[a]), cmp.Compare(a.code, b.code), cmp.Compare(a.column, b.column))
	})
	return all
}

// poissonTail is the chance of n or more events where so many are expected.
func poissonTail(n int64, mean float64) float64 {
	term := math.Exp(-mean)
	below := 0.0
	for k := range n {
		below += term
		term *= mean / float64(k+1)
		if term < 1e-300 && float64(k) > mean {
			break
		}
	}
	if tail := 1 - below; tail > 1e-9 {
		return tail
	}
	// The sum cancels out there; Chernoff's bound does not.
	x := float64(n)
	return math.Exp(x - mean - x*math.Log(x/mean))
}

// offset is where a spot lies in the sample, or -1.
func (l *layout) offset(s spot) int {
	i := slices.Index(l.codes, s.code)
	if i < 0 {
		return -1
	}
	return l.starts[i] + s.column
}

// bins spreads the hits over the sample, in stretches of so many bytes.
func (p *places) bins(sample layout, size int) []Place {
	out := make([]Place, (sample.end+size-1)/size)
	for i := range out {
		at := sample.find(i * size)
		out[i] = Place{Offset: i * size, Code: display.Text(at.code), Column: at.column}
	}
	for s, n := range p.hits {
		if at := sample.offset(s); at >= 0 && at/size < len(out) {
			out[at/size].Events += n
		}
	}
	for i := range out {
		out[i].Rate = float64(out[i].Events) / float64(max(p.telegrams, 1))
	}
	return out
}

// byLine lists the lines in the order of the sample, then those that it has not.
func (p *places) byLine(sample layout) []LineDamage {
	var out []LineDamage
	for code, c := range p.lines {
		out = append(out, LineDamage{
			Code: display.Text(code), Offset: sample.offset(spot{code, 0}),
			Length: int(c.bytes / max(c.seen, 1)), Events: c.hits, Rate: float64(c.hits) / float64(max(c.bytes, 1)),
		})
	}
	slices.SortFunc(out, func(a, b LineDamage) int {
		return cmp.Or(cmp.Compare(uint(a.Offset), uint(b.Offset)), cmp.Compare(a.Code, b.Code))
	})
	return out
}

// lines returns the lines of a telegram as text, and where each begins.
func sampleOf(t *record.Telegram) (lines []string, offsets []int) {
	if t == nil {
		return nil, nil
	}
	for _, line := range telegram.Parse(t.Raw).Lines {
		text := line.Of(t.Raw)
		lines = append(lines, visible(text[:min(len(text), maxSampleLine)]))
		offsets = append(offsets, line.Start)
	}
	return lines, offsets
}

// maxSampleLine is how much of a line is shown.
const maxSampleLine = 200

// visible writes bytes as text, with a dot for each that is not printable ASCII.
func visible(data []byte) string {
	text := make([]byte, len(data))
	for i, c := range data {
		text[i] = c
		if c < ' ' || c > '~' {
			text[i] = '.'
		}
	}
	return string(text)
}
