package tables

import (
	"bufio"

	"github.com/go-faster/jx"
)

// jsonSink writes rows as JSON lines: an object each, whose keys are the names
// of the columns in their order, in every row all of them. Numbers have the
// meter's digits, an empty cell is null, all else is a string.
//
//	{"time":"2023-08-24T01:21:30+02:00","meter":"9912345678","import_kwh":8234.524,"import_t1_kwh":null}
type jsonSink struct {
	buf   *bufio.Writer
	kinds []kind
	keys  []string // as they are written: {"time": or ,"meter":
	line  jx.Writer
	err   error
}

func newJSON(buf *bufio.Writer, columns []column) *jsonSink {
	s := &jsonSink{buf: buf}
	for i := range columns {
		var key jx.Writer
		if i > 0 {
			key.Comma()
		} else {
			key.ObjStart()
		}
		key.FieldStart(columns[i].name)
		s.keys = append(s.keys, key.String())
		s.kinds = append(s.kinds, columns[i].kind)
	}
	return s
}

func (s *jsonSink) heading() error { return nil }

// Write takes a row.
func (s *jsonSink) Write(cells []string) error {
	s.line.Reset()
	for i, cell := range cells {
		s.line.RawStr(s.keys[i])
		switch {
		case cell == "":
			s.line.Null()
		case s.kinds[i] == numberKind:
			s.line.RawStr(cell)
		default:
			s.line.Str(oneLine(cell))
		}
	}
	s.line.RawStr("}\n")
	if s.err == nil {
		_, s.err = s.buf.Write(s.line.Buf)
	}
	return s.err
}

// Flush writes what is buffered; Error tells whether that failed.
func (s *jsonSink) Flush() {
	if s.err == nil {
		s.err = s.buf.Flush()
	}
}

// Error returns the first error of the writer below.
func (s *jsonSink) Error() error { return s.err }

func (s *jsonSink) end() error { return nil }

func (s *jsonSink) words() string { return "" }
