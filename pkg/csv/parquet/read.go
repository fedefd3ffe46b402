package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// File is a file that a [Writer] wrote, of which columns of integers can be read back.
type File struct {
	from io.ReaderAt
	size int64
	meta format.FileMetaData
}

// ErrForeign is a file that no [Writer] wrote.
var ErrForeign = errors.New("a Parquet file that was not written here")

// Open reads what stands at the end of a file.
func Open(from io.ReaderAt, size int64) (*File, error) {
	const tail, most = int64(4 + len(magic)), int64(16 << 20)
	end := make([]byte, tail)
	if size < tail {
		return nil, ErrForeign
	}
	if _, err := from.ReadAt(end, size-tail); err != nil {
		return nil, err
	}
	n := int64(binary.LittleEndian.Uint32(end))
	if string(end[4:]) != magic || n > most || n > size-tail {
		return nil, ErrForeign
	}
	footer := make([]byte, n)
	if _, err := from.ReadAt(footer, size-tail-n); err != nil {
		return nil, err
	}
	f := &File{from: from, size: size}
	if err := thrift.Unmarshal(new(thrift.CompactProtocol), footer, &f.meta); err != nil || f.meta.CreatedBy != creator {
		return nil, ErrForeign
	}
	return f, nil
}

// Range returns the least and the greatest value of a column of integers, false where it has none.
func (f *File) Range(column string) (least, greatest int64, ok bool) {
	for _, c := range f.chunks(column) {
		s := c.Statistics
		if len(s.MinValue) != 8 || len(s.MaxValue) != 8 {
			continue
		}
		low, high := int64(binary.LittleEndian.Uint64(s.MinValue)), int64(binary.LittleEndian.Uint64(s.MaxValue))
		if !ok {
			least, greatest, ok = low, high, true
		}
		least, greatest = min(least, low), max(greatest, high)
	}
	return least, greatest, ok
}

// chunks are those of a column, one of each row group.
func (f *File) chunks(column string) (list []*format.ColumnMetaData) {
	for _, group := range f.meta.RowGroups {
		for i := range group.Columns {
			if c := &group.Columns[i].MetaData; slices.Equal(c.PathInSchema, []string{column}) {
				list = append(list, c)
			}
		}
	}
	return list
}

// Ints returns the values of a column of integers, without those that are null.
func (f *File) Ints(column string) (all []int64, err error) {
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(mostChunk))
	if err != nil {
		return nil, err
	}
	defer decoder.Close()
	for _, c := range f.chunks(column) {
		at, n := c.DataPageOffset, c.TotalCompressedSize
		if c.Type != format.Int64 || c.Codec != format.Zstd || at < 0 || n < 0 || n > mostChunk || at > f.size-n {
			return nil, ErrForeign
		}
		b := make([]byte, n)
		if _, err := f.from.ReadAt(b, at); err != nil {
			return nil, err
		}
		if all, err = appendPages(all, b, decoder); err != nil {
			return nil, fmt.Errorf("the column %s: %w", column, err)
		}
	}
	return all, nil
}

// mostChunk is how large a chunk is that is read, in bytes; one of integers is smaller.
const mostChunk = 64 << 20

// appendPages appends the values of the pages of a chunk.
func appendPages(all []int64, chunk []byte, decoder *zstd.Decoder) ([]int64, error) {
	r := bytes.NewReader(chunk)
	headers := thrift.NewDecoder(new(thrift.CompactProtocol).NewReader(r))
	for r.Len() > 0 {
		var header format.PageHeader
		if err := headers.Decode(&header); err != nil {
			return nil, err
		}
		n, rest := int(header.CompressedPageSize), chunk[len(chunk)-r.Len():]
		if n < 0 || n > len(rest) || header.DataPageHeader.V.Encoding != format.DeltaBinaryPacked {
			return nil, ErrForeign
		}
		body, err := decoder.DecodeAll(rest[:n], nil)
		if err != nil {
			return nil, err
		}
		const length = 4 // of the levels
		if len(body) < length || uint64(binary.LittleEndian.Uint32(body)) > uint64(len(body)-length) {
			return nil, ErrForeign
		}
		values, err := new(delta.BinaryPackedEncoding).DecodeInt64(nil, body[length+binary.LittleEndian.Uint32(body):])
		if err != nil {
			return nil, err
		}
		all = append(all, values...)
		if _, err := r.Seek(int64(n), io.SeekCurrent); err != nil {
			return nil, err
		}
	}
	return all, nil
}
