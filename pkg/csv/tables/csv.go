package tables

import (
	"bytes"
	"encoding/csv"
	"strings"
	"unicode/utf8"

	"p1/pkg/display"
	"p1/pkg/telegram"
)

// csvSink writes rows as CSV: what needs quotes as encoding/csv writes it, and all
// other cells, which are nearly all, without looking for any.
type csvSink struct {
	writer
	o       Options
	columns []column
	comma   string // the delimiter
	eol     string
	bare    [256]bool
	clash   bool // the delimiter is a sign of numbers or times
	line    []byte
	kept    []keptCell  // of each column
	quoting *csv.Writer // one cell at a time, into quoted
	quoted  bytes.Buffer
}

func newCSV(w writer, o Options, columns []column) sink {
	s := &csvSink{writer: w, o: o, columns: columns, comma: string(o.Delimiter), eol: "\n", kept: make([]keptCell, len(columns))}
	if o.CRLF {
		s.eol = "\r\n"
	}
	s.quoting = csv.NewWriter(&s.quoted)
	s.quoting.Comma, s.quoting.UseCRLF = o.Delimiter, o.CRLF
	s.clash = strings.ContainsRune("0123456789+-.:TZ ", o.Delimiter)
	for c := range s.bare {
		s.bare[c] = o.Delimiter < utf8.RuneSelf && rune(c) != o.Delimiter &&
			(telegram.IsDigit(byte(c)) || byte(c)|0x20-'a' < 26 || strings.IndexByte("+-.:_", byte(c)) >= 0)
	}
	return s
}

// begin writes the names of the columns.
func (s *csvSink) begin() error {
	if s.o.BOM {
		s.WriteString("\uFEFF") // into the empty buffer: cannot fail
	}
	if s.o.NoHeader {
		return nil
	}
	s.line = s.line[:0]
	for i := range s.columns {
		s.next(i)
		s.appendCell(s.columns[i].name)
	}
	s.endLine()
	_, err := s.Write(s.line)
	return err
}

func (s *csvSink) write(row []value) error {
	s.line = s.line[:0]
	for i := range row {
		s.next(i)
		s.appendValue(i, &row[i])
	}
	s.endLine()
	return s.row(s.line)
}

// next begins a cell.
func (s *csvSink) next(i int) {
	if i > 0 {
		s.line = append(s.line, s.comma...)
	}
}

func (s *csvSink) appendValue(i int, v *value) {
	from := len(s.line)
	switch v.form {
	case absent:
		return
	case textForm:
		if !s.o.GuardFormulas {
			s.appendCell(oneLine(v.text))
			return
		}
		s.line = append(s.line, v.text...)
		s.keep(i, from, s.guard)
		return
	case offsetForm:
		if s.line = v.append(s.line, false); s.o.KeepText {
			s.keep(i, from, display.OffsetCell)
			return
		}
	case numberForm:
		s.line = v.number.Append(s.line)
		if s.o.DecimalComma {
			if point := bytes.IndexByte(s.line[from:], '.'); point >= 0 {
				s.line[from+point] = ','
			}
		}
	default:
		s.line = v.append(s.line, s.o.LocalTime)
	}
	if s.clash || v.text != "" {
		cell := string(s.line[from:])
		s.line = s.line[:from]
		s.appendCell(cell)
	}
}

// keptCell is how the last text of a column was written.
type keptCell struct{ text, cell string }

// keep writes the text that stands in the line from there on as a cell of a column. Most
// texts are those of the row before.
func (s *csvSink) keep(i, from int, as func(text string) string) {
	kept := &s.kept[i]
	if string(s.line[from:]) != kept.text {
		kept.text = string(s.line[from:])
		s.line = s.line[:from]
		s.appendCell(as(kept.text))
		kept.cell = string(s.line[from:])
		return
	}
	s.line = append(s.line[:from], kept.cell...)
}

// guard is a text as one line that a spreadsheet does not take for a formula, nor, if it is
// to be kept, for anything else.
func (s *csvSink) guard(text string) string {
	if s.o.KeepText {
		return display.TextCell(oneLine(text))
	}
	return display.GuardedCell(oneLine(text))
}

// appendCell appends any text as a cell, in quotes where it needs them.
func (s *csvSink) appendCell(cell string) {
	for i := range len(cell) {
		if !s.bare[cell[i]] {
			s.quoted.Reset()
			_ = s.quoting.Write([]string{cell}) // into memory: cannot fail
			s.quoting.Flush()
			s.line = append(s.line, bytes.TrimSuffix(s.quoted.Bytes(), []byte(s.eol))...)
			return
		}
	}
	s.line = append(s.line, cell...)
}

// endLine ends the line. That of one empty cell must not be an empty line: readers pass
// over those.
func (s *csvSink) endLine() {
	if len(s.line) == 0 && len(s.columns) == 1 {
		s.line = append(s.line, `""`...)
	}
	s.line = append(s.line, s.eol...)
}
