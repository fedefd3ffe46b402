package sources

import (
	"bytes"
	"context"
	"errors"
	"io"
	"regexp"

	"p1/pkg/fileio"
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
	o.unpack = true
	return o.Open(name, stdin)
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
	if s.failed != nil {
		return s.failed
	}
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
		case records && !s.unpack && !areChunks(head):
			s.failed = s.refused(1) // and stays so
			return s.failed
		case records:
			s.chunks = areChunks(head)
			s.ahead, s.next = head, nonEmpty(nil, p.err)
			if s.in.Name == fileio.Stdin {
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

// refused is what is said of records that are neither chunks nor gaps.
func (s *fileSource) refused(line int64) error {
	err := &record.LineError{Name: s.in.Name, Line: line, Err: ErrRecords}
	return hinted{err, "p1cat --raw turns records into the bytes they hold; p1frame, p1fix, p1csv and p1noise read them as they are"}
}

// rest reads what is left of a source.
type rest struct {
	s   *fileSource
	ctx context.Context
}

func (r *rest) Read(p []byte) (n int, err error) {
	defer func() {
		if n > 0 {
			r.s.last = p[n-1]
		}
		r.s.ended = err == io.EOF
	}()
	if n := copy(p, r.s.ahead); n > 0 {
		r.s.ahead = r.s.ahead[n:]
		return n, nil
	}
	q, err := r.s.take(r.ctx)
	if err != nil {
		return 0, err
	}
	n = copy(p, q.data)
	r.s.next = nonEmpty(q.data[n:], q.err)
	if n == 0 {
		return 0, q.err
	}
	return n, nil
}

// nextRecord returns the next record, or where bytes are wanted, the next bytes that
// a record holds.
func (s *fileSource) nextRecord(ctx context.Context) (record.Record, error) {
	for {
		if err := ctx.Err(); err != nil && s.in.Name != fileio.Stdin {
			return nil, err
		}
		if s.failed != nil {
			return nil, s.failed
		}
		r, err := s.lines.Read()
		if err != nil {
			s.failed = s.endOfRecords(err)
			continue
		}
		if r, s.failed = s.wanted(r); r != nil {
			s.given = true
			return s.replay(r), nil
		}
	}
}

// wanted is what is handed on of a record, or nil.
func (s *fileSource) wanted(r record.Record) (record.Record, error) {
	if !s.unpack {
		switch r.(type) {
		case *record.Telegram, *record.Noise:
			return nil, s.refused(s.lines.Line())
		}
		return r, nil
	}
	data, err := record.Received(r)
	switch {
	case err != nil:
		return nil, hinted{&record.LineError{Name: s.in.Name, Line: s.lines.Line(), Err: err}, ""}
	case len(data) == 0:
		return nil, nil
	}
	if c, ok := r.(*record.Chunk); ok {
		return c, nil
	}
	return &record.Chunk{Origin: r.Where(), Data: data}, nil
}
