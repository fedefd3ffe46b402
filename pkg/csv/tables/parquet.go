package tables

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	pqformat "github.com/parquet-go/parquet-go/format"

	"p1/pkg/display"
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
	return &parquetSink{writer: w, o: o, columns: columns, schema: newSchema(o, typed(columns))}
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
	return s.one.close()
}

func (s *parquetSink) words() string { return s.schema.words(s.o.Table) }

// schema is what the columns of a file are, and what became of values that have no place in
// them.
type schema struct {
	*parquet.Schema
	cells   []cell
	scales  []int      // of the columns that are numbers
	refused []lost     // by column
	kept    []lastText // by column
	pages   *pages
}

// lastText is the last text of a column, as the file holds it: most are those of the row
// before.
type lastText struct {
	text  string
	value parquet.Value
}

// lost are the values of a column that have no place in it.
type lost struct {
	n     int
	first string
}

// precision is how many digits a decimal has in 64 bits.
const precision = 18

func newSchema(o Options, cells []cell) *schema {
	n := len(cells)
	s := &schema{cells: cells, scales: make([]int, n), refused: make([]lost, n), kept: make([]lastText, n), pages: newPages()}
	group := listed{Group: parquet.Group{}}
	for i, c := range cells {
		var node parquet.Node
		switch {
		case c.offset, c.kind == textKind:
			node = parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
		case c.kind == numberKind:
			s.scales[i] = o.decimals(&c.column)
			node = parquet.Encoded(parquet.Decimal(s.scales[i], precision, parquet.Int64Type), &parquet.DeltaBinaryPacked)
		default:
			node = parquet.Encoded(parquet.Timestamp(parquet.Microsecond), &parquet.DeltaBinaryPacked)
		}
		group.Group[c.name] = parquet.Optional(node)
		group.names = append(group.names, c.name)
	}
	s.Schema = parquet.NewSchema(measurement(o.Table), group)
	return s
}

// listed is a group whose fields come in their own order, and not in that of their names.
type listed struct {
	parquet.Group
	names []string
}

func (g listed) Fields() []parquet.Field {
	fields := g.Group.Fields()
	slices.SortFunc(fields, func(a, b parquet.Field) int {
		return slices.Index(g.names, a.Name()) - slices.Index(g.names, b.Name())
	})
	return fields
}

// decimals is how many decimals the numbers of a column have: those that the dictionary gives
// it, less three where it is shown in a thousandth of its unit.
func (o *Options) decimals(c *column) int {
	const confidence, money = 6, 10 // a price has up to six, and a kWh three
	switch {
	case c.name == "confidence":
		return confidence
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

// at returns a value as the column holds it, null where it has no place there.
func (s *schema) at(i int, v *value) parquet.Value {
	c := &s.cells[i]
	switch {
	case v.form == absent:
	case c.offset && v.form == clockForm:
		var room [8]byte
		return s.text(i, string(v.appendOffset(room[:0])))
	case c.offset:
		return s.text(i, v.clock.Offset())
	case c.kind == numberKind && v.form == numberForm:
		if n, ok := scaled(v.number, s.scales[i]); ok {
			return parquet.Int64Value(n)
		}
		s.refuse(i, v)
	case c.kind == timeKind:
		if t, ok := v.instant(); ok {
			return parquet.Int64Value(t.UnixMicro())
		}
		s.refuse(i, v)
	default:
		return s.text(i, oneLine(v.text))
	}
	return parquet.NullValue()
}

func (s *schema) text(i int, text string) parquet.Value {
	if text == "" {
		return parquet.NullValue()
	}
	kept := &s.kept[i]
	if kept.text != text {
		kept.text, kept.value = text, parquet.ByteArrayValue([]byte(text))
	}
	return kept.value
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
			numbers = append(numbers, fmt.Sprintf("%s: %d, the first %s (its type is DECIMAL(%d,%d))", c.name, r.n, display.Short(r.first, 40), precision, s.scales[i]))
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

// parquetFile is a file that is being written.
type parquetFile struct {
	w      *parquet.GenericWriter[any]
	schema *schema
	batch  [][]parquet.Value // by column
	rows   int               // of the row group
	// pageRows is after how many rows a page ends, in all columns: the library would keep
	// those of a column without values as long as the row group is.
	pageRows int
}

const (
	// groupRows is how many rows stand together in a file: a reader that wants one month of a
	// year reads little else, and the pages of so many are kept in memory.
	groupRows = 1 << 18
	// pageRows is how many rows of a column are compressed at once, and pageRowsOfPart that of
	// one of several files that are open: each column has as many in memory.
	pageRows, pageRowsOfPart = 8 << 10, 2 << 10
	// bufferBytes and bufferBytesOfPart are the pieces of memory for what is compressed.
	bufferBytes, bufferBytesOfPart = 32 << 10, 4 << 10
	// batchRows is how many rows are handed on at once.
	batchRows = 256
	// mostDictionary is how large the list of a column's texts may become.
	mostDictionary = 1 << 20
)

// newParquetFile begins a file, which is one of several that are open, or not.
func newParquetFile(w io.Writer, s *schema, ofSeveral bool) *parquetFile {
	f := &parquetFile{schema: s, batch: make([][]parquet.Value, len(s.cells)), pageRows: pageRows}
	buffer := bufferBytes
	if ofSeveral {
		f.pageRows, buffer = pageRowsOfPart, bufferBytesOfPart
	}
	f.w = parquet.NewGenericWriter[any](w, s.Schema, parquet.Compression(s.pages), parquet.DictionaryMaxBytes(mostDictionary),
		parquet.ColumnPageBuffers(parquet.NewChunkBufferPool(buffer)))
	return f
}

// add adds a row.
func (f *parquetFile) add(row []value) error {
	for i := range f.schema.cells {
		v := f.schema.at(i, &row[f.schema.cells[i].from])
		level := 1
		if v.IsNull() {
			level = 0
		}
		f.batch[i] = append(f.batch[i], v.Level(0, level, i))
	}
	if len(f.batch[0]) < batchRows {
		return nil
	}
	return f.flush()
}

// flush hands on the rows that are together, and ends the page, and the row group, where it
// is large.
func (f *parquetFile) flush() error {
	f.rows += len(f.batch[0])
	for i, to := range f.w.ColumnWriters() {
		if _, err := to.WriteRowValues(f.batch[i]); err != nil {
			return err
		}
		if f.rows%f.pageRows == 0 {
			if err := to.Flush(); err != nil {
				return err
			}
		}
		clear(f.batch[i])
		f.batch[i] = f.batch[i][:0]
	}
	if f.rows < groupRows {
		return nil
	}
	f.rows = 0
	return f.w.Flush()
}

func (f *parquetFile) close() error {
	if err := f.flush(); err != nil {
		return err
	}
	return f.w.Close()
}

// pages compresses the pages of all files. That of the library takes 40 MB for each that is
// at work: room for a window of 16 MB, where a page has less than 100 kB.
type pages struct{ encoder *zstd.Encoder }

func newPages() *pages {
	// The options are right, and nothing else can go wrong.
	encoder, _ := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedBetterCompression),
		zstd.WithWindowSize(16*pageRows), zstd.WithLowerEncoderMem(true), zstd.WithZeroFrames(true), zstd.WithEncoderCRC(false))
	return &pages{encoder}
}

func (p *pages) String() string { return "ZSTD" }

func (p *pages) CompressionCodec() pqformat.CompressionCodec { return pqformat.Zstd }

func (p *pages) Encode(dst, src []byte) ([]byte, error) {
	return p.encoder.EncodeAll(src, dst[:0]), nil
}

// Decode is for readers.
func (p *pages) Decode(dst, src []byte) ([]byte, error) {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.DecodeAll(src, dst[:0])
}
