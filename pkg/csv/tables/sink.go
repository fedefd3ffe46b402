package tables

import (
	"bufio"
	"io"
	"slices"

	"p1/pkg/display"
)

// sink takes the rows of a table, in each a value for each of its columns, and writes
// them in one format.
type sink interface {
	// begin writes what stands before the rows.
	begin() error
	// write takes a row. It keeps the texts of values, but not the row.
	write(row []value) error
	// flush hands on what is written so far.
	flush() error
	// end writes what stands after the rows, and those kept back.
	end() error
	// words says at the end which rows are left out, and why, or nothing.
	words() string
	// written is how many rows stand in the table.
	written() int
}

// format is a way of writing tables, and what goes with it. A new one has a row in
// formats, and a file of its own with its sink.
type format struct {
	name string
	note string // a few words for people, or none
	sink func(writer, Options, []column) sink
	// styled is whether the style of Options is for it.
	styled bool
	// timed is whether a row must have a time: that of the host where the meter has none.
	timed bool
	// several is whether a file holds several tables.
	several bool
	// whole is whether a file can be read once it is whole, and not before.
	whole bool
	// parts is whether rows may be shared by several files.
	parts bool
}

// formats are all that there are.
func formats() []format {
	return []format{
		{name: CSV, sink: newCSV, styled: true},
		{name: JSON, note: "an object a line", sink: newJSON},
		{name: Influx, note: "line protocol", sink: newInflux, timed: true},
		{name: XLSX, note: "a workbook", sink: newXLSX, several: true, whole: true},
		{name: Parquet, note: "columns with types", sink: newParquet, whole: true, parts: true},
	}
}

// The formats, for Options.Format.
const (
	CSV     = "csv"
	JSON    = "json"
	Influx  = "influx"
	XLSX    = "xlsx"
	Parquet = "parquet"
)

// FormatNames lists the formats for people, with a few words on those that need some.
func FormatNames() string {
	names := Formats()
	for i, f := range formats() {
		if f.note != "" {
			names[i] += " (" + f.note + ")"
		}
	}
	return display.Listed(names, "or")
}

// Formats lists the names that [Options.Format] may have.
func Formats() (names []string) {
	for _, f := range formats() {
		names = append(names, f.name)
	}
	return names
}

// format is the one that is asked for, which is known to be there.
func (o *Options) format() format {
	all := formats()
	return all[max(0, slices.IndexFunc(all, func(f format) bool { return f.name == o.Format }))]
}

// writer is what the sinks of formats write to, with what few of them need otherwise.
type writer struct {
	*bufio.Writer
	rows *int
}

// row writes a row.
func (w writer) row(text []byte) error {
	*w.rows++
	_, err := w.Write(text)
	return err
}

func (w writer) begin() error  { return nil }
func (w writer) flush() error  { return w.Flush() }
func (w writer) end() error    { return nil }
func (w writer) words() string { return "" }
func (w writer) written() int  { return *w.rows }

// writeSize is how many bytes of a table are written at once at least, while
// nobody waits for them.
const writeSize = 64 << 10

// newSink returns the sink of the format that o asks for, or one that joins rows and
// hands them to that, where o asks for it.
func newSink(w io.Writer, o Options, columns []column) sink {
	to := writer{bufio.NewWriterSize(w, writeSize), new(int)}
	if o.Every != 0 {
		return newEvery(o, columns, func(columns []column) sink { return o.format().sink(to, o, columns) })
	}
	return o.format().sink(to, o, columns)
}

// sheet is the table that rows are added to.
//
//	sheet, err := newSheet(w, o, []column{
//		{name: "time", kind: timeKind, role: stampRole},
//		{name: "meter", role: tagRole},
//		{name: "gas_m3", kind: numberKind, code: "0-1:24.2.1", unit: "m3", what: telegram.Register},
//	})
//	err = sheet.add(clockValue(at, true), textValue(meter), numberValue(volume))
//
// A table embeds it for its flush and close, and has its own take. Each row has
// one value for each column. The names of the columns differ from each other.
type sheet struct {
	sink sink
	say  func(string)
	row  []value // the last one: what is handed to a sink would take an allocation else
}

func newSheet(w io.Writer, o Options, columns []column) (*sheet, error) {
	s := &sheet{sink: newSink(w, o, columns), say: o.Say}
	return s, s.sink.begin()
}

func (s *sheet) add(row ...value) error {
	s.row = append(s.row[:0], row...)
	return s.sink.write(s.row)
}

func (s *sheet) flush() error { return s.sink.flush() }

// written is how many rows stand in the table, which may not be begun yet.
func (s *sheet) written() int {
	if s == nil {
		return 0
	}
	return s.sink.written()
}

// leftOut reports whether rows are left out.
func (s *sheet) leftOut() bool { return s != nil && s.sink.words() != "" }

// close ends the table, and says what is to be said of its rows.
func (s *sheet) close() error {
	err := s.flush()
	if err == nil {
		err = s.sink.end()
	}
	if err == nil {
		err = s.flush()
	}
	if words := s.sink.words(); err == nil && s.say != nil && words != "" {
		s.say(words)
	}
	return err
}
