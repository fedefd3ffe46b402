package tables

import (
	"fmt"
	"strings"
	"time"

	"p1/pkg/telegram"
)

// timekeeper takes the clocks of meters and gives the moments they stand for,
// with words on what is odd of them.
//
// A meter that says neither S nor W shows the time of a zone. In the hour that
// autumn repeats, such a time stands for two moments. Which of them is meant is
// told by the host's time where that is known, else by the clock itself: it runs
// through that hour once, goes back, and runs through it again.
//
//	02:59:50    02:00:00       02:59:50    03:00:00
//	first, +02:00  └ went back: second, +01:00
type timekeeper struct {
	zone   *time.Location // nil where it is not known
	meters perMeter[shown]
	say    func(string) // of a table that has no column for the words; nil once it was said
}

// shown is what a meter's clock showed last.
type shown struct {
	any    bool
	clock  telegram.Clock // in the zone, where that is known
	wall   time.Time      // as the clock shows it, as if it were UTC
	twice  bool           // wall occurs twice
	second bool           // and it is the second time
	sure   bool           // which is told, not guessed
}

// oddities are what is odd of a clock.
type oddities struct {
	unread    string        // there is none that can be read: why
	ambiguous bool          // it stands for two moments, and the first one is a guess
	never     bool          // in its zone there is no such time
	reset     bool          // it was never set
	back      time.Duration // how far it went back
	ahead     time.Duration // of the host, negative where it is behind
}

// tellsApart is how far a clock must go back in the repeated hour for that to be
// its second pass, and no correction.
const tellsApart = time.Minute

// follows is how long after another reading one is surely of the same pass.
const follows = time.Minute

// ownTime is how far a clock may be from the host's before that is odd.
const ownTime = time.Minute

// read returns the moment for a clock of a meter. host is when the telegram came
// in, zero where that is not known. What is not to be relied on is not kept.
func (k *timekeeper) read(meter string, c telegram.Clock, host time.Time, keep bool) (telegram.Clock, oddities) {
	wall := asUTC(c.Time)
	now := shown{any: true, clock: c, wall: wall, sure: true}
	odd := oddities{reset: c.IsReset()}
	last := k.meters.of(meter)
	if k.zone != nil {
		var often telegram.Occurrence
		now.clock, often = c.In(k.zone)
		odd.never = often == telegram.Never
		if often == telegram.Twice {
			now.twice = true
			now.choose(c.Second(k.zone), *last, host)
			odd.ambiguous = !now.sure
		}
	}
	if last.any && (last.clock.Season == 0) == (now.clock.Season == 0) && now.clock.Time.Before(last.clock.Time) {
		odd.back = last.clock.Time.Sub(now.clock.Time)
	}
	if now.clock.Season != 0 && !host.IsZero() {
		odd.ahead = now.clock.Time.Sub(host)
	}
	if odd.ambiguous && k.say != nil {
		k.say(fmt.Sprintf("the time %s comes twice that night, and which one is meant cannot be told: the first is taken; "+
			"the column clock (--columns) shows each such row", wall.Format("2006-01-02 15:04:05")))
		k.say = nil
	}
	if keep {
		*last = now
	}
	return now.clock, odd
}

// choose decides for a time that occurs twice which one is meant.
func (s *shown) choose(second telegram.Clock, last shown, host time.Time) {
	first := s.clock
	fromFirst, fromSecond := first.Time.Sub(host).Abs(), second.Time.Sub(host).Abs()
	step := s.wall.Sub(last.wall)
	switch {
	case !host.IsZero() && min(fromFirst, fromSecond) < 30*time.Minute:
		s.second = fromSecond < fromFirst
	case last.any && last.twice && step.Abs() < time.Hour:
		s.second = last.second || -step >= tellsApart
		s.sure = last.sure && (last.second || step <= follows) || s.second && !last.second
	case last.any && step > 0 && step <= follows:
		// It has just come into this hour.
	default:
		s.sure = false
	}
	if s.second {
		s.clock = second
	}
}

// asUTC is what a clock shows, as if it were UTC.
func asUTC(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// words are empty for a clock of which nothing is odd.
func (o oddities) words() string {
	var list []string
	add := func(is bool, words string) {
		if is {
			list = append(list, words)
		}
	}
	add(o.unread != "", o.unread)
	add(o.reset, "reset")
	add(o.never, "no such time")
	add(o.ambiguous, "ambiguous")
	if o.back > 0 {
		list = append(list, "went back by "+span(o.back))
	}
	switch {
	case o.ahead > ownTime:
		list = append(list, "ahead of host by "+span(o.ahead))
	case -o.ahead > ownTime:
		list = append(list, "behind host by "+span(-o.ahead))
	}
	return strings.Join(list, ", ")
}

// span writes how long something is, in whole units.
func span(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d days", d/(24*time.Hour))
}
