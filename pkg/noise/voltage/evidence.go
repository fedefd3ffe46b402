package voltage

import (
	"cmp"
	"fmt"
	"slices"

	"p1/pkg/display"
	"p1/pkg/telegram"
)

// Volts is a voltage with the decimals that it was written with, or, of a mean,
// with two.
type Volts struct{ telegram.Decimal }

// MarshalJSON writes the decimal text as a JSON number.
func (v Volts) MarshalJSON() ([]byte, error) { return v.Append(nil), nil }

// Moment is a time of the meter.
type Moment telegram.Clock

// String writes the time in RFC 3339, without an offset where the meter says none.
func (m Moment) String() string { return telegram.Clock(m).RFC3339() }

// Minute writes the time to the minute, with its offset where there is one.
func (m Moment) Minute() string { return m.Time.Format("2006-01-02 15:04") + m.Offset() }

// Offset is that from UTC, +02:00, or empty where the meter says none.
func (m Moment) Offset() string { return telegram.Clock(m).Offset() }

// MarshalText writes what String does.
func (m Moment) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// Evidence is what the telegrams say of the voltage. Whatever is called Above is
// above +10 % of the nominal voltage, Below is below −10 %, Lowest, which is among
// Below, is below −15 %.
type Evidence struct {
	Limits    Limits    `json:"limits_v"`
	Telegrams Telegrams `json:"telegrams"`
	Meters    []Meter   `json:"meters"`
}

// Limits are those that voltages are compared with.
type Limits struct {
	Nominal Volts `json:"nominal"`
	Above   Volts `json:"above"`
	Below   Volts `json:"below"`
	Lowest  Volts `json:"lowest"`
}

// Telegrams says what became of the telegrams; all others add up to Total.
type Telegrams struct {
	Total     int64 `json:"total"`
	OK        int64 `json:"ok"`         // used
	Repaired  int64 `json:"repaired"`   // used
	Salvaged  int64 `json:"salvaged"`   // used, where the lines are trusted
	Unchecked int64 `json:"unchecked"`  // used, but no CRC has verified them
	Damaged   int64 `json:"damaged"`    // neither repaired, nor are a voltage, the clock and whose it is trusted
	Suspect   int64 `json:"suspect"`    // the content contradicts what is known of the meter
	NoClock   int64 `json:"no_clock"`   // or one that was not set
	NoVoltage int64 `json:"no_voltage"` // none that can be read
	Repeated  int64 `json:"repeated"`   // of a time that other telegrams have told of before
	Twice     int64 `json:"twice"`      // of one that the meter's clock has shown twice: only highest and lowest values count
	Beyond    int64 `json:"beyond"`     // more meters or weeks than are kept
}

// Used is how many telegrams the evidence is made of.
func (t *Telegrams) Used() int64 { return t.OK + t.Repaired + t.Salvaged + t.Unchecked }

// Meter is the evidence of one meter.
type Meter struct {
	Name     string  `json:"meter"`
	From     Moment  `json:"from"` // the first and the last telegram used
	To       Moment  `json:"to"`
	HostTime bool    `json:"host_time"` // times are the host's, since the meter has no clock
	Phases   []Phase `json:"phases"`    // those that the meter speaks of
}

// Phase is the evidence of a phase. Where no voltage was there at any time, as on
// the unused phases of a meter, it is not Live.
type Phase struct {
	Name       string   `json:"phase"` // L1, L2, L3
	Live       bool     `json:"live"`
	Values     Values   `json:"values"`
	Decimals   int      `json:"decimals"`   // the most that a value has
	Unreadable int64    `json:"unreadable"` // values that are no voltage
	Highest    *Extreme `json:"highest,omitempty"`
	Lowest     *Extreme `json:"lowest,omitempty"` // interruptions left out
	Seconds    Seconds  `json:"seconds"`
	Means      Means    `json:"means"`
	MeanMax    *Extreme `json:"highest_mean,omitempty"` // with the beginning of its ten minutes
	MeanMin    *Extreme `json:"lowest_mean,omitempty"`
	Weeks      []Week   `json:"weeks"`
	Sliding    Sliding  `json:"sliding"`

	MeansAbove  Excursions `json:"means_above"`
	MeansBelow  Excursions `json:"means_below"`
	ValuesAbove Excursions `json:"values_above"`
	ValuesBelow Excursions `json:"values_below"`
}

// Values counts voltages as the meter sent them.
type Values struct {
	Total          int64 `json:"total"`
	Repaired       int64 `json:"repaired"`        // of telegrams that the line had damaged
	RepairedValues int64 `json:"repaired_values"` // of these, the voltage itself was damaged
	RepairedDigits int64 `json:"repaired_digits"` // in so many digits in all
	Unchecked      int64 `json:"unchecked"`       // no CRC has verified them
}

func (n *Values) add(v value) {
	n.Total++
	if v.unchecked {
		n.Unchecked++
	}
	if v.repaired {
		n.Repaired++
	}
	if v.digits > 0 {
		n.RepairedValues++
		n.RepairedDigits += int64(v.digits)
	}
}

// Seconds are times by the values: Above, Below and Lowest are parts of Covered.
type Seconds struct {
	Covered     int64 `json:"covered"` // interruptions left out
	Above       int64 `json:"above"`
	Below       int64 `json:"below"`
	Lowest      int64 `json:"lowest"`
	Interrupted int64 `json:"interrupted"` // below 5 % of the nominal voltage
}

func (s *Seconds) add(o Seconds) {
	s.Covered += o.Covered
	s.Above += o.Above
	s.Below += o.Below
	s.Lowest += o.Lowest
	s.Interrupted += o.Interrupted
}

// Means counts intervals of ten minutes. Above, Below and Lowest are among Judged.
type Means struct {
	Judged      int64 `json:"judged"`
	Incomplete  int64 `json:"incomplete"`  // less than 90 % of it is covered
	Interrupted int64 `json:"interrupted"` // an interruption is in it
	Above       int64 `json:"above"`
	Below       int64 `json:"below"`
	Lowest      int64 `json:"lowest"`
	Twice       int64 `json:"twice"` // the meter's clock was put back, and they came again; judged is what came first
}

func (m *Means) add(o Means) {
	m.Judged += o.Judged
	m.Incomplete += o.Incomplete
	m.Interrupted += o.Interrupted
	m.Above += o.Above
	m.Below += o.Below
	m.Lowest += o.Lowest
	m.Twice += o.Twice
}

// Extreme is a highest or lowest voltage and its time.
type Extreme struct {
	Volts    Volts  `json:"volts"`
	At       Moment `json:"at"`
	Repaired bool   `json:"repaired"` // digits of the value, or of one in the mean, were repaired

	rank int64
}

// Week is a week of a phase.
type Week struct {
	From    Moment   `json:"from"`
	To      Moment   `json:"to"`
	Seconds Seconds  `json:"seconds"`
	Means   Means    `json:"means"`
	Highest *Extreme `json:"highest_mean,omitempty"`
	Lowest  *Extreme `json:"lowest_mean,omitempty"`
	Most    Verdict  `json:"rule_95"`  // 95 % of the means within ±10 %
	All     Verdict  `json:"rule_all"` // all means within +10 % and −15 %

	first int64      // the number of its first interval since 1970
	each  []Interval // see [Counter.Draw]
}

// Sliding is the mean of the last ten minutes, looked at with each value: that by
// which inverters switch off (EN 50549-1 §4.9.3).
type Sliding struct {
	Highest *Extreme   `json:"highest,omitempty"` // with the end of its ten minutes
	Above   Excursions `json:"above"`
}

// Excursions are the times beyond a limit. Values less than a minute apart, and
// means that follow each other, are one.
type Excursions struct {
	Count   int64       `json:"count"`
	Seconds int64       `json:"seconds"`
	Worst   []Excursion `json:"worst"` // those with the worst voltages, at most 10, in order of time
}

// Excursion is a time beyond a limit.
type Excursion struct {
	From    Moment   `json:"from"`
	To      Moment   `json:"to"`
	Seconds int64    `json:"seconds"` // beyond the limit; of means ten minutes each
	Worst   *Extreme `json:"worst"`

	from int64
}

// Evidence returns what the records come to. It ends whatever is still open, so
// nothing can be taken after it.
func (c *Counter) Evidence() *Evidence {
	e := &Evidence{Limits: c.limits.volts(), Telegrams: c.telegrams, Meters: []Meter{}}
	for _, m := range c.meters {
		if !m.from.Time.IsZero() {
			e.Meters = append(e.Meters, m.evidence(&c.limits))
		}
	}
	return e
}

func (l *limits) volts() Limits {
	of := func(mv int64) Volts {
		d := telegram.Decimal{Digits: mv, Scale: 3}
		for d.Scale > 1 && d.Digits%10 == 0 {
			d.Digits, d.Scale = d.Digits/10, d.Scale-1
		}
		return Volts{d}
	}
	return Limits{of(l.nominal), of(l.above), of(l.below), of(l.lowest)}
}

func (m *meter) evidence(l *limits) Meter {
	e := Meter{Name: display.Short(m.name, MaxName), From: Moment(m.from), To: Moment(m.to), HostTime: m.host, Phases: []Phase{}}
	for i, p := range m.phases {
		p.finish(l)
		if p.counts.Total+p.unreadable > 0 {
			e.Phases = append(e.Phases, p.evidence(fmt.Sprintf("L%d", i+1)))
		}
	}
	return e
}

func (p *phase) evidence(name string) Phase {
	e := Phase{Name: name, Live: p.live, Values: p.counts, Decimals: p.scale, Unreadable: p.unreadable,
		Highest: p.highest, Lowest: p.lowest, Weeks: p.weeks.sorted(),
		Sliding:    Sliding{p.slideHighest, p.slideAbove.excursions()},
		MeansAbove: p.meanAbove.excursions(), MeansBelow: p.meanBelow.excursions(),
		ValuesAbove: p.above.excursions(), ValuesBelow: p.below.excursions()}
	for _, w := range e.Weeks {
		e.Seconds.add(w.Seconds)
		e.Means.add(w.Means)
		if w.Highest != nil && (e.MeanMax == nil || w.Highest.rank > e.MeanMax.rank) {
			e.MeanMax = w.Highest
		}
		if w.Lowest != nil && (e.MeanMin == nil || w.Lowest.rank < e.MeanMin.rank) {
			e.MeanMin = w.Lowest
		}
	}
	return e
}

func (r *run) excursions() Excursions {
	r.close()
	e := Excursions{r.count, r.seconds, append([]Excursion{}, r.worst...)}
	slices.SortStableFunc(e.Worst, func(a, b Excursion) int { return cmp.Compare(a.from, b.from) })
	return e
}

// MaxName is how many characters of a meter's name are shown.
const MaxName = 40
