package source

import (
	"bytes"
	"context"
	"errors"
	"io"
	"regexp"

	"p1/pkg/file"
	"p1/pkg/record"
)

// ErrRecords is what is wrong with records where bytes are wanted.
var ErrRecords = errors.New("these are records already")

// OpenRecords is [Options.Open], but for a file or standard input that holds records: of
// these it gives the bytes, each record's as a chunk.
//
//	{"v":1,"type":"telegram","source":"p1.log","seq":1,"offset":0,…,"raw":"/AUX5…!5B60\r\n"}
//	                                                                       └── the bytes ──┘
func (o Options) OpenRecords(name string, stdin io.Reader) (Source, error) {
	s, err := o.Open(name, stdin)
	if f, ok := s.(*fileSource); ok {
		f.unpack = true
	}
	return s, err
}

// hinted is an error with words of its own for what to do about it.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

// Hint says what to do.
func (h hinted) Hint() string { return h.hint }

var (
	bom     = []byte("\uFEFF")
	keyV    = regexp.MustCompile(`"v"\s*:`)
	keyType = regexp.MustCompile(`"type"\s*:`)
)

// recordsAhead reports whether a file begins with a record, as no log does: its
// first line is a JSON object with a v and a type. known is false while more of
// the file is needed to tell.
func recordsAhead(head []byte, end bool) (records, known bool) {
	text := bytes.TrimPrefix(head, bom)
	switch {
	case len(text) == 0 && len(head) > 0 || bytes.HasPrefix(bom, head):
		return false, end
	case text[0] != '{':
		return false, true
	}
	line, _, whole := bytes.Cut(text, []byte{'\n'})
	if !whole && !end && len(line) <= record.MaxLine {
		return false, false
	}
	return keyV.Match(line) && keyType.Match(line), true
}

// look reads until it is known whether the source holds records. What it has read
// is in ahead.
func (s *fileSource) look(ctx context.Context) error {
	for !s.known {
		p, err := s.take(ctx)
		if err != nil {
			return err
		}
		head := append(s.ahead, p.data...)
		if len(s.ahead) > len(bom) && p.err == nil && len(head) <= record.MaxLine && bytes.IndexByte(p.data, '\n') < 0 {
			s.ahead = head
			continue
		}
		var records bool
		if records, s.known = recordsAhead(head, p.err != nil); !s.known {
			s.ahead = head
			continue
		}
		switch {
		case records && !s.unpack:
			err := &record.LineError{Name: s.in.Name, Line: 1, Err: ErrRecords}
			return hinted{err, "p1cat --raw turns records into the bytes they hold; p1frame, p1fix, p1csv and p1noise read them as they are"}
		case records:
			s.ahead, s.next = head, nonEmpty(nil, p.err)
			if s.in.Name == file.Stdin {
				// The stage before this one gets the same signal, and writes its tail.
				ctx = context.WithoutCancel(ctx)
			}
			s.lines = record.NewReader(s.in.Name, &rest{s, ctx})
		case len(s.ahead) == 0:
			s.next = p
		default:
			s.ahead, s.next = head, nonEmpty(nil, p.err)
		}
	}
	return nil
}

// nonEmpty returns a piece, or nil for none.
func nonEmpty(data []byte, err error) *piece {
	if len(data) == 0 && err == nil {
		return nil
	}
	return &piece{data, err}
}

// rest reads what is left of a source.
type rest struct {
	s   *fileSource
	ctx context.Context
}

func (r *rest) Read(p []byte) (int, error) {
	if n := copy(p, r.s.ahead); n > 0 {
		r.s.ahead = r.s.ahead[n:]
		return n, nil
	}
	q, err := r.s.take(r.ctx)
	if err != nil {
		return 0, err
	}
	n := copy(p, q.data)
	r.s.next = nonEmpty(q.data[n:], q.err)
	if n == 0 {
		return 0, q.err
	}
	return n, nil
}

// nextRecord returns the bytes of the next record that has any.
func (s *fileSource) nextRecord(ctx context.Context) (record.Record, error) {
	for {
		if err := ctx.Err(); err != nil && s.in.Name != file.Stdin {
			return nil, err
		}
		r, err := s.lines.Read()
		if err == nil {
			var data []byte
			if data, err = record.Received(r); err != nil {
				err = &record.LineError{Name: s.in.Name, Line: s.lines.Line(), Err: err}
			} else if len(data) == 0 {
				continue
			} else {
				return &record.Chunk{Origin: r.Where(), Data: data}, nil
			}
		}
		var line *record.LineError
		if errors.As(err, &line) {
			return nil, hinted{err, ""}
		}
		return nil, err
	}
}
