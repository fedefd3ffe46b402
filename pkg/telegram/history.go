package telegram

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"
)

// historyCode is the line that Belgium and Hungary use in ways of their own: it
// is Belgian where a number and codes come first, Hungarian where a time does.
//
//	0-0:98.1.0(2)(1-0:1.6.0)(1-0:1.6.0)(230201000000W)(230117224500W)(04.329*kW)(230301000000W)(230202001500W)(04.529*kW)
//	           │  └──────┬───────────┘  └─────┬──────┘└──────┬──────┘└────┬────┘
//	       entries   their codes         end of month    when it was     peak
//	0-0:98.1.0(230801000000S)(007823.105*kWh)…(07.890*kW)…
//	           └─────┬─────┘  └──────────┬────────────┘
//	          end of month     as in monthEndCodes
const historyCode = "0-0:98.1.0"

// Peak is the highest mean power of a month, by a Belgian meter (e-MUCS P1 2.1.1).
type Peak struct {
	Code       string // what was measured: 1-0:1.6.0
	Period     Clock  // the end of its month; of the current month, not set
	PeriodText string // the same as sent, "" for the current month
	PeriodOK   bool   // Period can be read
	At         Clock  // when the peak was
	AtText     string
	AtOK       bool
	Value      Decimal
	Unit       string // as sent: kW; that of the code where none was
	Text       string // the value as sent
	OK         bool   // Value is a number
}

// Peaks returns the peaks of past months, 0-0:98.1.0, in the meter's order, and
// after them those of the current month, 1-0:1.6.0 and its like. Entries that are all
// empty are left out, and one that is cut short has what is there.
func (t *Telegram) Peaks() []Peak {
	var peaks []Peak
	values, _ := t.Find(historyCode)
	if code, entries, ok := t.pastPeaks(values); ok {
		for len(entries) > 0 {
			n := min(3, len(entries))
			p := Peak{Code: code}
			p.take(t, entries[:n], true)
			peaks = p.appendTo(peaks)
			entries = entries[n:]
		}
	}
	for i := range t.Lines {
		l := &t.Lines[i]
		if len(l.Values) == 0 || !bytes.Contains(l.Code.Of(t.Raw), []byte(".6.")) {
			continue // as nearly all are, and without a copy
		}
		if code := t.CodeOf(l); isPeak(code) {
			p := Peak{Code: code}
			p.take(t, l.Values, false)
			peaks = p.appendTo(peaks)
		}
	}
	return peaks
}

// pastPeaks tells the Belgian 0-0:98.1.0 from the Hungarian one by its form: after how
// many entries there are and the codes, either of which may be missing, each has two
// times and a value.
func (t *Telegram) pastPeaks(values []Value) (code string, entries []Value, ok bool) {
	if code = "1-0:1.6.0"; len(values) > 1 && !t.isTime(values, 0) && !t.isCode(values[0]) && (t.isCode(values[1]) || t.isTime(values, 1)) {
		values = values[1:]
	}
	for len(values) > 0 && t.isCode(values[0]) {
		code, values, ok = t.text(values[0]), values[1:], true
	}
	return code, values, ok || len(values) > 1 && t.isTime(values, 0) && t.isTime(values, 1)
}

// isPeak reports whether a code is of the highest mean of a power so far: 1-0:1.6.0.
func isPeak(code string) bool {
	o, ok := parseOBIS(code)
	if !ok || o[0] != 1 || o[3] != 6 || o[5] != 255 {
		return false
	}
	q, ok := quantityOf(o[2])
	return ok && q.class <= apparent
}

// take reads the values of a peak, told by their forms: the end of its month, where it
// is one of the past, when it was, and how high.
func (p *Peak) take(t *Telegram, values []Value, past bool) {
	var times []int
	for i, v := range values {
		switch text := t.text(v); {
		case t.isTime(values, i) || v.Unit.Start == v.Unit.End && len(text) >= len("YYMMDDhhmmss"):
			times = append(times, i)
		case text != "" && p.Text == "":
			p.Text = text
			p.Value, p.Unit, p.OK = parseMeasure(text, string(v.Unit.Of(t.Raw)))
			if p.Unit == "" {
				p.Unit = Lookup(p.Code).Unit
			}
		}
	}
	if past && len(times) > 0 && (len(times) > 1 || times[0] == 0) {
		p.PeriodText = t.text(values[times[0]])
		p.Period, p.PeriodOK = clockOf(p.PeriodText)
		times = times[1:]
	}
	if len(times) > 0 {
		p.AtText = t.text(values[times[0]])
		p.At, p.AtOK = clockOf(p.AtText)
	}
}

// appendTo appends the peak, but not an empty one.
func (p Peak) appendTo(peaks []Peak) []Peak {
	if p.PeriodText == "" && p.AtText == "" && p.Text == "" {
		return peaks
	}
	return append(peaks, p)
}

// text is the text of a value.
func (t *Telegram) text(v Value) string { return string(v.Text.Of(t.Raw)) }

// isCode reports whether a value is an OBIS code.
func (t *Telegram) isCode(v Value) bool {
	n := v.Text.End - v.Text.Start
	return n > 0 && n <= maxCode && CodeLen([]byte(t.text(v)+"(")) == n
}

// maxCode is the length of the longest OBIS code.
const maxCode = len("123-123:123.123.123*123")

// MonthEnd is what a Hungarian meter keeps of the last month.
type MonthEnd struct {
	At      Clock
	AtText  string // the same as sent
	AtOK    bool   // At can be read
	Entries []Entry
}

// Entry is one value of a [MonthEnd].
type Entry struct {
	Code  string // 1-0:1.8.0: the register at the month's end; "" where the order is not the known one
	Name  string // month_end_import; without a code its place, month_end_20
	Unit  string
	Value Decimal
	Text  string // as sent
	OK    bool   // Value is a number
}

// Column is the entry's name with its unit: month_end_import_kwh.
func (e Entry) Column() string { return Meaning{Name: e.Name, Unit: e.Unit}.Column() }

// monthEndCodes is the order of the values: the registers, then the highest demand
// of the month, in all and for the tariffs 1 and 2.
var monthEndCodes = []string{
	"1-0:1.8.0", "1-0:1.8.1", "1-0:1.8.2", "1-0:2.8.0", "1-0:2.8.1", "1-0:2.8.2",
	"1-0:3.8.0", "1-0:4.8.0", "1-0:5.8.0", "1-0:6.8.0", "1-0:7.8.0", "1-0:8.8.0", "1-0:15.8.0",
	"1-0:1.6.0", "1-0:1.6.1", "1-0:1.6.2", "1-0:2.6.0", "1-0:2.6.1", "1-0:2.6.2",
}

// MonthEnd returns the values of the Hungarian 0-0:98.1.0, of several months the last
// one's; false where the telegram has none.
func (t *Telegram) MonthEnd() (MonthEnd, bool) {
	all := t.MonthEnds()
	if len(all) == 0 {
		return MonthEnd{}, false
	}
	return slices.MaxFunc(all, func(a, b MonthEnd) int { return a.At.Time.Compare(b.At.Time) }), true
}

// MonthEnds returns the values of the Hungarian 0-0:98.1.0 of each month. A time before
// one number is that of a peak, and belongs to no entry. Where a unit is not the one that
// belongs to its place, the order is another one, and all values are named by their places.
func (t *Telegram) MonthEnds() []MonthEnd {
	values, _ := t.Find(historyCode)
	if _, _, belgian := t.pastPeaks(values); belgian || len(values) < 2 {
		return nil
	}
	if first := t.text(values[0]); !t.isTime(values, 0) && len(first) < len("YYMMDDhhmmss") {
		return nil
	}
	var all []MonthEnd
	begin := 0
	for i := 1; i <= len(values); i++ {
		if i == len(values) || t.isTime(values, i) && i+2 < len(values) && !t.isTime(values, i+1) && !t.isTime(values, i+2) {
			all = append(all, t.monthEnd(values[begin:i]))
			begin = i
		}
	}
	return all
}

// monthEnd reads the values of one month.
func (t *Telegram) monthEnd(values []Value) MonthEnd {
	m := MonthEnd{AtText: t.text(values[0])}
	m.At, m.AtOK = clockOf(m.AtText)
	known := true
	for i := 1; i < len(values); i++ {
		if t.isTime(values, i) {
			continue
		}
		place := len(m.Entries)
		e := Entry{Text: t.text(values[i]), Name: "month_end_" + strconv.Itoa(place+1)}
		e.Value, e.Unit, e.OK = parseMeasure(e.Text, string(values[i].Unit.Of(t.Raw)))
		if place < len(monthEndCodes) {
			want := Lookup(monthEndCodes[place]).Unit
			if e.Unit == "" {
				e.Unit = want
			}
			converted, ok := Convert(e.Value, e.Unit, want)
			if known = known && ok; ok {
				e.Value, e.Unit = converted, want
			}
		}
		m.Entries = append(m.Entries, e)
	}
	for i := range m.Entries {
		if e := &m.Entries[i]; known && i < len(monthEndCodes) {
			e.Code = monthEndCodes[i]
			e.Name = "month_end_" + Lookup(e.Code).Name
		}
	}
	return m
}

// failureLogCode is the log of long power failures (P1 companion standard 5.0.2
// §6.12): how many, the code of their durations, then when each ended and how long
// it lasted.
//
//	1-0:99.97.0(2)(0-0:96.7.19)(211018104823S)(0000005521*s)(201108115904W)(0000004211*s)
//	            │  └────┬────┘  └─────┬─────┘  └─────┬─────┘
//	         entries   code          end          duration
//
// Odd ones: an empty log is (0)(0-0:96.7.19), (0)() or ().
const failureLogCode = "1-0:99.97.0"

// Failure is a long power failure.
type Failure struct {
	End          Clock
	EndText      string
	EndOK        bool
	Duration     Decimal // in seconds
	DurationText string
	OK           bool // Duration is a number of seconds
}

// Unset reports whether the duration is the highest number there is, 68 years or more,
// which a meter that does not know it sends, or below 0.
func (f *Failure) Unset() bool {
	return f.OK && f.Duration.Scale == 0 && (f.Duration.Digits >= math.MaxInt32 || f.Duration.Digits < 0)
}

// Failures returns the log of long power failures, 1-0:99.97.0, how many of them
// the meter says there are (-1 where it does not say), and whether nothing is
// missing: the two agree, and every entry can be read. Without such a line:
// nothing, -1, false.
func (t *Telegram) Failures() (log []Failure, said int, whole bool) {
	values, ok := t.Find(failureLogCode)
	if !ok {
		return nil, -1, false
	}
	said = -1
	if len(values) > 0 {
		if n, err := strconv.ParseUint(strings.TrimSpace(t.text(values[0])), 10, 16); err == nil && len(t.text(values[0])) < len("YYMMDDhhmmss") {
			said, values = int(n), values[1:]
		}
	}
	for len(values) > 0 && strings.Contains(t.text(values[0]), ":") {
		values = values[1:] // the code; some write it short, 0:96.7.19
	}
	whole = true
	for len(values) > 0 {
		pair := slices.Clone(values[:min(2, len(values))])
		values = values[len(pair):]
		if len(pair) > 1 && t.isTime(pair, 1) && !t.isTime(pair, 0) {
			slices.Reverse(pair)
		}
		f := Failure{EndText: t.text(pair[0])}
		f.End, f.EndOK = clockOf(f.EndText)
		if len(pair) > 1 {
			f.DurationText = t.text(pair[1])
			f.Duration, f.OK = t.secondsOf(pair[1])
		}
		if f.EndText == "" && f.DurationText == "" {
			continue
		}
		whole = whole && f.EndOK && f.OK
		log = append(log, f)
	}
	return log, said, whole && (said == len(log) || said < 0 && len(log) == 0)
}

// secondsOf reads a duration, which is in seconds where no unit is said.
func (t *Telegram) secondsOf(v Value) (Decimal, bool) {
	d, unit, ok := parseMeasure(t.text(v), string(v.Unit.Of(t.Raw)))
	return d, ok && (unit == "s" || unit == "")
}
