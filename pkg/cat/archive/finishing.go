package archive

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"p1/pkg/fileio"
)

// Seal encrypts the file of a finished day, as [seal.Recipients.Day] does.
type Seal func(path string, pause func() error) error

// finisher packs and seals finished days beside the archive: files of a day before today on
// which the archive does not write.
//
//	archive    says which day it writes, and which day it has left
//	finisher   takes one file at a time, and says which
//
// So neither touches the other's file: a day that comes back, because the clock was wrong, goes
// on in its next part.
type finisher struct {
	dir   string
	pack  bool
	seal  Seal
	now   func() time.Time
	say   func(text string)
	asked chan struct{} // a day has ended
	done  chan struct{}

	mu    sync.Mutex
	day   string        // that the archive writes
	busy  string        // the file that is being packed or sealed
	stop  chan struct{} // closed: nothing more is begun, and what was begun is given up
	hurry bool          // the program is about to end

	unpacked, unsealed bool            // which has been said
	packed, finished   int             // how many files have been packed, and sealed
	leftAsIs           map[string]bool // files that cannot be packed, which has been said
}

const (
	// finishAgain is when it is tried again to pack or seal what could not be.
	finishAgain = 10 * time.Minute
	// breath is the least that the finisher rests after each piece of a file.
	breath = time.Millisecond
)

var errStopped = errors.New("the program ends")

func startFinisher(a *Archive) *finisher {
	s := &finisher{
		dir: a.o.Dir, pack: a.o.Pack, seal: a.o.Seal, now: a.now, say: a.o.Say,
		asked: make(chan struct{}, 1), done: make(chan struct{}), stop: make(chan struct{}), leftAsIs: map[string]bool{},
	}
	go s.run()
	return s
}

// run finishes what is to be finished at the start, whenever a day has ended, and what could not
// be after a while.
func (s *finisher) run() {
	defer close(s.done)
	lowestPriority()
	s.tidy()
	for {
		var again <-chan time.Time
		if !s.pass() {
			again = time.After(finishAgain)
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
func (s *finisher) tidy() {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		day, ok := strings.CutSuffix(e.Name(), fileio.Unfinished)
		if ok && Named(day) && e.Type().IsRegular() {
			_ = os.Remove(filepath.Join(s.dir, e.Name()))
		}
	}
}

// pass packs and seals all finished days, the oldest first, and reports whether it could.
func (s *finisher) pass() bool {
	files, err := list(s.dir)
	var notPacked, notSealed error
	today := s.now().UTC().Format(time.DateOnly)
	p := packer{} // what it needs is kept for the next file, and no longer
	for _, f := range files {
		if f.sealed || !f.ours || f.day >= today || !s.claim(f) {
			continue
		}
		packing, sealing := s.finish(&p, f.path)
		s.release()
		if errors.Is(packing, errStopped) || errors.Is(sealing, errStopped) {
			return true
		}
		notPacked, notSealed = worse(notPacked, packing, f), worse(notSealed, sealing, f)
	}
	if s.seal != nil { // an index may have been made while its day was sealed
		notSealed = errors.Join(notSealed, tidyIndexes(s.dir))
	}
	s.tell(errors.Join(err, notPacked), errors.Join(err, notSealed))
	return err == nil && notPacked == nil && notSealed == nil
}

// finish packs and seals a file. What cannot be packed is sealed as it is.
func (s *finisher) finish(p *packer, path string) (packing, sealing error) {
	if s.pack {
		packing = s.packDay(p, path)
	}
	if s.seal != nil && !errors.Is(packing, errStopped) {
		if sealing = s.seal(path, s.pause()); sealing == nil {
			s.finished++
		}
	}
	return packing, sealing
}

// packDay packs a file. Of one that a crash has cut off, and of one that stays as it is for good,
// it says so once, and that is no error.
func (s *finisher) packDay(p *packer, path string) error {
	is, err := p.day(path, s.pause())
	switch {
	case errors.Is(err, errUnread) || errors.Is(err, errForeign):
		if !s.leftAsIs[path] {
			s.leftAsIs[path] = true
			s.say(fmt.Sprintf("archive: %s: it is not packed, and stays as it is: %v", path, err))
		}
		return nil
	case is == packedCut:
		s.say(fmt.Sprintf("archive: %s: it ends in the middle: packed as far as it can be read, and readers are told so as before", path))
	}
	if is != asItWas {
		s.packed++
	}
	return err
}

// worse is what has gone wrong last; that a file was deleted meanwhile is nothing.
func worse(before, now error, f daily) error {
	if now == nil || errors.Is(now, os.ErrNotExist) {
		return before
	}
	return fmt.Errorf("%s: %w", f.path, now)
}

// claim takes a file, unless the archive writes that day.
func (s *finisher) claim(f daily) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.day == f.day {
		return false
	}
	s.busy = f.path
	return true
}

func (s *finisher) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy = ""
}

// pause returns what rests for as long as the piece before took, so that the line has the
// machine, and says when to give up.
func (s *finisher) pause() func() error {
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

// tell says once what could not be done with a day, and once that all is done.
func (s *finisher) tell(packing, sealing error) {
	if s.pack {
		s.unpacked = s.told(s.unpacked, packing, "it stays as large as it is", "all finished days are packed now")
	}
	if s.seal != nil {
		s.unsealed = s.told(s.unsealed, sealing, "it is not sealed and stays readable", "all finished days are sealed now")
	}
}

func (s *finisher) told(before bool, err error, failed, mended string) bool {
	switch {
	case err != nil && !before:
		s.say(fmt.Sprintf("archive: %s: %v; trying again every %v", failed, err, finishAgain))
	case err == nil && before:
		s.say("archive: " + mended)
	}
	return err != nil
}

// writes says which day the archive begins to write, and returns the file of it, if any, that
// it must leave alone.
func (s *finisher) writes(day string) (busy string) {
	if s == nil {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.day = day
	return s.busy
}

// left says that the archive writes no file any more.
func (s *finisher) left() {
	if s == nil {
		return
	}
	s.writes("")
	select {
	case s.asked <- struct{}{}:
	default:
	}
}

// close ends the finisher: after all that is finished, or at once, which leaves the rest to the
// next start. It reports whether a day could not be sealed.
func (s *finisher) close(all bool) (unsealed bool) {
	if s == nil {
		return false
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
	return s.unsealed
}

// apart keeps the finisher from beginning with a file while something is done, which is told what
// it has begun with.
func (s *finisher) apart(do func(busy string)) {
	if s == nil {
		do("")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	do(s.busy)
}
