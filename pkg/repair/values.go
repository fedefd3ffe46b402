package repair

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"time"

	"p1/pkg/channel"
	"p1/pkg/expect"
	"p1/pkg/telegram"
)

// value is a text that a field may have had, with its cost: −ln of the
// probability that it was sent and received as it was.
type value struct {
	text []byte
	n    int64 // the text as a number or time
	cost float64
}

const (
	// window is how much more than the best value another may cost to be
	// weighed at all.
	window = 16
	// maxValues is how many values of a field are weighed.
	maxValues = 96
	// maxPaths bounds the ways in which a field's text may be read.
	maxPaths = 200
	// pathWindow is how much more than the cheapest one a way may have cost on
	// the way: about two hits.
	pathWindow = 15
)

// reader reads one field: what may have been sent, from what was received.
type reader struct {
	line  *channel.Model
	shape *expect.Shape
	blur  []bool // places of the shape's text where what was received says little
	gain  func(at int) float64
	doubt float64 // the most that a byte read as another may cost; 0: no bound
	room  []byte  // what the texts of values are cut from
}

// clone copies a text into the reader's room.
func (r *reader) clone(text []byte) []byte {
	const roomSize = 8 << 10
	if cap(r.room)-len(r.room) < len(text) {
		r.room = make([]byte, 0, roomSize)
	}
	n := len(r.room)
	r.room = append(r.room, text...)
	return r.room[n:len(r.room):len(r.room)]
}

// allowed returns what may stand at a place of a field or of the CRC: another
// digit for a digit, either season for S and W.
func (r *reader) allowed(at int) string {
	c := r.shape.Text[at]
	switch {
	case at > r.shape.Bang && c >= 'a':
		return "0123456789abcdef"
	case at > r.shape.Bang:
		return "0123456789ABCDEF"
	case telegram.IsDigit(c):
		return "0123456789"
	case c == 'S' || c == 'W':
		return "SW"
	}
	return "."
}

const (
	blurred = 3 // cost of a byte that differs where a burst was
	lost1   = 3 // cost of a byte that is missing there
)

func (r *reader) cost(at int, sent, read byte) float64 {
	switch {
	case sent == read:
		return 0
	case r.blur[at]:
		return blurred
	}
	cost := max(1, float64(r.line.Cost(sent, read))-r.gain(at))
	if r.doubt > 0 {
		return min(cost, r.doubt)
	}
	return cost
}

func (r *reader) vanish(at int, sent byte) float64 {
	if r.blur[at] {
		return lost1
	}
	return max(1, float64(r.line.VanishCost(sent))-r.gain(at))
}

// path is a beginning of a field's text, and how much of what was received it
// explains.
type path struct {
	text [maxWidth]byte
	used int
	cost float64
}

const maxWidth = 16

// paths returns the texts that the received bytes allow, the most likely ones
// first, without regard to how likely the meter sends them.
func (r *reader) paths(start, end int, received []byte) []path {
	beam, next := []path{{}}, []path(nil)
	for at := start; at < end; at++ {
		least := math.Inf(1)
		for _, p := range beam {
			least = min(least, p.cost)
		}
		next = next[:0]
		for i := range beam {
			next = r.extend(next, &beam[i], at, at-start, received, least+pathWindow)
		}
		if len(next) > maxPaths {
			sortPaths(next)
			next = next[:maxPaths]
		}
		beam, next = next, beam
	}
	for i := range beam {
		beam[i].cost += float64(len(received)-beam[i].used) * r.insert()
	}
	sortPaths(beam)
	return beam
}

func sortPaths(beam []path) {
	slices.SortFunc(beam, func(a, b path) int { return cmpFloat(a.cost, b.cost) })
}

func (r *reader) insert() float64 { return float64(r.line.InsertCost()) }

// extend appends p with one more byte of the text, in all ways that cost at most
// as much as bound.
func (r *reader) extend(next []path, p *path, at, n int, received []byte, bound float64) []path {
	choices := r.allowed(at)
	add := func(c byte, used int, cost float64) {
		if cost <= bound {
			next = append(next, *p)
			q := &next[len(next)-1]
			q.text[n], q.used, q.cost = c, used, cost
		}
	}
	for skip := 0; skip <= 2 && p.used+skip < len(received); skip++ {
		base := p.cost + float64(skip)*r.insert()
		if base > bound {
			break
		}
		for k := range len(choices) {
			add(choices[k], p.used+skip+1, base+r.cost(at, choices[k], received[p.used+skip]))
		}
	}
	for k := range len(choices) {
		add(choices[k], p.used, p.cost+r.vanish(at, choices[k]))
	}
	return next
}

func cmpFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// match is the cost of receiving these bytes of a text.
func (r *reader) match(start int, text, received []byte) float64 {
	var rows [2][64]float64
	row, next := rows[0][:], rows[1][:]
	m := min(len(received), 63)
	for j := 0; j <= m; j++ {
		row[j] = float64(j) * r.insert()
	}
	for i, c := range text {
		next[0] = row[0] + r.vanish(start+i, c)
		for j := 1; j <= m; j++ {
			next[j] = min(row[j-1]+r.cost(start+i, c, received[j-1]), row[j]+r.vanish(start+i, c), next[j-1]+r.insert())
		}
		row, next = next, row
	}
	return row[m]
}

// fieldValues returns the values of field k, the likeliest first, their costs
// relative to the best.
func (r *reader) fieldValues(k int, received []byte, c expect.Context) []value {
	f := &r.shape.Fields[k]
	var list []value
	if r.whole(f.Start, f.End, received) {
		list = r.singles(f.Start, received)
	} else if missing(f.End-f.Start, received) <= 2 {
		for _, p := range r.paths(f.Start, f.End, received) {
			list = append(list, value{text: bytes.Clone(p.text[:f.End-f.Start]), cost: p.cost})
		}
	}
	if len(list) == 0 || !r.whole(f.Start, f.End, received) {
		for _, text := range likely(r.shape, k, c) {
			list = append(list, value{text: text, cost: r.match(f.Start, text, received)})
		}
	}
	return r.weigh(k, list, c)
}

// whole reports whether the received bytes can be the text at start:end as they
// are.
func (r *reader) whole(start, end int, received []byte) bool {
	if end-start != len(received) {
		return false
	}
	for i, c := range received {
		if strings.IndexByte(r.allowed(start+i), c) < 0 {
			return false
		}
	}
	return true
}

// missing is how many bytes of a field of that width are not there, or are none
// that it could have.
func missing(width int, received []byte) int {
	good := 0
	for _, c := range received {
		if telegram.IsDigit(c) || c == '.' {
			good++
		}
	}
	return width - good
}

// singles returns the text as received, and those of which one byte was read
// as another.
func (r *reader) singles(start int, received []byte) []value {
	list := append(make([]value, 0, 4*len(received)), value{text: received})
	for i, read := range received {
		choices := r.allowed(start + i)
		for k := range len(choices) {
			if c := choices[k]; c != read {
				if cost := r.cost(start+i, c, read); cost < window {
					text := r.clone(received)
					text[i] = c
					list = append(list, value{text: text, cost: cost})
				}
			}
		}
	}
	return list
}

// weigh adds what the meter is expected to say, and keeps the best values.
func (r *reader) weigh(k int, list []value, c expect.Context) []value {
	f := &r.shape.Fields[k]
	prior := r.shape.Prior(k, c)
	kept := list[:0]
	for _, v := range list {
		n, ok := f.Value(v.text)
		if !ok {
			continue // no time of day
		}
		v.n = n
		v.cost += prior.Cost(n)
		kept = append(kept, v)
	}
	return tidy(kept)
}

// tidy drops what is too unlikely, sorts the rest, and drops doubles.
func tidy(list []value) []value {
	least := math.Inf(1)
	for i := range list {
		least = math.Min(least, list[i].cost)
	}
	list = slices.DeleteFunc(list, func(v value) bool { return v.cost > least+window })
	slices.SortFunc(list, func(a, b value) int { return cmpFloat(a.cost, b.cost) })
	kept := list[:0]
	for _, v := range list {
		if len(kept) == maxValues {
			break
		}
		if !slices.ContainsFunc(kept, func(w value) bool { return w.n == v.n && bytes.Equal(v.text, w.text) }) {
			kept = append(kept, v)
		}
	}
	return kept
}

// likely returns the texts that the field has most likely in the context.
func likely(s *expect.Shape, k int, c expect.Context) [][]byte {
	f := &s.Fields[k]
	var texts [][]byte
	for _, n := range s.Likely(k, c) {
		if text, ok := format(f, s.Text[f.Start:f.End], n); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// format writes a number as the field's text, with the width and the point of
// the pattern.
func format(f *expect.Field, pattern []byte, n int64) ([]byte, bool) {
	text := bytes.Clone(pattern)
	if f.Kind == expect.Clock || f.Kind == expect.Stamp {
		zone := time.UTC
		if len(text) == 13 {
			offset := 3600
			if text[12] == 'S' {
				offset = 7200
			}
			zone = time.FixedZone("", offset)
		}
		copy(text, time.Unix(n, 0).In(zone).Format("060102150405"))
		return text, true
	}
	for i := len(text) - 1; i >= 0; i-- {
		if text[i] != '.' {
			text[i] = byte('0' + n%10)
			n /= 10
		}
	}
	return text, n == 0
}
