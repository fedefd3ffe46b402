// Package tables takes the telegram records of a stream and gives a table of
// them in CSV, JSON lines, Influx line protocol, a workbook or Parquet: a row for every telegram that can be used (records), or a row for
// every telegram there is, with its verdict (validity).
//
// # Rows
//
// The records table has a row for each telegram that is ok, repaired or
// unchecked, on request for each bad or lost one too, or each salvaged one. A row of a salvaged one has nothing but what stands in its trusted lines,
// and nothing that is computed. A value that the meter did not send, or that cannot be read, is an empty
// cell. Numbers keep the meter's decimals, lose its leading zeros, and never
// pass through a float; what is computed from them is computed exactly and
// rounded once, halves away from zero.
//
//	1-0:1.8.0(008234.524*kWh)␍␊  →  import_kwh            8234.524
//	1-0:1.8.0(008234.532*kWh)␍␊  →  interval_import_kw    2.880 (10 s later)
//	0-0:1.0.0(230824012130S)␍␊   →  time, utc_offset      2023-08-24T01:21:30+02:00, +02:00
//
// Intervals are counted from the last record of the same meter, in real time:
// the hour that autumn repeats is no gap and no step back. They are empty for
// the first record, after more than 60 s (profile seed: 15 s or more), where
// time did not advance, and where a register fell, which is no negative energy.
// A record that is suspect or salvaged has no interval and none is counted from
// it; nor is any from a record whose clock cannot be read, nor that of a valid record
// from one that is bad or lost. The last 64 meters
// are remembered. A meter that sends no total (1-0:1.8.0) is measured by the sum of
// its tariff registers T1 and T2; its import_kwh stays empty, since the meter
// does not say it.
//
// The validity table has a row for each telegram of any status in the order
// they came. The time in it is what the clock line reads, for a telegram that is
// not valid as it was received, unverified.
//
// The tables of what changes (gas, water, heat, peaks, failures, messages, events)
// have a row for what a meter has not said before. They read valid telegrams that
// are not suspect, and keep what was said, by meter and within bounds: a log that
// is read again says nothing new.
//
// # Columns
//
// Each table has a list of columns. Those of the records are quantities: a [column]
// with what reads its [value] from a telegram taken apart ([view]). A profile, default
// and seed too, is a list of names and OBIS codes, found in the catalogue as those of
// --columns are; the profile all makes its list of the first telegrams.
//
//	telegram → moment (time, meter) → view (lines, devices, month's end)
//	         → quantity: value (a number with its digits, a time, a text) → sink → cell
//
// What computes with values, as the rows of --every do, need not read cells.
//
// # Once
//
// With Every or Unique telegrams are put in the order of their clocks before anything is
// made of them, and of copies one is taken: see [merging]. Of those that are in order already
// rows are made as they come: see [ahead]. So what computes from one
// row to the next need not know that logs overlap, or that they came in another order.
//
// # From rows to bytes
//
// Every table ends in one sink, which is made for the format: it is told the
// columns once, then given values row by row. A [column] says what it is called,
// its kind (text, number or time) and its role (field, tag, or the row's time);
// the format and its style are the sink's business alone: see [format].
//
//	            ┌ CSV
//	sheet → sink┤ JSON lines
//	            ├ Influx line protocol
//	            ├ sheets of a workbook
//	            ├ Parquet
//	            └ one row for each span of time → one of these
//
// From one telegram to the next little changes. The [parser] of a table knows where
// lines and values stand as long as only digits and letters in values are others, and
// its [arena] keeps the texts of many rows in one piece of memory.
package tables

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
	"unicode/utf8"

	"p1/pkg/csv/prices"
	"p1/pkg/display"
	"p1/pkg/record"
	"p1/pkg/sequence"
	"p1/pkg/telegram"
)

// The tables, for Options.Table.
const (
	Records  = "records"
	Validity = "validity"

	Gas      = "gas" // M-Bus devices, a row for each new reading
	Water    = "water"
	Heat     = "heat"
	Peaks    = "peaks"    // highest demand of each month
	Failures = "failures" // long power failures
	Messages = "messages" // texts that the meter shows
	Events   = "events"   // what happened to the meter or its log
)

// Tables lists the names that [Options.Table] may have.
func Tables() []string {
	return []string{Records, Validity, Gas, Water, Heat, Peaks, Failures, Messages, Events}
}

// Options says which table is made, and how it looks. The zero value is the
// records table of the default profile, with commas between its cells.
type Options struct {
	Table   string // Records (also if empty), Validity, Gas, …: what the rows are
	Profile string // Default (also if empty and without Columns), Seed, …: the columns of the records table
	// Columns names columns of the records table, by name or OBIS code: after those
	// of the Profile, or, where that is empty, no others.
	Columns []string

	// Units is KW (also if empty) for powers in kW, kvar and kVA and energies in
	// kWh, kvarh and kVAh, or W for the same without the k.
	Units string
	// Zone is that of meters whose clock says neither S nor W, and decides the
	// offset of S and W elsewhere than in central Europe; nil where not known.
	Zone *time.Location

	// Every, if not zero, joins the records of each such span of local time: [Day],
	// an hour, or what divides one.
	Every time.Duration
	// Ends makes the rows of Every such that they can be joined to longer ones: with the
	// first and the last value of each column, the sum of what is momentary in the place of
	// its mean, and how many values there were; and when the first and the last telegram was,
	// and the first and the last one that has a register.
	// Voltages have the seconds below LowVoltage too.
	Ends       bool
	LowVoltage telegram.Decimal // V
	// CentralEurope is the zone whose days those are where a meter says S or W and
	// no Zone is given; nil where it is not known.
	CentralEurope *time.Location

	// Prices, if not nil, adds to the rows of Every what the energy in them costs and earns.
	Prices *prices.Prices

	// Unique makes one row of all copies of a telegram, of whatever logs in whatever order,
	// as Every does too: both put telegrams in the order of their clocks, at the end.
	Unique bool
	// Output names the file that is written, beside which temporary files for that are.
	Output string

	Format string // CSV (also if empty), JSON lines, Influx line protocol, a workbook, or Parquet

	// Part, if not nil, creates the file of a part of the rows, which is there under its name
	// once it is closed: of a live source for each day, with Partition for each meter and day.
	Part      func(name string) (io.WriteCloser, error)
	Partition bool

	// Saved says that all telegrams come from files to which nobody adds, so that no source
	// is live, however late they came in.
	Saved bool
	// Expected is how many rows are coming, as far as that is known; 0 where it is not.
	Expected int64

	// The style of CSV, which no other format has.
	Delimiter    rune // between cells; 0 is a comma
	DecimalComma bool // numbers have a comma in the place of the point
	BOM          bool // the table begins with a byte order mark
	NoHeader     bool // no heading line
	CRLF         bool // lines end in CR LF
	// LocalTime writes the time column as 2006-01-02 15:04:05, the time that the
	// meter shows, without the offset.
	LocalTime bool
	// GuardFormulas puts an apostrophe before text that begins like a formula
	// (with = + - or @), so that a spreadsheet does not run what a meter, or
	// whoever sits on its line, has sent. Numbers and times are left alone. BOM, which is
	// for spreadsheets, has it too.
	GuardFormulas bool
	// KeepText writes text that a spreadsheet would take for a number or a date as a
	// formula of which that text is the result, ="0002". It goes with GuardFormulas.
	KeepText bool

	// The stress columns of the profile seed tell what is above these limits.
	LimitVoltage telegram.Decimal // V
	LimitCurrent telegram.Decimal // A
	LimitPower   telegram.Decimal // kW

	// AcceptBad makes records of bad and lost telegrams too, for streams whose CRC is
	// of an unknown kind, or off since something was masked.
	AcceptBad bool
	// Salvaged makes records of salvaged telegrams too, of their trusted lines.
	Salvaged bool

	// Say, if not nil, is given words for people, once for each finding.
	Say func(string)

	order   *order     // of the rows that Every joins; nil where nobody watches it
	further []*further // whose sheets follow in the same workbook
	as      *further   // which of these it is, nil for none
	live    *bool      // the telegrams are just coming in
}

// ExcelEU returns o in the style that spreadsheets of continental Europe open
// without asking: semicolon, decimal comma, byte order mark, CR LF, local time,
// and no text that is taken for a formula, a number or a date.
func ExcelEU(o Options) Options {
	o.Delimiter = ';'
	o.DecimalComma = true
	o.BOM = true
	o.CRLF = true
	o.LocalTime = true
	o.GuardFormulas = true
	o.KeepText = true
	return o
}

// check fills in what is left empty and reports what cannot be.
func (o Options) check() (Options, error) {
	if o.Table == "" {
		o.Table = Records
	}
	if o.Profile == "" && len(o.Columns) == 0 {
		o.Profile = Default
	}
	if o.Units == "" {
		o.Units = KW
	}
	if o.Units != KW && o.Units != W {
		return o, fmt.Errorf("unknown units %q: there are %s and %s", o.Units, KW, W)
	}
	if err := checkEvery(o.Every); err != nil {
		return o, err
	}
	if o.Every != 0 && (o.Table != Records || o.Profile == Seed) {
		return o, fmt.Errorf("--every is for the table %s, and for any profile but %s", Records, Seed)
	}
	if o.Prices != nil && o.Every == 0 {
		return o, errors.New("--prices is for rows of --every: 15m, 1h or 1d")
	}
	if o.Unique && o.Table != Records {
		return o, fmt.Errorf("--unique is for the table %s: what changes is told once anyway, and %s has a row for every telegram", Records, Validity)
	}
	if o.Format == "" {
		o.Format = CSV
	}
	switch f := o.format(); {
	case f.name != o.Format:
		return o, unknown("format", o.Format, Formats())
	case !f.styled && (o.Delimiter != 0 || o.DecimalComma || o.BOM || o.CRLF || o.LocalTime || o.GuardFormulas || o.KeepText):
		return o, fmt.Errorf("--delimiter, --decimal-comma, --bom and --excel-eu are for --format %s, not for %s", CSV, o.Format)
	}
	if f := o.format(); o.NoHeader && f.whole {
		return o, fmt.Errorf("--no-header is for --format %s: a file of %s has the names of its columns", CSV, o.Format)
	}
	if o.Partition && !o.format().parts {
		return o, fmt.Errorf("--partition is for --format %s, not for %s", Parquet, o.Format)
	}
	o.GuardFormulas = o.GuardFormulas || o.BOM
	if o.Delimiter == 0 {
		o.Delimiter = ','
	}
	if !slices.Contains(Tables(), o.Table) {
		return o, unknown("table", o.Table, Tables())
	}
	if err := o.checkProfile(); err != nil {
		return o, err
	}
	switch d := o.Delimiter; {
	case d == '"' || d == '\r' || d == '\n' || d == utf8.RuneError || !utf8.ValidRune(d):
		return o, fmt.Errorf("%q cannot be the delimiter", d)
	case d == ',' && o.DecimalComma:
		return o, fmt.Errorf("a decimal comma needs another delimiter than the comma, such as ';'")
	}
	return o, nil
}

// checkProfile reports what profile, columns and units cannot be together.
func (o *Options) checkProfile() error {
	switch all := Profiles(); {
	case o.Profile != "" && !slices.Contains(all, o.Profile):
		return fmt.Errorf("%w; %s has a column for each line that a meter sends, of whatever country", unknown("profile", o.Profile, all), All)
	case o.Profile == Seed && len(o.Columns) > 0:
		return fmt.Errorf("the columns of the profile %s are fixed: --columns goes with the others", Seed)
	case o.Profile == Seed && o.Units != KW:
		return fmt.Errorf("the columns of the profile %s are in kW and kWh: --units %s goes with the others", Seed, o.Units)
	case o.Table != Records && len(o.Columns) > 0:
		return fmt.Errorf("--columns is for the table %s", Records)
	}
	return nil
}

// unknown is the error for a name that is not among the known ones.
func unknown(what, name string, known []string) error {
	return fmt.Errorf("unknown %s %q: there are %s%s", what, name, display.Listed(known, "and"), display.Meant(name, known))
}

// Writer makes one table.
type Writer struct {
	record.BaseStage
	rows    rows
	o       Options
	refused refused
	met     bool // a telegram
	east    bool // it was said that one is of a meter whose zone is another
	watch   sequence.Watch
}

// rows makes the rows of one kind of table.
type rows interface {
	// take makes a row of the telegram, or none. It keeps no memory of it.
	take(*record.Telegram) error
	// flush writes the rows that are kept back.
	flush() error
	// close does so for the last time, and says what there is to say.
	close() error
	// written is how many rows there are, and leftOut whether some are left out.
	written() int
	leftOut() bool
}

// gapRows are rows of which some tell of gaps.
type gapRows interface {
	takeGap(*record.Gap) error
}

// New returns a Writer of the table to w. Nothing is written before the first
// Flush, Close or full buffer. The error says which option is wrong.
func New(w io.Writer, o Options) (*Writer, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	o.live = new(bool)
	t := &Writer{o: o}
	var a *ahead
	switch {
	case o.Every != 0 && o.Zone == nil:
		t.rows, a, err = newAhead(w, o)
	case o.Table == Validity:
		t.rows, err = newValidity(w, o)
	case o.Table != Records:
		t.rows, err = newChanges(w, o)
	default:
		t.rows, err = newRecords(w, o)
	}
	if err != nil {
		return nil, err
	}
	if o.Unique || o.Every != 0 {
		t.rows = newMerging(t.rows, a, o)
	}
	return t, nil
}

// newChanges returns a table of what has changed from telegram to telegram.
func newChanges(w io.Writer, o Options) (rows, error) {
	r, err := newChange(w, o)
	return newOutliers(r, o), err
}

func newChange(w io.Writer, o Options) (rows, error) {
	switch o.Table {
	case Peaks:
		return newPeaks(w, o)
	case Failures:
		return newFailures(w, o)
	case Messages:
		return newMessages(w, o)
	case Events:
		return newEvents(w, o)
	}
	return newDevices(w, o)
}

// Take makes the row of a telegram, and of other records none. A chunk is
// [record.ErrChunks]; any other error is that of the writer below.
func (t *Writer) Take(r record.Record) error {
	switch r := r.(type) {
	case *record.Telegram:
		if err := t.meet(r); err != nil {
			return err
		}
		if t.o.AcceptBad && r.Status == record.Salvaged && !t.o.Salvaged {
			r = unbelieved(r)
		}
		t.refused.take(&t.o, r)
		t.sayZone(r)
		t.look(r)
		return t.rows.take(r)
	case *record.Noise:
		t.refused.noise += int64(len(r.Data))
	case *record.Gap:
		if t, ok := t.rows.(gapRows); ok {
			return t.takeGap(r)
		}
	case *record.Chunk:
		return record.ErrChunks
	}
	return nil
}

// look says where logs overlap or come in another order, of records that are neither put in
// order nor have copies among them left out.
func (t *Writer) look(r *record.Telegram) {
	if t.o.Say == nil || t.o.Table != Records || t.o.Unique || t.o.Every != 0 {
		return
	}
	if text := t.watch.Look(r); text != "" {
		t.o.Say(text + "; rows stand as telegrams come: --unique puts them in order, and leaves copies out")
	}
}

// unbelieved is a salvaged telegram as it is where bad ones are taken too: with all its lines,
// none of them verified.
func unbelieved(t *record.Telegram) *record.Telegram {
	bad := *t
	bad.Status, bad.Trusted = record.Bad, nil
	return &bad
}

// sayZone says once that a meter is known to stand elsewhere than where its S and W are
// taken for.
func (t *Writer) sayZone(r *record.Telegram) {
	header, _, _ := bytes.Cut(r.Raw, []byte("\r\n"))
	zone := telegram.ZoneOf(bytes.TrimPrefix(header, []byte("/")))
	if zone == "" || t.east || t.o.Zone != nil || t.o.Say == nil {
		return
	}
	said := telegram.Parse(r.Raw)
	if clock, _, ok := said.Clock(); ok && clock.Season != 0 {
		t.east = true
		t.o.Say(fmt.Sprintf("the header %s says that the meter is not in central Europe, for which its S and W are taken: the offsets of its times are wrong without --tz %s",
			display.Short(string(header), maxLineShown), zone))
	}
}

// Flush writes the heading, if it is not written yet, and every row taken. The
// error is that of the writer below.
func (t *Writer) Flush() error { return t.rows.flush() }

// Close ends the table: a table without rows has its heading all the same. It
// does not close the writer below, whose error it returns.
func (t *Writer) Close() error { return t.rows.close() }
