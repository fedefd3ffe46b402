package repair

import (
	"bytes"
	"math"

	"p1/pkg/channel"
	"p1/pkg/fix/expect"
	"p1/pkg/record"
)

// duet is what two receivers may have made of the same characters. It goes from one boundary
// between two characters to the next, with a place in each of the two received texts.
//
//	in step  a byte is read as it was sent or as the line does it to single ones, or
//	         vanishes, or some are added
//	lost     a run of bytes is lost, up to a place from where on what was received fits
//
// The receivers are independent but for a share of the hits, which both of them have: that
// both read the same wrong byte, or both lack one, is no proof.
type duet struct {
	places [][]byte // what may have been sent, place by place
	each   [2]voice
	fore   [][]twin // at each boundary
	loss   float64  // −ln of what was taken out of fore to keep it near 1
	seats  [seats]seat
	turn   uint32
	hops   []twin
}

// voice is one of the receivers.
type voice struct {
	got     []byte
	line    *channel.Costs
	insert  float64
	vanish  [256]float64
	misread [256][256]float64 // 0 where it was not worked out yet
	ways    []way
	resumed [remembered]resumed
}

// resumed lists where a run of lost bytes may end that begins at place i, after j received ones.
type resumed struct {
	i, j int32
	n    int
	ends [ends]int32
	p    [ends]float64
}

// way is how a receiver goes on at a character.
type way struct {
	step  int32 // received bytes
	until int32 // the place where a run of lost bytes ends; 0 in step
	how   event
	read  byte // as which the character was read
	p     float64
}

// event is what befell a character on its way to a receiver.
type event byte

const (
	fine event = iota
	otherwise
	vanished
	begun // a run of lost bytes
	going
)

// stand is where both receivers stand.
type stand struct {
	j     [2]int32 // received bytes that are explained
	until [2]int32 // the places where runs of lost bytes end; 0 in step
}

// twin is where both receivers stand, and how likely that is.
type twin struct {
	stand
	w float64
}

// seat says where in a list something stands.
type seat struct {
	turn uint32
	at   int32
}

const (
	together   = 0.2  // share of the hits that both receivers have
	runs       = 0.2  // how many runs of lost bytes begin for each byte that is lost
	unlikely   = 1e-9 // what is that much less likely than the best is not followed
	mostTwins  = 256  // at a boundary: the likeliest
	seats      = 1 << 12
	longestOf  = 320 // bytes of a run that is lost
	fits       = 4   // bytes from where a run of lost ones ends have to be what may stand there
	ends       = 3   // of a run that are looked at
	remembered = 64
	// worth is what each received byte that is explained counts for, so that of two nodes that
	// have explained so much and more each has what it deserves. In the end all is explained.
	worth = 10
	lead  = 8  // bytes of the telegram before that a text may begin with
	tail  = 64 // bytes of the telegram after that it may end with
)

// decodeBoth looks for the telegram of this shape that both captures are of; merged is what they
// say together.
func (d *decoder) decodeBoth(first, second, merged []byte, shape *expect.Shape, c expect.Context) outcome {
	if shape.Bang < 0 || shape.Letters != nil {
		return outcome{why: noCRC}
	}
	if d.second == nil {
		d.second = channel.NewModel(false)
	}
	d.begin(shape)
	r, t := &d.reader, &d.duet
	short := shorten(shape, merged)
	fill := span{shape.FillStart, shape.FillEnd}
	if fill.end-fill.start < aligned {
		fill = span{}
	}
	t.each[0].set(withoutFiller(first, shape, fill), d.line.Costs())
	t.each[1].set(withoutFiller(second, shape, fill), d.second.Costs())
	t.places = t.places[:0]
	r.letters = r.letters[:0]
	origin := make([]int, 0, len(shape.Text))
	for at := range shape.Text {
		switch {
		case fill.start <= at && at < fill.end:
			continue
		case r.varies(at):
			t.places = append(t.places, r.mayStand(at))
		default:
			t.places = append(t.places, shape.Text[at:at+1])
		}
		origin = append(origin, at)
	}
	cost := t.forward()
	if math.IsInf(cost, 1) {
		return outcome{why: tooDamaged}
	}
	r.soft = append(r.soft[:0], [maxChoices]float64{})
	r.softAt = zeros(r.softAt, len(shape.Text))
	for i, choices := range t.places {
		cost -= math.Log(float64(len(choices))) // the fields count it
		if len(choices) > 1 {
			r.softAt[origin[i]] = int32(len(r.soft))
			r.soft = append(r.soft, [maxChoices]float64{})
		}
	}
	t.backward(func(i, k int, p float64) { r.soft[r.softAt[origin[i]]][k] += p })
	for i, choices := range t.places {
		if len(choices) > 1 {
			toCosts(r.soft[r.softAt[origin[i]]][:len(choices)])
		}
	}
	columns, why := d.columns(nil, short, shape, merged, c)
	if why != "" {
		return outcome{why: why}
	}
	return d.choose(columns, shape, maxTests, cost, func(raw []byte) []record.Edit { return exactEdits(raw, short, merged) })
}

// withoutFiller cuts out of a received text what is left of a shape's filler.
func withoutFiller(got []byte, shape *expect.Shape, fill span) []byte {
	const few = 8 // bytes in a row
	if fill.start == fill.end {
		return got
	}
	run := bytes.Repeat(shape.Text[fill.start:fill.start+1], few)
	from, to := bytes.Index(got, run), bytes.LastIndex(got, run)
	if from < 0 {
		return got
	}
	for to += few; to < len(got) && got[to] == run[0]; to++ {
	}
	return append(got[:from:from], got[to:]...)
}

// set makes a voice that of a received text.
func (v *voice) set(got []byte, line *channel.Costs) {
	v.got, v.line = got, line
	clear(v.misread[:])
	clear(v.resumed[:])
	v.insert = math.Exp(-float64(line.Insert()))
	for c := range v.vanish {
		v.vanish[c] = math.Exp(-max(1, float64(line.Vanish(byte(c)))))
	}
}

// reads is how likely c is read as another byte.
func (v *voice) reads(c, read byte) float64 {
	p := &v.misread[c][read]
	if *p == 0 {
		*p = math.Exp(-max(1, float64(v.line.Reading(c, read))))
	}
	return *p
}

// on lists how a receiver may go on at place i, where c was sent.
func (t *duet) on(v *voice, j, until int32, i int, c byte, least float64) {
	v.ways = v.ways[:0]
	if until > int32(i) {
		v.ways = append(v.ways, way{until: until, how: going, p: 1})
		return
	}
	v.ways = append(v.ways, way{how: vanished, p: v.vanish[c]})
	if int(j) < len(v.got) && v.got[j] == c {
		v.ways = append(v.ways, way{step: 1, how: fine, read: c, p: worth})
		return
	}
	p := 1.0
	for k := int32(0); k <= maxSkip && int(j+k) < len(v.got) && p > least; k++ {
		p *= worth
		if read := v.got[j+k]; read == c {
			v.ways = append(v.ways, way{step: k + 1, how: fine, read: c, p: p})
		} else {
			v.ways = append(v.ways, way{step: k + 1, how: otherwise, read: read, p: p * v.reads(c, read)})
		}
		p *= v.insert
	}
	t.lose(v, j, i, v.vanish[c]*runs*(1-goesOn), least)
}

// lose lists the runs of bytes from place i on that may be lost.
func (t *duet) lose(v *voice, j int32, i int, p, least float64) {
	x := &v.resumed[j%remembered]
	if x.i != int32(i) || x.j != j {
		x.i, x.j, x.n = int32(i), j, 0
		for end := i + 2; end <= min(i+longestOf, len(t.places)) && x.n < ends; end++ {
			if t.fits(v.got[j:], end) {
				x.ends[x.n], x.p[x.n] = int32(end), math.Pow(goesOn, float64(end-i-1))
				x.n++
			}
		}
	}
	for k, end := range x.ends[:x.n] {
		if q := p * x.p[k]; q > least {
			v.ways = append(v.ways, way{until: end, how: begun, p: q})
		}
	}
}

// fits reports whether received bytes may be what stands from a place on.
func (t *duet) fits(got []byte, at int) bool {
	for k := 0; k < fits && at+k < len(t.places); k++ {
		if k == len(got) || bytes.IndexByte(t.places[at+k], got[k]) < 0 {
			return false
		}
	}
	return true
}

// from lists the ways on from a node through the character c at place i.
func (t *duet) from(n *twin, i int, c byte) []twin {
	t.hops = t.hops[:0]
	least := unlikely / n.w
	for k := range t.each {
		t.on(&t.each[k], n.j[k], n.until[k], i, c, least)
	}
	for x := range t.each[0].ways {
		a := &t.each[0].ways[x]
		for y := range t.each[1].ways {
			b := &t.each[1].ways[y]
			p := a.p * b.p
			if a.how == b.how && a.how != fine && a.how != going && a.read == b.read && a.until == b.until {
				p = max(p, together*min(a.p, b.p))
			}
			if p >= least {
				t.hops = append(t.hops, twin{stand{[2]int32{n.j[0] + a.step, n.j[1] + b.step}, [2]int32{a.until, b.until}}, p})
			}
		}
	}
	return t.hops
}

// forward works out fore, and returns −ln of how likely what was received is.
func (t *duet) forward() float64 {
	t.fore = resized(t.fore, len(t.places)+1)
	t.loss = 0
	list := append(t.fore[0][:0], twin{w: 1})
	for k := int32(1); k <= lead; k++ {
		p := foreign(int(k))
		list = append(list, twin{stand{j: [2]int32{k, 0}}, p}, twin{stand{j: [2]int32{0, k}}, p})
	}
	t.fore[0] = list
	for i, choices := range t.places {
		next := t.fore[i+1][:0]
		share := 1 / float64(len(choices))
		t.turn++
		for k := range t.fore[i] {
			n := &t.fore[i][k]
			for _, c := range choices {
				for _, h := range t.from(n, i, c) {
					h.w *= n.w * share
					next = t.add(next, h, i+1)
				}
			}
		}
		t.fore[i+1] = t.settle(next)
		if len(t.fore[i+1]) == 0 {
			return math.Inf(1)
		}
	}
	p := 0.0
	for _, n := range t.fore[len(t.places)] {
		p += n.w * t.end(&n.stand)
	}
	return t.loss - math.Log(p) + math.Log(worth)*float64(len(t.each[0].got)+len(t.each[1].got))
}

// end is how likely it is that nothing follows but what is left.
func (t *duet) end(s *stand) float64 {
	p := 1.0
	for k := range t.each {
		if left := len(t.each[k].got) - int(s.j[k]); left > tail {
			return 0
		} else if left > 0 {
			p *= foreign(left)
		}
	}
	return p
}

// foreign is how likely so many bytes are of the telegram before or after.
func foreign(n int) float64 { return 1e-3 * math.Pow(0.02*worth, float64(n)) }

// seat returns where a stand has its place in a list; at is 0 where it has none yet.
func (t *duet) seat(list []twin, s *stand) *seat {
	h := uint32(s.j[0])*0x9E3779B1 + uint32(s.j[1])*0x85EBCA6B + uint32(s.until[0])*0xC2B2AE35 + uint32(s.until[1])*0x27D4EB2F
	for h = h >> 20; ; h++ {
		x := &t.seats[h%seats]
		if x.turn != t.turn {
			*x = seat{turn: t.turn}
			return x
		}
		if list[x.at-1].stand == *s {
			return x
		}
	}
}

// add adds to a node of the list of a boundary. A run that ends there has ended.
func (t *duet) add(list []twin, h twin, at int) []twin {
	t.arrive(&h.stand, at)
	x := t.seat(list, &h.stand)
	if x.at == 0 {
		if len(list) >= seats/2 {
			x.turn = 0 // there is no room
			return list
		}
		list = append(list, twin{stand: h.stand})
		x.at = int32(len(list))
	}
	list[x.at-1].w += h.w
	return list
}

func (t *duet) arrive(s *stand, at int) {
	for k := range s.until {
		if s.until[k] == int32(at) {
			s.until[k] = 0
		}
	}
}

// settle drops what is slight from a list, and makes the best 1.
func (t *duet) settle(list []twin) []twin {
	most := 0.0
	for i := range list {
		most = max(most, list[i].w)
	}
	if most == 0 {
		return nil
	}
	t.loss -= math.Log(most)
	for least := unlikely * most; ; least *= 10 {
		kept := list[:0]
		for _, n := range list {
			if n.w > least {
				kept = append(kept, n)
			}
		}
		if list = kept; len(list) <= mostTwins {
			break
		}
	}
	for i := range list {
		list[i].w /= most
	}
	return list
}

// backward works out how likely each choice at each place is beside the others. It needs fore.
func (t *duet) backward(add func(i, k int, p float64)) {
	next := append([]twin(nil), t.fore[len(t.places)]...)
	for k := range next {
		next[k].w = t.end(&next[k].stand)
	}
	for i := len(t.places) - 1; i >= 0; i-- {
		t.turn++
		for k := range next {
			t.seat(next, &next[k].stand).at = int32(k + 1)
		}
		now := append([]twin(nil), t.fore[i]...)
		choices := t.places[i]
		most := 0.0
		for n := range now {
			sum := 0.0
			for k, c := range choices {
				p := 0.0
				for _, h := range t.from(&t.fore[i][n], i, c) {
					p += h.w * t.of(next, &h.stand, i+1)
				}
				sum += p
				if len(choices) > 1 {
					add(i, k, now[n].w*p)
				}
			}
			now[n].w = sum / float64(len(choices))
			most = max(most, now[n].w)
		}
		for n := range now {
			now[n].w /= most
		}
		next = now
	}
}

// of is how likely what follows is from where two receivers stand.
func (t *duet) of(next []twin, s *stand, at int) float64 {
	t.arrive(s, at)
	x := t.seat(next, s)
	if x.at == 0 {
		x.turn = 0
		return 0
	}
	return next[x.at-1].w
}
