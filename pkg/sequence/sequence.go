// Package sequence takes telegrams in the order in which they are read, and tells when logs
// overlap, are read twice, or come in another order than they were written in.
//
//	day2.log   01:25:50 … 01:30:20
//	day1.log   01:21:30 …             not after 01:30:20
//
// Within one stream a clock that goes back was set, by summer time or by somebody, and so it
// was between two streams where the host's time goes on. Else a time that was read before
// is one of logs.
package sequence

import (
	"fmt"
	"slices"
	"time"

	"p1/pkg/display"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// Watch looks at the telegrams.
type Watch struct {
	at     record.Origin
	last   []byte                     // the last telegram of the stream that is believed
	host   string                     // when it came in
	latest map[string]end             // of each meter, of the streams before this one
	firsts map[string]map[string]bool // and what these began with
	told   bool
}

// end is until when a stream has come, by the meter's clock and by the host's; the latter is
// zero where it is not known.
type end struct {
	clock telegram.Clock
	host  time.Time
}

// hostTime reads when a telegram came in.
func hostTime(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return at
}

// maxKept is how many meters, and of each how many beginnings of logs, are remembered.
const maxKept = 64

// Look takes the next telegram. Of the first with which a log begins before the end of another
// one it says so; else it returns "".
func (w *Watch) Look(t *record.Telegram) (said string) {
	if w.told || !believed(t) {
		return ""
	}
	if !w.at.SameStream(t.Origin) || t.Offset < w.at.Offset || len(w.last) == 0 {
		w.end()
		said = w.begin(t)
		w.told = said != ""
	}
	w.at = t.Origin
	w.last, w.host = append(w.last[:0], t.Raw...), t.Time
	return said
}

// believed reports whether a telegram says when which meter sent it. Of a meter whose name was
// masked that is not known.
func believed(t *record.Telegram) bool {
	return t.Status.Valid() && t.Suspect == "" && len(t.Masked) == 0 &&
		!slices.ContainsFunc(t.Doubted, func(d record.Doubt) bool { return d.Code == telegram.ClockCode })
}

// end notes until when a stream has come.
func (w *Watch) end() {
	if len(w.last) == 0 {
		return
	}
	t := telegram.Parse(w.last)
	clock, _, ok := t.Time()
	if !ok {
		return
	}
	if w.latest == nil {
		w.latest = map[string]end{}
	}
	meter := t.Meter()
	if known, there := w.latest[meter]; there && clock.Time.After(known.clock.Time) || !there && len(w.latest) < maxKept {
		w.latest[meter] = end{clock, hostTime(w.host)}
	}
}

// begin looks at the telegram that a stream begins with.
func (w *Watch) begin(from *record.Telegram) string {
	t := telegram.Parse(from.Raw)
	clock, _, ok := t.Time()
	if !ok {
		return ""
	}
	meter, text := t.Meter(), string(from.Raw)
	latest, known := w.latest[meter]
	again := w.firsts[meter][text]
	w.note(meter, text)
	switch {
	case again:
	case !known || clock.Time.After(latest.clock.Time) || clock.IsReset():
		return ""
	case !latest.host.IsZero() && hostTime(from.Time).After(latest.host):
		return "" // the clock was set
	case clock.Season == 0 && latest.clock.Time.Sub(clock.Time) <= time.Hour:
		return "" // autumn may have repeated that hour
	}
	return fmt.Sprintf("%s begins at %s, and up to %s was read before: logs are read twice, overlap, or are not in the order in which they were written",
		display.Short(from.Source, maxShown), clock.RFC3339(), latest.clock.RFC3339())
}

// maxShown is how much of a source's name is shown.
const maxShown = 60

// note remembers what a stream begins with.
func (w *Watch) note(meter, text string) {
	if w.firsts == nil {
		w.firsts = map[string]map[string]bool{}
	}
	if w.firsts[meter] == nil && len(w.firsts) < maxKept {
		w.firsts[meter] = map[string]bool{}
	}
	if of := w.firsts[meter]; of != nil && len(of) < maxKept {
		of[text] = true
	}
}
