package sim

import (
	"math"
	"time"
)

// maxMessage is how many bytes a message has at most (P1 companion standard 5.0.2,
// §6).
const maxMessage = 1024

// Clocks lists what the meter's clock may do. Only the clock line shows it: tariffs,
// the times of M-Bus readings and the ends of months stay right.
//
//	jump   it is ten minutes fast in the middle third of the telegrams
//	old    it is a hundred days slow all the time
//	reset  it begins at 2000-01-01T00:00:00 and goes on from there in the middle third
//	right
func Clocks() []string { return []string{"jump", "old", "reset", "right"} }

// How wrong clocks are, in seconds.
const (
	jumpAhead = 600
	oldBehind = 100 * 86400
)

// shown is what the meter's clock shows.
func (s *Stream) shown() int64 {
	switch {
	case s.options.Clock == "old":
		return s.now - oldBehind
	case s.options.Clock == "jump" && s.inMiddle():
		return s.now + jumpAhead
	case s.options.Clock == "reset" && s.inMiddle():
		if s.reset == 0 {
			s.reset = s.now
		}
		return s.model.zone.monthBegin(newYear2000) + s.now - s.reset
	}
	return s.now
}

// newYear2000 is within the first day of 2000, by the clock of any meter here.
const newYear2000 = 946_728_000

// message is what the meter tells the household.
func (s *Stream) message() string {
	if s.inMiddle() {
		return s.options.Message
	}
	return ""
}

// inMiddle tells whether the transmission is in the middle third of the capture; of
// one or two it is all.
func (s *Stream) inMiddle() bool {
	third := s.options.Telegrams / 3
	return s.seq > third && s.seq <= s.options.Telegrams-third
}

// never is a time that does not come.
const never = math.MaxInt64

// momentOf is a time of the options, zero meaning never.
func momentOf(t time.Time) int64 {
	if t.IsZero() {
		return never
	}
	return t.Unix()
}

// replaceMeters puts new meters in the place of old ones, where it is time.
func (s *Stream) replaceMeters() {
	if s.now >= s.replaceAt {
		s.replaceAt = never
		s.install(forReplacement)
	}
	if s.now >= s.replaceGasAt {
		s.replaceGasAt = never
		s.bus.replaceGas(newDice(s.options.Seed, forReplacementGas), s.now)
	}
}

// longestFailure of the power, in seconds.
const longestFailure = 100 * 86400

// A failureLog notes failures of the power.
type failureLog interface {
	fail(end, seconds int64)
}

// failPower lets the power fail, if it is time. The clock goes on, and with it
// quarter-hours and months; nothing is drawn meanwhile.
func (s *Stream) failPower() {
	if s.now < s.failAt {
		return
	}
	s.failAt = never
	seconds := int64(s.options.FailureFor / time.Second)
	for end := s.now + seconds; s.now < end; {
		from := s.now
		s.now = min(end, from-from%quarterHour+quarterHour)
		s.dialect.count(&house{}, from, s.now)
		s.bus.count(&house{}, from, s.now)
	}
	if l, ok := s.dialect.(failureLog); ok {
		l.fail(s.now, seconds)
	}
}

// switchOff lets the meter go on while nobody listens, if it is time.
func (s *Stream) switchOff() {
	if s.now < s.offAt {
		return
	}
	s.offAt = never
	for end := s.now + int64(s.options.OffFor/time.Second); s.now < end; {
		s.step()
	}
}

// install puts a meter in place. All but the first are new.
func (s *Stream) install(purpose uint64) {
	fresh := s.dialect != nil
	d := newDice(s.options.Seed, purpose)
	s.dialect = s.model.build(setup{
		dice:   d,
		begin:  s.now,
		pv:     !s.options.NoPV,
		fresh:  fresh,
		bus:    &s.bus,
		media:  s.media,
		forBus: newDice(s.options.Seed, forBus),
	})
	if s.gcm != nil {
		s.sealer = newSealer(s.gcm, d, s.model.title, fresh, s.options.Tag)
	}
}
