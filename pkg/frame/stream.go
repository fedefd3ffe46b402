package frame

import (
	"bytes"

	"p1/pkg/channel"
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
	ident           string // how the header begins, without '/'; empty until one was seen
	say             func(text string)
	said            bool // that its CRC is unknown

	checks checks
	bare   int // whole telegrams that ended in a bare '!', while undecided
	digits int // telegrams that ended in digits in a row, while there are no CRCs
	found  finding
	alike  alike
	whole  whole // of a meter none of whose CRCs has held
	logger channel.LoggerFinder
	held   []record.Record // since the first bare '!', while undecided
	size   int             // bytes of held
	last   record.Telegram // the one that was made last, in memory that all share
}

// checks says whether the telegrams of a stream carry CRCs.
type checks int

const (
	undecided checks = iota
	withCRC
	withoutCRC
)

const (
	// severalBare telegrams that end in a bare '!' make a stream one without
	// CRCs; as many in a row with digits make it one with CRCs again.
	severalBare = 3
	// manyWhole telegrams that look undamaged, while no CRC ever held, make the
	// CRC an unknown one.
	manyWhole = 10
	// maxHeld and maxHeldBytes bound what is held back while undecided.
	maxHeld      = 64
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
	text := bytes.TrimRight(line[n:], "\r")
	return len(text) == 5 && telegram.SentCRC(text) != "" ||
		s.checks == withoutCRC && n == 0 && len(text) == 1
}

// telegram makes a record of a text that was received; bang is the place of the
// '!' that ends it, or noEnd. It is valid until the next one is made, and its Raw shares
// the text's memory unless CRs are put back.
func (s *stream) telegram(text []byte, bang int) *record.Telegram {
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
	if bang != noEnd {
		s.check(t, bang, s.found.kind.Sum(t.Raw[:bang+1]))
	}
	return t
}

// begin makes the record of the next telegram, bad as long as it is not checked.
func (s *stream) begin(text []byte) *record.Telegram {
	s.seq++
	s.last = record.Telegram{
		Origin: record.Origin{Source: s.source, Session: s.session},
		Live:   s.live, Seq: s.seq, Status: record.Bad, CRC: s.found.kind.Name(), Raw: text,
	}
	return &s.last
}

// check tells whether the CRC of a telegram holds; sum is what the kind found gives of
// the text up to its '!', which is at bang.
func (s *stream) check(t *record.Telegram, bang int, sum uint16) {
	t.CRCSent = telegram.SentCRC(untilEOL(t.Raw[bang:]))
	kind, sum, holds := s.found.check(t.Raw[:bang+1], t.CRCSent, sum)
	t.CRC, t.CRCCalc = kind.Name(), record.Digits(sum)
	if holds {
		t.Status = record.OK
	}
}

// decide gives the telegram the status that depends on the stream, and writes
// it, or holds it back while that is not known.
func (s *stream) decide(t *record.Telegram, out record.Writer) error {
	bare := wholeWithoutCRC(t)
	s.learn(t, bare)
	switch {
	case s.checks == undecided && (bare || len(s.held) > 0):
		return s.hold(t, out)
	case s.checks != undecided && len(s.held) > 0:
		if err := s.release(out); err != nil {
			return err
		}
	}
	s.label(t)
	return out.Write(t)
}

// learn follows what the telegram shows of the stream's CRCs.
func (s *stream) learn(t *record.Telegram, bare bool) {
	switch {
	case t.Status == record.OK:
		s.checks, s.bare = withCRC, 0
		if s.whole.of(t.Raw) {
			s.whole = whole{}
		}
	case t.CRCSent != "" && s.checks == undecided:
		s.checks = withCRC
	case t.CRCSent != "" && s.checks == withoutCRC:
		if s.digits++; s.digits == severalBare {
			s.checks = withCRC
		}
	case bare && s.checks == undecided:
		if s.bare++; s.bare == severalBare {
			s.checks = withoutCRC
		}
	case bare && s.checks == withCRC:
		if s.bare++; s.bare == severalBare {
			s.sayBare()
		}
	case bare:
		s.digits = 0
	}
	if t.Status != record.OK && s.whole.n < manyWhole && s.found.foreign(t.Raw) && looksWhole(t.Raw, t.CRCSent) {
		s.whole.add(t.Raw[:bytes.LastIndexByte(t.Raw, '!')+1], t.CRCSent)
		s.logger.Add(bytes.Clone(t.Raw), t.CRCSent)
		s.sayUnknown()
	}
}

// sayBare tells of several telegrams in a row that end in a bare '!', behind others
// that do not.
func (s *stream) sayBare() {
	s.say(s.source + ": telegrams without a CRC stand behind others that have one: they are bad, since nothing tells whether they are damaged; what another meter has sent is read as a source of its own")
}

// sayUnknown says once that the CRC is unknown, unless the logger is to blame, which
// is nothing to worry about: p1fix undoes what it did.
func (s *stream) sayUnknown() {
	if _, found := s.logger.Found(); !found && s.whole.n == manyWhole && !s.said {
		s.said = true
		s.say(s.whole.words(s.source))
	}
}

// label sets the status and the kind of CRC that the stream's telegrams have.
func (s *stream) label(t *record.Telegram) {
	switch {
	case s.checks == withoutCRC:
		t.CRC, t.CRCCalc = record.CRCNone, ""
		if wholeWithoutCRC(t) && (t.Cipher != "" || parityHolds(t.ReceivedRaw)) {
			t.Status = record.Unchecked
		}
	case t.Status == record.Bad && s.whole.n == manyWhole && (s.found.trust == 0 || s.whole.of(t.Raw)):
		t.CRC = record.CRCUnknown
	}
}

// wholeWithoutCRC reports whether a telegram keeps the grammar and ends in a bare
// '!'.
func wholeWithoutCRC(t *record.Telegram) bool {
	return t.CRCSent == "" && endsBare(t.Raw) && telegram.Check(t.Raw) == nil
}

// endsBare reports whether the last line is a lone '!'.
func endsBare(raw []byte) bool {
	return bytes.HasSuffix(raw, []byte("\n!\r\n")) || bytes.HasSuffix(raw, []byte("\n!"))
}

// hold keeps a record back while the stream is undecided; too many are let go
// as bad.
func (s *stream) hold(r record.Record, out record.Writer) error {
	s.held = append(s.held, record.Keep(r))
	if data, err := record.Received(r); err == nil {
		s.size += len(data)
	}
	if len(s.held) > maxHeld || s.size > maxHeldBytes {
		return s.release(out)
	}
	return nil
}

// write writes a record that is no telegram, behind what is held back.
func (s *stream) write(r record.Record, out record.Writer) error {
	if len(s.held) > 0 {
		return s.hold(r, out)
	}
	return out.Write(r)
}

// release writes what was held back.
func (s *stream) release(out record.Writer) error {
	held := s.held
	s.held, s.size = nil, 0
	for _, r := range held {
		if t, ok := r.(*record.Telegram); ok && t.CRC != record.CRCNone && t.CRC != record.CRCUnknown { // else that is settled
			s.label(t)
		}
		if err := out.Write(r); err != nil {
			return err
		}
	}
	return nil
}
