package tables

import (
	"fmt"
	"io"
	"slices"
	"time"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// eventTable makes the rows of the table events: what happened to a meter or to its
// log, each at the telegram that shows it.
//
//	gap             telegrams are missing: the clock went on by more than it usually does, or p1cat said so
//	duplicate       telegrams that were there before: a log is read twice
//	clock_jump      the clock went back, or on without anything else going on, or is not the host's
//	tariff          0-0:96.14.0 changed
//	meter_replaced  a source tells of a meter that is new
//	device_replaced an M-Bus channel tells of a device that is new
//	register_fell   a register that never falls did
//
// Telegrams that are not valid, or suspect, are not looked at: they are missing,
// if the clock says so.
type eventTable struct {
	*sheet
	o       Options
	clocks  timekeeper
	parser  parser
	words   dictionary
	meters  perMeter[meterState]
	sources perMeter[place]
	cut     *cut // a gap that was said, and waits for the telegram after it
}

// The events.
const (
	gapEvent      = "gap"
	repeatEvent   = "duplicate"
	jumpEvent     = "clock_jump"
	tariffEvent   = "tariff"
	meterEvent    = "meter_replaced"
	deviceEvent   = "device_replaced"
	registerEvent = "register_fell"
)

// meterState is what is known of a meter.
type meterState struct {
	timeline timeline
	tariff   string
	channels channels
	astray   bool     // its clock is not the host's, and that was said
	repeated []repeat // copies of telegrams that are being told again
}

// repeat is a copy of a stream: telegrams that were told before, in their order. They
// may come one by one among those that are new.
type repeat struct {
	first, last occasion
	count       int64
	news        int // telegrams since the last one that were new
}

// maxCopies is how many copies are told apart that go on side by side.
const maxCopies = 16

// patience is how many new telegrams end a copy.
const patience = 60

// occasion is where an event is seen.
type occasion struct {
	clock  telegram.Clock
	known  bool  // clock can be read
	host   value // when it came in
	meter  string
	origin record.Origin
}

// cut is a gap that p1cat said, and where.
type cut struct {
	origin record.Origin
	host   value
	why    string
}

// event is what a row says of an event.
type event struct {
	name, code    string
	before, after value
	count         int64 // telegrams, 0 where not known
	note          string
}

func newEvents(w io.Writer, o Options) (*eventTable, error) {
	t := &eventTable{o: o, clocks: timekeeper{zone: o.Zone}, words: dictionary{}}
	// An error in what these write comes again with the next row.
	t.meters.forget = func(l *meterState) { t.endRepeats(l, 0) }
	t.sources.forget = func(p *place) { t.endNewcomer(p) }
	var err error
	t.sheet, err = newSheet(w, o, []column{
		{name: "time", kind: timeKind, role: stampRole},
		{name: offsetName, kind: offsetKind},
		{name: "host_time", kind: timeKind, role: hostRole},
		{name: "meter", role: tagRole},
		{name: "event", role: tagRole},
		{name: "code", role: tagRole},
		{name: "before", mixed: true},
		{name: "after", mixed: true},
		{name: "count", kind: numberKind},
		{name: "note"},
		{name: "source", role: tagRole},
		{name: "offset", kind: numberKind},
	})
	return t, err
}

func (t *eventTable) row(at occasion, e event) error {
	return t.add(at.time(), offsetValue(at.clock), at.host, meterValue(at.meter), textValue(e.name), textValue(e.code),
		e.before, e.after, numberOr(telegram.Decimal{Digits: e.count}, e.count > 0), textValue(e.note),
		textValue(at.origin.Source), countValue(at.origin.Offset))
}

// time is when it was, by the meter's clock.
func (s *occasion) time() value { return clockValue(s.clock, s.known) }

func (t *eventTable) take(from *record.Telegram) error {
	if !t.o.comparable(from) {
		return nil
	}
	m := t.parser.moment(withClock(from), &t.clocks)
	l := t.meters.of(m.meter)
	now := state(m, t.words)
	at := occasion{now.clock, now.clockOK, now.hostTime(), now.meter, from.Origin}
	repeats := l.timeline.repeats(now)
	if err := t.moved(at, now, repeats); err != nil {
		return err
	}
	if repeats {
		l.repeat(at)
		return t.sayCut(at, l, false)
	}
	for i := range l.repeated {
		l.repeated[i].news++
	}
	if err := t.endRepeats(l, patience); err != nil {
		return err
	}
	return t.compare(at, l, now)
}

// withClock is a telegram whose clock counts though it is doubted: that it jumps is an event.
func withClock(from *record.Telegram) *record.Telegram {
	doubts := func(d record.Doubt) bool { return d.Code == telegram.ClockCode }
	if !slices.ContainsFunc(from.Doubted, doubts) {
		return from
	}
	c := *from
	c.Doubted = slices.DeleteFunc(slices.Clone(from.Doubted), doubts)
	return &c
}

// compare tells what has changed from a meter's last telegram to this one.
func (t *eventTable) compare(at occasion, l *meterState, now *statement) error {
	line := &l.timeline
	step := t.judge(l, now)
	if step.name == gapEvent && t.cut != nil && t.cut.origin.Source == at.origin.Source {
		step.note, t.cut = t.cut.why, nil
	}
	if err := t.sayCut(at, l, true); err != nil {
		return err
	}
	if step.name != "" {
		if err := t.row(at, step); err != nil {
			return err
		}
	}
	if err := t.compareHost(at, l, now, step.name == jumpEvent); err != nil {
		return err
	}
	earlier := step.note == noteEarlier
	if err := t.compareTariff(at, l, now, earlier); err != nil {
		return err
	}
	if err := t.compareRegisters(at, line, now, earlier); err != nil {
		return err
	}
	if err := t.compareDevices(at, l, now, earlier); err != nil {
		return err
	}
	line.advance(now, line.ticks(now))
	return nil
}

// repeat counts a telegram that was told before, in the copy that it carries on: one
// whose last telegram was an earlier one.
func (l *meterState) repeat(at occasion) {
	i := slices.IndexFunc(l.repeated, func(r repeat) bool {
		return !at.known || !r.last.known || r.last.clock.Time.Before(at.clock.Time)
	})
	switch {
	case i < 0 && len(l.repeated) == maxCopies:
		i = maxCopies - 1
	case i < 0:
		i = len(l.repeated)
		l.repeated = append(l.repeated, repeat{first: at})
	}
	r := &l.repeated[i]
	r.last, r.news = at, 0
	r.count++
}

// endRepeats makes the rows of the copies that so many new telegrams have ended.
func (t *eventTable) endRepeats(l *meterState, news int) error {
	for _, r := range l.repeated {
		if r.news < news {
			continue
		}
		if err := t.row(r.first, event{name: repeatEvent, before: r.first.time(), after: r.last.time(), count: r.count}); err != nil {
			return err
		}
	}
	l.repeated = slices.DeleteFunc(l.repeated, func(r repeat) bool { return r.news >= news })
	return nil
}

// compareTariff tells of another tariff. An earlier telegram only says where to
// go on from.
func (t *eventTable) compareTariff(at occasion, l *meterState, now *statement, earlier bool) error {
	text, ok := now.said.Text(tariffCode)
	tariff := latin1(text)
	if !ok || tariff == "" || tariff == l.tariff || len(tariff) > maxTariff {
		return nil
	}
	before := l.tariff
	l.tariff = tariff
	if before == "" || earlier {
		return nil
	}
	return t.row(at, event{name: tariffEvent, code: tariffCode, before: textValue(before), after: textValue(tariff)})
}

// tariffCode is the OBIS code of the tariff in force.
const tariffCode = "0-0:96.14.0"

// maxTariff is how long the name of a tariff may be.
const maxTariff = 64

// compareRegisters tells of registers that fell.
func (t *eventTable) compareRegisters(at occasion, line *timeline, now *statement, earlier bool) error {
	if earlier {
		return nil
	}
	for i, c := range now.counters {
		old := find(line.last.counters, i, c.code)
		if old == nil || !above(old.value, c.value) {
			continue
		}
		err := t.row(at, event{name: registerEvent, code: c.code,
			before: t.amount(old.value, old.unit), after: t.amount(c.value, c.unit)})
		if err != nil {
			return err
		}
	}
	return nil
}

// amount is a number with its unit, in words: the column holds texts too.
func (t *eventTable) amount(d telegram.Decimal, unit string) value {
	d, ok := t.o.inUnits(d, unit)
	if !ok {
		return value{}
	}
	text := d.String()
	if unit = t.o.shown(unit); unit != "" {
		text += " " + latin1(unit)
	}
	return textValue(text)
}

// compareDevices tells of devices that are others than before, and of readings
// that fell.
func (t *eventTable) compareDevices(at occasion, l *meterState, now *statement, earlier bool) error {
	for _, d := range now.said.Devices() {
		c := l.channels.of(d.Channel)
		if !d.OK || len(d.ID) > maxID {
			continue
		}
		n := c.take(t.o.report(&now.moment, &d, d.Value))
		e := event{name: registerEvent, code: d.Code, before: t.amount(n.last, d.Unit), after: t.amount(d.Value, d.Unit)}
		if n.replaced {
			e = event{name: deviceEvent, code: fmt.Sprintf("0-%d:96.1.0", d.Channel), before: textValue(n.before), after: textValue(latin1(d.ID))}
		}
		if !n.replaced && !n.fell || earlier {
			continue
		}
		if err := t.row(at, e); err != nil {
			return err
		}
	}
	return nil
}

// maxID is how long an identifier may be that is remembered; those of M-Bus
// devices have 17 or 34 characters.
const maxID = 256

// takeGap keeps a gap that p1cat says until the telegram after it.
func (t *eventTable) takeGap(g *record.Gap) error {
	if err := t.endCut(); err != nil {
		return err
	}
	t.cut = &cut{origin: g.Origin, why: g.Why}
	if g.Time != "" {
		at, _ := time.Parse(time.RFC3339, g.Time)
		t.cut.host = value{form: clockForm, clock: telegram.Clock{Time: at}, text: g.Time}
	}
	return nil
}

// sayCut makes the row of the gap that p1cat said before a telegram: without a
// count, since the clock does not show that any telegram is missing. Where a
// capture begins with a meter that was not there before, nothing is.
func (t *eventTable) sayCut(at occasion, l *meterState, fresh bool) error {
	c := t.cut
	if c == nil {
		return nil
	}
	if c.origin.Source != at.origin.Source {
		return t.endCut()
	}
	t.cut = nil
	if fresh && !l.timeline.known && c.why == record.GapStart {
		return nil
	}
	before := clockValue(l.timeline.last.clock, l.timeline.known && l.timeline.last.clockOK)
	return t.row(at, event{name: gapEvent, before: before, after: at.time(), note: c.why})
}

// endCut makes the row of a gap that no telegram followed.
func (t *eventTable) endCut() error {
	c := t.cut
	if c == nil {
		return nil
	}
	t.cut = nil
	if c.why == record.GapStart {
		return nil
	}
	return t.row(occasion{origin: c.origin, host: c.host}, event{name: gapEvent, note: c.why})
}

// close tells what was waiting for more.
func (t *eventTable) close() error {
	if err := t.endCut(); err != nil {
		return err
	}
	for i := len(t.meters.kept) - 1; i >= 0; i-- {
		if err := t.endRepeats(&t.meters.kept[i].is, 0); err != nil {
			return err
		}
	}
	for i := len(t.sources.kept) - 1; i >= 0; i-- {
		if err := t.endNewcomer(&t.sources.kept[i].is); err != nil {
			return err
		}
	}
	return t.sheet.close()
}

// maxAstray is how far a meter's clock may be from the host's.
const maxAstray = time.Hour

// compareHost tells, once, that a clock is not the host's, unless a jump has
// just told so.
func (t *eventTable) compareHost(at occasion, l *meterState, now *statement, told bool) error {
	if now.host.IsZero() || !now.clockOK || now.clock.Season == 0 {
		return nil
	}
	off := now.clock.Time.Sub(now.host)
	if -maxAstray <= off && off <= maxAstray {
		l.astray = false
		return nil
	}
	if l.astray {
		return nil
	}
	l.astray = true
	if told {
		return nil
	}
	note := "behind the host"
	if off > 0 {
		note = "ahead of the host"
	}
	return t.row(at, event{name: jumpEvent, code: telegram.ClockCode, before: hostValue(now), after: clockValue(now.clock, true), note: note})
}

// hostValue is the host's time with the offset of the meter's.
func hostValue(now *statement) value {
	c := now.clock
	c.Time = now.host.In(now.clock.Time.Location())
	return clockValue(c, true)
}
