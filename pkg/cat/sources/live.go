package sources

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"p1/pkg/record"
)

// A dialer opens a line to a meter again whenever it is lost. Its errors are
// sentences for a person, without the source's name; a *hopelessError says that
// trying again is of no use.
type dialer interface {
	dial(ctx context.Context) (line, error)
	// why is the reason of the gap record after a line that was lost.
	why() string
	// asks is what a person is asked where no meter is heard.
	asks() questions
}

// A line delivers what a meter sends.
type line interface {
	// read reads what is there, or waits at most that long for it; n is 0 and
	// err nil where nothing has come.
	read(p []byte, wait time.Duration) (n int, err error)
	close() error
}

// A tuner is a line that finds its speed by listening.
type tuner interface {
	// tune is told of each chunk whether a meter has been heard in it, and at
	// silence of none; it reports whether it has changed the speed.
	tune(heard verdict, now time.Time) bool
}

// A lossy line knows how often bytes were lost on their way through the driver.
type lossy interface {
	overruns() uint64
}

// hopelessError is an error of dial that time does not heal.
type hopelessError struct{ error }

func (e *hopelessError) Unwrap() error { return e.error }

// lostError says what has become of a line, and behind it what the system says.
type lostError struct {
	error
	system error
}

func (e *lostError) Error() string { return e.error.Error() + " (" + e.system.Error() + ")" }

// pace is how long a live source waits for what.
type pace struct {
	pause   time.Duration // silence that ends a chunk
	age     time.Duration // how long a chunk may grow: a line that never pauses is live too
	idle    time.Duration // the longest read: how soon the end of the capture is noticed
	retry   time.Duration // before the line is opened again; doubled each time
	slowest time.Duration // where the doubling ends
	grace   time.Duration // how long a hopeless error is tried again: udev hands out a device's rights after its name
	silent  time.Duration // silence that a person is told of
	again   time.Duration // between two words of one trouble that comes and goes
	foreign time.Duration // so are bytes that are no meter's for so long
	listen  time.Duration // at one speed: a telegram's period and some more
	look    time.Duration // between two looks whether the device is still there
	connect time.Duration // for an answer
}

func usualPace() pace {
	return pace{
		pause: 20 * time.Millisecond, age: time.Second, idle: 250 * time.Millisecond,
		retry: 100 * time.Millisecond, slowest: time.Second, grace: 2 * time.Second,
		silent: 30 * time.Second, again: time.Minute, foreign: 30 * time.Second, listen: 12 * time.Second,
		look: 500 * time.Millisecond, connect: 5 * time.Second,
	}
}

// maxWaiting is how many records may wait for the caller, of up to 64 KiB each.
const maxWaiting = 16

// live is a source that never ends by itself: it reads beside the caller, so that
// arrival times are right and a driver's buffer does not overflow while the caller
// is busy, cuts at pauses, and opens the line again when it is lost.
//
// Once the context of a Next is done, what has been read comes, and then the end.
type live struct {
	dialer
	pace    pace
	watch   *watch
	records chan record.Record
	err     error // why the source has ended; to be read once records is closed
	stop    context.CancelFunc
	dropped chan struct{} // nobody takes records any more
	drop    sync.Once

	// What follows belongs to the goroutine that reads.
	origin  record.Origin // of the next byte
	chunk   []byte        // grows until a pause
	started time.Time     // when the chunk's first byte arrived
	last    time.Time     // when the last byte arrived
	gapAt   int64         // offset of the last gap record; -1 before the first
	lost    uint64        // overruns that have been told of
}

// openLive begins to capture what the dialer's lines deliver.
func openLive(name string, d dialer, p pace, say func(text string)) *live {
	ctx, stop := context.WithCancel(context.Background())
	l := &live{
		dialer: d, pace: p, watch: newWatch(name, d.asks(), p, say),
		records: make(chan record.Record, maxWaiting),
		stop:    stop, dropped: make(chan struct{}),
		origin: record.Origin{Source: name, Session: sessionText(time.Now())},
		gapAt:  -1,
	}
	go l.run(ctx)
	return l
}

// sessionText is when a session begins, as records write it: no two are alike.
func sessionText(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// timeText is when bytes came, as records write it. An adapter hands them on each millisecond at
// the most, so that more digits would be the system's, and they do not compress: of a telegram
// that is kept they took a tenth.
func timeText(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

// lastWords is how long Next waits for what has been read when all is to end.
const lastWords = 2 * time.Second

func (l *live) Next(ctx context.Context) (record.Record, error) {
	select {
	case r, ok := <-l.records:
		return l.given(r, ok, l.err)
	case <-ctx.Done():
	}
	l.stop()
	select {
	case r, ok := <-l.records:
		return l.given(r, ok, ctx.Err())
	case <-time.After(lastWords):
		return nil, ctx.Err()
	}
}

func (l *live) given(r record.Record, ok bool, err error) (record.Record, error) {
	switch {
	case ok:
		return r, nil
	case l.err != nil:
		return nil, l.err
	case err == nil:
		err = context.Canceled // by an earlier Next
	}
	return nil, err
}

func (l *live) Ready() bool                   { return len(l.records) > 0 }
func (l *live) Progress() (done, total int64) { return 0, -1 }

func (l *live) Close() error {
	l.stop()
	l.drop.Do(func() { close(l.dropped) })
	for range l.records { // it closes once the line is closed
	}
	return nil
}

// run captures until ctx is done.
func (l *live) run(ctx context.Context) {
	defer close(l.records)
	began := time.Now()
	opened := false
	why := record.GapStart
	wait := l.pace.retry
	for ctx.Err() == nil {
		p, err := l.dial(ctx)
		if err == nil {
			opened = true
			since := time.Now()
			l.gap(why)
			err = l.listen(ctx, p)
			_ = p.close() // it is lost or no longer wanted
			why = l.why()
			if time.Since(since) > l.pace.slowest { // else it is one that opens and fails
				wait = l.pace.retry
			}
		}
		switch hopeless := new(hopelessError); {
		case ctx.Err() != nil:
			return
		case opened || !errors.As(err, &hopeless):
			l.watch.lost(err, time.Now())
		case time.Since(began) > l.pace.grace:
			l.err = err
			return
		}
		sleep(ctx, wait)
		wait = min(2*wait, l.pace.slowest)
	}
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// listen reads the line until it is lost or ctx is done.
func (l *live) listen(ctx context.Context, p line) error {
	buf := make([]byte, record.MaxData)
	l.watch.opened(time.Now())
	l.lost = overruns(p)
	for ctx.Err() == nil {
		n, err := p.read(buf[:record.MaxData-len(l.chunk)], l.patience())
		now := time.Now()
		l.add(buf[:n], now)
		switch {
		case err != nil:
			l.end(p, record.EndEOF, now)
			return err
		case len(l.chunk) == record.MaxData || len(l.chunk) > 0 && now.Sub(l.started) >= l.pace.age:
			l.end(p, record.EndFull, now)
		case len(l.chunk) > 0 && now.Sub(l.last) >= l.pace.pause:
			l.end(p, record.EndPause, now)
		case len(l.chunk) == 0:
			l.watch.silence(now)
			l.tune(p, heardNothing, now)
		}
	}
	l.end(p, record.EndEOF, time.Now())
	return ctx.Err()
}

// patience is how long the next read may wait.
func (l *live) patience() time.Duration {
	if len(l.chunk) == 0 {
		return l.pace.idle
	}
	left := min(time.Until(l.last.Add(l.pace.pause)), time.Until(l.started.Add(l.pace.age)))
	return max(min(left, l.pace.idle), time.Millisecond)
}

func (l *live) add(data []byte, now time.Time) {
	if len(data) == 0 {
		return
	}
	if len(l.chunk) == 0 {
		l.started = now
	}
	l.last = now
	l.chunk = append(l.chunk, data...)
}

// end hands on the chunk, if there is one.
func (l *live) end(p line, end string, now time.Time) {
	if len(l.chunk) == 0 {
		return
	}
	c := &record.Chunk{Origin: l.origin, Live: true, Time: timeText(l.started), End: end, Data: l.chunk}
	l.origin.Offset += int64(len(l.chunk))
	l.chunk = nil
	l.send(c)
	if lost := overruns(p); lost != l.lost {
		l.lost = lost
		l.gap(record.GapOverrun)
	}
	l.tune(p, l.watch.heard(c.Data, now), now)
}

func (l *live) tune(p line, v verdict, now time.Time) {
	if t, ok := p.(tuner); ok && t.tune(v, now) {
		l.watch.turned = 0
		l.gap(record.GapStart)
	}
}

func overruns(p line) uint64 {
	if c, ok := p.(lossy); ok {
		return c.overruns()
	}
	return 0
}

// gap says that bytes may be missing here, unless that has been said.
func (l *live) gap(why string) {
	if l.gapAt == l.origin.Offset {
		return
	}
	l.gapAt = l.origin.Offset
	l.send(&record.Gap{Origin: l.origin, Live: true, Time: timeText(time.Now()), Why: why})
}

func (l *live) send(r record.Record) {
	select {
	case l.records <- r:
	case <-l.dropped:
	}
}

// quoted shows the beginning of bytes that nobody expected.
func quoted(data []byte) string {
	const most = 40
	if len(data) > most {
		return fmt.Sprintf("%+q…", data[:most])
	}
	return fmt.Sprintf("%+q", data)
}
