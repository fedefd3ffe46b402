package table

import (
	"bufio"
	"encoding/csv"
	"io"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gocarina/gocsv"
)

// kind says what the cells of a column are, for the styles that differ.
type kind int

const (
	textKind   kind = iota // from the meter or from elsewhere: anything
	numberKind             // decimal text with a point
	timeKind               // a time, a date or an offset
)

// The types of a row's cells; a plain string is text. With MarshalCSV gocsv
// takes half the time for them that it takes for a type it must look into.
type (
	numberCell string
	timeCell   string
)

func (c numberCell) MarshalCSV() (string, error) { return string(c), nil }
func (c timeCell) MarshalCSV() (string, error)   { return string(c), nil }

// kindsOf returns the kinds of the columns of a row struct.
func kindsOf[Row any]() []kind {
	t := reflect.TypeFor[Row]()
	kinds := make([]kind, t.NumField())
	for i := range kinds {
		switch t.Field(i).Type {
		case reflect.TypeFor[numberCell]():
			kinds[i] = numberKind
		case reflect.TypeFor[timeCell]():
			kinds[i] = timeKind
		}
	}
	return kinds
}

// writeSize is how many bytes of a table are written at once at least, while
// nobody waits for them.
const writeSize = 64 << 10

// sink takes the cells of a table row by row and writes them in the table's
// style. It is a [gocsv.CSVWriter].
type sink struct {
	csv          *csv.Writer
	kinds        []kind
	decimalComma bool
	guard        bool
	row          []string
}

func newSink(w io.Writer, o Options, kinds []kind) *sink {
	buf := bufio.NewWriterSize(w, writeSize)
	if o.BOM {
		buf.WriteString("\uFEFF") // into the empty buffer: cannot fail
	}
	s := &sink{
		csv:          csv.NewWriter(buf), // which takes buf for its own buffer
		kinds:        kinds,
		decimalComma: o.DecimalComma,
		guard:        o.GuardFormulas,
		row:          make([]string, len(kinds)),
	}
	s.csv.Comma = o.Delimiter
	s.csv.UseCRLF = o.CRLF
	return s
}

// Write takes a row, one cell for each column.
func (s *sink) Write(cells []string) error {
	for i, cell := range cells {
		switch s.kinds[i] {
		case textKind:
			cell = s.text(cell)
		case numberKind:
			if s.decimalComma {
				cell = strings.Replace(cell, ".", ",", 1)
			}
		}
		s.row[i] = cell
	}
	return s.csv.Write(s.row)
}

// Flush writes what is buffered; Error tells whether that failed.
func (s *sink) Flush() { s.csv.Flush() }

// Error returns the first error of the writer below.
func (s *sink) Error() error { return s.csv.Error() }

// text returns a text cell fit for any reader: control characters, and what is
// not UTF-8, are U+FFFD, so that a row is always one line.
func (s *sink) text(cell string) string {
	for i := 0; i < len(cell); i++ {
		if c := cell[i]; c < 0x20 || c > 0x7E {
			cell = strings.Map(func(r rune) rune {
				if unicode.IsControl(r) {
					return utf8.RuneError
				}
				return r
			}, cell)
			break
		}
	}
	if s.guard && cell != "" && strings.IndexByte("=+-@", cell[0]) >= 0 {
		return "'" + cell
	}
	return cell
}

// heading is a sink before its first row: what is written to it are the names
// of the columns, which stay in the buffer.
type heading struct{ *sink }

func (h heading) Write(names []string) error { return h.csv.Write(names) }
func (h heading) Flush()                     {}

// batchRows is how many rows are kept back at most.
const batchRows = 512

// batch gathers rows of a struct type with csv tags, on their way through gocsv
// to the sink.
type batch[Row any] struct {
	rows []Row
	sink *sink
}

func newBatch[Row any](w io.Writer, o Options) (*batch[Row], error) {
	b := &batch[Row]{sink: newSink(w, o, kindsOf[Row]())}
	if o.NoHeader {
		return b, nil
	}
	return b, gocsv.MarshalCSV(b.rows, heading{b.sink})
}

func (b *batch[Row]) add(r *Row) error {
	b.rows = append(b.rows, *r)
	if len(b.rows) == batchRows {
		return b.flush()
	}
	return nil
}

func (b *batch[Row]) flush() error {
	err := gocsv.MarshalCSVWithoutHeaders(b.rows, b.sink)
	b.rows = b.rows[:0]
	return err
}
