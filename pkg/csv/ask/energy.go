package ask

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

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

// gain is what a register gained between two readings.
type gain struct {
	from, to int64 // when they were read
	by       telegram.Decimal
	after    int64 // a telegram before the later one, with this register or without
	own      bool  // they are by the time stamp of the device itself
}

// late is the earlier reading, if it is so much earlier that nothing was known meanwhile.
func (g gain) late() bool { return g.to-g.from > quarterSeconds && g.by.Digits > 0 }

// in reports whether a gain belongs to a row. One whose later reading is at the very end of a
// row was gained in that, unless the row has no telegram: then it stands where it was read, as
// in the rows of --every.
func (g gain) in(p part) bool {
	from, to, before := p.from.Unix(), p.to.Unix(), p.before.Unix()
	switch {
	case g.to <= from:
		return g.to == from && !g.own && g.after < before
	case g.to == to:
		return g.own || g.after >= from
	}
	return g.to < to
}

// register is what is known of one.
type register struct {
	first int64  // when it was read first
	steps []gain // by the later reading
	fell  int    // how often it did; what it lost is in no step
}

// gains are all steps of a register. They add up to what it gained from the first reading to
// the last, but for steps down.
func (c *scope) gains(column string) (r register) {
	var before seen
	after := int64(math.MinInt64)
	for _, x := range c.cells {
		earlier := after
		after = x.to()
		s := x.m.Columns[column]
		if s == nil || !s.Last[x.i].OK && !s.Gain[x.i].OK {
			continue
		}
		now := seen{m: x.m, after: earlier, value: s.Last[x.i], end: x.start() + quarterSeconds}
		now.first, now.last = s.ReadAt(x.m, x.i)
		if s.Count[x.i] == 0 {
			now.first, now.last = now.end, now.end // read at the very end
		}
		if now.first > x.from() {
			now.after = x.from()
		}
		if before.m == nil {
			r.first = now.first
		}
		r.add(before, now, s.First[x.i], s.Gain[x.i])
		before = now
	}
	slices.SortStableFunc(r.steps, func(a, b gain) int { return cmp.Compare(a.to, b.to) })
	return r
}

// seen is a quarter in which a register was read.
type seen struct {
	m                *index.Meter
	first, last, end int64       // readings, and the end of the quarter
	value            index.Value // the last one
	after            int64       // the telegram before the quarter
}

// add adds what a register gained until the first reading of a quarter, and from then until
// the last one. Within an index its own gain decides, which knows readings that were wrong.
func (r *register) add(before, now seen, first, whole index.Value) {
	if !now.value.OK {
		return
	}
	if !first.OK {
		first = now.value
	}
	inside, ok := tables.Minus(now.value.Decimal, first.Decimal)
	step := telegram.Decimal{}
	if ok && before.m != nil {
		step, ok = tables.Minus(first.Decimal, before.value.Decimal)
	}
	if !ok {
		return
	}
	if step.Digits < 0 || inside.Digits < 0 {
		r.fell++
	}
	both, ok := step.Plus(inside)
	if same := before.m == now.m; same && !(ok && whole.OK && step.Digits >= 0 && inside.Digits >= 0 && equal(both, whole.Decimal)) {
		r.put(gain{from: before.last, to: now.end, after: now.first}, whole)
		return
	}
	if before.m != nil && step.Digits >= 0 {
		r.put(gain{from: before.last, to: now.first, after: now.after}, index.Value{Decimal: step, OK: true})
	}
	if inside.Digits >= 0 && whole.OK {
		whole.Decimal = inside
	}
	r.put(gain{from: now.first, to: now.end, after: now.first}, whole)
}

// put adds a step that is known.
func (r *register) put(g gain, by index.Value) {
	if by.OK {
		g.by = by.Decimal
		r.steps = append(r.steps, g)
	}
}

func equal(a, b telegram.Decimal) bool { return !tables.Above(a, b) && !tables.Above(b, a) }

// Energy answers how much energy, gas and water was used or fed in.
func (a *Asker) Energy(ctx context.Context, q Rows, progress Progress) (*Answer, error) {
	columns := columnsOf(func(c index.Column) bool { return c.Register && c.Unit != index.Count })
	c, answer, parts, err := a.inRows(ctx, q, progress, columns)
	if err != nil {
		return nil, err
	}
	steps := map[string]register{}
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
func (c *scope) putGains(a *Answer, name string, parts []part) register {
	known := c.gains(name)
	if readings, there := c.readings(name); there {
		known = readings
	}
	a.Units[name] = unitOf(name)
	for i, p := range parts {
		c.putGain(a.Rows[i], name, known, p)
	}
	c.putGain(a.Total, name, known, wholeOf(parts))
	if known.fell > 0 {
		a.Notes = append(a.Notes, fmt.Sprintf("%s fell %s: a meter was replaced, or a reading is wrong; steps down are not counted", name, times(known.fell)))
	}
	return known
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
func (c *scope) putGain(r Row, name string, known register, p part) {
	sum, n, since := telegram.Decimal{}, 0, int64(math.MaxInt64)
	for _, g := range known.in(p) {
		next, ok := sum.Plus(g.by)
		if !ok {
			r.null(name, "the sum has more digits than can be counted")
			return
		}
		sum = next
		n++
		if g.late() && g.from < p.from.Unix() {
			since = min(since, g.from)
		}
	}
	switch {
	case n == 0 && c.isOutside(p):
		r.null(name, outside)
	case n == 0:
		r.null(name, "no reading that counts; what was gained stands in the next row that has one")
	default:
		r[name] = number(sum)
	}
	if since < math.MaxInt64 {
		late, _ := r["late"].(map[string]string)
		if late == nil {
			late = map[string]string{}
			r["late"] = late
		}
		late[name] = "holds all that was gained since " + c.time(c.at(since)) + ", from when on nothing is known"
	}
}

// in are the gains that belong to a span.
func (r register) in(p part) (list []gain) {
	first := sort.Search(len(r.steps), func(i int) bool { return r.steps[i].to >= p.from.Unix() })
	for _, g := range r.steps[first:] {
		if g.to > p.to.Unix() {
			break
		}
		if g.in(p) {
			list = append(list, g)
		}
	}
	return list
}

// tariffNote says what the columns mean.
func (c *scope) tariffNote(a *Answer) {
	a.Notes = append(a.Notes, "import is what came from the grid, export what was fed into it; _t1 to _t4 are the meter's tariffs, of which its country says which is low (Netherlands: t1 low, t2 normal; Belgium: t1 day, t2 night)")
	if c.columns["gas_m3"] || c.columns["water_m3"] || c.columns["hot_water_m3"] || c.columns["heat_gj"] {
		a.Notes = append(a.Notes, "gas, water and heat stand where their own meter says that it was read, which many do once an hour")
	}
}
