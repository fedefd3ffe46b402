package frame

import (
	"bytes"
	"slices"

	"p1/pkg/channel"
	"p1/pkg/crc"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// stream is what is known of one source and session: who it is, whether its bytes
// carry parity bits, and whether its telegrams carry CRCs.
type stream struct {
	source, session string
	live            bool
	seq             int64
	parity          parity
	ciphers         ciphers
	spoilt          spoilt
	ident           string // how the header begins, without '/'; empty until one was seen
	say             func(text string)
	said            bool // that its CRC is unknown

	checks  checks
	bare    int // whole telegrams in a row that ended in a bare '!'
	digits  int // telegrams that ended in digits; where there are no CRCs, a bare one takes one off
	odd     oddHeader
	found   finding
	alike   alike
	whole   whole // of a meter none of whose CRCs has held
	learner learner
	logger  channel.LoggerFinder
	held    []held    // since the first bare '!', while undecided, or since a claim
	size    int       // bytes of held
	last    candidate // the one that was made last, in memory that all share
}

// candidate is a telegram whose status the stream may yet change.
type candidate struct {
	record.Telegram
	bang    int  // the place in Raw of the '!' that ends it, or noEnd
	bare    bool // it ends in a bare '!', and its lines keep the grammar
	verdict verdict
	claim   crc.Kind // by which it holds, where it claims
	labeled bool     // it waits only for a CRC to be found: else it is what it is
}

// held is a record that is held back: a telegram that is open, or one that is decided, or
// no telegram.
type held struct {
	record record.Record
	open   *candidate // nil where nothing is left to decide
}

// checks says whether the telegrams of a stream carry CRCs.
type checks int

const (
	undecided checks = iota
	withCRC
	withoutCRC
)

const (
	// severalBare telegrams in a row that end in a bare '!', and more of them than have
	// ended in digits, make a stream in which no CRC has held one without CRCs. As many
	// that end in digits, or one whose CRC holds, make it one with CRCs.
	severalBare = 3
	// manyWhole telegrams that look undamaged, while no CRC ever held, make the
	// CRC an unknown one.
	manyWhole = 10
	// manyLive telegrams none of which holds are enough to say so of a stream that may
	// have no end.
	manyLive = 100
	// manyLooked telegrams show how many of them look whole.
	manyLooked = 1000
	// fewDamaged is the share of damaged telegrams, as one in so many, that is more than
	// what looks whole by accident: of 1,000 on a slow line up to 124 did.
	fewDamaged = 4
	// maxHeld and maxHeldBytes bound what is held back while undecided, and
	// maxHeldLive what a claim holds back of a live stream.
	maxHeld      = 64
	maxHeldLive  = 3
	maxHeldBytes = 1 << 20
)

func newStream(c *record.Chunk, say func(string)) stream {
	if say == nil {
		say = func(string) {}
	}
	return stream{source: c.Source, session: c.Session, live: c.Live, say: say}
}

func (s *stream) same(o record.Origin) bool {
	return s.source == o.Source && s.session == o.Session
}

// endComplete reports whether a line, at a pause, can be a complete '!' line
// that lacks nothing but its line end.
func (s *stream) endComplete(line []byte) bool {
	n := bytes.LastIndexByte(line, '!')
	if n < 0 {
		return false
	}
	text := bytes.TrimRight(line[n:], "\r\n")
	return len(text) == 5 && telegram.SentCRC(text) != "" ||
		s.checks == withoutCRC && n == 0 && len(text) == 1
}

// telegram makes a record of a text that was received; bang is the place of the
// '!' that ends it, or noEnd. It is valid until the next one is made, and its Raw shares
// the text's memory unless CRs are put back.
func (s *stream) telegram(text []byte, bang int) *candidate {
	t := s.begin(text)
	if bytes.IndexByte(text, '\r') < 0 && bytes.IndexByte(text, '\n') >= 0 {
		raw := bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
		if len(raw) <= record.MaxTelegram {
			if bang != noEnd {
				bang += bytes.Count(text[:bang], []byte("\n"))
			}
			t.EOL, t.Raw = record.EOLLF, raw
		}
	}
	if bang = s.fill(&t.Telegram, bang); bang != noEnd {
		s.check(t, bang, s.found.kind.Sum(t.Raw[:bang+1]))
	}
	return t
}

// begin makes the record of the next telegram, bad as long as it is not checked.
func (s *stream) begin(text []byte) *candidate {
	s.seq++
	s.last = candidate{bang: noEnd, Telegram: record.Telegram{
		Origin: record.Origin{Source: s.source, Session: s.session},
		Live:   s.live, Seq: s.seq, Status: record.Bad, CRC: s.found.kind.Name(), Raw: text,
	}}
	return &s.last
}

// check tells whether the CRC of a telegram holds; sum is what the kind in force gives of
// the text up to its '!', which is at bang.
func (s *stream) check(t *candidate, bang int, sum uint16) {
	t.bang, t.CRCSent = bang, telegram.SentCRC(bytes.TrimRight(t.Raw[bang:], "\r\n"))
	kind, sum, v := s.found.check(t.Raw[:bang+1], t.CRCSent, sum)
	t.verdict, t.claim = v, s.found.claim.kind
	t.CRC, t.CRCCalc = kind.Name(), crc.Digits(sum)
	if v == holds {
		t.Status = record.OK
	}
	if kind == s.found.learned {
		t.Masked = channel.Masked(kind, t.Raw)
	}
}

// decide gives the telegram the status that depends on the stream, and writes
// it, or holds it back while that is not known.
func (s *stream) decide(t *candidate, out record.Writer) error {
	t.bare = wholeWithoutCRC(&t.Telegram)
	s.learn(t)
	switch {
	case s.found.claim.waits, s.checks == undecided && (t.bare || len(s.held) > 0 && !s.learns()):
		return s.holdOpen(t, out)
	case s.learns():
		s.label(t)
		t.labeled = true
		return s.holdOpen(t, out)
	}
	if len(s.held) > 0 {
		if err := s.release(out); err != nil {
			return err
		}
	}
	s.label(t)
	return out.Write(&t.Telegram)
}

// learn follows what the telegram shows of the stream's CRCs.
func (s *stream) learn(t *candidate) {
	switch {
	case t.Status == record.OK:
		s.learnOK(t)
	case t.CRCSent != "":
		s.bare = 0
		if s.digits++; s.digits == severalBare {
			s.checks = withCRC
		}
	case t.bare:
		s.learnBare(t.Raw)
	}
	if t.Status != record.OK {
		s.learnFailed(t)
	}
}

// learnFailed follows what telegrams that do not hold show: whether their CRC is one
// that nobody knows.
func (s *stream) learnFailed(t *candidate) {
	if s.whole.n == manyWhole && s.whole.among >= manyLooked {
		return
	}
	s.whole.among++
	learned := s.learner.of(t.Raw)
	known := !s.found.foreign(t.Raw) && s.found.trust == firm // one alone may have held by accident
	if t.verdict != fails || !learned && known || !looksWhole(t.Raw, t.CRCSent) {
		return
	}
	if s.learnKind(t); learned {
		return
	}
	if s.whole.n < manyWhole {
		s.whole.add(t.Raw[:bytes.LastIndexByte(t.Raw, '!')+1], t.CRCSent)
		s.logger.Add(bytes.Clone(t.Raw), t.CRCSent)
	} else {
		s.whole.more++
	}
	if s.live && s.found.trust == 0 && s.whole.among >= manyLive {
		s.sayUnknown()
	}
}

// learnOK follows a telegram whose CRC holds.
func (s *stream) learnOK(t *candidate) {
	s.checks, s.bare, s.digits = withCRC, 0, 0
	s.learner.rest = nil
	if s.whole.of(t.Raw) {
		s.whole = whole{}
	}
}

// learnBare follows a telegram that ends in a bare '!' and whose lines keep the grammar.
func (s *stream) learnBare(raw []byte) {
	s.odd.learn(raw)
	if !s.known(raw) {
		return
	}
	s.bare++
	switch {
	case s.checks == withoutCRC:
		s.digits = max(s.digits-1, 0)
	case s.found.trust > 0:
		if s.bare == severalBare {
			s.sayBare()
		}
	case s.bare >= severalBare && s.bare > s.digits:
		s.checks, s.digits = withoutCRC, 0
	}
}

// sayBare tells of several telegrams in a row that end in a bare '!', after others
// that do not.
func (s *stream) sayBare() {
	s.say(s.source + ": telegrams without a CRC come after others that have one: they are bad, since nothing shows whether they are damaged; if another meter sent them, give its log as a source of its own")
}

// sayUnknown says once that the CRC is unknown, where that is so to the end of the
// stream: telegrams that are damaged may look whole, too, but few of them do. Where the
// logger is to blame there is nothing to worry about: p1fix undoes what it did.
func (s *stream) sayUnknown() {
	w := &s.whole
	if s.said || w.n < manyWhole || (w.n+w.more)*fewDamaged < w.among || s.found.trust > 0 && sameHeader(w.header, s.found.header) {
		return
	}
	if _, found := s.logger.Found(); !found {
		s.said = true
		s.say(w.words(s.source))
	}
}

// label sets the status and the kind of CRC that the stream's telegrams have.
func (s *stream) label(t *candidate) {
	switch {
	case s.lacksCRC():
		t.CRC, t.CRCCalc = record.CRCNone, ""
		if t.bare && s.known(t.Raw) && (t.Cipher != "" || parityHolds(t.ReceivedRaw)) {
			t.Status = record.Unchecked
		}
	case t.Status == record.Bad && s.whole.n == manyWhole && (s.found.trust == 0 || s.whole.of(t.Raw)):
		t.CRC = record.CRCUnknown
	}
}

// lacksCRC reports whether the stream carries no CRCs, as far as it is known: one
// telegram will do where nothing speaks against it.
func (s *stream) lacksCRC() bool {
	return s.checks == withoutCRC || s.checks == undecided && s.bare > 0 && s.digits == 0
}

// known reports whether a telegram without a CRC begins with a header that the stream's
// meters have, which is one of the standard's, or another one where there are none of these
// or it comes again: else it may be a damaged one.
func (s *stream) known(raw []byte) bool {
	return s.ident == "" || keepsStandard(raw) || s.odd.again && bytes.Equal(untilEOL(raw), s.odd.header)
}

// oddHeader is the last header of a telegram without a CRC that does not keep the standard.
type oddHeader struct {
	header []byte
	again  bool // it was seen more than once
}

func (o *oddHeader) learn(raw []byte) {
	if header := untilEOL(raw); !keepsStandard(raw) {
		o.again = bytes.Equal(header, o.header)
		o.header = append(o.header[:0], header...)
	}
}

// holdOpen keeps a telegram back about which the stream has not decided.
func (s *stream) holdOpen(t *candidate, out record.Writer) error {
	kept := *t
	kept.Telegram = *record.Keep(&t.Telegram).(*record.Telegram)
	return s.hold(held{&kept.Telegram, &kept}, out)
}

// hold keeps a record back while the stream is undecided; too many are let go
// as bad.
func (s *stream) hold(h held, out record.Writer) error {
	s.held = append(s.held, h)
	if data, err := record.Received(h.record); err == nil {
		s.size += len(data)
	}
	most := maxHeld
	if s.live && s.found.claim.waits {
		most = maxHeldLive
	}
	if len(s.held) > most || s.size > maxHeldBytes {
		return s.release(out)
	}
	return nil
}

// waitsForMore reports whether records are held back until more of the stream shows
// whether it carries CRCs, and nothing else is waited for.
func (s *stream) waitsForMore() bool {
	return len(s.held) > 0 && !s.found.claim.waits
}

// learns reports whether telegrams are held back until the CRC of the meter is found.
func (s *stream) learns() bool { return s.found.trust == 0 && s.learner.waits() }

// write writes a record that is decided, or no telegram, after what is held back.
func (s *stream) write(r record.Record, out record.Writer) error {
	if len(s.held) > 0 {
		return s.hold(held{record: record.Keep(r)}, out)
	}
	return out.Write(r)
}

// end writes what is held back when the stream ends.
func (s *stream) end(out record.Writer) error {
	s.found.end()
	if s.learns() {
		s.findKind(true)
	}
	s.sayUnknown()
	return s.release(out)
}

// release writes what was held back. A claim that is not believed by now is not waited
// for any longer.
func (s *stream) release(out record.Writer) error {
	list := s.held
	s.held, s.size, s.found.claim.waits = nil, 0, false
	s.learner.over = true
	s.settle(list)
	s.verify(list)
	for _, h := range list {
		if h.open != nil && !h.open.labeled {
			s.label(h.open)
		}
		if err := out.Write(h.record); err != nil {
			return err
		}
	}
	return nil
}

// settle makes those of a list ok that hold by a kind which is believed by now: the stream
// carries CRCs then. Those after them that hold by none are calculated by that kind.
func (s *stream) settle(list []held) {
	kind, changed := s.found.kind, false
	for _, h := range list {
		t := h.open
		switch {
		case t == nil:
		case t.verdict == claims && slices.Contains(s.found.believed, t.claim):
			t.Status, t.verdict, kind, changed = record.OK, holds, t.claim, true
			s.learnOK(t)
			fallthrough
		case changed && t.verdict != holds:
			t.CRC = kind.Name()
			if t.bang != noEnd {
				t.CRCCalc = kind.Digits(t.Raw[:t.bang+1])
			}
		case t.verdict == holds:
			changed = false
		}
	}
}
