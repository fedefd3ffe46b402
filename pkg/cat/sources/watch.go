package sources

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"p1/pkg/foreign"
	"p1/pkg/polarity"
	"p1/pkg/telegram"
)

// watch tells a person what becomes of a live line: each trouble once, until the
// meter is heard again, and one that comes and goes at most once in pace.again. What is
// kept back then is said as soon as that has passed, if the trouble lasts, so that the
// last words are always true.
type watch struct {
	name string
	asks questions
	pace pace
	say  func(text string)
	told []trouble

	last    time.Time // when the last bytes came, or the line was opened
	foreign time.Time // since when no byte was a meter's
	count   int       // of those bytes
	sample  []byte    // how they begin, up to maxSample of them
	turned  int       // chunks of them that were looked at turned over
	upright bool      // the meter has been heard since the line was opened: it is not inverted
}

// questions are what a person is asked where a line is open and no meter is heard.
type questions struct {
	silent  string // when nothing comes; with a %v for how long
	foreign string // when something else comes
}

// ofPort are the questions of a line that passes on what a port hears.
func ofPort() questions {
	return questions{
		silent:  "open, but nothing has come for %v: is the cable in the meter, and its port switched on?",
		foreign: "is this the right device, and its speed?",
	}
}

// trouble is one kind of trouble.
type trouble struct {
	kind string
	open bool      // it has come since the meter was last heard
	said bool      // and a person knows
	at   time.Time // when it was said last
	more int       // how often it has come since
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

// maxSample is how many bytes that nobody expected are kept, to be named and shown.
const maxSample = 2 << 10

// maxShort is how many bytes a short line has at most.
const maxShort = 64

// maxTold bounds the memory of troubles whose words differ each time.
const maxTold = 8

func newWatch(name string, asks questions, p pace, say func(text string)) *watch {
	if say == nil {
		say = func(string) {}
	}
	return &watch{name: name, asks: asks, pace: p, say: say}
}

// trouble says what is wrong.
func (w *watch) trouble(kind, text string, now time.Time) {
	t := w.kind(kind, now)
	if t == nil {
		return
	}
	if !t.open {
		t.open = true
		t.more++
	}
	lately := now.Sub(t.at)
	if t.said || lately < w.pace.again {
		return
	}
	if t.more > 1 {
		text += fmt.Sprintf(" (%d times in %v)", t.more, lately.Round(time.Second))
	}
	t.said, t.at, t.more = true, now, 0
	w.say(w.name + ": " + text)
}

// kind returns what is known of a kind of trouble; nil where there are so many, whose
// words differ each time.
func (w *watch) kind(kind string, now time.Time) *trouble {
	for i := range w.told {
		if w.told[i].kind == kind {
			return &w.told[i]
		}
	}
	if len(w.told) == maxTold {
		w.told = slices.DeleteFunc(w.told, func(t trouble) bool { return !t.open && now.Sub(t.at) >= w.pace.again })
	}
	if len(w.told) == maxTold {
		return nil
	}
	w.told = append(w.told, trouble{kind: kind})
	return &w.told[len(w.told)-1]
}

// isOpen reports whether a kind of trouble has come since the meter was last heard.
func (w *watch) isOpen(kind string) bool {
	return slices.ContainsFunc(w.told, func(t trouble) bool { return t.open && t.kind == kind })
}

// healed closes all troubles, and reports whether a person knows of one.
func (w *watch) healed() (known bool) {
	for i := range w.told {
		t := &w.told[i]
		known = known || t.said
		t.open, t.said = false, false
	}
	return known
}

// lost says why a line is gone or cannot be opened, and what it has delivered where
// that is one short line: ser2net says "Port already in use" and hangs up.
func (w *watch) lost(err error, now time.Time) {
	text := err.Error()
	kind := text
	if lost := new(lostError); errors.As(err, &lost) {
		kind = lost.error.Error() // whether the system has said something or not
	}
	if !w.upright && w.count <= maxShort && w.count == len(w.sample) && bytes.HasSuffix(w.sample, []byte("\n")) {
		text += "; all that has come is " + quoted(w.sample)
	}
	w.trouble(kind, text, now)
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
		w.trouble(isSilent, fmt.Sprintf(w.asks.silent, w.pace.silent), now)
	}
}

// heard listens to a chunk.
func (w *watch) heard(data []byte, now time.Time) verdict {
	w.last = now
	if hasMeterLine(data) {
		if w.healed() {
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
			"; put an inverter into the cable, or take one out (FTDI chips can be set to invert RXD)", now)
		return heardInverted
	}
	if k, _ := foreign.Protocol(w.sample); k != nil && !k.Readable() && !w.isOpen(isForeign) {
		w.trouble(isForeign, sentence(k), now)
	}
	if now.Sub(w.foreign) >= w.pace.foreign && !w.isOpen(isInverted) {
		w.trouble(isForeign, fmt.Sprintf("no meter is heard: in %v %d bytes have come without one line of a telegram; they begin with %s: %s",
			w.pace.foreign, w.count, quoted(w.sample), w.asks.foreign), now)
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
