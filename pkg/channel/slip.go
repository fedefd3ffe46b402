package channel

import (
	"cmp"
	"container/heap"
	"math/bits"
	"slices"
)

// When a UART misses a start edge it locks onto the next falling edge inside a
// character, takes that for a start bit and groups the bits anew, until such an
// edge happens to be a true start edge or the line pauses:
//
//	sent  └─ '0' 0x30 ──────┘ └─ '0' 0x30 ──────┘ └─ '.' 0x2E ──────┘
//	line  0 0 0 0 0 1 1 0 0 1 0 0 0 0 0 1 1 0 0 1 0 0 1 1 1 0 1 0 0 1
//	read  ↑ missed      └─ 0x82 ──────────┘ └─ 0x72 ──────────┘
//
// Only the bits before the first such edge are lost, and those taken for start
// and stop bits; and even of these it is known that the receiver must have found
// its edges where it found them. So what was sent can be worked out, and where
// several texts would have given the same bytes, all of them.

// SlipOptions say how the sender sends and the receiver receives. The zero value
// is a line without idle bits between characters and a receiver that keeps
// bytes with framing errors.
type SlipOptions struct {
	Gap         int  // idle bits between characters, at most 20; below 0: unknown, 0 and 1 are tried
	DropFraming bool // the receiver throws away bytes whose stop bit it reads as 0
	Restart     bool // it takes such a stop bit for the next start bit (16550) instead of waiting for an edge
	MaxErrors   int  // how many of the received bits may disagree with the text
	MaxReadings int  // 0: 64
}

// A SlipReading is one text that explains what was received.
type SlipReading struct {
	Text    []byte // a byte for each character sent
	Start   int    // the character whose start edge was missed
	End     int    // the first character in step again; the number of characters if there is none
	Gap     int    // idle bits between characters
	Bits    int    // received bits that disagree
	Low     bool   // the start bit was there and only its edge was missed; otherwise it did not show at all
	Pause   bool   // it takes a pause of the line before character End to explain it
	Partial bool   // there may be more readings: a limit cut the search short

	rank int64
}

const (
	defaultReadings = 64
	// maxSlipGap is limited by two characters having to fit into 64 bits.
	maxSlipGap = 20
	// maxSlipWork is how many values are tried in all, and minSlipWork how many
	// for each character of long texts. A month's registers take 3,000, with
	// three errors 7,000.
	maxSlipWork = 1 << 17
	minSlipWork = 256
)

// The rank of a reading is a sum, less being more plausible: first the bits that
// disagree, then whether it takes a pause, then whether the start bit was there,
// and last how far down the lists of allowed values it goes.
const (
	slipBit       = 1 << 48
	slipPause     = 1 << 40
	slipLow       = 1 << 39
	maxSlipErrors = 1 << 14
)

// Unslip explains bytes that were received after a missed start edge.
//
// sent holds for each character that may have been sent the values allowed for
// it: one where the text is fixed, "0123456789" for a digit, likelier ones first.
// It begins with a character that the receiver was in step for, or with the one
// whose start edge was missed, and ends with any character that it was in step
// for again, or with the last one before a pause. received is what was delivered
// for exactly these characters. One start edge is missed among them; before, and
// after the receiver has found back, characters are read as they are.
//
// The readings agree with all received bits but o.MaxErrors, and come in order
// of plausibility: fewer disagreeing bits first, then those that need no pause
// in the middle of the text, then those whose start bit did not show, then those
// with values that stand first in their lists. No two have the same text. There
// is none if nothing fits. Where the bits leave a character open, there is a
// reading for each of its values, up to o.MaxReadings in all.
//
// The time is limited. What hundreds of characters of which nothing is known
// would take beyond some 0.1 ms each is cut short, and the least plausible given
// up. That, and more readings than o.MaxReadings, sets Partial in those returned.
func Unslip(sent [][]byte, received []byte, o SlipOptions) []SlipReading {
	if o.MaxReadings <= 0 {
		o.MaxReadings = defaultReadings
	}
	o.MaxErrors = min(max(o.MaxErrors, 0), maxSlipErrors)
	if o.Gap >= 0 {
		return unslip(sent, received, min(o.Gap, maxSlipGap), o)
	}
	all := append(unslip(sent, received, 0, o), unslip(sent, received, 1, o)...)
	slices.SortStableFunc(all, func(a, b SlipReading) int { return cmp.Compare(a.rank, b.rank) })
	return distinct(all, o.MaxReadings)
}

// distinct keeps the first reading of each text, and at most limit of them.
func distinct(all []SlipReading, limit int) []SlipReading {
	seen := map[string]bool{}
	partial := false
	all = slices.DeleteFunc(all, func(r SlipReading) bool {
		known := seen[string(r.Text)]
		seen[string(r.Text)] = true
		partial = partial || r.Partial
		return known
	})
	if len(all) > limit {
		all, partial = all[:limit:limit], true
	}
	for i := range all {
		all[i].Partial = partial
	}
	return all
}

func unslip(sent [][]byte, received []byte, gap int, o SlipOptions) []SlipReading {
	// A slip costs a byte at most, unless bytes are thrown away.
	if len(sent) == 0 || len(received) > len(sent) || !o.DropFraming && len(received) < len(sent)-1 {
		return nil
	}
	s := slipSearch{
		sent: sent, received: received, o: o,
		gap: gap, size: 10 + gap,
		index:  map[slipState]int{},
		layers: make([][]int, len(sent)+1),
	}
	s.run()
	return s.readings()
}

// A slipSearch goes through what the receiver may have been doing, from one start
// edge that it took to the next. Edges only go forward, so what is found out
// about a state on the way there holds for all that follows from it.
type slipSearch struct {
	sent     [][]byte
	received []byte
	o        SlipOptions
	gap      int
	size     int // bit times per character
	nodes    []slipNode
	links    []slipLink
	index    map[slipState]int // in nodes
	layers   [][]int           // the nodes of each character
	work     int               // values tried
	partial  bool
}

// A slipState is a receiver at a start edge. Where that is a true start edge the
// character after it is still open; elsewhere it has a value already, for
// otherwise the edge would not be there.
type slipState struct {
	char  int  // the character that the edge is in
	bit   int  // and the bit time within it
	value byte // of the character, unless in step
	stage slipStage
	taken int // received bytes used up
}

type slipStage int

const (
	stepBefore slipStage = iota // in step, the slip is yet to come
	outOfStep
	stepAgain // in step, and for good
)

// A slipNode is a state that can be reached.
type slipNode struct {
	slipState
	best int64 // the lowest rank among the ways to it
	link int   // the last of the links to it, -1 at the start
	ways []int // all of them, once they are in order
}

// A slipLink leads to a node.
type slipLink struct {
	from  int   // another node
	other int   // another link to the same node, or -1
	rank  int64 // what it adds
	text  [2]byte
	n     int // how many characters of text are settled by it
}

// run reaches all states, character by character.
func (s *slipSearch) run() {
	s.add(slipState{}, 0)
	share := max(maxSlipWork/len(s.sent), minSlipWork)
	for c := range s.sent {
		for _, i := range s.layers[c] {
			if s.nodes[i].stage == stepBefore {
				s.miss(i)
			}
		}
		layer := s.layers[c]
		slices.SortFunc(layer, func(a, b int) int { return cmp.Compare(s.nodes[a].best, s.nodes[b].best) })
		for k, i := range layer {
			if k > 0 && s.work > share*(c+1) {
				s.partial = true // only the best is followed
				break
			}
			if s.nodes[i].stage == outOfStep {
				s.regroup(i)
			} else {
				s.readInStep(i)
			}
		}
	}
}

// levels is a character on the line, the start bit lowest, and high after it.
func levels(value byte) uint64 { return uint64(value)<<1 | ^uint64(1<<9-1) }

// nextFall is the first bit time from the given one on that is low after a high
// one, and the end if there is none before.
func nextFall(line uint64, from, end int) int {
	falls := ^line&(line<<1) | 1<<end
	return bits.TrailingZeros64(falls &^ (1<<from - 1))
}

// miss lets the receiver miss the start edge of a character. Either the start
// bit reads as 1, or it is low but nobody looked at its beginning.
func (s *slipSearch) miss(i int) {
	at := s.nodes[i].slipState
	for order, v := range s.sent[at.char] {
		s.work++
		s.lock(i, at, levels(v)|1, v, int64(order))
		if v&1 == 0 { // otherwise the next edge is the same
			s.lock(i, at, levels(v), v, slipLow+int64(order))
		}
	}
}

// lock lets the receiver take the next falling edge of the line.
func (s *slipSearch) lock(i int, at slipState, line uint64, v byte, rank int64) {
	if edge := nextFall(line, 1, s.size); edge < s.size {
		at.bit, at.value, at.stage = edge, v, outOfStep
		s.reach(at, slipLink{from: i, rank: rank})
		return
	}
	at.char++
	at.stage = stepAgain
	s.reach(at, slipLink{from: i, rank: rank, text: [2]byte{v}, n: 1})
}

// readInStep lets the receiver read a character as it is.
func (s *slipSearch) readInStep(i int) {
	at := s.nodes[i].slipState
	for order, v := range s.sent[at.char] {
		s.work++
		to := at
		to.char++
		if rank, ok := s.deliver(&to, v, true); ok {
			s.reach(to, slipLink{from: i, rank: rank + int64(order), text: [2]byte{v}, n: 1})
		}
	}
}

// regroup lets the receiver read a byte that begins within a character, and ends
// in the next one unless the line idles between the two.
func (s *slipSearch) regroup(i int) {
	at := s.nodes[i].slipState
	s.idle(i, at)
	if at.bit+9 < s.size || at.char+1 == len(s.sent) {
		return
	}
	first := levels(at.value) & (1<<s.size - 1)
	for order, v := range s.sent[at.char+1] {
		s.work++
		line := first | levels(v)<<s.size
		to := at
		rank, ok := s.deliver(&to, byte(line>>(at.bit+1)), line>>(at.bit+9)&1 == 1)
		if !ok {
			continue
		}
		link := slipLink{from: i, rank: rank + int64(order), text: [2]byte{at.value, v}, n: 1}
		edge := s.relock(line, at.bit)
		switch {
		case edge > s.size && edge < 2*s.size:
			to.char, to.bit, to.value = at.char+1, edge-s.size, v
		case edge == s.size:
			// The receiver begins anew at the true start bit, and v is open still.
			to = slipState{char: at.char + 1, stage: stepAgain, taken: to.taken}
			link.rank = rank
		default:
			to = slipState{char: at.char + 2, stage: stepAgain, taken: to.taken}
			link.n = 2
		}
		s.reach(to, link)
		if edge == s.size {
			break
		}
	}
}

// idle is regroup where the line idles after the character, be it for the bits
// between any two or because it pauses.
func (s *slipSearch) idle(i int, at slipState) {
	s.work++
	to := slipState{char: at.char + 1, stage: stepAgain, taken: at.taken}
	rank, ok := s.deliver(&to, byte(levels(at.value)>>(at.bit+1)), true)
	if at.bit+9 >= s.size && to.char < len(s.sent) {
		rank += slipPause
	}
	if ok {
		s.reach(to, slipLink{from: i, rank: rank, text: [2]byte{at.value}, n: 1})
	}
}

// relock is where in two characters the receiver finds the start bit of the next
// byte, after that of one at the given bit time.
func (s *slipSearch) relock(line uint64, start int) int {
	stop := start + 9
	if s.o.Restart && line>>stop&1 == 0 {
		return stop
	}
	return nextFall(line, stop+1, 2*s.size)
}

// deliver compares a byte that the receiver makes of the line with what was
// received, and counts that as taken.
func (s *slipSearch) deliver(to *slipState, value byte, stop bool) (rank int64, ok bool) {
	if !stop && s.o.DropFraming {
		return 0, true
	}
	if to.taken == len(s.received) {
		return 0, false
	}
	wrong := bits.OnesCount8(value ^ s.received[to.taken])
	to.taken++
	return int64(wrong) * slipBit, wrong <= s.o.MaxErrors
}

// reach notes a way to a state, if it can lead to the end.
func (s *slipSearch) reach(to slipState, link slipLink) {
	rank := s.nodes[link.from].best + link.rank
	if rank/slipBit > int64(s.o.MaxErrors) {
		return
	}
	// Characters that left no byte stay lost, and in step none is lost.
	lost, all := to.char-to.taken, len(s.sent)-len(s.received)
	if lost > all || lost < all && to.stage == stepAgain {
		return
	}
	if to.stage == stepAgain {
		to.bit, to.value = 0, 0
	}
	i, known := s.index[to]
	if !known {
		i = s.add(to, rank)
	}
	n := &s.nodes[i]
	n.best = min(n.best, rank)
	link.other = n.link
	n.link = len(s.links)
	s.links = append(s.links, link)
}

func (s *slipSearch) add(state slipState, rank int64) int {
	i := len(s.nodes)
	s.nodes = append(s.nodes, slipNode{slipState: state, best: rank, link: -1})
	s.index[state] = i
	s.layers[state.char] = append(s.layers[state.char], i)
	return i
}

// A slipTail is the part of a reading from a node on.
type slipTail struct {
	node int
	way  int   // which of the ways into the rest's node it takes, the best being 0
	rest int   // in slipTails.all, -1 at the end
	rank int64 // of the tail alone
	sum  int64 // with the best way to the node
}

// slipTails is a heap of tails, the most plausible on top.
type slipTails struct {
	all  []slipTail
	open []int // in all
}

func (t *slipTails) Len() int           { return len(t.open) }
func (t *slipTails) Less(i, j int) bool { return t.all[t.open[i]].sum < t.all[t.open[j]].sum }
func (t *slipTails) Swap(i, j int)      { t.open[i], t.open[j] = t.open[j], t.open[i] }
func (t *slipTails) Push(x any)         { t.open = append(t.open, x.(int)) }
func (t *slipTails) Pop() any {
	last := len(t.open) - 1
	x := t.open[last]
	t.open = t.open[:last]
	return x
}

// readings goes back from the end along the best ways, one text each.
func (s *slipSearch) readings() []SlipReading {
	end, ok := s.index[slipState{char: len(s.sent), stage: stepAgain, taken: len(s.received)}]
	if !ok {
		return nil
	}
	tails := &slipTails{}
	tails.all = append(tails.all, slipTail{node: end, rest: -1, sum: s.nodes[end].best})
	tails.open = append(tails.open, 0)
	var found []SlipReading
	seen := map[string]bool{}
	// The same text may come in several ways, in filler in as many as it is long.
	for tries := 4 * s.o.MaxReadings; tails.Len() > 0 && tries > 0 && len(found) < s.o.MaxReadings; tries-- {
		r := s.follow(tails, heap.Pop(tails).(int))
		if !seen[string(r.Text)] {
			seen[string(r.Text)] = true
			found = append(found, r)
		}
	}
	for i := range found {
		found[i].Partial = s.partial || tails.Len() > 0
	}
	return found
}

// follow takes the best way from a tail back to the start. Of the ways that it
// leaves aside, the next best at each node becomes a tail of its own, and that
// in turn brings up the one after it.
func (s *slipSearch) follow(tails *slipTails, at int) SlipReading {
	if t := tails.all[at]; t.rest >= 0 {
		s.leaveAside(tails, t.rest, t.way+1)
	}
	for s.nodes[tails.all[at].node].link >= 0 {
		s.leaveAside(tails, at, 1)
		tails.all = append(tails.all, s.back(tails, at, 0))
		at = len(tails.all) - 1
	}
	return s.reading(tails, at)
}

// leaveAside puts one of the ways to a tail's node onto the heap.
func (s *slipSearch) leaveAside(tails *slipTails, rest, way int) {
	if way >= len(s.ways(tails.all[rest].node)) {
		return
	}
	if t := s.back(tails, rest, way); t.sum/slipBit <= int64(s.o.MaxErrors) {
		tails.all = append(tails.all, t)
		heap.Push(tails, len(tails.all)-1)
	}
}

// back lengthens a tail by one of the ways to its node.
func (s *slipSearch) back(tails *slipTails, rest, way int) slipTail {
	l := s.links[s.ways(tails.all[rest].node)[way]]
	rank := tails.all[rest].rank + l.rank
	return slipTail{l.from, way, rest, rank, s.nodes[l.from].best + rank}
}

// ways are the links to a node, the best first.
func (s *slipSearch) ways(node int) []int {
	n := &s.nodes[node]
	if n.ways == nil {
		for l := n.link; l >= 0; l = s.links[l].other {
			n.ways = append(n.ways, l)
		}
		slices.SortStableFunc(n.ways, func(a, b int) int {
			return cmp.Compare(s.rankBy(a), s.rankBy(b))
		})
	}
	return n.ways
}

// rankBy is the lowest rank of the ways over a link.
func (s *slipSearch) rankBy(link int) int64 {
	return s.nodes[s.links[link].from].best + s.links[link].rank
}

// reading is what a complete tail says.
func (s *slipSearch) reading(tails *slipTails, at int) SlipReading {
	rank := tails.all[at].sum
	r := SlipReading{
		Text:  make([]byte, 0, len(s.sent)),
		Gap:   s.gap,
		Bits:  int(rank / slipBit),
		Low:   rank&slipLow != 0,
		Pause: rank&slipPause != 0,
		rank:  rank,
	}
	for t := tails.all[at]; t.rest >= 0; t = tails.all[t.rest] {
		n := s.nodes[t.node]
		if n.stage == stepBefore {
			r.Start = n.char
		}
		l := s.links[s.nodes[tails.all[t.rest].node].ways[t.way]]
		r.Text = append(r.Text, l.text[:l.n]...)
		if to := s.nodes[tails.all[t.rest].node]; n.stage != stepAgain && to.stage == stepAgain {
			r.End = to.char
		}
	}
	return r
}
