package ask

import (
	"fmt"
	"slices"
	"strings"

	"p1/pkg/csv/index"
	"p1/pkg/csv/tables"
	"p1/pkg/telegram"
)

// mostRows is how many rows a question may have: more than an answer, where only the highest
// or the lowest are told.
func (q Rows) mostRows() (int, error) {
	switch {
	case q.By == "" && q.High == 0 && q.Low == 0:
		return maxRows, nil
	case q.By == "" || q.High != 0 && q.Low != 0 || q.High == 0 && q.Low == 0:
		return 0, userf("by goes with either highest or lowest: by=import_kwh and highest=3")
	case q.High < 0 || q.High > maxHigh || q.Low < 0 || q.Low > maxHigh:
		return 0, userf("highest and lowest are from 1 to %d", maxHigh)
	case q.Every == "" || q.Every == "total":
		return 0, userf("every says of which rows the highest or the lowest are wanted, such as 1d")
	}
	return maxPicked, nil
}

// pick leaves the rows that are asked for. Of the lowest those count that the data fill: a day
// that has just begun is low, and says nothing.
func (c *scope) pick(q Rows, a *Answer, parts []part) error {
	if q.By == "" {
		return nil
	}
	type ranked struct {
		row Row
		by  telegram.Decimal
	}
	var list []ranked
	for i, r := range a.Rows {
		by, ok := numberOf(r[q.By])
		if ok && (q.High > 0 || c.filled(parts[i])) {
			list = append(list, ranked{r, by})
		}
	}
	if !slices.ContainsFunc(a.Rows, func(r Row) bool { return isColumn(r, q.By) }) {
		return userf("by is one of %s", strings.Join(columnsIn(a.Rows), ", "))
	}
	slices.SortStableFunc(list, func(x, y ranked) int {
		if q.Low > 0 {
			x, y = y, x
		}
		switch {
		case tables.Above(x.by, y.by):
			return -1
		case tables.Above(y.by, x.by):
			return 1
		}
		return 0
	})
	if left := len(a.Rows) - len(list); left > 0 {
		a.Notes = append(a.Notes, fmt.Sprintf("of %d rows %d are left out of the choice, since their value of it is not known, or, of the lowest, since the data do not fill them", len(a.Rows), left))
	}
	a.Rows = []Row{}
	for _, x := range list[:min(len(list), max(q.High, q.Low))] {
		a.Rows = append(a.Rows, x.row)
	}
	return nil
}

// filled reports whether a row is whole, and the data begin and end outside of it, or with it.
func (c *scope) filled(p part) bool {
	return !p.cut && !c.data[0].After(p.from.Add(index.Quarter)) && !c.data[1].Before(p.to.Add(-index.Quarter))
}

// isColumn reports whether rows may be picked by what has that name.
func isColumn(r Row, name string) bool {
	v, there := r[name]
	if _, ok := numberOf(v); ok {
		return true
	}
	return there && v == nil
}

// columnsIn are the names of all columns with numbers.
func columnsIn(rows []Row) (names []string) {
	for _, r := range rows {
		for name := range r {
			if isColumn(r, name) && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// numberOf is the number of a row.
func numberOf(v any) (telegram.Decimal, bool) {
	switch n := v.(type) {
	case int64:
		return telegram.Decimal{Digits: n}, true
	case int:
		return telegram.Decimal{Digits: int64(n)}, true
	case fmt.Stringer: // json.Number
		return telegram.ParseDecimal(n.String())
	}
	return telegram.Decimal{}, false
}
