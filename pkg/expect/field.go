package expect

import (
	"math"

	"p1/pkg/telegram"
)

// Kind of a field: how its value goes on.
type Kind int

const (
	Instant  Kind = iota // goes up and down: power, voltage
	Register             // never falls: energy, volume
	Clock                // the meter's clock: ticks
	Stamp                // another time stamp
)

// Field is a value of digits in a shape's text, and how it has behaved.
type Field struct {
	Start, End int // of Text
	Kind       Kind

	seen    float64 // steps from one telegram to the next
	changed float64 // of these, steps that changed it
	size    float64 // sum of the sizes of those changes
}

// Of returns the field's text in raw, a telegram of the same shape.
func (f *Field) Of(raw []byte) []byte { return raw[f.Start:f.End] }

// Value returns the field's text as a number: its digits without the point, or,
// of clocks, seconds. It is false for what is no number or time.
func (f *Field) Value(text []byte) (int64, bool) {
	if f.Kind == Clock || f.Kind == Stamp {
		c, err := telegram.ParseClock(string(text))
		return c.Time.Unix(), err == nil
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
			if kind, ok := kindOf(string(l.Code.Of(raw)), string(v.Unit.Of(raw)), v.Text.Of(raw)); ok {
				fields = append(fields, Field{Start: v.Text.Start, End: v.Text.End, Kind: kind})
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
	if from != to {
		f.changed++
		f.size += math.Abs(float64(to-from)) / k
	}
}

// changeRate is how likely the value changes in k steps.
func (f *Field) changeRate(k float64) float64 {
	p := (f.changed + 0.3) / (f.seen + 1)
	return 1 - math.Pow(1-math.Min(p, 0.97), k)
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
}

func (f *Field) trend(steps float64, period int64) trend {
	p := f.changeRate(steps)
	t := trend{kind: f.Kind, stays: -math.Log(1 - p), changes: -math.Log(p), steps: steps, period: period}
	t.mean = math.Max(1, f.meanStep())
	if f.Kind == Register {
		t.mean = math.Max(1, f.meanStep()*steps)
	}
	return t
}

// cost is −ln of the probability that the value goes from a to b.
func (t *trend) cost(a, b int64) float64 {
	d := b - a
	switch {
	case t.far:
		return t.unknown(d)
	case t.kind == Clock:
		return t.clock(d)
	case d == 0:
		return t.stays
	case t.kind == Instant:
		return t.changes + t.instant(math.Abs(float64(d)))
	case d < 0:
		return Impossible
	case t.kind == Register:
		return t.changes + t.register(float64(d))
	}
	return t.changes + stamp(d)
}

// unknown is the cost of a change by d in nobody knows how many steps. What goes
// on may have done so by any order of magnitude.
func (t *trend) unknown(d int64) float64 {
	changed := 0.0
	switch {
	case t.kind == Instant:
		changed = t.changes + t.instant(math.Abs(float64(d)))
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

// register is the cost of a register's growth by d.
func (t *trend) register(d float64) float64 {
	usual := math.Exp(-(d-1)/t.mean) / t.mean
	rare := t.mean / ((d + t.mean) * (d + t.mean))
	return -math.Log(0.9*usual + 0.1*rare)
}

// instant is the cost of a change by d in either direction; any order of
// magnitude may come up.
func (t *trend) instant(d float64) float64 {
	usual := math.Exp(-d/t.mean) / (2 * t.mean)
	rare := 1 / (2 * (d + 1) * 12)
	return -math.Log(0.8*usual + 0.2*rare)
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
