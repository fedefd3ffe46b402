package ask

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"p1/pkg/csv/index"
)

// wanted says what of the indexes a question needs.
type wanted struct {
	asker    *Asker
	meter    string // "" where there is one only
	columns  []string
	from, to int64 // some days more than the span has; 0 where it has no end
}

// want reports whether a question needs a column of an index.
func (w wanted) want(m *index.Meter, column string) bool {
	return w.of(m, column) && len(m.Start) > 0 && (w.from == 0 || m.Start[len(m.Start)-1] >= w.from) && (w.to == 0 || m.Start[0] <= w.to)
}

// of reports whether a question is about a column.
func (w wanted) of(m *index.Meter, column string) bool {
	return slices.Contains(w.columns, column) && (w.meter == "" || w.asker.meterName(m.Name) == w.meter)
}

// has reports whether a quarter is one that a question needs.
func (w wanted) has(start int64) bool {
	return (w.from == 0 || start >= w.from) && (w.to == 0 || start <= w.to)
}

// rough is a time two days before or after the one that a text says, 0 where it says none:
// what is outside need not be read.
func rough(text string, way int) int64 {
	at, ok := parseTime(text, time.UTC)
	if !ok {
		return 0
	}
	return at.AddDate(0, 0, 2*way).Unix()
}

// readBefore reads the columns of the last files before the span too, if they are not read:
// what a register gained in a gap is told by its last reading before that, however long ago
// it was.
func (c *scope) readBefore(ctx context.Context, w wanted, progress Progress) error {
	if w.from == 0 {
		return nil
	}
	again := map[int]bool{}
	for _, column := range w.columns {
		last, at := int64(math.MinInt64), -1
		for i, d := range c.days {
			for _, m := range d.Meters {
				if c.mine(m) && slices.Contains(strings.Fields(m.Has), column) && len(m.Start) > 0 && m.Start[0] < w.from {
					n, _ := slices.BinarySearch(m.Start, w.from)
					if m.Start[n-1] > last {
						last, at = m.Start[n-1], i
					}
				}
			}
		}
		if at >= 0 {
			again[at] = true
		}
	}
	for i := range again {
		days, _, err := c.asker.archive.Days(ctx, []index.File{c.days[i].File}, w.of, progress)
		if err != nil {
			return err
		}
		if len(days) > 0 {
			c.days[i] = days[0]
		}
	}
	return nil
}

// mine reports whether quarters are those of the meter that is asked about.
func (c *scope) mine(m *index.Meter) bool { return m.Name == c.meter && m.Floating == c.floating }

// gather finds the quarters of the meter. Where files tell of the same time, as logs that
// overlap do, they are read as one.
func (c *scope) gather(ctx context.Context, w wanted, progress Progress) error {
	quarters := map[int64][]cell{}
	for _, d := range c.days {
		for _, m := range d.Meters {
			if !c.mine(m) {
				continue
			}
			for i, start := range m.Start {
				quarters[start] = append(quarters[start], cell{m: m, i: i, day: d})
			}
		}
	}
	joined := map[string]*index.Meter{}
	for start, cells := range quarters {
		if cells = ordered(cells); !overlap(cells) {
			c.cells = append(c.cells, cells...)
			continue
		}
		best := slices.MaxFunc(cells, func(a, b cell) int { return cmp.Compare(a.m.Telegrams[a.i], b.m.Telegrams[b.i]) })
		if w.has(start) && cells[0].day != cells[len(cells)-1].day {
			m, err := c.join(ctx, w, cells, joined, progress)
			if err != nil {
				return err
			}
			if i, there := slices.BinarySearch(m.Start, start); there {
				best = cell{m: m, i: i}
			}
		}
		c.cells = append(c.cells, best)
	}
	c.cells = ordered(c.cells)
	c.measure()
	return nil
}

// ordered are quarters in the order of time.
func ordered(cells []cell) []cell {
	slices.SortStableFunc(cells, func(a, b cell) int { return cmp.Or(cmp.Compare(a.start(), b.start()), cmp.Compare(a.from(), b.from())) })
	return cells
}

// overlap reports whether some of the quarters tell of the same time.
func overlap(cells []cell) bool {
	for i := 1; i < len(cells); i++ {
		if cells[i].from() <= cells[i-1].until() {
			return true
		}
	}
	return false
}

// join reads the files of quarters as one.
func (c *scope) join(ctx context.Context, w wanted, cells []cell, joined map[string]*index.Meter, progress Progress) (*index.Meter, error) {
	var files []index.File
	for _, d := range c.days {
		if slices.ContainsFunc(cells, func(x cell) bool { return x.day == d }) {
			files = append(files, d.File)
		}
	}
	f := index.Joined(files)
	if m := joined[f.Name()]; m != nil {
		return m, nil
	}
	days, _, err := c.asker.archive.Days(ctx, []index.File{f}, w.of, progress)
	if err != nil {
		return nil, err
	}
	m := &index.Meter{}
	for _, d := range days {
		for _, one := range d.Meters {
			if c.mine(one) {
				m = one
			}
		}
	}
	joined[f.Name()] = m
	return m, nil
}
