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
// is there under its name is whole.
type parts struct {
	o      Options
	schema *schema
	at     int // the columns with the time, and the meter of a row; -1 for none
	host   int
	meter  int
	open   []*part // the one that was written last comes last
	again  map[string]int
	last   string // the day of the row before
	said   bool
}

// part is one of the files.
type part struct {
	meter, day string
	end        time.Time // of the day
	out        io.WriteCloser
	buffer     *bufio.Writer
	file       *parquetFile
}

// maxParts is how many files are open at once.
const maxParts = 8

// noPart is what readers of such folders take for null.
const noPart = "__HIVE_DEFAULT_PARTITION__"

func newParts(o Options, columns []column, s *schema) *parts {
	return &parts{
		o: o, schema: s, at: stampColumn(columns), again: map[string]int{},
		host:  slices.IndexFunc(columns, func(c column) bool { return c.role == hostRole }),
		meter: slices.IndexFunc(columns, func(c column) bool { return c.name == "meter" }),
	}
}

func (p *parts) write(row []value) error {
	at := p.timeOf(row)
	day, meter := p.last, ""
	if !at.IsZero() {
		day = at.Format(time.DateOnly)
		p.last = day
	}
	if p.o.Partition {
		if meter = noPart; at.IsZero() {
			day = noPart
		}
		if p.meter >= 0 && row[p.meter].form == textForm {
			meter = row[p.meter].text
		}
	}
	if err := p.endDays(meter, at); err != nil {
		return err
	}
	is, err := p.find(meter, day, at, row)
	if err != nil {
		return err
	}
	return is.file.add(row)
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

// find returns the part of a meter and a day, and begins it where it is not open.
func (p *parts) find(meter, day string, at time.Time, row []value) (*part, error) {
	i := slices.IndexFunc(p.open, func(is *part) bool { return is.meter == meter && is.day == day })
	if i >= 0 {
		is := p.open[i]
		p.open = append(slices.Delete(p.open, i, i+1), is)
		return is, nil
	}
	if err := p.makeRoom(at); err != nil {
		return nil, err
	}
	out, err := p.o.Part(p.name(meter, day, at, row))
	if err != nil {
		return nil, errors.Join(err, p.endOver(meter, at, 0)) // what came before it is whole
	}
	is := &part{meter: meter, day: day, out: out, buffer: bufio.NewWriterSize(out, writeSize)}
	if !at.IsZero() {
		year, month, d := at.Date()
		is.end = time.Date(year, month, d+1, 0, 0, 0, 0, at.Location())
	}
	is.file = newParquetFile(is.buffer, p.schema, p.o.Partition)
	p.open = append(p.open, is)
	return is, nil
}

// makeRoom ends a part where no other may be open: one of a day that is over, or else that
// which was written to longest ago.
func (p *parts) makeRoom(now time.Time) error {
	if len(p.open) < maxParts {
		return nil
	}
	i := slices.IndexFunc(p.open, func(is *part) bool { return !is.end.IsZero() && !now.Before(is.end) })
	if i < 0 {
		i = 0
		p.sayMany()
	}
	is := p.open[i]
	p.open = slices.Delete(p.open, i, i+1)
	return is.close()
}

// sayMany says once that rows of many parts are mixed.
func (p *parts) sayMany() {
	if p.said || p.o.Say == nil {
		return
	}
	p.said = true
	p.o.Say(fmt.Sprintf("rows of more than %d meters are mixed, and no more files are open at once: a day may have several files, which are read as one; "+
		"with the logs of one meter after those of another each day has one", maxParts))
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
func (p *parts) endDays(meter string, now time.Time) error { return p.endOver(meter, now, overDay) }

// endOver ends the parts of a meter's days that were over so long ago, or longer.
func (p *parts) endOver(meter string, now time.Time, ago time.Duration) (err error) {
	p.open = slices.DeleteFunc(p.open, func(is *part) bool {
		over := is.meter == meter && !is.end.IsZero() && now.Sub(is.end) >= ago
		if over {
			err = errors.Join(err, is.close())
		}
		return over
	})
	return err
}

// close ends all parts.
func (p *parts) close() (err error) {
	for _, is := range p.open {
		err = errors.Join(err, is.close())
	}
	p.open = nil
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
