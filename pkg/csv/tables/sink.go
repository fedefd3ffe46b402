package tables

import (
	"bufio"
	"encoding/csv"
	"io"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gocarina/gocsv"

	"p1/pkg/telegram"
)

// writeSize is how many bytes of a table are written at once at least, while
// nobody waits for them.
const writeSize = 64 << 10

// sink takes the cells of a table row by row, one for each column, and writes
// them in one format. An empty cell is a value that is not there.
type sink interface {
	gocsv.CSVWriter // Write a row, Flush, and the Error of the writer below
	// heading writes the names of the columns, where the format has them on a
	// line of their own.
	heading() error
	// end hands on what is kept back for rows to come, of which there are none.
	end() error
	// words says at the end what a person must know of the rows, or nothing.
	words() string
}

// newSink returns the sink of the format that o asks for, behind one that joins
// rows where it asks for that.
func newSink(w io.Writer, o Options, columns []column) sink {
	buf := bufio.NewWriterSize(w, writeSize)
	if o.Every != 0 {
		return newEvery(o, columns, func(columns []column) sink { return newFormat(buf, o, columns) })
	}
	return newFormat(buf, o, columns)
}

func newFormat(buf *bufio.Writer, o Options, columns []column) sink {
	switch o.Format {
	case JSON:
		return newJSON(buf, columns)
	case Influx:
		return newInflux(buf, o, columns)
	}
	return newCSV(buf, o, columns)
}

// csvSink writes rows as CSV.
type csvSink struct {
	csv          *csv.Writer
	buf          *bufio.Writer // that of csv
	columns      []column
	decimalComma bool
	guard        bool
	headless     bool
	row          []string
	bare         [256]bool // bytes of which a cell is that surely needs no quotes
	line         []byte
	ink          ink
	room         []byte // for a cell that is changed
}

func newCSV(buf *bufio.Writer, o Options, columns []column) *csvSink {
	if o.BOM {
		buf.WriteString("\uFEFF") // into the empty buffer: cannot fail
	}
	s := &csvSink{
		csv:          csv.NewWriter(buf), // which takes buf for its own buffer
		buf:          buf,
		columns:      columns,
		decimalComma: o.DecimalComma,
		guard:        o.GuardFormulas,
		headless:     o.NoHeader,
		row:          make([]string, len(columns)),
	}
	s.csv.Comma = o.Delimiter
	s.csv.UseCRLF = o.CRLF
	for c := range s.bare {
		s.bare[c] = o.Delimiter < utf8.RuneSelf && rune(c) != o.Delimiter &&
			(telegram.IsDigit(byte(c)) || byte(c)|0x20-'a' < 26 || strings.IndexByte("+-.:_", byte(c)) >= 0)
	}
	return s
}

func (s *csvSink) heading() error {
	if s.headless {
		return nil
	}
	for i := range s.columns {
		s.row[i] = s.columns[i].name
	}
	return s.csv.Write(s.row)
}

// Write takes a row.
func (s *csvSink) Write(cells []string) error {
	for i, cell := range cells {
		switch s.columns[i].kind {
		case textKind:
			cell = oneLine(cell)
			if s.guard && cell != "" && strings.IndexByte("=+-@", cell[0]) >= 0 {
				cell = "'" + cell
			}
		case numberKind:
			if point := strings.IndexByte(cell, '.'); s.decimalComma && point >= 0 {
				s.room = append(s.room[:0], cell...)
				s.room[point] = ','
				cell = s.ink.text(s.room)
			}
		}
		s.row[i] = cell
	}
	if len(s.row) == 1 && s.row[0] == "" {
		return s.writeEmpty()
	}
	if s.appendBare() {
		_, err := s.buf.Write(s.line)
		return err
	}
	return s.csv.Write(s.row)
}

// appendBare makes the line of a row as csv would write it, and reports whether it
// can: where no cell needs quotes, as in nearly all rows.
func (s *csvSink) appendBare() bool {
	s.line = s.line[:0]
	for i, cell := range s.row {
		for j := range len(cell) {
			if !s.bare[cell[j]] {
				return false
			}
		}
		if i > 0 {
			s.line = append(s.line, byte(s.csv.Comma))
		}
		s.line = append(s.line, cell...)
	}
	if s.csv.UseCRLF {
		s.line = append(s.line, '\r')
	}
	s.line = append(s.line, '\n')
	return s.csv.Comma < utf8.RuneSelf
}

// writeEmpty writes a row of one empty cell, which must not be an empty line:
// readers pass over those.
func (s *csvSink) writeEmpty() error {
	end := "\"\"\n"
	if s.csv.UseCRLF {
		end = "\"\"\r\n"
	}
	_, err := s.buf.WriteString(end)
	return err
}

// Flush writes what is buffered; Error tells whether that failed.
func (s *csvSink) Flush() { s.csv.Flush() }

// Error returns the first error of the writer below.
func (s *csvSink) Error() error { return s.csv.Error() }

func (s *csvSink) end() error    { return nil }
func (s *csvSink) words() string { return "" }

// oneLine returns text fit for any reader: control characters, and what is not
// UTF-8, are U+FFFD, so that a row is always one line.
func oneLine(text string) string {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < 0x20 || c > 0x7E {
			return strings.Map(func(r rune) rune {
				if unicode.IsControl(r) {
					return utf8.RuneError
				}
				return r
			}, text)
		}
	}
	return text
}

// sheet writes rows of columns that are known only while it runs.
//
//	sheet, err := newSheet(w, o, []column{
//		{name: "time", kind: timeKind, role: stampRole},
//		{name: "meter", role: tagRole},
//		{name: "gas_m3", kind: numberKind, code: "0-1:24.2.1", unit: "m3", what: telegram.Register},
//	})
//	err = sheet.add([]string{o.clockText(at), meter, volume.String()})
//
// A table embeds it for its flush and close, and has its own take. Each row has
// one cell for each column, "" where there is nothing to say; sheet keeps no
// memory of it. A number is decimal text with a point, as telegram.Decimal
// writes it; a time is what Options.clockCell gives; text may hold anything.
// The names of the columns differ from each other.
type sheet struct {
	sink sink
	say  func(string)
}

func newSheet(w io.Writer, o Options, columns []column) (*sheet, error) {
	s := &sheet{sink: newSink(w, o, columns), say: o.Say}
	return s, s.sink.heading()
}

func (s *sheet) add(cells []string) error { return s.sink.Write(cells) }

func (s *sheet) flush() error {
	s.sink.Flush()
	return s.sink.Error()
}

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

// structs writes rows of a struct type with csv tags, whose fields are all texts.
type structs[Row any] struct {
	*sheet
	row   Row // the next one, to be filled in
	cells []string
}

func newStructs[Row any](w io.Writer, o Options) (*structs[Row], error) {
	columns := columnsOf[Row]()
	s, err := newSheet(w, o, columns)
	return &structs[Row]{sheet: s, cells: make([]string, len(columns))}, err
}

// add writes the row as gocsv does, but need not ask of each cell what it is.
func (s *structs[Row]) add() error {
	fields := reflect.ValueOf(&s.row).Elem()
	for i := range s.cells {
		s.cells[i] = fields.Field(i).String()
	}
	return s.sheet.add(s.cells)
}
