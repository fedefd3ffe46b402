// Package expect takes the valid telegrams of a meter and gives what it will say
// next: the text that it never changes, where its digits stand, and how likely
// each value of them is.
package expect

import (
	"bytes"
	"math"
	"slices"

	"p1/pkg/telegram"
)

// Shape is what telegrams of the same lines and widths have in common.
type Shape struct {
	telegram.Template // what they look like; its Text is the last one
	// Varies marks the bytes of Text that have differed between two of them,
	// and the digits of the CRC.
	Varies []bool
	// Fields are the values of digits, in order.
	Fields []Field
	// FieldAt is the index of the field that a byte of Text is in, or -1.
	FieldAt []int16
	// Fill is the longest run of one unprintable byte in Text: a meter's
	// filler. It is empty where there is none.
	FillStart, FillEnd int
	// Sums hold between the registers, as far as it is known.
	Sums []Sum
	// Letters are, of a prescribed shape, the bytes that may stand at each place of a
	// Word; nil for shapes that were learned.
	Letters []string

	seen   int       // valid telegrams
	period int64     // seconds from one telegram to the next; 0 while not known
	last   *Observed // the values of Text; nil before any is learned
}

// Observed is a telegram of a shape whose values are known.
type Observed struct {
	Seq    int64 // counts transmissions, for how many steps lie between two; or [LongAgo]
	Values []int64
	Stale  []int // fields of which the value is an earlier one: what it was then is not known

	// Where the telegram differs from the Text of a shape as it was when it had learned from
	// so many telegrams: what Follow need not look for again. Nil where nobody has looked.
	shape   *Shape
	at      int
	changes []int32
}

// LongAgo is the Seq of a telegram after which an unknown number of others has
// been sent: one of an earlier run.
const LongAgo int64 = math.MinInt64

func (o *Observed) longAgo() bool { return o != nil && o.Seq == LongAgo }

// says reports whether a telegram tells what a field was then.
func (o *Observed) says(field int) bool { return o != nil && !slices.Contains(o.Stale, field) }

// Set makes o a copy of another one, in its own memory.
func (o *Observed) Set(other *Observed) {
	o.shape = nil
	o.Seq, o.Values, o.Stale = other.Seq, append(o.Values[:0], other.Values...), append(o.Stale[:0], other.Stale...)
}

// maxShapes is how many shapes of a meter are remembered: it has few, and a
// stream may hold more than one meter.
const maxShapes = 8

// Meter is what has been learned of a meter. The zero value knows nothing.
type Meter struct {
	shapes []*Shape // the last used one first
	now    Observed // memory for the values of the next telegram
}

// Shapes returns the shapes that are known, the last used one first.
func (m *Meter) Shapes() []*Shape { return m.shapes }

// Learn takes a valid telegram, the seq-th transmission, and returns its shape.
// It keeps no reference to raw.
func (m *Meter) Learn(raw []byte, seq int64) *Shape {
	o := &m.now
	s := m.Observe(o, raw, seq)
	if s == nil {
		s = NewShape(raw)
		m.shapes = append(m.shapes[:min(len(m.shapes), maxShapes-1)], s)
		o = s.Observe(raw, seq)
	}
	m.Follow(s, raw, o)
	return s
}

// Follow is Learn for a telegram of a known shape, whose values o are those that Observe
// has read of it. It keeps no reference to them.
func (m *Meter) Follow(s *Shape, raw []byte, o *Observed) {
	i := slices.Index(m.shapes, s)
	copy(m.shapes[1:i+1], m.shapes[:i])
	m.shapes[0] = s
	s.follow(raw, o)
}

// Find returns the known shape that a telegram has, or nil.
func (m *Meter) Find(raw []byte) *Shape {
	for _, s := range m.shapes {
		if s.Fits(raw) {
			return s
		}
	}
	return nil
}

// Observe is Find, and reads the values of the telegram in the memory of an o that
// is no longer needed.
func (m *Meter) Observe(o *Observed, raw []byte, seq int64) *Shape {
	for _, s := range m.shapes {
		if s.observe(o, raw) {
			o.Seq = seq
			return s
		}
	}
	return nil
}

// Break says that nobody knows how many transmissions lie between what was
// learned so far and what comes: nothing is learned from one to the other, and
// Seq may begin anew.
func (m *Meter) Break() {
	for _, s := range m.shapes {
		s.last.Seq = LongAgo
	}
}

// Fills reports whether the meter has a filler in the line with an OBIS code.
func (m *Meter) Fills(code string) bool {
	return slices.ContainsFunc(m.shapes, func(s *Shape) bool {
		return s.FillEnd > s.FillStart && bytes.HasSuffix(s.Text[:s.FillStart], []byte("\n"+code+"("))
	})
}

// NewShape returns the shape of a telegram.
func NewShape(raw []byte) *Shape {
	s := &Shape{Varies: make([]bool, len(raw))}
	s.Set(raw)
	for i, place := range s.Places {
		s.Varies[i] = place == telegram.InCRC
	}
	s.setFields(findFields(raw[:s.end()]))
	s.FillStart, s.FillEnd = longestFill(raw)
	s.Sums = proposeSums(s)
	return s
}

// setFields makes these the fields of the shape.
func (s *Shape) setFields(fields []Field) {
	s.Fields, s.FieldAt = fields, make([]int16, len(s.Text))
	for i := range s.FieldAt {
		s.FieldAt[i] = -1
	}
	for k, f := range fields {
		for i := f.Start; i < f.End; i++ {
			s.FieldAt[i] = int16(k)
		}
	}
}

// end is where the CRC begins: what stands after it is no value of the telegram.
func (s *Shape) end() int {
	if s.Bang < 0 {
		return len(s.Text)
	}
	return s.Bang + 1
}

// SameFields reports whether two shapes have their fields at the same places, so
// that the values of the one say what those of the other may be.
func (s *Shape) SameFields(t *Shape) bool {
	return slices.EqualFunc(s.Fields, t.Fields, func(a, b Field) bool {
		return a.Start == b.Start && a.End == b.End && a.Kind == b.Kind
	})
}

// Seen returns how many telegrams of the shape have been learned from.
func (s *Shape) Seen() int { return s.seen }

// Stranger returns how many bytes of raw, a telegram of the same length, are
// others than the shape has outside of parentheses, where a meter always sends
// the same; -1 where the lengths differ.
func (s *Shape) Stranger(raw []byte) int {
	if len(raw) != len(s.Text) {
		return -1
	}
	n := 0
	for i := s.NextChange(raw, 0); i < len(raw); i = s.NextChange(raw, i+1) {
		if s.Places[i] == telegram.Fixed {
			n++
		}
	}
	return n
}

// Established reports whether so many telegrams have had the shape that one that
// contradicts it is suspect.
func (s *Shape) Established() bool { return s.seen >= proven }

func (s *Shape) follow(raw []byte, o *Observed) {
	if o.shape == s && o.at == s.seen {
		for _, i := range o.changes {
			s.Varies[i], s.Text[i] = true, raw[i]
		}
	} else {
		for i := s.NextChange(raw, 0); i < len(raw); i = s.NextChange(raw, i+1) {
			s.Varies[i], s.Text[i] = true, raw[i]
		}
	}
	s.seen++
	if s.last != nil && !s.last.longAgo() && o.Seq > s.last.Seq {
		k := math.Min(float64(o.Seq-s.last.Seq), 20)
		before, now := s.last.Values[:len(s.Fields)], o.Values[:len(s.Fields)]
		for i := range s.Fields {
			if len(o.Stale) == 0 || o.says(i) {
				s.Fields[i].step(before[i], now[i], k)
			}
		}
		s.tick(o)
	}
	for i := range s.Sums {
		s.Sums[i].Learn(o.Values)
	}
	if s.last == nil {
		s.last = &Observed{Values: make([]int64, 0, len(o.Values))}
	}
	s.last.Set(o)
}

// tick learns the period from two telegrams that follow each other.
func (s *Shape) tick(o *Observed) {
	if o.Seq != s.last.Seq+1 {
		return
	}
	for i := range s.Fields { // of many, so that none is copied
		if s.Fields[i].Kind == Clock {
			if d := o.Values[i] - s.last.Values[i]; d > 0 && (s.period == 0 || d < s.period) {
				s.period = d
			}
		}
	}
}

// Last returns the values of the telegram that was learned last, until the next
// one is.
func (s *Shape) Last() *Observed { return s.last }

// Observe reads the values of a telegram of this shape.
func (s *Shape) Observe(raw []byte, seq int64) *Observed {
	o := &Observed{Seq: seq, Values: make([]int64, len(s.Fields))}
	for k := range s.Fields {
		o.Values[k] = s.value(k, raw)
	}
	return o
}

// observe reads the values of any telegram as Observe does, in the memory of an o
// that is no longer needed, and reports whether it fits. A value of which no byte has
// changed is what it was in the last one.
func (s *Shape) observe(o *Observed, raw []byte) bool {
	if len(raw) != len(s.Text) {
		return false
	}
	o.Values, o.Stale = append(o.Values[:0], s.last.Values...), o.Stale[:0]
	o.shape, o.at, o.changes = nil, s.seen, o.changes[:0]
	done := int16(-1)
	for i := s.NextChange(raw, 0); i < len(raw); i = s.NextChange(raw, i+1) {
		if !s.Takes(i, raw[i]) {
			return false
		}
		if k := s.FieldAt[i]; k != done && k >= 0 {
			o.Values[k] = s.value(int(k), raw)
			done = k
		}
		o.changes = append(o.changes, int32(i))
	}
	o.shape = s
	return true
}

// value is that of field k in a telegram of this shape.
func (s *Shape) value(k int, raw []byte) int64 {
	v, _ := s.Fields[k].Value(s.Fields[k].Of(raw))
	return v
}

// Context is what is known around a telegram: the seq of its transmission, and
// the nearest known telegrams of its shape before and after it; either may be
// nil.
type Context struct {
	Seq        int64
	Prev, Next *Observed
}

// Prior says how likely the values of one field are in a context.
type Prior struct {
	kind             Kind
	hasPrev, hasNext bool
	before, then     trend // from the telegram before, and to the one after
	prev, next       int64
	constant         bool    // it has never changed
	usual            int64   // from this value
	nothing          float64 // cost of any value, where nothing else is known

	// Belief is, where no telegram tells, what was expected before any was seen; most often
	// it is nil. Then it counts, and Cost does not.
	Belief Belief
}

// Prior returns what is expected of field i in the context. A telegram of
// [LongAgo] before it says what registers and clock cannot be any more, and little
// else.
func (s *Shape) Prior(i int, c Context) Prior {
	f := &s.Fields[i]
	p := Prior{kind: f.Kind, nothing: float64(f.End-f.Start) * math.Ln10}
	if f.changed == 0 && s.Established() {
		p.constant, p.usual = true, s.last.Values[i]
	}
	if f.belief != nil && !c.Prev.says(i) && !c.Next.says(i) {
		p.Belief = f.belief
		return p
	}
	if c.Prev != nil {
		p.hasPrev, p.prev = true, c.Prev.Values[i]
		p.before = f.trend(steps(c.Prev.Seq, c.Seq), s.period)
		p.before.far = c.Prev.longAgo()
	}
	if c.Next.says(i) {
		p.hasNext, p.next = true, c.Next.Values[i]
		p.then = f.trend(steps(c.Seq, c.Next.Seq), s.period)
	}
	return p
}

// Cost returns −ln of the probability that the field has the value v, up to what
// is the same for all values.
func (p *Prior) Cost(v int64) float64 { return p.CostUpTo(math.Inf(1), v) }

// CostUpTo is Cost where that is at most so much; where it is more, it may return
// anything that is.
func (p *Prior) CostUpTo(most float64, v int64) float64 {
	const another = 12
	switch {
	case !p.hasPrev && !p.hasNext && p.constant:
		if v == p.usual {
			return 0
		}
		return another
	case !p.hasPrev && !p.hasNext:
		return p.nothing
	case !p.hasNext:
		return p.before.cost(p.prev, v, most)
	case !p.hasPrev:
		return p.then.cost(v, p.next, most)
	case p.before.far && p.before.unknown(v-p.prev) < Impossible:
		return p.then.cost(v, p.next, most)
	case p.kind == Instant: // near one of the two is near enough
		return min(p.before.cost(p.prev, v, most), p.then.cost(v, p.next, most))
	case v < p.prev, v > p.next, p.then.cost(v, p.next, Impossible) >= Impossible:
		return Impossible
	}
	return min(p.before.cost(p.prev, v, most), Impossible)
}

// steps counts the steps between two transmissions, up to the most that count.
func steps(from, to int64) float64 {
	const most = 1000
	if from == LongAgo {
		return most
	}
	return math.Max(1, math.Min(float64(to-from), most))
}

// Allows reports whether the meter may well send c at Text[i]: the same byte,
// or, where it varies, another of its kind.
func (s *Shape) Allows(i int, c byte) bool {
	return c == s.Text[i] || s.Varies[i] && telegram.Alike(c, s.Text[i])
}

func longestFill(raw []byte) (start, end int) {
	for i := 0; i < len(raw); {
		j := i + 1
		for j < len(raw) && raw[j] == raw[i] {
			j++
		}
		if (raw[i] < 0x20 || raw[i] > 0x7E) && j-i >= telegram.MinFill && j-i > end-start {
			start, end = i, j
		}
		i = j
	}
	return start, end
}

// maxLikely is how many values Likely returns.
const maxLikely = 96

// Likely returns values that field i has with some likelihood in the context,
// for when nothing that was received says more.
func (s *Shape) Likely(i int, c Context) []int64 {
	f := &s.Fields[i]
	list := make([]int64, 0, maxLikely)
	add := func(v int64) {
		if v >= 0 && len(list) < maxLikely {
			list = append(list, v)
		}
	}
	around := func(v, unit int64, up, down bool) {
		add(v)
		for d := int64(1); d < maxLikely; d++ {
			if up {
				add(v + d*unit)
			}
			if down {
				add(v - d*unit)
			}
		}
	}
	if !c.Next.says(i) {
		c.Next = nil
	}
	if c.Prev.longAgo() && c.Next != nil {
		c.Prev = nil // the one after it says more
	}
	base, k := c.Prev, 1.0
	if base == nil {
		base = c.Next
	}
	if base == nil {
		return nil
	}
	v := base.Values[i]
	if base.longAgo() && f.Kind != Instant {
		if f.changed == 0 {
			add(v)
		}
		return list // where it has gone in the meantime, nobody knows
	}
	if c.Prev != nil {
		k = steps(c.Prev.Seq, c.Seq)
	}
	switch f.Kind {
	case Clock:
		if s.period > 0 {
			sign := int64(1)
			if c.Prev == nil {
				sign, k = -1, steps(c.Seq, c.Next.Seq)
			}
			around(v+sign*s.period*int64(k), s.period, k < 50, k > 1)
		}
	case Register:
		if f.changed > 0 {
			around(v, 1, c.Prev != nil, c.Prev == nil)
		} else {
			add(v)
		}
	case Stamp:
		add(v)
		around(v+300, 300, true, false)
	default:
		around(v, 1, true, true)
	}
	return list
}
