// Package voltage takes telegrams and gives evidence of the grid's voltage: for each
// meter and phase the ten-minute means that EN 50160 judges, the minutes above and
// below its limits, and when the worst of it was.
//
// # What the standard says
//
// EN 50160:2010 §4.2.2, low voltage, normal operation, interruptions left out: in
// each week 95 % of the ten-minute means are within ±10 % of the nominal voltage Un,
// and all of them are within +10 % and −15 %. Un is 230 V between phase and neutral.
// An interruption is a voltage below 5 % of Un (§3). How a mean is made is said by
// EN 61000-4-30: intervals of ten minutes that begin with the clock's, and in each
// the square root of the mean of the squares. That is above the plain mean by about
// the variance divided by twice the mean: 0.01 V where the voltage varies by 2 V.
//
// Inverters have a limit of their own: EN 50549-1 §4.9.3 (overvoltage 10 min mean
// protection), by default 1.10 Un for the mean of the last ten minutes, whenever
// these began. [Sliding] tells of that one.
//
// # What a meter can tell of it
//
// An instrument of class A squares what it measures in each 200 ms. A meter shows
// one value a second, or only one each 10 s, some of them in whole volts. So here a
// value stands for the time until the next one of its phase, for 10 s at most, and
// the squares are weighted by that time:
//
//	10:00:00   10:00:10     (lost)      10:00:30
//	├─ 230.1 ──┼─ 230.3 ──┤ a hole    ├─ 230.2 ─
//
// At the end, and before a hole, a value stands for as long as the one before it did.
// An interval is judged where at least 90 % of it is covered. What was lost is a hole,
// is told as such, and never counts as fine: see [Verdict].
//
// Only what is verified is used: telegrams that are ok or repaired, the trusted lines
// of salvaged ones, and those of meters that send no CRC at all, which is said. None
// that is suspect.
package voltage

import (
	"fmt"
	"strings"
	"time"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// codes are those of the voltages of L1, L2 and L3 (P1 companion standard 5.0.2 §6.12).
var codes = [3]string{"1-0:32.7.0", "1-0:52.7.0", "1-0:72.7.0"}

// maxMeters is how many meters are told apart.
const maxMeters = 16

// Nominal is the voltage between phase and neutral that is assumed where nothing
// else is said, in volts (IEC 60038).
const Nominal = "230"

// Counter takes records and keeps what its [Evidence] needs: sums of ten minutes,
// of weeks, and the worst moments, but no telegram.
type Counter struct {
	limits    limits
	telegrams Telegrams
	meters    []*meter
	drawn     int      // of so many meters each interval is kept
	last      struct { // the valid telegram that came last
		origin record.Origin
		meter  string
	}
}

// NewCounter returns a Counter for a nominal voltage: the decimal text of 50 to
// 1,000 V, with one decimal at most.
func NewCounter(nominal string) (*Counter, error) {
	l, err := limitsOf(nominal)
	if err != nil {
		return nil, err
	}
	return &Counter{limits: l}, nil
}

// maxDrawn is of how many meters pictures can be made: a year of three phases takes
// 640 kB.
const maxDrawn = 4

// Draw lets the counter keep each interval of the first meters, for pictures: see
// [Week.Intervals]. It has to be called before any record is taken.
func (c *Counter) Draw() { c.drawn = maxDrawn }

// limits in mV, exact.
type limits struct{ nominal, above, below, lowest, none int64 }

func limitsOf(nominal string) (limits, error) {
	d, ok := telegram.ParseDecimal(nominal)
	un, fits := millivolts(d)
	if !ok || !fits || d.Scale > 1 || un < 50e3 || un > 1000e3 {
		return limits{}, fmt.Errorf("%q is no nominal voltage: 50 to 1000 V, with one decimal at most, such as 230", nominal)
	}
	return limits{nominal: un, above: un / 100 * 110, below: un / 100 * 90, lowest: un / 100 * 85, none: un / 100 * 5}, nil
}

// meter is what has been seen of one meter.
type meter struct {
	name     string
	host     bool // it sends no clock: times are the host's
	from, to telegram.Clock
	phases   [3]*phase

	at      record.Origin // of the last telegram
	streams int64
	back    bool  // it came before latest
	latest  int64 // what the clock has shown in this stream, in seconds since 1970
}

// goesBack reports whether the clock of a telegram is before one that came before it in the
// same stream: then the meter's clock was put back. A log that is read again is another
// stream.
func (m *meter) goesBack(r *reading) bool {
	now := r.clock.Time.Unix()
	if !m.at.SameStream(r.from.Origin) || r.from.Offset <= m.at.Offset {
		m.streams, m.latest = m.streams+1, now
	}
	m.at = r.from.Origin
	m.back = now < m.latest || m.back && now == m.latest
	m.latest = max(m.latest, now)
	return m.back
}

// Take counts the record. It fails with [record.ErrChunks] for a chunk.
func (c *Counter) Take(r record.Record) error {
	switch r := r.(type) {
	case *record.Chunk:
		return record.ErrChunks
	case *record.Telegram:
		c.telegrams.Total++
		*c.telegram(r)++
	}
	return nil
}

// telegram takes one telegram, and returns the count of what became of it.
func (c *Counter) telegram(t *record.Telegram) *int64 {
	n := &c.telegrams
	switch {
	case t.Suspect != "":
		return &n.Suspect
	case !t.Status.Valid() && (t.Status != record.Salvaged || len(t.Trusted) == 0):
		return &n.Damaged
	}
	r := reading{from: t, parts: telegram.Parse(t.Raw)}
	if t.Status.Valid() {
		c.last.origin, c.last.meter = t.Origin, r.parts.Meter()
	} else if !t.SameStream(c.last.origin) {
		return &n.Damaged // whose it is cannot be told
	}
	switch {
	case !r.anyVoltage():
		if t.Status == record.Salvaged {
			return &n.Damaged
		}
		return &n.NoVoltage
	case !r.when():
		return &n.NoClock
	}
	m := c.meter(c.last.meter)
	if m == nil {
		return &n.Beyond
	}
	return c.count(t, m.take(&r, &c.limits))
}

// count returns the count for what a meter did with a telegram.
func (c *Counter) count(t *record.Telegram, how outcome) *int64 {
	n := &c.telegrams
	switch how {
	case repeated:
		return &n.Repeated
	case twice:
		return &n.Twice
	case beyond:
		return &n.Beyond
	case unreadable:
		return &n.NoVoltage
	}
	switch t.Status {
	case record.Repaired:
		return &n.Repaired
	case record.Unchecked:
		return &n.Unchecked
	case record.Salvaged:
		return &n.Salvaged
	}
	return &n.OK
}

// meter returns what is known of a meter, nil where there are too many of them.
func (c *Counter) meter(name string) *meter {
	for _, m := range c.meters {
		if m.name == name {
			return m
		}
	}
	if len(c.meters) == maxMeters {
		return nil
	}
	m := &meter{name: strings.Clone(name), phases: [3]*phase{newPhase(), newPhase(), newPhase()}}
	for _, p := range m.phases {
		p.weeks.drawn = len(c.meters) < c.drawn
	}
	c.meters = append(c.meters, m)
	return m
}

// outcome is what becomes of a value; the higher one is that of its telegram.
type outcome int

const (
	unreadable outcome = iota
	beyond             // there are more weeks than are kept
	repeated           // that time has been told of before
	twice              // and is told of again, since the clock was put back
	used
)

// take takes the voltages of a telegram.
func (m *meter) take(r *reading, l *limits) outcome {
	how, back := unreadable, m.goesBack(r)
	for i, p := range m.phases {
		p.weeks.begin(r.clock.Time.Unix())
		v, read := r.voltage(i)
		switch read {
		case absent:
			continue
		case unread:
			p.unreadable++
			continue
		}
		one := p.take(v, l)
		if one == repeated && back {
			one = p.takeTwice(v, m.streams, l)
		}
		how = max(how, one)
	}
	if how != used {
		return how
	}
	m.host = m.host || r.host
	if first := m.from.Time.IsZero(); first || r.clock.Time.Before(m.from.Time) {
		m.from = r.clock
	}
	if r.clock.Time.After(m.to.Time) {
		m.to = r.clock
	}
	return how
}

// reading is a telegram from which voltages are read.
type reading struct {
	from  *record.Telegram
	parts *telegram.Telegram
	clock telegram.Clock
	host  bool // clock is the host's
}

// anyVoltage reports whether one of the lines is there and can be used.
func (r *reading) anyVoltage() bool {
	for _, code := range codes {
		if values, ok := r.find(code); ok && len(values) > 0 {
			return true
		}
	}
	return false
}

// find returns the values of a line, of a salvaged telegram only if the line is
// trusted.
func (r *reading) find(code string) ([]telegram.Value, bool) {
	if r.from.Status != record.Salvaged {
		return r.parts.Find(code)
	}
	for i, l := range r.parts.Lines {
		if string(l.Code.Of(r.parts.Raw)) != code {
			continue
		}
		for _, trusted := range r.from.Trusted {
			if trusted.Line == i+1 {
				return l.Values, true
			}
		}
		return nil, false
	}
	return nil, false
}

// when finds the time: the meter's, or, of a meter that has no clock, the host's. A
// clock that was never set is none.
func (r *reading) when() bool {
	clock, sent, ok := r.parts.Time()
	if _, line := r.parts.Find(telegram.ClockCode); !sent && !line && r.from.Status.Valid() {
		at, err := time.Parse(time.RFC3339, r.from.Time)
		r.clock, r.host = telegram.Clock{Time: at, Season: 'W'}, true
		return err == nil && at.Year() >= 2000 && at.Year() < 2100
	}
	if _, trusted := r.find(telegram.ClockCode); !trusted && r.from.Status == record.Salvaged {
		return false
	}
	r.clock = clock
	return ok && !clock.IsReset()
}

// What reading a voltage may come to.
const (
	there = iota
	absent
	unread
)

// voltage reads the voltage of a phase.
func (r *reading) voltage(phase int) (value, int) {
	values, ok := r.find(codes[phase])
	if !ok || len(values) == 0 {
		return value{}, absent
	}
	d, ok := r.parts.NumberOf(values, "V", "V", 0)
	mv, fits := millivolts(d)
	if !ok || !fits {
		return value{}, unread
	}
	line, _ := r.from.EditCount()
	v := value{clock: r.clock, at: r.clock.Time.Unix(), mv: mv, volts: Volts{d}}
	v.unchecked = r.from.Status == record.Unchecked
	v.repaired = line > 0
	if line > 0 {
		v.digits = repairedDigits(values[len(values)-1].Text, r.from.Edits)
	}
	return v, there
}

// repairedDigits counts the bytes of a value that the line had changed or lost. One
// that it had added counts too.
func repairedDigits(at telegram.Span, edits []record.Edit) int {
	n := 0
	for _, e := range edits {
		switch {
		case e.By == record.ByLogger:
		case len(e.Now) > 0:
			n += max(0, min(at.End, e.At+len(e.Now))-max(at.Start, e.At))
		case e.At > at.Start && e.At < at.End:
			n += len(e.Got)
		}
	}
	return n
}

// maxMillivolts is beyond any low voltage, and small enough for sums of squares.
const maxMillivolts = 10e6

// millivolts returns volts as mV; false for what is negative, has more than
// three decimals or is no low voltage at all.
func millivolts(d telegram.Decimal) (int64, bool) {
	if d.Scale > 3 || d.Digits < 0 || d.Digits > maxMillivolts {
		return 0, false
	}
	for ; d.Scale < 3; d.Scale++ {
		d.Digits *= 10
	}
	return d.Digits, d.Digits <= maxMillivolts
}
