package prescribed

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"sync"

	"p1/pkg/align"
	"p1/pkg/channel"
	"p1/pkg/crc"
	"p1/pkg/fix/expect"
	"p1/pkg/telegram"
)

// Plan is a telegram as it may have been sent by a meter that has never been seen.
type Plan struct {
	Dialect string
	Kinds   []crc.Kind // of its CRCs, the likeliest first; none where there are none
	Shape   *expect.Shape
	// Cost is −ln of the probability that a meter sends such lines, up to what is the same
	// for all plans of one telegram.
	Cost float64
	// Surprises counts the damaged lines that are not as the dialect prescribes them: what
	// they were is a guess. One that another dialect prescribes is half of one, and one that
	// is not damaged is next to none.
	Surprises float64
	// Differences counts the bytes that were received otherwise, for sure.
	Differences int
	// Hits are the bytes of the prescribed text that were received otherwise, and of which
	// Text counts all.
	Hits []channel.Hit
	Text int
	// Strange says that a line is there that nothing explains.
	Strange bool

	lines []placed // what each received line was
}

// placed is where in a shape's text a line stands, and what the line that it was received over did
// to its prescribed text.
type placed struct {
	span
	text  int
	hits  []channel.Hit
	apart bool // no two of the differences are near each other
}

// Sparse is Text and Hits of the lines without hits near each other. Where some are, a receiver was
// out of step, or bytes are lost: that is one event, and says nothing of how often a byte is read
// as another.
func (p *Plan) Sparse() (text int, hits []channel.Hit) {
	for _, l := range p.lines {
		if l.apart {
			text += l.text
			hits = append(hits, l.hits...)
		}
	}
	return text, hits
}

// apart reports whether no two differences are near each other.
func (f *form) apart() bool {
	const near = 3 // bytes
	last := -near - 1
	for i, o := range f.ops {
		switch {
		case o == align.Same:
			continue
		case i-last <= near:
			return false
		}
		last = i
	}
	return true
}

// longest is how long a telegram may be to be looked at: there are none of more than 2,400 bytes
// known.
const longest = 8 << 10

const (
	// mostPlans is how many of them are made of one telegram.
	mostPlans = 8
	// nearly is how much dearer than the best form of a line another one may be to count.
	nearly = 11.0
)

// Plans is what a telegram may have been: the likeliest plan, and others.
type Plans struct {
	Best  Plan
	other func() []Plan

	chooser *chooser
	dialect *dialect
}

// Others returns the plans other than the best, the likeliest first. They are made when they are
// asked for: most often one is enough.
func (p *Plans) Others() []Plan { return p.other() }

// Of returns what a telegram may have been. Costs are those of the line that it was received
// over. It returns nil for what no dialect explains.
func Of(received []byte, costs *channel.Costs) *Plans {
	if len(received) > longest {
		return nil
	}
	c := newChooser(received, costs)
	if len(c.segs) < 4 || !c.worthIt() {
		return nil
	}
	var best *dialect
	var list []choice
	least := never
	for _, d := range all().dialects {
		if l, cost := c.choose(d); cost < least {
			best, list, least = d, l, cost
		}
	}
	for i := range list {
		if len(list[i].list) > 0 {
			least -= list[i].list[0].cost - list[i].list[0].prior
		} else {
			least -= garbage
		}
	}
	plans := &Plans{Best: c.plan(best, list, least, nil), chooser: c, dialect: best}
	plans.other = sync.OnceValue(func() (others []Plan) {
		for _, v := range variants(list) {
			if len(others) == mostPlans {
				break
			}
			p := c.plan(best, list, least+v.prior, &v)
			same := func(q Plan) bool { return bytes.Equal(p.Shape.Text, q.Shape.Text) }
			if !same(plans.Best) && !slices.ContainsFunc(others, same) {
				others = append(others, p)
			}
		}
		return others
	})
	return plans
}

// worthIt reports whether some lines begin with a code that tables hold: else it is no
// telegram, or one of a kind that nobody has described.
func (c *chooser) worthIt() bool {
	return c.own >= 3 && 3*c.own >= len(c.segs)
}

// variant is another form of one line than the best.
type variant struct {
	line, form int
	cost       float64 // how much dearer it is
	prior      float64 // how much of that is prior
}

// variants lists the other forms that lines may have had, the likeliest first.
func variants(list []choice) (all []variant) {
	for i, ch := range list {
		for n := 1; n < len(ch.list); n++ {
			best, f := &ch.list[0], &ch.list[n]
			if f.cost < best.cost+nearly {
				all = append(all, variant{i, n, f.cost - best.cost, f.prior - best.prior})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b variant) int { return cmp.Compare(a.cost, b.cost) })
	return all
}

// plan makes a telegram of the lines that were chosen, one of them in another form.
func (c *chooser) plan(d *dialect, list []choice, cost float64, v *variant) Plan {
	p := Plan{Dialect: d.name, Kinds: d.kinds, Cost: cost}
	w := writer{chooser: c}
	for i, ch := range list {
		n := 0
		if v != nil && v.line == i {
			n = v.form
		}
		start := len(w.out)
		if len(ch.list) == 0 {
			if !c.explained {
				w.out = append(w.out, c.text(ch.seg)...)
			}
			p.Strange = true
			p.lines = append(p.lines, placed{span: span{start, len(w.out)}})
			continue
		}
		f := &ch.list[n]
		const asReceived = 0.02
		if f.differences() > 0 {
			p.Surprises += f.prior/unlisted + 1 - likelihood(ch.list, n)*f.sure()
		} else {
			p.Surprises += asReceived * f.prior / unlisted
		}
		p.Differences += f.differences()
		w.write(f, c.text(ch.seg))
		text, hits := f.hits(c.text(ch.seg))
		p.Text, p.Hits = p.Text+text, append(p.Hits, hits...)
		p.lines = append(p.lines, placed{span{start, len(w.out)}, text, hits, f.apart()})
	}
	p.Shape = expect.NewPrescribed(w.out, w.free)
	believe(p.Shape)
	if d.sums {
		p.Shape.BelieveSums()
		believeMonthEnd(p.Shape)
	}
	return p
}

// hits counts the bytes of the prescribed text in a line, and lists those that were hit.
func (f *form) hits(seg []byte) (text int, hits []channel.Hit) {
	i, j := 0, 0
	for _, o := range f.ops {
		if o != align.Added {
			if c := f.cells[i]; c.class == literal {
				text++
				switch o {
				case align.Other:
					hits = append(hits, channel.Hit{Sent: c.c, Read: seg[j]})
				case align.Lost:
					hits = append(hits, channel.Hit{Sent: c.c, Vanished: true})
				}
			}
			i++
		}
		if o != align.Lost {
			j++
		}
	}
	return text, hits
}

// sure is how sure the length of a line is: nobody knows how long a text is of which a part may
// be gone.
func (f *form) sure() float64 {
	const text = 0.99
	if f.text {
		return text
	}
	return 1
}

// likelihood is the share of one of the forms of a line.
func likelihood(list []form, n int) float64 {
	sum := 0.0
	for i := range list {
		sum += math.Exp(list[n].cost - list[i].cost)
	}
	return 1 / sum
}

// writer writes the likeliest text of a telegram, and what may stand in its places.
type writer struct {
	*chooser
	out  []byte
	free []expect.Free
}

// letterKey is what the letters of a place depend on.
type letterKey struct {
	class class
	read  bool
	b     byte
}

func (c *chooser) lettersOf(x cell, b byte, read bool) string {
	key := letterKey{x.class, read, b}
	list, ok := c.letters[key]
	if !ok {
		list = x.letters(b, read, c.costs)
		c.letters[key] = list
	}
	return list
}

func (w *writer) write(f *form, seg []byte) {
	start := len(w.out)
	i, j := 0, 0
	for _, o := range f.ops {
		if o == align.Added {
			j++
			continue
		}
		c, b, read := f.cells[i], byte(0), o != align.Lost
		if read {
			b = seg[j]
			j++
		}
		i++
		switch {
		case c.class == literal:
			w.out = append(w.out, c.c)
			continue
		case c.class == digit || c.class == season:
			if !read || !c.takes(b) {
				b = c.c
			}
			w.free = append(w.free, expect.Free{At: len(w.out), Letters: members()[c.class], Number: true})
		case c.class == crcDigit:
			if !read || !c.takes(b) {
				b = c.c
			}
		default:
			letters := w.lettersOf(c, b, read)
			b = letters[0]
			w.free = append(w.free, expect.Free{At: len(w.out), Letters: letters})
		}
		w.out = append(w.out, b)
	}
	w.mendTimes(f.cells, start)
}

// mendTimes puts a time that can be in the place of one that cannot, so that what stands there is
// known to be a time.
func (w *writer) mendTimes(cells []cell, start int) {
	for i := 0; i < len(cells); {
		n := i
		for n < len(cells) && (cells[n].class == digit || cells[n].class == season) {
			n++
		}
		if n-i == 12 || n-i == 13 {
			text := w.out[start+i : start+n]
			if _, err := telegram.ParseClock(string(text)); err != nil && isTime(cells[i:n]) {
				copy(text, "200101000000")
			}
		}
		i = max(n, i+1)
	}
}

// isTime reports whether cells are those of <time> or <date>.
func isTime(cells []cell) bool {
	return cells[0].c == '2' && cells[5].c == '1'
}
