package ask

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"p1/pkg/telegram"
)

// maxRows are in an answer. Where there would be more, they are longer.
const maxRows = 200

// Of how many rows the highest are picked, and how many those are at most.
const (
	maxPicked = 3000
	maxHigh   = 50
)

// length is how long a row may be.
type length struct {
	name  string
	floor func(t time.Time) time.Time // where the row of a time begins
	next  func(t time.Time) time.Time // where the row after it does
}

// lengths are all, the shortest first.
func lengths() []length {
	var list []length
	for _, name := range []string{"15m", "30m", "1h", "2h", "3h", "6h", "12h"} {
		d, _ := time.ParseDuration(name)
		list = append(list, length{name, func(t time.Time) time.Time { return floorWall(t, d) }, func(t time.Time) time.Time { return nextWall(t, d) }})
	}
	day := func(t time.Time) time.Time { return dateOf(t, 0, 0, 0) }
	return append(list,
		length{"1d", day, func(t time.Time) time.Time { return dateOf(t, 0, 0, 1) }},
		length{"1w", func(t time.Time) time.Time { return dateOf(t, 0, 0, -(int(t.Weekday())+6)%7) }, func(t time.Time) time.Time { return dateOf(t, 0, 0, 7) }},
		length{"1mo", func(t time.Time) time.Time { return dateOf(t, 0, 0, 1-t.Day()) }, func(t time.Time) time.Time { return dateOf(t, 0, 1, 0) }},
		length{"1y", func(t time.Time) time.Time { return time.Date(t.Year(), 1, 1, 0, 0, 0, 0, t.Location()) }, func(t time.Time) time.Time { return dateOf(t, 1, 0, 0) }},
	)
}

// dateOf is the midnight of a date that is so much later.
func dateOf(t time.Time, years, months, days int) time.Time {
	y, m, d := t.Date()
	return time.Date(y+years, m+time.Month(months), d+days, 0, 0, 0, 0, t.Location())
}

// floorWall is where a row of hours begins, counted from local midnight. In real time, so
// that the hour that autumn repeats has rows of its own.
func floorWall(t time.Time, d time.Duration) time.Time {
	if d <= time.Hour {
		past := time.Duration(t.Minute()*60+t.Second()) * time.Second % d
		return t.Add(-past)
	}
	midnight := dateOf(t, 0, 0, 0)
	return midnight.Add(t.Sub(midnight) / d * d)
}

// nextWall is where the row after the one that begins at t does; no row is longer than its day.
func nextWall(t time.Time, d time.Duration) time.Time {
	next := t.Add(d)
	if d > time.Hour {
		if midnight := dateOf(t, 0, 0, 1); next.After(midnight) {
			return midnight
		}
	}
	return next
}

// part is the time of a row.
type part struct {
	from, to time.Time
	before   time.Time // where the row before it begins
	cut      bool      // it is shorter than its length, since the span begins or ends in it
}

// wholeOf is the time of all rows.
func wholeOf(parts []part) part {
	first := parts[0]
	first.to, first.cut = parts[len(parts)-1].to, false
	return first
}

// check reports what cannot be answered, before anything is read.
func (q Rows) check() error {
	var names []string
	for _, l := range lengths() {
		names = append(names, l.name)
	}
	if q.Every != "" && q.Every != "total" && !slices.Contains(names, q.Every) {
		return userf("every is one of %s, total", strings.Join(names, ", "))
	}
	_, err := q.mostRows()
	return err
}

// parts divides a span as it is asked for, or coarser.
func (c *scope) parts(q Rows, a *Answer) ([]part, error) {
	most, err := q.mostRows()
	if err != nil {
		return nil, err
	}
	every, all := q.Every, lengths()
	if every == "total" {
		a.Every = every
		return []part{{from: c.from, to: c.to}}, nil
	}
	asked := slices.IndexFunc(all, func(l length) bool { return l.name == every })
	for i := max(asked, 0); i < len(all); i++ {
		parts, ok := c.divide(all[i], most)
		if !ok {
			continue
		}
		a.Every = all[i].name
		if asked >= 0 && i != asked {
			a.Coarsened = fmt.Sprintf("rows of %s, not %s: there are %d rows at most", all[i].name, every, most)
		}
		return parts, nil
	}
	a.Every, a.Coarsened = "total", "one row for all of it"
	return []part{{from: c.from, to: c.to}}, nil
}

// divide divides the span into rows, false if there are too many. The first and the last may
// be parts of one.
func (c *scope) divide(l length, most int) (parts []part, ok bool) {
	before := l.floor(l.floor(c.from).Add(-time.Second))
	for at := l.floor(c.from); at.Before(c.to); {
		next := l.next(at)
		if len(parts) == most {
			return nil, false
		}
		from, to := at, next
		if from.Before(c.from) {
			from = c.from
		}
		if to.After(c.to) {
			to = c.to
		}
		parts = append(parts, part{from, to, before, !from.Equal(at) || !to.Equal(next)})
		at, before = next, from
	}
	return parts, true
}

// row is one with its time, and how much of it is known.
func (c *scope) row(p part) Row {
	r := Row{"from": c.time(p.from), "to": c.time(p.to)}
	v := c.coverage(p.from, p.to)
	r["telegrams"], r["repaired"], r["missing"] = v.Telegrams, v.Repaired, v.Missing
	return r
}

// percent is a share in percent. What is not all of it is never 100.
func percent(n, of int64) telegram.Decimal {
	return telegram.Decimal{Digits: n * 10000 / of, Scale: 2}
}
