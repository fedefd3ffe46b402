package tables

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"p1/pkg/record"
)

// workbook reads all sheets of a workbook that a table became, one after the other: their
// headings, which are to be the same, and their rows, as they stand there or as they are shown.
func workbookOf(t testing.TB, text string, raw bool) (names []string, sheets []string, rows [][]string) {
	t.Helper()
	f, err := excelize.OpenReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, sheet := range f.GetSheetList() {
		all, err := f.GetRows(sheet, excelize.Options{RawCellValue: raw})
		if err != nil || len(all) == 0 {
			t.Fatalf("%s: %d rows, %v", sheet, len(all), err)
		}
		if names != nil && !slices.Equal(names, all[0]) {
			t.Fatalf("%s has other columns", sheet)
		}
		names, sheets = all[0], append(sheets, sheet)
		for _, row := range all[1:] {
			rows = append(rows, append(row, make([]string, len(names)-len(row))...))
		}
	}
	return names, sheets, rows
}

// TestSameSheets compares workbooks with CSV, cell by cell: the order of rows and columns,
// the digits of numbers, times and their offsets, text, and what is not there.
func TestSameSheets(t *testing.T) {
	day := oddDay(rand.New(rand.NewPCG(9, 10)))
	for _, r := range day {
		r.(*record.Telegram).Time = "2023-08-24T01:12:30.5+02:00"
	}
	for name, o := range kindsOfTable(t) {
		names, want := read(t, made(t, o, day...), ',')
		columns := columnsOfTable(t, o, day)
		o.Format = XLSX
		book := made(t, o, day...)
		headings, _, shown := workbookOf(t, book, false)
		_, _, stored := workbookOf(t, book, true)
		if len(shown) != len(want) {
			t.Fatalf("%s: %d rows, %d in CSV", name, len(shown), len(want))
		}
		if got := slices.DeleteFunc(slices.Clone(headings), func(h string) bool {
			return strings.HasSuffix(h, offsetName) && !slices.Contains(names, h)
		}); !slices.Equal(got, names) {
			t.Fatalf("%s: columns %v, want %v", name, got, names)
		}
		for i, row := range want {
			for _, c := range columns {
				at := slices.Index(headings, c.name)
				if err := sameCell(c, row[c.name], shown[i][at], stored[i][at]); err != nil {
					t.Errorf("%s: row %d, %s: %v", name, i+1, c.name, err)
				}
				if c.kind == timeKind {
					beside := slices.Index(headings, c.name+"_"+offsetName)
					if c.role == stampRole {
						beside = slices.Index(headings, offsetName)
					}
					if offset := shown[i][beside]; offset != offsetIn(row[c.name]) {
						t.Errorf("%s: row %d: the offset of %s is %q", name, i+1, row[c.name], offset)
					}
				}
			}
		}
	}
}

// sameCell compares a cell, as it is shown and as it is stored, with that of CSV.
func sameCell(c column, want, shown, stored string) error {
	switch {
	case c.kind == timeKind && want != "":
		days, err := strconv.ParseFloat(stored, 64)
		if err != nil {
			return err
		}
		clock, err := time.Parse("2006-01-02T15:04:05", want[:19])
		if err != nil {
			return err
		}
		epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
		if at := epoch.Add(time.Duration(days * 24 * float64(time.Hour))); at.Sub(clock).Abs() > time.Second {
			return fmt.Errorf("%s is %s", want, at)
		}
		if want := strings.Replace(want[:19], "T", " ", 1); !strings.HasPrefix(shown, want) {
			return fmt.Errorf("%s is shown as %s", want, shown)
		}
		return nil
	case c.truth:
		if is := map[string]string{"1": "TRUE", "0": "FALSE"}[stored]; shown != want || is != want {
			return fmt.Errorf("%s is shown as %s, and stored as %s", want, shown, stored)
		}
		return nil
	case shown != want:
		return fmt.Errorf("%q is shown as %q", want, shown)
	case stored != want:
		return fmt.Errorf("%q is stored as %q", want, stored)
	}
	return nil
}

// offsetIn is the offset that a time in CSV ends in.
func offsetIn(cell string) string {
	switch {
	case strings.HasSuffix(cell, "Z"):
		return "+00:00"
	case len(cell) > 19 && strings.ContainsAny(cell[19:], "+-"):
		return cell[len(cell)-6:]
	}
	return ""
}

// A number is a number, text is text whatever it looks like, and neither is a formula.
func TestKindsOfCells(t *testing.T) {
	o := Options{Format: XLSX, Columns: []string{"time", "tariff", "import_kwh", "suspect", "1-0:32.7.0"}}
	r := ok(raw(0, lines{"0-0:96.14.0": "1E40", "1-0:32.7.0": "231.0*V"}))
	r.Suspect = "=1+1"
	f, err := excelize.OpenReader(strings.NewReader(made(t, o, r)))
	if err != nil {
		t.Fatal(err)
	}
	for cell, want := range map[string]struct {
		kind excelize.CellType
		text string
	}{
		"A2": {excelize.CellTypeUnset, "2023-08-24 01:21:30"}, "B2": {excelize.CellTypeInlineString, "+02:00"},
		"C2": {excelize.CellTypeInlineString, "1E40"}, "D2": {excelize.CellTypeUnset, "8234.524"},
		"E2": {excelize.CellTypeInlineString, "=1+1"}, "F2": {excelize.CellTypeUnset, "231.0"},
	} {
		sheet := f.GetSheetList()[0]
		kind, err1 := f.GetCellType(sheet, cell)
		text, err2 := f.GetCellValue(sheet, cell)
		formula, err3 := f.GetCellFormula(sheet, cell)
		if err := errors.Join(err1, err2, err3); err != nil || kind != want.kind || text != want.text || formula != "" {
			t.Errorf("%s is of type %v and shows %q, formula %q, want %+v (%v)", cell, kind, text, formula, want, err)
		}
	}
}

// A sheet begins with each month, in which rows of the hour before may come late; what comes later
// has one more at the end, however often the clock jumps. Other tables have one.
func TestMonths(t *testing.T) {
	var records []record.Record
	for _, clock := range []string{
		"260130120000W", "260131235950W", "260201000000W", "260131235955W", "260201000005W", "260301000000W", "260201120000W", "gone", "260329020000S",
		"260201130000W", "260329020010S", "260131120000W", "260329020020S", "gone", "260201130010W",
	} {
		records = append(records, ok(raw(0, lines{"0-0:1.0.0": clock, "0-0:96.13.0": clock})))
	}
	for _, c := range []struct {
		o     Options
		want  []string
		table []int
	}{
		{Options{}, []string{"records 2026-01", "records 2026-02", "records 2026-03", "records 2026-01 (2)", "records 2026-02 (2)"}, []int{2, 3, 5, 1, 4}},
		{Options{Table: Validity}, []string{"validity 2026-01", "validity 2026-02", "validity 2026-03", "validity 2026-01 (2)", "validity 2026-02 (2)"}, []int{2, 3, 5, 1, 4}},
		{Options{Table: Messages}, []string{"messages"}, nil},
		{Options{Every: time.Hour, CentralEurope: brussels(t)}, []string{"records"}, nil},
	} {
		c.o.Format = XLSX
		book := made(t, c.o, records...)
		_, sheets, _ := workbookOf(t, book, false)
		if !slices.Equal(sheets, c.want) {
			t.Errorf("%+v: sheets %q, want %q", c.o, sheets, c.want)
			continue
		}
		f, err := excelize.OpenReader(strings.NewReader(book))
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range c.table {
			if rows, err := f.GetRows(sheets[i]); len(rows) != n+1 || err != nil {
				t.Errorf("%s has %d rows, want %d and a heading (%v)", sheets[i], len(rows), n, err)
			}
		}
	}
}

// Several tables are sheets of one workbook, each as it is alone, also where rows of the first
// are made twice.
func TestSeveral(t *testing.T) {
	names := []string{Records, Validity, Events, Gas}
	var forwards []record.Record
	for _, r := range day() {
		forwards = append(forwards, r)
	}
	backwards := slices.Clone(forwards)
	slices.Reverse(backwards)
	for name, c := range map[string]struct {
		o   Options
		day []record.Record
	}{
		"rows":      {Options{}, forwards},
		"hours":     {Options{Every: time.Hour, CentralEurope: brussels(t)}, forwards},
		"backwards": {Options{Every: time.Hour, CentralEurope: brussels(t)}, backwards},
	} {
		c.o.Format = XLSX
		var b bytes.Buffer
		s, err := NewSeveral(&b, c.o, names)
		for _, r := range c.day {
			if err == nil {
				err = s.Take(r)
			}
		}
		if err = errors.Join(err, s.Flush(), s.Close()); err != nil {
			t.Fatal(err)
		}
		f, err := excelize.OpenReader(&b)
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		for i, table := range names {
			_, sheets, want := workbookOf(t, made(t, c.o.Only(table), c.day...), true)
			var got [][]string
			for _, sheet := range sheets {
				if f.GetSheetList()[at] != sheet {
					t.Fatalf("%s: sheet %d of %q is not %q", name, at, f.GetSheetList(), sheet)
				}
				rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
				if err != nil {
					t.Fatal(err)
				}
				got, at = append(got, rows[1:]...), at+1
			}
			if len(got) != len(want) || s.Outcomes()[i].Rows != len(want) {
				t.Errorf("%s: %s has %d rows (%d are said), want %d", name, table, len(got), s.Outcomes()[i].Rows, len(want))
			}
			for i := range got {
				if strings.TrimRight(strings.Join(got[i], ";"), ";") != strings.TrimRight(strings.Join(want[i], ";"), ";") {
					t.Fatalf("%s: %s: row %d is %q, want %q", name, table, i, got[i], want[i])
				}
			}
		}
		if at != len(f.GetSheetList()) {
			t.Errorf("%s: sheets %q", name, f.GetSheetList())
		}
	}
	for format, names := range map[string][]string{CSV: {Records, Gas}, XLSX: {Gas, Gas}} {
		if _, err := NewSeveral(&bytes.Buffer{}, Options{Format: format}, names); err == nil {
			t.Errorf("%q in a file of %s", names, format)
		}
	}
}

// A workbook is refused to what is just coming in, and not to what came in before.
func TestLiveWorkbook(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		time string
		live bool
		want bool
	}{
		{now.Format(time.RFC3339), true, true}, {"", true, true}, {now.Format(time.RFC3339), false, false},
		{now.Add(-time.Hour).Format(time.RFC3339Nano), true, false}, {"", false, false},
	} {
		w, err := New(&bytes.Buffer{}, Options{Format: XLSX})
		if err != nil {
			t.Fatal(err)
		}
		r := ok(first)
		r.Live, r.Time = c.live, c.time
		err = w.Take(r)
		var live *LiveError
		if errors.As(err, &live) != c.want || (err != nil) != c.want {
			t.Errorf("%+v: %v", c, err)
		}
		if live != nil && (!strings.Contains(live.Error(), "just coming in") || !strings.Contains(live.Hint(), "save them first")) {
			t.Errorf("it says %q, hint %q", live, live.Hint())
		}
	}
}

// What few programs open is said before it is written, where that is known, and once.
func TestManyRows(t *testing.T) {
	for expected, want := range map[int64]string{0: "", 1_000_000: "", 3_153_600: "some 3 million rows are coming"} {
		var said []string
		o := Options{Format: XLSX, Expected: expected, Say: func(text string) { said = append(said, text) }}
		w, err := New(&bytes.Buffer{}, o)
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.Join(said, ""); (want == "") != (text == "") || !strings.Contains(text, want) {
			t.Errorf("%d rows: said %q", expected, said)
		}
		s := w.rows.(*records).sink.(*xlsxSink)
		*s.rows = manyRows
		if err := errors.Join(w.Take(ok(first)), w.Take(ok(first))); err != nil {
			t.Fatal(err)
		}
		if len(said) != 1 || !strings.Contains(said[0], "--every 15m") || !strings.Contains(said[0], ".parquet") {
			t.Errorf("%d rows: said %q", expected, said)
		}
	}
}

func brussels(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Brussels")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
