package tables

import (
	"fmt"
	"io"
	"math"
	"strings"

	"p1/pkg/csv/parquet"
	"p1/pkg/display"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// parquetSink writes rows as Parquet files, whose columns have types that do not depend on
// the meter, so that all files of an archive can be read as one table:
//
//	a number   DECIMAL(18,n), exact; n is that of the column, by the dictionary
//	a time     TIMESTAMP in UTC, to the microsecond, its offset as text in a column beside
//	all else   text
//
// A number with more decimals than its column is null, which is said: it is not rounded. So is
// a time whose offset is not known.
//
// Where Options.Part is given, the rows of a live source stand in a file for each day, and with
// Partition those of any source in one for each meter and day: see [parts].
type parquetSink struct {
	writer
	o       Options
	columns []column
	schema  *schema
	one     *parquetFile // all rows; nil where there are parts
	parts   *parts       // nil where there are none
}

func newParquet(w writer, o Options, columns []column) sink {
	return &parquetSink{writer: w, o: o, columns: columns, schema: newSchema(o, typed(columns, false))}
}

// begin begins the file, unless a first row is to say whether it is for all of them.
func (s *parquetSink) begin() error {
	if s.o.Part == nil {
		s.one = newParquetFile(s.Writer, s.schema, false)
	}
	return nil
}

func (s *parquetSink) write(row []value) error {
	*s.rows++
	if s.one == nil && s.parts == nil {
		s.divide()
	}
	if s.parts != nil {
		return s.parts.write(row)
	}
	return s.one.add(row)
}

// divide begins the one file or the parts.
func (s *parquetSink) divide() {
	if s.o.Part != nil && (s.o.Partition || s.o.live != nil && *s.o.live) {
		s.parts = newParts(s.o, s.columns, s.schema)
		return
	}
	s.one = newParquetFile(s.Writer, s.schema, false)
}

func (s *parquetSink) end() error {
	if s.one == nil && s.parts == nil {
		s.divide()
	}
	if s.parts != nil {
		return s.parts.close()
	}
	return s.one.Close()
}

func (s *parquetSink) words() string { return s.schema.words(s.o.Table) }

// schema is what the columns of a file are, and what became of values that have no place in
// them.
type schema struct {
	name       string
	columns    []parquet.Column
	cells      []cell
	refused    []lost // by column
	compressor *parquet.Compressor
	room       []byte // of a text
}

// lost are the values of a column that have no place in it.
type lost struct {
	n     int
	first string
}

func newSchema(o Options, cells []cell) *schema {
	s := &schema{name: measurement(o.Table), cells: cells, refused: make([]lost, len(cells)), compressor: parquet.NewCompressor()}
	for _, c := range cells {
		column := parquet.Column{Name: c.name}
		switch {
		case c.offset, c.kind == textKind:
			column.Kind = parquet.Text
		case c.kind == numberKind:
			column.Kind, column.Scale = parquet.Decimal, o.decimals(&c.column)
		default:
			column.Kind = parquet.Timestamp
		}
		s.columns = append(s.columns, column)
	}
	return s
}

// decimals is how many decimals the numbers of a column have: those that the dictionary gives
// it, less three where it is shown in a thousandth of its unit.
func (o *Options) decimals(c *column) int {
	const money = 10 // a price has up to six, and a kWh three
	switch {
	case c.name == "confidence":
		return record.ConfidenceDecimals
	case o.Prices != nil && c.unit == o.Prices.Currency():
		return money
	case c.unit == "" && c.code == "":
		return 0 // counted by us
	}
	n := telegram.Decimals(telegram.Meaning{Name: c.name, Unit: c.unit, Kind: c.what})
	if o.shown(c.unit) != c.unit {
		n = max(n-3, 0)
	}
	return n
}

// put writes a value as the column holds it, null where it has no place there.
func (s *schema) put(w *parquet.Writer, i int, v *value) {
	c := &s.cells[i]
	switch {
	case v.form == absent:
	case c.offset && v.form == clockForm:
		s.text(w, i, v.appendOffset(s.room[:0]))
		return
	case c.offset:
		s.text(w, i, append(s.room[:0], v.clock.Offset()...))
		return
	case c.kind == numberKind && v.form == numberForm:
		if n, ok := scaled(v.number, s.columns[i].Scale); ok {
			w.Int(i, n)
			return
		}
		s.refuse(i, v)
	case c.kind == timeKind:
		if t, ok := v.instant(); ok {
			w.Int(i, t.UnixMicro())
			return
		}
		s.refuse(i, v)
	default:
		s.text(w, i, s.asText(v))
		return
	}
	w.Null(i)
}

func (s *schema) text(w *parquet.Writer, i int, text []byte) {
	s.room = text
	if len(text) == 0 {
		w.Null(i)
		return
	}
	w.Text(i, text)
}

// asText is a value of any form in a column of text.
func (s *schema) asText(v *value) []byte {
	if v.form == textForm {
		return append(s.room[:0], oneLine(v.text)...)
	}
	return v.append(s.room[:0], false)
}

// scaled returns a number as so many decimals make it an integer, false where it has more of
// them, or more digits than there is room for.
func scaled(d telegram.Decimal, scale int) (n int64, ok bool) {
	for ; d.Scale > scale; d.Scale-- {
		if d.Digits%10 != 0 {
			return 0, false
		}
		d.Digits /= 10
	}
	for ; d.Scale < scale; d.Scale++ {
		if abs(d.Digits) > math.MaxInt64/10 {
			return 0, false
		}
		d.Digits *= 10
	}
	return d.Digits, abs(d.Digits) < 1e18
}

func (s *schema) refuse(i int, v *value) {
	r := &s.refused[i]
	if r.n++; r.n == 1 {
		r.first = string(v.append(nil, false))
	}
}

// words says which values are left out, and why.
func (s *schema) words(table string) string {
	var numbers, times []string
	for i, r := range s.refused {
		switch c := &s.cells[i]; {
		case r.n == 0:
		case c.kind == numberKind:
			numbers = append(numbers, fmt.Sprintf("%s: %d, the first %s (its type is DECIMAL(%d,%d))", c.name, r.n, display.Short(r.first, 40), parquet.Precision, s.columns[i].Scale))
		default:
			times = append(times, fmt.Sprintf("%s: %d", c.name, r.n))
		}
	}
	var parts []string
	if numbers != nil {
		parts = append(parts, "numbers with more digits than the type of their column, in CSV they are whole: "+strings.Join(numbers, "; "))
	}
	if times != nil {
		parts = append(parts, "times without an offset (a meter that sends neither S nor W needs --tz, such as --tz Europe/Amsterdam): "+strings.Join(times, ", "))
	}
	if parts == nil {
		return ""
	}
	return table + ": null are " + strings.Join(parts, "; and ")
}

// pageRows is how many rows of a column are compressed at once, and pageRowsOfPart that of
// one of several files that are open: each column has as many in memory.
const pageRows, pageRowsOfPart = 8 << 10, 2 << 10

// parquetFile is a file that is being written.
type parquetFile struct {
	*parquet.Writer
	schema *schema
}

// newParquetFile begins a file, which is one of several that are open, or not.
func newParquetFile(w io.Writer, s *schema, ofSeveral bool) *parquetFile {
	rows := pageRows
	if ofSeveral {
		rows = pageRowsOfPart
	}
	return &parquetFile{parquet.NewWriter(w, s.name, s.columns, rows, s.compressor), s}
}

// add adds a row.
func (f *parquetFile) add(row []value) error {
	for i := range f.schema.cells {
		f.schema.put(f.Writer, i, &row[f.schema.cells[i].from])
	}
	return f.EndRow()
}
