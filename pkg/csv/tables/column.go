package tables

import (
	"reflect"
	"slices"

	"github.com/gocarina/gocsv"

	"p1/pkg/telegram"
)

// kind says what the cells of a column are, for the formats and styles that
// differ.
type kind int

const (
	textKind   kind = iota // from the meter or from elsewhere: anything
	numberKind             // decimal text with a point
	timeKind               // a time, a date or an offset
)

// role says what a column is to a database that keeps points in time.
type role int

const (
	fieldRole role = iota // what was measured
	tagRole               // whose it is: the meter, a channel, a status
	stampRole             // when it was: the row's time
	hostRole              // when it came in, or was over: the row's time where there is no other
)

// column is a column of a table: how it is called and written, and what it
// shows.
type column struct {
	name string
	kind kind
	role role
	// Of a quantity also what was measured, for those who compute with it.
	code string // OBIS code, or "" where the cell is not that of one line
	unit string // kWh, or "" where it has none
	what telegram.Kind
}

// The types of a row's cells; a plain string is text.
type (
	numberCell string
	timeCell   string
)

// columnsOf returns the columns of a row struct: their names are the csv tags, as gocsv
// reads them, their roles the tags `is:"tag"` and `is:"stamp"`; the tag obis is the
// code of the line whose value is shown.
func columnsOf[Row any]() []column {
	t := reflect.TypeFor[Row]()
	columns := make([]column, t.NumField())
	for i, name := range headingOf[Row]() {
		f := t.Field(i)
		c := &columns[i]
		c.name = name
		switch f.Type {
		case reflect.TypeFor[numberCell]():
			c.kind = numberKind
		case reflect.TypeFor[timeCell]():
			c.kind = timeKind
		}
		if code := f.Tag.Get("obis"); code != "" {
			m := telegram.Lookup(code)
			c.code, c.unit, c.what = code, m.Unit, m.Kind
		}
		switch f.Tag.Get("is") {
		case "tag":
			c.role = tagRole
		case "stamp":
			c.role = stampRole
		}
	}
	return columns
}

// headingOf returns the heading line of a row struct.
func headingOf[Row any]() []string {
	var h heading
	gocsv.MarshalCSV([]Row{}, &h) // into memory: cannot fail
	return h
}

// heading takes the first line that gocsv writes.
type heading []string

func (h *heading) Write(row []string) error {
	*h = slices.Clone(row)
	return nil
}

func (*heading) Flush()       {}
func (*heading) Error() error { return nil }
