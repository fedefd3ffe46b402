package record

import (
	"bytes"
	"errors"
	"fmt"
)

// ByLogger marks an edit that undoes what the logger did, not the line.
const ByLogger = "logger"

// Edit is one difference between what was received and what the meter sent: a
// substituted byte, a run lost on the line (Got empty) or a run added by the
// line (Now empty). A long run of one lost byte is one edit.
//
// At counts bytes of the repaired raw and never decreases from one edit to the
// next; at equal At the order is the received order.
//
//	sent      1-0:1.8.0(008234.524*kWh)
//	received  1-0:1.8 0(08234.524~*kWh)
//	edits     {"at":7,"got":" ","now":"."} {"at":11,"got":"","now":"0"} {"at":20,"got":"~","now":""}
type Edit struct {
	At    int
	Got   Bytes
	Now   Bytes
	By    string // ByLogger, or empty for the line
	Extra []Member
}

var errEdit = errors.New("edits contradict the bytes")

// Undo returns the received bytes that the edits made raw from.
func Undo(raw []byte, edits []Edit) ([]byte, error) {
	out := make([]byte, 0, len(raw))
	p := 0
	for i, e := range edits {
		if e.At < p || e.At > len(raw)-len(e.Now) || !bytes.Equal(raw[e.At:e.At+len(e.Now)], e.Now) {
			return nil, fmt.Errorf("%w: edit %d at %d", errEdit, i+1, e.At)
		}
		out = append(out, raw[p:e.At]...)
		out = append(out, e.Got...)
		p = e.At + len(e.Now)
	}
	return append(out, raw[p:]...), nil
}

// Apply makes the repaired bytes from the received ones; it is the inverse of
// [Undo].
func Apply(received []byte, edits []Edit) ([]byte, error) {
	out := make([]byte, 0, len(received)+64)
	r := 0
	for i, e := range edits {
		n := e.At - len(out)
		if n < 0 || n > len(received)-r-len(e.Got) || !bytes.Equal(received[r+n:r+n+len(e.Got)], e.Got) {
			return nil, fmt.Errorf("%w: edit %d at %d", errEdit, i+1, e.At)
		}
		out = append(out, received[r:r+n]...)
		out = append(out, e.Now...)
		r += n + len(e.Got)
	}
	return append(out, received[r:]...), nil
}

// Received returns the telegram's bytes as they came in: ReceivedRaw if it is
// there, else Raw with the edits undone and then, if EOL is lf, every CR
// removed.
func (t *Telegram) Received() ([]byte, error) {
	if t.ReceivedRaw != nil {
		return t.ReceivedRaw, nil
	}
	got := []byte(t.Raw)
	if len(t.Edits) > 0 {
		var err error
		if got, err = Undo(t.Raw, t.Edits); err != nil {
			return nil, fmt.Errorf("telegram at offset %d: %w", t.Offset, err)
		}
	}
	if t.EOL == EOLLF {
		got = bytes.ReplaceAll(got, []byte{'\r'}, nil)
	}
	return got, nil
}

// EditCount returns how many edits of the telegram undo the line's damage and
// how many the logger's.
func (t *Telegram) EditCount() (line, logger int) {
	for _, e := range t.Edits {
		if e.By == ByLogger {
			logger++
		} else {
			line++
		}
	}
	return line, logger
}
