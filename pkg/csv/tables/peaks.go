package tables

import (
	"io"
	"slices"
	"strings"
	"time"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// peakTable makes the rows of the table peaks: the highest demand of each month, a
// row whenever one is new, has risen, or has become final with the month's end.
//
//	1-0:1.6.0(260318174500W)(04.329*kW)␍␊                       this month's, so far
//	0-0:98.1.0(1)(1-0:1.6.0)(1-0:1.6.0)(260301000000W)(260214181500W)(05.101*kW)␍␊
//	            codes of time and value  month's end    peak          value
//
// (Fluvius, e-MUCS-P1 1.7.1 §5.) Hungarian meters give the last month's, by
// tariff and direction, at the end of their 0-0:98.1.0 without the time of each.
type peakTable struct {
	*sheet
	o      Options
	clocks timekeeper
	parser parser
	meters perMeter[knownPeaks]
	odd    bool // a peak could not be used, and that was said
}

// knownPeaks are the peaks of a meter that have been written.
type knownPeaks struct {
	list   []knownPeak
	months seenLine // the values of past months
}

// maxPeaks is how many peaks of a meter are remembered: of three years, and of
// six registers.
const maxPeaks = 36 * 6

type knownPeak struct {
	month    string
	register string
	unit     string // one of peakUnits
	value    telegram.Decimal
	final    bool
}

// peakUnits are those of the peaks of a power: active, reactive and apparent, each with
// a column of its own.
var peakUnits = [...]string{"kW", "kvar", "kVA"}

// inPeakUnit writes a peak in the unit of its column; false where it is of no power.
func inPeakUnit(d telegram.Decimal, sent string) (value telegram.Decimal, unit string, ok bool) {
	for _, unit := range peakUnits {
		if value, ok := telegram.Convert(d, sent, unit); ok {
			return value, unit, true
		}
	}
	return d, "", false
}

// demand is the highest demand of a month as a telegram gives it.
type demand struct {
	knownPeak
	at, end     telegram.Clock
	atOK, endOK bool
}

func newPeaks(w io.Writer, o Options) (*peakTable, error) {
	t := &peakTable{o: o, clocks: timekeeper{zone: o.Zone}}
	var err error
	t.sheet, err = newSheet(w, o, []column{
		{name: "month"},
		{name: "register", role: tagRole},
		{name: "time", kind: timeKind, role: stampRole},
		{name: offsetName, kind: offsetKind},
		{name: o.named("peak", "kW"), kind: numberKind, unit: "kW", what: telegram.Instant},
		{name: "month_end", kind: timeKind, role: hostRole},
		{name: "meter", role: tagRole},
		{name: "status", role: tagRole},
		{name: "confidence", kind: numberKind},
		{name: o.named("peak", "kvar"), kind: numberKind, unit: "kvar", what: telegram.Instant},
		{name: o.named("peak", "kVA"), kind: numberKind, unit: "kVA", what: telegram.Instant},
	})
	return t, err
}

func (t *peakTable) take(from *record.Telegram) error {
	if !t.o.comparable(from) {
		return nil
	}
	now := t.parser.moment(from, &t.clocks)
	known := t.meters.of(now.meter)
	all := t.belgian(&now)
	if known.months.changed(now.said, monthEndCode) {
		all = append(all, t.hungarian(&now)...)
	}
	for _, d := range all {
		if !known.learn(d.knownPeak) {
			continue
		}
		var peak [len(peakUnits)]value
		for i, unit := range peakUnits {
			if unit == d.unit {
				peak[i] = numberOr(t.o.inUnits(d.value, unit))
			}
		}
		err := t.add(textValue(d.month), textValue(d.register), clockValue(d.at, d.atOK), offsetValue(d.at),
			peak[0], clockValue(d.end, d.endOK), meterValue(now.meter), textValue(string(from.Status)), confidenceValue(from),
			peak[1], peak[2])
		if err != nil {
			return err
		}
	}
	return nil
}

// belgian returns the peaks of 98.1.0 and 1.6.0 by month, the earliest first.
func (t *peakTable) belgian(now *moment) []demand {
	var all []demand
	for _, p := range now.said.Peaks() {
		d := demand{knownPeak: knownPeak{register: peakRegister(p.Code)}, atOK: p.AtOK}
		if p.Value.Digits == 0 && p.AtText != "" && !p.AtOK {
			continue // a placeholder
		}
		var ok bool
		if d.value, d.unit, ok = inPeakUnit(p.Value, p.Unit); !p.OK || !ok {
			if p.Text != "" {
				t.o.sayOdd(&t.odd, "the peak", p.Text, p.Unit, "under "+p.Code, "of a power")
			}
			continue
		}
		if p.AtOK {
			d.at, _ = now.timeIn(t.o.Zone, p.At)
		}
		switch {
		case p.PeriodOK:
			d.end, _ = now.timeIn(t.o.Zone, p.Period)
			d.endOK, d.final = true, true
			d.month = endedMonth(d.end)
		case p.PeriodText != "":
			continue // of a month that cannot be read
		case p.AtOK:
			if p.Value.Digits == 0 && beginsMonth(d.at) {
				continue // no quarter-hour of the month has ended yet
			}
			d.month = endedMonth(d.at)
		case now.clockOK:
			d.month = endedMonth(now.clock)
		default:
			continue
		}
		all = append(all, d)
	}
	slices.SortStableFunc(all, byMonth)
	return all
}

// hungarian returns the month's highest demands in the Hungarian 98.1.0.
func (t *peakTable) hungarian(now *moment) []demand {
	var all []demand
	for _, month := range now.said.MonthEnds() {
		if month.AtOK {
			all = append(all, t.ofMonth(now, month)...)
		}
	}
	return all
}

// ofMonth returns the highest demands of one month.
func (t *peakTable) ofMonth(now *moment, month telegram.MonthEnd) (all []demand) {
	end, _ := now.timeIn(t.o.Zone, month.At)
	for _, e := range month.Entries {
		value, unit, ok := inPeakUnit(e.Value, e.Unit)
		if !e.OK || !ok {
			continue
		}
		register := strings.TrimPrefix(e.Name, "month_end_") // its place, where the order is not known
		if e.Code != "" {
			register = peakRegister(e.Code)
		}
		all = append(all, demand{
			knownPeak: knownPeak{month: endedMonth(end), register: register, unit: unit, value: value, final: true},
			end:       end, endOK: true,
		})
	}
	return all
}

func byMonth(a, b demand) int {
	switch {
	case a.month < b.month:
		return -1
	case a.month > b.month:
		return 1
	}
	return 0
}

// endedMonth returns the month that a time belongs to as the end of something:
// the first moment of March still belongs to what was measured in February.
func endedMonth(c telegram.Clock) string {
	return c.Time.Add(-time.Second).Format("2006-01")
}

func beginsMonth(c telegram.Clock) bool {
	return c.Time.Day() == 1 && c.Time.Format("150405") == "000000"
}

// peakRegister names what a demand was measured of: import, export_t2, reactive_import.
func peakRegister(code string) string {
	return strings.Replace(telegram.Lookup(code).Name, "_max", "", 1)
}

// learn reports whether a peak is new, above what was known of its month, or
// final where that was not, and remembers it.
func (k *knownPeaks) learn(p knownPeak) bool {
	i := slices.IndexFunc(k.list, func(x knownPeak) bool { return x.month == p.month && x.register == p.register })
	if i < 0 {
		if len(k.list) == maxPeaks {
			k.list = slices.Delete(k.list, 0, 1)
		}
		k.list = append(k.list, p)
		return true
	}
	old := &k.list[i]
	switch {
	case old.final && !p.final, // an older log, read once more
		old.final == p.final && !above(p.value, old.value):
		return false
	}
	*old = p
	return true
}
