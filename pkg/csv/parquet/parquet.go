// Package parquet takes rows of integers and texts, and writes them as a Parquet file of flat
// columns, each of which may be null; and reads its columns of integers back.
//
// A file, as the format has it (github.com/apache/parquet-format, README.md and Encodings.md):
//
//	PAR1  row group … row group  metadata  its length, 4 bytes  PAR1
//
// A row group has a chunk for each column, and a chunk its pages, compressed by Zstandard:
//
//	[dictionary: the texts, PLAIN]  page … page
//
// and a page (DATA_PAGE, version 1) has its levels, which say where a value stands and where
// there is null, and the values that are not null:
//
//	length, 4 bytes   levels, RLE with 1 bit   values: DELTA_BINARY_PACKED    a number, a time
//	                                                   RLE_DICTIONARY         a text: which one of the dictionary
//	                                                   PLAIN                  a text, where the dictionary is full
//
// The encodings and the metadata are those of github.com/parquet-go/parquet-go. What it writes
// files with is left out: it brings all compressions, protobuf and geometry, six megabytes.
package parquet

import (
	"encoding/binary"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// Kind is what a column holds.
type Kind int

// The kinds of a column.
const (
	Text      Kind = iota // UTF-8
	Decimal               // DECIMAL(18, Scale): integers of at most 18 digits
	Timestamp             // TIMESTAMP(MICROS) in UTC
)

// Precision is how many digits a decimal has.
const Precision = 18

// Column is the name and the type of a column.
type Column struct {
	Name  string
	Kind  Kind
	Scale int // of a decimal: how many of the digits stand after the point
}

const (
	magic = "PAR1"
	// creator is by whom a file says that it was written.
	creator = "p1csv"
	// groupRows is how many rows stand together: a reader that wants a month of a year reads little
	// else, and the compressed pages of so many are kept in memory.
	groupRows = 1 << 18
	// mostDictionary is how large the dictionary of a column becomes, in bytes.
	mostDictionary = 1 << 20
	// mostPage is how much text a page holds, in bytes.
	mostPage = 1 << 20
)

// Writer writes a file. A row is given value by value, for each column one, and then ended.
type Writer struct {
	out      io.Writer
	at       int64 // bytes written
	name     string
	columns  []*chunk
	pageRows int
	rows     int64 // of the row group
	groups   []format.RowGroup
	all      int64
	err      error // the first one of out
}

// NewWriter begins a file: name is that of the schema, pageRows how many rows are encoded and
// compressed at once, of which each column keeps as many in memory. Several files may share a Compressor.
func NewWriter(out io.Writer, name string, columns []Column, pageRows int, c *Compressor) *Writer {
	w := &Writer{out: out, name: name, pageRows: pageRows}
	for _, column := range columns {
		w.columns = append(w.columns, &chunk{Column: column, compressor: c, dictionary: map[string]int32{}})
	}
	w.write([]byte(magic))
	return w
}

// Compressor compresses pages.
type Compressor struct{ encoder *zstd.Encoder }

// NewCompressor returns one whose window is that of the largest page: the usual one takes 40 MB.
func NewCompressor() *Compressor {
	// The options are right, and nothing else can go wrong.
	encoder, _ := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedBetterCompression),
		zstd.WithWindowSize(1<<17), zstd.WithLowerEncoderMem(true), zstd.WithZeroFrames(true), zstd.WithEncoderCRC(false))
	return &Compressor{encoder}
}

// Null leaves a value of the row out.
func (w *Writer) Null(column int) { w.columns[column].null() }

// Int sets a decimal, without its point, or a time, in microseconds since 1970.
func (w *Writer) Int(column int, n int64) { w.columns[column].int(n) }

// Text sets a text, which is copied.
func (w *Writer) Text(column int, text []byte) { w.columns[column].text(text) }

// EndRow ends a row, and where there are enough of them a page and a row group.
func (w *Writer) EndRow() error {
	w.rows++
	full := w.rows%int64(w.pageRows) == 0
	for _, c := range w.columns {
		if full || len(c.plain) > mostPage {
			if err := c.endPage(); err != nil {
				return err
			}
		}
	}
	if w.rows == groupRows {
		return w.endGroup()
	}
	return w.err
}

// Close ends the file, and leaves out open.
func (w *Writer) Close() error {
	if err := w.endGroup(); err != nil {
		return err
	}
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), w.metadata())
	if err != nil {
		return err
	}
	w.write(footer)
	w.write(binary.LittleEndian.AppendUint32(nil, uint32(len(footer))))
	w.write([]byte(magic))
	return w.err
}

// endGroup writes the chunks of all columns.
func (w *Writer) endGroup() error {
	if w.rows == 0 {
		return w.err
	}
	group := format.RowGroup{NumRows: w.rows, FileOffset: w.at, Ordinal: int16(len(w.groups))}
	for _, c := range w.columns {
		if err := c.endPage(); err != nil {
			return err
		}
		meta, err := c.end(w.at, w.write)
		if err != nil {
			return err
		}
		group.TotalByteSize += meta.TotalUncompressedSize
		group.TotalCompressedSize += meta.TotalCompressedSize
		group.Columns = append(group.Columns, format.ColumnChunk{MetaData: meta})
	}
	w.groups = append(w.groups, group)
	w.all += w.rows
	w.rows = 0
	return w.err
}

func (w *Writer) write(b []byte) {
	if w.err != nil {
		return
	}
	n, err := w.out.Write(b)
	w.at, w.err = w.at+int64(n), err
}

// metadata is what stands at the end of a file.
func (w *Writer) metadata() *format.FileMetaData {
	m := &format.FileMetaData{Version: 2, NumRows: w.all, RowGroups: w.groups, CreatedBy: creator}
	m.Schema = append(m.Schema, format.SchemaElement{Name: w.name, NumChildren: thrift.New(int32(len(w.columns)))})
	for _, c := range w.columns {
		m.Schema = append(m.Schema, c.element())
		m.ColumnOrders = append(m.ColumnOrders, format.ColumnOrder{Value: new(format.TypeDefinedOrder)})
	}
	return m
}

// element is the column in the schema, by the types of today and those of older readers
// (LogicalTypes.md).
func (c Column) element() format.SchemaElement {
	e := format.SchemaElement{Name: c.Name, RepetitionType: thrift.New(format.Optional), Type: thrift.New(c.physical())}
	switch c.Kind {
	case Decimal:
		e.LogicalType.Value = &format.DecimalType{Scale: int32(c.Scale), Precision: Precision}
		e.ConvertedType = thrift.New(deprecated.Decimal)
		e.Scale, e.Precision = thrift.New(int32(c.Scale)), thrift.New(int32(Precision))
	case Timestamp:
		e.LogicalType.Value = &format.TimestampType{IsAdjustedToUTC: true, Unit: format.TimeUnit{Value: new(format.MicroSeconds)}}
		e.ConvertedType = thrift.New(deprecated.TimestampMicros)
	default:
		e.LogicalType.Value = new(format.StringType)
		e.ConvertedType = thrift.New(deprecated.UTF8)
	}
	return e
}

// physical is how the values of a column are stored.
func (c Column) physical() format.Type {
	if c.Kind == Text {
		return format.ByteArray
	}
	return format.Int64
}
