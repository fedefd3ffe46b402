package repair

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"

	"p1/pkg/align"
	"p1/pkg/channel"
	"p1/pkg/crc"
	"p1/pkg/fix/expect"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// column is a part of a telegram that has several readings: a field, or the
// digits of the CRC.
type column struct {
	start, end int // of the shape's text
	field      int // index of the field; -1 for the CRC
	values     []value
	sum        float64 // mass of all values, that of the best being 1
	share      float64 // of that mass, those that are listed
	least      float64 // cost of the best one; those of the values are relative to it
	beyond     float64 // mass of all values that the field may have, the best being 1, where not all are listed
}

// outcome is what decoding came to.
type outcome struct {
	fixed      *repaired
	kind       crc.Kind // by which the CRC of what was found holds
	why        reason
	said       reason // what people are told, where that is another one
	prescribed bool   // it was found by what dialects prescribe
	confidence float64
	passing    int     // how many of those that were tested satisfied the CRC
	exhausted  bool    // what was not tested could not have mattered
	cost       float64 // of the telegram that was found
	search     search
	out        []span       // parts of the telegram during which the receiver was out of step
	weighed    *explanation // where that is wanted
	wire       *wire        // that it came over
}

// search is how the telegram was found.
type search struct {
	tests        int
	best, second []choice // second is kept where an explanation is wanted
	costs        [2]float64
}

// decoder decodes telegrams with what is known of line and meter.
type decoder struct {
	line      *channel.Model
	kind      crc.Kind // of the meter's CRCs
	syndromes *crc.Syndromes
	places    map[*expect.Shape]*places
	explain   bool
	reader    reader
	trellis   trellis
	atTag     trellis // goes on where a stretch goes on behind the text

	// How many telegrams could be explained, and how many not although all
	// that mattered was weighed: the odds that the next one is of a kind that
	// is not known.
	explained, unexplained float64
}

func newDecoder(kind crc.Kind, printable, explain bool) *decoder {
	return &decoder{
		explain: explain, kind: kind, syndromes: crc.NewSyndromes(kind),
		line: channel.NewModel(printable), places: map[*expect.Shape]*places{},
		explained: 100, unexplained: 1,
	}
}

// setKind makes the meter's CRCs ones of another kind.
func (d *decoder) setKind(kind crc.Kind) {
	if kind != d.kind {
		d.kind, d.syndromes = kind, crc.NewSyndromes(kind)
	}
}

const (
	// accident is how often a wrong combination satisfies the CRC: both known
	// polynomials have the factor x+1, so that combinations with an odd number
	// of wrong bits never do, and the others once in 2^15.
	accident = 1.0 / (1 << 15)
	// maxTests bounds the search.
	maxTests = 200000
	// brokenSum is the cost of a telegram in which a sum does not hold that
	// always did.
	brokenSum = 14
	// hopelessMass is how much mass the combinations may have, that of the best being 1: of
	// more, those that satisfy the CRC by accident outweigh it.
	hopelessMass = 10 / accident
	// unseenSum is the same of a sum that is prescribed, and was never seen to hold.
	unseenSum = 5
	// matters is the share of the best combination's weight below which the
	// untested rest is let be.
	matters = 1e-4
)

// decode looks for the telegram of this shape that the received one was.
func (d *decoder) decode(received []byte, shape *expect.Shape, c expect.Context) outcome {
	return d.decodeOver(nil, received, shape, c)
}

// decodeOver is decode where the telegram comes over a wire on which its bytes are others.
func (d *decoder) decodeOver(w *wire, received []byte, shape *expect.Shape, c expect.Context) outcome {
	if shape.Bang < 0 {
		return outcome{why: noCRC}
	}
	short, ops := w.match(shape, received)
	rough := ops == nil
	if rough {
		ops = w.roughly(shape, short, received)
	}
	if ops == nil {
		return outcome{why: tooDamaged}
	}
	d.begin(shape)
	ops, received = d.reader.unwrap(w, ops, received)
	found := d.reader.stretches(ops, short)
	list := d.price(found, short, received)
	if rough && len(list) < len(found) {
		return outcome{why: tooDamaged}
	}
	columns, why := d.columns(ops, short, shape, received, c)
	if why != "" {
		return outcome{why: why}
	}
	o := d.choose(columns, shape, maxTests, d.textCost(ops, short, received, list), func(raw []byte) []record.Edit {
		if w != nil {
			return nil // what was received is no text
		}
		if list := exactEdits(raw, short, received); list != nil {
			return list
		}
		return edits(paired(ops, list), raw, short, received)
	})
	o.out, o.wire = slipped(list, short), w
	return o
}

// begin makes the reader ready for another telegram.
func (d *decoder) begin(shape *expect.Shape) {
	r := &d.reader
	r.line, r.shape, r.doubt, r.values, r.wire, r.anyCRC = d.line.Costs(), shape, 0, r.values[:0], nil, false
	r.gain = d.gains(r.gain, shape)
	r.blur = zeros(r.blur, len(shape.Text)+1)
}

// choose makes a telegram of the best combination of values that satisfies the CRC.
// text is what the damage outside of the columns costs, and edits lists what is
// other in a telegram than was received.
func (d *decoder) choose(columns []column, shape *expect.Shape, limit int, text float64, edits func(raw []byte) []record.Edit) outcome {
	o := d.combine(columns, shape, limit)
	o.cost = o.search.costs[0] + text
	for i := range columns {
		o.cost += columns[i].least
	}
	if d.explain {
		o.weighed = o.explanation(columns, shape)
	}
	if o.passing == 0 {
		return o
	}
	raw := compose(shape, columns, o.search.best)
	if !holds(raw, d.kind) {
		return outcome{why: "the syndromes are wrong"} // cannot be; better refused than wrong
	}
	o.fixed = &repaired{raw: raw, edits: edits(raw)}
	return o
}

// match holds what was received against the text of a shape, but for what is
// missing of its fill; there are no ops where they differ too much.
func match(shape *expect.Shape, received []byte) (shortened, []align.Op) {
	return (*wire)(nil).match(shape, received)
}

// differences counts how much was received otherwise than a shape has it.
func differences(shape *expect.Shape, received []byte) int {
	return (*wire)(nil).differences(shape, received)
}

// differences counts how much was received otherwise than it is expected on the wire.
func (w *wire) differences(shape *expect.Shape, received []byte) int {
	_, ops := w.match(shape, received)
	if ops == nil {
		return align.Max + 1
	}
	n := 0
	for _, o := range ops {
		if o != align.Same {
			n++
		}
	}
	return n
}

// textCost is what the damage outside of fields costs. A long run of lost or
// added bytes is one event.
func (d *decoder) textCost(ops []align.Op, short shortened, received []byte, list []stretch) float64 {
	const more = 0.5 // for each further byte of a run
	r := &d.reader
	sum := 0.0
	for _, s := range list {
		sum += s.cost
	}
	i, j, run := 0, 0, 0
	last := align.Same
	for _, o := range ops {
		if run++; o != last {
			run = 1
		}
		last = o
		at := short.origin(min(i, len(short.text)-1))
		inside := r.shape.FieldAt[at] >= 0 || at > r.shape.Bang
		cost := 0.0
		for len(list) > 0 && i >= list[0].text.end {
			list = list[1:]
		}
		switch {
		case o == align.Same || len(list) > 0 && i >= list[0].text.start:
		case o == align.Other:
			cost = r.cost(at, r.shape.Text[at], received[j])
		case run >= longRun:
			cost = more
		case o == align.Lost:
			cost = r.vanish(at, r.shape.Text[at])
		default:
			cost = r.insert()
		}
		if !inside {
			sum += cost
		}
		if o != align.Added {
			i++
		}
		if o != align.Lost {
			j++
		}
	}
	return sum
}

// mayBe reports whether c may stand at a place of the shape: the same byte, or
// another digit in a field.
func mayBe(shape *expect.Shape, at int, c byte) bool {
	text := shape.Text[at]
	if c == text {
		return true
	}
	if at > shape.Bang {
		return text > ' ' && telegram.IsHex(c)
	}
	if shape.Letters != nil && shape.Letters[at] != "" {
		return strings.IndexByte(shape.Letters[at], c) >= 0
	}
	return shape.FieldAt[at] >= 0 && telegram.IsDigit(text) && telegram.IsDigit(c) || shape.Allows(at, c)
}

// digitsOf returns where the digits of a shape's CRC stand.
func digitsOf(shape *expect.Shape) (start, end int) {
	digits := shape.CRC()
	return digits.Start, min(digits.End, digits.Start+4)
}

// columns lists the fields and the CRC with the values they may have.
func (d *decoder) columns(ops []align.Op, short shortened, shape *expect.Shape, received []byte, c expect.Context) ([]column, reason) {
	r := &d.reader
	r.spans(ops, short, len(shape.Text))
	from, to := r.from, r.to
	columns := r.columns[:0]
	for k, f := range shape.Fields {
		col := column{start: f.Start, end: f.End, field: k}
		if r.inStretch(f.Start) {
			col.values, col.beyond = r.softValues(k, c)
		} else {
			col.values = r.fieldValues(k, received[from[f.Start]:max(from[f.Start], to[f.End])], c)
			col.share = r.share
		}
		columns = append(columns, col)
	}
	start, end := digitsOf(shape)
	if start == end {
		return nil, noCRC
	}
	col := column{start: start, end: end, field: -1}
	if r.inStretch(start) {
		col.values = r.softChecks(start, end)
	} else {
		col.values = r.crcValues(start, end, received[from[start]:max(from[start], to[end])])
	}
	if len(col.values) == 0 && r.wire.tagged() {
		col.values = append(col.values, newValue(shape.Text[start:end], 0)) // any: the tag tells
		r.anyCRC = true
	}
	columns = append(columns, col)
	for _, col := range columns {
		if len(col.values) == 0 && col.field < 0 {
			return nil, noCRC
		}
		if len(col.values) == 0 {
			return nil, noValue
		}
	}
	r.columns = columns
	d.solveSums(r, columns, shape, received, from, to, c)
	for i := range columns {
		relate(&columns[i])
	}
	return columns, ""
}

// relate makes a column's costs relative to its best value.
func relate(col *column) {
	best := col.values[0].cost
	col.least = best
	for i := range col.values {
		v := &col.values[i]
		v.cost -= best
		v.mass = mass(v.cost)
		col.sum += v.mass
	}
	col.sum = math.Max(col.sum, col.beyond)
	if col.share > 0 {
		col.sum /= col.share
	}
}

// zeros returns n zeros, in the memory of a list if there is room for them.
func zeros[T any](list []T, n int) []T {
	if cap(list) < n {
		return make([]T, n)
	}
	list = list[:n]
	clear(list)
	return list
}

// spans finds, for each place of the shape's text, where its reading begins
// (from) and where that of the place before ends (to) among the received bytes.
func (r *reader) spans(ops []align.Op, short shortened, n int) {
	r.from, r.to = zeros(r.from, n+1), zeros(r.to, n+1)
	from, to := r.from, r.to
	i, j, at := 0, 0, 0
	for _, o := range ops {
		if o == align.Added {
			j++
			continue
		}
		for ; at < short.origin(i); at++ { // the part of the fill that was cut out
			from[at+1], to[at+1] = j, j
		}
		from[at] = j
		i++
		if o != align.Lost {
			j++
		}
		at++
		from[at], to[at] = j, j
	}
	for ; at < n; at++ {
		from[at+1], to[at+1] = j, j
	}
}

// crcValues returns the CRCs that may have been sent, the likeliest first.
func (r *reader) crcValues(start, end int, received []byte) []value {
	list := r.list[:0]
	digits := 0
	text := r.wire.text(start, end, received)
	for _, c := range text {
		if telegram.IsHex(c) {
			digits++
		}
	}
	r.crc.guess(text)
	whole := r.whole(start, end, text)
	if whole {
		list = r.singles(list, start, text, received)
	} else if end-start-digits <= 1 {
		for _, p := range r.paths(start, end, received) {
			list = append(list, value{text: p.text, cost: p.cost})
		}
	} // of fewer digits too little is left to confirm anything
	list = slices.DeleteFunc(list, func(v value) bool { return !r.crc.writes(v.text[:end-start], whole) })
	for i := range list {
		n, err := strconv.ParseUint(string(list[i].text[:end-start]), 16, 16)
		if err != nil {
			return nil
		}
		list[i].n = int64(n)
	}
	r.list = list
	return r.keep(tidy(list))
}

// solveSums adds, where a sum does not hold among the best values, the value of
// each of its fields that would make it hold.
func (d *decoder) solveSums(r *reader, columns []column, shape *expect.Shape, received []byte, from, to []int, c expect.Context) {
	best := make([]int64, len(shape.Fields))
	for i := range best {
		best[i] = columns[i].values[0].n
	}
	for s := range shape.Sums {
		sum := &shape.Sums[s]
		if !sum.Known() || sum.Holds(best) {
			continue
		}
		for i := range best {
			n, ok := sum.Solve(i, best)
			if !ok || n < 0 {
				continue
			}
			f := &shape.Fields[i]
			v, ok := format(f, f.Of(shape.Text), n)
			if ok {
				if text := v.text[:f.End-f.Start]; r.inStretch(f.Start) {
					v.cost = r.softCost(f.Start, text)
				} else {
					v.cost = r.matching(f.Start, received[from[f.Start]:max(from[f.Start], to[f.End])]).of(text)
				}
				columns[i].values = tidy(append(columns[i].values, r.weigh(i, []value{v}, c)...))
			}
		}
	}
}

// combine walks the combinations of values in the order of their likelihood, and
// finds the best one that satisfies the CRC, with the probability that it is
// right. At most limit of them are tested.
func (d *decoder) combine(columns []column, shape *expect.Shape, limit int) outcome {
	choices, residual, all := d.choices(columns, shape)
	open := d.reader.open(columns, &choices)
	o := outcome{why: noCandidate}
	s := &o.search
	sealed := d.reader.wire.tagged()
	if all > hopelessMass && !sealed {
		o.why = ambiguous
		return o
	}
	weight, others := 0.0, 0.0
	w := newWalk(choices, residual, limit, func(cost float64, chosen []choice) {
		if sealed && !d.verifies(columns, chosen, shape) {
			return
		}
		cost += d.contradictions(columns, chosen, shape)
		m := mass(cost)
		o.passing++
		switch {
		case m > weight:
			others += weight
			s.second, s.costs[1] = s.best, s.costs[0]
			weight, s.best, s.costs[0] = m, slices.Clone(chosen), cost
		case d.explain && (s.second == nil || cost < s.costs[1]):
			s.second, s.costs[1] = slices.Clone(chosen), cost
			fallthrough
		default:
			others += m
		}
	})
	w.open = open
	if w.all = d.reader.anyCRC; w.all {
		w.limit = mostTags
	}
	for high := 2.0; !o.exhausted; high += 2 {
		if !w.layer(high) {
			break
		}
		rest := math.Max(0, all-w.seen) * accident
		o.exhausted = high > window || o.passing > 0 && (sealed || rest < matters*weight)
	}
	s.tests = w.tests
	if o.passing == 0 {
		return o
	}
	rest := math.Max(0, all-w.seen) + all*d.unexplained/d.explained
	o.why = ""
	if sealed {
		o.confidence = record.MaxConfidence
		return o
	}
	o.confidence = min(weight/(weight+others+rest*accident), record.MaxConfidence)
	return o
}

// choices lists, column by column, all values but the best ones, with their
// changes of the CRC; residual is the change that satisfies it, and all the mass
// of all combinations.
func (d *decoder) choices(columns []column, shape *expect.Shape) (list [][]choice, residual uint16, all float64) {
	base := compose(shape, columns, nil)
	r := &d.reader
	r.choices = r.choices[:0]
	all = 1
	covered := shape.Bang + 1
	for k := range columns {
		col := &columns[k]
		all *= col.sum
		best := &col.values[0]
		from := len(r.choices)
		for i := range col.values[1:] {
			v := &col.values[i+1]
			delta := uint16(best.n ^ v.n)
			if col.field >= 0 {
				delta = d.syndromes.Diff(best.text[:col.end-col.start], v.text[:col.end-col.start], covered-col.end)
			}
			r.choices = append(r.choices, choice{k, i + 1, v.cost, v.mass, delta})
		}
		list = append(list, r.choices[from:])
	}
	residual = d.kind.Sum(base[:covered]) ^ uint16(columns[len(columns)-1].values[0].n)
	return list, residual, all
}

// contradictions is the cost of the sums that do not hold.
func (d *decoder) contradictions(columns []column, chosen []choice, shape *expect.Shape) float64 {
	values := make([]int64, len(shape.Fields))
	for i := range values {
		values[i] = columns[i].values[0].n
	}
	for _, c := range chosen {
		if f := columns[c.column].field; f >= 0 {
			values[f] = columns[c.column].values[c.value].n
		}
	}
	return brokenSums(shape, values)
}

func brokenSums(shape *expect.Shape, values []int64) float64 {
	price := float64(brokenSum)
	if shape.Letters != nil {
		price = unseenSum
	}
	cost := 0.0
	for i := range shape.Sums {
		if s := &shape.Sums[i]; s.Known() && !s.Holds(values) {
			cost += price
		}
	}
	return cost
}

// compose writes the telegram with the best values but where others are chosen.
func compose(shape *expect.Shape, columns []column, chosen []choice) []byte {
	raw := bytes.Clone(shape.Text)
	for _, col := range columns {
		copy(raw[col.start:col.end], col.values[0].text[:])
	}
	for _, c := range chosen {
		col := columns[c.column]
		copy(raw[col.start:col.end], col.values[c.value].text[:])
	}
	return raw
}

// exactEdits lists the fewest differences between a telegram and what was
// received of it.
func exactEdits(raw []byte, short shortened, received []byte) []record.Edit {
	text := raw
	if short.cut > 0 {
		text = append(bytes.Clone(raw[:short.from]), raw[short.from+short.cut:]...)
	}
	ops := align.Runs(len(text), len(received), func(i, j int) int { return align.Common(text[i:], received[j:]) })
	if ops == nil {
		return nil
	}
	return edits(ops, raw, short, received)
}
