package tables

import (
	"bytes"
	"io"

	"p1/pkg/record"
)

// validityRow is a row of the validity table.
type validityRow struct {
	Time        timeCell   `csv:"time" is:"stamp"`
	Source      string     `csv:"source" is:"tag"`
	Offset      numberCell `csv:"offset"`
	Seq         numberCell `csv:"seq"`
	Valid       string     `csv:"valid"`
	Status      string     `csv:"status" is:"tag"`
	Confidence  numberCell `csv:"confidence"`
	EditsLine   numberCell `csv:"edits_line"`
	EditsLogger numberCell `csv:"edits_logger"`
	Unexpected  numberCell `csv:"unexpected_bytes"`
	CRCSent     string     `csv:"crc_sent"`
	CRCCalc     string     `csv:"crc_calc"`
}

// validity makes the rows of the validity table.
type validity struct {
	*structs[validityRow]
	o      Options
	parser parser
	ink    ink
}

func newValidity(w io.Writer, o Options) (*validity, error) {
	s, err := newStructs[validityRow](w, o)
	return &validity{structs: s, o: o}, err
}

func (t *validity) take(from *record.Telegram) error {
	line, logger := from.EditCount()
	row, k := &t.row, &t.ink
	*row = validityRow{
		Source:      from.Source,
		Offset:      numberCell(k.count(from.Offset)),
		Seq:         numberCell(k.count(from.Seq)),
		Valid:       "FALSE",
		Status:      string(from.Status),
		Confidence:  confidenceCell(k, from),
		EditsLine:   numberCell(k.count(int64(line))),
		EditsLogger: numberCell(k.count(int64(logger))),
		Unexpected:  numberCell(k.count(int64(unexpectedBytes(from)))),
		CRCSent:     from.CRCSent,
		CRCCalc:     from.CRCCalc,
	}
	if from.Status.Valid() {
		row.Valid = "TRUE"
	}
	said, _ := t.parser.parse(from)
	if clock, _, ok := said.Time(); ok {
		row.Time = t.o.clockCell(k, clock)
	}
	return t.add()
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
