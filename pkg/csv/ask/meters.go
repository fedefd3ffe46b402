package ask

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"p1/pkg/csv/index"
)

// Meters answers which meters there are, from when to when, and what they say.
func (a *Asker) Meters(ctx context.Context, progress Progress) (*Answer, error) {
	files, sealed, err := a.archive.Files()
	if err != nil {
		return nil, err
	}
	days, failed, err := a.archive.Days(ctx, files, func(*index.Meter, string) bool { return false }, progress)
	if err != nil {
		return nil, err
	}
	if len(days) == 0 && failed > 0 {
		return nil, unreadable(failed)
	}
	answer := &Answer{Zone: "of each meter: see its row", Units: map[string]string{}, Rows: []Row{}}
	var names []string
	for _, d := range days {
		for _, m := range d.Meters {
			if !slices.Contains(names, m.Name) {
				names = append(names, m.Name)
			}
		}
	}
	if len(names) > maxRows {
		return nil, userf("there are %d meters, more than an answer has rows", len(names))
	}
	slices.Sort(names)
	for _, name := range names {
		c := &scope{asker: a, days: days}
		if err := c.choose(a.meterName(name)); err != nil {
			return nil, err
		}
		if err := c.gather(ctx, wanted{asker: a}, progress); err != nil {
			return nil, err
		}
		c.from, c.to = c.data[0], c.data[1]
		v := c.coverage(c.at(floorTo(c.from.Unix(), quarterSeconds)), c.at(c.cells[len(c.cells)-1].start()+quarterSeconds))
		if c.others > 0 {
			answer.Notes = append(answer.Notes, c.othersNote())
		}
		columns := columnsOf(func(x index.Column) bool { return c.columns[x.Name] }) // of the fixed list
		for _, column := range columns {
			answer.Units[column] = unitOf(column)
		}
		answer.Rows = append(answer.Rows, Row{"meter": c.name, "zone": c.zoneName(), "data_from": v.DataFrom, "data_to": v.DataTo,
			"telegrams": v.Telegrams, "missing": v.Missing, "columns": columns, "seconds_between_telegrams": c.period})
	}
	answer.Notes = append(answer.Notes, fmt.Sprintf("files that are read: %d; today is %s, by the clock of the computer", len(days), a.today()))
	if sealed > 0 {
		answer.Notes = append(answer.Notes, fmt.Sprintf(sealedWords, sealed))
	}
	if failed > 0 {
		answer.Notes = append(answer.Notes, fmt.Sprintf("%d files could not be read and are left out", failed))
	}
	if !a.o.ShowNumbers {
		answer.Notes = append(answer.Notes, "names of meters are pseudonyms; the owner can see the numbers with p1csv --mcp --show-numbers")
	}
	return answer, nil
}

// maxGaps are told one by one, the longest; all are counted.
const maxGaps = 20

// gap is a time without a telegram.
type gap struct{ from, to int64 }

// Coverage answers how much of a span is known, and what is missing.
func (a *Asker) Coverage(ctx context.Context, q Rows, progress Progress) (*Answer, error) {
	if err := q.check(); err != nil {
		return nil, err
	}
	c, err := a.scope(ctx, q.Span, progress)
	if err != nil {
		return nil, err
	}
	answer := c.answer()
	parts, err := c.parts(q, answer)
	if err != nil {
		return nil, err
	}
	for i, unit := range map[string]string{"telegrams": "1", "longest_gap_s": "s", "seconds_in_gaps": "s", "seconds_outside_of_data": "s"} {
		answer.Units[i] = unit
	}
	gaps := cut(c.gaps(), c.from.Unix(), c.to.Unix())
	for _, p := range parts {
		answer.Rows = append(answer.Rows, c.covered(p, gaps))
	}
	answer.Total = c.covered(part{from: c.from, to: c.to}, gaps)
	inside := slices.Clone(gaps)
	slices.SortStableFunc(inside, func(a, b gap) int { return cmp.Compare(b.to-b.from, a.to-a.from) })
	var longest []Row
	for _, g := range inside[:min(maxGaps, len(inside))] {
		longest = append(longest, Row{"from": c.time(c.at(g.from)), "to": c.time(c.at(g.to)), "length_s": g.to - g.from})
	}
	answer.Total["longest_gaps"] = longest
	answer.Notes = append(answer.Notes,
		fmt.Sprintf("a gap is a time without a telegram that counts, of more than a quarter of an hour; it counts, with all its length, in the row in which it begins, and seconds_in_gaps are those of each row; longest_gaps are the longest %d at most of all that gaps counts", maxGaps),
		"missing are telegrams that should have come at the meter's usual pace and do not count, shorter gaps too; before the first telegram and after the last one none is expected, but known_percent counts that time as not known, as far as it is over")
	return answer, c.pick(q, answer, parts)
}

// gaps are all times of more than a quarter without a telegram, as far as they are over.
func (c *scope) gaps() (list []gap) {
	last := c.from.Unix()
	for _, x := range c.cells {
		if x.from()-last > quarterSeconds {
			list = append(list, gap{last, x.from()})
		}
		last = x.to()
	}
	if end := c.past(c.to); end-last > quarterSeconds {
		list = append(list, gap{last, end})
	}
	return list
}

// cut are the parts of gaps that lie in a span.
func cut(gaps []gap, from, to int64) (list []gap) {
	for _, g := range gaps {
		if g = (gap{max(g.from, from), min(g.to, to)}); g.from < g.to {
			list = append(list, g)
		}
	}
	return list
}

// covered is a row of how much is known.
func (c *scope) covered(p part, gaps []gap) Row {
	v := c.coverage(p.from, p.to)
	r := Row{"from": c.time(p.from), "to": c.time(p.to), "telegrams": v.Telegrams, "expected": v.Expected, "missing": v.Missing, "repaired": v.Repaired,
		"unchecked": v.Unchecked, "with_doubted_lines": v.Doubted, "suspect_left_out": v.Suspect, "salvaged_left_out": v.Salvaged, "lost": v.Lost}
	if v.Why != "" {
		r["why_missing"] = v.Why
	}
	r["seconds_outside_of_data"] = v.Outside
	share := func(key string, n, of int64) {
		switch {
		case of <= 0 && v.Expected > 0:
			r.null(key, "no telegram that counts came")
			return
		case of <= 0:
			r.null(key, "nothing is expected here")
			return
		}
		r[key] = number(percent(n, of))
	}
	share("known_percent", v.Telegrams, v.Expected+v.Outside/c.period)
	if c.torn && p.to.After(c.data[1]) {
		r.null("known_percent", torn)
	}
	share("repaired_percent", v.Repaired, v.Telegrams)
	share("salvaged_percent", v.Salvaged, v.Expected)
	share("doubted_percent", v.Doubted, v.Telegrams)
	begun, longest, within := 0, int64(0), int64(0)
	for _, g := range gaps {
		if g.from >= p.from.Unix() && g.from < p.to.Unix() {
			begun, longest = begun+1, max(longest, g.to-g.from)
		}
		within += max(0, min(g.to, p.to.Unix())-max(g.from, p.from.Unix()))
	}
	r["gaps"], r["longest_gap_s"], r["seconds_in_gaps"] = begun, longest, within
	return r
}
