package meter

import (
	"io"
	"time"
)

// A Transmission is one telegram on its way from the meter into the log.
type Transmission struct {
	Seq      int       // counted from 1
	Clock    time.Time // the meter's local time
	Sent     []byte    // what the meter sent, parity not counted
	Pauses   []int     // offsets in Sent before which the line was idle
	Received []byte    // what the receiver's driver delivered
	Logged   []byte    // what stands in the log; the first includes the logger's header line
	Hits     int       // bytes that the line changed, removed or added
}

// A Stream is a simulated capture. It can be taken transmission by transmission
// with Next, or read as the log that they form; both advance the same stream.
type Stream struct {
	model   model
	house   *house
	dialect dialect
	line    *line
	logger  logger
	crcs    *dice // draws the CRCs, where they are to be random ones
	left    int   // transmissions to come
	seq     int   // transmissions so far
	now     int64 // the meter's clock, in Unix time
	steps   int64 // meter periods from one transmission to the next
	unread  []byte
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
	log, err := findLogger(o.Logger)
	if err != nil {
		return nil, err
	}
	l, err := newLine(o, m)
	if err != nil {
		return nil, err
	}
	begin := o.Start.Unix() - m.period // the first telegram shows one period
	s := &Stream{
		model:   m,
		house:   newHouse(newDice(o.Seed, forHouse), begin, !o.NoPV),
		dialect: m.build(newDice(o.Seed, forMeter), begin, !o.NoPV),
		line:    l,
		logger:  log,
		left:    o.Telegrams,
		now:     begin,
		steps:   max(int64(o.Every/time.Second)/m.period, 1),
	}
	if o.CRC == "random" {
		d := newDice(o.Seed, forCRC)
		s.crcs = &d
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
	text := s.dialect.telegram(s.house, s.now)
	if s.crcs != nil {
		text.sign(uint16(s.crcs.below(1 << 16)))
	}
	t := Transmission{
		Seq:    s.seq,
		Clock:  local(s.now),
		Sent:   text.text,
		Pauses: text.pauses,
	}
	t.Received, t.Hits = s.line.carry(text)
	t.Logged = s.logger.keep(t.Received)
	if s.seq == 1 {
		t.Logged = append(s.logger.opening(t.Clock), t.Logged...)
	}
	return t, true
}

// live lets house and meter go on until the next transmission.
func (s *Stream) live() {
	steps := s.steps
	if s.seq == 0 {
		steps = 1
	}
	s.seq++
	for range steps {
		from := s.now
		s.now += s.model.period
		s.house.step(s.now)
		s.dialect.count(s.house, from, s.now)
	}
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
