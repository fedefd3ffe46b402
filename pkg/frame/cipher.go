package frame

import (
	"bytes"
	"slices"

	"p1/pkg/dlms"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// An encrypted telegram comes in a frame (see package dlms) that may hold any byte,
// so that it is told by its first bytes and ends where its length says:
//
//	␍␊                                    noise
//	DB 08 S A G g p 05 8D 1C 82 04 1B 30  begins a frame of 0x041B + 13 bytes
//	…                                     ends it
//	DB 08 S A G g p 05 8D 1C 82 04 1B 30
//	…
//	DB 08 S A G g p 05 8D 1C …            begins one before the other's end: that one is truncated
//
// A frame may come in pieces, see [dlms.Wrapped]. What looks like a frame begins one
// anywhere in noise, while in a telegram a meter may have sent these bytes in a message.
// There it begins one if the meter's system title is known, or else if the telegram turns
// out to be none that is whole. And what turns out to be text is taken for text.

// maxTitles is how many meters of a stream are known by their system title.
const maxTitles = 4

// maxHeader is how long a header line may be for it to be told in the middle of a
// frame; IEC 62056-21 allows 5 characters and an identification of 16.
const maxHeader = 40

// ciphers is what is known of the encrypted frames of a stream.
type ciphers struct {
	titles []dlms.Title // the latest last

	keyless bool // frames came and there is no key
	tried   int  // whole frames that the key was tried on
	fits    int  // of these, those that it makes text of
	tags    int  // of these, those whose tag verifies
	sound   int  // of these, those whose tag does not verify, though the text's CRC holds
	tagless int  // of these, those that have no tag
	shut    int  // whole frames in a row of which the key makes no text, though it has before
	shutAt  count
	last    []count
	said    struct{ key, tag, shut, again, back bool }
}

// count is the counter of a frame of a meter: of the last one whose tag verified, or that stayed
// shut.
type count struct {
	title   dlms.Title
	counter uint32
}

func (c *ciphers) knows(title dlms.Title) bool {
	return slices.Contains(c.titles, title)
}

func (c *ciphers) learn(title dlms.Title) {
	c.forget(title) // damaged ones come between, and are not to take the place of those that come again
	if len(c.titles) == maxTitles {
		c.titles = c.titles[:copy(c.titles, c.titles[1:])]
	}
	c.titles = append(c.titles, title)
}

func (c *ciphers) forget(title dlms.Title) {
	c.titles = slices.DeleteFunc(c.titles, func(t dlms.Title) bool { return t == title })
}

// begins reports whether a frame of a known meter begins here, or a telegram that is
// not encrypted.
func (c *ciphers) begins(data []byte) dlms.Found {
	switch data[0] {
	case '/':
		return headerBegins(data)
	case dlms.Tag:
		best := dlms.No
		for _, t := range c.titles {
			best = max(best, t.Begins(data))
		}
		return best
	}
	return dlms.No
}

// headerBegins reports whether a header and its empty line begin here, so that the
// middle of a frame is not taken for one.
func headerBegins(data []byte) dlms.Found {
	text := untilEOL(data[1:])
	rest := data[1+len(text):]
	if len(text) > maxHeader || !telegram.IsHeader(append(text[:len(text):len(text)], "AAA0"[min(len(text), 4):]...)) {
		return dlms.No
	}
	for _, eol := range []string{"\r\n\r\n", "\n\n"} {
		switch {
		case len(rest) >= len(eol) && string(rest[:len(eol)]) == eol:
			return dlms.Yes
		case len(rest) < len(eol) && string(rest) == eol[:len(rest)]:
			return dlms.More
		}
	}
	return dlms.No
}

// nextFrame moves f.scan on to where something looks like a frame, as far as it is
// there, or to the end of the buffer.
func (f *Framer) nextFrame() (dlms.Head, dlms.Found) {
	wire := f.received(len(f.buf))
	for f.scan < len(wire) {
		n := bytes.IndexByte(wire[f.scan:], dlms.Tag)
		if n < 0 {
			break
		}
		f.scan += n
		if head, found := dlms.Look(wire[f.scan:]); found != dlms.No {
			return head, found
		}
		f.scan++
	}
	f.scan = len(wire)
	return dlms.Head{}, dlms.No
}

// begin ends what stands before the head at f.scan, step by step: the line, the record;
// then the buffer begins with the frame.
func (f *Framer) begin(head dlms.Head) error {
	known := &f.stream.ciphers
	switch {
	case !known.knows(head.Title) && f.inTelegram():
		if f.doubt == 0 {
			f.doubt = f.scan
		}
		f.scan++
		return nil
	case f.scan == 0:
		known.learn(head.Title)
		if f.stream.parity == parityEven {
			f.forgetParity()
		}
		f.mode, f.bare, f.size, f.scan = frameMode, head.Size, head.Size, 1
		return nil
	}
	known.learn(head.Title)
	switch {
	case f.line == f.scan:
		return f.emit(f.scan, noEnd)
	case f.stream.parity == parityUnknown && f.learnParity(f.line, f.scan):
		return nil
	}
	return f.addLine(f.scan)
}

// inTelegram reports whether buf[:f.scan] is the beginning of a telegram.
func (f *Framer) inTelegram() bool {
	if f.scan > 0 && f.buf[0] == '/' && telegram.IsHeader(untilEOL(f.buf[1:f.scan])) {
		return true
	}
	return f.obis || telegram.HasLine(f.buf[f.line:f.scan])
}

// believe makes a head that was in doubt one after all, where what it stands in, which
// goes to n, is no whole telegram and ends in ciphertext; the buffer must then be cut
// from its beginning.
func (f *Framer) believe(n, bang int) bool {
	if f.doubt == 0 || f.doubt >= n {
		return false
	}
	if t := new(stream).telegram(f.buf[:n], bang); t.verdict != fails || telegram.Check(t.Raw) == nil {
		return false
	}
	wire := f.received(len(f.buf))
	for at := f.doubt; at < n; at++ {
		if head, found := dlms.Look(wire[at:]); found == dlms.Yes && n-at >= tellsText && !isText(wire[at:n]) {
			f.stream.ciphers.learn(head.Title)
			f.restart()
			return true
		}
	}
	return false
}

const (
	headSize = 14 // of a frame, before its counter
	// tellsText is how many bytes tell ciphertext from text.
	tellsText = headSize + 16
)

// isText reports whether what begins as a frame does is text all the same. A length and
// a security control of 30 are '0' in text, and a damaged line may have the rest.
func isText(frame []byte) bool {
	if telegram.HasLine(frame) {
		return true
	}
	if len(frame) < tellsText {
		return false
	}
	body := frame[headSize:]
	strange, uneven := 0, 0 // of ciphertext three bytes in five, and one in two
	for _, b := range body {
		if odd(b) {
			uneven++
		}
		if b != '\r' && b != '\n' && (b < 0x20 || b > 0x7E) {
			strange++
		}
	}
	return strange < len(body)/4 || uneven < len(body)/8 // text with parity bits
}

// restart has the buffer cut from its beginning.
func (f *Framer) restart() {
	f.line, f.obis, f.scan, f.doubt = 0, false, 0, 0
	if f.mode == noFrameMode {
		f.scan = 1
	}
}

// takeFrame emits the frame that the buffer begins with, if it is there or no more of
// it will come (ended), and reports whether it did.
func (f *Framer) takeFrame(ended bool) (bool, error) {
	f.size = min(dlms.Wrapped(f.buf, f.bare), record.MaxTelegram)
	there := min(len(f.buf), f.size)
	switch {
	case f.inside(there, there, false) == dlms.Yes:
		return true, f.endFrame(f.scan, truncated)
	case there < f.size && ended:
		return true, f.endFrame(there, truncated)
	case there < f.size:
		return false, nil
	}
	o := f.open(f.buf[:f.size])
	if o.cipher != record.CipherVerified { // else it is whole, whatever its last bytes look like
		switch f.inside(f.size, len(f.buf), ended) {
		case dlms.Yes:
			return true, f.endFrame(f.scan, truncated)
		case dlms.More:
			return false, nil
		}
	}
	return true, f.endFrame(f.size, o)
}

// endFrame emits the frame, or turns back to it as text.
func (f *Framer) endFrame(n int, o opened) error {
	if o.cipher != record.CipherVerified && isText(f.buf[:n]) {
		head, _ := dlms.Look(f.buf[:n])
		f.stream.ciphers.forget(head.Title)
		f.mode, f.size, f.scan = noFrameMode, 0, 1
		return nil
	}
	f.count(o, f.buf[:n])
	return f.emitFrame(n, o)
}

// inside moves f.scan on to where another record begins in the frame before limit, by
// what is there up to seen. Where no more will come, what is incomplete is nothing.
func (f *Framer) inside(limit, seen int, ended bool) dlms.Found {
	for ; f.scan < limit; f.scan++ {
		found := f.stream.ciphers.begins(f.buf[f.scan:seen])
		if found == dlms.Yes || found == dlms.More && !ended {
			return found
		}
	}
	return dlms.No
}

// opened is what a frame turned out to be.
type opened struct {
	cipher string
	why    string // where there is no text
	text   []byte
	fits   bool // the key makes text of it, to be believed or not
	tagged bool
	sound  bool // the CRC of the text holds
}

var truncated = opened{cipher: record.CipherTruncated, why: "truncated frame"}

// open decrypts a whole frame.
func (f *Framer) open(frame []byte) opened {
	if f.options.Keys == nil {
		return opened{cipher: record.CipherNoKey, why: "encrypted: no key"}
	}
	text, verified, err := f.options.Keys.Open(dlms.Joined(frame))
	head, _ := dlms.Look(frame)
	o := opened{fits: err == nil && telegram.HasLine(text), tagged: head.Tagged}
	o.sound = o.fits && new(stream).telegram(text, endMark(text)).verdict != fails
	switch {
	case verified:
		o.cipher, o.text, o.fits = record.CipherVerified, text, true
	case !f.options.AllowUnverified && !o.tagged:
		o.cipher, o.why = record.CipherFailed, "no tag"
	case !f.options.AllowUnverified:
		o.cipher, o.why = record.CipherFailed, "tag not verified"
	case !o.fits:
		o.cipher, o.why = record.CipherFailed, "wrong key or damaged frame"
	default:
		o.cipher, o.text = record.CipherUnverified, text
	}
	return o
}

// endMark returns the place of the '!' that ends a text, or noEnd.
func endMark(text []byte) int {
	at := bytes.LastIndexByte(text, '!')
	if at < 0 || len(untilEOL(text[at+1:])) > longestCRC {
		return noEnd
	}
	return at
}

// emitFrame makes a telegram record of the frame buf[:n], or of what is left of it.
func (f *Framer) emitFrame(n int, o opened) error {
	wire := bytes.Clone(f.buf[:n])
	var t *record.Telegram
	var open *candidate
	if o.text == nil {
		t = f.stream.sealed(wire, o.why)
	} else {
		open = f.stream.telegram(o.text, endMark(o.text))
		t = &open.Telegram
	}
	t.Offset = f.base
	t.Time = f.timeOf(f.base)
	t.ReceivedRaw = wire
	t.Cipher = o.cipher
	f.drop(n)
	switch {
	case open == nil:
		return f.write(t)
	case o.cipher != record.CipherVerified:
	case !telegram.HasLine(o.text):
		t.CRC, t.CRCCalc, t.Why = record.CRCUnknown, "", "no telegram in the frame"
		return f.write(t)
	case wholeWithoutCRC(t): // the tag has checked it better than a CRC does
		t.Status, t.CRC, t.CRCCalc = record.Unchecked, record.CRCNone, ""
		return f.write(t)
	}
	return f.stream.decide(open, f.out)
}

// sealed makes a record of a frame that gives no text.
func (s *stream) sealed(wire []byte, why string) *record.Telegram {
	s.seq++
	return &record.Telegram{
		Origin: record.Origin{Source: s.source, Session: s.session},
		Live:   s.live, Seq: s.seq, Status: record.Bad, CRC: record.CRCUnknown, Why: why, Raw: wire,
	}
}
