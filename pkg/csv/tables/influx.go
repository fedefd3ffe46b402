package tables

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// influxSink writes rows in the line protocol of InfluxDB: the measurement, the
// tags, the fields, and the row's time in nanoseconds since 1970. What is
// absent is left out.
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
	writer
	columns []column
	names   []string // of the columns, escaped
	head    string   // the measurement
	line    []byte
	fields  []byte

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

func newInflux(w writer, o Options, columns []column) sink {
	s := &influxSink{writer: w, columns: columns, head: measurement(o.Table), table: o.Table}
	for i := range columns {
		s.names = append(s.names, influxKey(columns[i].name))
	}
	return s
}

func (s *influxSink) write(row []value) error {
	s.line, s.fields = append(s.line[:0], s.head...), s.fields[:0]
	var own, host *value
	for i := range row {
		v := &row[i]
		if v.form == absent {
			continue
		}
		switch s.columns[i].role {
		case stampRole:
			own = v
		case tagRole:
			s.tag(i, v)
		case hostRole:
			host = v
			s.field(i, v)
		default:
			s.field(i, v)
		}
	}
	at, known := stamp(own)
	if !known {
		at, known = stamp(host)
	}
	switch {
	case !known && own != nil:
		s.offsetless++
	case !known:
		s.timeless++
	case len(s.fields) == 0:
		s.hollow++
	default:
		s.line = append(append(s.line, ' '), s.fields...)
		s.line = append(strconv.AppendInt(append(s.line, ' '), at.UnixNano(), 10), '\n')
		return s.row(s.line)
	}
	return nil
}

// stamp is the time of a row, if a value says it.
func stamp(v *value) (at time.Time, known bool) {
	if v == nil {
		return at, false
	}
	return v.instant()
}

// tag appends a tag.
func (s *influxSink) tag(i int, v *value) {
	s.line = append(append(append(s.line, ','), s.names[i]...), '=')
	if v.form == textForm {
		s.line = append(s.line, influxKey(oneLine(v.text))...)
		return
	}
	s.line = v.append(s.line, false)
}

// field appends a field.
func (s *influxSink) field(i int, v *value) {
	if len(s.fields) > 0 {
		s.fields = append(s.fields, ',')
	}
	s.fields = append(append(s.fields, s.names[i]...), '=')
	switch {
	case v.form == numberForm:
		s.fields = v.append(s.fields, false)
	case v.text == "":
		s.fields = append(v.append(append(s.fields, '"'), false), '"')
	default:
		s.fields = append(s.fields, '"')
		for _, c := range []byte(oneLine(v.text)) {
			if c == '"' || c == '\\' {
				s.fields = append(s.fields, '\\')
			}
			s.fields = append(s.fields, c)
		}
		s.fields = append(s.fields, '"')
	}
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
