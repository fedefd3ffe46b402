package index

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"p1/pkg/csv/tables"
	"p1/pkg/fileio"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// Repaired makes the stage that takes chunk records and gives repaired telegrams: what
// stands before p1csv in the pipe.
type Repaired func(out record.Writer) (record.Stage, error)

// maker makes the index of a file.
type maker struct {
	day    *Day
	rows   *tables.Writer
	events *tables.Writer
	others []*tables.Writer // peaks, power failures and the devices on the M-Bus
	line   record.Stage     // to the diagnosis, nil where there is none
	zone   *time.Location
	clean  []byte // the last telegram with nothing wrong
	odd    map[quarter]*oddity
	last   quarter // in which the last valid one is
	known  bool
	valid  int64                               // telegrams
	paces  map[string]*pace                    // by header
	read   map[string]map[readingKey]*Readings // by meter
}

// readingKey says of which device readings are.
type readingKey struct {
	column, device string
	floating       bool
}

// quarter is one of a meter.
type quarter struct {
	meter string
	start int64
}

// oddity is how many telegrams are not as they should be.
type oddity struct{ doubted, suspect, salvaged, lost int64 }

// maxEvents are kept of a file.
const maxEvents = 1000

// build makes the index of a file by reading all of it.
func (a *Archive) build(ctx context.Context, f File) (*Day, error) {
	m := &maker{day: &Day{Key: f.key}, zone: a.o.Zone, odd: map[quarter]*oddity{}, paces: map[string]*pace{}, read: map[string]map[readingKey]*Readings{}}
	central, err := time.LoadLocation("Europe/Brussels")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, c := range Columns() {
		names = append(names, c.Name)
	}
	var errs []error
	table := func(o tables.Options, row func([]byte) error) *tables.Writer {
		o.Format, o.Zone, o.CentralEurope = tables.JSON, a.o.Zone, central
		o.LowVoltage, o.LimitVoltage = telegram.Decimal{Digits: 207}, telegram.Decimal{Digits: 253} // EN 50160: 230 V, less or more a tenth
		w, err := tables.New(&lines{row: row}, o)
		errs = append(errs, err)
		return w
	}
	m.rows = table(tables.Options{Every: Quarter, Ends: true, Columns: append([]string{"time", "meter"}, names...)}, m.row)
	m.events = table(tables.Options{Table: tables.Events}, m.event)
	m.others = append(m.others, table(tables.Options{Table: tables.Peaks}, m.peak), table(tables.Options{Table: tables.Failures}, m.failure))
	for _, device := range []string{tables.Gas, tables.Water, tables.Heat} {
		m.others = append(m.others, table(tables.Options{Table: device}, m.reading))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	found := func() *Diagnosis { return nil }
	if a.o.Diagnose != nil && f.parts == nil {
		m.line, found = a.o.Diagnose()
	}
	files := f.parts
	if files == nil {
		files = []File{f}
	}
	for _, part := range files {
		if err := a.Replay(ctx, part, m); err != nil {
			if ctx.Err() != nil || !isContent(err) {
				return nil, err
			}
			if line := (*record.LineError)(nil); errors.As(err, &line) && line.Line == 1 && errors.Is(err, record.ErrNotJSON) {
				return nil, fmt.Errorf("%s holds no records: a meter's log goes through p1cat first: p1cat LOG | p1frame | p1fix -o FILE.jsonl", part.Path)
			}
			cut := errors.Is(err, io.ErrUnexpectedEOF) // what was read until then counts
			m.day.Open, m.day.Broken = m.day.Open || cut, m.day.Broken || !cut
		}
	}
	for _, w := range append(m.others, m.rows, m.events) {
		errs = append(errs, w.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	m.settle()
	m.day.Diagnosis = found()
	return m.day, nil
}

// contentError is one of what a file holds.
type contentError struct{ error }

func (e contentError) Unwrap() error { return e.error }

func isContent(err error) bool { return errors.As(err, new(contentError)) }

// Replay gives the telegrams of a file to a stage, repaired where it holds chunks, and does
// not close it. It ends early without an error where the stage needs no more.
func (a *Archive) Replay(ctx context.Context, f File, to record.Stage) error {
	in, err := fileio.OpenSealed(f.Path, nil, fileio.Records, a.o.Unseal)
	if err != nil {
		return err
	}
	err = replay(ctx, record.NewReader(f.Path, in), to, a.o.Repaired)
	if errors.Is(err, record.ErrEnough) {
		err = nil
	}
	return errors.Join(err, in.Close())
}

func replay(ctx context.Context, from *record.LineReader, to record.Stage, repaired Repaired) error {
	var room record.Room
	var first record.Stage // where there are chunks
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		for range 64 {
			r, err := from.ReadInto(&room)
			switch {
			case err == io.EOF && first != nil:
				return first.Close()
			case err == io.EOF:
				return nil
			case err != nil:
				if first != nil {
					return errors.Join(contentError{err}, first.Close())
				}
				return contentError{err}
			}
			if _, chunk := r.(*record.Chunk); chunk && first == nil {
				if first, err = repaired(into{to}); err != nil {
					return err
				}
			}
			if first != nil {
				err = first.Take(r)
			} else {
				err = to.Take(r)
			}
			if err != nil {
				return err
			}
		}
		room.Reset()
	}
}

// into writes records to a stage.
type into struct{ record.Stage }

func (w into) Write(r record.Record) error { return w.Take(r) }

// Take counts a record, and makes rows of it. Wait, Flush and Expire have nothing to do.
func (m *maker) Take(r record.Record) error {
	switch r := r.(type) {
	case *record.Noise:
		m.day.Noise += int64(len(r.Data))
	case *record.Telegram:
		m.day.Telegrams++
		m.count(r)
		m.pace(r)
	}
	err := errors.Join(m.rows.Take(r), m.events.Take(r))
	for _, w := range m.others {
		err = errors.Join(err, w.Take(r))
	}
	if m.line != nil {
		err = errors.Join(err, m.line.Take(r))
	}
	return err
}

func (m *maker) Flush() error        { return nil }
func (m *maker) Close() error        { return nil }
func (m *maker) Wait() time.Duration { return 0 }
func (m *maker) Expire() error       { return nil }

// count counts a telegram that is not as it should be, in the quarter of its clock, or, if
// that cannot be trusted, of the telegram before it.
func (m *maker) count(t *record.Telegram) {
	valid := t.Status.Valid()
	if valid {
		m.valid++
	}
	if valid && t.Suspect == "" && len(t.Doubted) == 0 {
		m.clean = append(m.clean[:0], t.Raw...)
		return
	}
	switch {
	case valid && t.Suspect == "":
		if _, _, timed := tables.NewTimes(m.zone).Of(t); !timed {
			m.day.Unset++ // it is the clock that is doubted
			return
		}
		m.locate(t.Raw)
		m.clean = m.clean[:0]
	case len(m.clean) > 0:
		m.locate(m.clean)
		m.clean = m.clean[:0]
	}
	if !m.known {
		m.day.Stray++
		return
	}
	o := m.odd[m.last]
	if o == nil {
		o = &oddity{}
		m.odd[m.last] = o
	}
	switch {
	case t.Suspect != "":
		o.suspect++
	case valid:
		o.doubted++
	case t.Status == record.Salvaged:
		o.salvaged++
	default:
		o.lost++
	}
}

// locate finds the quarter of a telegram.
func (m *maker) locate(raw []byte) {
	t := telegram.Parse(raw)
	c, _, ok := t.Time()
	if !ok {
		return
	}
	if m.zone != nil {
		c, _ = c.In(m.zone)
	}
	at := c.Time.Unix()
	m.last, m.known = quarter{t.Meter(), at - (at%900+900)%900}, true
}

// row takes a row of --every.
func (m *maker) row(line []byte) error {
	var row map[string]json.RawMessage
	if err := json.Unmarshal(line, &row); err != nil {
		return err
	}
	text := func(key string) string {
		var s string
		_ = json.Unmarshal(row[key], &s) // null where there is none
		return s
	}
	number := func(key string) Value {
		d, ok := telegram.ParseDecimal(string(row[key]))
		return Value{d, ok}
	}
	start, floating, ok := moment(text("time"))
	from, _, okFrom := moment(text("first_time"))
	to, _, okTo := moment(text("last_time"))
	if !ok || !okFrom || !okTo {
		return fmt.Errorf("a row of %s has no time", m.day.Name)
	}
	if (telegram.Clock{Time: start}).IsReset() {
		m.day.Unset += number("telegrams").Digits
		return nil
	}
	w := m.meter(text("meter"), floating)
	_, offset := start.Zone()
	for list, n := range map[*Ints]int64{
		&w.Start: start.Unix(), &w.Offset: int64(offset), &w.From: from.Unix(), &w.To: to.Unix(),
		&w.Telegrams: number("telegrams").Digits, &w.Repaired: number("repaired").Digits, &w.Unverified: number("unverified").Digits,
		&w.Doubted: 0, &w.Suspect: 0, &w.Salvaged: 0, &w.Lost: 0,
	} {
		*list = append(*list, n)
	}
	for _, c := range Columns() {
		s := w.Columns[c.Name]
		s.Count = append(s.Count, number(c.Name+"_count").Digits)
		s.First = append(s.First, number(c.Name+"_first"))
		if c.Register {
			s.Last = append(s.Last, number(c.Name))
			s.Gain = append(s.Gain, number(c.Name+"_gain"))
			s.Begun = append(s.Begun, second(text(c.Name+"_first_time")))
			s.Ended = append(s.Ended, second(text(c.Name+"_last_time")))
			continue
		}
		s.Last = append(s.Last, number(c.Name+"_last"))
		s.Min = append(s.Min, number(c.Name+"_min"))
		s.Max = append(s.Max, number(c.Name+"_max"))
		s.Sum = append(s.Sum, number(c.Name+"_sum"))
		if c.Unit == "V" {
			s.Above = append(s.Above, number(c.Name+"_above_s"))
			s.Below = append(s.Below, number(c.Name+"_below_s"))
		}
	}
	return nil
}

// moment reads the time of a row. Where it has no offset, it is as the clock shows it.
func moment(text string) (at time.Time, floating, ok bool) {
	at, err := time.Parse(time.RFC3339, text)
	if err == nil {
		return at, false, true
	}
	at, err = time.Parse("2006-01-02T15:04:05", text)
	return at, true, err == nil
}

// second is the time of a reading, 0 where there is none.
func second(text string) int64 {
	if at, _, ok := moment(text); ok {
		return at.Unix()
	}
	return 0
}

// meter finds what is kept of a meter.
func (m *maker) meter(name string, floating bool) *Meter {
	for _, w := range m.day.Meters {
		if w.Name == name && w.Floating == floating {
			return w
		}
	}
	w := &Meter{Name: name, Floating: floating, Columns: map[string]*Series{}}
	for _, c := range Columns() {
		w.Columns[c.Name] = &Series{Column: c.Name}
	}
	m.day.Meters = append(m.day.Meters, w)
	return w
}

// event takes a row of the events.
func (m *maker) event(line []byte) error {
	var row struct {
		Event
		Of *string `json:"meter"`
	}
	if err := json.Unmarshal(line, &row); err != nil {
		return err
	}
	if row.Of != nil {
		row.Meter = *row.Of
	}
	m.keepEvent(row.Event)
	return nil
}

// keepEvent keeps an event, if there is room.
func (m *maker) keepEvent(e Event) {
	if len(m.day.Events) == maxEvents {
		m.day.MoreEvent = true
		return
	}
	m.day.Events = append(m.day.Events, e)
}

// peak takes a row of the peaks: of a month and register the last one counts.
func (m *maker) peak(line []byte) error {
	var row struct {
		Peak
		Of *string `json:"meter"`
	}
	if err := json.Unmarshal(line, &row); err != nil {
		return err
	}
	if row.Of != nil {
		row.Meter = *row.Of
	}
	p := row.Peak
	m.day.Peaks = slices.DeleteFunc(m.day.Peaks, func(q Peak) bool {
		return q.Month == p.Month && q.Register == p.Register && q.Meter == p.Meter
	})
	if len(m.day.Peaks) < maxEvents {
		m.day.Peaks = append(m.day.Peaks, p)
	}
	return nil
}

// settle puts what was counted into the quarters, and drops columns without a value.
func (m *maker) settle() {
	if len(m.day.Meters) == 0 {
		m.day.Timeless = m.valid
	}
	for q, o := range m.odd {
		w, at := m.find(q)
		if w == nil {
			m.day.Stray += o.doubted + o.suspect + o.salvaged + o.lost
			continue
		}
		w.Doubted[at] += o.doubted
		w.Suspect[at] += o.suspect
		w.Salvaged[at] += o.salvaged
		w.Lost[at] += o.lost
	}
	for _, w := range m.day.Meters {
		var has []string
		for _, c := range Columns() {
			if slices.Max(w.Columns[c.Name].Count) == 0 {
				delete(w.Columns, c.Name)
				continue
			}
			has = append(has, c.Name)
			w.Columns[c.Name].dropTimes(w)
		}
		w.Has = strings.Join(has, " ")
		w.Period = m.period(w.Name)
		w.Readings = m.readings(w.Name)
	}
	slices.SortStableFunc(m.day.Meters, func(a, b *Meter) int { return cmp.Compare(a.Name, b.Name) })
}

// dropTimes leaves out the times of readings where they are those of telegrams.
func (s *Series) dropTimes(m *Meter) {
	for i := range s.Begun {
		if s.Count[i] > 0 && (s.Begun[i] != m.From[i] || s.Ended[i] != m.To[i]) {
			return
		}
	}
	s.Begun, s.Ended = nil, nil
}

// find finds a quarter, or the last one before it.
func (m *maker) find(q quarter) (*Meter, int) {
	for _, w := range m.day.Meters {
		if w.Name != q.meter && !strings.HasPrefix(w.Name, "\x00") {
			continue
		}
		at, exact := slices.BinarySearch(w.Start, q.start)
		if !exact {
			at--
		}
		if len(w.Start) > 0 {
			return w, max(at, 0)
		}
	}
	return nil, 0
}

// lines hands on whole lines.
type lines struct {
	row  func([]byte) error
	part []byte
}

func (l *lines) Write(b []byte) (int, error) {
	n := len(b)
	for {
		line, rest, ok := bytes.Cut(b, []byte("\n"))
		if !ok {
			l.part = append(l.part, b...)
			return n, nil
		}
		l.part = append(l.part, line...)
		if err := l.row(l.part); err != nil {
			return 0, err
		}
		l.part, b = l.part[:0], rest
	}
}
