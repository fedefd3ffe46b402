package sources

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"p1/pkg/fileio"
	"p1/pkg/record"
)

// followPace is how often a log that is followed is looked at.
const followPace = 50 * time.Millisecond

// followed is a log that another program writes to, as tail -F reads it. It is not
// live: how its writer flushes says nothing of the line's pauses. But it has
// sessions, since offsets begin anew with a new file of that name, or when the file
// is emptied.
type followed struct {
	name    string
	say     func(text string)
	file    *os.File
	origin  record.Origin // of the next byte
	began   time.Time
	caught  bool  // the end was reached: what comes now has just been written
	missing bool  // there is no file of that name, which has been said
	gap     bool  // a gap record is to come
	err     error // it has ended
	head    []byte
	buf     []byte
}

func openFollowed(name string, say func(text string)) (Source, error) {
	switch ext := strings.ToLower(filepath.Ext(name)); {
	case name == "-":
		return nil, errors.New("standard input cannot be followed: name the file")
	case slices.Contains([]string{".gz", ".zst", ".xz", ".bz2", ".zip"}, ext):
		return nil, fmt.Errorf("%s: a compressed log cannot be followed", name)
	}
	if say == nil {
		say = func(string) {}
	}
	if info, err := os.Stat(name); err == nil && info.Mode()&fs.ModeNamedPipe != 0 {
		return openPipe(name, say)
	}
	s := &followed{name: name, say: say, buf: make([]byte, record.MaxData)}
	f, err := fileio.OpenShared(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if !info.Mode().IsRegular() {
		return nil, errors.Join(fmt.Errorf("%s: only a file or a named pipe can be followed", name), f.Close())
	}
	s.begin(f)
	return s, nil
}

// begin reads a file from its beginning.
func (s *followed) begin(f *os.File) {
	s.file = f
	now := time.Now()
	if !now.After(s.began) {
		now = s.began.Add(1) // sessions differ
	}
	s.began = now
	s.origin = record.Origin{Source: s.name, Session: sessionText(now)}
	s.head = nil
}

func (s *followed) Next(ctx context.Context) (record.Record, error) {
	for s.err == nil {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if s.gap {
			s.gap = false
			return &record.Gap{Origin: s.origin, Time: timeText(s.began), Why: record.GapStart}, nil
		}
		if c := s.more(); c != nil {
			return c, nil
		}
		s.caught = true
		if s.err == nil && !s.changed() {
			sleep(ctx, followPace)
		}
	}
	return nil, s.err
}

// more returns what has been written since, or nil.
func (s *followed) more() *record.Chunk {
	n, err := s.file.Read(s.buf)
	if err != nil && err != io.EOF {
		s.err = err
	}
	data := s.buf[:n]
	if n == 0 || !s.plain(data) {
		return nil
	}
	c := &record.Chunk{Origin: s.origin, Data: data}
	if s.caught {
		c.Time = timeText(time.Now())
	}
	s.origin.Offset += int64(n)
	return c
}

// plain looks at the first bytes of a file, by which the reader of files that are
// not followed knows what must be decoded.
func (s *followed) plain(data []byte) bool {
	const most = 4
	if len(s.head) == most {
		return true
	}
	s.head = append(s.head, data[:min(len(data), most-len(s.head))]...)
	for _, mark := range []string{"\x1f\x8b", "\x28\xb5\x2f\xfd", "\xfd7zX", "BZh", "PK\x03\x04", "\xff\xfe", "\xfe\xff"} {
		if bytes.HasPrefix(s.head, []byte(mark)) {
			s.err = errors.New("compressed, or in UTF-16: such a log cannot be followed; " +
				"write it as plain bytes, or read it without --follow when it is finished")
		}
	}
	return s.err == nil
}

// changed looks, at the end of the file, whether it goes on elsewhere: the file has
// been emptied, or another one has its name.
func (s *followed) changed() bool {
	info, err := s.file.Stat()
	if err != nil {
		s.err = err
		return false
	}
	if info.Size() < s.origin.Offset {
		s.restart()
		return true
	}
	named, err := os.Stat(s.name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if !s.missing {
			s.say(s.name + ": it has been renamed or removed: reading on in it, and waiting for a new one of that name")
		}
		s.missing = true
		return false
	case err != nil:
		return false
	case os.SameFile(named, info):
		s.missing = false
		return false
	case named.Size() == 0:
		return false // whoever has made an empty file may still write to the old one
	}
	return s.replaced(info)
}

// restart reads a file that has become shorter from its beginning. What was written
// between the last look and that is lost.
func (s *followed) restart() {
	s.say(s.name + ": it has become shorter: reading it from its beginning")
	_, s.err = s.file.Seek(0, io.SeekStart)
	s.begin(s.file)
	s.gap = true
}

// replaced goes over to the new file, once the old one has been read to its end:
// nothing is written to that after the first byte of the new one.
func (s *followed) replaced(old fs.FileInfo) bool {
	if now, err := s.file.Stat(); err != nil || now.Size() > s.origin.Offset {
		s.err = err
		return true
	}
	f, err := fileio.OpenShared(s.name)
	if err != nil {
		return false // gone again, or not for us: the next look tells
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() || os.SameFile(info, old) {
		_ = f.Close()
		return false
	}
	s.say(s.name + ": a new file has that name: going on with it")
	s.missing = false
	s.err = s.file.Close()
	s.begin(f)
	return true
}

func (s *followed) Ready() bool {
	if s.gap {
		return true
	}
	info, err := s.file.Stat()
	return err == nil && info.Size() > s.origin.Offset
}

func (s *followed) Progress() (done, total int64) { return 0, -1 }
func (s *followed) Close() error                  { return s.file.Close() }
