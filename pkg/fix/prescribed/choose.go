package prescribed

import (
	"bytes"
	"cmp"
	"slices"

	"p1/pkg/align"
	"p1/pkg/channel"
)

// What it costs that a telegram is not as its dialect prescribes it.
const (
	missing     = 5.0 // a line that must be there
	optional    = 0.7 // one that may be missing, whether it is or not
	stranger    = 7.0 // a line of another dialect, or in another place
	unlisted    = 7.0 // a line that no table holds
	otherWidth  = 6.0 // of a value
	sameWidth   = 1.0 // of one more value of that unit
	sameChannel = 1.0 // of one more line on that channel
	garbage     = 60  // a line that nothing explains
)

// chooser finds which lines of the tables were received.
type chooser struct {
	received []byte
	segs     []span
	costs    *channel.Costs
	widths   map[string]string // for each unit, how most undamaged values of it are written
	channels []string          // of electricity, other than those of the tables, as 1-1:

	fits    map[[2]int][]form // of line and segment, the best one first
	claimed []bool            // the segment begins with a code of the book
	own     int               // segments that do so, on the channel of the book
	letters map[letterKey]string

	explained bool // lines that nothing explains are left out of what is written
}

func newChooser(received []byte, costs *channel.Costs) *chooser {
	c := &chooser{received: received, segs: segments(received), costs: costs}
	c.fits, c.letters = map[[2]int][]form{}, map[letterKey]string{}
	c.claimed = make([]bool, len(c.segs))
	c.widths = widthsOf(received, c.segs)
	for j := range c.segs {
		code := codeOf(c.text(j))
		for _, l := range all().lines {
			c.claimed[j] = c.claimed[j] || l.code != "" && l.code == code
		}
		if c.claimed[j] {
			c.own++
		}
	}
	c.channels = c.otherChannels()
	return c
}

func (c *chooser) text(j int) []byte { return c.received[c.segs[j].start:c.segs[j].end] }

// codeOf is what stands before the first parenthesis.
func codeOf(seg []byte) string {
	n := bytes.IndexByte(seg, '(')
	return string(seg[:max(n, 0)])
}

// near reports whether a received line may be one of a code: the code is there, or nearly so.
func (c *chooser) near(l *line, j int) bool {
	const few = 4
	seg := c.text(j)
	if l.code == "" {
		return seg[0] == '(' || len(seg) > 1 && seg[1] != '-' && bytes.IndexByte(seg, ':') < 0 && seg[0] != '/' && seg[0] != '!'
	}
	if codeOf(seg) == l.code {
		return true
	}
	if len(seg) < len(l.code) {
		return false
	}
	if isOneOff(l.code+"(", seg) {
		return true
	}
	other := 0
	for i := range len(l.code) {
		if seg[i] != l.code[i] {
			other++
		}
	}
	switch {
	case other <= 2:
		return true
	case c.claimed[j]:
		return false
	}
	head := seg[:min(len(seg), len(l.code)+1)]
	return align.HeadWithin(few, len(l.code)+len("("), len(head), func(i, k int) bool {
		return i < len(l.code) && l.code[i] == head[k] || i == len(l.code) && head[k] == '('
	}) != nil
}

// isOneOff reports whether a received line begins with a code of which one byte is gone.
func isOneOff(code string, seg []byte) bool {
	i := 0
	for i < min(len(code), len(seg)) && code[i] == seg[i] {
		i++
	}
	return i < len(code) && bytes.HasPrefix(seg[i:], []byte(code[i+1:]))
}

// mostFits is how many forms of a line are kept.
const mostFits = 3

// explain returns the forms of a line that explain a received line, the best one first.
func (c *chooser) explain(l *line, j int) []form {
	key := [2]int{l.index, j}
	if list, ok := c.fits[key]; ok {
		return list
	}
	list := c.explainBy(l, j)
	for _, channel := range c.channels {
		if as := l.on(channel); as != nil {
			for _, f := range c.explainBy(as, j) {
				f.surprise(sameChannel)
				list = append(list, f)
			}
		}
	}
	list = distinct(list)
	list = list[:min(len(list), mostFits)]
	c.fits[key] = list
	return list
}

// explainBy lists the forms of a line of this very code that explain a received line.
func (c *chooser) explainBy(l *line, j int) (list []form) {
	if !c.near(l, j) {
		return nil
	}
	for _, cells := range l.forms(c.text(j)) {
		if f, ok := fit(cells, c.text(j), c.costs); ok {
			f.text = l.hasText()
			list = append(list, f)
		}
	}
	if cells, price, ok := c.rewritten(l, j); ok {
		if f, ok := fit(cells, c.text(j), c.costs); ok {
			f.surprise(price)
			list = append(list, f)
		}
	}
	return list
}

// header and end are the lines of all telegrams but those of a table.
func (c *chooser) header(j int) (form, bool) {
	seg := c.text(j)
	cells := literals(nil, "/")
	for range 3 {
		cells = append(cells, cell{maker, 'A'})
	}
	cells = append(cells, cell{digit, '5'})
	for n := len(seg) - len("/AAA5\r\n"); n > 0; n-- {
		cells = append(cells, cell{sign, ' '})
	}
	best, ok := fit(literals(cells[:len(cells):len(cells)], "\r\n"), seg, c.costs)
	if !bytes.HasSuffix(seg, []byte("\r\n")) { // a byte of the line end may be gone
		longer, fits := fit(literals(append(cells, cell{sign, ' '}), "\r\n"), seg, c.costs)
		if fits && (!ok || longer.cost < best.cost) {
			return longer, true
		}
	}
	return best, ok
}

func (c *chooser) end(j int, signed bool) (best form, ok bool) {
	const unpadded = 2.8 // one in sixteen CRCs begins with a 0, and few meters leave that out
	for n := 4; n >= 3; n-- {
		cells := literals(nil, "!")
		for range n {
			if signed {
				cells = append(cells, cell{crcDigit, '0'})
			}
		}
		f, fits := fit(literals(cells, "\r\n"), c.text(j), c.costs)
		if f.cost += float64(4-n) * (unpadded + 2); fits && (!ok || f.cost < best.cost) {
			best, ok = f, true
		}
	}
	return best, ok
}

// other explains a received line by any line of any table, or, where it has a code that none
// holds, by itself.
func (c *chooser) other(j int) (list []form) {
	for _, l := range all().lines {
		for _, f := range c.explain(l, j) {
			f.surprise(stranger)
			list = append(list, f)
		}
	}
	for _, g := range generic(c.text(j)) {
		if f, ok := fit(g.cells, c.text(j), c.costs); ok {
			f.surprise(unlisted + g.price)
			f.odd = g.odd
			list = append(list, f)
		}
	}
	list = distinct(list)
	return list[:min(len(list), 4*mostFits)]
}

// choice is what one received line was.
type choice struct {
	seg  int
	list []form // the likeliest one first; none: nobody knows
}

// choose finds the lines of a dialect that explain what was received at the least cost: a walk
// over its lines and the received ones, in which either may be passed over.
func (c *chooser) choose(d *dialect) (list []choice, cost float64) {
	n, m := len(d.lines), len(c.segs)
	const skip, extra, match = 1, 2, 3
	best := make([][]float64, n+1)
	how := make([][]uint8, n+1)
	others := make([]float64, m)
	for j := range others {
		others[j] = garbage
		if o := c.others(j); len(o) > 0 {
			others[j] = o[0].cost
		}
	}
	for k := range best {
		best[k], how[k] = make([]float64, m+1), make([]uint8, m+1)
		for j := range best[k] {
			if k == 0 && j == 0 {
				continue
			}
			least, by := never, uint8(0)
			if k > 0 {
				if x := best[k-1][j] + absent(d.lines[k-1]); x < least {
					least, by = x, skip
				}
			}
			if j > 0 {
				if x := best[k][j-1] + others[j-1]; x < least {
					least, by = x, extra
				}
			}
			if k > 0 && j > 0 {
				if f := c.explain(d.lines[k-1], j-1); len(f) > 0 {
					if x := best[k-1][j-1] + f[0].cost + present(d.lines[k-1]); x < least {
						least, by = x, match
					}
				}
			}
			best[k][j], how[k][j] = least, by
		}
	}
	for k, j := n, m; k > 0 || j > 0; {
		switch how[k][j] {
		case skip:
			k--
		case extra:
			j--
			list = append(list, choice{j, c.others(j)})
		default:
			k--
			j--
			list = append(list, choice{j, c.both(d.lines[k], j)})
		}
	}
	slices.Reverse(list)
	return list, best[n][m]
}

// both lists the forms of a line and those of all others, that of the line first if it is no
// worse than those of others that cost more for being none of it.
func (c *chooser) both(l *line, j int) []form {
	return distinct(slices.Concat(c.explain(l, j), c.others(j)))
}

// distinct sorts forms, the likeliest first, and drops those that are as one before them: lines
// of several dialects, and several readings of what was received, may come to the same.
func distinct(list []form) []form {
	slices.SortStableFunc(list, func(a, b form) int { return cmp.Compare(a.cost, b.cost) })
	kept := list[:0]
	for _, f := range list {
		if !slices.ContainsFunc(kept, func(g form) bool { return slices.Equal(f.cells, g.cells) }) {
			kept = append(kept, f)
		}
	}
	return kept
}

func absent(l *line) float64 {
	if l.usual {
		return missing
	}
	return optional
}

func present(l *line) float64 {
	if l.usual {
		return 0
	}
	return optional
}

// others is other, worked out once: the header and the end too.
func (c *chooser) others(j int) []form {
	key := [2]int{-1, j}
	list, ok := c.fits[key]
	if !ok {
		list = c.edges(j)
		if list == nil {
			list = c.other(j)
		}
		c.fits[key] = list
	}
	return list
}

// edges explains the lines that all telegrams have: the header, the empty line below it, and
// the end. It returns nothing for others.
func (c *chooser) edges(j int) (list []form) {
	seg := c.text(j)
	switch {
	case j == 0 && (seg[0] == '/' || codeOf(seg) == ""):
		if f, ok := c.header(j); ok {
			list = append(list, f)
		}
	case j == len(c.segs)-1 && (seg[0] == '!' || bytes.IndexByte(seg, '(') < 0):
		bare := len(bytes.TrimRight(seg, " \r\n")) <= len("!")
		if f, ok := c.end(j, !bare); ok {
			list = append(list, f)
		}
	case j == 1 && len(seg) <= 4:
		if f, ok := fit(literals(nil, "\r\n"), seg, c.costs); ok {
			list = append(list, f)
		}
	}
	return list
}
