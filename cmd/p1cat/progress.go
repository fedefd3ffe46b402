package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"p1/pkg/cat/sources"
	"p1/pkg/tool"
)

// progress shows on a terminal how far the reading of long files is: bytes,
// share, speed and time left. Elsewhere it shows nothing. It writes no escape
// sequences, which not every console knows: blanks cover what stood there before.
type progress struct {
	w      io.Writer // nil where nothing is to be shown
	total  int64     // bytes of all files on disk
	before int64     // of the files that are done
	start  time.Time
	last   time.Time
	shown  int // how long the line is that stands there
}

const (
	progressAfter = time.Second // short runs show nothing
	progressEvery = 200 * time.Millisecond
)

func newProgress(w io.Writer, names []string) *progress {
	if !tool.IsTerminal(w) {
		return &progress{}
	}
	p := &progress{w: w, start: time.Now()}
	p.last = p.start
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			p.total += info.Size()
		}
	}
	return p
}

// show updates the line, at most five times a second; a source that is done counts
// from then on.
func (p *progress) show(s sources.Source, done bool) {
	if done {
		n, _ := s.Progress()
		p.before += n
		return
	}
	if p.w == nil || p.total == 0 {
		return
	}
	now := time.Now()
	if now.Sub(p.start) < progressAfter || now.Sub(p.last) < progressEvery {
		return
	}
	n, total := s.Progress()
	if n == 0 && total < 0 {
		return // it has no end, or none that is known
	}
	p.last = now
	line := progressLine(p.before+n, p.total, now.Sub(p.start))
	fmt.Fprintf(p.w, "\r%-*s", p.shown, line)
	p.shown = len(line)
}

// clear removes the line.
func (p *progress) clear() {
	if p.shown > 0 {
		fmt.Fprintf(p.w, "\r%*s\r", p.shown, "")
		p.shown = 0
	}
}

// progressLine describes n of total bytes, read in the time elapsed.
func progressLine(n, total int64, elapsed time.Duration) string {
	const mega = 1e6
	total = max(total, n) // a log may grow while it is read
	speed := float64(n) / elapsed.Seconds()
	left := "?"
	if seconds := float64(total-n) / speed; seconds < 1e6 { // more says that nothing is known yet
		left = (time.Duration(seconds*1e9) + time.Second/2).Truncate(time.Second).String()
	}
	return fmt.Sprintf("%.1f of %.1f MB (%d %%), %.1f MB/s, %s left",
		float64(n)/mega, float64(total)/mega, 100*n/max(total, 1), speed/mega, left)
}
