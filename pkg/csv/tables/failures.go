package tables

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// failureTable makes the rows of the table failures: one for each entry of a meter's
// log of long power failures, which every telegram repeats.
//
//	1-0:99.97.0(2)(0-0:96.7.19)(101208152415W)(0000000240*s)(101208151004W)(0000000301*s)␍␊
//	            count           end            duration      end            duration
//
// (P1 companion standard 5.0.2 §6.12.) Short failures are only counted by the
// meter, in 0-0:96.7.21, and have no row.
type failureTable struct {
	*sheet
	o      Options
	clocks timekeeper
	parser parser
	meters perMeter[knownFailures]
}

// knownFailures are those of a meter that have been written, as they were sent.
type knownFailures struct {
	log  seenLine
	list []string
}

// maxFailures is how many failures of a meter are remembered; the standard's log
// has ten.
const maxFailures = 256

// failureCode is the OBIS code of the log.
const failureCode = "1-0:99.97.0"

func newFailures(w io.Writer, o Options) (*failureTable, error) {
	t := &failureTable{o: o, clocks: timekeeper{zone: o.Zone}}
	var err error
	t.sheet, err = newSheet(w, o, []column{
		{name: "time", kind: timeKind, role: stampRole},
		{name: offsetName, kind: offsetKind},
		{name: "meter", role: tagRole},
		{name: "start", kind: timeKind},
		{name: "duration_s", kind: numberKind, unit: "s"},
		{name: "note"},
		{name: "status", role: tagRole},
		{name: "confidence", kind: numberKind},
	})
	return t, err
}

func (t *failureTable) take(from *record.Telegram) error {
	if !t.o.comparable(from) {
		return nil
	}
	now := t.parser.moment(from, &t.clocks)
	known := t.meters.of(now.meter)
	if !known.log.changed(now.said, failureCode) {
		return nil
	}
	log, said, whole := now.said.Failures()
	note := ""
	if !whole {
		note = disagreement(len(log), said)
	}
	slices.SortStableFunc(log, func(a, b telegram.Failure) int { return a.End.Time.Compare(b.End.Time) })
	for _, f := range log {
		if !known.learn(f.EndText + " " + f.DurationText) {
			continue
		}
		if err := t.addRow(&now, f, notes(note, unset(&f), now.ahead(f.End, f.EndOK))); err != nil {
			return err
		}
	}
	return nil
}

func (t *failureTable) addRow(now *moment, f telegram.Failure, note string) error {
	end, _ := now.timeIn(t.o.Zone, f.End)
	offset, start := value{}, value{}
	if f.EndOK {
		offset = offsetValue(end)
	}
	known := f.OK && !f.Unset()
	if seconds, ok := wholeSeconds(f.Duration); ok && known && f.EndOK && !f.End.IsReset() {
		start = clockValue(t.o.before(end, seconds), true)
	}
	return t.add(clockValue(end, f.EndOK), offset, meterValue(now.meter), start, numberOr(f.Duration, known), textValue(note),
		textValue(string(now.from.Status)), confidenceValue(now.from))
}

// unset says what of a failure the meter did not know: a clock that shows 2000, or the
// highest number of seconds there is. Then no time can be computed from it.
//
//	(000101000001W)(2147483647*s)
func unset(f *telegram.Failure) string {
	switch clock := f.EndOK && f.End.IsReset(); {
	case clock && f.Unset():
		return "clock and duration not set"
	case clock:
		return "clock not set"
	case f.Unset():
		return "duration not set"
	}
	return ""
}

// notes are those that are there.
func notes(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(n string) bool { return n == "" }), "; ")
}

// before returns the time that lies a duration before another, with the offset
// that the zone of the table had then; without a zone, with the same offset.
func (o *Options) before(c telegram.Clock, d time.Duration) telegram.Clock {
	c.Time = c.Time.Add(-d)
	if o.Zone != nil && c.Season != 0 {
		c.Time = c.Time.In(o.Zone)
	}
	return c
}

// wholeSeconds returns a number of seconds as a duration, false for one that no
// power failure lasts.
func wholeSeconds(d telegram.Decimal) (time.Duration, bool) {
	const most = 100 * 365 * 86400
	if d.Scale != 0 || d.Digits < 0 || d.Digits > most {
		return 0, false
	}
	return time.Duration(d.Digits) * time.Second, true
}

// disagreement says how a log differs from the meter's count of its entries.
func disagreement(entries, said int) string {
	if said < 0 {
		return "the log has no count"
	}
	if entries == said {
		return "an entry of the log cannot be read"
	}
	return fmt.Sprintf("the log says %d entries and has %d", said, entries)
}

// learn reports whether a failure is new, and remembers it.
func (k *knownFailures) learn(f string) bool {
	if slices.Contains(k.list, f) {
		return false
	}
	if len(k.list) == maxFailures {
		k.list = slices.Delete(k.list, 0, 1)
	}
	k.list = append(k.list, f)
	return true
}
