package health

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// How often a file of metrics is written: soon behind a change, and now and then
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
	sick    bool      // it could not be written, which has been said
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
	changed := k.health.count() != k.written && !k.sick
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
	k.failed = replace(k.path, k.health.Metrics())
	switch {
	case k.failed == nil && k.sick:
		k.say(k.path + ": can be written again")
	case k.failed != nil && !k.sick:
		k.say(fmt.Sprintf("%s: the metrics cannot be written: %v; all else goes on, and this is tried again every %v%s",
			k.path, k.failed, latest, hint(k.path, k.failed)))
	}
	k.sick = k.failed != nil
	if k.failed == nil {
		k.written = taken
	}
}

// hint says what to do about a file that cannot be written.
func hint(path string, err error) string {
	dir := filepath.Dir(path)
	const diskFull = syscall.Errno(112) // of Windows
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("\nhint: a file is written beside it and renamed: let this user write in %s, or name a file elsewhere", dir)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("\nhint: make the directory: mkdir -p %s", dir)
	case errors.Is(err, syscall.ENOSPC) || filepath.Separator == '\\' && errors.Is(err, diskFull):
		return "\nhint: the disk is full: make room, or name a file on another one, such as a tmpfs"
	case errors.Is(err, syscall.EROFS):
		return "\nhint: the file system is read-only: name a file on another one, such as a tmpfs"
	}
	return ""
}

// errKind keeps a device from being replaced by a file.
var errKind = errors.New("is there, and is no file")

// replace puts data in the place of a file, all of it or nothing: a reader finds the
// old file or the new one. Nothing is synced, since after a power failure the file is
// written anew, and flash memory wears.
//
// The temporary file does not end in .prom, or node_exporter would read it too, and
// anybody may read it whom the umask allows, as the collector is another user.
func replace(path string, data []byte) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	mode := fs.FileMode(0)
	switch info, err := os.Stat(path); {
	case err == nil && !info.Mode().IsRegular():
		return errKind
	case err == nil:
		mode = info.Mode().Perm()
	}
	name := fmt.Sprintf("%s.%08x.tmp", path, rand.Uint32())
	tmp, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	if err == nil && mode != 0 {
		err = tmp.Chmod(mode)
	}
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = rename(name, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

// rename puts one file in the place of another. Windows refuses that while somebody
// reads the other one, which is over in a moment.
func rename(from, to string) error {
	const tries, moment = 10, 10 * time.Millisecond
	for i := 1; ; i++ {
		err := os.Rename(from, to)
		if err == nil || runtime.GOOS != "windows" || i == tries {
			return err
		}
		time.Sleep(moment)
	}
}
