package tables

import (
	"bytes"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// statement is a telegram with what is compared with others of its meter.
type statement struct {
	moment
	origin   record.Origin
	hash     uint64 // of the text, its CRC left out
	counters []counter
}

// counter is a register of the meter itself, not of an M-Bus device.
type counter struct {
	code  string
	unit  string
	value telegram.Decimal
}

// maxCounters is how many registers of a meter are followed. The richest dialect
// has about 60.
const maxCounters = 256

// dictionary remembers what codes mean, so that each is looked up once.
type dictionary map[string]telegram.Meaning

// maxWords is how many codes are remembered; those beyond are looked up anew.
const maxWords = 1024

func (d dictionary) lookup(code []byte) telegram.Meaning {
	if m, ok := d[string(code)]; ok {
		return m
	}
	m := telegram.Lookup(string(code))
	if len(d) < maxWords {
		d[string(code)] = m
	}
	return m
}

// state takes what is compared from a moment.
func state(of moment, words dictionary) *statement {
	m := &statement{moment: of, origin: of.from.Origin, hash: fingerprint(of.from.Raw)}
	tele := of.said
	for i := range tele.Lines {
		l := &tele.Lines[i]
		code := l.Code.Of(tele.Raw)
		if len(code) == 0 || len(l.Values) == 0 || len(m.counters) == maxCounters {
			continue
		}
		meaning := words.lookup(code)
		if meaning.Kind != telegram.Register || ofDevice(meaning.Code) {
			continue
		}
		unit := meaning.Unit
		if unit == "" {
			unit = string(l.Values[len(l.Values)-1].Unit.Of(tele.Raw))
		}
		value, ok := tele.NumberOf(l.Values, unit, unit, 0)
		if ok && find(m.counters, 0, meaning.Code) == nil {
			m.counters = append(m.counters, counter{meaning.Code, unit, value})
		}
	}
	return m
}

// ofDevice reports whether a code is that of a reading on an M-Bus channel:
// 0-1:24.2.1.
func ofDevice(code string) bool {
	return strings.HasPrefix(code, "0-") && strings.Contains(code, ":24.")
}

// find returns the counter of a code, which most likely is the one at i.
func find(list []counter, i int, code string) *counter {
	if i >= len(list) || list[i].code != code {
		i = slices.IndexFunc(list, func(c counter) bool { return c.code == code })
	}
	if i < 0 {
		return nil
	}
	return &list[i]
}

// fingerprint returns a number that two texts share only if they are the same,
// for all that matters. The end line is left out: its end may be damaged
// although the telegram is valid.
func fingerprint(raw []byte) uint64 {
	if end := bytes.LastIndexByte(raw, '!'); end >= 0 {
		raw = raw[:end]
	}
	h := fnv.New64a()
	h.Write(raw)
	return h.Sum64()
}

// timeline is how the clock of a meter has gone on, and knows which telegrams
// were told before.
//
//	told      ├──────────────────┤   ├─────────┤      stretches of the clock
//	                             └gap┘         └ last
//	again       ├ ├ ├                                 inside, registers not above the highest
type timeline struct {
	last     statement // the telegram that the next one is compared with
	known    bool      // there is one
	told     stretches
	begun    []mark // with what each stretch began
	recent   [64]mark
	at       int // where the next one goes in recent
	highest  []counter
	steps    [31]time.Duration // from telegram to telegram, the last ones
	stepped  int               // how many steps there were
	again    bool              // a log is being read again
	gained   int64             // Wh, since the first telegram
	measured time.Duration     // over this time
}

// mark tells one telegram from all others.
type mark struct {
	at   int64 // its clock, in seconds since 1970, or its offset where it has none
	hash uint64
}

func (m *statement) mark() mark {
	if !m.clockOK {
		return mark{m.origin.Offset, m.hash}
	}
	return mark{m.clock.Time.Unix(), m.hash}
}

// repeats reports whether a telegram was told before: it is one of the last ones
// or the first of a stretch, letter by letter; or its clock lies in what was told,
// no register is above what it ever was, and one is below what it was last, or
// the telegram before it was a repetition too.
func (t *timeline) repeats(m *statement) bool {
	if !m.clockOK {
		return t.rereads(m)
	}
	exact := slices.Contains(t.recent[:], m.mark()) || slices.Contains(t.begun, m.mark())
	if !exact && !t.revisits(m) {
		t.again = false
		return false
	}
	t.again = true
	return true
}

// rereads is repeats for a meter that sends no clock: the source is read from its
// beginning again, until where it was read to.
func (t *timeline) rereads(m *statement) bool {
	switch {
	case !t.known || !m.origin.SameStream(t.last.origin) || m.origin.Offset > t.last.origin.Offset:
		t.again = false
	case slices.Contains(t.begun, m.mark()):
		t.again = true
	}
	return t.again
}

// revisits reports whether a telegram fits into what was told before.
func (t *timeline) revisits(m *statement) bool {
	if !t.told.cover(m.clock.Time.Unix()) {
		return false
	}
	if _, beyond := compared(t.highest, m.counters); beyond {
		return false
	}
	fell, rose := compared(t.last.counters, m.counters)
	return t.again || fell && !rose
}

// compared reports whether any register is below, and whether any is above, what
// it was.
func compared(was, is []counter) (fell, rose bool) {
	for i := range is {
		old := find(was, i, is[i].code)
		if old == nil {
			continue
		}
		fell = fell || above(old.value, is[i].value)
		rose = rose || above(is[i].value, old.value)
	}
	return fell, rose
}

// period returns how far apart the telegrams of the meter usually are: the
// median of the last steps, 0 while there are fewer than two.
func (t *timeline) period() time.Duration {
	n := min(t.stepped, len(t.steps))
	if n < 2 {
		return 0
	}
	var sorted [len(t.steps)]time.Duration
	copy(sorted[:], t.steps[:n])
	slices.Sort(sorted[:n])
	return sorted[(n-1)/2]
}

// advance makes a telegram that was not told before the last one. It begins a
// new stretch where the clock has not just ticked on.
func (t *timeline) advance(m *statement, ticked bool) {
	if step, ok := t.step(m); ok && step > 0 {
		t.steps[t.stepped%len(t.steps)] = step
		t.stepped++
		if ticked {
			t.gained += gainedWh(t.last.counters, m.counters)
			t.measured += step
		}
	}
	t.mark(m, ticked)
	t.raise(m)
	t.last, t.known = *m, true
	t.last.from, t.last.said = nil, nil // their bytes are not kept
}

// step returns the time from the last telegram to this one: by the clock, or, for
// a meter that sends none, by the host's.
func (t *timeline) step(m *statement) (time.Duration, bool) {
	switch {
	case !t.known || t.last.clockOK != m.clockOK:
		return 0, false
	case m.clockOK:
		return m.clock.Time.Sub(t.last.clock.Time), true
	}
	return hostStep(&t.last, m)
}

// mark remembers a telegram by what tells it from others, and the time it tells
// of.
func (t *timeline) mark(m *statement, ticked bool) {
	switch second := m.clock.Time.Unix(); {
	case !m.clockOK && t.known && m.origin.SameStream(t.last.origin):
		return
	case !m.clockOK:
	case ticked && len(t.told) > 0:
		t.told.extend(second)
	default:
		t.told.begin(second)
		ticked = false
	}
	t.recent[t.at%len(t.recent)] = m.mark()
	t.at++
	if ticked {
		return
	}
	t.begun = append(t.begun, m.mark())
	if len(t.begun) > maxStretches {
		t.begun = slices.Delete(t.begun, 0, 1)
	}
}

// raise keeps the highest value of each register.
func (t *timeline) raise(m *statement) {
	for i, c := range m.counters {
		high := find(t.highest, i, c.code)
		switch {
		case high == nil && len(t.highest) < maxCounters:
			t.highest = append(t.highest, c)
		case high != nil && above(c.value, high.value):
			high.value = c.value
		}
	}
}

// gainedWh returns the energy counted between two telegrams by the registers of
// kWh, in all directions and tariffs, in Wh; of a register that fell, none.
func gainedWh(was, is []counter) int64 {
	var sum int64
	for i := range is {
		old := find(was, i, is[i].code)
		if old == nil || is[i].unit != "kWh" {
			continue
		}
		if d, ok := minus(is[i].value, old.value); ok && d.Digits > 0 {
			if n, ok := wattHours(d); ok {
				sum = min(sum+n, 1<<40)
			}
		}
	}
	return sum
}

// wattHours returns kWh in whole Wh, false where that is no sensible number.
func wattHours(d telegram.Decimal) (int64, bool) {
	for ; d.Scale > 3; d.Scale-- {
		d.Digits /= 10
	}
	for ; d.Scale < 3; d.Scale++ {
		if d.Digits > 1<<40 {
			return 0, false
		}
		d.Digits *= 10
	}
	return d.Digits, d.Digits < 1<<40
}

// ticks reports whether the clock has gone on from the last telegram as it
// usually does: forward, and by no more than one and a half periods, or, while
// no period is known, by an hour at most.
func (t *timeline) ticks(m *statement) bool {
	if !t.known || !t.last.clockOK || !m.clockOK {
		return false
	}
	step := m.clock.Time.Sub(t.last.clock.Time)
	return step >= 0 && !t.over(step)
}

// over reports whether a time is so long that a telegram must be missing.
func (t *timeline) over(step time.Duration) bool {
	if p := t.period(); p > 0 {
		return 2*step > 3*p
	}
	return step > time.Hour
}
