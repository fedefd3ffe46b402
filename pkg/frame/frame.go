// Package frame takes chunks of a meter's byte stream and gives telegram and
// noise records in which every byte occurs once, whatever has been damaged.
//
// A telegram begins at '/', or, where that is lost, at the first byte after the
// end of the one before it. It ends after its '!' line, or, where that is lost,
// before the next header, at a gap, or at the end of the input:
//
//	=~=~=~=~= PuTTY log 2026.03.01 00:00:00 =~=~=~=~␍␊    noise: a logger's header
//	/AUX59900000000␍␊                                      begins a telegram
//	␍␊
//	0-0:1.0.0(260301000000W)␍␊
//	1-0:1.8.0(008234.524*kWh)␍␊
//	!A790␍␊                                                ends it
//	AUX59900000000␍␊                                       '/' lost: begins one all the same
//	␍␊
//	1-0:1.8.!(003352.797*kWh)␍␊                            no end: a damaged byte
//	1-0:2.7.0(00.000*kW!␍␊                                 no end: no digits, not at the start of a line
//	!-0:5.7.0(00.054*kvar)␍␊                               no end: '1' has become '!'
//	!5253␍/AUX59900000000␍␊                                an end (LF lost), and the next telegram
//	! 5253␍␊                                               an end, by a meter that writes it so
//	!␍␊
//	5253␍␊                                                 one end too
//
// The boundaries are a first guess, made line by line; they do not depend on how
// the stream is cut into chunks.
//
// Old meters send seven data bits and even parity (7E1). Where the receiver was
// set to eight data bits, the parity arrives in bit 7 of each byte:
//
//	/  I  S  K  5  \  2  M  …  !  ␍  ␊
//	2F 49 53 4B 35 5C 32 4D … 21 0D 0A    sent, in seven bits
//	AF C9 53 4B 35 5C B2 4D … 21 8D 0A    received: the number of ones is even
//
// The first line of a stream that holds an OBIS code, in one reading or the
// other, tells which of the two it is; what is in the buffer by then is cut anew
// without the parity bits. A line that clearly says otherwise changes that. Raw is the text, and received keeps the bytes as they
// came. A byte whose parity is wrong is damaged: without a CRC that makes the
// telegram bad, while a CRC of the text that holds says that no more than parity
// bits were hit. A logger's header may stand where the port was set anew, so the
// lines after it tell again.
//
// Of a log in which somebody has masked the meter's identifiers no known CRC holds. What was
// replaced moves all of them in the same way, see learner.go, and a mask of another length is
// read with the right one, see fill.go: received keeps the bytes here too.
//
// Meters that encrypt send each telegram in a frame of its own, see cipher.go.
package frame

import (
	"bytes"
	"time"

	"p1/pkg/dlms"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// Silence is how long a live line must be silent before a telegram without an
// end is taken to be over.
const Silence = 300 * time.Millisecond

// Framer cuts a stream of chunks into telegrams and noise.
type Framer struct {
	out     record.Writer
	options Options
	stream  stream

	buf   []byte // bytes that are in no record yet; buf[0] begins the next one
	room  []byte // the memory that buf is in, from its beginning
	wire  []byte // the same as received, where buf has lost its parity bits
	base  int64  // offset of buf[0]
	marks []mark // host times of buf
	pause bool   // the last chunk ended at a pause of the line
	next

	tried, fits int // frames that the key was tried on, and those that it fits, of all streams
}

// next is what has been found out of the record that buf begins with.
type next struct {
	mode  mode
	size  int  // of the frame that it is, in frameMode
	bare  int  // the same without what it is wrapped in
	line  int  // buf[line:] is the line that is not complete yet
	obis  bool // buf[:line] holds an OBIS line
	scan  int  // buf[:scan] has been searched for the beginning of a frame
	doubt int  // where one may begin in a telegram, if that is none; 0 for nowhere
}

// mode is how the record that buf begins with is cut out.
type mode int

const (
	lineMode    mode = iota // line by line, until a frame begins
	frameMode               // as an encrypted frame
	noFrameMode             // line by line: it begins as a frame does, and is none
)

// mark says when the byte at an offset arrived; an empty time is one that nobody knows.
type mark struct {
	offset int64
	time   string
}

// Options are what a person may choose, and where words for that person go.
type Options struct {
	// Keys are those of a meter that encrypts; nil where there are none.
	Keys *dlms.Keys
	// AllowUnverified takes the text of a frame whose tag does not verify.
	AllowUnverified bool
	// Say is told, once each, what a person should know of a stream and no record
	// can say; nil where nobody listens.
	Say func(text string)
}

// New returns a Framer that writes to out.
func New(out record.Writer, o Options) *Framer { return &Framer{out: out, options: o} }

// Take takes the next record of the stream. Chunks become telegrams and noise;
// everything else passes. It keeps none of the record's memory.
func (f *Framer) Take(r record.Record) error {
	switch r := r.(type) {
	case *record.Chunk:
		return f.chunk(r)
	case *record.Other:
		return f.out.Write(r) // it says nothing of bytes, so it cuts nothing
	}
	if err := f.finish(); err != nil {
		return err
	}
	if !f.stream.same(r.Where()) {
		if err := f.endStream(); err != nil {
			return err
		}
	}
	return f.write(r)
}

// Flush does nothing: what is finished has been written.
func (f *Framer) Flush() error { return nil }

// Close ends the last telegram. It returns a [*KeyError], all records being written,
// where frames came and the key has opened none.
func (f *Framer) Close() error {
	if err := f.finish(); err != nil {
		return err
	}
	key := f.keyError() // before the last words, which would say the same
	if err := f.endStream(); err != nil {
		return err
	}
	return key
}

// Wait returns how long a live line may be silent before Expire is called; 0
// where nothing depends on it.
func (f *Framer) Wait() time.Duration {
	if f.stream.live && (len(f.buf) > 0 || f.stream.waitsForMore()) {
		return Silence
	}
	return 0
}

// Expire ends the telegram that a silent line has left without an end, and writes what
// waited for more of the stream.
func (f *Framer) Expire() error {
	if err := f.finish(); err != nil || !f.stream.waitsForMore() {
		return err
	}
	return f.stream.release(f.out)
}

func (f *Framer) chunk(c *record.Chunk) error {
	if !f.stream.same(c.Origin) || c.Offset != f.base+int64(len(f.buf)) || f.silentBefore(c) {
		if err := f.finish(); err != nil {
			return err
		}
		if !f.stream.same(c.Origin) {
			if err := f.endStream(); err != nil {
				return err
			}
			f.stream = newStream(c, f.options.Say)
		}
		f.base = c.Offset
	}
	if c.Time != "" || len(f.marks) > 0 { // without one, what comes now came nobody knows when
		f.marks = append(f.marks, mark{c.Offset, c.Time})
	}
	f.add(c.Data)
	f.pause = c.End == record.EndPause
	if err := f.cut(); err != nil {
		return err
	}
	if f.pause && f.mode != frameMode && f.stream.endComplete(f.buf[f.line:]) {
		return f.finish()
	}
	return nil
}

// add appends received bytes to the buffer.
func (f *Framer) add(data []byte) {
	if cap(f.buf)-len(f.buf) < len(data) { // what was dropped has left room in front
		f.buf = append(append(f.room[:0], f.buf...), data...)
		f.room = f.buf
	} else {
		f.buf = append(f.buf, data...)
	}
	if f.stream.parity == parityEven {
		f.wire = append(f.wire, data...)
		removeParity(f.buf[len(f.buf)-len(data):])
	}
}

// slowest is how long a byte of 10 bits takes at 9600 baud, rounded up.
const slowest = 1050 * time.Microsecond

// silentBefore reports whether the line was silent for long before the chunk,
// by the arrival times: a replayed capture is cut as it was live.
func (f *Framer) silentBefore(c *record.Chunk) bool {
	if !f.pause || len(f.buf) == 0 || len(f.marks) == 0 || c.Time == "" {
		return false
	}
	last := f.marks[len(f.marks)-1]
	before, err1 := time.Parse(time.RFC3339, last.time)
	now, err2 := time.Parse(time.RFC3339, c.Time)
	sent := time.Duration(c.Offset-last.offset) * slowest
	return err1 == nil && err2 == nil && now.Sub(before) > Silence+sent
}

// cut takes out of the buffer all records that are complete.
func (f *Framer) cut() error {
	for {
		if f.mode == frameMode {
			if done, err := f.takeFrame(false); !done || err != nil {
				return err
			}
			continue
		}
		head, found := f.nextFrame()
		limit := min(f.scan, record.MaxData)
		if done, err := f.takeAlike(limit); err != nil {
			return err
		} else if done {
			continue
		}
		if n := f.stream.nextLine(f.buf[min(f.line, limit):limit], limit < len(f.buf)); n > 0 {
			end := f.line + n
			if f.stream.parity == parityUnknown && f.learnParity(f.line, end) {
				continue
			}
			if f.speaksAgainst(end) {
				if err := f.turnParity(); err != nil {
					return err
				}
				continue
			}
			if err := f.addLine(end); err != nil {
				return err
			}
			continue
		}
		if done, err := f.cutLong(head, found); done || err != nil {
			return err
		}
	}
}

// cutLong takes up what stands after the last complete line: the beginning of a frame
// (head, if it is found), or too much. It reports whether more bytes are needed.
func (f *Framer) cutLong(head dlms.Head, found dlms.Found) (bool, error) {
	switch {
	case f.scan < record.MaxData && found == dlms.More:
		return true, nil
	case f.scan < record.MaxData && found == dlms.Yes:
		return false, f.begin(head)
	case len(f.buf) < record.MaxData:
		return true, nil
	}
	return false, f.overflow()
}

// learnParity looks at buf[from:to]. Where that shows parity bits, they are removed
// from the buffer, which must then be cut from its beginning.
func (f *Framer) learnParity(from, to int) bool {
	f.stream.parity = parityOf(f.buf[from:to])
	if f.stream.parity != parityEven {
		return false
	}
	f.takeParity()
	return true
}

// takeParity removes the parity bits from the buffer, which must then be cut from its
// beginning.
func (f *Framer) takeParity() {
	f.stream.parity = parityEven
	f.wire = append(f.wire[:0], f.buf...)
	removeParity(f.buf)
	f.restart()
}

// speaksAgainst reports whether the line buf[f.line:end] shows that bit 7 is something
// else than it was: the port may have been set otherwise, or the meter changed.
func (f *Framer) speaksAgainst(end int) bool {
	line := f.received(end)[f.line:]
	switch f.stream.parity {
	case parityNone:
		return hasHigh(line) && parityOf(line) == parityEven
	case parityEven:
		return parityOf(line) == parityNone
	}
	return false
}

// turnParity takes the complete lines of the buffer the other way. Those that speak for
// the way they were taken are ended first.
func (f *Framer) turnParity() error {
	spoke := 0
	for at := 0; at < f.line; {
		n := max(lineLen(f.buf[at:f.line]), 1)
		if parityOf(f.received(at + n)[at:]) == f.stream.parity {
			spoke = at + n
		}
		at += n
	}
	switch {
	case spoke > 0:
		return f.emit(spoke, noEnd)
	case f.stream.parity == parityEven:
		f.forgetParity()
		f.restart()
	default:
		f.takeParity()
	}
	return nil
}

// forgetParity puts the parity bits back, until the next line that shows them.
func (f *Framer) forgetParity() {
	copy(f.buf, f.wire)
	f.wire = f.wire[:0]
	f.stream.parity = parityUnknown
}

// received returns buf[:n] as it was received.
func (f *Framer) received(n int) []byte {
	if f.stream.parity == parityEven {
		return f.wire[:n]
	}
	return f.buf[:n]
}

// lineLen returns how long the line is that data begins with, its end included,
// or 0 where it is not complete yet. It ends after an LF, or after CRs that
// none follows: a log may have lost every LF, or have more than one CR.
func lineLen(data []byte) int {
	end := bytes.IndexByte(data, '\n') + 1
	text := data
	if end > 0 {
		text = data[:end]
	}
	cr := bytes.IndexByte(text, '\r')
	if cr < 0 {
		return end
	}
	for n := cr; n < len(text); n++ {
		switch text[n] {
		case '\r':
		case '\n':
			return end
		default:
			return n
		}
	}
	return end
}

// overflow ends a record that has become too long: before its last line, or,
// where that alone is too long, in the middle of it.
func (f *Framer) overflow() error {
	if f.line > 0 {
		return f.emit(f.line, noEnd)
	}
	return f.emit(record.MaxData, noEnd)
}

// addLine looks at the line buf[f.line:end], and emits what it ends. It may stop early,
// with the buffer to be cut from its beginning.
func (f *Framer) addLine(end int) error {
	for from := 0; f.line+from < end; {
		line := f.buf[f.line:end]
		b, ok := f.stream.boundary(line, from, !f.obis)
		if !ok {
			f.obis = f.obis || telegram.HasLine(line)
			f.line = end
			return nil
		}
		at, bang := f.line+b.at, noEnd
		from = 0
		if b.kind == telegramEnd {
			bang = f.line + b.mark
		}
		if at > 0 {
			if f.believe(at, bang) {
				return nil
			}
			if err := f.emit(at, bang); err != nil {
				return err
			}
			end -= at
		}
		switch b.kind {
		case headerStart:
			f.stream.learnHeader(f.buf[:end])
			from = 1 // another header may follow in the same line
		case loggerLine:
			err := f.emitNoise(end)
			f.forgetParity() // the port may have been set otherwise since
			return err
		}
	}
	f.line = end
	return nil
}

// finish ends what is in the buffer, as at the end of the input.
func (f *Framer) finish() error {
	for len(f.buf) > 0 {
		if err := f.finishOne(); err != nil {
			return err
		}
		if err := f.cut(); err != nil {
			return err
		}
	}
	return nil
}

// finishOne makes a step towards the end of the buffer, which holds nothing complete.
func (f *Framer) finishOne() error {
	switch {
	case f.mode == frameMode:
		_, err := f.takeFrame(true)
		return err
	case f.scan < len(f.buf):
		f.scan++ // the beginning of a frame that will not come
		return nil
	case f.stream.parity == parityUnknown && f.learnParity(0, len(f.buf)):
		return nil
	case f.line < len(f.buf):
		return f.addLine(len(f.buf))
	}
	return f.emit(len(f.buf), noEnd)
}

// noEnd is the place of a '!' that is missing.
const noEnd = -1

// emit makes a record of buf[:n]: a telegram where it holds an OBIS line, else
// noise. bang is the place of the '!' that ends it, or noEnd. Where a frame begins in
// what is no telegram, the buffer is to be cut from its beginning instead.
func (f *Framer) emit(n, bang int) error {
	if f.believe(n, bang) {
		return nil
	}
	text := f.buf[:n]
	if !f.obis && !telegram.HasLine(text[f.line:]) {
		return f.emitNoise(n)
	}
	t := f.stream.telegram(text, bang)
	if received := f.received(n); !bytes.Equal(received, text) { // else no bit 7 is set
		t.ReceivedRaw = bytes.Clone(received)
	}
	if bang != noEnd {
		f.stream.learnAlike(&t.Telegram, text, bang)
	}
	return f.emitTelegram(t, n)
}

// emitTelegram writes the record that was made of buf[:n].
func (f *Framer) emitTelegram(t *candidate, n int) error {
	t.Offset = f.base
	t.Time = f.timeOf(f.base)
	err := f.stream.decide(t, f.out)
	f.drop(n)
	return err
}

func (f *Framer) emitNoise(n int) error {
	r := &record.Noise{
		Origin: record.Origin{Source: f.stream.source, Session: f.stream.session, Offset: f.base},
		Live:   f.stream.live, Time: f.timeOf(f.base), Data: f.received(n),
	}
	f.stream.spoilt.add(r.Data)
	err := f.write(r)
	f.drop(n)
	return err
}

// drop takes buf[:n] away, which is in a record now.
func (f *Framer) drop(n int) {
	f.base += int64(n)
	f.buf = f.buf[n:]
	if len(f.wire) > 0 {
		f.wire = f.wire[:copy(f.wire, f.wire[n:])]
	}
	scanned := max(f.scan-n, 0)
	if f.mode == frameMode || f.doubt > 0 {
		scanned = 0 // what comes now was searched for something else
	}
	f.next = next{scan: scanned}
	for len(f.marks) > 1 && f.marks[1].offset <= f.base {
		f.marks = f.marks[:copy(f.marks, f.marks[1:])]
	}
	if len(f.buf) == 0 && len(f.marks) == 1 {
		f.marks = f.marks[:0]
	}
}

// timeOf returns when the chunk that holds the byte at that offset arrived; "" where that
// is not known.
func (f *Framer) timeOf(offset int64) string {
	for i := len(f.marks) - 1; i >= 0; i-- {
		if f.marks[i].offset <= offset {
			return f.marks[i].time
		}
	}
	return ""
}

// write writes a record that is no telegram, after those that are held back.
func (f *Framer) write(r record.Record) error { return f.stream.write(r, f.out) }

func (f *Framer) endStream() error {
	f.lastWords()
	return f.stream.end(f.out)
}
