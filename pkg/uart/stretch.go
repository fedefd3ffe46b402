package uart

import (
	"math"
	"slices"
)

// A Receiver is what a UART does around framing errors and between characters, and what
// the logger behind it does.
type Receiver struct {
	Gap       int  // idle bits that the sender leaves between characters
	Drops     bool // bytes whose stop bit is read as 0 are thrown away
	Restarts  bool // such a stop bit is taken for the next start bit (16550)
	TakesLow  bool // after such a stop bit any low level is taken for a start bit; else, and without Restarts, the line has to be high first
	CountsOn  bool // it never looks for an edge: it takes the next start bit to follow
	SevenBit  bool // bit 7 is parity, and is taken off
	Printable bool // bytes outside of printable ASCII, CR and LF are thrown away
}

// Odds are how often an edge comes too late, or too early, for the bit beside it.
type Odds struct{ RiseLate, RiseEarly, FallLate, FallEarly float64 }

// Odds returns those of a line at each position of a byte.
func (l Line) Odds() (all [10]Odds) {
	spread := math.Hypot(math.Sqrt2*max(l.Own, sharpest), math.Hypot(l.Shift, math.Sqrt2*l.Common))
	for k := range all {
		clock := l.Clock * (float64(k) + 0.5)
		odds := func(by float64) (late, early float64) {
			return Beyond((0.5 + clock + SeenLate - by) / spread), Beyond((0.5 - clock - SeenLate + by) / spread)
		}
		o := &all[k]
		o.RiseLate, o.RiseEarly = odds(l.Rise - l.Fall - l.StartLate)
		o.FallLate, o.FallEarly = odds(-l.StartLate)
	}
	return all
}

// A Spell is some characters on which a line is not steady.
type Spell struct {
	Odds   [10]Odds
	Over   float64 // how likely it is over after a byte
	Passes float64 // the receiver looks late: how likely after the last byte the next start edge is over before the stop bit is looked at
	Missed bool    // the first start bit does not show at all
	Stop   bool    // the stop bit of the first byte is read as 0
	// Phase are the odds of a receiver that takes the next start from a stop bit of 0, as
	// long as it does: it keeps on looking as late as it did, or a bit less.
	Phase [10]Odds
}

// unlike is how likely a byte is that the line does not explain.
const unlike = 1e-4

// Stretch returns −ln of how likely it is that characters that follow each other are
// received as these bytes: in step before and after, and out of step between as often as
// it takes. The spell begins with the first character; after it the line is steady. Bits
// of open are not known of what was sent.
//
//	sent  └─ '0' 0x30 ──────┘ └─ '0' 0x30 ──────┘ └─ '.' 0x2E ──────┘
//	line  0 0 0 0 0 1 1 0 0 1 0 0 0 0 0 1 1 0 0 1 0 0 1 1 1 0 1 0 0 1
//	read  ↑ missed      └─ 0x82 ──────────┘ └─ 0x72 ──────────┘
func (r Receiver) Stretch(sent, open, got []byte, spell Spell) float64 {
	return r.through(sent, open, got, spell, false)
}

// Beginning is Stretch of bytes after which more are received, and of characters of which
// some may not be needed.
func (r Receiver) Beginning(sent, open, got []byte, spell Spell) float64 {
	return r.through(sent, open, got, spell, true)
}

func (r Receiver) through(sent, open, got []byte, spell Spell, begins bool) float64 {
	t := trellis{Receiver: r, sent: sent, open: open, got: got, size: 10 + r.Gap, spell: spell, begins: begins}
	t.odds = [3]*[10]Odds{&t.spell.Odds, &steady, &t.spell.Phase}
	t.end = len(sent) * t.size
	t.at = make([][]float64, t.end+1)
	t.findEdges()
	first := 0
	if spell.Missed {
		first = 1
	}
	t.goOn(seeking, 0, first, 1)
	for p := range t.end {
		t.recent[p%len(t.recent)] = 0
		if t.at[p] != nil {
			t.receive(p)
		}
	}
	if last := t.at[t.end]; last != nil {
		for state := range states {
			t.all += last[state*(len(got)+1)+len(got)]
		}
	}
	return -math.Log(max(t.all, math.SmallestNonzeroFloat64))
}

// steady are the odds of a line on which edges come in time.
var steady = Line{Own: 0.06}.Odds()

// States of a receiver at a bit of the line: it looks for a start edge, or takes this bit
// for a start bit; each in the spell, after it, and in the phase in which that left it.
const (
	seeking = iota
	seekingAfter
	taking
	takingAfter
	takingPhase
	states
)

// trellis is the way of a receiver through the bits of some characters.
type trellis struct {
	Receiver
	sent, open, got []byte
	size            int // bits from one start to the next
	end             int // the bit after the last
	spell           Spell
	odds            [3]*[10]Odds // at each position: in the spell, after it, and in its phase
	edges           []int        // the first start edge from each bit on
	// at[p][state*(len(got)+1)+j] is how likely the receiver is in a state at bit p with j
	// bytes received; nil where it can't be there.
	at   [][]float64
	free [][]float64

	// Of two ways that lead as far one that is much less likely is not followed: floor is how
	// likely it has to be, by the ways of the last recent bits.
	floor  float64
	recent [24]float64

	begins bool    // all bytes being received is enough
	all    float64 // how likely they are
}

// level is that of a bit of the line.
func (t *trellis) level(p int) bool {
	c, k := p/t.size, p%t.size
	switch {
	case p == t.end:
		return t.CountsOn // it is a pause that ends what such a receiver does; else a character follows
	case p < 0 || c >= len(t.sent) || k > 8:
		return true
	case k == 0:
		return p == 0 && t.spell.Missed
	}
	return t.sent[c]>>(k-1)&1 == 1
}

// findEdges lists where the start edge is that a receiver finds from each bit on.
func (t *trellis) findEdges() {
	t.edges = make([]int, t.end+1)
	t.edges[t.end] = t.end
	for p := t.end - 1; p >= 0; p-- {
		t.edges[p] = t.edges[p+1]
		if t.level(p-1) && !t.level(p) {
			t.edges[p] = p
		}
	}
}

// known reports whether it is known what was sent in a bit.
func (t *trellis) known(p int) bool {
	c, k := p/t.size, p%t.size
	return k == 0 || k > 8 || c >= len(t.sent) || t.open[c]>>(k-1)&1 == 0
}

// A look is how likely each bit of a character is read as 1: start, eight data bits, stop;
// and how likely the byte is one that is thrown away whatever its stop bit.
type look struct {
	high [10]float64
	gone float64
}

// lookAt returns that of a character that the receiver takes to begin at a bit.
func (t *trellis) lookAt(odds, start int) (l look) {
	for k := range l.high {
		l.high[k] = t.high(odds, start, k)
	}
	if t.Printable {
		l.gone = max(1-l.printable(t.SevenBit), 0)
	}
	return l
}

// printable is how likely a byte is printable ASCII, CR or LF.
func (l *look) printable(sevenBit bool) float64 {
	bit := l.high[1:9]
	all := 1.0
	for _, h := range bit[:7] {
		all *= h
	}
	p := 1 - (1-bit[5])*(1-bit[6]) - all
	p += l.value('\r', true) + l.value('\n', true)
	if !sevenBit {
		p *= 1 - bit[7]
	}
	return p
}

// value is how likely a byte is read, all of its bits or the lower seven.
func (l *look) value(b byte, seven bool) float64 {
	p, bits := 1.0, 8
	if seven {
		bits = 7
	}
	for k := range bits {
		if b>>k&1 == 1 {
			p *= l.high[1+k]
		} else {
			p *= 1 - l.high[1+k]
		}
	}
	return p
}

// high is how likely the bit at a position of a byte is read as 1, with some odds.
func (t *trellis) high(odds, start, k int) float64 {
	p, o := start+k, &t.odds[odds][k]
	if !t.known(p) {
		return 0.5
	}
	now, before, after := t.level(p), t.level(p-1), t.level(p+1)
	wrong := 0.0
	if before != now {
		wrong = o.RiseLate
		if !now {
			wrong = o.FallLate
		}
	}
	if after != now {
		early := o.FallEarly
		if !now {
			early = o.RiseEarly
		}
		wrong = 1 - (1-wrong)*(1-early)
	}
	if now {
		return 1 - wrong
	}
	return wrong
}

// receive goes on from all states at a bit.
func (t *trellis) receive(p int) {
	row := t.at[p]
	t.recent[p%len(t.recent)] = slices.Max(row)
	t.floor = negligible * slices.Max(t.recent[:])
	for _, s := range [...]struct {
		state, odds int
		checks      bool // that the start bit is low in its middle
	}{
		{seeking, 0, true}, {seekingAfter, 1, true},
		{taking, 0, t.TakesLow}, {takingAfter, 1, t.TakesLow}, {takingPhase, 2, t.TakesLow},
	} {
		weights := row[s.state*(len(t.got)+1) : (s.state+1)*(len(t.got)+1)]
		var l look
		looked := false
		for j, weight := range weights {
			if weight <= t.floor {
				continue
			}
			if !looked {
				l, looked = t.lookAt(s.odds, p), true
			}
			if s.checks {
				t.goOn(seeking+min(s.odds, 1), j, p+1, weight*l.high[0])
				weight *= 1 - l.high[0]
			}
			t.take(s.odds, j, p, weight, &l)
		}
	}
	clear(row)
	t.free = append(t.free, row)
	t.at[p] = nil
}

// ending is how it goes on after a byte: where the receiver looks for the next edge, and
// the stop bit, or what it takes for one, from which another takes the next start.
type ending struct{ odds, next, stop int }

// take receives the byte of a start bit. In the spell it may be the last one.
func (t *trellis) take(odds, j, start int, weight float64, l *look) {
	stop, ends := l.high[9], ending{odds, start + 10, start + 9}
	if t.CountsOn {
		ends.next = start + t.size
	}
	passes := t.spell.Passes
	if t.Gap > 0 || t.CountsOn {
		passes = 0
	}
	if start == 0 && t.spell.Stop {
		stop, ends.odds = 0, 2
		if passes > 0 {
			ends.next++
		}
		passes = 0
	}
	if odds != 0 {
		t.hand(j, weight, stop, l, ends)
		return
	}
	t.hand(j, weight*(1-t.spell.Over), stop, l, ends)
	ends.odds = max(ends.odds, 1)
	t.hand(j, weight*t.spell.Over*(1-passes), stop, l, ends)
	t.hand(j, weight*t.spell.Over*passes, 0, l, ending{2, start + 11, start + 10})
}

// hand hands the byte of a start bit on, its stop bit being 1 as often as that.
func (t *trellis) hand(j int, weight, stop float64, l *look, ends ending) {
	if weight <= t.floor {
		return
	}
	good, bad := weight*stop, weight*(1-stop)
	if t.Drops {
		t.after(j, good*l.gone, bad, ends)
		bad = 0
	} else if t.Printable {
		t.after(j, good*l.gone, bad*l.gone, ends)
	}
	if j < len(t.got) {
		value := l.value(t.got[j], t.SevenBit) + unlike
		t.after(j+1, good*value, bad*value, ends)
	}
}

// after goes on after a byte, its stop bit being 1 or 0.
func (t *trellis) after(j int, good, bad float64, ends ending) {
	if t.begins && j == len(t.got) {
		t.all += good + bad
		return
	}
	seek := seekingAfter
	if ends.odds == 0 || t.spell.Over == 0 {
		seek = seeking
	}
	switch {
	case t.CountsOn:
		t.goOn(taking+min(ends.odds, 1), j, ends.next, good+bad)
		return
	case t.Restarts:
		t.goOn(taking+ends.odds, j, ends.stop, bad)
	case t.TakesLow:
		t.goOn(taking+ends.odds, j, ends.stop+1, bad)
	default:
		good += bad
	}
	t.goOn(seek, j, ends.next, good)
}

// goOn adds to a state at a bit; one that looks for an edge, at the next one.
func (t *trellis) goOn(state, j, p int, weight float64) {
	if weight <= t.floor {
		return
	}
	if p = min(p, t.end); state < taking {
		p = t.edges[p]
	}
	if t.at[p] == nil {
		t.at[p] = t.row()
	}
	t.at[p][state*(len(t.got)+1)+j] += weight
}

// row returns a row of zeros.
func (t *trellis) row() []float64 {
	n := len(t.free)
	if n == 0 {
		return make([]float64, states*(len(t.got)+1))
	}
	row := t.free[n-1]
	t.free = t.free[:n-1]
	return row
}
