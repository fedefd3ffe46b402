package uart

import "math"

// A Receiver is what a UART does around framing errors and between characters.
type Receiver struct {
	Gap      int  // idle bits that the sender leaves between characters
	Drops    bool // bytes whose stop bit is read as 0 are thrown away
	Restarts bool // such a stop bit is taken for the next start bit (16550), else the line has to be high first
	CountsOn bool // it never looks for an edge: it takes the next start bit to follow
	SevenBit bool // bit 7 is parity, and is taken off
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
	Passes bool    // the receiver looks late: after the last byte the next start edge is over before the stop bit is looked at
	Missed bool    // the first start bit does not show at all
	Stop   bool    // the stop bit of the first byte is read as 0
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
	t := trellis{Receiver: r, sent: sent, open: open, got: got, size: 10 + r.Gap, spell: spell}
	t.odds = [2][10]Odds{spell.Odds, steady}
	t.end = len(sent) * t.size
	for s := range t.at {
		t.at[s] = make([][]float64, len(got)+1)
		for j := range t.at[s] {
			t.at[s][j] = make([]float64, t.end+1)
		}
	}
	first := 0
	if spell.Missed {
		first = 1
	}
	t.at[0][0][first] = 1
	for p := range t.end {
		for j := range len(got) + 1 {
			for s := range t.at {
				if t.at[s][j][p] > 0 {
					t.receive(s, j, p)
				}
			}
		}
	}
	return -math.Log(max(t.at[0][len(got)][t.end]+t.at[1][len(got)][t.end], math.SmallestNonzeroFloat64))
}

// steady are the odds of a line on which edges come in time.
var steady = Line{Own: 0.06}.Odds()

// trellis is the way of a receiver through the bits of some characters.
type trellis struct {
	Receiver
	sent, open, got []byte
	size            int // bits from one start to the next
	end             int // the bit after the last
	spell           Spell
	odds            [2][10]Odds // at each position, in the spell, and after it
	// at[s][j][p] is how likely it is to look for a start from bit p on with j bytes
	// received, in the spell (s is 0) or after it.
	at [2][][]float64
}

// level is that of a bit of the line.
func (t *trellis) level(p int) bool {
	c, k := p/t.size, p%t.size
	switch {
	case p < 0 || c >= len(t.sent) || k > 8:
		return true
	case k == 0:
		return p == 0 && t.spell.Missed
	}
	return t.sent[c]>>(k-1)&1 == 1
}

// known reports whether it is known what was sent in a bit.
func (t *trellis) known(p int) bool {
	c, k := p/t.size, p%t.size
	return k == 0 || k > 8 || c >= len(t.sent) || t.open[c]>>(k-1)&1 == 0
}

// high is how likely the bit at a position of a byte is read as 1, in the spell or after it.
func (t *trellis) high(s, start, k int) float64 {
	p, odds := start+k, &t.odds[s][k]
	if !t.known(p) {
		return 0.5
	}
	now, before, after := t.level(p), t.level(p-1), t.level(p+1)
	wrong := 0.0
	if before != now {
		wrong = odds.RiseLate
		if !now {
			wrong = odds.FallLate
		}
	}
	if after != now {
		early := odds.FallEarly
		if !now {
			early = odds.RiseEarly
		}
		wrong = 1 - (1-wrong)*(1-early)
	}
	if now {
		return 1 - wrong
	}
	return wrong
}

// receive goes on from a state: to the next start edge, and through the byte after it.
func (t *trellis) receive(s, j, p int) {
	weight := t.at[s][j][p]
	start := p
	for start < t.end && !(t.level(start-1) && !t.level(start)) {
		start++
	}
	if start == t.end {
		t.at[s][j][t.end] += weight
		return
	}
	// A start bit whose middle is high is none.
	missed := t.high(s, start, 0)
	t.at[s][j][start+1] += weight * missed
	t.take(s, j, start, weight*(1-missed))
}

// take receives the byte of a start bit. In the spell it may be the last one.
func (t *trellis) take(s, j, start int, weight float64) {
	stop, value := t.high(s, start, 9), t.value(s, j, start)
	next := start + 10
	if t.CountsOn {
		next = start + t.size
	}
	if start == 0 && t.spell.Stop {
		stop = 0
		if t.spell.Passes {
			next++
		}
	}
	if s == 1 {
		t.hand(s, j, start, next, weight, stop, value)
		return
	}
	t.hand(0, j, start, next, weight*(1-t.spell.Over), stop, value)
	if t.spell.Passes && !t.spell.Stop && !t.CountsOn {
		stop, next = 0, next+1
	}
	t.hand(1, j, start, next, weight*t.spell.Over, stop, value)
}

// hand hands the byte of a start bit on, its stop bit being 1 as often as that, and goes
// on to look for the next start.
func (t *trellis) hand(s, j, start, next int, weight, stop, value float64) {
	if t.Drops {
		t.reach(s, j, next, weight*(1-stop))
	}
	if j == len(t.got) || weight < negligible*negligible {
		return
	}
	weight *= value
	t.reach(s, j+1, next, weight*stop)
	switch weight *= 1 - stop; {
	case t.Drops:
	case t.Restarts && start+9 < t.end:
		t.take(s, j+1, start+9, weight)
	default:
		t.reach(s, j+1, next, weight)
	}
}

// reach adds to a state after a byte.
func (t *trellis) reach(s, j, p int, weight float64) {
	t.at[s][j][min(p, t.end)] += weight
}

// value is how likely byte j is read after a start bit.
func (t *trellis) value(s, j, start int) float64 {
	if j == len(t.got) {
		return 0
	}
	p := 1.0
	for k := range 8 {
		if t.SevenBit && k == 7 {
			continue
		}
		high := t.high(s, start, 1+k)
		if t.got[j]>>k&1 == 0 {
			high = 1 - high
		}
		p *= high
	}
	return p + unlike
}
