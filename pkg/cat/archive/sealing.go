package archive

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"p1/pkg/cat/seal"
)

// Seal encrypts the file of a finished day, as [seal.Recipients.Day] does.
type Seal func(path string, pause func() error) error

// sealer seals finished days beside the archive: files of a day before today on which the
// archive does not write.
//
//	archive   says which day it writes, and which day it has left
//	sealer    takes one file at a time, and says which
//
// So neither touches the other's file: a day that comes back, because the clock was wrong, goes
// on in its next part.
type sealer struct {
	dir   string
	seal  Seal
	now   func() time.Time
	say   func(text string)
	asked chan struct{} // a day has ended
	done  chan struct{}

	mu     sync.Mutex
	day    string        // that the archive writes
	busy   string        // the file that is being sealed
	stop   chan struct{} // closed: nothing more is begun, and what was begun is given up
	hurry  bool          // the program is about to end
	failed bool          // which has been said
}

const (
	// sealAgain is when it is tried again to seal what could not be.
	sealAgain = 10 * time.Minute
	// breath is the least that the sealer rests after each piece of a file.
	breath = time.Millisecond
)

var errStopped = errors.New("the program ends")

func startSealer(dir string, a *Archive) *sealer {
	s := &sealer{
		dir: dir, seal: a.o.Seal, now: a.now, say: a.o.Say,
		asked: make(chan struct{}, 1), done: make(chan struct{}), stop: make(chan struct{}),
	}
	go s.run()
	return s
}

// run seals what is to be sealed at the start, whenever a day has ended, and what could not be
// sealed after a while.
func (s *sealer) run() {
	defer close(s.done)
	s.tidy()
	for {
		var again <-chan time.Time
		if !s.pass() {
			again = time.After(sealAgain)
		}
		select {
		case _, more := <-s.asked:
			if !more {
				return
			}
		case <-s.stop:
			return
		case <-again:
		}
	}
}

// tidy removes what was being written when the program was killed: the days are there.
func (s *sealer) tidy() {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if day, ok := strings.CutSuffix(e.Name(), seal.Unfinished); ok && plainName().MatchString(day) && e.Type().IsRegular() {
			_ = os.Remove(filepath.Join(s.dir, e.Name()))
		}
	}
}

// pass seals all finished days, the oldest first, and reports whether it could.
func (s *sealer) pass() bool {
	files, err := list(s.dir)
	today := s.now().UTC().Format(time.DateOnly)
	for _, f := range files {
		if f.sealed || !f.ours || f.day >= today || !s.claim(f) {
			continue
		}
		failure := s.seal(f.path, s.pause())
		s.release()
		switch {
		case errors.Is(failure, errStopped):
			return true
		case failure != nil && !errors.Is(failure, os.ErrNotExist): // or it was deleted meanwhile
			err = fmt.Errorf("%s: %w", f.path, failure)
		}
	}
	s.tell(err)
	return err == nil
}

// claim takes a file, unless the archive writes that day.
func (s *sealer) claim(f daily) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.day == f.day {
		return false
	}
	s.busy = f.path
	return true
}

func (s *sealer) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy = ""
}

// pause returns what rests for as long as the piece before took, so that the line has the
// machine, and says when to give up.
func (s *sealer) pause() func() error {
	last := time.Now()
	return func() error {
		s.mu.Lock()
		hurry := s.hurry
		s.mu.Unlock()
		rest := max(time.Since(last), breath)
		if hurry {
			rest = 0
		}
		select {
		case <-s.stop:
			return errStopped
		case <-time.After(rest):
		}
		last = time.Now()
		return nil
	}
}

// tell says once that a day could not be sealed, and once that all are.
func (s *sealer) tell(err error) {
	switch {
	case err != nil && !s.failed:
		s.say(fmt.Sprintf("archive: it is not sealed and stays readable: %v; trying again every %v", err, sealAgain))
	case err == nil && s.failed:
		s.say("archive: all finished days are sealed now")
	}
	s.failed = err != nil
}

// writes says which day the archive begins to write, and returns the file of it, if any, that
// it must leave alone.
func (s *sealer) writes(day string) (busy string) {
	if s == nil {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.day = day
	return s.busy
}

// left says that the archive writes no file any more.
func (s *sealer) left() {
	if s == nil {
		return
	}
	s.writes("")
	select {
	case s.asked <- struct{}{}:
	default:
	}
}

// close ends the sealer: after all that is finished, or at once, which leaves the rest to the
// next start.
func (s *sealer) close(all bool) {
	if s == nil {
		return
	}
	if all {
		s.mu.Lock()
		s.hurry = true
		s.mu.Unlock()
		close(s.asked)
	} else {
		close(s.stop)
	}
	<-s.done
}
