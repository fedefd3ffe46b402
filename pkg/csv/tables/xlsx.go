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
//	records 2026-02   records 2026-03   records 2026-03 (2)   records 2026-02 (2)   gas   events
//	└──────────── one of each month ──┘ └ no room in one ┘    └ came too late ┘     └ other tables ┘
//
// Of tables with a row for each telegram a new sheet begins with each month, of all
// others where there is no more room. Rows of a month that has been left are kept, and have a sheet of
// their own at the end: so a clock that jumps, or a log after a newer one, makes two sheets of a month
// and not one for each time that it comes back.
type xlsxSink struct {
	writer
	o     Options
	cells []cell
	book  *workbook.Book
	at    int       // the column with the time of the row, -1 for none
	month time.Time // of the sheet that is open
	last  time.Time // the latest of the month
	late  *aside    // rows of months that were left
	place string    // the month of the row before, if it is one of those
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

// maxMonths is how many sheets begin with a month: what comes then, of a clock that says
// anything, stands in the last one.
const maxMonths = 1000

func newXLSX(w writer, o Options, columns []column) sink {
	s := &xlsxSink{writer: w, o: o, cells: typed(columns, true), at: -1, book: workbook.New(w)}
	if o.Table == Validity || o.Table == Records && o.Every == 0 {
		s.at = stampColumn(columns)
	}
	s.late = newAside(&o, "rows of months come after those of a later one")
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
	if s.isLate(row) {
		return s.late.add(s.place, row)
	}
	if err := s.turn(row); err != nil {
		return err
	}
	return s.put(row)
}

// put writes a row to the sheet that is open.
func (s *xlsxSink) put(row []value) error {
	for i := range s.cells {
		s.putCell(&s.cells[i], &row[s.cells[i].from])
	}
	*s.rows++
	if *s.rows == manyRows+1 {
		s.sayMany("more than a million rows")
	}
	return s.book.EndRow()
}

// putCell writes a cell.
func (s *xlsxSink) putCell(c *cell, v *value) {
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

// isLate reports whether a row is of a month that was left; one without a time goes where the one before it
// went.
func (s *xlsxSink) isLate(row []value) bool {
	if s.at < 0 || s.month.IsZero() {
		return false
	}
	if at := row[s.at].clock.Time; !at.IsZero() {
		s.place = ""
		if month := monthOf(at); month.Before(s.month) && s.last.Sub(at) > lateness {
			s.place = month.Format(monthForm)
		}
	}
	return s.place != ""
}

// monthOf is the month that a clock shows.
func monthOf(at time.Time) time.Time {
	year, month, _ := at.Date()
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
}

// monthForm is how a month stands in the name of a sheet.
const monthForm = "2006-01"

// turn begins a sheet where a row needs another one.
func (s *xlsxSink) turn(row []value) error {
	if s.at < 0 {
		return s.sheet(s.o.Table, s.book.Sheets() == 0)
	}
	name, new := s.o.Table, s.book.Sheets() == 0
	if at := row[s.at].clock.Time; !at.IsZero() {
		if is := monthOf(at); is.After(s.month) && s.book.Sheets() < maxMonths {
			s.month, s.last, new = is, at, true
		}
		if at.After(s.last) {
			s.last = at
		}
	}
	if !s.month.IsZero() {
		name += s.month.Format(" " + monthForm)
	}
	return s.sheet(name, new)
}

// writeLate writes the rows of months that were left, a sheet for each of them.
func (s *xlsxSink) writeLate() error {
	last := ""
	return s.late.each(func(month string, row []value) error {
		new := month != last && s.book.Sheets() < maxMonths
		last = month
		if err := s.sheet(s.o.Table+" "+last, new); err != nil {
			return err
		}
		return s.put(row)
	})
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
	if err := s.writeLate(); err != nil {
		return err
	}
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
