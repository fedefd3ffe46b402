package expect

import (
	"math"
	"strings"
	"time"

	"p1/pkg/telegram"
)

// Kind of a field: how its value goes on.
type Kind int

const (
	Instant  Kind = iota // goes up and down: power, voltage
	Register             // never falls: energy, volume
	Clock                // the meter's clock: ticks
	Stamp                // another time stamp
	Word                 // letters and digits that are no number: names, identifiers; of prescribed shapes only
)

// Field is a value of digits in a shape's text, and how it has behaved.
type Field struct {
	Start, End int // of Text
	Kind       Kind

	seen    float64 // steps from one telegram to the next
	changed float64 // of these, steps that changed it
	size    float64 // sum of the sizes of those changes

	belief Belief // what is expected where no telegram has been seen; nil: any value
}

// Of returns the field's text in raw, a telegram of the same shape.
func (f *Field) Of(raw []byte) []byte { return raw[f.Start:f.End] }

// Value returns the field's text as a number: its digits without the point, or,
// of clocks, seconds. It is false for what is no number or time.
func (f *Field) Value(text []byte) (int64, bool) {
	switch f.Kind {
	case Clock, Stamp:
		return Seconds(text)
	case Word:
		return 0, true
	}
	n := int64(0)
	for _, c := range text {
		if telegram.IsDigit(c) {
			n = n*10 + int64(c-'0')
		} else if c != '.' {
			return 0, false
		}
	}
	return n, true
}

// noTime stands for the seconds of what is no time.
var noTime = time.Time{}.Unix()

// daysBefore are the days of a year before each month, without the leap day.
var daysBefore = [13]int64{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365}

// Seconds reads a clock as [telegram.ParseClock] does, in a tenth of the time:
// of a damaged clock hundreds of texts are weighed, most of them no time at all.
func Seconds(text []byte) (int64, bool) {
	offset := int64(0)
	switch {
	case len(text) == 13 && text[12]|0x20 == 's':
		offset = 7200
	case len(text) == 13 && text[12]|0x20 == 'w':
		offset = 3600
	case len(text) != 12:
		return noTime, false
	}
	var part [6]int64
	for i := range part {
		hi, lo := text[2*i]-'0', text[2*i+1]-'0'
		if hi > 9 || lo > 9 {
			return noTime, false
		}
		part[i] = int64(hi)*10 + int64(lo)
	}
	year, month, day := part[0], part[1], part[2] // since 2000; each fourth is a leap year
	if year >= 70 {
		year -= 100
	}
	if month < 1 || month > 12 || day < 1 || part[3] > 23 || part[4] > 59 || part[5] > 59 {
		return noTime, false
	}
	days, length := daysBefore[month-1], daysBefore[month]-daysBefore[month-1]
	switch {
	case year%4 == 0 && month == 2:
		length++
	case year%4 == 0 && month > 2:
		days++
	}
	if day > length {
		return noTime, false
	}
	const year2000 = 946684800
	days += 365*year + (year+103)/4 - 25 + day - 1 // rounded down, before 2000 too
	return year2000 + days*86400 + part[3]*3600 + part[4]*60 + part[5] - offset, true
}

// findFields returns the values of digits in a telegram.
func findFields(raw []byte) []Field {
	t := telegram.Parse(raw)
	var fields []Field
	for _, l := range t.Lines {
		if l.Code.End == 0 && len(l.Values) == 0 {
			continue
		}
		for _, v := range l.Values {
			if v.Text.Start < l.Start || v.Text.End > l.End {
				continue // of a line that continues this one: it comes by itself
			}
			start := v.Text.Start
			if start < v.Text.End && strings.IndexByte("+-", raw[start]) >= 0 {
				start++ // a field is digits, and the sign is text
			}
			if kind, ok := kindOf(string(l.Code.Of(raw)), string(v.Unit.Of(raw)), raw[start:v.Text.End]); ok {
				fields = append(fields, Field{Start: start, End: v.Text.End, Kind: kind})
			}
		}
	}
	return fields
}

// maxField is the longest value of digits; the message field may be longer.
const maxField = 16

func kindOf(code, unit string, text []byte) (Kind, bool) {
	if len(text) == 0 || len(text) > maxField {
		return 0, false
	}
	if n := len(text); n == 13 || n == 12 {
		if _, err := telegram.ParseClock(string(text)); err == nil {
			if code == telegram.ClockCode {
				return Clock, true
			}
			return Stamp, true
		}
	}
	digits, points := 0, 0
	for _, c := range text {
		switch {
		case telegram.IsDigit(c):
			digits++
		case c == '.':
			points++
		default:
			return 0, false
		}
	}
	if digits == 0 || points > 1 {
		return 0, false
	}
	switch unit {
	case "kWh", "Wh", "kvarh", "varh", "kVAh", "m3", "GJ", "MJ":
		return Register, true
	}
	return Instant, true
}

// step learns from the values of two telegrams that are k steps apart.
func (f *Field) step(from, to int64, k float64) {
	const most = 2000 // what lies further back counts less
	if f.seen > most {
		f.seen /= 2
		f.changed /= 2
		f.size /= 2
	}
	f.seen += k
	if from == to {
		return
	}
	f.changed++
	size := math.Abs(float64(to - from))
	if k != 1 {
		size /= k
	}
	f.size += size
}

// changeRate is how likely the value changes in k steps. However many these are,
// it may have stood still: what changed with each step by night (the import of a
// house) stands still all day once the sun shines.
func (f *Field) changeRate(k float64) float64 {
	const most = 0.98
	p := (f.changed + 0.3) / (f.seen + 1)
	return math.Min(1-math.Pow(1-math.Min(p, most), k), most)
}

// meanStep is the mean size of a change, in units of the last digit.
func (f *Field) meanStep() float64 { return (f.size + 10) / (f.changed + 1) }

// Impossible is the cost of a value that contradicts what is known, such as a
// register that falls. It is high, not infinite: meters are replaced.
const Impossible = 25

// trend is what a field does in a number of steps, worked out once for many
// values.
type trend struct {
	kind    Kind
	stays   float64 // cost of no change
	changes float64 // cost of any change
	mean    float64 // mean size of a change
	steps   float64
	period  int64
	far     bool // nobody knows how many steps: these are the most that count
	new     bool // it has never changed, so that nothing is known of how large its changes are
}

func (f *Field) trend(steps float64, period int64) trend {
	p := f.changeRate(steps)
	t := trend{kind: f.Kind, stays: -math.Log(1 - p), changes: -math.Log(p), steps: steps, period: period, new: f.changed == 0}
	t.mean = math.Max(1, f.meanStep())
	if f.Kind == Register {
		t.mean = math.Max(1, f.meanStep()*steps)
	}
	return t
}

// cost is −ln of the probability that the value goes from a to b, or anything
// above most where it is above.
func (t *trend) cost(a, b int64, most float64) float64 {
	d := b - a
	switch {
	case t.far:
		return t.unknown(d)
	case t.kind == Clock:
		return t.clock(d)
	case d == 0:
		return t.stays
	case t.kind == Instant:
		return t.changes + minusLog(t.instant(math.Abs(float64(d))), most-t.changes)
	case d < 0:
		return Impossible
	case t.kind == Register:
		return t.changes + minusLog(t.register(float64(d)), most-t.changes)
	}
	return t.changes + stamp(d)
}

// unknown is the cost of a change by d in nobody knows how many steps. What goes
// on may have done so by any order of magnitude.
func (t *trend) unknown(d int64) float64 {
	changed := 0.0
	switch {
	case t.kind == Instant:
		changed = t.changes - math.Log(t.instant(math.Abs(float64(d))))
	case d < 0, d == 0 && t.kind == Clock:
		return Impossible
	case t.kind == Register:
		changed = t.changes + math.Log(float64(d)+t.mean)
	case t.kind == Stamp:
		changed = t.changes + stamp(d)
	case t.period == 0:
		return 3 + math.Log(float64(d))
	case d%t.period != 0:
		return 10 + math.Min(10, math.Log(float64(d)))
	default:
		return math.Log(float64(d / t.period))
	}
	if d == 0 {
		return math.Min(t.stays, changed) // it may well have come back, or be read again
	}
	return changed
}

// negligible is how many times the mean a change is from where on the usual
// changes add nothing to the probability of the rare ones, to the last bit.
const negligible = 60

// minusLog returns −ln p, or infinity where that is above most for sure: p's
// binary exponent tells most of the time, and takes no logarithm.
func minusLog(p, most float64) float64 {
	const rounding = 1e-6
	if _, e := math.Frexp(p); -float64(e)*math.Ln2 > most+rounding {
		return math.Inf(1)
	}
	return -math.Log(p)
}

// register is the probability of a register's growth by d.
func (t *trend) register(d float64) float64 {
	usual := 0.0
	if x := (d - 1) / t.mean; x < negligible {
		usual = math.Exp(-x) / t.mean
	}
	if t.new { // some meters count whole kWh, and write three zeros behind the point
		const orders = 21 // Σ 1/d of all changes
		return 0.9*usual + 0.1/(orders*d)
	}
	rare := t.mean / ((d + t.mean) * (d + t.mean))
	return 0.9*usual + 0.1*rare
}

// instant is the probability of a change by d in either direction; any order of
// magnitude may come up.
func (t *trend) instant(d float64) float64 {
	usual := 0.0
	if x := d / t.mean; x < negligible {
		usual = math.Exp(-x) / (2 * t.mean)
	}
	rare := 1 / (2 * (d + 1) * 12)
	return 0.8*usual + 0.2*rare
}

// stamp is the cost of a time stamp that moves on by d seconds: M-Bus devices
// are read each five minutes, or each hour.
func stamp(d int64) float64 {
	if d%300 != 0 {
		return 8
	}
	return math.Log(float64(d/300) + 1)
}

// clock is the cost of a clock that goes on by d seconds.
func (t *trend) clock(d int64) float64 {
	switch {
	case d <= 0:
		return Impossible
	case t.period == 0:
		return 3 + math.Log(float64(d))
	case d%t.period != 0:
		return 10 + math.Min(10, math.Log(float64(d)))
	}
	off := math.Abs(float64(d/t.period) - t.steps)
	if off == 0 {
		return 0.05
	}
	return 3 + math.Log(off) // records were lost between the two, or split
}
