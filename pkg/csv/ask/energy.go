package ask

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"p1/pkg/csv/index"
	"p1/pkg/csv/tables"
	"p1/pkg/telegram"
)

// number is a number with its digits.
func number(d telegram.Decimal) json.Number { return json.Number(d.String()) }

// columnsOf are the names of the columns that count, or of those that are momentary, and
// for which pick is true.
func columnsOf(pick func(index.Column) bool) (names []string) {
	for _, c := range index.Columns() {
		if pick(c) {
			names = append(names, c.Name)
		}
	}
	return names
}

// gain is what a register gained from a time on.
type gain struct {
	at    time.Time
	by    telegram.Decimal
	since time.Time // zero, or since when, where it is longer than a quarter: nothing was known meanwhile
}

// gains are all steps of a register, by the quarters in which they belong. They add up to
// what the register gained from the first reading to the last, but for steps down, which
// fell counts.
func (c *scope) gains(column string) (list []gain, fell int) {
	var last index.Value // the reading before
	var lastAt int64     // the cell that it is of, by its beginning
	var lastTo int64
	known := false
	for _, x := range c.cells {
		s := x.m.Columns[column]
		if s == nil || !s.Last[x.i].OK && !s.Gain[x.i].OK {
			continue
		}
		at := c.at(x.start())
		within, first, end := s.Gain[x.i], s.First[x.i], s.Last[x.i]
		switch {
		case !known, x.next && lastAt == x.m.Start[x.i-1]:
			// What it gained since the one before is in its own gain.
		case first.OK && last.OK:
			step, ok := tables.Minus(first.Decimal, last.Decimal)
			switch {
			case !ok || step.Digits < 0:
				fell++
			case step.Digits > 0 && x.from() == x.start() && lastAt+quarterSeconds == x.start():
				list = append(list, gain{at: c.at(lastAt), by: step}) // read at the very end of the one before
			case step.Digits > 0:
				list = append(list, gain{at: at, by: step, since: c.longer(lastTo, x.from())})
			}
			within = inside(s, x, within)
		}
		if within.OK {
			g := gain{at: at, by: within.Decimal}
			if known {
				g.since = c.longer(lastTo, x.from())
			}
			list = append(list, g)
		}
		if end.OK {
			last = end
		}
		lastAt, lastTo, known = x.start(), x.to(), true
	}
	return list, fell
}

// inside is what a register gained from its first reading in a quarter to its last one: where
// the one before that is of another index, a gain since that is not the whole.
func inside(s *index.Series, x cell, within index.Value) index.Value {
	if x.i == 0 || !s.First[x.i].OK || !s.Last[x.i].OK {
		return within // the first of an index: nothing before it is in its gain
	}
	d, ok := tables.Minus(s.Last[x.i].Decimal, s.First[x.i].Decimal)
	if !ok || d.Digits < 0 {
		return within
	}
	return index.Value{Decimal: d, OK: true}
}

// longer is the first of two times, if more than a quarter lies between them.
func (c *scope) longer(before, after int64) time.Time {
	if after-before > quarterSeconds {
		return c.at(before)
	}
	return time.Time{}
}

// Energy answers how much energy, gas and water was used or fed in.
func (a *Asker) Energy(ctx context.Context, q Rows, progress Progress) (*Answer, error) {
	columns := columnsOf(func(c index.Column) bool { return c.Register && c.Unit != index.Count })
	c, answer, parts, err := a.inRows(ctx, q, progress, columns)
	if err != nil {
		return nil, err
	}
	steps := map[string][]gain{}
	for _, name := range columns {
		if c.columns[name] {
			steps[name] = c.putGains(answer, name, parts)
		}
	}
	c.putSums(answer, "import", columns)
	c.putSums(answer, "export", columns)
	c.tariffNote(answer)
	c.putCosts(answer, parts, steps)
	return answer, c.pick(q, answer, parts)
}

// putGains puts what a register gained into the rows and the total.
func (c *scope) putGains(a *Answer, name string, parts []part) []gain {
	list, fell := c.gains(name)
	if readings, down := c.readings(name); readings != nil {
		list, fell = readings, down
	}
	a.Units[name] = unitOf(name)
	for i, p := range parts {
		c.putGain(a.Rows[i], name, list, p)
	}
	c.putGain(a.Total, name, list, part{from: c.from, to: c.to})
	if fell > 0 {
		a.Notes = append(a.Notes, fmt.Sprintf("%s fell %s: a meter was replaced, or a reading is wrong; steps down are not counted", name, times(fell)))
	}
	return list
}

// putSums puts what the tariffs of a meter that sends no total come to into the rows.
func (c *scope) putSums(a *Answer, direction string, columns []string) {
	total := direction + "_kwh"
	var tariffs []string
	for _, name := range columns {
		if c.columns[name] && strings.HasPrefix(name, direction+"_t") {
			tariffs = append(tariffs, name)
		}
	}
	if c.columns[total] || len(tariffs) == 0 {
		return
	}
	a.Units[total] = unitOf(total)
	for _, r := range append(slices.Clone(a.Rows), a.Total) {
		putSum(r, total, tariffs)
	}
	a.Notes = append(a.Notes, total+" is the sum of "+strings.Join(tariffs, " and ")+": the meter has no register of it")
}

// putSum puts a sum into a row. If a part of it is not known, it is not known.
func putSum(r Row, total string, tariffs []string) {
	sum := telegram.Decimal{}
	for _, name := range tariffs {
		part, ok := numberOf(r[name])
		if !ok {
			why, _ := r["why"].(map[string]string)
			r.null(total, why[name])
			return
		}
		if sum, ok = sum.Plus(part); !ok {
			r.null(total, "the sum has more digits than can be counted")
			return
		}
		if late, _ := r["late"].(map[string]string); late[name] != "" {
			late[total] = late[name]
		}
	}
	r[total] = number(sum)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func unitOf(column string) string {
	for _, c := range index.Columns() {
		if c.Name == column {
			return c.Unit
		}
	}
	return ""
}

// putGain puts what a register gained in a span into a row.
func (c *scope) putGain(r Row, name string, list []gain, p part) {
	sum, n, since := telegram.Decimal{}, 0, time.Time{}
	for _, g := range between(list, p) {
		next, ok := sum.Plus(g.by)
		if !ok {
			r.null(name, "the sum has more digits than can be counted")
			return
		}
		sum = next
		n++
		if !g.since.IsZero() && g.since.Before(p.from) && g.by.Digits > 0 {
			since = g.since
		}
	}
	switch {
	case n == 0 && !p.to.After(c.data[0]), n == 0 && p.from.After(c.data[1]):
		r.null(name, "outside of the data")
	case n == 0:
		r.null(name, "no reading that counts; what was gained stands in the next row that has one")
	default:
		r[name] = number(sum)
	}
	if !since.IsZero() {
		late, _ := r["late"].(map[string]string)
		if late == nil {
			late = map[string]string{}
			r["late"] = late
		}
		late[name] = "holds all that was gained since " + c.time(since) + ", from when on nothing is known"
	}
}

// between are the gains that belong to a span; they are in the order of time.
func between(list []gain, p part) []gain {
	search := func(t time.Time) int {
		return sort.Search(len(list), func(i int) bool { return !list[i].at.Before(t) })
	}
	return list[search(p.from):search(p.to)]
}

// tariffNote says what the columns mean.
func (c *scope) tariffNote(a *Answer) {
	a.Notes = append(a.Notes, "import is what came from the grid, export what was fed into it; _t1 to _t4 are the meter's tariffs, of which its country says which is low (Netherlands: t1 low, t2 normal; Belgium: t1 day, t2 night)")
	if c.columns["gas_m3"] || c.columns["water_m3"] || c.columns["hot_water_m3"] || c.columns["heat_gj"] {
		a.Notes = append(a.Notes, "gas, water and heat stand where their own meter says that it was read, which many do once an hour")
	}
}
