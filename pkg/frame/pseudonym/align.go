package pseudonym

import "slices"

// none is the place in the text that was sent of a byte that was added.
const none = -1

// An alignment says what has become of a text that was sent in a text that was
// received.
//
//	sent      0-0:96.1.0(7776772044)
//	received  0-0:96.1 0(77772044)
//	of        0 1 2 … 7 8 9 10 11 12 13 16 …      '.' changed, "67" lost
type alignment struct {
	start, end int   // where it stands in what was received
	of         []int // for each byte of received[start:end] its place in sent, or none
	cost       int
}

// Costs of an alignment. A run of bytes lost or added costs little more than one,
// so that it stays one run.
const (
	costChanged = 2
	costRun     = 2
	costLonger  = 1
	costEnd     = 1 << 28
)

// ways are how an alignment comes to a place.
const (
	wayChar  = iota // a character for a character
	wayLost         // characters of sent are missing
	wayAdded        // characters of received are added
	ways
)

// cells are the costs of what ends at a place of both texts, each way, and from
// which way it comes.
type cells struct {
	cost [ways]int
	from [ways]uint8
}

// align finds the cheapest alignment of sent with all of received, or with any
// part of it (Sellers' algorithm with affine gaps).
func align(sent, received []byte, part bool) alignment {
	width := len(received) + 1
	all := make([]cells, (len(sent)+1)*width)
	for j := range width {
		c := &all[j]
		c.cost = [ways]int{costEnd, costEnd, costEnd}
		switch {
		case part || j == 0:
			c.cost[wayChar] = 0
		default:
			c.cost[wayAdded] = costRun + costLonger*(j-1)
			c.from[wayAdded] = wayAdded
		}
	}
	for i := 1; i <= len(sent); i++ {
		for j := range width {
			fill(all, width, i, j, sent, received)
		}
	}
	last := all[len(sent)*width:]
	end := len(received)
	for j := len(received) - 1; part && j >= 0; j-- {
		if lowest(&last[j]) <= lowest(&last[end]) {
			end = j
		}
	}
	a := alignment{end: end, cost: lowest(&last[end])}
	a.trace(all, width, len(sent))
	return a
}

// fill computes the costs of what ends after sent[:i] and received[:j].
func fill(all []cells, width, i, j int, sent, received []byte) {
	c := &all[i*width+j]
	c.cost[wayChar], c.cost[wayAdded] = costEnd, costEnd
	if j > 0 {
		before := &all[(i-1)*width+j-1]
		w := cheapest(before)
		c.cost[wayChar], c.from[wayChar] = before.cost[w], w
		if sent[i-1] != received[j-1] {
			c.cost[wayChar] += costChanged
		}
		c.run(wayAdded, &all[i*width+j-1])
	}
	c.run(wayLost, &all[(i-1)*width+j])
}

// run adds a byte to a run, or begins one.
func (c *cells) run(way uint8, before *cells) {
	w := cheapest(before)
	c.cost[way], c.from[way] = before.cost[w]+costRun, w
	if longer := before.cost[way] + costLonger; longer <= c.cost[way] {
		c.cost[way], c.from[way] = longer, way
	}
}

func cheapest(c *cells) uint8 {
	w := uint8(wayChar)
	for v := w + 1; v < ways; v++ {
		if c.cost[v] < c.cost[w] {
			w = v
		}
	}
	return w
}

func lowest(c *cells) int { return c.cost[cheapest(c)] }

// trace goes back from the end to where the alignment begins.
func (a *alignment) trace(all []cells, width, i int) {
	j := a.end
	way := cheapest(&all[i*width+j])
	for i > 0 || all[j].cost[wayChar] != 0 {
		from := all[i*width+j].from[way]
		switch way {
		case wayChar:
			i, j = i-1, j-1
			a.of = append(a.of, i)
		case wayLost:
			i--
		case wayAdded:
			j--
			a.of = append(a.of, none)
		}
		way = from
	}
	a.start = j
	slices.Reverse(a.of)
}

// hit counts, of the received bytes that stand where sent[from:to] should, how many
// there are and how many are not what was sent there.
func (a *alignment) hit(sent, received []byte, from, to int) (bytes, wrong int) {
	added := 0 // since the last byte that was sent
	for k, of := range a.of {
		switch {
		case of == none:
			added++
			continue
		case of >= to && bytes > 0:
			return bytes + added, wrong + added
		case of >= to:
			return 0, 0
		case of >= from:
			bytes, wrong = bytes+added+1, wrong+added
			if received[a.start+k] != sent[of] {
				wrong++
			}
		}
		added = 0
	}
	if bytes > 0 {
		return bytes + added, wrong + added
	}
	return 0, 0
}
