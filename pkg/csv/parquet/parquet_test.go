package parquet_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	reader "github.com/parquet-go/parquet-go"

	"p1/pkg/csv/parquet"
)

// cell is a value as it was given: nil is null.
type cell any

// columns are of all kinds; the last texts are all different, so that their dictionary is full
// soon.
var columns = []parquet.Column{
	{Name: "zeit", Kind: parquet.Timestamp},
	{Name: "import_kwh", Kind: parquet.Decimal, Scale: 3},
	{Name: "any", Kind: parquet.Decimal},
	{Name: "none", Kind: parquet.Decimal, Scale: 6},
	{Name: "tariff", Kind: parquet.Text},
	{Name: "nothing", Kind: parquet.Text},
	{Name: "message", Kind: parquet.Text},
}

// row is one of a table like those of a meter, with odd ones among them.
func row(i int, dice *rand.Rand) []cell {
	r := []cell{int64(1_700_000_000_000_000 + 10_000_000*i), int64(7_753_768 + i/3), int64(dice.Uint64()), nil, "0002", nil, nil}
	if dice.IntN(4) == 0 {
		r[6] = fmt.Sprintf("%d é %x", i, dice.Uint64())
	}
	for k := range r {
		if dice.IntN(50) == 0 {
			r[k] = nil
		}
	}
	if dice.IntN(100) == 0 {
		r[4] = "0001"
	}
	return r
}

func written(t *testing.T, rows [][]cell, pageRows int) []byte {
	t.Helper()
	var out bytes.Buffer
	w := parquet.NewWriter(&out, "p1", columns, pageRows, parquet.NewCompressor())
	for _, r := range rows {
		for k, v := range r {
			switch v := v.(type) {
			case int64:
				w.Int(k, v)
			case string:
				w.Text(k, []byte(v))
			default:
				w.Null(k)
			}
		}
		if err := w.EndRow(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What was written is read back by the library, value by value, whatever the number of rows, of
// pages and of row groups, with columns that are null throughout, the largest numbers, and texts that
// no dictionary holds.
func TestReadBack(t *testing.T) {
	for _, c := range []struct{ rows, page int }{{0, 10}, {1, 10}, {10, 10}, {11, 10}, {5000, 128}, {300_000, 8192}} {
		dice := rand.New(rand.NewPCG(uint64(c.rows), 1))
		rows := make([][]cell, c.rows)
		for i := range rows {
			rows[i] = row(i, dice)
		}
		file := written(t, rows, c.page)
		if !bytes.Equal(file, written(t, rows, c.page)) {
			t.Errorf("%d rows: the same rows make another file", c.rows)
		}
		compare(t, file, rows)
		compareInts(t, file, rows)
	}
}

// compareInts reads columns of integers back without the library.
func compareInts(t *testing.T, file []byte, rows [][]cell) {
	t.Helper()
	f, err := parquet.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for k := range 4 {
		var want []int64
		for _, r := range rows {
			if n, ok := r[k].(int64); ok {
				want = append(want, n)
			}
		}
		got, err := f.Ints(columns[k].Name)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s of %d rows: %d values, want %d (%v)", columns[k].Name, len(rows), len(got), len(want), err)
		}
		least, greatest, ok := f.Range(columns[k].Name)
		if ok != (len(want) > 0) || ok && (least != slices.Min(want) || greatest != slices.Max(want)) {
			t.Errorf("%s of %d rows is between %d and %d, %v", columns[k].Name, len(rows), least, greatest, ok)
		}
	}
}

// What is no whole file of ours, or was damaged since, is an error and nothing worse.
func TestReadDamaged(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 5))
	var rows [][]cell
	for i := range 300 {
		rows = append(rows, row(i, dice))
	}
	whole := written(t, rows, 100)
	for range 3000 {
		b := bytes.Clone(whole)
		if dice.IntN(4) == 0 {
			b = b[:dice.IntN(len(b))]
		}
		for range min(len(b), dice.IntN(4)) {
			b[dice.IntN(len(b))] ^= 1 << dice.IntN(8)
		}
		if f, err := parquet.Open(bytes.NewReader(b), int64(len(b))); err == nil {
			f.Range("zeit")
			_, _ = f.Ints("zeit")
		}
	}
}

func compare(t *testing.T, file []byte, rows [][]cell) {
	t.Helper()
	f, err := reader.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	if got := int(f.NumRows()); got != len(rows) {
		t.Fatalf("%d rows instead of %d", got, len(rows))
	}
	types := []string{"TIMESTAMP(isAdjustedToUTC=true,unit=MICROS)", "DECIMAL(18,3)", "DECIMAL(18,0)", "DECIMAL(18,6)", "STRING", "STRING", "STRING"}
	for i, c := range f.Root().Columns() {
		if c.Name() != columns[i].Name || c.Type().LogicalType().String() != types[i] {
			t.Errorf("column %d is %s %s", i, c.Name(), c.Type())
		}
	}
	r := reader.NewReader(f)
	defer r.Close()
	at, batch := 0, make([]reader.Row, 100)
	for {
		n, err := r.ReadRows(batch)
		for _, got := range batch[:n] {
			for k, want := range rows[at] {
				if v := got[k]; !same(v, want) {
					t.Fatalf("row %d of %d, %s: %v instead of %v", at, len(rows), columns[k].Name, v, want)
				}
			}
			at++
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("row %d: %v", at, err)
		}
	}
	if at != len(rows) {
		t.Errorf("%d rows of %d can be read", at, len(rows))
	}
}

func same(v reader.Value, want cell) bool {
	switch want := want.(type) {
	case int64:
		return !v.IsNull() && v.Int64() == want
	case string:
		return !v.IsNull() && string(v.ByteArray()) == want
	}
	return v.IsNull()
}

// What a chunk says of its values holds, so that a reader may pass over it.
func TestStatistics(t *testing.T) {
	dice := rand.New(rand.NewPCG(7, 7))
	rows := make([][]cell, 1000)
	for i := range rows {
		rows[i] = row(i, dice)
	}
	file := written(t, rows, 64)
	f, err := reader.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for k, c := range f.Metadata().RowGroups[0].Columns {
		var least, most, nulls int64
		first := true
		for _, r := range rows {
			n, ok := r[k].(int64)
			if r[k] == nil {
				nulls++
			}
			if ok && (first || n < least) {
				least = n
			}
			if ok && (first || n > most) {
				most = n
			}
			first = first && !ok
		}
		s := c.MetaData.Statistics
		if s.NullCount != nulls {
			t.Errorf("%s: %d nulls instead of %d", columns[k].Name, s.NullCount, nulls)
		}
		if first != (len(s.MinValue) == 0) {
			t.Errorf("%s: least value %v", columns[k].Name, s.MinValue)
		}
		if !first && (number(s.MinValue) != least || number(s.MaxValue) != most) {
			t.Errorf("%s: from %d to %d instead of %d to %d", columns[k].Name, number(s.MinValue), number(s.MaxValue), least, most)
		}
	}
}

func number(b []byte) (n int64) {
	for i := range b {
		n |= int64(b[i]) << (8 * i)
	}
	return n
}

// A disk that is full is an error at the row, or at the end, and never a file that seems whole.
func TestFullDisk(t *testing.T) {
	for room := range 400 {
		w := parquet.NewWriter(&disk{room}, "p1", columns, 2, parquet.NewCompressor())
		for k := range columns {
			w.Null(k)
		}
		if err := errors.Join(w.EndRow(), w.Close()); err == nil {
			t.Fatalf("no error where %d bytes have room", room)
		}
	}
}

// disk has room for some bytes.
type disk struct{ room int }

func (d *disk) Write(b []byte) (int, error) {
	n := min(len(b), d.room)
	d.room -= n
	if n < len(b) {
		return n, errors.New("no space left")
	}
	return n, nil
}
