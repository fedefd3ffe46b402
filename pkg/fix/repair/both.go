package repair

import (
	"bytes"
	"math"

	"p1/pkg/channel"
	"p1/pkg/fix/expect"
)

// duet is what two receivers may have made of the same characters. It goes from one boundary
// between two characters to the next, with a place in each of the two received texts.
//
//	in step  a byte is read as it was sent or as the line does it to single ones, or
//	         vanishes, or some are added
//	lost     a run of bytes is lost
//
// The receivers are independent but for a share of the hits, which both of them have: that
// both read the same wrong byte, or both lack one, is no proof.
type duet struct {
	places [][]byte // what may have been sent, place by place
	each   [2]voice
	fore   [][]twin // at each boundary
	loss   float64  // −ln of what was taken out of fore to keep it near 1
	slot   []int32
	hops   []leap
	least  float64 // what is less likely is not followed
}

// voice is one of the receivers.
type voice struct {
	got    []byte
	line   *channel.Costs
	insert float64
	vanish [256]float64
	ways   []way
}

// way is how a receiver goes on at a character.
type way struct {
	step int32 // received bytes
	lost bool  // in a run of lost bytes
	how  event
	p    float64
}

// event is what befell a character on its way to a receiver.
type event byte

const (
	fine event = iota
	misread1
	vanished
	begun // a run of lost bytes
	going
)

// twin is where both receivers stand, and how likely that is.
type twin struct {
	j    [2]int32
	lost [2]bool
	w    float64
}

// leap is one way from a boundary to the next.
type leap struct {
	j    [2]int32
	lost [2]bool
	p    float64
}

const (
	together  = 0.2 // share of the hits that both receivers have
	runs      = 0.2 // how many runs of lost bytes begin for each byte that is lost
	duetSmall = 1e-9
	duetNodes = 256
	spread    = 256 // how far the nodes of a boundary lie apart at most
	lead      = 8   // bytes of the telegram before that a text may begin with
	tail      = 64
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
	o := d.choose(columns, shape, maxTests, cost, nil)
	if o.fixed != nil {
		o.fixed.edits = exactEdits(o.fixed.raw, short, merged)
	}
	return o
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
	v.insert = math.Exp(-float64(line.Insert()))
	for c := range v.vanish {
		v.vanish[c] = math.Exp(-max(1, float64(line.Vanish(byte(c)))))
	}
}

// on lists how a receiver may go on at a character.
func (v *voice) on(j int32, lost bool, c byte, least float64) {
	v.ways = v.ways[:0]
	p := 1.0
	if lost {
		v.add(0, true, going, goesOn)
		p = 1 - goesOn
	}
	if int(j) < len(v.got) && v.got[j] == c {
		v.add(1, false, fine, p)
	} else {
		for k := int32(0); k <= maxSkip && int(j+k) < len(v.got) && p > least; k++ {
			if read := v.got[j+k]; read == c {
				v.add(k+1, false, fine, p)
			} else {
				v.add(k+1, false, misread1, p*math.Exp(-max(1, float64(v.line.Reading(c, read)))))
			}
			p *= v.insert
		}
	}
	if !lost {
		v.add(0, false, vanished, v.vanish[c])
		v.add(0, true, begun, v.vanish[c]*runs)
	}
}

func (v *voice) add(step int32, lost bool, how event, p float64) {
	v.ways = append(v.ways, way{step, lost, how, p})
}

// from lists the ways on from a node through a character.
func (t *duet) from(n twin, c byte) []leap {
	t.hops = t.hops[:0]
	least := t.least / n.w
	for k := range t.each {
		t.each[k].on(n.j[k], n.lost[k], c, least)
	}
	for _, a := range t.each[0].ways {
		for _, b := range t.each[1].ways {
			p := a.p * b.p
			if a.how == b.how && a.how != fine && (a.how != misread1 || t.each[0].got[n.j[0]+a.step-1] == t.each[1].got[n.j[1]+b.step-1]) {
				p = max(p, together*min(a.p, b.p))
			}
			if p >= least {
				t.hops = append(t.hops, leap{[2]int32{n.j[0] + a.step, n.j[1] + b.step}, [2]bool{a.lost, b.lost}, p})
			}
		}
	}
	return t.hops
}

// forward works out fore, and returns −ln of how likely what was received is.
func (t *duet) forward() float64 {
	t.fore = resized(t.fore, len(t.places)+1)
	if t.slot == nil {
		t.slot = make([]int32, 4*spread*spread)
	}
	t.loss, t.least = 0, duetSmall
	list := append(t.fore[0][:0], twin{w: 1})
	p := 1e-3
	for k := int32(1); k <= lead; k++ {
		list = append(list, twin{j: [2]int32{k, 0}, w: p}, twin{j: [2]int32{0, k}, w: p})
		p *= 0.5
	}
	t.fore[0] = list
	for i, choices := range t.places {
		next := t.fore[i+1][:0]
		share := 1 / float64(len(choices))
		for _, n := range t.fore[i] {
			for _, c := range choices {
				for _, h := range t.from(n, c) {
					next = t.add(next, h, n.w*h.p*share)
				}
			}
		}
		t.fore[i+1] = t.settle(next)
		if len(t.fore[i+1]) == 0 {
			return math.Inf(1)
		}
	}
	p = 0
	for _, n := range t.fore[len(t.places)] {
		p += n.w * t.end(n)
	}
	return t.loss - math.Log(p)
}

// end is how likely it is that nothing follows but what is left.
func (t *duet) end(n twin) float64 {
	p := 1.0
	for k := range t.each {
		if left := len(t.each[k].got) - int(n.j[k]); left > tail {
			return 0
		} else if left > 0 {
			p *= 1e-3 * math.Pow(0.5, float64(left))
		}
	}
	return p
}

func (t *duet) place(j [2]int32, lost [2]bool) *int32 {
	at := int(j[0])%spread*spread + int(j[1])%spread
	if lost[0] {
		at += spread * spread
	}
	if lost[1] {
		at += 2 * spread * spread
	}
	return &t.slot[at]
}

// add adds to a node of a list.
func (t *duet) add(list []twin, h leap, w float64) []twin {
	at := t.place(h.j, h.lost)
	if *at == 0 {
		list = append(list, twin{h.j, h.lost, 0})
		*at = int32(len(list))
	}
	if x := &list[*at-1]; x.j == h.j {
		x.w += w
	}
	return list
}

// settle frees the slots of a list, drops what is slight, and makes the best 1.
func (t *duet) settle(list []twin) []twin {
	most := 0.0
	for _, n := range list {
		*t.place(n.j, n.lost) = 0
		most = max(most, n.w)
	}
	if most == 0 {
		return nil
	}
	t.loss -= math.Log(most)
	for least := duetSmall * most; ; least *= 10 {
		kept := list[:0]
		for _, n := range list {
			if n.w > least {
				kept = append(kept, n)
			}
		}
		if list = kept; len(list) <= duetNodes {
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
		next[k].w = t.end(next[k])
	}
	for i := len(t.places) - 1; i >= 0; i-- {
		for k, n := range next {
			*t.place(n.j, n.lost) = int32(k + 1)
		}
		now := append([]twin(nil), t.fore[i]...)
		choices := t.places[i]
		most := 0.0
		for n := range now {
			sum := 0.0
			for k, c := range choices {
				p := 0.0
				for _, h := range t.from(t.fore[i][n], c) {
					if at := *t.place(h.j, h.lost); at > 0 && next[at-1].j == h.j {
						p += h.p * next[at-1].w
					}
				}
				sum += p
				if len(choices) > 1 {
					add(i, k, now[n].w*p)
				}
			}
			now[n].w = sum / float64(len(choices))
			most = max(most, now[n].w)
		}
		for _, n := range next {
			*t.place(n.j, n.lost) = 0
		}
		for n := range now {
			now[n].w /= most
		}
		next = now
	}
}
