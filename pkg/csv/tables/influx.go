package tables

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"
	"time"

	"p1/pkg/telegram"
)

// influxSink writes rows in the line protocol of InfluxDB: the measurement, the
// tags, the fields, and the row's time in nanoseconds since 1970. Empty cells
// are left out.
//
//	p1,meter=9912345678,status=ok tariff="0002",import_kwh=8234.524 1692832890000000000
//	└┬ └──────────┬─────────────┘ └──────────────┬───────────────┘ └────────┬────────┘
//	measurement  tags                          fields                     time
//
// A number is a float field, without the i that would make it an integer: a
// column must not change its type with the meter's decimals. Where the meter has
// no time, or one without an offset, that of the host counts. A row without either
// is left out, since the server would give it the time at which it arrives; so is
// a row without any field, which is no line.
type influxSink struct {
	buf     *bufio.Writer
	columns []column
	names   []string // of the columns, escaped
	head    string   // the measurement
	line    []byte
	fields  []byte
	err     error

	table      string
	timeless   int // rows left out for want of a time
	offsetless int // of an offset of that time
	hollow     int // and of a field
}

// measurement is the measurement of a table: p1 for the records, p1_validity
// for the validity table.
func measurement(table string) string {
	if table == Records {
		return "p1"
	}
	return "p1_" + table
}

func newInflux(buf *bufio.Writer, o Options, columns []column) *influxSink {
	s := &influxSink{buf: buf, columns: columns, head: measurement(o.Table), table: o.Table}
	for i := range columns {
		s.names = append(s.names, influxKey(columns[i].name))
	}
	return s
}

func (s *influxSink) heading() error { return nil }

// Write takes a row.
func (s *influxSink) Write(cells []string) error {
	s.line, s.fields = append(s.line[:0], s.head...), s.fields[:0]
	var own, host string
	for i, cell := range cells {
		c := &s.columns[i]
		if cell == "" {
			continue
		}
		switch c.role {
		case stampRole:
			own = cell
		case tagRole:
			s.tag(i, cell)
		case hostRole:
			host = cell
			s.field(i, cell)
		default:
			s.field(i, cell)
		}
	}
	at, known := stamp(own)
	if !known {
		at, known = stamp(host)
	}
	switch {
	case !known && own != "":
		s.offsetless++
	case !known:
		s.timeless++
	case len(s.fields) == 0:
		s.hollow++
	default:
		s.line = append(append(s.line, ' '), s.fields...)
		s.line = append(strconv.AppendInt(append(s.line, ' '), at.UnixNano(), 10), '\n')
		if s.err == nil {
			_, s.err = s.buf.Write(s.line)
		}
	}
	return s.err
}

// tag appends a tag.
func (s *influxSink) tag(i int, cell string) {
	s.line = append(append(append(s.line, ','), s.names[i]...), '=')
	s.line = append(s.line, influxKey(oneLine(cell))...)
}

// field appends a field.
func (s *influxSink) field(i int, cell string) {
	if len(s.fields) > 0 {
		s.fields = append(s.fields, ',')
	}
	s.fields = append(s.fields, s.names[i]...)
	if s.columns[i].kind == numberKind {
		s.fields = append(append(s.fields, '='), cell...)
		return
	}
	s.fields = append(s.fields, '=', '"')
	for _, c := range []byte(oneLine(cell)) {
		if c == '"' || c == '\\' {
			s.fields = append(s.fields, '\\')
		}
		s.fields = append(s.fields, c)
	}
	s.fields = append(s.fields, '"')
}

// stamp reads the row's time: RFC 3339 with its offset, or the meter's own text
// with S or W. Without an offset it is not known which moment is meant.
func stamp(cell string) (time.Time, bool) {
	if at, err := time.Parse(time.RFC3339, cell); err == nil {
		return at, true
	}
	c, err := telegram.ParseClock(cell)
	return c.Time, err == nil && c.Season != 0
}

// influxKey escapes a name or a tag's value. A backslash has no escape of its
// own there. It stands for itself, as in the meter \2M550T-1012, but at the end
// or before what it would escape it would change what is read: it is a slash.
func influxKey(text string) string {
	if !strings.ContainsAny(text, ",= \\") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == ',', c == '=', c == ' ':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\\' && (i+1 == len(text) || strings.IndexByte(",= ", text[i+1]) >= 0):
			b.WriteByte('/')
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// Flush writes what is buffered; Error tells whether that failed.
func (s *influxSink) Flush() {
	if s.err == nil {
		s.err = s.buf.Flush()
	}
}

// Error returns the first error of the writer below.
func (s *influxSink) Error() error { return s.err }

func (s *influxSink) end() error { return nil }

func (s *influxSink) words() string {
	var parts []string
	if s.offsetless > 0 {
		parts = append(parts, fmt.Sprintf("%d whose time has no offset (a meter that sends neither S nor W needs --tz, such as --tz Europe/Amsterdam)", s.offsetless))
	}
	if s.timeless > 0 {
		parts = append(parts, fmt.Sprintf("%d without a time", s.timeless))
	}
	if s.hollow > 0 {
		parts = append(parts, fmt.Sprintf("%d without a value", s.hollow))
	}
	if parts == nil {
		return ""
	}
	return fmt.Sprintf("%s: rows are left out of the lines for InfluxDB: %s", s.table, strings.Join(parts, ", "))
}
