package tables

import (
	"bytes"
	"io"

	"p1/pkg/record"
)

// validity makes the rows of the validity table.
type validity struct {
	*sheet
	parser parser
}

func newValidity(w io.Writer, o Options) (*validity, error) {
	s, err := newSheet(w, o, []column{
		{name: "time", kind: timeKind, role: stampRole},
		{name: "source", role: tagRole},
		{name: "offset", kind: numberKind},
		{name: "seq", kind: numberKind},
		{name: "valid", truth: true},
		{name: "status", role: tagRole},
		{name: "confidence", kind: numberKind},
		{name: "edits_line", kind: numberKind},
		{name: "edits_logger", kind: numberKind},
		{name: "unexpected_bytes", kind: numberKind},
		{name: "crc_sent"},
		{name: "crc_calc"},
	})
	return &validity{sheet: s}, err
}

func (t *validity) take(from *record.Telegram) error {
	said, _ := t.parser.parse(from)
	clock, _, ok := said.Time()
	line, logger := from.EditCount()
	valid := "FALSE"
	if from.Status.Valid() {
		valid = "TRUE"
	}
	return t.add(clockValue(clock, ok), textValue(from.Source), countValue(from.Offset), countValue(from.Seq),
		textValue(valid), textValue(string(from.Status)), confidenceValue(from),
		countValue(int64(line)), countValue(int64(logger)), countValue(int64(unexpectedBytes(from))),
		textValue(from.CRCSent), textValue(from.CRCCalc))
}

// unexpectedBytes returns how many received bytes of a telegram are wrong for
// sure: none of one that is valid as it came, of a repaired one those that the
// repair took away or changed, of others those that no telegram has.
func unexpectedBytes(t *record.Telegram) int {
	switch t.Status {
	case record.OK, record.Unchecked:
		return 0
	case record.Repaired:
		n := 0
		for _, e := range t.Edits {
			if e.By != record.ByLogger {
				n += len(e.Got)
			}
		}
		return n
	}
	if len(t.ReceivedRaw) > 0 && bytes.Equal(t.ReceivedRaw, t.Raw) {
		return 0 // encrypted: any byte may be right
	}
	text := *t
	text.ReceivedRaw = nil // its parity bits are no damage
	received, err := text.Received()
	if err != nil {
		received = t.Raw
	}
	return alien(received)
}

// alien counts the bytes that no telegram has: those outside 0x20 to 0x7E but
// for CR and LF, and but for a meter's filler, one byte value that makes up most
// of what is in a pair of parentheses. Of the pair one may be lost.
//
//	0-0:96.13.0(ÿÿÿÿÿÿÿÿ~ÿÿÿÿÿÿÿ)   none: ÿ is filler
//	1-0:1.8.0(00823␀.524*kW␆)       two
func alien(raw []byte) int {
	total := 0
	opened := false
	for len(raw) > 0 {
		end := bytes.IndexAny(raw, "()\r\n")
		closed := end >= 0 && raw[end] == ')'
		field := raw
		if end >= 0 {
			field = raw[:end]
		}
		n, filler := countAlien(field)
		if opened || closed {
			n -= filler
		}
		total += n
		if end < 0 {
			break
		}
		opened = raw[end] == '('
		raw = raw[end+1:]
	}
	return total
}

// countAlien counts the bytes of a field that are outside 0x20 to 0x7E, and how
// many of them are one value that makes up more than half of the field, twice at
// least.
func countAlien(field []byte) (n, filler int) {
	for _, c := range field {
		if isAlien(c) {
			n++
		}
	}
	if n < 2 || 2*n <= len(field) {
		return n, 0
	}
	var seen [256]int
	for _, c := range field {
		if isAlien(c) {
			seen[c]++
			filler = max(filler, seen[c])
		}
	}
	if filler < 2 || 2*filler <= len(field) {
		return n, 0
	}
	return n, filler
}

func isAlien(c byte) bool { return c < 0x20 || c > 0x7E }
