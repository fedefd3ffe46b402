package plausible

import (
	"bytes"
	"strings"

	"p1/pkg/telegram"
)

// decimals of the numbers of registers: a unit is a millionth of a kWh, m3 or GJ, so that
// lines with more and with fewer decimals are of one register.
const decimals = 6

// one is a kWh, m3 or GJ.
const one = 1e6

// register is what is believed of one that counts, in units.
type register struct {
	code, unit string
	channel    byte    // of a device, 0 of the meter itself
	rate       float64 // units a second that can flow through a device
	id         []byte  // of the device
	sure       int     // telegrams without a CRC that said it, less those that said another, up to convincing

	base, old level // that is believed, and the one before
	until     int64 // the moment from which on old cannot come back,
	upTo      int   // if so many telegrams have come
	confirm   int   // readings after which it cannot, if it is sooner
	candidate candidate
	next      int64 // the value in the telegram after, where that is known
	foreseen  bool

	limited  bool // by what a limiter states
	total    bool // it counts in every tariff
	flow     *flow
	tariff   int64   // the tariff in force when it last went on
	numbered int64   // the tariff that its code names, 0 for all
	wide     float64 // kWh at most by its power when it last went on
	missing  float64 // units that its power demands since it last went on
	lag      float64 // units that it has been behind by and has made up for, time and again
	lags     int     // times in a row that it has
}

// level is a reading to go on from.
type level struct {
	known  bool
	value  int64
	seen   int   // readings, up to convincing
	passed int64 // the moment it was last read at
	since  int64 // and first
	unsure bool  // nobody knows how long after the one before
	at     int64 // the device's time stamp
	dated  bool
}

// candidate is a level that contradicts the base.
type candidate struct {
	level
	first int64   // value
	rate  float64 // the most that has flowed, in units a second
	id    []byte  // of the device, as the last telegrams said
	named int     // how many of them, in a row
}

// Flows that nobody would doubt.
const (
	usualConnection = 55.0 // kW: 3 × 80 A
	gasRate         = 6.0  // m3 an hour: a G4 meter
	waterRate       = 10.0 // m3 an hour
	heatRate        = 0.5  // GJ an hour: 140 kW
)

const (
	surplus  = 1.5 // by which more may have flowed than the telegrams around state
	slack    = 2   // units by which rounding may go wrong
	tenfold  = 10  // the rate at which what contradicts may go on
	forever  = 1 << 30
	counting = 60 // seconds for which a register must have gone on counting
)

func newRegister(code, unit, medium string) *register {
	r := &register{code: code, unit: unit, channel: channelOf(code), tariff: noTariff}
	if e := code[len(code)-1]; code[len(code)-2] == '.' && telegram.IsDigit(e) && e != '0' {
		r.numbered = int64(e - '0')
	}
	r.limited, r.total = strings.HasPrefix(code, "1-0:1."), strings.HasSuffix(code, ".0")
	rate := usualConnection
	switch {
	case unit == "GJ":
		rate = heatRate
	case unit == "m3" && medium == "gas":
		rate = gasRate
	case unit == "m3":
		rate = waterRate
	}
	r.rate = rate / hour * one
	return r
}

// isDevice reports whether it is of a device and not of the meter itself.
func (r *register) isDevice() bool { return r.channel > '0' }

func afterPoint(code string) string { return code[strings.IndexByte(code, '.')+1:] }

// forget forgets all levels.
func (r *register) forget() {
	r.base, r.old, r.candidate = level{}, level{}, candidate{}
	r.wide, r.missing, r.id, r.sure = 0, 0, nil, 0
}

// judge decides about one reading.
func (m *Meter) judge(x *reading) finding {
	r := x.r
	id := x.device.Of(m.l.Text)
	renamed := len(id) > 0 && len(r.id) > 0 && !bytes.Equal(id, r.id)
	undated := x.stamp.End > 0 && !x.dated
	switch {
	case !x.ok:
		return finding{}
	case undated && x.value == 0 && !r.base.known:
		return finding{} // nothing was read yet
	case undated && r.base.known && (r.base.dated || x.value == 0):
		return finding{unread, noDate}
	case !r.base.known, renamed && !undated && m.checked:
		return finding{how: begins}
	}
	gain := x.value - r.base.value
	if r.flow != nil && !r.foreseen && gain > 0 && float64(gain) <= m.stated(x) {
		return finding{how: follows} // as nearly all do
	}
	most, _ := m.most(x, &r.base, 1)
	switch {
	case gain >= 0 && float64(gain) <= most:
		if r.foreseen && m.uncertain(x) && r.next >= r.base.value && r.next-r.base.value < x.value-r.next {
			return finding{deviates, takenBack}
		}
		return m.standing(x, gain)
	case m.isBack(x):
		return finding{how: returns}
	case renamed && !undated && r.candidate.saysAgain(id) && r.candidate.named+1 >= convincing:
		return finding{how: begins}
	case m.isLevel(x):
		return finding{how: replaces}
	case gain < 0:
		return finding{deviates, fell}
	}
	return finding{deviates, gained}
}

// most is how much a register can have gained since a level, and in how many seconds.
func (m *Meter) most(x *reading, from *level, times float64) (units float64, dt int64) {
	r := x.r
	dt = max(tick, m.said.passed-from.passed)
	if m.said.unsure || from.unsure {
		dt += hour
	}
	rounding := float64(slack * x.step)
	if !r.isDevice() {
		if r.flow == nil || !r.flow.here { // no power says what flowed since it was read
			dt += min(counting, from.passed-from.since)
		}
		units = m.capacity(r)/hour*float64(dt)*one*times + rounding
		if r.flow != nil && from == &r.base {
			units = max(units, m.stated(x))
		}
		return units, dt
	}
	switch {
	case x.stamp.End == 0 || !x.dated || !from.dated:
		dt += from.passed - from.since // it may be read now and then only
	case x.at-from.at <= dt+from.passed-from.since+hour:
		dt = max(0, x.at-from.at)
		if !x.seasonal && autumn(x.at) {
			dt += hour
		}
	default:
		dt += hour // its clock is wrong
	}
	return r.rate*float64(dt)*times + rounding, dt
}

// capacity is how many kW can flow through a register of the meter.
func (m *Meter) capacity(r *register) float64 {
	stated := m.l.capacity
	if stated == 0 || !r.limited {
		stated = max(stated, usualConnection) // it does not limit what is delivered
	}
	return max(stated, m.proven)
}

// isBack reports whether a reading goes on from the level before the base.
func (m *Meter) isBack(x *reading) bool {
	r := x.r
	if !r.old.known || m.said.passed > r.until && m.taken >= r.upTo {
		return false
	}
	most, _ := m.most(x, &r.old, 1)
	gain, off := x.value-r.old.value, x.value-r.base.value
	return gain >= 0 && float64(gain) <= most && gain < max(off, -off)
}

// isLevel reports whether a reading that contradicts the base is of a level that is
// believed by now.
func (m *Meter) isLevel(x *reading) bool {
	r, c := x.r, &x.r.candidate
	if !m.goesOn(x) || x.value == 0 {
		return false
	}
	if n := c.seen + m.fresh(x); r.base.seen < convincing {
		return n > r.base.seen // nobody knows which of the two is right
	} else if n < convincing || x.value == c.first {
		return false
	}
	return x.stamp.End > 0 && x.dated || m.said.passed-c.since >= counting
}

// goesOn reports whether a reading goes on from the candidate.
func (m *Meter) goesOn(x *reading) bool {
	c := &x.r.candidate
	if !c.goesOn(x.value) {
		return false
	}
	most, _ := m.most(x, &c.level, tenfold)
	return float64(x.value-c.value) <= most
}

func (c *candidate) goesOn(value int64) bool { return c.known && value >= c.value }

// saysAgain reports whether the telegram before named the same device. Where no CRC holds, one
// digit may have been read wrong: several have to name a device whose reading contradicts that of
// the one before, and where the reading goes on it is no other device.
func (c *candidate) saysAgain(id []byte) bool { return c.known && bytes.Equal(c.id, id) }

// fresh is 1 where a reading is one of its own, and not the one before once more.
func (m *Meter) fresh(x *reading) int {
	c := &x.r.candidate
	if x.stamp.End > 0 && x.dated && c.at >= x.at {
		return 0
	}
	return 1
}

// follow learns from one reading.
func (m *Meter) follow(x *reading, f *finding) {
	r := x.r
	switch {
	case f.how == deviates:
		m.propose(x)
		return
	case !f.how.believed():
		if r.flow != nil {
			r.missing += m.demands(r)
		}
		return
	case f.how == replaces:
		r.old, r.until, r.upTo, r.confirm = r.base, m.said.passed+week, 0, forever
		r.rate = max(r.rate, r.candidate.rate, m.rateTo(x, &r.candidate.level))
		r.base = level{}
	case f.how == begins, f.how == returns:
		r.base, r.old = level{}, level{}
	default:
		m.remember(x)
	}
	m.goOn(x)
}

// uncertain reports whether a reading goes on from the base only because that is so long
// ago, or nobody knows how long, that a wrong one would do so as well.
func (m *Meter) uncertain(x *reading) bool {
	r := x.r
	gain := float64(x.value - r.base.value)
	if gain == 0 || !r.base.known || !m.said.unsure && m.said.passed-r.base.passed <= hour {
		return false
	}
	if x.dated && r.base.dated && x.at-r.base.at <= day {
		return false // the device's own time bounds it closely
	}
	return r.flow == nil || gain > m.stated(x)
}

// stated is how many units a register can have gained by the powers that the telegrams
// since its last step state.
func (m *Meter) stated(x *reading) float64 {
	return surplus*(x.r.flow.wideWith(m.said.dt)-x.r.wide)*one + float64(slack*x.step)
}

// remember keeps the base as the old level where a reading that goes on from it is
// uncertain: the next ones tell.
func (m *Meter) remember(x *reading) {
	r := x.r
	switch {
	case x.value == r.base.value:
	case m.uncertain(x):
		r.old, r.until, r.upTo, r.confirm = r.base, m.said.passed, m.taken+1, 1
	case r.confirm > 0:
		r.confirm--
	default:
		r.old = level{}
	}
}

// goOn makes a reading the base.
func (m *Meter) goOn(x *reading) {
	r, b := x.r, &x.r.base
	r.name(x.device.Of(m.l.Text), m.checked || !b.known)
	moved := !b.known || x.value != b.value
	if moved {
		b.since = m.said.passed
		m.caughtUp(x)
	}
	fresh := b.known && x.stamp.End > 0 && x.at != b.at
	b.value, b.at, b.dated = x.value, x.at, x.dated
	if m.stay(x); !b.known || fresh {
		b.seen = min(b.seen+1, convincing)
	}
	if moved {
		r.missing = 0
	}
	b.known, r.candidate.known = true, false
}

// name notes what device a reading that is believed is said to be of. Without a CRC what most
// telegrams say counts.
func (r *register) name(id []byte, sure bool) {
	switch {
	case len(id) == 0:
	case bytes.Equal(r.id, id):
		r.sure = min(r.sure+1, convincing)
	case sure || r.sure == 0:
		r.id, r.sure = append(r.id[:0], id...), 1
	default:
		r.sure--
	}
}

// stay notes that the base was read once more.
func (m *Meter) stay(x *reading) {
	b := &x.r.base
	if x.stamp.End == 0 && b.seen < convincing && b.known {
		b.seen++
	}
	b.passed, b.unsure = m.said.passed, m.said.unsure
	if f := x.r.flow; f != nil && f.low > 0 {
		x.r.missing += m.demands(x.r)
	}
}

// propose makes a reading the candidate.
func (m *Meter) propose(x *reading) {
	c, id := &x.r.candidate, x.device.Of(m.l.Text)
	if !c.saysAgain(id) {
		c.id, c.named = append(c.id[:0], id...), 0
	}
	if m.goesOn(x) {
		c.seen += m.fresh(x)
		c.rate = max(c.rate, m.rateTo(x, &c.level))
	} else {
		*c = candidate{first: x.value, id: c.id, named: c.named}
		c.seen, c.since = 1, m.said.passed
	}
	c.named++
	c.known, c.value, c.passed, c.unsure, c.at, c.dated = true, x.value, m.said.passed, m.said.unsure, x.at, x.dated
}

// rateTo is how much has flowed a second from a level to a reading of a device.
func (m *Meter) rateTo(x *reading, from *level) float64 {
	if !x.r.isDevice() || !from.known {
		return 0
	}
	dt := m.said.passed - from.passed
	if x.dated && from.dated {
		dt = x.at - from.at
	}
	if dt <= 0 {
		return 0
	}
	return float64(x.value-from.value) / float64(dt)
}
