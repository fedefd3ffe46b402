package tables

import "slices"

// cell is a column of a format that has types: a column of the table, or the offset of its
// time, which such a time has beside it.
//
//	time, utc_offset, gas_time   →   time, utc_offset, gas_time, gas_time_utc_offset
type cell struct {
	column
	from   int  // the column of the table
	offset bool // the offset of the time there
}

// offsetName is what the columns of offsets are called, after the name of a time other than
// the row's own.
const offsetName = "utc_offset"

// typed returns the columns of a table for a format that has types. The offset of a time that
// the table shows itself has no second column.
// Where shown, times are as the clock shows them, and those among text have one too.
func typed(columns []column, shown bool) []cell {
	var list []cell
	for i, c := range columns {
		list = append(list, cell{column: c, from: i, offset: c.kind == offsetKind})
		if c.kind != timeKind && !(c.mixed && shown) {
			continue
		}
		name := c.name + "_" + offsetName
		if c.role == stampRole {
			name = offsetName
		}
		if !slices.ContainsFunc(columns, func(c column) bool { return c.name == name }) {
			list = append(list, cell{column: column{name: name, kind: offsetKind, mixed: c.mixed}, from: i, offset: true})
		}
	}
	return list
}

// appendOffset appends the offset of a time, +02:00, or nothing where it is not known.
func (v *value) appendOffset(b []byte) []byte {
	if _, known := v.instant(); !known {
		return b
	}
	return v.clock.Time.AppendFormat(b, "-07:00")
}

// stampColumn is the column with the time of the row, -1 for none.
func stampColumn(columns []column) int {
	return slices.IndexFunc(columns, func(c column) bool { return c.role == stampRole })
}
