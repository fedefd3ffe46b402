package tables

import "github.com/go-faster/jx"

// jsonSink writes rows as JSON lines: an object each, whose keys are the names
// of the columns in their order, in every row all of them. Numbers have the
// meter's digits, what is absent is null, all else is a string.
//
//	{"time":"2023-08-24T01:21:30+02:00","meter":"9912345678","import_kwh":8234.524,"import_t1_kwh":null}
type jsonSink struct {
	writer
	keys []string // as they are written: {"time": or ,"meter":
	line jx.Writer
}

func newJSON(w writer, _ Options, columns []column) sink {
	s := &jsonSink{writer: w}
	for i := range columns {
		var key jx.Writer
		if i > 0 {
			key.Comma()
		} else {
			key.ObjStart()
		}
		key.FieldStart(columns[i].name)
		s.keys = append(s.keys, key.String())
	}
	return s
}

func (s *jsonSink) write(row []value) error {
	s.line.Reset()
	for i := range row {
		s.line.RawStr(s.keys[i])
		switch v := &row[i]; {
		case v.form == absent:
			s.line.Null()
		case v.form == numberForm:
			s.line.Buf = v.append(s.line.Buf, false)
		case v.text != "":
			s.line.Str(oneLine(v.text))
		default:
			s.line.Buf = append(v.append(append(s.line.Buf, '"'), false), '"')
		}
	}
	s.line.RawStr("}\n")
	return s.row(s.line.Buf)
}
