package tables

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"slices"

	"p1/pkg/align"
	"p1/pkg/csv/sorted"
	"p1/pkg/fileio"
	"p1/pkg/record"
)

// spool keeps telegrams in the order in which they come, in case they are needed once more.
// Of one that is like the one before it keeps the bytes that are others:
//
//	0  length  the record's line
//	status  seq and offset since then  confidence  time  gap length bytes  gap length bytes …  0 0
//
// What has no room in memory goes to a temporary file.
type spool struct {
	output string
	say    func(sorted.Disk)

	last   record.Telegram // the one before, with its own Raw
	any    bool
	keeper keeper
	bytes  []byte // in memory
	f      *os.File
	dir    string
	disk   int64
	items  int64
}

const (
	spoolMemory = 2 << 20  // bytes
	spoolLittle = 16 << 20 // bytes on disk that are not worth a word
)

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
	s.items++
	if !s.any || !s.like(from) {
		line := s.keeper.keep(from)
		s.bytes = binary.AppendUvarint(append(s.bytes, wholeRecord), uint64(len(line)))
		s.bytes = append(s.bytes, line...)
		raw := append(s.last.Raw[:0], from.Raw...)
		s.last, s.any = needed(from), true
		s.last.Raw = raw
	} else {
		s.addChanges(from)
	}
	if len(s.bytes) < spoolMemory {
		return nil
	}
	return s.put()
}

// like reports whether a telegram says nothing else than the one before but for its bytes.
func (s *spool) like(t *record.Telegram) bool {
	l := &s.last
	return len(t.Raw) == len(l.Raw) && slices.Contains(likeStatus[likeOK:], t.Status) && l.SameStream(t.Origin) &&
		t.Offset >= l.Offset && t.Seq >= l.Seq && t.Live == l.Live && t.CRC == l.CRC && t.EOL == l.EOL &&
		t.Suspect == "" && l.Suspect == "" && t.Why == l.Why &&
		len(t.Doubted)+len(l.Doubted)+len(t.Trusted)+len(l.Trusted) == 0 && t.Cipher == l.Cipher
}

// addChanges keeps what is other in a telegram that is like the one before.
func (s *spool) addChanges(t *record.Telegram) {
	l := &s.last
	b := append(s.bytes, byte(slices.Index(likeStatus[:], t.Status)))
	b = binary.AppendUvarint(b, uint64(t.Seq-l.Seq))
	b = binary.AppendUvarint(b, uint64(t.Offset-l.Offset))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(t.Confidence))
	b = append(binary.AppendUvarint(b, uint64(len(t.Time))), t.Time...)
	end := 0
	for i := align.NextChange(t.Raw, l.Raw, 0); i < len(t.Raw); i = align.NextChange(t.Raw, l.Raw, end) {
		from := i
		for i < len(t.Raw) && t.Raw[i] != l.Raw[i] {
			i++
		}
		b = binary.AppendUvarint(b, uint64(from-end))
		b = binary.AppendUvarint(b, uint64(i-from))
		b = append(b, t.Raw[from:i]...)
		copy(l.Raw[from:i], t.Raw[from:i])
		end = i
	}
	s.bytes = append(b, 0, 0)
	l.Seq, l.Offset, l.Status, l.Confidence, l.Time = t.Seq, t.Offset, t.Status, t.Confidence, t.Time
}

// put writes what is in memory to the file.
func (s *spool) put() (err error) {
	if s.f == nil {
		if s.f, s.dir, err = fileio.Scratch(s.output); err != nil {
			return err
		}
	}
	if _, err := s.f.Write(s.bytes); err != nil {
		return &fileio.ScratchError{Dir: s.dir, Err: err}
	}
	s.disk += int64(len(s.bytes))
	s.bytes = s.bytes[:0]
	if s.disk > spoolLittle && s.say != nil {
		s.say(sorted.Disk{Dir: s.dir, Bytes: s.disk, Items: s.items})
		s.say = nil
	}
	return nil
}

// each hands out all telegrams once more; each is gone once take returns.
func (s *spool) each(take func(*record.Telegram) error) error {
	var from io.Reader = bytes.NewReader(s.bytes)
	if s.f != nil {
		if _, err := s.f.Seek(0, io.SeekStart); err != nil {
			return &fileio.ScratchError{Dir: s.dir, Err: err}
		}
		from = io.MultiReader(bufio.NewReaderSize(s.f, 64<<10), from)
	}
	in := spoolReader{r: bufio.NewReader(from)}
	for {
		t, err := in.next()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return &fileio.ScratchError{Dir: s.dir, Err: err}
		}
		if err := take(t); err != nil {
			return err
		}
	}
}

// close leaves nothing behind.
func (s *spool) close() error {
	if s.f == nil {
		return nil
	}
	return s.f.Close()
}

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
		gap, err1 := binary.ReadUvarint(in.r)
		n, err2 := binary.ReadUvarint(in.r)
		if err := errors.Join(err1, err2); err != nil || n == 0 {
			return err
		}
		at += int(gap)
		if _, err := io.ReadFull(in.r, t.Raw[at:at+int(n)]); err != nil {
			return err
		}
		at += int(n)
	}
}
