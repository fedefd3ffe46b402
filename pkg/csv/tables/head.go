package tables

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// Column is a column of the records table, for those who must tell another
// program what the rows will hold before there are any.
type Column struct {
	Name   string        // key of the row: import_kwh
	Title  string        // a few words for people: energy from the grid
	Unit   string        // as the table shows it: kWh, or Wh; "" for none
	What   telegram.Kind // what is measured
	Number bool          // decimal text
	Time   bool          // a time, a date or an offset
	// Line is whether a line of the telegram is what the column shows; else it
	// speaks of the telegram as a whole, or is computed.
	Line   bool
	Medium string // gas, water, heat, …: of an M-Bus device; "" for the meter itself
	Cell   string // what the telegrams at hand say for it, "" where they do not
}

// Meter is what a telegram says of the meter that sent it.
type Meter struct {
	ID      string
	Header  string // the line that the telegram begins with, after the /: ISK5\2M550T-1012
	Version string // 1-3:0.2.8, or Belgium's 0-0:96.1.4, as sent; "" where neither is
	Dialect string // as telegram.Dialect names it
	// Period is the time from one telegram to the next, 0 where only one is known.
	Period time.Duration
}

// Head reads the beginning of a stream until the columns of its records table
// and its meter are known:
//
//	head, err := tables.NewHead(o)
//	known, err := head.Take(telegram) // until known; Flush where the stream pauses
//	meter, columns, err := head.Known()
//
// A meter is known by two telegrams of the same one, none of them suspect or
// salvaged: one damaged name that passes the CRC by accident is not enough.
type Head struct {
	table   *records
	clocks  timekeeper
	meters  perMeter[encounter]
	meter   *Meter  // once it is known
	values  []value // that the rows have said last
	refused refused
}

// encounter is a meter that was met, and when.
type encounter struct {
	Meter
	met      int
	clock    time.Time
	clockOK  bool
	receival time.Time // zero where not known
}

// ErrNoMeter is that of a stream that ended before anything was known.
var ErrNoMeter = errors.New("none of these telegrams can be used, so the meter is not known")

// NewHead returns a Head for the rows that o asks for. The error says which
// option is wrong.
func NewHead(o Options) (*Head, error) {
	o.Format = JSON
	o, err := o.check()
	switch {
	case err != nil:
		return nil, err
	case o.Table != Records:
		return nil, fmt.Errorf("--discovery is for the table %s, not for %s", Records, o.Table)
	case o.Profile == Seed:
		return nil, fmt.Errorf("the profile %s has no column that names the meter: take any other profile", Seed)
	case o.Every != 0:
		return nil, errors.New("--every joins records: --discovery is for rows of single ones")
	}
	h := &Head{clocks: timekeeper{zone: o.Zone}}
	h.table, err = newRecords(io.Discard, o)
	return h, err
}

// Take takes a record and reports whether enough is known.
func (h *Head) Take(r record.Record) (known bool, err error) {
	switch r := r.(type) {
	case *record.Chunk:
		return false, record.ErrChunks
	case *record.Telegram:
		h.refused.take(&h.table.o, r)
		if !h.table.o.accepts(r) {
			return false, nil
		}
		if err := h.table.take(r); err != nil {
			return false, err
		}
		h.look()
		h.meet(r)
	}
	return h.isKnown(), nil
}

// Flush is for a stream that pauses: of a live one, what has come must do.
func (h *Head) Flush() (known bool, err error) {
	if err := h.table.flush(); err != nil {
		return false, err
	}
	h.look()
	return h.isKnown(), nil
}

// Known returns the meter and the columns of its rows. Where the stream has ended,
// one telegram must do.
func (h *Head) Known() (Meter, []Column, error) {
	if h.meter == nil && len(h.meters.kept) > 0 {
		h.meter = &h.meters.kept[0].is.Meter
	}
	if why := h.refused.why(); h.meter == nil && why != "" {
		return Meter{}, nil, fmt.Errorf("%w: %s", ErrNoMeter, why)
	} else if h.meter == nil {
		return Meter{}, nil, ErrNoMeter
	}
	if err := h.table.close(); err != nil {
		return Meter{}, nil, err
	}
	h.look()
	columns := make([]Column, len(h.table.list))
	for i := range columns {
		columns[i] = h.column(i)
	}
	return *h.meter, columns, nil
}

func (h *Head) isKnown() bool { return h.meter != nil && h.table.sheet != nil }

// look keeps what the last row says.
func (h *Head) look() {
	if h.table.sheet == nil {
		return
	}
	if h.values == nil {
		h.values = make([]value, len(h.table.row))
	}
	for i, v := range h.table.row {
		if v.form != absent {
			h.values[i] = v
		}
	}
}

// meet keeps when and how a meter was met.
func (h *Head) meet(from *record.Telegram) {
	var now moment
	now.read(from, &h.clocks)
	if now.alone || now.meter == "" || strings.HasPrefix(now.meter, nameless) || h.meter != nil {
		return
	}
	s := h.meters.of(now.meter)
	if s.met++; s.met == 1 {
		s.ID, s.Header, s.Dialect = now.meter, latin1(string(now.said.Header())), now.said.Dialect()
		for _, code := range []string{"1-3:0.2.8", "0-0:96.1.4"} {
			if version, ok := now.said.Text(code); ok && s.Version == "" {
				s.Version = latin1(version)
			}
		}
		s.clock, s.clockOK, s.receival = now.clock.Time, now.clockOK, now.host
		return
	}
	switch {
	case now.clockOK && s.clockOK:
		s.Period = now.clock.Time.Sub(s.clock)
	case !now.host.IsZero() && !s.receival.IsZero():
		s.Period = now.host.Sub(s.receival)
	}
	s.Period = max(s.Period, 0) // its clock may have been set
	met := s.Meter
	h.meter = &met
}

// column returns one of the columns.
func (h *Head) column(i int) Column {
	q := &h.table.list[i]
	c := Column{
		Name: q.name, Unit: h.table.o.shown(q.unit), What: q.what, Number: q.kind == numberKind, Time: q.kind == timeKind || q.kind == offsetKind,
		Line: q.code != "" || q.needs&needDevices != 0, Title: q.title(), Cell: string(h.values[i].append(nil, false)),
	}
	if q.device != nil {
		c.Medium = q.device.medium
	}
	return c
}

// title is that of the dictionary for the reading of a line; else what the name
// says, without its unit.
func (q *quantity) title() string {
	if q.words != "" {
		return q.words
	}
	name := q.name
	for _, unit := range []string{q.unit, strings.TrimPrefix(q.unit, "k")} {
		if rest, ok := strings.CutSuffix(name, "_"+strings.ToLower(unit)); ok && unit != "" {
			name = rest
			break
		}
	}
	return strings.ReplaceAll(name, "_", " ")
}
