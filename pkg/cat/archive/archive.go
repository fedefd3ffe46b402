// Package archive takes chunk and gap records and keeps them in a directory, as
// Zstandard files of JSON lines, one for each day.
//
//	p1-2026-11-22.jsonl.zst           the records that arrived on that day, in UTC
//	p1-2026-11-22.part002.jsonl.zst   goes on where the first could not be continued
//
// A file is one Zstandard stream for each run of the program. At most two seconds
// after the line its encoder is flushed, which ends a block (RFC 8878 §3.1.1.2), and
// the blocks are handed to the system in one piece:
//
//	28 B5 2F FD | header | block | block | … | block, the last
//	                             └ a flush   └ a new day, or the end of the program
//
// So whatever happens to the program, the file can be read up to the last flush. Who
// opens it again closes the stream with an empty block, and begins another one.
//
// A stream that is flushed rather than ended keeps what it has learned of the meter.
// Measured at true pace, with a telegram each 10 s (hu) and each second (nl):
//
//	                       hu, a day of 31.6 MB    nl, a quarter of 25.5 MB
//	a stream every 2 s     5.4 MB    1/5.8         6.1 MB    1/4.2
//	flushed every 2 s      0.8 MB    1/40          1.3 MB    1/19     <- this one
//	never flushed          0.4 MB    1/73          0.8 MB    1/33
//
// The window is small (256 KiB are a hundred telegrams); a larger one saves nothing.
// There is no checksum, which could not be written after a stream that was cut off;
// telegrams have their own. A day that is over is packed: see [packedWindow].
package archive

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"p1/pkg/record"
)

// Options are where records are kept, and for how long.
type Options struct {
	Dir     string
	Sync    time.Duration // how often the system is told to write to the disk
	Keep    time.Duration // older files are deleted; 0 keeps them
	MaxSize int64         // of all files, in bytes: beyond, the oldest are deleted; 0 for any
	Pack    bool          // finished days, as small as they become
	Seal    Seal          // finished days, once they are packed; nil leaves them as they are
	// FinishAll packs and seals before Close returns; else what is not done by then is left to
	// the next start.
	FinishAll bool
	// Say is told once when archiving fails, and once when it goes on. Nil where
	// nobody listens.
	Say func(text string)
}

const (
	// flushWithin is how old an unflushed byte may become. What it lacks to two
	// seconds is for the system to do it in.
	flushWithin = 1800 * time.Millisecond
	// flushBytes of lines are flushed at once: a log that is read at full speed.
	flushBytes = 1 << 20
	// retryAfter is when archiving is tried again.
	retryAfter = 10 * time.Second
	// settled is how long it must have gone well for a person to be told.
	settled = time.Minute
	// patience is how long a new day waits for the line to fall silent.
	patience = 10 * time.Minute
	lockName = ".p1-archive.lock"
)

// Archive keeps records. Nothing of what it does fails: what goes wrong is said, and
// tried again later. It is for one goroutine.
type Archive struct {
	record.BaseStage
	o    Options
	now  func() time.Time
	open func(path string) (handle, error)

	lock     *flock.Flock
	segment  *segment  // nil while there is none
	finisher *finisher // nil where nothing is done with finished days, or the directory is not locked yet

	end     record.Origin // after the last record that came
	live    bool          // it was live
	paused  bool          // no telegram is in the middle there
	stuck   time.Time     // since when a new day waits for a pause; zero: none waits
	failing bool          // which has been said
	failed  time.Time     // for the last time
	retry   time.Time     // not before
	missing bool          // records before end are in no file, and no gap record says so
	lost    int64         // how many bytes were in those

	deletions int    // files that may be deleted until the next day begins
	waiting   bool   // one could not be, because it was being packed or sealed
	day       string // that began last
}

// New begins to archive. That the directory cannot be used is said, and tried again.
func New(o Options) *Archive {
	a := &Archive{o: o, now: time.Now, open: openHandle}
	a.begin()
	return a
}

func (a *Archive) begin() {
	if a.o.Say == nil {
		a.o.Say = func(string) {}
	}
	a.deletions = deletions
	if err := a.prepare(); err != nil {
		a.fail(err)
	}
}

// prepare makes the directory, if its parent is there, and locks it: two programs
// that append to one file would destroy it. Only its owner sees what a household uses. What is
// too old or too much is deleted before anything is done with the rest.
func (a *Archive) prepare() error {
	if err := os.Mkdir(a.o.Dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if a.lock != nil {
		return nil
	}
	lock := flock.New(filepath.Join(a.o.Dir, lockName), flock.SetPermissions(0o644))
	locked, err := lock.TryLock()
	switch {
	case err != nil && errors.As(err, new(*fs.PathError)):
		return err
	case err == nil && !locked:
		return fmt.Errorf("%s: another p1cat archives into it: give each a directory of its own", a.o.Dir)
	}
	a.lock = lock // or the file system has no locks
	_ = tidyIndexes(a.o.Dir)
	a.tidy()
	if a.o.Pack || a.o.Seal != nil {
		a.finisher = startFinisher(a)
	}
	return nil
}

// Take keeps a record. It is with the system within two seconds, provided that
// Expire is called when [Archive.Wait] says. It does not fail: that the disk does is
// said, and a gap record stands for what is lost.
func (a *Archive) Take(r record.Record) error {
	now := a.now()
	day := dayOf(r, now)
	if a.turn(r, day, now) {
		a.finish()
	}
	if a.segment == nil && !now.Before(a.retry) {
		if err := a.start(day); err != nil {
			a.fail(err)
		}
	}
	if a.segment == nil {
		a.missing = true
		a.lost += length(r)
	} else {
		a.put(r, now)
	}
	a.end, a.live, a.paused = after(r), record.IsLive(r), ends(r)
	if a.segment != nil && a.segment.pending >= flushBytes {
		a.flush(now)
	}
	return nil
}

// put writes a record, after a gap record where others are missing before it.
func (a *Archive) put(r record.Record, now time.Time) {
	if a.missing {
		a.missing = false
		a.segment.write(&record.Gap{
			Origin: a.end, Live: a.live, Time: now.UTC().Format(time.RFC3339Nano), Why: record.GapOverrun,
		}, now)
	}
	a.segment.write(r, now)
}

// turn reports whether the record begins a new file: one of another day, and not in
// the middle of a telegram.
func (a *Archive) turn(r record.Record, day string, now time.Time) bool {
	if a.segment == nil || a.segment.day == day {
		a.stuck = time.Time{}
		return false
	}
	if a.stuck.IsZero() {
		a.stuck = now
	}
	_, gap := r.(*record.Gap)
	if a.paused || gap || !a.end.SameStream(r.Where()) || now.Sub(a.stuck) >= patience {
		a.stuck = time.Time{}
		return true
	}
	return false
}

// start opens the file of a day.
func (a *Archive) start(day string) error {
	if err := a.prepare(); err != nil {
		return err
	}
	s, err := openSegment(a.o.Dir, day, a.finisher.writes(day), a.open)
	if err != nil {
		a.finisher.left()
		return err
	}
	a.segment = s
	if a.day != "" && a.day != day {
		a.deletions = deletions
	}
	a.day = day
	a.tidy()
	return nil
}

// Wait returns for how long from now nothing has to be done but Take; 0 stands for
// ever.
func (a *Archive) Wait() time.Duration {
	if a.segment == nil {
		return 0
	}
	due := a.segment.due
	for _, at := range []time.Time{a.segment.syncAt, a.over()} {
		if due.IsZero() || !at.IsZero() && at.Before(due) {
			due = at
		}
	}
	if due.IsZero() {
		return 0
	}
	return max(due.Sub(a.now()), time.Millisecond)
}

// Expire does what time has come for: flushing and syncing.
func (a *Archive) Expire() error {
	now := a.now()
	if s := a.segment; s != nil && !s.due.IsZero() && !now.Before(s.due) {
		a.flush(now)
	}
	if s := a.segment; s != nil && !s.syncAt.IsZero() && !now.Before(s.syncAt) {
		a.sync()
	}
	if over := a.over(); !over.IsZero() && !now.Before(over) {
		a.finish()
	}
	return nil
}

// over is when a day that is to be packed or sealed is finished although the line has been silent since.
func (a *Archive) over() time.Time {
	if a.segment == nil || a.finisher == nil || !a.live {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, a.segment.day)
	if err != nil {
		return time.Time{}
	}
	return day.AddDate(0, 0, 1).Add(patience)
}

// flush hands what has been written to the system.
func (a *Archive) flush(now time.Time) {
	s := a.segment
	if err := s.flush(); err != nil {
		a.giveUp(err)
		return
	}
	a.recovered()
	if s.syncAt.IsZero() {
		s.syncAt = now.Add(a.o.Sync)
	}
	if a.o.Sync <= 0 {
		a.sync()
	}
}

func (a *Archive) sync() {
	if err := a.segment.sync(); err != nil {
		a.giveUp(err)
		return
	}
	a.tidy()
}

// finish ends the file.
func (a *Archive) finish() {
	if a.segment == nil {
		return
	}
	if err := a.segment.finish(); err != nil {
		a.giveUp(err)
		return
	}
	a.segment = nil
	a.finisher.left()
	a.recovered()
}

// giveUp leaves a file that cannot be written to, until it is tried again.
func (a *Archive) giveUp(err error) {
	a.lost += int64(a.segment.pending)
	a.missing = true
	a.segment.abandon()
	a.segment = nil
	a.finisher.left()
	a.fail(err)
}

// fail says what is wrong, unless it has been said that something is.
func (a *Archive) fail(err error) {
	a.failed = a.now()
	a.retry = a.failed.Add(retryAfter)
	if !a.failing {
		a.o.Say(fmt.Sprintf("archive: %v%s; going on without it, and trying again every %v", err, advice(err), retryAfter))
	}
	a.failing = true
}

// recovered says that archiving goes on, once it has done so for a while: on a disk
// that is nearly full, some of it may fit and some not.
func (a *Archive) recovered() {
	if !a.failing || a.now().Sub(a.failed) < settled {
		return
	}
	a.o.Say(fmt.Sprintf("archive: it goes on; %d bytes are missing in it", a.lost))
	a.failing, a.lost = false, 0
}

// advice is what to do about an error, where that is known.
func advice(err error) string {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return " (the directory must be writable for the user that p1cat runs as)"
	case errors.Is(err, fs.ErrNotExist):
		return " (make the directory first, or mount what it is on)"
	}
	return ""
}

// Close ends the file and reports whether all records are in the archive, and all finished days
// sealed that were to be.
func (a *Archive) Close() error {
	a.finish()
	unsealed := a.unsealed()
	if a.waiting {
		a.tidy()
	}
	if a.lock != nil {
		_ = a.lock.Unlock() // the end of the process does so too
		a.lock = nil
	}
	if a.missing {
		return errors.Join(fmt.Errorf("archive: the last %d bytes are missing in it", a.lost), unsealed)
	}
	return unsealed
}

// unsealed ends the finisher, and is an error where a day could not be sealed: why has been said.
// One that is left to the next start is none.
func (a *Archive) unsealed() error {
	idle := a.finisher == nil
	failed := a.finisher.close(a.o.FinishAll)
	switch {
	case idle || failed || !a.o.FinishAll:
	case a.o.Seal != nil:
		a.tellSealed(a.finisher.finished)
	case a.finisher.packed > 0:
		a.o.Say(fmt.Sprintf("archive: %s: files packed now: %d", a.o.Dir, a.finisher.packed))
	}
	a.finisher = nil
	switch {
	case a.o.Seal == nil:
	case failed:
		return fmt.Errorf("archive: %s: not every finished day could be sealed; what is not stays readable", a.o.Dir)
	case idle:
		return fmt.Errorf("archive: %s: nothing could be sealed there", a.o.Dir)
	}
	return nil
}

// tellSealed says how many files have been sealed now, how many are in all, and that today's is
// not.
func (a *Archive) tellSealed(now int) {
	files, err := list(a.o.Dir)
	if err != nil {
		return
	}
	sealed, plain := 0, ""
	for _, f := range files {
		switch {
		case f.sealed:
			sealed++
		case f.day >= a.now().UTC().Format(time.DateOnly):
			plain = "; today's file is not, before the day has ended (in UTC)"
		}
	}
	a.o.Say(fmt.Sprintf("archive: %s: files sealed now: %d; in all: %d%s", a.o.Dir, now, sealed, plain))
}

// dayOf is the day on which a record arrived, in UTC.
func dayOf(r record.Record, now time.Time) string {
	if at, ok := record.Arrival(r); ok {
		now = at
	}
	return now.UTC().Format(time.DateOnly)
}

// ends reports whether no telegram goes on after the record.
func ends(r record.Record) bool {
	c, ok := r.(*record.Chunk)
	return !ok || c.End == record.EndPause || c.End == record.EndEOF
}

func length(r record.Record) int64 {
	if c, ok := r.(*record.Chunk); ok {
		return int64(len(c.Data))
	}
	return 0
}

// after is where the next record of the stream is expected.
func after(r record.Record) record.Origin {
	o := r.Where()
	o.Offset += length(r)
	return o
}
