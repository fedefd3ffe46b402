package tables

import (
	"fmt"
	"time"

	"p1/pkg/csv/sorted"
	"p1/pkg/csv/workbook"
)

// xlsxSink writes rows as sheets of a workbook: numbers with the meter's decimals, times as
// the meter's clock shows them with the offset beside, text as text.
//
//	records 2026-02   records 2026-03   records 2026-03 (2)   gas   events
//	└──────────── one of each month ──┘ └ no room in one ┘    └ other tables ┘
//
// Of tables with a row for each telegram a new sheet begins with each month, of all
// others where there is no more room.
type xlsxSink struct {
	writer
	o     Options
	cells []cell
	book  *workbook.Book
	at    int // the column with the time of the row, -1 for none
	month time.Time
	last  time.Time // the latest of the month
	text  []byte
	many  bool // that there are many rows was said
}

// further is a table that becomes sheets of another one's workbook.
type further struct {
	pile *sorted.Pile
	book *workbook.Book
}

// manyRows is more than most programs open.
const manyRows = 1_000_000

// maxMonths is how many sheets begin with a month: what comes then, of a clock that jumps
// back and forth, stands in the last one.
const maxMonths = 1000

func newXLSX(w writer, o Options, columns []column) sink {
	s := &xlsxSink{writer: w, o: o, cells: typed(columns, true), at: -1, book: workbook.New(w)}
	if o.Table == Validity || o.Table == Records && o.Every == 0 {
		s.at = stampColumn(columns)
	}
	if o.as != nil {
		o.as.book = s.book
	}
	return s
}

func (s *xlsxSink) begin() error {
	if s.o.Expected > manyRows && s.o.Every == 0 {
		s.sayMany(fmt.Sprintf("some %d million rows are coming", (s.o.Expected+manyRows/2)/manyRows))
	}
	return nil
}

// sayMany says once that there are more rows than most programs open.
func (s *xlsxSink) sayMany(what string) {
	if s.many || s.o.Say == nil {
		return
	}
	s.many = true
	s.o.Say(s.o.Table + ": " + what + ": few programs open such a workbook; --every 15m makes a row of each quarter of an hour, " +
		"and -o FILE.parquet is for programs that read many rows")
}

func (s *xlsxSink) write(row []value) error {
	if err := s.turn(row); err != nil {
		return err
	}
	for i := range s.cells {
		s.put(&s.cells[i], &row[s.cells[i].from])
	}
	*s.rows++
	if *s.rows == manyRows+1 {
		s.sayMany("more than a million rows")
	}
	return s.book.EndRow()
}

// put writes a cell.
func (s *xlsxSink) put(c *cell, v *value) {
	switch {
	case v.form == absent:
		s.book.Empty()
	case c.offset && v.form == clockForm:
		s.putText(string(v.appendOffset(s.text[:0])))
	case c.offset && c.mixed:
		s.book.Empty() // of text
	case c.truth:
		s.book.Truth(v.text == "TRUE")
	case v.form == numberForm:
		s.text = v.number.Append(s.text[:0])
		s.book.Number(s.text, v.number.Scale)
	case v.form == clockForm && !v.clock.Time.IsZero():
		s.book.Time(v.clock.Time)
	case v.form == offsetForm:
		s.putText(v.clock.Offset())
	default:
		s.putText(oneLine(v.text))
	}
}

func (s *xlsxSink) putText(text string) {
	if text == "" {
		s.book.Empty()
		return
	}
	s.book.Text(text)
}

// lateness is how long after a month's end rows of it may come that do not begin a sheet:
// the clocks of several meters differ.
const lateness = time.Hour

// turn begins a sheet where a row needs another one.
func (s *xlsxSink) turn(row []value) error {
	if s.at < 0 {
		return s.sheet(s.o.Table, s.book.Sheets() == 0)
	}
	name, new := s.o.Table, s.book.Sheets() == 0
	if at := row[s.at].clock.Time; !at.IsZero() {
		year, month, _ := at.Date()
		is := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
		another := !is.Equal(s.month) && (is.After(s.month) || s.last.Sub(at) > lateness)
		if another && s.book.Sheets() < maxMonths {
			s.month, s.last, new = is, at, true
		}
		if at.After(s.last) {
			s.last = at
		}
	}
	if !s.month.IsZero() {
		name += s.month.Format(" 2006-01")
	}
	return s.sheet(name, new)
}

// sheet begins a sheet if there is to be a new one, or the last one is full.
func (s *xlsxSink) sheet(name string, new bool) error {
	if !new && !s.book.Full() {
		return nil
	}
	columns := make([]workbook.Column, len(s.cells))
	for i, c := range s.cells {
		columns[i] = workbook.Column{Heading: c.name, Width: c.width()}
	}
	return s.book.Begin(name, columns)
}

// width is how wide a column is, in digits: as its heading with the filter's button, or as
// what mostly stands in it.
func (c *cell) width() int {
	const button = 4
	usual := map[kind]int{textKind: 12, numberKind: 11, timeKind: 19, offsetKind: 8}[c.kind]
	switch c.name {
	case "meter", "device", "host_time", "source":
		usual = 23
	}
	return max(usual, len(c.name)+button)
}

// end ends the workbook: a table without rows has a sheet with its heading.
func (s *xlsxSink) end() error {
	if s.book.Sheets() == 0 {
		if err := s.sheet(s.o.Table, true); err != nil {
			return err
		}
	}
	for _, f := range s.o.further {
		from, size, err := f.pile.Whole()
		if err == nil {
			err = s.book.Add(from, size, f.book)
		}
		if err != nil {
			return err
		}
	}
	return s.book.Close()
}

func (s *xlsxSink) words() string {
	if s.book.Cut() == 0 {
		return ""
	}
	return fmt.Sprintf("%s: %d texts have lost their end: a cell of a workbook holds %d characters", s.o.Table, s.book.Cut(), workbook.MaxText)
}
