package tables

import (
	"fmt"
	"slices"
	"time"

	"p1/pkg/csv/prices"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// Day is the Options.Every that makes a row of each local day, whether it has 23,
// 24 or 25 hours.
const Day = 24 * time.Hour

// Week and Month are likewise for the weeks, which begin on Monday, and the months of the
// calendar, however long these are.
const (
	Week  = 7 * Day
	Month = 31 * Day
)

// checkEvery reports whether spans of time of that length divide local days, or are made of
// them.
func checkEvery(d time.Duration) error {
	if d == 0 || d == Day || d == Week || d == Month || d >= time.Second && d%time.Second == 0 && time.Hour%d == 0 {
		return nil
	}
	return fmt.Errorf("--every %s: 1mo, 1w, 1d, 1h or what divides an hour, such as 15m or 1m", d)
}

// everySink makes one row of all rows of a meter in a span of time, and hands it
// to the sink below. What becomes of a column depends on what it measures:
//
//	import_kwh      register    import_kwh, import_kwh_gain                                  the last one, what was gained
//	import_kw       momentary   import_kw_mean, import_kw_min, import_kw_max
//	voltage_l1_v    voltage     voltage_l1_v_mean, …_min, …_max, voltage_l1_v_above_s   and the seconds above the limit
//	tariff          switch      tariff                                                       the last one
//
// All other columns are left out. A span begins at a whole minute, quarter, hour,
// day, week or month of local time, and belongs to what was measured from then on until just
// before the next one begins; but a register read at the very end still counts,
// since what it shows was gained before. So the gains of a meter's rows add up to
// what its registers gained, whatever was lost in between: after a gap the gain
// stands in the row of the first reading after it, and so it does after a reading that is
// doubted, whose cell is empty. Then the row's note says of which registers a part was gained
// in earlier rows; after a gap it does where that is longer than a quarter of an hour, or where a
// row is missing. Where a register fell, only that step is missing; where it returns to where it
// was, nothing is.
type everySink struct {
	o     Options
	below sink
	in    []column
	plan  []rule
	costs costs
	names []string // of the columns of the plan
	at    marks
	spans []*period // of the meters seen lately, the last one first
	row   []value

	timeless, suspect int // rows that are in no span
}

// marks are the columns that say which span a row belongs to; -1 where the table
// has none.
type marks struct{ time, meter, status, suspect int }

// rule says what is made of a column.
type rule struct {
	from int // the column
	what telegram.Kind
	volt bool
	ends bool     // the first and the last value are shown, and how many there were
	aid  bool     // it is not shown
	bill *billing // what its energy costs or earns; nil where nobody asks
}

// period is a span of time of one meter, and what was measured in it.
type period struct {
	meter      string
	start, end time.Time
	last       time.Time // of the last row
	floating   bool      // the offset is not known
	first      time.Time // of the first row
	telegrams  int
	unverified int
	repaired   int
	folds      []fold
	peak       monthPeak
}

// spanNames are the columns that say which span a row belongs to, and whether it
// counts.
var spanNames = [...]string{"time", "meter", "status", "suspect"}

func newEvery(o Options, columns []column, below func([]column) sink) *everySink {
	s := &everySink{o: o, in: columns}
	index := func(name string) int {
		return slices.IndexFunc(columns, func(c column) bool { return c.name == name })
	}
	s.at = marks{index(spanNames[0]), index(spanNames[1]), index(spanNames[2]), index(spanNames[3])}
	s.costs = newCosts(o, index)
	out := []column{
		{name: "time", kind: timeKind, role: stampRole},
		{name: offsetName, kind: offsetKind},
		{name: "duration_s", kind: numberKind},
		{name: "meter", role: tagRole},
		{name: "telegrams", kind: numberKind},
		{name: "unverified", kind: numberKind},
	}
	if o.Ends {
		out = append(out, column{name: "first_time", kind: timeKind}, column{name: "last_time", kind: timeKind}, column{name: "repaired", kind: numberKind})
	}
	for i, c := range columns {
		r := rule{from: i, what: c.what, volt: c.unit == "V", ends: o.Ends, aid: c.aid, bill: s.costs.billing(c)}
		more := r.columns(c)
		if len(more) == 0 || c.role != fieldRole {
			continue
		}
		s.plan = append(s.plan, r)
		s.names = append(s.names, c.name)
		if !c.aid {
			out = append(out, more...)
		}
	}
	out = append(out, s.costs.columns()...)
	out = append(out, column{name: "note"})
	s.below = below(out)
	return s
}

// columns are those that are made of a column.
func (r rule) columns(c column) []column {
	number := func(suffix string) column {
		return column{name: c.name + suffix, kind: numberKind, code: c.code, unit: c.unit, what: c.what}
	}
	switch {
	case c.what == telegram.Switch:
		return []column{c}
	case c.kind != numberKind:
		return nil
	case c.what == telegram.Register && r.ends:
		read := func(suffix string) column { return column{name: c.name + suffix, kind: timeKind} }
		return []column{number(""), number("_gain"), number("_first"), number("_count"), read("_first_time"), read("_last_time")}
	case c.what == telegram.Register:
		return []column{number(""), number("_gain")}
	case c.what == telegram.Instant && r.ends:
		more := []column{number("_min"), number("_max"), number("_first"), number("_last"), number("_sum"), number("_count")}
		if r.volt {
			more = append(more, number("_above_s"), number("_below_s"))
		}
		return more
	case c.what == telegram.Instant && r.volt:
		return []column{number("_mean"), number("_min"), number("_max"), number("_above_s")}
	case c.what == telegram.Instant:
		return []column{number("_mean"), number("_min"), number("_max")}
	}
	return nil
}

func (s *everySink) begin() error { return s.below.begin() }
func (s *everySink) flush() error { return s.below.flush() }
func (s *everySink) written() int { return s.below.written() }

func (s *everySink) words() string {
	words := s.below.words()
	if s.timeless+s.suspect == 0 {
		return words
	}
	if words != "" {
		words += "; "
	}
	return words + fmt.Sprintf("telegrams in no row of --every: %d without a time, %d suspect", s.timeless, s.suspect)
}

// end writes the spans that are not over, the longest not seen first.
func (s *everySink) end() error {
	for _, p := range slices.Backward(s.spans) {
		if err := s.finish(p); err != nil {
			return err
		}
	}
	s.spans = nil
	return s.below.end()
}

// write takes a row of one telegram.
func (s *everySink) write(row []value) error {
	at := s.of(row, s.at.time)
	switch {
	case at.form != clockForm:
		s.timeless++
		return nil
	case s.of(row, s.at.suspect).form != absent:
		s.suspect++
		s.miss(s.of(row, s.at.meter).text)
		return nil
	}
	t, floating := at.clock.Time, at.clock.Season == 0
	if err := s.o.order.take(t, floating); err != nil {
		return err
	}
	p, err := s.find(s.of(row, s.at.meter).text)
	if err != nil {
		return err
	}
	counted := false
	if p.telegrams > 0 {
		if counted, err = s.leave(p, t, floating, row); err != nil {
			return err
		}
	}
	if p.telegrams == 0 {
		p.start, p.end = s.bounds(t, floating)
		p.floating, p.first = floating, t
	}
	p.take(s, row, counted, readAt{t, floating})
	s.costs.takePeak(&p.peak, row)
	p.last = t
	p.telegrams++
	if err := s.overdue(t); err != nil {
		return err
	}
	switch record.Status(s.of(row, s.at.status).text) {
	case record.OK:
	case record.Repaired:
		p.repaired++
	default:
		p.unverified++
	}
	return nil
}

// miss notes that a telegram of a meter says nothing of its registers.
func (s *everySink) miss(meter string) {
	for _, p := range s.spans {
		for i := range p.folds {
			p.folds[i].missed = p.folds[i].missed || p.meter == meter
		}
	}
}

// of is the value of a column, absent where the table has none.
func (s *everySink) of(row []value, at int) value {
	if at < 0 {
		return value{}
	}
	return row[at]
}

// find returns the span of a meter. Of too many meters, that of the one not seen
// for the longest time is written.
func (s *everySink) find(meter string) (*period, error) {
	at := slices.IndexFunc(s.spans, func(p *period) bool { return p.meter == meter })
	var p *period
	switch {
	case at >= 0:
		p = s.spans[at]
	case len(s.spans) < maxMeters:
		p = &period{meter: meter, folds: make([]fold, len(s.plan))}
		s.spans = append(s.spans, p)
		at = len(s.spans) - 1
	default:
		at = len(s.spans) - 1
		if err := s.finish(s.spans[at]); err != nil {
			return nil, err
		}
		p = &period{meter: meter, folds: make([]fold, len(s.plan))}
	}
	copy(s.spans[1:at+1], s.spans[:at])
	s.spans[0] = p
	return p, nil
}

// leave ends a span where a row of time t is not in it. It reports whether the
// row's registers have been counted in the span all the same.
func (s *everySink) leave(p *period, t time.Time, floating bool, row []value) (counted bool, err error) {
	p.hold(s, t)
	if floating == p.floating && !t.Before(p.start) && t.Before(p.end) {
		return false, nil
	}
	if counted = floating == p.floating && t.Equal(p.end); counted {
		p.close(s, row, readAt{t, floating})
		s.costs.takePeak(&p.peak, row)
	}
	err = s.put(p)
	p.begin(t)
	return counted, err
}

// overdue writes the spans of meters that have sent nothing for as long again, when
// the clock of another one shows t: it may have taken their place.
func (s *everySink) overdue(t time.Time) error {
	for _, p := range slices.Backward(s.spans[1:]) {
		if p.telegrams == 0 || t.Sub(p.end) < s.o.Every {
			continue
		}
		if err := s.put(p); err != nil {
			return err
		}
		p.begin(t)
	}
	return nil
}

// bounds returns the span of time that a row belongs to.
func (s *everySink) bounds(t time.Time, floating bool) (start, end time.Time) {
	if s.o.Every >= Day {
		zone := s.o.dayZone(t, floating)
		y, m, d := t.In(zone).Date()
		days, months := 1, 0
		switch s.o.Every {
		case Week:
			past := int(t.In(zone).Weekday()+6) % 7 // days since Monday
			d, days = d-past, 7
		case Month:
			d, days, months = 1, 0, 1
		}
		return time.Date(y, m, d, 0, 0, 0, 0, zone), time.Date(y, m+time.Month(months), d+days, 0, 0, 0, 0, zone)
	}
	past := time.Duration(t.Minute()*60+t.Second()) * time.Second % s.o.Every
	start = t.Add(-past)
	return start, start.Add(s.o.Every)
}

// dayZone is the zone whose days a meter's times are in: that of the options, or
// of central Europe where S and W stand for its offsets.
func (o *Options) dayZone(t time.Time, floating bool) *time.Location {
	_, offset := t.Zone()
	switch {
	case floating:
		return time.UTC
	case o.Zone != nil:
		return o.Zone
	case o.CentralEurope != nil && (offset == 3600 || offset == 7200):
		return o.CentralEurope
	}
	return t.Location()
}

// finish hands on the last row of a meter.
func (s *everySink) finish(p *period) error {
	for i := range p.folds {
		p.folds[i].settle()
	}
	return s.put(p)
}

// put hands on the row of a span.
func (s *everySink) put(p *period) error {
	if p.telegrams == 0 {
		return nil
	}
	start := telegram.Clock{Time: p.start}
	if !p.floating {
		start.Season = 'W' // the offset is known
	}
	s.row = append(s.row[:0], clockValue(start, true), offsetValue(start),
		countValue(int64(p.end.Sub(p.start)/time.Second)), meterValue(p.meter),
		countValue(int64(p.telegrams)), countValue(int64(p.unverified)))
	if s.o.Ends {
		first, last := telegram.Clock{Time: p.first, Season: start.Season}, telegram.Clock{Time: p.last, Season: start.Season}
		s.row = append(s.row, clockValue(first, true), clockValue(last, true), countValue(int64(p.repaired)))
	}
	for i, r := range s.plan {
		if !r.aid {
			s.row = p.folds[i].values(s.row, r, start.Season)
		}
	}
	amounts := s.costs.amounts(s.plan, p)
	for _, a := range amounts {
		s.row = append(s.row, numberOr(prices.Money(a.sum), a.known()))
	}
	s.row = append(s.row, s.note(p, amounts))
	return s.below.write(s.row)
}

// note says of which registers a part of the gain is of earlier spans, in which nothing came
// for long, or what the meter said of them was not believed; and why costs are not known.
func (s *everySink) note(p *period, amounts []amount) value {
	text := ""
	for i, r := range s.plan {
		if p.folds[i].late && !r.aid {
			text += " " + s.names[i]
		}
	}
	if text != "" {
		text = "late:" + text
	}
	for i, a := range amounts {
		if a.why == "" {
			continue
		}
		if text != "" {
			text += "; "
		}
		text += "no " + s.costs.list[i].name + ": " + a.reason()
	}
	return textValue(text)
}
