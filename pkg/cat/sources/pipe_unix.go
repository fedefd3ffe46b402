//go:build unix

package sources

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"p1/pkg/record"
)

// pipe is a named pipe that is followed: programs write to it one after the other, and
// between two of them bytes may be missing. Like a log that is followed, it is not live:
// how a program flushes what it writes says nothing of the line's pauses.
type pipe struct {
	name   string
	say    func(text string)
	file   *os.File
	origin record.Origin // of the next byte
	gap    string        // why a gap record is to come; empty for none
	heard  bool          // bytes have come since the last gap
	gone   bool          // there is no pipe of that name, which has been said
	buf    []byte
}

// pipeWait is how long a read may wait: how soon the end of the capture is noticed.
const pipeWait = 250 * time.Millisecond

func openPipe(name string, say func(text string)) (Source, error) {
	f, err := openForWriters(name)
	if err != nil {
		return nil, err
	}
	return &pipe{
		name: name, say: say, file: f, gap: record.GapStart, buf: make([]byte, record.MaxData),
		origin: record.Origin{Source: name, Session: sessionText(time.Now())},
	}, nil
}

// openForWriters opens a pipe to which nobody need write yet.
func openForWriters(name string) (*os.File, error) {
	return os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

func (s *pipe) Next(ctx context.Context) (record.Record, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if why := s.gap; why != "" {
			s.gap = ""
			return &record.Gap{Origin: s.origin, Time: timeText(time.Now()), Why: why}, nil
		}
		_ = s.file.SetReadDeadline(time.Now().Add(pipeWait)) // where there is none, a read does not wait
		n, err := s.file.Read(s.buf)
		if n > 0 {
			s.heard = true
			c := &record.Chunk{Origin: s.origin, Time: timeText(time.Now()), Data: s.buf[:n]}
			s.origin.Offset += int64(n)
			return c, nil
		}
		if err := s.idle(ctx, err); err != nil {
			return nil, err
		}
	}
}

// idle is called with what a read without bytes has said.
func (s *pipe) idle(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil
	case errors.Is(err, syscall.EAGAIN):
		sleep(ctx, followPace)
		return nil
	case err != nil && err != io.EOF:
		return err
	case s.heard:
		s.heard, s.gap = false, record.GapReconnect
		s.say(s.name + ": whoever wrote to it has ended: waiting for the next one")
		return nil
	}
	s.look()
	sleep(ctx, followPace)
	return nil
}

// look goes over to another pipe that has the name now, while nobody writes to this one.
func (s *pipe) look() {
	named, err := os.Stat(s.name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if !s.gone {
			s.say(s.name + ": it has been renamed or removed: waiting for a new one of that name")
		}
		s.gone = true
		return
	case err != nil:
		return
	}
	if now, err := s.file.Stat(); err != nil || os.SameFile(now, named) || named.Mode()&fs.ModeNamedPipe == 0 {
		return
	}
	f, err := openForWriters(s.name)
	if err != nil {
		return // gone again, or not for us: the next look tells
	}
	if s.gone {
		s.say(s.name + ": it is there again")
	}
	_ = s.file.Close()
	s.file, s.gone = f, false
}

// Ready is never true: what came before is handed on first.
func (s *pipe) Ready() bool                   { return false }
func (s *pipe) Progress() (done, total int64) { return 0, -1 }

func (s *pipe) Close() error {
	if err := s.file.Close(); err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	return nil
}
