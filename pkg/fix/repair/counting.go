package repair

import (
	"bytes"
	"math"
	"math/bits"
	"slices"
	"strconv"

	"p1/pkg/fix/expect"
	"p1/pkg/record"
)

// A receiver that misses a start edge, takes the next falling edge for one, and
// then counts on without looking for edges, stays out of step by as many bits up
// to the next pause:
//
//	sent      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2   bits of each character:
//	          └ missed      ↑ q = 7                           0 start, 1 to 8 data, 9 stop
//	read                    └ 0 1 2 3 4 5 6 7 ┘ └ 0 1 2 3 4
//	                        start       stop: 6 start: 7
//
// Each byte is made of the end of one character and the beginning of the next one,
// so that of each character all bits are known but those taken for start and stop
// bits, and for the idle bits between the two.

// phase is how such a receiver counts.
type phase struct {
	start int // the bit of each character that it takes for the start bit
	gap   int // idle bits between characters
	own   int // how many bits of a byte are of the character in which it begins
}

func newPhase(start, gap int) phase {
	return phase{start, gap, min(8, 9+gap-start)}
}

// lineBits are the bits of a character, from the start bit on, with high ones after
// it.
func lineBits(c byte) uint16 { return uint16(c)<<1 | ^uint16(1<<9-1) }

// ends reports whether a byte that was read begins in c.
func (b phase) ends(c, read byte) bool {
	known := byte(1<<b.own - 1)
	return (byte(lineBits(c)>>(b.start+1))^read)&known == 0
}

// begins reports whether a byte that was read ends in c, or in idle bits where
// the line is said to be high.
func (b phase) begins(line uint16, read byte) bool {
	return (byte(line)^read>>b.own)&byte(1<<(8-b.own)-1) == 0
}

// missed reports whether the receiver falls into this phase when it misses the
// start edge of c: because the start bit did not show, or nobody looked.
func (b phase) missed(c byte) bool {
	line := lineBits(c)
	return firstFall(line|1) == b.start || firstFall(line) == b.start
}

// firstFall is the first bit that is low after a high one.
func firstFall(line uint16) int { return bits.TrailingZeros16(^line & (line << 1)) }

// stretch is what was received out of step.
type stretch struct {
	phase
	start, end int // the missed character, and the first one in step again
}

const (
	// longSlip is how long a stretch must be for all of its known bits to agree
	// by a slip only.
	longSlip = 24
	// maxStretches is how many explanations by a slip are weighed, and maxEarly
	// by how many bytes one may begin before it shows: a few digits may be read
	// as digits.
	maxStretches = 4
	maxEarly     = 12
	// countTests bounds the search, and hopeless is how much mass the combinations
	// may have to begin it: so many that the CRC cannot tell them apart.
	countTests = 30000
	hopeless   = 1 << 16
)

// countsOn looks for the telegram of which the receiver missed a start edge and
// then counted on. The rest of it must be as it was sent.
func (d *decoder) countsOn(received []byte, shape *expect.Shape, c expect.Context) outcome {
	list := d.stretches(received, shape)
	if len(list) == 0 {
		return outcome{why: noCandidate}
	}
	found, sum := outcome{}, 0.0
	for _, s := range list {
		o := d.inStretch(s, received, c)
		switch {
		case found.fixed == nil:
			found, sum = o, 1
		case o.fixed == nil:
		case bytes.Equal(o.fixed.raw, found.fixed.raw):
		case o.cost < found.cost:
			found, sum = o, 1+sum*mass(found.cost-o.cost)
		default:
			sum += mass(o.cost - found.cost)
		}
	}
	if found.fixed != nil {
		found.confidence /= sum
	}
	found.slipped = true
	return found
}

// outOfStep reports whether a long stretch agrees with a slip bit by bit.
func (d *decoder) outOfStep(received []byte, shape *expect.Shape) bool {
	list := d.stretches(received, shape)
	return len(list) > 0 && list[0].end-list[0].start >= longSlip
}

// stretches lists how a slip may explain what was received.
func (d *decoder) stretches(received []byte, shape *expect.Shape) []stretch {
	r, m := &d.reader, len(received)
	r.line, r.shape = d.line.Costs(), shape
	if m != len(shape.Text) || shape.Bang < 0 {
		return nil
	}
	from, after := 0, 0
	for from < m && mayBe(r.shape, from, received[from]) {
		from++
	}
	for after < m-from && mayBe(r.shape, m-1-after, received[m-1-after]) {
		after++
	}
	var list []stretch
	if m-after-from < shortSlip {
		return nil
	}
	for gap := range 2 {
		for q := 1 + gap; q <= 8; q++ { // at 1 an idle bit falls between two bytes
			list = r.inPhase(list, newPhase(q, gap), received, from, m-after)
		}
	}
	return list[:min(len(list), maxStretches)]
}

// inPhase adds the stretches of a phase to a list. What was received from the first
// to the last byte cannot be as it was sent.
func (r *reader) inPhase(list []stretch, b phase, received []byte, first, last int) []stretch {
	s := stretch{b, -1, last}
	for at := first + 1; at < last; at++ {
		if !r.some(s, at, received) {
			return list
		}
	}
	for b.own < 8 && !b.begins(math.MaxUint16, received[s.end-1]) { // the line does not idle yet
		if s.end++; s.end > min(len(received), last+maxEarly) || !r.some(s, s.end-1, received) {
			return list
		}
	}
	for start := first; start >= max(0, first-maxEarly); start-- {
		missed := s
		missed.start = start
		if r.some(missed, start, received) {
			list = append(list, missed)
		}
		if !r.some(s, start, received) {
			break
		}
	}
	return list
}

// some reports whether some character may have been sent at a place.
func (r *reader) some(s stretch, at int, received []byte) bool {
	if !r.varies(at) {
		return s.agrees(at, r.shape.Text[at], received)
	}
	for _, c := range []byte(r.allowed(at)) {
		if s.agrees(at, c, received) {
			return true
		}
	}
	return false
}

// varies reports whether a place may hold another character than that of the text.
func (r *reader) varies(at int) bool {
	return r.shape.FieldAt[at] >= 0 || at > r.shape.Bang && r.shape.Text[at] > ' '
}

// agrees reports whether c may have been sent at a place.
func (s stretch) agrees(at int, c byte, received []byte) bool {
	switch {
	case at < s.start || at >= s.end:
		return c == received[at]
	case !s.ends(c, received[at]):
		return false
	case at == s.start:
		return s.missed(c)
	}
	return at == 0 || s.begins(lineBits(c), received[at-1])
}

// inStretch looks for the telegram that was received with a slip.
func (d *decoder) inStretch(s stretch, received []byte, c expect.Context) outcome {
	columns, all := d.slipped(s, received, c)
	if columns == nil {
		return outcome{why: noValue}
	}
	if all > hopeless {
		return outcome{why: noCandidate}
	}
	return d.choose(columns, d.reader.shape, countTests, slipCost, func(raw []byte) []record.Edit {
		return slipEdits(raw, received, 0)
	})
}

// slipped lists the fields and the CRC with the values that agree with what was
// received, and returns the mass of all combinations; nil where a column has none.
func (d *decoder) slipped(s stretch, received []byte, c expect.Context) ([]column, float64) {
	r := &d.reader
	r.values, r.columns = r.values[:0], r.columns[:0]
	all := 1.0
	for k, f := range r.shape.Fields {
		t := r.textsOf(s, f.Start, f.End, received)
		col := column{start: f.Start, end: f.End, field: k}
		beyond := r.numbers(t, k, c)
		if len(r.list) == 0 {
			return nil, 0
		}
		col.values = r.keep(tidy(r.list))
		relate(&col)
		col.sum = math.Max(col.sum, beyond)
		all *= col.sum
		r.columns = append(r.columns, col)
	}
	start, end := digitsOf(r.shape)
	if end-start < 4 {
		return nil, 0
	}
	col := column{start: start, end: end, field: -1}
	col.values = r.keep(r.checks(r.textsOf(s, col.start, col.end, received)))
	if len(col.values) == 0 {
		return nil, 0
	}
	relate(&col)
	r.columns = append(r.columns, col)
	return r.columns, all * col.sum
}

// numbers puts the values of field k into the reader's list, and returns their
// mass and that of those that are not among them, relative to the best one.
func (r *reader) numbers(t *texts, k int, c expect.Context) float64 {
	f, prior := &r.shape.Fields[k], r.shape.Prior(k, c)
	r.list = r.list[:0]
	beyond := 0.0
	switch {
	case t.all <= fewTexts:
		for i := range t.all {
			r.number(f, &prior, t.text(i))
		}
	case f.Kind == expect.Clock || f.Kind == expect.Stamp:
		for _, n := range r.shape.Likely(k, c) {
			if v, ok := format(f, f.Of(r.shape.Text), n); ok && t.has(v.text[:f.End-f.Start]) {
				r.number(f, &prior, v.text[:f.End-f.Start])
			}
		}
	default:
		beyond = r.around(t, f, &prior, t.places(f, r.shape, k, c))
	}
	least, sum := math.Inf(1), 0.0
	for i := range r.list {
		least = math.Min(least, r.list[i].cost)
	}
	for i := range r.list {
		sum += mass(r.list[i].cost - least)
	}
	return sum + beyond/mass(least)
}

// number adds a value to the reader's list and returns its cost.
func (r *reader) number(f *expect.Field, prior *expect.Prior, text []byte) float64 {
	n, ok := f.Value(text)
	if !ok {
		return math.Inf(1) // no time of day
	}
	v := newValue(text, prior.Cost(n))
	v.n = n
	r.list = append(r.list, v)
	return v.cost
}

// around adds the texts on either side of some places, and returns the mass of
// those that lie further away: it falls with the distance at least.
func (r *reader) around(t *texts, f *expect.Field, prior *expect.Prior, places []int) float64 {
	sides, end := 0.0, 0
	for _, at := range places {
		first := max(end, at-maxValues)
		end = min(t.all, at+maxValues)
		for i := first; i < end; i++ {
			if cost := r.number(f, prior, t.text(i)); i == first || i == end-1 {
				sides += mass(cost)
			}
		}
	}
	return sides * maxValues * math.Log(1+float64(t.all)/maxValues)
}

// places are where the values of field k before and after would stand, in order.
func (t *texts) places(f *expect.Field, shape *expect.Shape, k int, c expect.Context) []int {
	var list []int
	for _, near := range []*expect.Observed{c.Prev, c.Next} {
		if near == nil {
			continue
		}
		if v, ok := format(f, f.Of(shape.Text), near.Values[k]); ok {
			list = append(list, t.place(v.text[:f.End-f.Start]))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// open takes the choices of the CRC out of the list where all of its values are
// as likely, and returns them; nil where they are not.
func (r *reader) open(columns []column, list *[][]choice) *changes {
	last := len(columns) - 1
	values := columns[last].values
	if n := len(values); n == 1 || values[n-1].cost > 0 {
		return nil
	}
	r.changes.set(choice{column: last, mass: 1}, (*list)[last])
	*list = (*list)[:last]
	return &r.changes
}

// checks lists the CRCs.
func (r *reader) checks(t *texts) []value {
	r.list = r.list[:0]
	for i := range min(t.all, maxChecks) {
		text := t.text(i)
		n, err := strconv.ParseUint(string(text), 16, 16)
		if err != nil {
			return nil
		}
		v := newValue(text, 0)
		v.n = int64(n)
		r.list = append(r.list, v)
	}
	return r.list
}

const (
	// fewTexts is how many texts of a field are weighed one by one, and maxChecks
	// how many of the CRC: four for each digit.
	fewTexts  = 256
	maxChecks = 256
)

// texts are all texts of a field that agree with what was received, in their
// order: a number whose digits are the places in the lists of each digit.
type texts struct {
	n      int
	digits [maxWidth][maxChoices]byte
	count  [maxWidth]int
	all    int
	buffer [maxWidth]byte
}

// textsOf returns the texts at start:end. They are good until the next call.
func (r *reader) textsOf(s stretch, start, end int, received []byte) *texts {
	t := &r.texts
	t.n, t.all = end-start, 1
	for i := range t.n {
		t.count[i] = 0
		for _, c := range []byte(r.allowed(start + i)) {
			if s.agrees(start+i, c, received) {
				t.digits[i][t.count[i]] = c
				t.count[i]++
			}
		}
		t.all *= t.count[i]
	}
	return t
}

// text is one of them. It is good until the next call.
func (t *texts) text(index int) []byte {
	for i := t.n - 1; i >= 0; i-- {
		t.buffer[i] = t.digits[i][index%t.count[i]]
		index /= t.count[i]
	}
	return t.buffer[:t.n]
}

// place is the index of the first text that does not come before another one.
func (t *texts) place(other []byte) int {
	index, below := 0, true // no place so far was passed
	for i := range t.n {
		less := 0
		for below && less < t.count[i] && t.digits[i][less] < other[i] {
			less++
		}
		index = index*t.count[i] + less
		if below && (less == t.count[i] || t.digits[i][less] > other[i]) {
			below = false
		}
	}
	return index
}

// has reports whether a text is among them.
func (t *texts) has(text []byte) bool {
	for i, c := range text {
		if bytes.IndexByte(t.digits[i][:t.count[i]], c) < 0 {
			return false
		}
	}
	return true
}
