package repair

import (
	"math"
	"math/bits"
	"sync"

	"p1/pkg/uart"
)

// trellis is what a receiver may have made of a stretch of characters: a way through it
// goes from one boundary between two characters to the next.
//
//	in step     a byte is read as it was sent or as the line does it to single ones, or
//	            vanishes, or one is added
//	out of step a start edge was missed, and bits are grouped anew: see [uart.Receiver.Pass]
//	in a spell  the same as in step, but hits are frequent
//	lost        a run of bytes is lost
//	burst       a run of bytes has become random ones
type trellis struct {
	r       *reader
	slips   bool    // start edges may be missed
	boost   float64 // how much more often a byte is hit in a spell
	kinds   []*kind
	misread [9][9]float64 // how likely so many 0s are read as 1 out of step, and so many 1s as 0
	drops   float64       // how likely the logger drops a byte that is not known

	places [][]byte // what may have been sent on the wire, place by place
	origin func(i int) int
	got    []byte
	last   bool // the line pauses after the last place
	behind bool // a tag comes after it, of which nothing is known yet

	start []node   // where it begins; in step, if there is none
	fore  [][]node // at each boundary
	loss  float64  // −ln of what was taken out of fore to keep it near 1
	least int      // received bytes at the next boundary
	w     float64  // of the node that is gone on from
	kind  int      // of the receiver that is out of step
	slot  []int32
	hops  []hop
}

// node is where a receiver stands after so many received bytes, and how likely that is.
type node struct {
	state state
	j     int32
	w     float64
}

// state is how a receiver goes on at a boundary. From outOfStep on there are so many for each
// kind of receiver: the phase in which it is; with unread, the byte that it reads does not come
// out.
type state uint16

const (
	inStep state = iota
	lost
	burst
	spell

	outOfStep state = 32
	ofAKind   state = 32
	unread    state = 16
)

// kind is a kind of receiver, with what it makes of each character in each phase.
type kind struct {
	uart.Receiver
	passes [uart.Phases][256]passed
}

// passed is what [uart.Receiver.Pass] returns.
type passed struct {
	pieces [2]uart.Piece
	n      uint8
	end    uart.Phase
	low    bool // a stop bit is read as 0
}

// gaps is how many gaps between characters there are, from none on.
const gaps = 2

// ofAGap is how many kinds there are of each gap, of which the last one counts on, and the
// first ones differ where a stop bit is read as 0 only.
const ofAGap = 7

// kinds are those that there are, none likelier than another, in the order of their gaps, and
// last one for each gap that may be any but that which counts on. They are worked out once.
var kinds = sync.OnceValue(func() (list []*kind) {
	for gap := range gaps {
		for _, r := range [ofAGap]uart.Receiver{
			{}, {Restarts: true}, {TakesLow: true}, {Drops: true}, {Restarts: true, Drops: true}, {TakesLow: true, Drops: true}, {CountsOn: true},
		} {
			r.Gap = gap
			list = append(list, newKind(r))
		}
	}
	for gap := range gaps {
		list = append(list, newKind(uart.Receiver{Gap: gap, Drops: true}))
	}
	return list
})

func newKind(r uart.Receiver) *kind {
	k := &kind{Receiver: r}
	for at := range k.passes {
		for c := range k.passes[at] {
			x := &k.passes[at][c]
			pieces, n, end := r.Pass(uart.Phase(at), byte(c))
			*x = passed{pieces: pieces, n: uint8(n), end: end}
			for _, p := range pieces[:n] {
				x.low = x.low || p.Ends && !p.Stop
			}
		}
	}
	return k
}

// What happens how often to a character: that its start edge is missed, that a spell, a
// run of lost bytes or a burst begins; and how often these go on.
const (
	missesStart = 2e-5
	spellBegins = 1e-4
	lossBegins  = 2e-5
	burstBegins = 1e-6
	goesOn      = 0.9
	pauses      = 1e-4 // after a character, while the receiver is out of step
	inSpell     = 0.25 // hits in a spell

	missesInSpell = 0.02  // start edges
	slight        = 1e-13 // what is that much less likely than the best is not followed

	hopeless, hopelessEach = 150, 4 // −ln of how likely a stretch is at least, and each known character of it

	likelyStep = 1e-6 // how likely it is at least, beside the best, to be in step where something begins

	mostNodes = 512 // at a boundary: the likeliest
)

// misread is how likely a bit of a byte out of step is read wrong, and unlike how likely a
// byte is at least.
const (
	misread = 2e-3
	unlike  = 1e-6
)

// hop is one way from a boundary to the next.
type hop struct {
	state state
	j     int32
	p     float64
}

// from lists the ways on from a node through a character at a place.
func (t *trellis) from(n node, i int, c byte) []hop {
	const added = 2
	t.hops = t.hops[:0]
	t.w = n.w
	t.least = len(t.got) - (len(t.places) - i - 1) - max(len(t.got)-len(t.places), 0) - added
	switch {
	case n.state == inStep:
		t.inStep(n.j, i, c)
	case n.state == lost:
		t.hop(lost, n.j, goesOn)
		t.hop(inStep, n.j, 1-goesOn)
	case n.state == burst:
		t.random(n.j, c, 1)
	case n.state == spell:
		t.hitOften(n.j, i, c, goesOn)
	default:
		t.goOn(n.state-outOfStep, n.j, i, c)
	}
	return t.hops
}

// hop adds a way, unless more bytes are left then than the places that are left can have made.
func (t *trellis) hop(s state, j int32, p float64) {
	if p > 0 && int(j) <= len(t.got) && int(j) >= t.least {
		t.hops = append(t.hops, hop{s, j, p})
	}
}

// inStep reads a character in step, or lets something begin with it.
func (t *trellis) inStep(j int32, i int, c byte) {
	at := t.origin(i)
	if int(j) < len(t.got) {
		t.hop(inStep, j+1, t.as(at, c, t.got[j]))
	}
	t.hop(inStep, j, math.Exp(-t.r.lineVanish(at, c)))
	p := math.Exp(-t.r.insert())
	for k := 1; k <= max(1, len(t.got)-len(t.places)+1) && int(j)+k < len(t.got); k++ {
		t.hop(inStep, j+1+int32(k), t.as(at, c, t.got[int(j)+k])*p)
		p *= goesOn / 256
	}
	if t.w < likelyStep {
		return
	}
	t.hop(lost, j, lossBegins)
	t.random(j, c, burstBegins)
	t.hitOften(j, i, c, spellBegins)
	if t.slips {
		t.miss(j, i, c, missesStart)
	}
}

// miss misses the start edge of a character.
func (t *trellis) miss(j int32, i int, c byte, p float64) {
	for gap := range gaps {
		for _, k := range [2]struct {
			kind  int
			share float64
		}{{gap*ofAGap + ofAGap - 1, 1.0 / ofAGap}, {gaps*ofAGap + gap, 1 - 1.0/ofAGap}} {
			t.kind = k.kind
			t.pass(uart.Missed, false, j, i, c, p*k.share/2/gaps)
			t.pass(uart.Unseen, false, j, i, c, p*k.share/2/gaps)
		}
	}
}

// goOn goes on out of step. What kind of receiver it is shows once a stop bit is read as 0.
func (t *trellis) goOn(s state, j int32, i int, c byte) {
	at, hidden := uart.Phase(s%unread), s&unread > 0
	t.kind = int(s / ofAKind)
	gap := t.kind - gaps*ofAGap
	if gap < 0 || !t.kinds[t.kind].passes[at][c].low {
		t.pass(at, hidden, j, i, c, 1)
		return
	}
	for k := range ofAGap - 1 {
		t.kind = gap*ofAGap + k
		t.pass(at, hidden, j, i, c, 1.0/(ofAGap-1))
	}
}

// as is how likely c is read in step as that.
func (t *trellis) as(at int, c, read byte) float64 {
	if c == read {
		return 1
	}
	return math.Exp(-t.r.lineCost(at, c, read))
}

// random reads anything; a few of the bytes of a burst are right all the same.
func (t *trellis) random(j int32, c byte, p float64) {
	const right = 0.02
	if int(j) == len(t.got) {
		return
	}
	p /= 256
	if t.got[j] == c {
		p *= 1 + 256*right
	}
	t.hop(burst, j+1, p*goesOn)
	t.hop(inStep, j+1, p*(1-goesOn))
}

// hitOften reads a character in a spell.
func (t *trellis) hitOften(j int32, i int, c byte, p float64) {
	at := t.origin(i)
	next := func(j int32, q float64) {
		t.hop(spell, j, p*q*goesOn)
		t.hop(inStep, j, p*q*(1-goesOn))
	}
	if int(j) < len(t.got) {
		q := 1 - inSpell
		if read := t.got[j]; read != c {
			q = min(1, t.as(at, c, read)*t.boost)
		}
		next(j+1, q)
	}
	next(j, min(1, math.Exp(-t.r.lineVanish(at, c))*t.boost))
}

// pass reads a character out of step.
func (t *trellis) pass(at uart.Phase, hidden bool, j int32, i int, c byte, p float64) {
	x := &t.kinds[t.kind].passes[at][c]
	t.pieces(x.pieces[:x.n], hidden, j, i, x.end, p)
}

// pieces takes what is read of a character piece by piece. A byte that begins comes out, or
// it does not.
func (t *trellis) pieces(list []uart.Piece, hidden bool, j int32, i int, end uart.Phase, p float64) {
	if p*t.w < slight*slight {
		return
	}
	if len(list) == 0 {
		t.boundary(hidden, j, i, end, p)
		return
	}
	x := list[0]
	if x.Begins && t.hides() {
		q, k := t.piece(x, true, j)
		t.pieces(list[1:], true, k, i, end, p*q)
		hidden = false
	} else if x.Begins {
		hidden = false
	}
	q, k := t.piece(x, hidden, j)
	t.pieces(list[1:], hidden, k, i, end, p*q)
}

// hides reports whether some bytes do not come out.
func (t *trellis) hides() bool { return t.kinds[t.kind].Drops || t.drops > 0 }

// piece is how likely a piece is that of received byte j, and which byte comes next.
func (t *trellis) piece(x uart.Piece, hidden bool, j int32) (p float64, next int32) {
	dropped := t.kinds[t.kind].Drops && !x.Stop
	switch {
	case hidden && !x.Ends, hidden && dropped:
		return 1, j
	case hidden:
		return t.drops, j
	case int(j) == len(t.got):
		return 0, j
	}
	p = 1
	if wrong := (x.Bits ^ t.got[j]) & x.Mask; wrong != 0 {
		up := bits.OnesCount8(wrong & t.got[j])
		p = t.misread[up][bits.OnesCount8(wrong)-up]
	}
	switch {
	case !x.Ends:
		return p, j
	case dropped:
		return p * misread, j + 1
	}
	return p, j + 1
}

// boundary goes on to the next character, at once or after a pause.
func (t *trellis) boundary(hidden bool, j int32, i int, end uart.Phase, p float64) {
	if end == 0 {
		t.hop(inStep, j, p)
		return
	}
	s := outOfStep + state(t.kind)*ofAKind + state(end)
	if hidden && end <= 9 {
		s += unread
	}
	q := pauses
	if i == len(t.places)-1 && t.last {
		q = 1
	}
	if rest, any := end.Idle(); any {
		f, k := t.piece(rest, hidden, j)
		t.hop(inStep, k, p*q*f)
	} else {
		t.hop(inStep, j, p*q)
	}
	t.hop(s, j, p*(1-q))
}

// forward works out fore, and returns −ln of how likely what was received is.
func (t *trellis) forward() float64 {
	t.fore = resized(t.fore, len(t.places)+1)
	if n := (int(outOfStep) + len(t.kinds)*int(ofAKind)) * (len(t.got) + 1); len(t.slot) < n {
		t.slot = make([]int32, n)
	}
	t.fore[0] = append(t.fore[0][:0], t.start...)
	if len(t.start) == 0 {
		t.fore[0] = append(t.fore[0], node{inStep, 0, 1})
	}
	t.loss = 0
	most := float64(hopeless)
	for i, choices := range t.places {
		most += hopelessEach + math.Log(float64(len(choices)))
		next := t.fore[i+1][:0]
		for _, n := range t.fore[i] {
			share := n.w / float64(len(choices))
			for _, c := range choices {
				for _, h := range t.from(n, i, c) {
					next = t.add(next, h.state, h.j, share*h.p)
				}
			}
		}
		t.fore[i+1] = t.settle(next)
		if len(t.fore[i+1]) == 0 || t.loss > most {
			return math.Inf(1)
		}
	}
	p := t.end(t.fore[len(t.places)])
	return t.loss - math.Log(p)
}

// end is how likely a receiver is in step at the end, with all bytes received.
func (t *trellis) end(list []node) float64 {
	p := 0.0
	for _, n := range list {
		p += n.w * t.endsAt(n)
	}
	return p
}

// endsAt is how likely a receiver is where a node is, at the end.
func (t *trellis) endsAt(n node) float64 {
	const most, each = 6, 0.1 // bytes of the tag that may be missing or too many
	left := len(t.got) - int(n.j)
	switch off := max(left-tagBytes, tagBytes-left); {
	case t.behind && off <= most:
		return math.Pow(each, float64(off))
	case !t.behind && (n.state == inStep || t.last && n.state < outOfStep) && left == 0:
		return 1
	}
	return 0
}

// add adds to a node of a list.
func (t *trellis) add(list []node, s state, j int32, w float64) []node {
	at := &t.slot[int(s)*(len(t.got)+1)+int(j)]
	if *at == 0 {
		list = append(list, node{s, j, 0})
		*at = int32(len(list))
	}
	list[*at-1].w += w
	return list
}

// settle frees the slots of a list, drops what is slight, and makes the best 1.
func (t *trellis) settle(list []node) []node {
	most := 0.0
	for _, n := range list {
		t.slot[int(n.state)*(len(t.got)+1)+int(n.j)] = 0
		most = max(most, n.w)
	}
	if most > 0 {
		t.loss -= math.Log(most)
	}
	list = above(list, slight*most)
	for least := slight * most; len(list) > mostNodes; least *= 10 {
		list = above(list, least)
	}
	for i := range list {
		list[i].w /= most
	}
	return list
}

// above are the nodes that are likelier than that.
func above(list []node, least float64) []node {
	kept := list[:0]
	for _, n := range list {
		if n.w > least {
			kept = append(kept, n)
		}
	}
	return kept
}

// backward works out what each choice at each place costs beside the best one; where there is
// one only nothing is written. It needs fore.
func (t *trellis) backward(add func(i, k int, p float64)) {
	next := append([]node(nil), t.fore[len(t.places)]...)
	for k := range next {
		next[k].w = t.endsAt(next[k])
	}
	for i := len(t.places) - 1; i >= 0; i-- {
		t.index(next)
		now := append([]node(nil), t.fore[i]...)
		choices := t.places[i]
		most := 0.0
		for n := range now {
			sum := 0.0
			for k, c := range choices {
				p := 0.0
				for _, h := range t.from(t.fore[i][n], i, c) {
					if at := t.slot[int(h.state)*(len(t.got)+1)+int(h.j)]; at > 0 {
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
		t.unindex(next)
		for n := range now {
			now[n].w /= most
		}
		next = now
	}
}

func (t *trellis) index(list []node) {
	for k, n := range list {
		t.slot[int(n.state)*(len(t.got)+1)+int(n.j)] = int32(k + 1)
	}
}

func (t *trellis) unindex(list []node) {
	for _, n := range list {
		t.slot[int(n.state)*(len(t.got)+1)+int(n.j)] = 0
	}
}

// resized returns a list of n, in the memory of another if there is room.
func resized[T any](list []T, n int) []T {
	for len(list) < n {
		var zero T
		list = append(list, zero)
	}
	return list[:n]
}
