package ask

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"p1/pkg/csv/index"
	"p1/pkg/csv/tables"
	"p1/pkg/telegram"
)

// Power answers how much power was drawn and fed in, and the currents.
func (a *Asker) Power(ctx context.Context, q Rows, progress Progress) (*Answer, error) {
	return a.moments(ctx, q, progress, func(c index.Column) bool { return !c.Register && c.Unit != "V" })
}

// Voltage answers what the voltages were, and what the meter counted of its supply.
func (a *Asker) Voltage(ctx context.Context, q Rows, progress Progress) (*Answer, error) {
	answer, err := a.moments(ctx, q, progress, func(c index.Column) bool { return c.Unit == "V" || c.Unit == index.Count })
	switch {
	case err != nil:
	case !slices.Contains(slices.Collect(maps.Values(answer.Units)), "V"):
		answer.Notes = append(answer.Notes, "this meter sends no voltage")
	default:
		answer.Notes = append(answer.Notes,
			"_above_s are the seconds above 253 V and _below_s those below 207 V, which is 230 V and a tenth more or less (EN 50160); how long a value lasted is known as long as telegrams are 60 s apart at most",
			"sags, swells and power_failures are how many the meter counted in the row; the meter decides what is one (a sag is of more than 10 %, a failure is long from some minutes on)")
	}
	return answer, err
}

// inRows begins the answer to a question about columns: a row for each part of the span, and
// the total, with nothing in them yet.
func (a *Asker) inRows(ctx context.Context, q Rows, progress Progress, columns []string) (*scope, *Answer, []part, error) {
	if err := q.check(); err != nil {
		return nil, nil, nil, err
	}
	c, err := a.scope(ctx, q.Span, progress, columns...)
	if err != nil {
		return nil, nil, nil, err
	}
	answer := c.answer()
	parts, err := c.parts(q, answer)
	if err != nil {
		return nil, nil, nil, err
	}
	parts = c.known(parts, answer)
	for _, p := range parts {
		answer.Rows = append(answer.Rows, c.row(p))
	}
	answer.Total = Row{}
	return c, answer, parts, nil
}

// outside is why nothing is known of such a row.
const outside = "outside of the data"

// isOutside reports whether a row is before the data begin or after they end.
func (c *scope) isOutside(p part) bool { return !p.to.After(c.data[0]) || p.from.After(c.data[1]) }

// known leaves out the rows before the data begin and after they end. Where that would be all,
// there is one.
func (c *scope) known(parts []part, a *Answer) []part {
	inside := slices.DeleteFunc(slices.Clone(parts), c.isOutside)
	switch left := len(parts) - len(inside); {
	case len(inside) == 0:
		a.Notes = append(a.Notes, fmt.Sprintf("nothing is known of that time: the data are from %s to %s", c.time(c.data[0]), c.time(c.data[1])))
		return []part{{from: c.from, to: c.to, before: parts[0].before}}
	case left > 0:
		a.Notes = append(a.Notes, fmt.Sprintf("%d rows are left out: they are outside of the data, which are from %s to %s", left, c.time(c.data[0]), c.time(c.data[1])))
	}
	return inside
}

// moments answers a question about columns that are momentary.
func (a *Asker) moments(ctx context.Context, q Rows, progress Progress, pick func(index.Column) bool) (*Answer, error) {
	columns := columnsOf(pick)
	c, answer, parts, err := a.inRows(ctx, q, progress, columns)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(columns, func(name string) bool { return c.columns[name] }) {
		answer.Rows, answer.Total = []Row{}, nil
		answer.Notes = append(answer.Notes, "this meter sends nothing of the kind: the tool meters says which columns there are")
		return answer, nil
	}
	for _, name := range columns {
		if !c.columns[name] {
			continue
		}
		unit := unitOf(name)
		if unit == index.Count {
			c.putGains(answer, name, parts)
			continue
		}
		for _, suffix := range []string{"_mean", "_min", "_max"} {
			answer.Units[name+suffix] = unit
		}
		if unit == "V" {
			answer.Units[name+"_above_s"], answer.Units[name+"_below_s"] = "s", "s"
		}
		for i, p := range parts {
			c.putMoments(answer.Rows[i], name, p)
		}
		all := part{from: c.from, to: c.to}
		c.putMoments(answer.Total, name, all)
		if e := c.extent(name, all); e.n > 0 {
			answer.Total[name+"_min_from"], answer.Total[name+"_max_from"] = c.time(e.minAt), c.time(e.maxAt)
		}
	}
	answer.Notes = append(answer.Notes, "_mean is the mean of the values of all telegrams, rounded to three decimals; _min and _max are values that the meter sent, _min_from and _max_from when the quarter of an hour begins in which it did so first")
	return answer, c.pick(q, answer, parts)
}

// extent is what is known of a momentary column in a span.
type extent struct {
	n            int64
	sum          telegram.Decimal
	min, max     telegram.Decimal
	maxAt, minAt time.Time // the quarters that they are in
	above, below int64     // seconds
	held         bool
	ok           bool // the sum is right
}

// extent joins the quarters of a span.
func (c *scope) extent(name string, p part) extent {
	e := extent{ok: true}
	first, end := c.within(p.from, p.to)
	for _, x := range c.cells[first:end] {
		s := x.m.Columns[name]
		if s == nil || s.Count[x.i] == 0 || !s.Min[x.i].OK || !s.Max[x.i].OK || !s.Sum[x.i].OK {
			continue
		}
		if low := s.Min[x.i].Decimal; e.n == 0 || tables.Above(e.min, low) {
			e.min, e.minAt = low, c.at(x.start())
		}
		if high := s.Max[x.i].Decimal; e.n == 0 || tables.Above(high, e.max) {
			e.max, e.maxAt = high, c.at(x.start())
		}
		sum, ok := e.sum.Plus(s.Sum[x.i].Decimal)
		e.sum, e.ok = sum, e.ok && ok
		e.n += s.Count[x.i]
		if len(s.Above) > 0 && s.Above[x.i].OK {
			e.above, e.held = e.above+s.Above[x.i].Digits, true
		}
		if len(s.Below) > 0 && s.Below[x.i].OK {
			e.below += s.Below[x.i].Digits
		}
	}
	return e
}

// putMoments puts what is known of a momentary column into a row.
func (c *scope) putMoments(r Row, name string, p part) {
	e := c.extent(name, p)
	if e.n == 0 {
		why := "no telegram that counts says it"
		if c.isOutside(p) {
			why = outside
		}
		for _, suffix := range []string{"_mean", "_min", "_max"} {
			r.null(name+suffix, why)
		}
		return
	}
	r[name+"_min"], r[name+"_max"] = number(e.min), number(e.max)
	mean, ok := tables.Quotient(e.sum, 1, telegram.Decimal{Digits: e.n})
	if e.ok && ok {
		r[name+"_mean"] = number(mean)
	} else {
		r.null(name+"_mean", "the sum has more digits than can be counted")
	}
	if e.held {
		r[name+"_above_s"], r[name+"_below_s"] = e.above, e.below
	}
}
