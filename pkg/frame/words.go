package frame

import (
	"fmt"
	"slices"

	"p1/pkg/dlms"
	"p1/pkg/record"
)

// fewFrames is how many frames must agree before a person is told of it.
const fewFrames = 3

// KeyError says that a key opens none of the frames that it was tried on.
type KeyError struct {
	Source string
	Frames int
	// Said tells that Options.Say was told so already.
	Said bool
}

func (e *KeyError) Error() string {
	return fmt.Sprintf("%s: the key opens none of %s encrypted telegrams", e.Source, atLeast(e.Frames))
}

// Hint says what to do about it.
func (e *KeyError) Hint() string {
	return "it must be the encryption key of this very meter: compare it with the grid operator's letter, and the letter's meter number with the meter's; or all of them are damaged"
}

func atLeast(n int) string {
	if n == 1 {
		return "the"
	}
	return fmt.Sprintf("%d", n)
}

// count takes down what became of a frame, and says what a person should know.
func (f *Framer) count(o opened, frame []byte) {
	c := &f.stream.ciphers
	switch o.cipher {
	case record.CipherTruncated:
		return
	case record.CipherNoKey:
		if !c.keyless {
			f.say("these telegrams are encrypted: give the key of the meter with --key-file (from the grid operator)")
		}
		c.keyless = true
		return
	}
	f.sayShut(o, frame)
	f.sayCounter(o, frame)
	c.tried++
	f.tried++
	if o.fits {
		c.fits++
		f.fits++
	}
	switch {
	case o.cipher == record.CipherVerified:
		c.tags++
	case o.sound && o.tagged:
		c.sound++
	case o.fits && !o.tagged:
		c.tagless++
	}
	f.sayKey(fewFrames)
	f.sayTag(fewFrames)
}

// sayKey says once that the key opens nothing, after so many frames.
func (f *Framer) sayKey(frames int) {
	c := &f.stream.ciphers
	if c.fits > 0 || c.tried < frames || c.said.key {
		return
	}
	e := KeyError{Source: f.stream.source, Frames: c.tried}
	f.say(fmt.Sprintf("the key opens none of the first %d encrypted telegrams: %s", c.tried, e.Hint()))
	c.said.key = f.options.Say != nil
}

// manyShut is how many frames in a row must stay shut, of a meter whose frames the key has opened and
// whose counter goes on from those, or anew from one shut frame to the next: of a damaged one, that
// counter may be other than it looks.
const (
	manyShut = 6
	goesOn   = 1000
)

// follows reports whether a frame comes soon after another one of its meter.
func (x count) follows(before count) bool {
	return x.title == before.title && x.counter-before.counter-1 < goesOn
}

// sayShut says once that the key opens nothing any more, which it did before.
func (f *Framer) sayShut(o opened, frame []byte) {
	c := &f.stream.ciphers
	if o.fits {
		c.shut = 0
		return
	}
	form, counter, ok := dlms.Read(frame)
	if !ok || !slices.ContainsFunc(c.last, func(x count) bool { return x.title == form.Title }) {
		return
	}
	now := count{form.Title, counter}
	goes := now.follows(c.shutAt) || slices.ContainsFunc(c.last, now.follows)
	if c.shutAt = now; !goes {
		return // it counts anew, or its counter is damaged: the next ones tell
	}
	if c.shut++; c.shut >= manyShut && !c.said.shut {
		c.said.shut = true
		f.say(fmt.Sprintf("before offset %d the key has opened telegrams of this meter, and none of the last %d: the meter has another key now; give what follows as a source of its own with that key", f.base, c.shut))
	}
}

// sayCounter says once each that a frame counter comes again, or that it has gone back, where the
// tags leave no doubt.
func (f *Framer) sayCounter(o opened, frame []byte) {
	form, counter, ok := dlms.Read(frame)
	if o.cipher != record.CipherVerified || !ok {
		return
	}
	c := &f.stream.ciphers
	i := slices.IndexFunc(c.last, func(x count) bool { return x.title == form.Title })
	if i < 0 {
		if len(c.last) == maxTitles {
			c.last = c.last[:copy(c.last, c.last[1:])]
		}
		c.last = append(c.last, count{form.Title, counter})
		return
	}
	last := c.last[i].counter
	c.last[i].counter = counter
	switch {
	case counter == last && !c.said.again:
		c.said.again = true
		f.say(fmt.Sprintf("the frame with counter %d comes again at offset %d: it was logged twice, or somebody plays it again", counter, f.base))
	case counter < last && !c.said.back:
		c.said.back = true
		f.say(fmt.Sprintf("the frame counter goes back from %d to %d at offset %d: the meter counts anew, logs do not stand in their order, or somebody plays old telegrams again", last, counter, f.base))
	}
}

// sayTag says once that no tag verifies, after so many frames.
func (f *Framer) sayTag(frames int) {
	c := &f.stream.ciphers
	if c.tags > 0 || f.options.AllowUnverified || c.said.tag {
		return
	}
	switch {
	case c.sound >= frames:
		f.say("the tag does not verify, though the text's CRC holds: the authentication key may be another one (ask the grid operator), the tags are damaged, or the meter's tags never verify: --allow-unverified takes them")
	case c.tagless >= frames:
		f.say("these telegrams are encrypted, but carry no tag that says who sent them: --allow-unverified takes them")
	default:
		return
	}
	c.said.tag = true
}

// lastWords says at the end of a stream what few frames have shown.
func (f *Framer) lastWords() {
	f.sayKey(1)
	f.sayTag(1)
	f.saySpoilt()
}

// keyError returns the error that the key fitted nothing at all, at the end of the
// input, or nil.
func (f *Framer) keyError() error {
	if f.tried == 0 || f.fits > 0 {
		return nil
	}
	c := &f.stream.ciphers
	e := &KeyError{Source: f.stream.source, Frames: f.tried, Said: f.options.Say != nil}
	if c.tried > 0 && !c.said.key {
		e.Said, c.said.key = false, true // the caller says it
	}
	return e
}

func (f *Framer) say(text string) {
	if f.options.Say != nil {
		f.options.Say(f.stream.source + ": " + text)
	}
}
