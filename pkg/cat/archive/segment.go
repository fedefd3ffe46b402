package archive

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/zstd"

	"p1/pkg/record"
)

// handle is an open file.
type handle interface {
	io.ReaderAt
	io.WriterAt
	Truncate(size int64) error
	Sync() error
	Close() error
}

// openHandle opens a file to go on in it, or makes it.
func openHandle(path string) (handle, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) // what a household uses is its own affair
}

// segment is what one run of the program writes of a file: one stream.
type segment struct {
	day     string
	path    string
	file    handle
	size    int64 // up to here the file is whole
	blocks  bytes.Buffer
	encoder *zstd.Encoder
	lines   *record.LineWriter
	pending int       // bytes of the meter that are not flushed
	due     time.Time // when they must be; zero: there are none
	syncAt  time.Time // zero: nothing is to be synced
}

// openSegment goes on in the last file of a day, or where that cannot be (its end cannot
// be read, its name is a directory's, what it holds is no archive, it is packed, sealed or busy)
// begins the next one.
func openSegment(dir, day, busy string, open func(string) (handle, error)) (*segment, error) {
	part := 1
	files, err := list(dir)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		switch {
		case f.day != day:
		case f.ours && !f.sealed && f.path != busy && !isPacked(f.path):
			part = max(part, f.part)
		default:
			part = max(part, f.part+1)
		}
	}
	s, err := openPart(dir, day, part, open)
	if errors.Is(err, errTail) {
		s, err = openPart(dir, day, part+1, open)
	}
	return s, err
}

func openPart(dir, day string, part int, open func(string) (handle, error)) (*segment, error) {
	path := filepath.Join(dir, fileName(day, part))
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	size, err := mend(f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if size == 0 {
		syncDir(dir)
	}
	s := &segment{day: day, path: path, file: f, size: size}
	s.encoder, err = zstd.NewWriter(&s.blocks, zstd.WithEncoderLevel(zstd.SpeedBetterCompression),
		zstd.WithWindowSize(256<<10), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true),
		zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	s.lines = record.NewWriter(s.encoder, false)
	return s, nil
}

// syncDir makes the name of a new file last, where the system knows how.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}

// write takes a record into the stream. It does not fail before flush does: the
// encoder writes to memory.
func (s *segment) write(r record.Record, now time.Time) {
	if s.due.IsZero() {
		s.due = now.Add(flushWithin - age(r, now))
	}
	s.pending += int(length(r))
	_ = s.lines.Write(r)
}

// age is how long ago a record's first byte came: it grew until a pause. What is
// older than that was not received just now.
func age(r record.Record, now time.Time) time.Duration {
	const oldest = 1500 * time.Millisecond
	at, ok := record.Arrival(r)
	if age := now.Sub(at); ok && record.IsLive(r) && age > 0 && age <= oldest {
		return age
	}
	return 0
}

// flush hands everything that was written to the system, in one piece.
func (s *segment) flush() error {
	if err := s.lines.Flush(); err != nil {
		return err
	}
	if err := s.encoder.Flush(); err != nil {
		return err
	}
	return s.store()
}

func (s *segment) store() error {
	n, err := s.file.WriteAt(s.blocks.Bytes(), s.size)
	if err != nil {
		return err
	}
	s.size += int64(n)
	s.blocks.Reset()
	s.pending, s.due = 0, time.Time{}
	return nil
}

// sync has the disk written to. A file without a name would be gone with the program.
func (s *segment) sync() error {
	s.syncAt = time.Time{}
	if _, err := os.Stat(s.path); err != nil {
		return err
	}
	return s.file.Sync()
}

// finish ends the stream and closes the file.
func (s *segment) finish() error {
	if err := s.lines.Flush(); err != nil {
		return err
	}
	if err := s.encoder.Close(); err != nil {
		return err
	}
	if err := s.store(); err != nil {
		return err
	}
	if err := s.file.Sync(); err != nil {
		return err
	}
	// Closing it again, as abandon does, does no harm.
	return s.file.Close()
}

// abandon leaves the file as it was after the last flush, as well as that can be
// done.
func (s *segment) abandon() {
	_ = s.file.Truncate(s.size)
	_ = s.file.Close()
}
