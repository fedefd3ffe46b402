// Package index takes the records of an archive's file and gives its quarters of an hour,
// and keeps them beside the archive so that the file need not be read again.
//
// A quarter has, of each column, the first, the last, the least and the greatest value, how
// many there were, and what a register gained. The file of an index is JSON lines, one for
// the file, then for each meter one with its quarters and one for each column, so that who
// asks for one column reads no other:
//
//	{"p1index":1,"name":"p1-2026-11-22.jsonl.zst","size":81234,"mtime":"…","zone":"","telegrams":8640,…}
//	{"meter":"E0047…","start":"1795302000 1795302900 …","offset":"3600 3600 …","telegrams":"90 90 …",…}
//	{"column":"import_kwh","first":"8234.524 8234.601 …","last":"…","gain":"0.077 …","count":"90 …"}
//	{"readings":"gas_m3","device":"G0047…","at":"1795302000 …","value":"4711.235 …"}
//	{"event":"gap","time":"…","count":3}
//	{"diagnosis":{"telegrams":8640,"intact":8632,"repaired":8,"hits":9,"findings":[{"cause":"ones-lost","hits":9}],…}}
//	{"end":"1c291ca3"}
//
// Lists of numbers are text, with blanks between them and a - for what is not there: numbers
// keep the meter's digits. The last line has the CRC-32 of all before it: an index that a full disk or a
// power failure has cut off, or that was damaged since, is none. An index holds for the name, size and time of its file; any other
// is made anew, and so is one that is deleted. A file that still grows has none that is kept.
package index

import (
	"bufio"
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"p1/pkg/telegram"
)

// version is that of the form; another one is made anew.
const version = 5

// Quarter is how long the spans are.
const Quarter = 15 * time.Minute

// Day is what the index of a file holds.
type Day struct {
	File File // that it is of
	Key
	Counts
	Meters []*Meter
	Events []Event
	Peaks  []Peak

	Diagnosis *Diagnosis // nil where nobody made one
}

// Key says which file an index is of, and how it was read.
type Key struct {
	Version int       `json:"p1index"`
	Name    string    `json:"name"`
	Size    int64     `json:"size"`
	Mtime   time.Time `json:"mtime"`
	Zone    string    `json:"zone"`            // of meters whose clock says neither S nor W
	Keyed   bool      `json:"keyed,omitempty"` // what the meter encrypts was decrypted
}

// same reports whether an index of one key is good for another.
func (k Key) same(other Key) bool {
	return k.Version == other.Version && k.Name == other.Name && k.Size == other.Size && k.Zone == other.Zone && k.Keyed == other.Keyed && k.Mtime.Equal(other.Mtime)
}

// Counts are of the telegrams of a file that stand in no quarter, or that all meters share.
type Counts struct {
	Telegrams int64 `json:"telegrams"` // of any status
	Timeless  int64 `json:"timeless"`  // valid, in a file of which none has a time that can be read
	Stray     int64 `json:"stray"`     // not valid, and in a file without any valid one
	Noise     int64 `json:"noise"`     // bytes
	Unset     int64 `json:"unset"`     // valid, but their clock was never set, or is not believed
	Broken    bool  `json:"broken"`    // the file could not be read to its end
	Open      bool  `json:"open"`      // it ends in the middle, as one does that is being written
	MoreEvent bool  `json:"more"`      // there were more events than are kept
}

// Meter is what one meter said, by quarters in the order of time. All lists are as long as
// Start.
type Meter struct {
	Name     string `json:"meter"`
	Floating bool   `json:"floating,omitempty"` // the offset is not known: times are as the clock shows them

	Start  Ints `json:"start"`  // of the quarter, seconds since 1970
	Offset Ints `json:"offset"` // of local time from UTC, in seconds
	From   Ints `json:"from"`   // the first telegram
	To     Ints `json:"to"`     // the last one

	Telegrams  Ints `json:"telegrams"` // that can be used
	Repaired   Ints `json:"repaired"`  // of these
	Unverified Ints `json:"unverified"`
	Doubted    Ints `json:"doubted"`  // of these, with lines that are not believed
	Suspect    Ints `json:"suspect"`  // not used
	Salvaged   Ints `json:"salvaged"` // not used, but for single lines
	Lost       Ints `json:"lost"`     // not used

	// Period is how many seconds lie between most telegrams and the next one, 0 where that is
	// not known.
	Period int64 `json:"period,omitempty"`

	// Has are the columns that there are, also those that were not asked for.
	Has     string             `json:"has"`
	Columns map[string]*Series `json:"-"`

	Readings []*Readings `json:"-"` // of devices on the M-Bus
}

// Readings are those of one device, by its own time stamp: of each quarter of an hour the
// last one, which may be at its very end.
type Readings struct {
	Column   string `json:"readings"`
	Device   string `json:"device"`
	Floating bool   `json:"floating,omitempty"` // the offset is not known
	At       Ints   `json:"at"`
	Value    Values `json:"value"`
}

// Series is one column of a meter, a value for each quarter.
type Series struct {
	Column string `json:"column"`
	First  Values `json:"first,omitempty"`
	Last   Values `json:"last,omitempty"`
	Min    Values `json:"min,omitempty"`
	Max    Values `json:"max,omitempty"`
	Sum    Values `json:"sum,omitempty"`     // of what is momentary
	Gain   Values `json:"gain,omitempty"`    // of a register
	Above  Values `json:"above_s,omitempty"` // of a voltage: seconds above the limit
	Below  Values `json:"below_s,omitempty"` // and below the lower one
	Count  Ints   `json:"count"`

	// When a register was read first and last, 0 where it was not; left out where that is
	// always in the first telegram and the last one of a quarter that has it.
	Begun Ints `json:"begun,omitempty"`
	Ended Ints `json:"ended,omitempty"`
}

// Event is a row of the table events.
type Event struct {
	Event  string `json:"event"`
	Time   string `json:"time,omitempty"`
	Meter  string `json:"of,omitempty"`
	Code   string `json:"code,omitempty"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	Count  int64  `json:"count,omitempty"`
	Note   string `json:"note,omitempty"`
	Length int64  `json:"duration_s,omitempty"` // of a power failure
}

// Peak is a row of the table peaks.
type Peak struct {
	Month    string      `json:"month"`
	Meter    string      `json:"of,omitempty"`
	Register string      `json:"register"`
	Time     string      `json:"time,omitempty"`
	KW       json.Number `json:"peak_kw,omitempty"`
	End      string      `json:"month_end,omitempty"`
}

// Value is a number that is there or not.
type Value struct {
	telegram.Decimal
	OK bool
}

// Values are numbers as text with blanks between them.
type Values []Value

// MarshalText writes them.
func (v Values) MarshalText() ([]byte, error) {
	var b []byte
	for i, x := range v {
		if i > 0 {
			b = append(b, ' ')
		}
		if !x.OK {
			b = append(b, '-')
			continue
		}
		b = x.Append(b)
	}
	return b, nil
}

// UnmarshalText reads them.
func (v *Values) UnmarshalText(text []byte) error {
	*v = make(Values, 0, bytes.Count(text, []byte(" "))+1)
	for rest := string(text); rest != ""; {
		var field string
		field, rest, _ = strings.Cut(rest, " ")
		d, ok := telegram.ParseDecimal(field)
		if !ok && field != "-" {
			return fmt.Errorf("%.20q is no number", field)
		}
		*v = append(*v, Value{d, ok})
	}
	return nil
}

// Ints are whole numbers, written as Values are.
type Ints []int64

// MarshalText writes them.
func (v Ints) MarshalText() ([]byte, error) {
	var b []byte
	for i, x := range v {
		if i > 0 {
			b = append(b, ' ')
		}
		b = strconv.AppendInt(b, x, 10)
	}
	return b, nil
}

// UnmarshalText reads them.
func (v *Ints) UnmarshalText(text []byte) error {
	*v = make(Ints, 0, bytes.Count(text, []byte(" "))+1)
	for rest := string(text); rest != ""; {
		var field string
		field, rest, _ = strings.Cut(rest, " ")
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return err
		}
		*v = append(*v, n)
	}
	return nil
}

// head is the first line.
type head struct {
	Key
	Counts
}

// write writes an index.
func (d *Day) write(to io.Writer) error {
	sum := crc32.NewIEEE()
	w := bufio.NewWriter(io.MultiWriter(to, sum))
	lines := json.NewEncoder(w)
	err := lines.Encode(head{d.Key, d.Counts})
	for _, m := range d.Meters {
		err = errors.Join(err, lines.Encode(m))
		for _, c := range Columns() {
			if s := m.Columns[c.Name]; s != nil {
				err = errors.Join(err, lines.Encode(s))
			}
		}
		for _, r := range m.Readings {
			err = errors.Join(err, lines.Encode(r))
		}
	}
	for i := range d.Events {
		err = errors.Join(err, lines.Encode(&d.Events[i]))
	}
	for i := range d.Peaks {
		err = errors.Join(err, lines.Encode(&d.Peaks[i]))
	}
	if d.Diagnosis != nil {
		err = errors.Join(err, lines.Encode(diagnosed{&d.Diagnosis}))
	}
	if err = errors.Join(err, w.Flush()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(to, endLine, sum.Sum32())
	return err
}

// endLine is the last line.
const endLine = "{\"end\":\"%08x\"}\n"

var (
	// errOther says that an index is of another file, or of another form.
	errOther = errors.New("the index is not of this file")
	// errDamaged says that it is not as it was written.
	errDamaged = errors.New("the index is damaged")
)

// whole returns all but the last line of an index, if that says that they are as they were written.
func whole(text []byte) ([]byte, error) {
	n := len(text) - len(fmt.Sprintf(endLine, 0))
	if n < 0 || string(text[n:]) != fmt.Sprintf(endLine, crc32.ChecksumIEEE(text[:n])) {
		return nil, errDamaged
	}
	return text[:n], nil
}

// Want says whether a column of a meter is wanted.
type Want func(m *Meter, column string) bool

// read reads the index of a key, and of its columns those that are wanted.
func read(text []byte, key Key, want Want) (*Day, error) {
	text, err := whole(text)
	if err != nil {
		return nil, err
	}
	d := &Day{}
	first := true
	for line := range bytes.Lines(text) {
		if first {
			var h head
			if err := json.Unmarshal(line, &h); err != nil {
				return nil, err
			}
			if !h.same(key) {
				return nil, errOther
			}
			d.Key, d.Counts, first = h.Key, h.Counts, false
			continue
		}
		if err := d.add(line, want); err != nil {
			return nil, err
		}
	}
	if first {
		return nil, errOther
	}
	return d, nil
}

// add takes a line that is not the first.
func (d *Day) add(line []byte, want Want) error {
	const column, meter, event, readings, diagnosis = `{"column":"`, `{"meter":"`, `{"event":"`, `{"readings":"`, `{"diagnosis":`
	switch { // which kind of line it is, its first key says
	case bytes.HasPrefix(line, []byte(column)):
		m, name, err := d.wanted(line[len(column):], want)
		if m == nil || err != nil {
			return err
		}
		s := &Series{Column: name}
		if err := s.read(line); err != nil {
			return err
		}
		if !s.fits(len(m.Start)) {
			return errOther
		}
		m.Columns[s.Column] = s
	case bytes.HasPrefix(line, []byte(readings)):
		m, _, err := d.wanted(line[len(readings):], want)
		if m == nil || err != nil {
			return err
		}
		r := &Readings{}
		if err := json.Unmarshal(line, r); err != nil {
			return err
		}
		if len(r.At) != len(r.Value) {
			return errOther
		}
		m.Readings = append(m.Readings, r)
	case bytes.HasPrefix(line, []byte(meter)):
		m := &Meter{Columns: map[string]*Series{}}
		if err := json.Unmarshal(line, m); err != nil {
			return err
		}
		if !m.fits() {
			return errOther
		}
		d.Meters = append(d.Meters, m)
	case bytes.HasPrefix(line, []byte(event)):
		var e Event
		if err := json.Unmarshal(line, &e); err != nil {
			return err
		}
		d.Events = append(d.Events, e)
	case bytes.HasPrefix(line, []byte(diagnosis)):
		return json.Unmarshal(line, &diagnosed{&d.Diagnosis})
	default:
		var p Peak
		if err := json.Unmarshal(line, &p); err != nil {
			return err
		}
		d.Peaks = append(d.Peaks, p)
	}
	return nil
}

// wanted returns the column that a line begins with, and the meter that it is of; no meter where
// it is not wanted.
func (d *Day) wanted(line []byte, want Want) (m *Meter, column string, err error) {
	name, _, _ := bytes.Cut(line, []byte(`"`))
	if len(d.Meters) == 0 {
		return nil, "", errOther
	}
	if m = d.Meters[len(d.Meters)-1]; !want(m, string(name)) {
		return nil, "", nil
	}
	return m, string(name), nil
}

// read reads the lists of a column that questions are answered from: of what is momentary
// neither the first value nor the last. It does what json.Unmarshal would in a third of the
// time, since no text of these lines has anything to be unescaped.
func (s *Series) read(line []byte) error {
	lists := []struct {
		key string
		to  encoding.TextUnmarshaler
	}{
		{"min", &s.Min}, {"max", &s.Max}, {"sum", &s.Sum}, {"above_s", &s.Above}, {"below_s", &s.Below}, {"gain", &s.Gain}, {"count", &s.Count},
		{"first", &s.First}, {"last", &s.Last}, {"begun", &s.Begun}, {"ended", &s.Ended},
	}
	for _, list := range lists {
		if (list.key == "first" || list.key == "last") && len(s.Gain) == 0 {
			continue
		}
		_, text, there := bytes.Cut(line, []byte(`"`+list.key+`":"`))
		if !there {
			continue
		}
		text, _, there = bytes.Cut(text, []byte(`"`))
		if !there {
			return errOther
		}
		if err := list.to.UnmarshalText(text); err != nil {
			return err
		}
	}
	return nil
}

// lists are all that have a number for each quarter.
func (m *Meter) lists() []*Ints {
	return []*Ints{
		&m.Start, &m.Offset, &m.From, &m.To, &m.Telegrams, &m.Repaired, &m.Unverified, &m.Doubted, &m.Suspect, &m.Salvaged, &m.Lost,
	}
}

// fits reports whether there are quarters, all lists have a number for each, and all times are
// some.
func (m *Meter) fits() bool {
	const day, least, most = 24 * 3600, -62135596800, 253402300800 // seconds; the years 1 to 9999
	for _, list := range m.lists() {
		if len(*list) != len(m.Start) {
			return false
		}
	}
	for _, list := range []Ints{m.Start, m.From, m.To} {
		if slices.ContainsFunc(list, func(at int64) bool { return at < least || at >= most }) {
			return false
		}
	}
	return len(m.Start) > 0 && m.Period >= 0 && !slices.ContainsFunc(m.Offset, func(s int64) bool { return s < -day || s > day })
}

// fits reports whether all lists that there are have n values, and those are there that a column of
// its kind has.
func (s *Series) fits(n int) bool {
	for _, list := range []Values{s.First, s.Last, s.Min, s.Max, s.Sum, s.Gain, s.Above, s.Below} {
		if len(list) != 0 && len(list) != n {
			return false
		}
	}
	for _, list := range []Ints{s.Begun, s.Ended} {
		if len(list) != 0 && len(list) != n {
			return false
		}
	}
	i := slices.IndexFunc(Columns(), func(c Column) bool { return c.Name == s.Column })
	switch {
	case i < 0 || len(s.Count) != n:
		return false
	case Columns()[i].Register:
		return len(s.First) == n && len(s.Last) == n && len(s.Gain) == n
	}
	return len(s.Min) == n && len(s.Max) == n && len(s.Sum) == n
}

// ReadAt is when a register of a meter was read first and last in a quarter. What it showed
// last may be of the very end of the quarter.
func (s *Series) ReadAt(m *Meter, i int) (first, last int64) {
	first, last = m.From[i], m.To[i]
	if len(s.Begun) > 0 && s.Begun[i] != 0 {
		first = s.Begun[i]
	}
	if len(s.Ended) > 0 && s.Ended[i] != 0 {
		last = s.Ended[i]
	}
	return first, last
}
