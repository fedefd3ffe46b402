package sources

import (
	"context"
	"io"
	"time"

	"p1/pkg/cat/unwrap"
	"p1/pkg/fileio"
	"p1/pkg/record"
)

// fileSource reads a log: a file, or a pipe through which one comes.
type fileSource struct {
	in     *fileio.Input
	r      io.Reader // in, without byte order marks between joined files
	offset int64
	pieces chan piece    // of a pipe, read beside the caller
	asks   chan struct{} // asks the pump for the next one
	asked  bool          // it has not been handed on yet
	next   *piece        // received from pieces, not handed out yet
	buf    []byte
	piece  piece        // of a file: what was read last
	chunk  record.Chunk // what was handed out last

	known  bool               // it is known whether it holds records
	ahead  []byte             // read to tell that
	unpack bool               // records are wanted as the bytes they hold
	lines  *record.LineReader // where it does
	chunks bool               // they are of p1cat
	replayTimes
	given  bool  // one has been handed out
	last   byte  // the last one read
	ended  bool  // nothing follows it
	failed error // what has ended them, io.EOF too
	say    func(text string)

	toldEmpty bool
}

// piece is what one read gave.
type piece struct {
	data []byte
	err  error
}

func openFile(name string, stdin io.Reader, unseal fileio.Unseal) (*fileSource, error) {
	in, err := fileio.OpenSealed(name, stdin, fileio.Either, unseal)
	if err != nil {
		return nil, err
	}
	return newFileSource(in, unwrap.WithoutMarks(in)), nil
}

// newFileSource reads what was opened through r.
func newFileSource(in *fileio.Input, r io.Reader) *fileSource {
	s := &fileSource{in: in, r: r, say: func(string) {}}
	if in.Regular {
		s.buf = make([]byte, record.MaxData)
	} else {
		s.pieces, s.asks = make(chan piece, 1), make(chan struct{}, 1)
		go s.pump()
		s.ask()
	}
	return s
}

// pump reads a pipe, whose reads may wait for ever, so that Next need not. It
// reads when it is asked, so that no more is taken out of the pipe than is handed
// on.
func (s *fileSource) pump() {
	for range s.asks {
		buf := make([]byte, record.MaxData)
		n, err := s.r.Read(buf)
		s.pieces <- piece{buf[:n], err}
		if err != nil {
			return
		}
	}
}

func (s *fileSource) Next(ctx context.Context) (record.Record, error) {
	if err := s.look(ctx); err != nil {
		return nil, err
	}
	if s.lines != nil {
		return s.nextRecord(ctx)
	}
	for {
		p, err := s.take(ctx)
		if err != nil {
			return nil, err
		}
		if len(p.data) > 0 {
			c := &s.chunk
			*c = record.Chunk{
				Origin: record.Origin{Source: s.in.Name, Offset: s.offset},
				Data:   p.data, Unwrapped: s.in.Wrapped,
			}
			s.offset += int64(len(p.data))
			if p.err != nil {
				s.next = &piece{err: p.err}
			}
			return c, nil
		}
		if p.err != nil {
			s.tellEmpty(p.err)
			s.next = p
			return nil, p.err
		}
	}
}

// tellEmpty says once that a file, or what came through a pipe, has ended without a byte.
func (s *fileSource) tellEmpty(err error) {
	if err != io.EOF || s.offset > 0 || s.toldEmpty {
		return
	}
	s.toldEmpty = true
	if s.in.Name == fileio.Stdin {
		s.say("standard input: it is empty")
		return
	}
	s.say(s.in.Name + ": it is empty")
}

func (s *fileSource) take(ctx context.Context) (*piece, error) {
	if n := min(len(s.ahead), record.MaxData); s.known && s.lines == nil && n > 0 {
		p := &piece{data: s.ahead[:n]}
		s.ahead = s.ahead[n:]
		return p, nil
	}
	if p := s.next; p != nil {
		s.next = nil
		return p, nil
	}
	if s.pieces != nil {
		return s.takePiece(ctx)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	n, err := io.ReadFull(s.r, s.buf)
	if err == io.ErrUnexpectedEOF && n > 0 {
		// ReadFull's own: the file ends here. A broken compressed file says the
		// same, at its next read.
		err = nil
	}
	s.piece = piece{s.buf[:n], err}
	return &s.piece, nil
}

// lastRead is how long a read that is under way gets to hand over what it has
// taken out of the pipe, once nothing more is to be read.
const lastRead = 20 * time.Millisecond

func (s *fileSource) takePiece(ctx context.Context) (*piece, error) {
	if !s.asked {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s.ask()
	}
	select {
	case p := <-s.pieces:
		return s.handOn(ctx, &p), nil
	case <-ctx.Done():
	}
	select {
	case p := <-s.pieces:
		return s.handOn(ctx, &p), nil
	case <-time.After(lastRead):
		return nil, ctx.Err()
	}
}

func (s *fileSource) ask() {
	s.asked = true
	s.asks <- struct{}{}
}

// handOn returns the piece, and asks for the next one unless it was the last
// that is wanted.
func (s *fileSource) handOn(ctx context.Context, p *piece) *piece {
	s.asked = false
	if ctx.Err() == nil && p.err == nil {
		s.ask()
	}
	return p
}

func (s *fileSource) Ready() bool {
	if s.lines != nil && s.lines.More() {
		return true
	}
	return s.pieces == nil || s.next != nil || len(s.ahead) > 0 || len(s.pieces) > 0
}

func (s *fileSource) Progress() (done, total int64) {
	if s.pieces != nil {
		return 0, -1
	}
	return s.in.Consumed(), s.in.Size
}

func (s *fileSource) Close() error {
	if s.pieces != nil {
		return nil // its pump may still be waiting in Read
	}
	return s.in.Close()
}
