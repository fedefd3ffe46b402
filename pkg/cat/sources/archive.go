package sources

import (
	"bytes"
	"context"
	"errors"
	"io"
	"regexp"
	"time"

	"p1/pkg/record"
)

// A file of chunk and gap records, as p1cat writes them or archives them, is
// replayed: its records come as they are, with their source, session and time.
//
//	{"v":1,"type":"chunk","source":"/dev/ttyUSB0","session":"2026-11-22T07:00:00Z","live":true,…
//	       └ of p1cat, and so is the rest                                          └ left out, see below
var chunkType = regexp.MustCompile(`"type"\s*:\s*"(chunk|gap)"`)

// areChunks reports whether the first of the records that a file begins with is a
// chunk or a gap. In the strings of a record quotes are escaped.
func areChunks(head []byte) bool {
	line, _, _ := bytes.Cut(head, []byte{'\n'})
	return chunkType.Match(line)
}

// replayTimes is what is known of the times of records that a file holds.
type replayTimes struct {
	atPace bool          // they are handed out at the pace at which they came
	stream record.Origin // of the last record with a time
	now    bool          // its records are read as they come
}

// lately is how long ago a record may have come that is read as it comes.
const lately = 10 * time.Second

// replay takes "live" from a record that was live when it was captured and is read later,
// as fast as possible: who reads it now may wait for what follows. Through a pipe may come
// what another p1cat captures at this moment; that stays live.
func (s *fileSource) replay(r record.Record) record.Record {
	if s.atPace || !record.IsLive(r) || !s.in.Regular && s.comesNow(r) {
		return r
	}
	switch r := r.(type) {
	case *record.Chunk:
		r.Live = false
	case *record.Gap:
		r.Live = false
	}
	return r
}

// comesNow reports, by the first time in its stream, whether a record is read as it comes.
func (s *fileSource) comesNow(r record.Record) bool {
	if at, ok := record.Arrival(r); ok && !s.stream.SameStream(r.Where()) {
		s.stream, s.now = r.Where(), time.Since(at) < lately
	}
	return s.now
}

// endOfRecords is the error that ends the source, after one of its reader's. Chunks
// that end in the middle of a line or of a compressed block were being written when
// the program was killed, or still are: that is an end, and said.
func (s *fileSource) endOfRecords(err error) error {
	line := errors.As(err, new(*record.LineError))
	cut := errors.Is(err, io.ErrUnexpectedEOF) && !line ||
		errors.Is(err, record.ErrNotJSON) && s.ended && s.last != '\n' && !s.lines.More()
	switch {
	case cut && s.chunks && s.given:
		s.say(s.in.Name + ": it ends in the middle: the last 2 s may be missing")
		return io.EOF
	case line:
		return hinted{err, ""}
	}
	return err
}

// Pace is how fast records are replayed, by their times. It is shared by all files
// of a replay.
type Pace struct {
	factor float64
	now    func() time.Time
	sleep  func(context.Context, time.Duration)

	stream record.Origin
	last   time.Time // by the records
	due    time.Time // when that one was handed out, or should have been
}

// NewPace returns the original pace for a factor of 1, ten times that for 10.
func NewPace(factor float64) *Pace {
	return &Pace{factor: factor, now: time.Now, sleep: sleep}
}

// longest is a wait that no meter takes: the host's clock was set.
const longest = 24 * time.Hour

// wait waits until it is time for the record, which came at that time. The first of
// its session, and one after a change of the host's clock, come at once.
func (p *Pace) wait(ctx context.Context, r record.Record, at time.Time) error {
	step := at.Sub(p.last)
	p.last = at
	if !p.stream.SameStream(r.Where()) || step < 0 || step > longest {
		p.stream, p.due = r.Where(), p.now()
		return ctx.Err()
	}
	p.due = p.due.Add(time.Duration(float64(step) / p.factor))
	if d := p.due.Sub(p.now()); d > 0 {
		p.sleep(ctx, d)
	}
	return ctx.Err()
}

// paced is a source whose records come when it is time. One that has no time, as all
// of a log, comes at once, and that is said.
type paced struct {
	Source
	pace *Pace
	name string
	say  func(text string)
	told bool
}

func (p *paced) Next(ctx context.Context) (record.Record, error) {
	r, err := p.Source.Next(ctx)
	if err != nil {
		return nil, err
	}
	_, chunk := r.(*record.Chunk)
	switch at, ok := record.Arrival(r); {
	case ok:
		err = p.pace.wait(ctx, r, at)
	case chunk && !p.told:
		p.told = true
		p.say(p.name + ": it does not say when its bytes came, and is read as fast as possible: only what p1cat has captured live has a pace, also in an archive; a log that was archived has none")
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Ready is never true: what came before is handed on first.
func (p *paced) Ready() bool { return false }
