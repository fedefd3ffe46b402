package ask

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"p1/pkg/csv/index"
	"p1/pkg/csv/tables"
	"p1/pkg/telegram"
)

// happened is an event with its time.
type happened struct {
	at time.Time
	index.Event
}

// Events answers what happened to the meter and its log.
func (a *Asker) Events(ctx context.Context, q Span, progress Progress) (*Answer, error) {
	c, err := a.scope(ctx, q, progress)
	if err != nil {
		return nil, err
	}
	answer := c.answer()
	list, timeless, more := c.events()
	answer.Units["duration_s"], answer.Units["telegrams"] = "s", index.Count
	answer.Rows = []Row{}
	if len(list) <= maxRows {
		for _, e := range list {
			answer.Rows = append(answer.Rows, c.eventRow(e))
		}
	} else {
		c.countEvents(answer, list)
	}
	words := eventWords()
	met := map[string]bool{}
	for _, e := range list {
		if w := words[e.Event.Event]; !met[e.Event.Event] && w != "" {
			met[e.Event.Event] = true
			answer.Notes = append(answer.Notes, e.Event.Event+": "+w)
		}
	}
	answer.Notes = append(answer.Notes, "events are found within each file of the archive; the tool coverage tells of gaps between files too",
		"the time of a power failure is its end; meters remember long ones that were before the data, so that an earlier from may find more")
	if timeless > 0 {
		answer.Notes = append(answer.Notes, fmt.Sprintf("%d events have no time and are left out", timeless))
	}
	if more {
		answer.Notes = append(answer.Notes, "some file has more events than its index keeps: the first 1000 of each are here")
	}
	return answer, nil
}

// events are those of the span, in the order of time.
func (c *scope) events() (list []happened, timeless int, more bool) {
	for _, d := range c.days {
		more = more || d.MoreEvent
		for _, e := range d.Events {
			if e.Meter != "" && e.Meter != c.meter {
				continue
			}
			at, err := time.Parse(time.RFC3339, e.Time)
			if err != nil && c.floating {
				at, err = time.Parse("2006-01-02T15:04:05", e.Time)
			}
			switch {
			case err != nil:
				timeless++
			case !at.Before(c.from) && at.Before(c.to) && !slices.ContainsFunc(list, func(h happened) bool { return h.repeats(e) }):
				list = append(list, happened{at, e})
			}
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].at.Before(list[j].at) })
	return list, timeless, more
}

// repeats reports whether a power failure is one that is known: every file has the meter's
// whole log of them.
func (h happened) repeats(e index.Event) bool { return e.Event == powerFailure && h.Event == e }

// eventRow is an event with nothing of what others have written.
func (c *scope) eventRow(e happened) Row {
	r := Row{"time": c.time(e.at), "event": kindOf(e)}
	if e.Code != "" {
		r["code"] = codeWord(e.Code)
	}
	switch kindOf(e) {
	case "meter_replaced":
		r["before"], r["after"] = c.asker.meterName(e.Before), c.asker.meterName(e.After)
	case "device_replaced":
		r["before"], r["after"] = c.asker.pseudonym("device", e.Before), c.asker.pseudonym("device", e.After)
	default:
		r["before"], r["after"] = c.plain(e.Before), c.plain(e.After)
	}
	if e.Count > 0 {
		r["telegrams"] = e.Count
	}
	if e.Length > 0 {
		r["duration_s"] = e.Length
	}
	if e.Note != "" {
		r["note"] = listed(e.Note, noteWords())
	}
	return r
}

// kindOf is the name of an event.
func kindOf(e happened) string {
	if eventWords()[e.Event.Event] == "" {
		return "other"
	}
	return e.Event.Event
}

// countEvents puts the numbers of events into as many rows as an answer has, and beside them
// each event of the kinds that are rare, and the longest gaps.
func (c *scope) countEvents(a *Answer, list []happened) {
	often := map[string]int{}
	for _, e := range list {
		often[kindOf(e)]++
	}
	rare := func(e happened) bool { return often[kindOf(e)] <= maxGaps }
	all, each := len(list), []Row{}
	for _, e := range list {
		if rare(e) {
			each = append(each, c.eventRow(e))
		}
	}
	list = slices.DeleteFunc(slices.Clone(list), rare)
	a.Total = Row{"longest_gaps": c.longestGaps(list)}
	for _, l := range append(lengths(), length{name: "total"}) {
		parts, ok := []part{{from: c.from, to: c.to}}, true
		if l.next != nil {
			parts, ok = c.divide(l, maxRows)
		}
		if !ok {
			continue
		}
		var rows []Row
		for _, p := range parts {
			counts := map[string]int{}
			for _, e := range list {
				if !e.at.Before(p.from) && e.at.Before(p.to) {
					counts[kindOf(e)]++
				}
			}
			var kinds []string
			for kind := range counts {
				kinds = append(kinds, kind)
			}
			slices.Sort(kinds)
			for _, kind := range kinds {
				rows = append(rows, Row{"from": c.time(p.from), "to": c.time(p.to), "event": kind, "events": counts[kind]})
			}
		}
		if len(rows)+len(each) <= maxRows {
			a.Rows, a.Every = append(rows, each...), l.name
			a.Coarsened = fmt.Sprintf("there are %d events: they are counted by rows of %s, but for kinds with %d at most, and the %d longest gaps; a shorter span has each", all, l.name, maxGaps, maxGaps)
			return
		}
	}
}

// longestGaps are the gaps with most missing telegrams.
func (c *scope) longestGaps(list []happened) []Row {
	gaps := slices.DeleteFunc(slices.Clone(list), func(e happened) bool { return e.Event.Event != "gap" })
	slices.SortStableFunc(gaps, func(x, y happened) int { return cmp.Compare(y.Count, x.Count) })
	rows := []Row{}
	for _, e := range gaps[:min(maxGaps, len(gaps))] {
		rows = append(rows, c.eventRow(e))
	}
	return rows
}

// PeaksQuestion says how many.
type PeaksQuestion struct {
	Span
	Highest *int `json:"highest,omitempty" jsonschema:"how many of the highest quarters of an hour, 1 to 50; 10 if left out"`
}

// Peaks answers when the most power was drawn.
func (a *Asker) Peaks(ctx context.Context, q PeaksQuestion, progress Progress) (*Answer, error) {
	highest := 10
	if q.Highest != nil {
		highest = *q.Highest
	}
	if highest < 1 || highest > 50 {
		return nil, userf("highest is from 1 to 50")
	}
	c, err := a.scope(ctx, q.Span, progress, "import_kwh", "import_t1_kwh", "import_t2_kwh", "import_t3_kwh", "import_t4_kwh", "import_kw")
	if err != nil {
		return nil, err
	}
	answer := c.answer()
	answer.Units["peak_kw"] = "kW"
	answer.Rows = c.monthPeaks(answer)
	if len(answer.Rows)+highest+1 > maxRows {
		return nil, userf("the meter's own peaks of so many months are more than %d rows: ask for a shorter span", maxRows)
	}
	list, leftOut := c.quarters()
	sort.SliceStable(list, func(i, j int) bool { return tables.Above(list[i].kw, list[j].kw) })
	for _, g := range list[:min(highest, len(list))] {
		answer.Rows = append(answer.Rows, Row{"kind": "quarter", "from": c.time(g.at), "to": c.time(g.at.Add(index.Quarter)), "peak_kw": number(g.kw)})
	}
	if e := c.extent("import_kw", part{from: c.from, to: c.to}); e.n > 0 {
		answer.Rows = append(answer.Rows, Row{"kind": "momentary", "from": c.time(e.maxAt), "to": c.time(e.maxAt.Add(index.Quarter)), "peak_kw": number(e.max)})
	}
	answer.Notes = append(answer.Notes, "quarter: mean power bought from the grid in a quarter of an hour, four times what the registers gained; momentary: the greatest value that the meter sent, within the quarter that is named; month_by_meter: the month's peak as the meter itself states it, also of months before the data, if from is that early",
		fmt.Sprintf("%d quarters of the span are known, %d are left out since some of their telegrams are missing", len(list), leftOut))
	return answer, nil
}

// monthPeaks are those that the meter itself states: of a month and register the last one.
func (c *scope) monthPeaks(a *Answer) []Row {
	rows := []Row{}
	at := map[string]int{}
	for _, d := range c.days {
		for _, p := range d.Peaks {
			kw, ok := digits(p.KW)
			month, err := time.ParseInLocation("2006-01", p.Month, c.zone)
			if !ok || err != nil || p.Meter != c.meter || !monthForm().MatchString(p.Month) || !registerForm().MatchString(p.Register) {
				continue
			}
			if !month.Before(c.to) || !month.AddDate(0, 1, 0).After(c.from) {
				continue
			}
			r := Row{"kind": "month_by_meter", "month": p.Month, "register": p.Register, "peak_kw": number(kw), "final": p.End != ""}
			if t := c.plain(p.Time); t != nil && strings.Contains(p.Time, "T") {
				r["time"] = t
			}
			c.putCapacity(a, r, p, kw)
			key := p.Month + p.Register
			if i, there := at[key]; there {
				rows[i] = r
				continue
			}
			at[key] = len(rows)
			rows = append(rows, r)
		}
	}
	return rows
}

// putCapacity puts what a month's highest demand costs into its row.
func (c *scope) putCapacity(a *Answer, r Row, p index.Peak, kw telegram.Decimal) {
	costs := c.asker.o.Prices
	at, err := time.Parse(time.RFC3339, p.Time)
	if costs == nil || !costs.HasCapacity() || p.Register != "import" || err != nil {
		return
	}
	name := "capacity_cost_" + strings.ToLower(costs.Currency())
	a.Units[name] = costs.Currency()
	amount, why := costs.Capacity(at, kw)
	if why != "" {
		r.null(name, string(why))
		return
	}
	r[name] = number(amount)
}

// mean is the mean power of a quarter.
type mean struct {
	at time.Time
	kw telegram.Decimal
}

// quarters are the mean powers of the quarters of the span in which, and in the one before,
// nearly all telegrams came.
func (c *scope) quarters() (list []mean, leftOut int) {
	sums := map[int64]telegram.Decimal{}
	columns := []string{"import_kwh"}
	if !c.columns["import_kwh"] {
		columns = []string{"import_t1_kwh", "import_t2_kwh", "import_t3_kwh", "import_t4_kwh"}
	}
	for _, name := range columns {
		if !c.columns[name] {
			continue
		}
		for _, g := range c.gains(name).steps {
			at := floorTo(g.to-1, quarterSeconds)
			sums[at], _ = sums[at].Plus(g.by)
		}
	}
	whole := map[int64]int64{}
	for _, x := range c.cells {
		whole[x.start()] += x.m.Telegrams[x.i]
	}
	first, end := c.within(c.from, c.to)
	for _, x := range c.cells[first:end] {
		at := x.start()
		if sum, ok := sums[at]; ok {
			delete(sums, at)
			four := telegram.Decimal{Digits: 4 * sum.Digits, Scale: sum.Scale}
			if 10*whole[at] < 9*c.usual || 10*whole[at-quarterSeconds] < 9*c.usual && x.from() != at {
				leftOut++
				continue
			}
			list = append(list, mean{c.at(at), four})
		}
	}
	return list, leftOut
}
