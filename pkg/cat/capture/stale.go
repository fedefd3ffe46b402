package capture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"

	"p1/pkg/cat/sources"
	"p1/pkg/record"
)

// Stale is what is to be done about a source that falls silent.
type Stale struct {
	After   time.Duration     // without a byte
	Command string            // of the shell, run once when it is silent and once when it is back; empty for none
	Output  io.Writer         // of the command
	Say     func(text string) // is told the same

	now   func() time.Time // the clock where it is nil
	limit time.Duration    // for the command; commandLimit where it is 0
}

const (
	// commandLimit is how long a command may take: one that hangs must not keep
	// the next one from being run.
	commandLimit = time.Minute
	// lastGrace is how long a command may go on when its source ends.
	lastGrace = 2 * time.Second
)

// The states of a source.
const (
	isStale = "stale"
	isBack  = "back"
)

// Watch returns what opens sources as open does, and watches them from then on. A
// file never keeps anybody waiting and is never silent.
func (o Stale) Watch(open Open) Open {
	if o.now == nil {
		o.now = time.Now
	}
	if o.limit == 0 {
		o.limit = commandLimit
	}
	return func(name string, stdin io.Reader) (sources.Source, error) {
		w := o.watch(sources.Shown(name))
		go w.loop(min(max(o.After/10, 10*time.Millisecond), time.Second))
		s, err := open(name, stdin) // it may wait, as a named pipe does
		if err != nil {
			w.close()
			return nil, err
		}
		return &watchedSource{s, w}, nil
	}
}

func (o Stale) watch(name string) *silence {
	w := &silence{after: o.After, now: o.now, since: o.now(), stop: make(chan struct{}), stopped: make(chan struct{})}
	tell := func(change) {}
	if o.Command != "" {
		w.runner = newRunner(name, o)
		tell = w.runner.set
	}
	w.tell = func(c change) {
		lasted := c.age.Round(time.Second)
		if c.age < time.Second {
			lasted = c.age
		}
		if c.state == isStale {
			o.Say(fmt.Sprintf("%s: nothing has come for %v", name, lasted))
		} else {
			o.Say(fmt.Sprintf("%s: bytes come again, after %v", name, lasted))
		}
		tell(c)
	}
	return w
}

// watchedSource is a source whose silence is noticed.
type watchedSource struct {
	sources.Source
	silence *silence
}

func (s *watchedSource) Next(ctx context.Context) (record.Record, error) {
	s.silence.wait()
	r, err := s.Source.Next(ctx)
	c, ok := r.(*record.Chunk)
	s.silence.waited(ok && len(c.Data) > 0)
	return r, err
}

func (s *watchedSource) Close() error {
	s.silence.close()
	return s.Source.Close()
}

// change is a source's new state, and for how long it has been silent.
type change struct {
	state string
	age   time.Duration
}

// silence notices when no bytes come. Its time stands still while nobody asks for
// bytes: what a stalled pipe does not take has not failed to come.
type silence struct {
	after   time.Duration
	now     func() time.Time
	tell    func(change)
	runner  *runner // nil for none
	stop    chan struct{}
	stopped chan struct{}

	mutex sync.Mutex
	since time.Time // when the last bytes came, later by the time when nobody asked
	away  time.Time // since when nobody asks; zero while somebody does
	stale bool
}

func (w *silence) wait() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if !w.away.IsZero() {
		w.since = w.since.Add(w.now().Sub(w.away))
		w.away = time.Time{}
	}
}

// waited is called when the wait is over, with bytes or without.
func (w *silence) waited(heard bool) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.away = w.now()
	if !heard {
		return
	}
	if w.stale {
		w.stale = false
		w.tell(change{isBack, w.away.Sub(w.since)})
	}
	w.since = w.away
}

// look is called now and then.
func (w *silence) look() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.stale || !w.away.IsZero() {
		return
	}
	if age := w.now().Sub(w.since); age >= w.after {
		w.stale = true
		w.tell(change{isStale, age})
	}
}

func (w *silence) loop(every time.Duration) {
	defer close(w.stopped)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			w.look()
		case <-w.stop:
			return
		}
	}
}

func (w *silence) close() {
	close(w.stop)
	<-w.stopped
	if w.runner != nil {
		w.runner.close()
	}
}

// runner runs a command for each change of state, beside the stream and one at a
// time. While one runs, only the newest state is kept, and forgotten if it is the one
// that the command was told.
type runner struct {
	name    string
	command string
	output  io.Writer
	say     func(text string)
	limit   time.Duration
	changes chan change
	done    chan struct{}
	ctx     context.Context
	kill    context.CancelFunc
}

func newRunner(name string, o Stale) *runner {
	r := &runner{
		name: name, command: o.Command, output: o.Output, say: o.Say, limit: o.limit,
		changes: make(chan change, 1), done: make(chan struct{}),
	}
	r.ctx, r.kill = context.WithCancel(context.Background())
	go func() {
		defer close(r.done)
		told := isBack
		for c := range r.changes {
			if c.state != told {
				told = c.state
				r.run(c)
			}
		}
	}()
	return r
}

// set is called by one goroutine at a time.
func (r *runner) set(c change) {
	select {
	case <-r.changes: // an older one
	default:
	}
	r.changes <- c
}

func (r *runner) run(c change) {
	ctx, cancel := context.WithTimeout(r.ctx, r.limit)
	defer cancel()
	cmd := shell(ctx, r.command)
	cmd.Env = append(os.Environ(),
		"P1_STATE="+c.state, "P1_SOURCE="+r.name, "P1_AGE="+strconv.FormatInt(int64(c.age/time.Second), 10))
	cmd.Stdout, cmd.Stderr = r.output, r.output // standard output is for records
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	switch {
	case err == nil:
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		r.say(fmt.Sprintf("%s: the command for %s still ran after %v, and was ended", r.name, c.state, r.limit))
	case r.ctx.Err() != nil:
		r.say(fmt.Sprintf("%s: the command for %s was ended, since the source ends", r.name, c.state))
	default:
		r.say(fmt.Sprintf("%s: the command for %s failed: %v", r.name, c.state, err))
	}
}

// close lets the command finish, but not for long.
func (r *runner) close() {
	close(r.changes)
	hurry := time.AfterFunc(lastGrace, r.kill)
	<-r.done
	hurry.Stop()
	r.kill()
}
