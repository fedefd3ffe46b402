package repair

import (
	"math"
	"slices"
	"strings"
	"time"

	"p1/pkg/channel"
	"p1/pkg/fix/expect"
	"p1/pkg/telegram"
)

// value is a text that a field may have had, with its cost: −ln of the
// probability that it was sent and received as it was.
type value struct {
	text [maxWidth]byte // as wide as the field is
	n    int64          // the text as a number or time
	cost float64
	mass float64 // of that cost, once it is relative to the best
}

// maxWidth is how wide a field may be.
const maxWidth = 16

func newValue(text []byte, cost float64) value {
	v := value{cost: cost}
	copy(v.text[:], text)
	return v
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
	// the way: about two hits, or one that is as unlikely as any.
	pathWindow = 16
)

// reader reads one field: what may have been sent, from what was received. It
// belongs to a decoder, and keeps its memory from one telegram to the next.
type reader struct {
	line     *channel.Costs
	shape    *expect.Shape
	wire     *wire     // that the text comes over; nil where it comes as it is
	tail     []byte    // what was received behind the text, of a wire that has a tail
	rest     []byte    // what was received from where the text begins on, of such a wire
	thorough bool      // a line of a shape that is prescribed is read, which no CRC confirms: see pairs
	anyCRC   bool      // the CRC cannot be read: only the tag tells what is right
	from, to []int     // of each place of the shape's text: see spans
	blur     []bool    // places where what was received says little
	gain     []float64 // how much less a hit costs at a place
	doubt    float64   // the most that a byte read as another may cost; 0: no bound
	crc      spelling

	share   float64 // of the mass of a prescribed field's values, those that are weighed
	list    []value // those of the field that is being read
	values  []value // those of the telegram
	columns []column
	choices []choice

	beam, next []path
	ranks      []ranked
	read       [][maxChoices]float64 // costs of each received byte for each that may have been sent
	texts      texts
	reached    []int
	letters    []byte                // that may stand at the places of stretches
	softAt     []int32               // of each place of the text, where soft has what stands there; 0: nowhere
	soft       [][maxChoices]float64 // the cost of each choice, in stretches
	changes    changes
	matched    []byte // the text that rows belong to
	rows       [maxWidth + 1][maxMatch + 1]float64
}

// keep moves the values of a field to those of the telegram.
func (r *reader) keep(list []value) []value {
	n := len(r.values)
	r.values = append(r.values, list...)
	return r.values[n:len(r.values):len(r.values)]
}

// maxChoices is how many bytes may stand at one place.
const maxChoices = 16

// allowed returns what may stand at a place of a field or of the CRC: another
// digit for a digit, either season for S and W.
func (r *reader) allowed(at int) string {
	c := r.shape.Text[at]
	switch {
	case r.shape.Letters != nil && r.shape.Letters[at] != "":
		return r.shape.Letters[at]
	case at > r.shape.Bang && r.crc.lower:
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
	return r.lineCost(at, r.wire.on(at, sent), read)
}

// lineCost is cost where sent is what was sent on the wire.
func (r *reader) lineCost(at int, sent, read byte) float64 {
	switch {
	case sent == read:
		return 0
	case r.blur[at]:
		return blurred
	}
	cost := max(1, float64(r.line.Reading(sent, read))-r.gain[at])
	if r.doubt > 0 {
		return min(cost, r.doubt)
	}
	return cost
}

func (r *reader) vanish(at int, sent byte) float64 {
	return r.lineVanish(at, r.wire.on(at, sent))
}

// lineVanish is vanish where sent is what was sent on the wire.
func (r *reader) lineVanish(at int, sent byte) float64 {
	if r.blur[at] {
		return lost1
	}
	return max(1, float64(r.line.Vanish(sent))-r.gain[at])
}

// path is a beginning of a field's text, and how much of what was received it
// explains.
type path struct {
	text [maxWidth]byte
	used int
	cost float64
}

// paths returns the texts that the received bytes allow, the most likely ones
// first, without regard to how likely the meter sends them. They are good until
// the next call.
func (r *reader) paths(start, end int, received []byte) []path {
	beam, next := append(r.beam[:0], path{}), r.next
	for at := start; at < end; at++ {
		next = r.extend(next[:0], beam, at, at-start, received)
		if len(next) > maxPaths {
			beam = r.cheapest(beam[:0], next, maxPaths)
			if r.shape.Letters != nil {
				r.lose(pathCosts(next), pathCosts(beam))
			}
		} else {
			beam, next = next, beam
		}
	}
	for i := range beam {
		beam[i].cost += float64(len(received)-beam[i].used) * r.insert()
	}
	next = r.cheapest(next[:0], beam, len(beam))
	r.beam, r.next = beam, next
	return next
}

// lose notes what share of the mass of a list is left in a part of it, given the costs of both:
// where nothing but a standard says what is likely, many values may be as good as the best.
func (r *reader) lose(all, part []float64) {
	least := slices.Min(all)
	sum := func(costs []float64) (m float64) {
		for _, c := range costs {
			m += mass(c - least)
		}
		return m
	}
	r.share *= sum(part) / sum(all)
}

func pathCosts(list []path) (costs []float64) {
	for i := range list {
		costs = append(costs, list[i].cost)
	}
	return costs
}

func valueCosts(list []value) (costs []float64) {
	for i := range list {
		costs = append(costs, list[i].cost)
	}
	return costs
}

// ranked is a cost and the place in a list that it has: much less to move about
// in sorting than what stands there.
type ranked struct {
	cost float64
	at   int32
}

func sortRanked(list []ranked) {
	slices.SortFunc(list, func(a, b ranked) int { return cmpFloat(a.cost, b.cost) })
}

// cheapest appends the n cheapest paths of a beam to another, in the order of
// their costs.
func (r *reader) cheapest(to, beam []path, n int) []path {
	r.ranks = r.ranks[:0]
	for i := range beam {
		r.ranks = append(r.ranks, ranked{beam[i].cost, int32(i)})
	}
	if n < len(r.ranks) {
		choose(r.ranks, n)
		r.ranks = r.ranks[:n]
	}
	sortRanked(r.ranks)
	for _, x := range r.ranks {
		to = append(to, beam[x.at])
	}
	return to
}

// choose moves the n cheapest to the front of a list, in any order: of most lists a small
// part is wanted, and sorting all of it would take a quarter of all time.
func choose(list []ranked, n int) {
	low, high := 0, len(list)-1
	for low < high {
		pivot := list[(low+high)/2].cost
		i, j := low, high
		for i <= j {
			for list[i].cost < pivot {
				i++
			}
			for list[j].cost > pivot {
				j--
			}
			if i <= j {
				list[i], list[j] = list[j], list[i]
				i++
				j--
			}
		}
		switch {
		case n <= j:
			high = j
		case n > i:
			low = i
		default:
			return
		}
	}
}

func (r *reader) insert() float64 { return float64(r.line.Insert()) }

// maxSkip is how many received bytes in a row may be passed over.
const maxSkip = 2

// extend appends the paths of the beam with one more byte of the text, byte n of
// it, in all ways that cost little enough.
func (r *reader) extend(next, beam []path, at, n int, received []byte) []path {
	choices := r.allowed(at)
	choices = choices[:min(len(choices), maxChoices)]
	bound := math.Inf(1)
	first, last := len(received), 0 // of the received bytes that may be this one
	for i := range beam {
		bound = min(bound, beam[i].cost)
		first, last = min(first, beam[i].used), max(last, beam[i].used+maxSkip)
	}
	bound += pathWindow
	last = min(last, len(received)-1)
	r.readings(at, choices, received, first, last)
	var vanish [maxChoices]float64
	for k := range len(choices) {
		vanish[k] = r.vanish(at, choices[k])
	}
	insert := r.insert()
	for i := range beam {
		p := &beam[i]
		for skip := 0; skip <= maxSkip && p.used+skip <= last; skip++ {
			base := p.cost + float64(skip)*insert
			if base > bound {
				break
			}
			read := &r.read[p.used+skip]
			for k := range len(choices) {
				if cost := base + read[k]; cost <= bound {
					next = append(next, *p)
					next[len(next)-1].add(n, choices[k], p.used+skip+1, cost)
				}
			}
		}
		for k := range len(choices) {
			if cost := p.cost + vanish[k]; cost <= bound {
				next = append(next, *p)
				next[len(next)-1].add(n, choices[k], p.used, cost)
			}
		}
	}
	return next
}

// readings works out what it costs that each of the received bytes from first to
// last is the one at a place, for each of the choices there.
func (r *reader) readings(at int, choices string, received []byte, first, last int) {
	if len(r.read) < len(received) {
		r.read = make([][maxChoices]float64, len(received))
	}
	for j := first; j <= last; j++ {
		for k := range len(choices) {
			r.read[j][k] = r.cost(at, choices[k], received[j])
		}
	}
}

// add makes c byte n of a path.
func (p *path) add(n int, c byte, used int, cost float64) {
	p.text[n], p.used, p.cost = c, used, cost
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

// maxMatch is how many of the received bytes are matched.
const maxMatch = 63

// matcher tells what it costs to receive given bytes of texts that stand at one
// place. What a text begins with in common with the one before is worked out already.
type matcher struct {
	*reader
	start    int
	received []byte
	insert   float64
}

// matching returns a matcher. It works in the memory of the reader: there is one at a
// time.
func (r *reader) matching(start int, received []byte) matcher {
	m := matcher{r, start, received[:min(len(received), maxMatch)], r.insert()}
	for j := range len(m.received) + 1 {
		r.rows[0][j] = float64(j) * m.insert
	}
	r.matched = r.matched[:0]
	return m
}

// of is the cost of receiving the bytes of a text.
func (m matcher) of(text []byte) float64 {
	r, width := m.reader, len(m.received)+1
	same := 0
	for same < min(len(text), len(r.matched)) && text[same] == r.matched[same] {
		same++
	}
	for i := same; i < len(text); i++ {
		row, next := r.rows[i][:width], r.rows[i+1][:width]
		at, c := m.start+i, text[i]
		vanish := r.vanish(at, c)
		next[0] = row[0] + vanish
		for j := 1; j < width; j++ {
			next[j] = min(row[j-1]+r.cost(at, c, m.received[j-1]), row[j]+vanish, next[j-1]+m.insert)
		}
	}
	r.matched = append(r.matched[:0], text...)
	return r.rows[len(text)][width-1]
}

// fieldValues returns the values of field k, the likeliest first, their costs
// relative to the best.
func (r *reader) fieldValues(k int, received []byte, c expect.Context) []value {
	f := &r.shape.Fields[k]
	list := r.list[:0]
	r.share = 1
	text := r.wire.text(f.Start, f.End, received)
	whole := r.whole(f.Start, f.End, text)
	if whole {
		list = r.singles(list, f.Start, text, received)
		if r.thorough && f.Kind != expect.Word {
			list = r.pairs(list, f.Start, text, received)
		}
	} else if f.Kind == expect.Word && f.End-f.Start == len(received) {
		list = r.respelled(list, f, text, received)
	} else if r.missing(f, text) <= 2 {
		for _, p := range r.paths(f.Start, f.End, received) {
			list = append(list, value{text: p.text, cost: p.cost})
		}
	}
	if !whole {
		m := r.matching(f.Start, received)
		for _, n := range r.shape.Likely(k, c) {
			if v, ok := format(f, f.Of(r.shape.Text), n); ok {
				v.cost = m.of(v.text[:f.End-f.Start])
				list = append(list, v)
			}
		}
	}
	r.list = list
	return r.keep(r.weigh(k, list, c))
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

// respelled adds to a list the texts of a word of which a byte or two are such as cannot stand
// there.
func (r *reader) respelled(list []value, f *expect.Field, text, received []byte) []value {
	var at []int
	for i, c := range text {
		if strings.IndexByte(r.shape.Letters[f.Start+i], c) < 0 {
			at = append(at, i)
		}
	}
	if len(at) > 2 {
		return list
	}
	texts := []value{newValue(text, 0)}
	for _, i := range at {
		var next []value
		for _, v := range texts {
			for _, c := range []byte(r.shape.Letters[f.Start+i]) {
				v.text[i] = c
				next = append(next, v)
				next[len(next)-1].cost += r.cost(f.Start+i, c, received[i])
			}
		}
		texts = next
	}
	return append(list, texts...)
}

// missing is how many bytes of a field are not there, or are none that it could have.
func (r *reader) missing(f *expect.Field, received []byte) int {
	good := 0
	for i, c := range received {
		season := f.End-f.Start == 13 && i > 0 && i == len(received)-1 && (c == 'S' || c == 'W')
		if telegram.IsDigit(c) || c == '.' || season || f.Kind == expect.Word && strings.IndexByte(r.allowed(f.Start+min(i, f.End-f.Start-1)), c) >= 0 {
			good++
		}
	}
	return f.End - f.Start - good
}

// singles adds to a list the text as received, and those of which one byte was
// read as another.
func (r *reader) singles(list []value, start int, text, received []byte) []value {
	v := newValue(text, 0)
	list = append(list, v)
	for i, read := range text {
		choices := r.allowed(start + i)
		for k := range len(choices) {
			if c := choices[k]; c != read {
				if cost := r.cost(start+i, c, received[i]); cost < window {
					v.text[i], v.cost = c, cost
					list = append(list, v)
				}
			}
		}
		v.text[i] = read
	}
	return list
}

// pairs adds to a list the texts of which two bytes were read as others: those are rarer than one
// that was, but so are most of the values that a number may have. Of a register that says 0,
//
//	sent      00000000.000
//	received  10008000.000
//
// 00008000.000 is one hit away and 0 two, and yet the likelier.
func (r *reader) pairs(list []value, start int, text, received []byte) []value {
	const farthest = 24 // of the costs that a value's own rarity may outweigh
	v := newValue(text, 0)
	for i, read := range text {
		choices := r.allowed(start + i)
		for k := range len(choices) {
			first := r.cost(start+i, choices[k], received[i])
			if choices[k] == read || first >= farthest {
				continue
			}
			v.text[i] = choices[k]
			for j := i + 1; j < len(text); j++ {
				others := r.allowed(start + j)
				for l := range len(others) {
					if others[l] == text[j] {
						continue
					}
					if cost := first + r.cost(start+j, others[l], received[j]); cost < farthest {
						v.text[j], v.cost = others[l], cost
						list = append(list, v)
					}
				}
				v.text[j] = text[j]
			}
		}
		v.text[i] = read
	}
	return list
}

// weigh adds what the meter is expected to say, and keeps the best values.
func (r *reader) weigh(k int, list []value, c expect.Context) []value {
	f := &r.shape.Fields[k]
	prior := r.shape.Prior(k, c)
	kept := list[:0]
	most := math.Inf(1) // what costs more is dropped
	for i := range list {
		v := &list[i]
		if v.cost > most {
			continue
		}
		n, ok := f.Value(v.text[:f.End-f.Start])
		if !ok {
			continue // no time of day
		}
		v.n = n
		if prior.Belief != nil {
			v.cost += prior.Belief(v.text[:f.End-f.Start], n)
		} else {
			v.cost += prior.CostUpTo(most-v.cost, n)
		}
		if v.cost <= most {
			most = min(most, v.cost+window)
			kept = append(kept, *v)
		}
	}
	if r.shape.Letters == nil || len(kept) <= maxValues {
		return tidy(kept)
	}
	costs := valueCosts(kept)
	kept = tidy(kept)
	r.lose(costs, valueCosts(kept))
	return kept
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
		if !slices.ContainsFunc(kept, func(w value) bool { return w.n == v.n && w.text == v.text }) {
			kept = append(kept, v)
		}
	}
	return kept
}

// format writes a number as the field's text, with the width and the point of
// the pattern; false where it is too large for that.
func format(f *expect.Field, pattern []byte, n int64) (value, bool) {
	v := newValue(pattern, 0)
	text := v.text[:len(pattern)]
	if f.Kind == expect.Clock || f.Kind == expect.Stamp {
		zone := time.UTC
		if len(text) == 13 {
			offset := 3600
			if text[12] == 'S' {
				offset = 7200
			}
			zone = time.FixedZone("", offset)
		}
		time.Unix(n, 0).In(zone).AppendFormat(text[:0], "060102150405")
		return v, true
	}
	for i := len(text) - 1; i >= 0; i-- {
		if text[i] != '.' {
			text[i] = byte('0' + n%10)
			n /= 10
		}
	}
	return v, n == 0
}
