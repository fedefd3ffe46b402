package sources

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"p1/pkg/polarity"
	"p1/pkg/telegram"
)

// watch tells a person what becomes of a live line: each trouble once, until the
// meter is heard again.
type watch struct {
	name string
	pace pace
	say  func(text string)
	told []string // kinds of trouble since the meter was last heard

	last    time.Time // when the last bytes came, or the line was opened
	foreign time.Time // since when no byte was a meter's
	count   int       // of those bytes
	sample  []byte    // how they begin, up to maxSample of them
	turned  int       // chunks of them that were looked at turned over
	upright bool      // the meter has been heard since the line was opened: it is not inverted
}

// verdict is what a chunk sounds like.
type verdict int

const (
	heardNothing  verdict = iota
	heardGarbage          // bytes that tell nothing
	heardMeter            // a line of a telegram
	heardInverted         // one on a line whose levels are upside down
)

// Kinds of trouble; those with opening and reading are what their errors say.
const (
	isSilent   = "silent"
	isForeign  = "no meter"
	isInverted = "inverted"
)

// maxSample is how many bytes that nobody expected are shown.
const maxSample = 64

// maxTold bounds the memory of troubles whose words differ each time.
const maxTold = 8

func newWatch(name string, p pace, say func(text string)) *watch {
	if say == nil {
		say = func(string) {}
	}
	return &watch{name: name, pace: p, say: say}
}

// trouble says what is wrong, once for each kind.
func (w *watch) trouble(kind, text string) {
	if slices.Contains(w.told, kind) || len(w.told) == maxTold {
		return
	}
	w.told = append(w.told, kind)
	w.say(w.name + ": " + text)
}

// lost says why a line is gone or cannot be opened, and what it has delivered where
// that is one short line: ser2net says "Port already in use" and hangs up.
func (w *watch) lost(err error) {
	text := err.Error()
	if !w.upright && w.count == len(w.sample) && bytes.HasSuffix(w.sample, []byte("\n")) {
		text += "; all that has come is " + quoted(w.sample)
	}
	w.trouble(text, text)
	w.forget()
}

// opened begins to watch a line.
func (w *watch) opened(now time.Time) {
	w.last = now
	w.upright = false
	w.forget()
}

func (w *watch) forget() { w.foreign, w.count, w.sample, w.turned = time.Time{}, 0, nil, 0 }

// silence is told that nothing comes.
func (w *watch) silence(now time.Time) {
	if d := now.Sub(w.last); d >= w.pace.silent {
		w.trouble(isSilent, fmt.Sprintf("open, but nothing has come for %v: is the cable in the meter, and its port switched on?", w.pace.silent))
	}
}

// heard listens to a chunk.
func (w *watch) heard(data []byte, now time.Time) verdict {
	w.last = now
	if hasMeterLine(data) {
		if len(w.told) > 0 {
			w.told = nil
			w.say(w.name + ": the meter is heard")
		}
		w.upright = true
		w.forget()
		return heardMeter
	}
	if w.foreign.IsZero() {
		w.foreign = now
	}
	w.count += len(data)
	w.sample = append(w.sample, data[:min(len(data), maxSample-len(w.sample))]...)
	if text := w.turnOver(data); text != nil {
		w.trouble(isInverted, "the line is inverted: inverted once more, it reads "+quoted(text)+
			"; put an inverter into the cable, or take one out (FTDI chips can be set to invert RXD)")
		return heardInverted
	}
	if now.Sub(w.foreign) >= w.pace.foreign && !slices.Contains(w.told, isInverted) {
		w.trouble(isForeign, fmt.Sprintf("no meter is heard: in %v %d bytes have come without one line of a telegram; they begin with %s: "+
			"is this the right device, and its speed?", w.pace.foreign, w.count, quoted(w.sample)))
	}
	return heardGarbage
}

const (
	// maxTurns bounds the work for garbage that goes on and on at one speed.
	maxTurns = 10
	// minTurn is shorter than any line of a telegram.
	minTurn = 12
)

func (w *watch) turnOver(data []byte) []byte {
	if w.upright || w.turned == maxTurns || len(data) < minTurn {
		return nil
	}
	w.turned++
	return polarity.Upright(data)
}

// hasMeterLine reports whether data holds a line of a telegram, as sent with eight
// bits or with seven and parity.
func hasMeterLine(data []byte) bool {
	if telegram.HasLine(data) {
		return true
	}
	text := make([]byte, len(data))
	for i, b := range data {
		text[i] = b & 0x7F
	}
	return telegram.HasLine(text)
}
