package report

import (
	"encoding/csv"
	"io"
	"time"

	"github.com/gocarina/gocsv"

	"p1/pkg/display"
	"p1/pkg/noise/verdict"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// Row is one line of the log: a damaged or suspect telegram, a noise record or
// a gap.
type Row struct {
	Time       string        `csv:"time"`       // RFC 3339, or an interval begin/end in which ".." is an unknown end
	Source     string        `csv:"source"`     // as in the record
	Offset     int64         `csv:"offset"`     // in bytes, of the record's first one
	Type       string        `csv:"type"`       // telegram, noise or gap
	Status     record.Status `csv:"status"`     // of a telegram
	CRCSent    string        `csv:"crc_sent"`   // as received, empty where unreadable
	CRCCalc    string        `csv:"crc_calc"`   // over what was received
	Changes    string        `csv:"changes"`    // the edits, "position code got->now" in hex, joined by "; "
	Conclusion string        `csv:"conclusion"` // in words
}

func (r *Row) size() int { return len(r.Source) + len(r.Changes) + len(r.Conclusion) }

// guard makes the cells of a row such as a spreadsheet does not run; if it is for one, also
// such as it does not take for what they are not.
func (r *Row) guard(excel bool) {
	as := display.GuardedCell
	at, err := time.Parse(time.RFC3339, r.Time)
	if excel {
		as = display.TextCell
	}
	if excel && err == nil {
		r.Time = at.Format(time.DateTime) // a date, which the spreadsheet is to know
	} else {
		r.Time = as(r.Time)
	}
	for _, cell := range []*string{&r.Source, (*string)(&r.Status), &r.CRCSent, &r.CRCCalc, &r.Changes, &r.Conclusion} {
		*cell = as(*cell)
	}
}

// How much a Log keeps: rows that wait for the time of the next verified
// telegram, and finished rows that nobody has flushed yet. The sizes are in
// bytes, and only matter for telegrams with thousands of edits.
const (
	maxHeld         = 1000
	maxHeldSize     = 8 << 20
	maxFinished     = 256
	maxFinishedSize = 1 << 20
)

// Log writes the noise as CSV, in the order of the records.
type Log struct {
	record.BaseStage
	w       io.Writer
	csv     *csv.Writer
	heading bool // written
	excel   bool // the style is that of European spreadsheets

	stream verdict.Stream
	since  verdict.Moment // the last verified time of the stream

	held         []Row // the first one has no time yet
	heldSize     int
	finished     []Row
	finishedSize int
}

// NewLog returns a Log that writes to w.
func NewLog(w io.Writer) *Log { return &Log{w: w, csv: csv.NewWriter(w)} }

// NewExcelLog returns a Log in the style that spreadsheets of continental Europe open
// without asking: semicolon, byte order mark, CR LF, local time, and no text that is taken
// for a number or a date.
func NewExcelLog(w io.Writer) *Log {
	l := NewLog(w)
	l.excel = true
	l.csv.Comma, l.csv.UseCRLF = ';', true
	return l
}

// Take adds the record's row, if it has one. It fails with [record.ErrChunks]
// for a chunk, and with the error of the writer.
func (l *Log) Take(r record.Record) error {
	switch r.(type) {
	case *record.Chunk:
		return record.ErrChunks
	case *record.Telegram, *record.Noise, *record.Gap:
		if l.stream.Enter(r.Where()) {
			l.release(verdict.Moment{})
			l.since = verdict.Moment{}
		}
	}
	switch r := r.(type) {
	case *record.Telegram:
		l.telegram(r)
	case *record.Noise:
		l.add(newRow(r, "noise", noiseConclusion(r.Data)))
	case *record.Gap:
		l.add(newRow(r, "gap", with("bytes may be missing", display.Text(r.Why))))
	}
	if len(l.held) >= maxHeld || l.heldSize >= maxHeldSize {
		l.release(verdict.Moment{})
	}
	if len(l.finished) >= maxFinished || l.finishedSize >= maxFinishedSize {
		return l.Flush()
	}
	return nil
}

func newRow(r record.Record, kind, conclusion string) Row {
	o := r.Where()
	return Row{Source: display.Text(o.Source), Offset: o.Offset, Type: kind, Conclusion: conclusion}
}

// telegram takes the telegram's time for the rows that wait for it, and adds a
// row if the telegram needs one.
func (l *Log) telegram(t *record.Telegram) {
	parts := telegram.Parse(t.Raw)
	own := verdict.OwnTime(t, parts)
	if verdict.Verified(t, own) {
		l.release(own)
		l.since = own
	}
	if !verdict.Damaged(t) && t.Suspect == "" && len(t.Doubted) == 0 {
		return
	}
	row := newRow(t, "telegram", conclusion(t, parts))
	if own.Known {
		row.Time = own.String()
	}
	row.Status = record.Status(display.Text(string(t.Status)))
	row.CRCSent, row.CRCCalc = display.Text(t.CRCSent), display.Text(t.CRCCalc)
	row.Changes = changes(t.Edits, parts)
	l.add(row)
}

// add holds a row without a time back, and those after it too, so that the
// order stays.
func (l *Log) add(row Row) {
	if row.Time == "" || len(l.held) > 0 {
		l.held = append(l.held, row)
		l.heldSize += row.size()
		return
	}
	l.finish(row)
}

func (l *Log) finish(row Row) {
	l.finished = append(l.finished, row)
	l.finishedSize += row.size()
}

// release finishes the rows that are held back: they lie before until.
func (l *Log) release(until verdict.Moment) {
	for _, row := range l.held {
		if row.Time == "" {
			row.Time = l.since.String() + "/" + until.String()
		}
		l.finish(row)
	}
	clear(l.held)
	l.held, l.heldSize = l.held[:0], 0
}

// Flush writes every row that is finished, and the heading before the first. It
// fails with the error of the writer.
func (l *Log) Flush() error {
	if !l.heading {
		l.heading = true
		if l.excel {
			if _, err := io.WriteString(l.w, "\uFEFF"); err != nil {
				return err
			}
		}
		if err := gocsv.MarshalCSV([]Row{}, l.csv); err != nil {
			return err
		}
	}
	if len(l.finished) == 0 {
		return nil
	}
	for i := range l.finished {
		l.finished[i].guard(l.excel)
	}
	err := gocsv.MarshalCSVWithoutHeaders(l.finished, l.csv)
	clear(l.finished)
	l.finished, l.finishedSize = l.finished[:0], 0
	return err
}

// Close writes what is left; for rows that still wait, the end of their time is
// not known. It fails with the error of the writer.
func (l *Log) Close() error {
	l.release(verdict.Moment{})
	return l.Flush()
}
