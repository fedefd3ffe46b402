package tables

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strings"
	"time"
)

// parts are files that share the rows of a table:
//
//	of a live source, by day             2026-03-01
//	with Partition, by meter and day     meter=9912345678/day=2026-03-01/20260301T000010-1f3a9c24.parquet
//
// A day is one of the meter's own clock. Of at most maxParts files rows are being written; what
// is there under its name is whole. A row whose file cannot be open has to wait, so that however rows
// of meters and days are mixed, a day of a meter has one file, or two:
//
//	row ─┬─► its part is open, or there is room for it
//	     ├─► waiting: there was none; all rows of such a part are there
//	     └─► late: its part has ended; a second one takes all that came after that
//
// Those that wait are written at the end, and of a live source once a day.
type parts struct {
	o       Options
	schema  *schema
	at      int // the columns with the time, and the meter of a row; -1 for none
	host    int
	meter   int
	open    []*part // the one that was written last comes last
	rows    int64   // that came
	waiting *aside
	waits   map[string]bool // the places of which there are rows in it
	late    *aside
	ended   map[string]bool // the places that have a file
	again   map[string]int
	last    string // the day of the row before
	passed  string // the day on which those that wait were last written, of a live source
	now     func() time.Time
}

// part is one of the files.
type part struct {
	place, meter string
	end          time.Time // of the day
	row          int64     // the last one that it was given
	out          io.WriteCloser
	buffer       *bufio.Writer
	file         *parquetFile
}

// maxParts is how many files are open at once.
const maxParts = 8

// idle is after how many rows of others a part may be ended to make room.
const idle = 10_000

// NoPart is the meter or day of rows that have none: what readers of such folders take for null.
const NoPart = "__HIVE_DEFAULT_PARTITION__"

func newParts(o Options, columns []column, s *schema) *parts {
	p := &parts{
		o: o, schema: s, at: stampColumn(columns), again: map[string]int{}, waits: map[string]bool{}, ended: map[string]bool{}, now: time.Now,
		host:  slices.IndexFunc(columns, func(c column) bool { return c.role == hostRole }),
		meter: slices.IndexFunc(columns, func(c column) bool { return c.name == "meter" }),
	}
	p.waiting = newAside(&o, fmt.Sprintf("rows of more than %d meters are mixed, and no more files are open at once (with the logs of one meter after those of another there is no need)", maxParts))
	p.late = newAside(&o, "rows of days come after those of a later one")
	return p
}

func (p *parts) write(row []value) error {
	p.rows++
	at := p.timeOf(row)
	meter, day := p.placeOf(row, at)
	if err := p.endDays(meter, at); err != nil {
		return err
	}
	if err := p.pass(at); err != nil {
		return err
	}
	place := meter + "\x00" + day
	i := slices.IndexFunc(p.open, func(is *part) bool { return is.place == place })
	switch {
	case i >= 0:
		is := p.open[i]
		p.open = append(slices.Delete(p.open, i, i+1), is)
		return p.add(is, row)
	case p.ended[place]:
		return p.late.add(place, row)
	case p.waits[place]:
		return p.waiting.add(place, row)
	}
	if room, err := p.makeRoom(meter, at); err != nil || !room {
		p.waits[place] = true
		return errors.Join(err, p.waiting.add(place, row))
	}
	is, err := p.begin(place, at, row)
	if err != nil {
		return err
	}
	p.open = append(p.open, is)
	return p.add(is, row)
}

func (p *parts) add(is *part, row []value) error {
	is.row = p.rows
	return is.file.add(row)
}

// placeOf is whose part a row goes to, and of which day. One without a time goes where the one
// before it went.
func (p *parts) placeOf(row []value, at time.Time) (meter, day string) {
	if day = p.last; !at.IsZero() {
		day = at.Format(time.DateOnly)
		p.last = day
	}
	if p.o.Partition {
		if meter = NoPart; at.IsZero() {
			day = NoPart
		}
		if p.meter >= 0 && row[p.meter].form == textForm {
			meter = row[p.meter].text
		}
	}
	return meter, day
}

// timeOf is when a row was, by the meter, or live, where the meter does not say it, by the
// host.
func (p *parts) timeOf(row []value) (at time.Time) {
	if p.at >= 0 {
		at = row[p.at].clock.Time
	}
	if at.IsZero() && p.host >= 0 && !p.o.Partition {
		at = row[p.host].clock.Time
	}
	return at
}

// begin begins the part of a place, with the first of its rows.
func (p *parts) begin(place string, at time.Time, row []value) (*part, error) {
	meter, day, _ := strings.Cut(place, "\x00")
	out, err := p.o.Part(p.name(meter, day, at, row))
	if err != nil {
		return nil, err
	}
	p.ended[place] = true // or about to be
	is := &part{place: place, meter: meter, out: out, buffer: bufio.NewWriterSize(out, writeSize)}
	if !at.IsZero() {
		year, month, d := at.Date()
		is.end = time.Date(year, month, d+1, 0, 0, 0, 0, at.Location())
	}
	is.file = newParquetFile(is.buffer, p.schema, p.o.Partition)
	return is, nil
}

// makeRoom reports whether one more part may be open. Where there are too many it ends one whose
// day is over, by the clock of its own meter, or long ago by that of another one; or one to which
// nothing was written for long.
func (p *parts) makeRoom(meter string, now time.Time) (bool, error) {
	room := maxParts
	if p.isLive() {
		room-- // one of those that waited may be written meanwhile
	}
	if len(p.open) < room {
		return true, nil
	}
	over := func(is *part, ago time.Duration) bool { return !is.end.IsZero() && now.Sub(is.end) >= ago }
	i := slices.IndexFunc(p.open, func(is *part) bool { return is.meter == meter && over(is, 0) })
	if i < 0 {
		i = slices.IndexFunc(p.open, func(is *part) bool { return over(is, overDay) || p.rows-is.row > idle })
	}
	if i < 0 {
		return false, nil
	}
	is := p.open[i]
	p.open = slices.Delete(p.open, i, i+1)
	return true, is.close()
}

// isLive reports whether the rows are just coming in.
func (p *parts) isLive() bool { return p.o.live != nil && *p.o.live }

// pass writes, once a day, the rows of a live source that wait and whose day is over: it may have
// no end.
func (p *parts) pass(at time.Time) error {
	if !p.isLive() || at.IsZero() || p.waiting.empty() && p.late.empty() {
		return nil
	}
	today := p.now().Add(-overDay).In(at.Location()).Format(time.DateOnly)
	if p.passed == "" {
		p.passed = today
	}
	if today <= p.passed {
		return nil
	}
	p.passed = today
	return errors.Join(p.writeAside(p.waiting, today), p.writeAside(p.late, today))
}

// writeAside writes the rows of the days before a day that were kept, each place to a part of its
// own, or, where none is given, all rows.
func (p *parts) writeAside(from *aside, before string) error {
	var is *part
	err := from.each(func(place string, row []value) (err error) {
		if _, day, _ := strings.Cut(place, "\x00"); before != "" && day >= before {
			return from.add(place, row)
		}
		if is != nil && is.place != place {
			err, is = is.close(), nil
		}
		if err == nil && is == nil {
			delete(p.waits, place)
			is, err = p.begin(place, p.timeOf(row), row)
		}
		if err != nil {
			return err
		}
		return is.file.add(row)
	})
	if is != nil && err == nil {
		err = is.close()
	}
	return err
}

// name is what a part is called. In a folder of partitions that is when it begins, and what
// its first row is, so that the same rows have the same name, and others another one.
func (p *parts) name(meter, day string, at time.Time, row []value) string {
	if !p.o.Partition {
		return cmp.Or(day, "no-day")
	}
	sum := fnv.New32a()
	var b []byte
	for i := range row {
		b = append(row[i].append(b[:0], false), 0)
		sum.Write(b)
	}
	name := fmt.Sprintf("%08x", sum.Sum32())
	if !at.IsZero() {
		name = at.Format("20060102T150405-") + name
	}
	name = "meter=" + folderOf(meter) + "/day=" + folderOf(day) + "/" + name
	p.again[name]++
	if n := p.again[name]; n > 1 {
		name += fmt.Sprintf("-%d", n)
	}
	return name
}

// folderOf is a value as the name of a folder: what may not stand in one has % and its number.
func folderOf(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '-' || c == '.' && b.Len() > 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// overDay is how long after a day's end rows of it may come: the clocks of several meters
// differ.
const overDay = 10 * time.Minute

// endDays ends the parts of a meter's days that are over.
func (p *parts) endDays(meter string, now time.Time) (err error) {
	p.open = slices.DeleteFunc(p.open, func(is *part) bool {
		over := is.meter == meter && !is.end.IsZero() && now.Sub(is.end) >= overDay
		if over {
			err = errors.Join(err, is.close())
		}
		return over
	})
	return err
}

// close ends all parts, and writes the rows that wait.
func (p *parts) close() (err error) {
	for _, is := range p.open {
		err = errors.Join(err, is.close())
	}
	p.open = nil
	for _, from := range []*aside{p.waiting, p.late} {
		if err == nil {
			err = p.writeAside(from, "")
		}
		err = errors.Join(err, from.close())
	}
	return err
}

func (is *part) close() error {
	err := is.file.Close()
	if err == nil {
		err = is.buffer.Flush()
	}
	if err != nil {
		return err // it has not its name then
	}
	return is.out.Close()
}
