package sim

import (
	"bytes"
	"crypto/cipher"
	"io"
	"time"
)

// A Transmission is one telegram on its way from the meter into the log.
type Transmission struct {
	Seq      int       // counted from 1
	Clock    time.Time // the local time; what the telegram shows may differ, see Options.Clock
	Sent     []byte    // what the meter sent, parity not counted
	Plain    []byte    // the telegram: where it is encrypted, that in the frame that Sent is, else Sent itself
	Pauses   []int     // offsets in Sent before which the line was idle
	Received []byte    // what the receiver's driver delivered
	Logged   []byte    // what stands in the log; the first includes the logger's header line
	Hits     int       // bytes that the line changed, removed or added
	Spoilt   int       // characters of Sent that were changed or removed
	Struck   int       // characters of Sent that the line did something to, whether it shows or not
}

// A Stream is a simulated capture. It can be taken transmission by transmission
// with Next, or read as the log that they form; both advance the same stream.
type Stream struct {
	options Options
	model   model
	media   []medium
	house   *house
	dialect dialect
	bus     bus
	gcm     cipher.AEAD // where what the meter sends is encrypted
	sealer  *sealer
	line    *line
	logger  logger
	crcs    dice  // draws the CRCs, where they are to be random ones
	left    int   // transmissions to come
	seq     int   // transmissions so far
	now     int64 // the meter's clock, in Unix time
	reset   int64 // when that clock fell to 2000
	steps   int64 // meter periods from one transmission to the next
	room    int   // what the last telegram took
	unread  []byte

	replaceAt, replaceGasAt int64 // when another meter comes
	failAt                  int64 // when the power fails
	offAt                   int64 // when the logger is switched off
}

// New begins a stream. Empty fields of o take their defaults.
func New(o Options) (*Stream, error) {
	o, err := o.resolve()
	if err != nil {
		return nil, err
	}
	m, err := findModel(o.Meter)
	if err != nil {
		return nil, err
	}
	media, err := o.media()
	if err != nil {
		return nil, err
	}
	log, err := findLogger(o.Logger)
	if err != nil {
		return nil, err
	}
	l, err := newLine(o, m)
	if err != nil {
		return nil, err
	}
	begin := o.Start.Unix() - m.period // the first telegram shows one period
	first := begin
	if !o.Since.IsZero() {
		first -= (o.Start.Unix() - o.Since.Unix()) / m.period * m.period
	}
	s := &Stream{
		options: o,
		model:   m,
		media:   media,
		house:   newHouse(newDice(o.Seed, forHouse), first, !o.NoPV, o.Car),
		line:    l,
		logger:  log,
		crcs:    newDice(o.Seed, forCRC),
		left:    o.Telegrams,
		now:     first,
		steps:   max(int64(o.Every/time.Second)/m.period, 1),

		replaceAt:    momentOf(o.Replace),
		replaceGasAt: momentOf(o.GasReplace),
		failAt:       momentOf(o.Failure),
		offAt:        momentOf(o.Off),
	}
	if m.title != "" && o.Cipher == "on" {
		if s.gcm, err = newGCM(demoKey); err != nil {
			return nil, err
		}
	}
	s.install(forMeter)
	for s.now < begin {
		s.step()
	}
	return s, nil
}

// Next returns the next transmission, and false after the last one.
func (s *Stream) Next() (Transmission, bool) {
	if s.left == 0 {
		return Transmission{}, false
	}
	s.left--
	s.live()
	text := telegram{
		text:    make([]byte, 0, s.room),
		zone:    s.model.zone,
		shown:   s.shown(),
		message: s.message(),
		limiter: s.options.Limiter,
	}
	s.dialect.write(&text, s.house, s.now)
	s.room = cap(text.text)
	s.resign(&text)
	t := Transmission{
		Seq:    s.seq,
		Clock:  s.model.zone.local(s.now),
		Sent:   text.text,
		Plain:  text.text,
		Pauses: text.pauses,
	}
	if s.sealer != nil {
		t.Sent, t.Pauses = s.sealer.seal(t.Plain), []int{0}
	}
	var done damage
	t.Received, done = s.line.carry(t.Sent, t.Pauses)
	t.Hits, t.Spoilt, t.Struck = done.hits, done.spoilt, done.struck
	t.Logged = s.logger.keep(t.Received)
	if s.seq == 1 {
		t.Logged = append(s.logger.opening(t.Clock), t.Logged...)
	}
	return t, true
}

// resign makes another CRC of a telegram's, where that is asked for.
func (s *Stream) resign(t *telegram) {
	digits := t.text[max(len(t.text)-len("FFFF\r\n"), 0):]
	switch s.options.CRC {
	case "lower":
		copy(digits, bytes.ToLower(digits))
	case "random":
		t.sign(uint16(s.crcs.below(1 << 16)))
	case "unpadded":
		zeros := 0
		for zeros < 3 && digits[zeros] == '0' {
			zeros++
		}
		t.text = append(t.text[:len(t.text)-len(digits)], digits[zeros:]...)
	}
}

// live lets house and meter go on until the next transmission. A meter sends while
// nobody listens, so the frames of an encrypted one count on.
func (s *Stream) live() {
	steps := s.steps
	if s.seq == 0 {
		steps = 1
	}
	s.seq++
	for range steps {
		s.step()
	}
	s.switchOff()
}

// step lets house and meter go on by one of the meter's periods.
func (s *Stream) step() {
	from := s.now
	s.now += s.model.period
	s.house.step(s.now)
	s.dialect.count(s.house, from, s.now)
	s.bus.count(s.house, from, s.now)
	if s.sealer != nil {
		s.sealer.counter++
	}
	s.replaceMeters()
	s.failPower()
}

// Read reads the log.
func (s *Stream) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(s.unread) == 0 {
		t, ok := s.Next()
		if !ok {
			return 0, io.EOF
		}
		s.unread = t.Logged
	}
	n := copy(p, s.unread)
	s.unread = s.unread[n:]
	return n, nil
}
