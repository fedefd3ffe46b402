package repair

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"strconv"

	"p1/pkg/align"
	"p1/pkg/channel"
	"p1/pkg/fix/expect"
)

// stretch is a part of a telegram in which so much was received otherwise than it was sent
// that byte by byte little can be said of it: it is read as a whole, by all that a receiver
// may have made of it. It begins and ends where the receiver was in step.
type stretch struct {
	text, got span    // of the text, but for what was cut out of it, and of what was received
	cost      float64 // −ln of how likely all of it is
	slipped   bool    // the receiver was out of step
}

const (
	// anchor is how many bytes in a row must be as they were sent to be in step, and crowd
	// how many differences without such a row make a stretch.
	anchor = 6
	crowd  = 3
	// early is by how many bytes a slip may begin before it shows, since digits may be read
	// as digits, and late how many it may go on.
	early = 12
	late  = 4
	// longestText is how many bytes of a text are read as stretches at most.
	longestText = 4096
	// aSlip is how much likelier a stretch out of step has to be than one in step.
	aSlip = 3
)

// stretches finds those of a telegram.
func (r *reader) stretches(ops []align.Op, short shortened) (list []stretch) {
	r.reached = append(r.reached[:0], 0) // the received bytes before each place of the text
	first, last, hits, i := 0, 0, 0, 0
	close := func() {
		if hits >= crowd {
			list = append(list, stretch{text: span{first, last + 1}})
		}
		hits = 0
	}
	j := 0
	for _, o := range ops {
		if at := short.origin(min(i, len(short.text)-1)); o != align.Same && !(r.shape.FillStart <= at && at < r.shape.FillEnd) {
			if hits > 0 && i-last > anchor {
				close()
			}
			if hits++; hits == 1 {
				first = i
			}
			last = i
		}
		if o != align.Lost {
			j++
		}
		if o != align.Added {
			i++
			r.reached = append(r.reached, j)
		}
	}
	close()
	return r.widen(list, short)
}

// widen lets stretches begin and end where the receiver is in step, and hold whole fields.
func (r *reader) widen(list []stretch, short shortened) []stretch {
	n := len(short.text)
	kept := list[:0]
	for _, s := range list {
		s.text.start = r.fieldStart(max(0, s.text.start-early), short)
		s.text.end = r.fieldEnd(min(n, s.text.end+late), short)
		if k := len(kept) - 1; k >= 0 && s.text.start <= kept[k].text.end {
			kept[k].text.end = s.text.end
		} else {
			kept = append(kept, s)
		}
	}
	for k := range kept {
		s := &kept[k]
		s.got = span{r.reached[s.text.start], r.reached[s.text.end]}
		if s.text.end == n {
			s.got.end = r.reached[n]
		}
	}
	return kept
}

func (r *reader) fieldStart(i int, short shortened) int {
	for i > 0 && i < len(short.text) && r.varies(short.origin(i)) && r.varies(short.origin(i-1)) {
		i--
	}
	return i
}

func (r *reader) fieldEnd(i int, short shortened) int {
	for i > 0 && i < len(short.text) && r.varies(short.origin(i)) && r.varies(short.origin(i-1)) {
		i++
	}
	return i
}

// varies reports whether a place may hold another character than that of the text.
func (r *reader) varies(at int) bool {
	return r.shape.FieldAt[at] >= 0 || at > r.shape.Bang && r.shape.Text[at] > ' '
}

// price works out what each character that may have been sent in the stretches costs, and
// returns those that something explains. Of the others what was received says little, place
// by place.
func (d *decoder) price(list []stretch, short shortened, received []byte) (explained []stretch) {
	r := &d.reader
	d.trellis.behind = false
	r.soft = append(r.soft[:0], [maxChoices]float64{})
	r.softAt = zeros(r.softAt, len(r.shape.Text))
	r.letters = r.letters[:0]
	for _, s := range list {
		if !r.hasWords(&s, short) {
			if d.priceOne(&s, short, received); !math.IsInf(s.cost, 1) {
				explained = append(explained, s)
				continue
			}
		}
		for i := s.text.start; i < s.text.end; i++ {
			r.blur[short.origin(i)] = true
		}
	}
	return explained
}

// slipped lists the parts of a telegram during which the receiver was out of step.
func slipped(list []stretch, short shortened) (out []span) {
	for _, s := range list {
		if s.slipped {
			out = append(out, span{short.origin(s.text.start), short.origin(s.text.end-1) + 1})
		}
	}
	return out
}

// priceOne does so for one of them. That a start edge was missed is looked at only where
// it may cost less than what was read in step.
func (d *decoder) priceOne(s *stretch, short shortened, received []byte) {
	r, t := &d.reader, &d.trellis
	t.lay(d, s, short, received)
	t.slips = false
	plain := t.forward()
	s.cost = plain
	open := 0.0 // of what may be sent
	for _, choices := range t.places {
		open += math.Log(float64(len(choices)))
	}
	if plain > open+aSlip-math.Log(missesStart) {
		t.slips = true
		s.cost = t.forward()
		s.slipped = s.cost < plain-aSlip
	}
	if math.IsInf(s.cost, 1) {
		t.behind = false
		return
	}
	s.cost -= open // the fields count it
	for i := range t.places {
		if at := short.origin(s.text.start + i); r.varies(at) {
			r.softAt[at] = int32(len(r.soft))
			r.soft = append(r.soft, [maxChoices]float64{})
		}
	}
	t.backward(func(i, k int, p float64) { r.soft[r.softAt[short.origin(s.text.start+i)]][k] += p })
	for i, choices := range t.places {
		at := short.origin(s.text.start + i)
		if at > r.shape.Bang && !s.slipped {
			r.softAt[at] = 0 // what is left of the CRC must confirm
			continue
		}
		if len(choices) > 1 {
			toCosts(r.soft[r.softAt[short.origin(s.text.start+i)]][:len(choices)])
		}
	}
}

// never is the most that a character may cost in a stretch.
const never = 30

// toCosts turns likelihoods into costs, that of the best being 0.
func toCosts(p []float64) {
	most := slices.Max(p)
	for k := range p {
		p[k] = min(math.Log(most/max(p[k], math.SmallestNonzeroFloat64)), never)
	}
}

// lay puts a stretch into the trellis.
func (t *trellis) lay(d *decoder, s *stretch, short shortened, received []byte) {
	r := &d.reader
	t.kinds = kinds()
	t.r, t.origin = r, func(i int) int { return short.origin(s.text.start + i) }
	t.got, t.last = received[s.got.start:s.got.end], s.text.end == len(short.text)
	if t.behind = t.last && r.wire.tagged(); t.behind {
		t.got, t.last = r.rest[s.got.start:], false
	}
	t.boost = inSpell / min(inSpell, d.line.HitRate())
	rising := d.line.Rate(channel.Rise) + d.line.Rate(channel.RiseOne) + d.line.Rate(channel.DropOne)
	falling := d.line.Rate(channel.Fall) + d.line.Rate(channel.FallOne) + d.line.Rate(channel.Soon) + d.line.Rate(channel.SoonOne)
	up, down := 2*misread*falling/(rising+falling), 2*misread*rising/(rising+falling)
	for i := range t.misread {
		for k := range t.misread[i] {
			t.misread[i][k] = max(math.Pow(up, float64(i))*math.Pow(down, float64(k)), unlike)
		}
	}
	t.drops = 0
	if d.line.Printable() {
		t.drops = 0.5
	}
	t.places = t.places[:0]
	for i := s.text.start; i < s.text.end; i++ {
		t.places = append(t.places, r.mayStand(short.origin(i)))
	}
}

// mayStand returns what may be sent on the wire at a place, in the order of what is allowed there.
func (r *reader) mayStand(at int) []byte {
	if !r.varies(at) && r.wire == nil {
		return r.shape.Text[at : at+1]
	}
	n := len(r.letters)
	if r.varies(at) {
		r.letters = append(r.letters, r.allowed(at)...)
	} else {
		r.letters = append(r.letters, r.shape.Text[at])
	}
	for i := n; i < len(r.letters); i++ {
		r.letters[i] = r.wire.on(at, r.letters[i])
	}
	return r.letters[n:len(r.letters):len(r.letters)]
}

// hasWords reports whether at a place of a stretch more may stand than digits, as in the
// words of a meter never seen.
func (r *reader) hasWords(s *stretch, short shortened) bool {
	for i := s.text.start; i < s.text.end; i++ {
		if at := short.origin(i); r.varies(at) && len(r.allowed(at)) > maxChoices {
			return true
		}
	}
	return false
}

// inStretch reports whether what varies at a place is read with a stretch.
func (r *reader) inStretch(at int) bool { return r.softAt[at] > 0 }

// softCost is what the text at start costs, by the stretch in which it stands.
func (r *reader) softCost(start int, text []byte) float64 {
	sum := 0.0
	for i, c := range text {
		at := start + i
		if r.softAt[at] == 0 {
			continue
		}
		if k := bytes.IndexByte([]byte(r.allowed(at)), c); k >= 0 {
			sum += r.soft[r.softAt[at]][k]
		} else {
			sum += never
		}
	}
	return sum
}

// softValues returns the values of field k, in a stretch, the likeliest first, and the mass of
// all that the field may have, relative to the best one.
func (r *reader) softValues(k int, c expect.Context) (list []value, all float64) {
	f, prior := &r.shape.Fields[k], r.shape.Prior(k, c)
	r.list = r.list[:0]
	for _, p := range r.softPaths(f.Start, f.End) {
		r.number(f, &prior, p.text[:f.End-f.Start])
	}
	for _, n := range r.shape.Likely(k, c) {
		if v, ok := format(f, f.Of(r.shape.Text), n); ok {
			r.number(f, &prior, v.text[:f.End-f.Start])
		}
	}
	beyond := 0.0
	if t := r.textsOf(f.Start, f.End); t.all > fewTexts && f.Kind != expect.Clock && f.Kind != expect.Stamp {
		beyond = r.around(t, f, &prior, t.near(f, r.shape, k, c))
	}
	r.list = once(r.list)
	least, sum := math.Inf(1), 0.0
	for i := range r.list {
		least = math.Min(least, r.list[i].cost)
	}
	for i := range r.list {
		sum += mass(r.list[i].cost - least)
	}
	return r.keep(tidy(r.list)), sum + beyond/mass(least)
}

// once drops doubles.
func once(list []value) []value {
	slices.SortFunc(list, func(a, b value) int { return cmp.Compare(a.n, b.n) })
	return slices.CompactFunc(list, func(a, b value) bool { return a.n == b.n && a.text == b.text })
}

// softPaths returns the likeliest texts at start:end by the stretch in which they stand. They
// are good until the next call.
func (r *reader) softPaths(start, end int) []path {
	beam, next := append(r.beam[:0], path{}), r.next
	for at := start; at < end; at++ {
		next = next[:0]
		costs := &r.soft[r.softAt[at]]
		for i := range beam {
			for k, c := range []byte(r.allowed(at)) {
				if cost := beam[i].cost + costs[k]; cost <= pathWindow {
					next = append(next, beam[i])
					next[len(next)-1].add(at-start, c, 0, cost)
				}
			}
		}
		if len(next) > maxPaths {
			beam = r.cheapest(beam[:0], next, maxPaths)
		} else {
			beam, next = next, beam
		}
	}
	r.beam, r.next = next, beam
	return beam
}

// number adds a value to the reader's list and returns its cost.
func (r *reader) number(f *expect.Field, prior *expect.Prior, text []byte) float64 {
	n, ok := f.Value(text)
	if !ok {
		return math.Inf(1) // no time of day
	}
	v := newValue(text, prior.Cost(n)+r.softCost(f.Start, text))
	v.n = n
	r.list = append(r.list, v)
	return v.cost
}

// around adds the texts on either side of some places, and returns the mass of
// those that lie further away: it falls with the distance at least.
func (r *reader) around(t *texts, f *expect.Field, prior *expect.Prior, places []int64) float64 {
	sides, end := 0.0, int64(0)
	for _, at := range places {
		first := max(end, at-maxValues)
		end = min(t.all, at+maxValues)
		for i := first; i < end; i++ {
			if cost := r.number(f, prior, t.text(i)); i == first && i > 0 || i == end-1 && end < t.all {
				sides += mass(cost)
			}
		}
	}
	return sides * maxValues * math.Log(1+float64(t.all)/maxValues)
}

// near are where the values of field k before and after would stand, in order.
func (t *texts) near(f *expect.Field, shape *expect.Shape, k int, c expect.Context) []int64 {
	var list []int64
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
	const alike = 0.05
	last := len(columns) - 1
	values := columns[last].values
	if n := len(values); n == 1 || values[n-1].cost > alike {
		return nil
	}
	r.changes.set(choice{column: last, mass: 1}, (*list)[last])
	*list = (*list)[:last]
	return &r.changes
}

// softChecks lists the CRCs, where they are in a stretch.
func (r *reader) softChecks(start, end int) []value {
	t := r.textsOf(start, end)
	r.list = r.list[:0]
	if t.all > maxChecks {
		return nil
	}
	for i := range t.all {
		text := t.text(i)
		n, err := strconv.ParseUint(string(text), 16, 16)
		if err != nil || !r.crc.writes(text, true) {
			continue
		}
		v := newValue(text, r.softCost(start, text))
		v.n = int64(n)
		r.list = append(r.list, v)
	}
	slices.SortFunc(r.list, func(a, b value) int { return cmpFloat(a.cost, b.cost) })
	return r.keep(r.list)
}

const (
	// fewTexts is how many texts of a field are weighed one by one, and maxChecks
	// how many of the CRC: four for each digit.
	fewTexts  = 256
	maxChecks = 256
	// unlikelyDigit is what a digit may cost to be among the texts.
	unlikelyDigit = 2
)

// texts are the texts of a field that its stretch leaves likely, in their
// order: a number whose digits are the places in the lists of each digit.
type texts struct {
	n      int
	digits [maxWidth][maxChoices]byte
	count  [maxWidth]int
	all    int64
	buffer [maxWidth]byte
}

// textsOf returns the texts at start:end. They are good until the next call.
func (r *reader) textsOf(start, end int) *texts {
	const most = 1 << 40
	t := &r.texts
	t.n, t.all = end-start, 1
	for i := range t.n {
		t.count[i] = 0
		costs := r.softAt[start+i]
		for k, c := range []byte(r.allowed(start + i)) {
			if costs == 0 || r.soft[costs][k] <= unlikelyDigit {
				t.digits[i][t.count[i]] = c
				t.count[i]++
			}
		}
		t.all = min(t.all*int64(t.count[i]), most)
	}
	return t
}

// text is one of them. It is good until the next call.
func (t *texts) text(index int64) []byte {
	for i := t.n - 1; i >= 0; i-- {
		t.buffer[i] = t.digits[i][index%int64(t.count[i])]
		index /= int64(t.count[i])
	}
	return t.buffer[:t.n]
}

// place is the index of the first text that does not come before another one.
func (t *texts) place(other []byte) int64 {
	index, below := int64(0), true // no place so far was passed
	for i := range t.n {
		less := 0
		for below && less < t.count[i] && t.digits[i][less] < other[i] {
			less++
		}
		index = index*int64(t.count[i]) + int64(less)
		if below && (less == t.count[i] || t.digits[i][less] > other[i]) {
			below = false
		}
	}
	return index
}

// roughly pairs a text with what was received of it where too many bytes differ to align
// them: but for what is the same at both ends, byte by byte.
func roughly(n, m int, may func(i, j int) bool) []align.Op {
	const most = 64 // bytes that the one has more
	if n-m > most || m-n > most || n > longestText {
		return nil
	}
	from, after := 0, 0
	for from < min(n, m) && may(from, from) {
		from++
	}
	for after < min(n, m)-from && may(n-1-after, m-1-after) {
		after++
	}
	ops := make([]align.Op, from, max(n, m))
	ops = appendPairs(ops, n-from-after, m-from-after)
	for range after {
		ops = append(ops, align.Same)
	}
	return ops
}

// appendPairs pairs n bytes of a text with m received ones.
func appendPairs(ops []align.Op, n, m int) []align.Op {
	for range min(n, m) {
		ops = append(ops, align.Other)
	}
	for range n - m {
		ops = append(ops, align.Lost)
	}
	for range m - n {
		ops = append(ops, align.Added)
	}
	return ops
}

// paired are the ops with those of the stretches byte by byte.
func paired(ops []align.Op, list []stretch) (all []align.Op) {
	i, j := 0, 0
	for _, o := range ops {
		in := len(list) > 0 && i >= list[0].text.start && j >= list[0].got.start
		if !in {
			all = append(all, o)
		}
		if o != align.Added {
			i++
		}
		if o != align.Lost {
			j++
		}
		if s := list; in && i == s[0].text.end && j == s[0].got.end {
			all = appendPairs(all, s[0].text.end-s[0].text.start, s[0].got.end-s[0].got.start)
			list = list[1:]
		}
	}
	return all
}
