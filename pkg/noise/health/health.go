// Package health takes telegram, noise and gap records as they come and gives how
// a capture is: a Prometheus text file that is kept up to date ([Keeper]), and a
// text for people ([Health.Text]).
//
// All is counted from the start of the process, apart for each source. A record
// came when it says so itself (its time), else when it was taken.
package health

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"p1/pkg/display"
	"p1/pkg/noise/words"
	"p1/pkg/record"
)

// Limits of what is kept, whatever the stream holds.
const (
	maxSources  = 16 // counted apart
	maxName     = 64 // characters of a source's name
	maxWords    = 160
	maxProblems = 8
)

// other is the label of what is not counted apart.
const other = "other"

// statuses and whys are the labels that telegrams and gaps are counted under.
func statuses() []string {
	return []string{
		string(record.OK), string(record.Repaired), string(record.Unchecked),
		string(record.Salvaged), string(record.Lost), string(record.Bad), other,
	}
}

func whys() []string {
	return []string{record.GapStart, record.GapUnplugged, record.GapOverrun, record.GapReconnect, other}
}

// buckets are the upper bounds of the confidence histogram.
func buckets() []float64 { return []float64{0.9, 0.99, 0.999, 0.9999, 0.99999, 1} }

// counts is what has come of one source.
type counts struct {
	source     string
	telegrams  map[string]int64 // by status
	suspect    int64
	noiseBytes int64
	gaps       map[string]int64 // by why
	byLine     int64            // edits
	byLogger   int64
	confidence histogram
	last       time.Time // arrival of the last telegram; zero where none has come
	lastValid  time.Time
	rate       rate
}

// histogram counts confidences: below[i] are those up to buckets()[i] that no
// earlier bucket has.
type histogram struct {
	below []int64
	count int64
	sum   float64
}

func (h *histogram) add(p float64) {
	h.count++
	h.sum += p
	for i, most := range buckets() {
		if p <= most {
			h.below[i]++
			return
		}
	}
}

// problem is something that a person may want to look at.
type problem struct {
	at     time.Time
	source string
	offset int64
	words  string
}

// Health counts records. It may be asked by others while it counts.
type Health struct {
	mutex    sync.Mutex
	now      func() time.Time
	began    time.Time
	sources  []*counts // in the order they came, at most maxSources and other
	problems []problem // the last ones
	taken    int64     // records

	recent     *counts // of the source that was counted last
	recentName string
}

// New returns a Health at zero; now tells the time.
func New(now func() time.Time) *Health { return &Health{now: now, began: now()} }

// Take counts a record. Chunks, and records of other types, say nothing.
func (h *Health) Take(r record.Record) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	switch r := r.(type) {
	case *record.Telegram:
		h.telegram(r)
	case *record.Noise:
		h.of(r.Source).noiseBytes += int64(len(r.Data))
		h.problem(r.Origin, arrival(r.Time, h.now()), fmt.Sprintf("noise, %d %s", len(r.Data), words.Noun(int64(len(r.Data)), "byte")))
	case *record.Gap:
		h.of(r.Source).gaps[known(r.Why, whys())]++
		h.problem(r.Origin, arrival(r.Time, h.now()), "gap: "+r.Why)
	default:
		return
	}
	h.taken++
}

func (h *Health) telegram(t *record.Telegram) {
	c := h.of(t.Source)
	at := arrival(t.Time, h.now())
	c.last = at
	c.rate.add(at)
	c.telegrams[known(string(t.Status), statuses())]++
	line, logger := t.EditCount()
	c.byLine += int64(line)
	c.byLogger += int64(logger)
	if t.Status == record.Repaired && t.Confidence > 0 {
		c.confidence.add(t.Confidence)
	}
	if t.Status.Valid() {
		c.lastValid = at
	} else {
		words := string(t.Status)
		if t.Why != "" {
			words += ": " + t.Why
		}
		h.problem(t.Origin, at, words)
	}
	if t.Suspect != "" {
		c.suspect++
		h.problem(t.Origin, at, "suspect: "+t.Suspect)
	}
}

// arrival is when a record came: when it says, unless that is in the future, as
// where the clock was put back; else now.
func arrival(said string, now time.Time) time.Time {
	if said != "" {
		if at, err := time.Parse(time.RFC3339, said); err == nil && !at.After(now) {
			return at
		}
	}
	return now
}

func known(label string, labels []string) string {
	if slices.Contains(labels, label) {
		return label
	}
	return other
}

// of returns the counts of a source.
func (h *Health) of(source string) *counts {
	if h.recent == nil || h.recentName != source {
		h.recent, h.recentName = h.labelled(label(source)), source
	}
	return h.recent
}

// labelled returns the counts under a label, or those of all others where there are
// too many.
func (h *Health) labelled(name string) *counts {
	for _, c := range h.sources {
		if c.source == name {
			return c
		}
	}
	if len(h.sources) >= maxSources && name != other {
		return h.labelled(other)
	}
	c := &counts{
		source: name, telegrams: map[string]int64{}, gaps: map[string]int64{},
		confidence: histogram{below: make([]int64, len(buckets()))},
	}
	h.sources = append(h.sources, c)
	return c
}

// label is the last part of a source's name, without the options after a
// question mark:
//
//	serial:///dev/ttyUSB0?baud=115200
//	              -------
func label(source string) string {
	name, _, _ := strings.Cut(strings.ReplaceAll(source, `\`, "/"), "?")
	name = display.Short(path.Base(name), maxName)
	if name == "" || name == "." {
		return "unnamed"
	}
	return name
}

func (h *Health) problem(o record.Origin, at time.Time, words string) {
	if len(h.problems) == maxProblems {
		h.problems = slices.Delete(h.problems, 0, 1)
	}
	h.problems = append(h.problems, problem{at, label(o.Source), o.Offset, display.Short(words, maxWords)})
}
