package frame

import "fmt"

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
	return "it must be the encryption key of this very meter: compare it with the grid operator's letter, and the letter's meter number with the meter's"
}

func atLeast(n int) string {
	if n == 1 {
		return "the"
	}
	return fmt.Sprintf("%d", n)
}

// count takes down what became of a frame, and says what a person should know.
func (f *Framer) count(o opened) {
	c := &f.stream.ciphers
	switch o.cipher {
	case cipherTruncated:
		return
	case cipherNoKey:
		if !c.keyless {
			f.say("these telegrams are encrypted: give the key of the meter with --key-file (from the grid operator)")
		}
		c.keyless = true
		return
	}
	c.tried++
	f.tried++
	if o.fits {
		c.fits++
		f.fits++
	}
	switch {
	case o.cipher == cipherVerified:
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

// sayTag says once that no tag verifies, after so many frames.
func (f *Framer) sayTag(frames int) {
	c := &f.stream.ciphers
	if c.tags > 0 || f.options.AllowUnverified || c.said.tag {
		return
	}
	switch {
	case c.sound >= frames:
		f.say("the tag does not verify, though the text's CRC holds: the authentication key may be another one (ask the grid operator), or the meter's tags never verify: --allow-unverified takes them")
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
