package capture

import (
	"context"
	"errors"
	"sync"
	"time"

	"p1/pkg/record"
)

const (
	// laneSize is how many bytes may wait in a lane.
	laneSize = 8 << 20
	// recordSize is about what a record costs beside its bytes.
	recordSize = 256
	// lanePatience is how long the end of a capture waits for a stage that does
	// nothing.
	lanePatience = 5 * time.Second
)

var errStalled = errors.New("the next stage has read nothing for a while: the last part of the output is lost")

// lane carries records to a stage beside the source, so that a stage that stalls
// does not keep the source from being read. What waits is bounded: a live source
// cannot wait, so where its records do not fit they are dropped, until half of what
// waits has been taken, and a gap record stands for them.
type lane struct {
	to     record.Stage
	size   int
	failed func() // called once the stage has

	more chan struct{} // there is something to do
	room chan struct{} // something has been taken
	done chan struct{} // the stage is left alone

	mu      sync.Mutex
	queue   []record.Record
	waiting int // bytes
	taken   int // records
	closed  bool
	err     error
	missing *record.Gap // for what was dropped
}

func startLane(to record.Stage, size int, failed func()) *lane {
	l := &lane{
		to: to, size: size, failed: failed,
		more: make(chan struct{}, 1), room: make(chan struct{}, 1), done: make(chan struct{}),
	}
	go l.run()
	return l
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// put hands over a record of a source that can wait, once there is room.
func (l *lane) put(ctx context.Context, r record.Record) error {
	for !l.fits(r) {
		select {
		case <-l.room:
		case <-l.done:
			return l.failure()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return l.failure()
}

// fits adds the record, unless there is no room.
func (l *lane) fits(r record.Record) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting > 0 && l.waiting+cost(r) > l.size {
		return false
	}
	l.add(r)
	return true
}

// offer hands over a record of a live source, if there is room.
func (l *lane) offer(r record.Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	full := l.waiting > 0 && l.waiting+cost(r) > l.size
	if full || l.missing != nil && l.waiting > l.size/2 {
		l.missing = gapBehind(r)
		return
	}
	l.addMissing()
	l.add(r)
}

func (l *lane) addMissing() {
	if l.missing != nil {
		l.add(l.missing)
		l.missing = nil
	}
}

func (l *lane) add(r record.Record) {
	l.queue = append(l.queue, r)
	l.waiting += cost(r)
	signal(l.more)
}

func (l *lane) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// close waits until all has been taken, or for a stage that does nothing at most the
// time that is given.
func (l *lane) close(patience time.Duration) error {
	l.mu.Lock()
	l.addMissing()
	l.closed = true
	taken := l.taken
	l.mu.Unlock()
	signal(l.more)
	for {
		select {
		case <-l.done:
			return l.failure()
		case <-time.After(patience):
		}
		l.mu.Lock()
		stalled := l.taken == taken
		taken = l.taken
		l.mu.Unlock()
		if stalled {
			return errStalled
		}
	}
}

// run serves the stage.
func (l *lane) run() {
	defer close(l.done)
	for {
		r, ended := l.next()
		var err error
		switch {
		case r != nil:
			err = l.to.Take(r)
			if late := l.release(r); err == nil {
				err = late
			}
		case ended:
			err = l.to.Flush()
		default:
			if err = l.to.Flush(); err == nil {
				err = l.rest()
			}
		}
		if err != nil {
			l.mu.Lock()
			l.err = err
			l.mu.Unlock()
			l.failed()
			return
		}
		if r == nil && ended {
			return
		}
	}
}

// next returns the record that waits longest, or nil; ended is true after the last.
func (l *lane) next() (r record.Record, ended bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) == 0 {
		select {
		case <-l.more: // of a record that has been taken since
		default:
		}
		return nil, l.closed
	}
	r = l.queue[0]
	l.queue[0] = nil
	if l.queue = l.queue[1:]; len(l.queue) == 0 {
		l.queue = nil
	}
	return r, false
}

// release makes room, once the record has been taken.
func (l *lane) release(r record.Record) error {
	l.mu.Lock()
	l.waiting -= cost(r)
	l.taken++
	l.mu.Unlock()
	signal(l.room)
	if d := l.to.Wait(); d > 0 && d <= time.Millisecond {
		return l.to.Expire() // although more records wait
	}
	return nil
}

// rest waits for more.
func (l *lane) rest() error {
	var expired <-chan time.Time
	if d := l.to.Wait(); d > 0 {
		expired = time.After(d)
	}
	select {
	case <-l.more:
	case <-expired:
		return l.to.Expire()
	}
	return nil
}

// cost is about how much memory a record takes.
func cost(r record.Record) int {
	switch r := r.(type) {
	case *record.Chunk:
		return recordSize + len(r.Data)
	case *record.Other:
		return recordSize + len(r.Line)
	}
	return recordSize
}

// gapBehind says that what came up to the end of this record is missing.
func gapBehind(r record.Record) *record.Gap {
	g := &record.Gap{Origin: r.Where(), Live: true, Why: record.GapOverrun}
	switch r := r.(type) {
	case *record.Chunk:
		g.Offset += int64(len(r.Data))
		g.Time = r.Time
	case *record.Gap:
		g.Time = r.Time
	}
	return g
}
