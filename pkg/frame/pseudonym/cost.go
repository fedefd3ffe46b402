package pseudonym

// lowestCost is the cost of the alignment that align finds, where that is at most so much;
// else it is anything that is more. It keeps two rows of the table only, and gives up as
// soon as no way is cheap enough.
func lowestCost(sent, received []byte, part bool, most int) int {
	rows := [2][]costs{make([]costs, len(received)+1), make([]costs, len(received)+1)}
	for j := range rows[0] {
		c := costs{costEnd, costEnd, costEnd}
		if part || j == 0 {
			c[wayChar] = 0
		} else {
			c[wayAdded] = int32(costRun + costLonger*(j-1))
		}
		rows[0][j] = c
	}
	for i := range sent {
		before, now := rows[i&1], rows[i&1^1]
		if next(now, before, sent[i], received) > int32(most) {
			return most + 1
		}
	}
	last := rows[len(sent)&1]
	if !part {
		return int(last[len(received)].lowest())
	}
	least := last[0].lowest()
	for j := range last {
		least = min(least, last[j].lowest())
	}
	return int(least)
}

// costs are those of what ends at a place of both texts, each way.
type costs [ways]int32

func (c *costs) lowest() int32 { return min(c[wayChar], c[wayLost], c[wayAdded]) }

// next computes the costs of what ends after one more byte that was sent, and returns the
// lowest of them.
func next(now, before []costs, sent byte, received []byte) int32 {
	b := &before[0]
	now[0] = costs{costEnd, min(b.lowest()+costRun, b[wayLost]+costLonger), costEnd}
	least := now[0][wayLost]
	left := now[0]
	for j, got := range received {
		char := before[j].lowest()
		if got != sent {
			char += costChanged
		}
		b := &before[j+1]
		left = costs{
			wayChar:  char,
			wayLost:  min(b.lowest()+costRun, b[wayLost]+costLonger),
			wayAdded: min(left.lowest()+costRun, left[wayAdded]+costLonger),
		}
		now[j+1] = left
		least = min(least, left.lowest())
	}
	return least
}

// byteCount says how many bytes of each kind a text has: those whose lowest six bits are
// the same are of one kind.
type byteCount [64]uint16

func countBytes(text []byte) *byteCount {
	var c byteCount
	for _, b := range text {
		c[b&63]++
	}
	return &c
}

// apart is what an alignment of all of two texts costs at least: 1 for each byte that the
// other one does not have, since one that is changed is missing in both.
func (c *byteCount) apart(d *byteCount) int {
	sum := 0
	for i := range c {
		if c[i] > d[i] {
			sum += int(c[i] - d[i])
		} else {
			sum += int(d[i] - c[i])
		}
	}
	return sum
}
