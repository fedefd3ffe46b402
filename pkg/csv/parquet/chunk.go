package parquet

import (
	"bytes"
	"encoding/binary"

	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/plain"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// chunk is a column of the row group that is being written.
type chunk struct {
	Column
	compressor *Compressor

	// the page
	levels  []byte  // 1 for each value, 0 for null
	ints    []int64 // numbers and times
	indexes []int32 // texts, by the dictionary
	plain   []byte  // texts, where it is full

	// the dictionary
	dictionary map[string]int32
	texts      []byte // PLAIN
	lastText   []byte // most texts are those of the row before
	last       int32

	// the chunk
	pages        bytes.Buffer // compressed, with their headers
	uncompressed int64        // and how large they were
	usesPlain    bool
	values       int64 // null ones too
	nulls        int64
	min, max     int64

	body, packed []byte // room
}

func (c *chunk) null() {
	c.levels = append(c.levels, 0)
	c.nulls++
}

func (c *chunk) int(n int64) {
	if c.values+int64(len(c.levels)) == c.nulls {
		c.min, c.max = n, n
	}
	c.min, c.max = min(c.min, n), max(c.max, n)
	c.levels = append(c.levels, 1)
	c.ints = append(c.ints, n)
}

func (c *chunk) text(text []byte) {
	c.levels = append(c.levels, 1)
	if c.full() && len(c.indexes) == 0 {
		c.plain = plain.AppendByteArray(c.plain, text)
		return
	}
	if len(c.dictionary) == 0 || !bytes.Equal(c.lastText, text) {
		c.last = c.lookUp(text)
		c.lastText = append(c.lastText[:0], text...)
	}
	c.indexes = append(c.indexes, c.last)
}

// full reports whether the dictionary takes no more texts from the next page on.
func (c *chunk) full() bool { return len(c.texts) > mostDictionary }

// lookUp returns where in the dictionary a text stands.
func (c *chunk) lookUp(text []byte) int32 {
	i, ok := c.dictionary[string(text)]
	if !ok {
		i = int32(len(c.dictionary))
		c.dictionary[string(text)] = i
		c.texts = plain.AppendByteArray(c.texts, text)
	}
	return i
}

// endPage encodes and compresses the values that have come since the last page.
func (c *chunk) endPage() error {
	if len(c.levels) == 0 {
		return nil
	}
	levels, err := (&rle.Encoding{BitWidth: 1}).EncodeLevels(nil, c.levels)
	if err != nil {
		return err
	}
	values, encoding, err := c.encoded()
	if err != nil {
		return err
	}
	c.body = binary.LittleEndian.AppendUint32(c.body[:0], uint32(len(levels)))
	c.body = append(append(c.body, levels...), values...)
	header := format.PageHeader{Type: format.DataPage, DataPageHeader: thrift.New(format.DataPageHeader{
		NumValues: int32(len(c.levels)), Encoding: encoding, DefinitionLevelEncoding: format.RLE, RepetitionLevelEncoding: format.RLE,
	})}
	n, err := c.addPage(&c.pages, &header, c.body)
	c.uncompressed += n
	c.values += int64(len(c.levels))
	c.levels, c.ints, c.indexes, c.plain = c.levels[:0], c.ints[:0], c.indexes[:0], c.plain[:0]
	return err
}

// encoded is what the page holds.
func (c *chunk) encoded() ([]byte, format.Encoding, error) {
	switch {
	case c.Kind != Text:
		b, err := new(delta.BinaryPackedEncoding).EncodeInt64(nil, c.ints)
		return b, format.DeltaBinaryPacked, err
	case len(c.plain) > 0:
		c.usesPlain = true
		return c.plain, format.Plain, nil
	default:
		b, err := new(rle.DictionaryEncoding).EncodeInt32(nil, c.indexes)
		return b, format.RLEDictionary, err
	}
}

// addPage writes a page with its header, and returns how large both are without compression.
func (c *chunk) addPage(to *bytes.Buffer, header *format.PageHeader, body []byte) (int64, error) {
	c.packed = c.compressor.encoder.EncodeAll(body, c.packed[:0])
	header.UncompressedPageSize, header.CompressedPageSize = int32(len(body)), int32(len(c.packed))
	b, err := thrift.Marshal(new(thrift.CompactProtocol), header)
	if err != nil {
		return 0, err
	}
	to.Write(b)
	to.Write(c.packed)
	return int64(len(b) + len(body)), nil
}

// end writes the chunk, which begins at a place of the file, and makes room for that of the
// next row group.
func (c *chunk) end(at int64, write func([]byte)) (meta format.ColumnMetaData, err error) {
	meta = format.ColumnMetaData{
		Type: c.physical(), PathInSchema: []string{c.Name}, Codec: format.Zstd, NumValues: c.values,
		Encoding: []format.Encoding{format.DeltaBinaryPacked, format.RLE}, DataPageOffset: at,
		TotalUncompressedSize: c.uncompressed, Statistics: c.statistics(),
	}
	if c.Kind == Text {
		meta.Encoding = []format.Encoding{format.Plain, format.RLEDictionary, format.RLE}
	}
	if len(c.dictionary) > 0 || c.Kind == Text && !c.usesPlain {
		var page bytes.Buffer
		header := format.PageHeader{Type: format.DictionaryPage, DictionaryPageHeader: thrift.New(format.DictionaryPageHeader{
			NumValues: int32(len(c.dictionary)), Encoding: format.Plain,
		})}
		n, err := c.addPage(&page, &header, c.texts)
		if err != nil {
			return meta, err
		}
		meta.DictionaryPageOffset, meta.DataPageOffset = at, at+int64(page.Len())
		meta.TotalUncompressedSize += n
		meta.TotalCompressedSize = int64(page.Len())
		write(page.Bytes())
	}
	meta.TotalCompressedSize += int64(c.pages.Len())
	write(c.pages.Bytes())
	c.reset()
	return meta, nil
}

// statistics let a reader pass over a chunk whose numbers or times it does not want.
func (c *chunk) statistics() format.Statistics {
	s := format.Statistics{NullCount: c.nulls}
	if c.Kind != Text && c.nulls < c.values {
		s.MinValue, s.MaxValue = plain.Int64(c.min), plain.Int64(c.max)
	}
	return s
}

// reset forgets the chunk, and keeps the room of its page.
func (c *chunk) reset() {
	c.pages.Reset()
	clear(c.dictionary)
	c.texts, c.lastText = c.texts[:0], c.lastText[:0]
	c.uncompressed, c.usesPlain, c.values, c.nulls = 0, false, 0, 0
}
