package health

import (
	"fmt"
	"time"

	"p1/pkg/fileio"
)

// How often a file of metrics is written: soon after a change, and now and then
// without one, so that the age in it grows.
const (
	soonest = time.Second
	latest  = 15 * time.Second
)

// Keeper keeps a file of metrics up to date. It works beside what is measured, so
// that neither a stalled pipe stops it, nor a stalled disk the pipe.
type Keeper struct {
	health  *Health
	path    string
	say     func(text string)
	tried   time.Time // when it was written last, or could not be
	written int64     // records that the file tells of
	failing bool      // it could not be written, which has been said
	failed  error     // why the last attempt did
	stop    chan struct{}
	stopped chan struct{}
}

// Keep writes the file and keeps it up to date until Close. What hinders it is said
// once, until that is over.
func Keep(h *Health, path string, say func(text string)) *Keeper {
	k := newKeeper(h, path, say)
	tick := time.NewTicker(soonest)
	go func() {
		defer close(k.stopped)
		defer tick.Stop()
		k.write()
		for {
			select {
			case <-tick.C:
				k.look()
			case <-k.stop:
				k.write()
				return
			}
		}
	}()
	return k
}

func newKeeper(h *Health, path string, say func(text string)) *Keeper {
	return &Keeper{health: h, path: path, say: say, stop: make(chan struct{}), stopped: make(chan struct{})}
}

// Close writes the file a last time. It fails where that does.
func (k *Keeper) Close() error {
	close(k.stop)
	<-k.stopped
	return k.failed
}

// look writes the file if there is something new, or if it is time to; it is called
// once each soonest. A little less than that may have passed since the last write.
func (k *Keeper) look() {
	since := k.health.now().Sub(k.tried)
	changed := k.health.count() != k.written && !k.failing
	if changed || since > latest-soonest || since < 0 {
		k.write()
	}
}

func (h *Health) count() int64 {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.taken
}

func (k *Keeper) write() {
	k.tried = k.health.now()
	taken := k.health.count() // before: what comes meanwhile is written the next time
	k.failed = fileio.Replace(k.path, k.health.Metrics(), fileio.Public)
	switch {
	case k.failed == nil && k.failing:
		k.say(k.path + ": can be written again")
	case k.failed != nil && !k.failing:
		hint := fileio.ReplaceHint(k.path, k.failed)
		if hint != "" {
			hint = "; " + hint
		}
		k.say(fmt.Sprintf("%s: the metrics cannot be written: %v; all else goes on, and this is tried again every %v%s",
			k.path, k.failed, latest, hint))
	}
	k.failing = k.failed != nil
	if k.failed == nil {
		k.written = taken
	}
}
