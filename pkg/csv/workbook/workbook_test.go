package workbook

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// opened reads a workbook by the library that most Go programs read them with.
func opened(t *testing.T, data []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// shown returns the rows of a sheet as they are shown, or as the numbers that stand in it.
func shown(t *testing.T, f *excelize.File, sheet string, raw bool) [][]string {
	t.Helper()
	rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: raw})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// Numbers have their decimals, times are those of the clock, text stays text.
func TestCells(t *testing.T) {
	var out bytes.Buffer
	b := New(&out)
	texts := []string{"0002", "1E40", "=1+1", "a & b < c > d", ` "q" `, "_x0041_", "_x004", "árvíz", "\uFFFF", "x\x01y", ""}
	columns := []Column{{"number", 10}, {"time", 20}, {"none", 5}, {"text", 9}}
	err := b.Begin("one", columns)
	at := time.Date(2026, 10, 25, 2, 59, 50, 0, time.FixedZone("", 7200))
	for i, text := range texts {
		b.Number(fmt.Appendf(nil, "-12.%0*d", i+1, 0), i+1)
		b.Time(at.Add(time.Duration(i) * 1500 * time.Millisecond))
		b.Empty()
		b.Text(text)
		err = errors.Join(err, b.EndRow())
	}
	if err = errors.Join(err, b.Close()); err != nil {
		t.Fatal(err)
	}
	f := opened(t, out.Bytes())
	rows := shown(t, f, "one", false)
	if len(rows) != len(texts)+1 || strings.Join(rows[0], " ") != "number time none text" {
		t.Fatalf("%d rows, the first %q", len(rows), rows[0])
	}
	for i, text := range texts {
		row := append(rows[i+1], "", "")
		text = strings.Map(func(r rune) rune {
			if r == '\uFFFF' || r == 1 {
				return '\uFFFD'
			}
			return r
		}, text)
		if want := fmt.Sprintf("-12.%0*d", i+1, 0); row[0] != want {
			t.Errorf("%s is shown as %s", want, row[0])
		}
		clock := at.Add(time.Duration(i) * 1500 * time.Millisecond)
		if want := clock.Format("2006-01-02 15:04:05"); !strings.HasPrefix(row[1], want) || row[2] != "" {
			t.Errorf("%s is shown as %s, and nothing as %q", want, row[1], row[2])
		}
		if row[3] != text {
			t.Errorf("%q is read as %q", text, row[3])
		}
		if kind, err := f.GetCellType("one", fmt.Sprintf("A%d", i+2)); kind != excelize.CellTypeUnset || err != nil {
			t.Errorf("a number is of type %v (%v)", kind, err)
		}
	}
	panes, err := f.GetPanes("one")
	if err != nil || !panes.Freeze || panes.YSplit != 1 || panes.TopLeftCell != "A2" {
		t.Errorf("the heading is not frozen: %+v (%v)", panes, err)
	}
	if width, err := f.GetColWidth("one", "B"); width != 20 || err != nil {
		t.Errorf("a column of 20 is %v wide (%v)", width, err)
	}
}

// The standard's serial numbers: day 1 is 1900-01-01, day 61 is 1900-03-01, 2026-03-01 is 46082.
func TestTimes(t *testing.T) {
	for text, want := range map[string]string{
		"1900-03-01T00:00:00+05:00": "61", "1970-01-01T00:00:00Z": "25569", "2026-03-01T12:00:00-01:00": "46082.5", "2026-03-01T00:00:01Z": "46082.00001157408",
	} {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		b := New(io.Discard)
		b.places = []string{"A"}
		b.Time(at)
		if got := string(b.b); !strings.Contains(got, "<v>"+want+"</v>") && !strings.Contains(got, "<v>"+want[:len(want)-1]) {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

// What a spreadsheet would round is text, and a text that no cell takes is cut.
func TestLong(t *testing.T) {
	var out bytes.Buffer
	b := New(&out)
	err := b.Begin("long", []Column{{"n", 9}, {"t", 9}})
	b.Number([]byte("-0.00123456789012345"), 17)
	b.Number([]byte("00123456789012345"), 0)
	err = errors.Join(err, b.EndRow())
	b.Number([]byte("1234567890123.456"), 3)
	b.Text(strings.Repeat("😀", MaxText))
	err = errors.Join(err, b.EndRow(), b.Close())
	if err != nil {
		t.Fatal(err)
	}
	f := opened(t, out.Bytes())
	rows := shown(t, f, "long", true)
	if rows[1][0] != "-0.00123456789012345" || rows[1][1] != "00123456789012345" || rows[2][0] != "1234567890123.456" {
		t.Errorf("read %q", rows)
	}
	for cell, want := range map[string]excelize.CellType{"A2": excelize.CellTypeInlineString, "B2": excelize.CellTypeUnset, "A3": excelize.CellTypeInlineString} {
		if got, err := f.GetCellType("long", cell); got != want || err != nil {
			t.Errorf("%s is of type %v, want %v (%v)", cell, got, want, err)
		}
	}
	if n := len([]rune(rows[2][1])); n != MaxText/2 || b.Cut() != 1 {
		t.Errorf("%d signs are left, %d texts are cut", n, b.Cut())
	}
}

// The sheets of another workbook come as they are, and names differ whatever is asked for.
func TestSheets(t *testing.T) {
	var first, second bytes.Buffer
	a, b := New(&first), New(&second)
	for _, w := range []*Book{a, b} {
		for _, name := range []string{"gas", "GAS", "a/b:c", "History", strings.Repeat("x", 40), strings.Repeat("x", 40)} {
			err := w.Begin(name, []Column{{"of " + name, 9}})
			w.Text(name)
			if err = errors.Join(err, w.EndRow()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(a.Add(bytes.NewReader(second.Bytes()), int64(second.Len()), b), a.Close()); err != nil {
		t.Fatal(err)
	}
	f := opened(t, first.Bytes())
	x := strings.Repeat("x", 31)
	want := []string{"gas", "GAS (2)", "a_b_c", "History (2)", x, x[:27] + " (2)", "gas (3)", "GAS (4)", "a_b_c (2)", "History (3)", x[:27] + " (3)", x[:27] + " (4)"}
	if got := f.GetSheetList(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("sheets %q, want %q", got, want)
	}
	for i, name := range f.GetSheetList() {
		text := []string{"gas", "GAS", "a/b:c", "History", strings.Repeat("x", 40), strings.Repeat("x", 40)}[i%6]
		if rows := shown(t, f, name, false); len(rows) != 2 || rows[0][0] != "of "+text || rows[1][0] != text {
			t.Errorf("%s holds %q", name, rows)
		}
	}
}

// Excel opens a sheet only if what is in it comes in the standard's order (ECMA-376 part 1,
// §18.3.1.99, CT_Worksheet).
func TestOrder(t *testing.T) {
	var out bytes.Buffer
	b := New(&out)
	if err := errors.Join(b.Begin("a", []Column{{"n", 9}}), b.Close()); err != nil {
		t.Fatal(err)
	}
	f := opened(t, out.Bytes())
	sheet, _ := f.Pkg.Load("xl/worksheets/sheet1.xml")
	var all struct {
		Parts []struct{ XMLName xml.Name } `xml:",any"`
	}
	if err := xml.Unmarshal(sheet.([]byte), &all); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range all.Parts {
		got = append(got, p.XMLName.Local)
	}
	if want := "sheetViews cols sheetData autoFilter ignoredErrors"; strings.Join(got, " ") != want {
		t.Errorf("order %q, want %q", got, want)
	}
}

func TestPlaces(t *testing.T) {
	for i, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 701: "ZZ", 702: "AAA", MaxColumns - 1: "XFD"} {
		if got := place(i); got != want {
			t.Errorf("column %d is %s, want %s", i, got, want)
		}
	}
}

// A full sheet says so before it has more rows than Excel opens.
func TestFull(t *testing.T) {
	b := New(io.Discard)
	if err := b.Begin("full", []Column{{"n", 9}}); err != nil {
		t.Fatal(err)
	}
	b.rows = 1_000_000
	rows := b.rows
	for ; !b.Full(); rows++ {
		b.Empty()
		if err := b.EndRow(); err != nil {
			t.Fatal(err)
		}
	}
	if rows != 1048576 { // of Excel
		t.Errorf("full at %d rows", rows)
	}
}
