package tables

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"slices"

	"p1/pkg/csv/sorted"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// spool keeps telegrams in the order in which they come, in case they are needed once more.
// Of one that is like the one before it keeps the bytes that are others:
//
//	0  length  the record's line
//	status  seq and offset since then  confidence  time  length gap bytes  length gap bytes …  0
type spool struct {
	pile *sorted.Pile
	say  func(sorted.Disk) // told once of what is on disk; nil where that was told

	last   record.Telegram   // the one before
	raw    telegram.Template // its text
	keeper keeper
	bytes  []byte // of one telegram
	items  int64
}

// The first byte of what is kept: a whole record, or how the status of a like one is.
const (
	wholeRecord = iota
	likeOK
	likeRepaired
	likeUnchecked
)

var likeStatus = [...]record.Status{likeOK: record.OK, likeRepaired: record.Repaired, likeUnchecked: record.Unchecked}

// add keeps a telegram.
func (s *spool) add(from *record.Telegram) error {
	if s.items++; s.items == 1 || !s.like(from) {
		line := s.keeper.keep(from)
		s.bytes = binary.AppendUvarint(append(s.bytes[:0], wholeRecord), uint64(len(line)))
		s.bytes = append(s.bytes, line...)
		s.last, s.raw.Text = needed(from), append(s.raw.Text[:0], from.Raw...)
	} else {
		s.addChanges(from)
	}
	_, err := s.pile.Write(s.bytes)
	if s.say != nil && s.pile.Much() {
		on := s.pile.Disk()
		on.Items = s.items
		s.say(on)
		s.say = nil
	}
	return err
}

// like reports whether a telegram says nothing else than the one before but for its bytes.
func (s *spool) like(t *record.Telegram) bool {
	l := &s.last
	return len(t.Raw) == len(s.raw.Text) && slices.Contains(likeStatus[likeOK:], t.Status) && l.SameStream(t.Origin) &&
		t.Offset >= l.Offset && t.Seq >= l.Seq && t.Live == l.Live && t.CRC == l.CRC && t.EOL == l.EOL &&
		t.Suspect == "" && l.Suspect == "" && t.Why == l.Why &&
		len(t.Doubted)+len(l.Doubted)+len(t.Trusted)+len(l.Trusted) == 0 && t.Cipher == l.Cipher
}

// addChanges keeps what is other in a telegram that is like the one before.
func (s *spool) addChanges(t *record.Telegram) {
	l := &s.last
	b := append(s.bytes[:0], byte(slices.Index(likeStatus[:], t.Status)))
	b = binary.AppendUvarint(b, uint64(t.Seq-l.Seq))
	b = binary.AppendUvarint(b, uint64(t.Offset-l.Offset))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(t.Confidence))
	b = append(binary.AppendUvarint(b, uint64(len(t.Time))), t.Time...)
	end := 0
	before := s.raw.Text
	for i := s.raw.NextChange(t.Raw, 0); i < len(t.Raw); i = s.raw.NextChange(t.Raw, end) {
		at := len(b)
		b = binary.AppendUvarint(append(b, 0), uint64(i-end))
		for ; i < len(t.Raw) && t.Raw[i] != before[i] && b[at] < 255; i++ {
			before[i] = t.Raw[i]
			b = append(b, t.Raw[i])
			b[at]++
		}
		end = i
	}
	s.bytes = append(b, 0)
	l.Seq, l.Offset, l.Status, l.Confidence, l.Time = t.Seq, t.Offset, t.Status, t.Confidence, t.Time
}

// each hands out all telegrams once more; each is gone once take returns.
func (s *spool) each(take func(*record.Telegram) error) error {
	return s.pile.Read(func(from io.Reader) error {
		in := spoolReader{r: bufio.NewReader(from)}
		for {
			t, err := in.next()
			if err == io.EOF {
				return nil
			}
			if err == nil {
				err = take(t)
			}
			if err != nil {
				return err
			}
		}
	})
}

// close leaves nothing behind.
func (s *spool) close() error { return s.pile.Close() }

// spoolReader reads what a spool has written.
type spoolReader struct {
	r      *bufio.Reader
	keeper keeper
	line   []byte
	last   record.Telegram
}

// next returns the next telegram, in the memory of the one before; io.EOF after the last.
func (in *spoolReader) next() (*record.Telegram, error) {
	kind, err := in.r.ReadByte()
	if err != nil {
		return nil, err
	}
	if kind == wholeRecord {
		err = in.whole()
	} else {
		in.last.Status = likeStatus[kind]
		err = in.changes()
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return &in.last, err
}

// text reads a text with its length before it.
func (in *spoolReader) text() (string, error) {
	n, err := binary.ReadUvarint(in.r)
	if err != nil {
		return "", err
	}
	in.line = slices.Grow(in.line[:0], int(n))[:n]
	_, err = io.ReadFull(in.r, in.line)
	return string(in.line), err
}

func (in *spoolReader) whole() error {
	if _, err := in.text(); err != nil {
		return err
	}
	t, err := in.keeper.kept(in.line, nil)
	if err == nil {
		in.last = *t
	}
	return err
}

func (in *spoolReader) changes() error {
	var head [8]byte
	seq, err1 := binary.ReadUvarint(in.r)
	offset, err2 := binary.ReadUvarint(in.r)
	_, err3 := io.ReadFull(in.r, head[:])
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	time, err := in.text()
	if err != nil {
		return err
	}
	t := &in.last
	t.Time = time
	t.Seq, t.Offset = t.Seq+int64(seq), t.Offset+int64(offset)
	t.Confidence = math.Float64frombits(binary.LittleEndian.Uint64(head[:]))
	t.CRCSent, t.CRCCalc = "", "" // of no use in a row
	for at := 0; ; {
		n, err := in.r.ReadByte()
		if err != nil || n == 0 {
			return err
		}
		gap, err := binary.ReadUvarint(in.r)
		if err != nil {
			return err
		}
		at += int(gap)
		if _, err := io.ReadFull(in.r, t.Raw[at:at+int(n)]); err != nil {
			return err
		}
		at += int(n)
	}
}
