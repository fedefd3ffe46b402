package tables

import (
	"cmp"
	"slices"
	"time"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// unfold puts telegrams in the order in which they were sent where a clock shows each time
// twice: in the hour that autumn repeats, if it says neither S nor W, and where it was set
// back. The registers tell the two passes apart, as they only rise.
//
//	by clock      02:00  02:00  02:10  02:10  02:20  02:20
//	kWh           5.1    6.4    5.3    6.5    5.5    6.6
//	unfolded      02:00  02:10  02:20  02:00  02:10  02:20
//	kWh           5.1    5.3    5.5    6.4    6.5    6.6
//
// It holds the telegrams of an hour.
type unfold struct {
	rows  rows
	o     *Options
	words dictionary
	back  stretches // in which a clock was set back
	until int64     // when what is held is over
	hour  []*statement
}

// maxHour is how many telegrams of an hour are held; a meter sends one a second at most.
const maxHour = 4000

// holds reports whether a clock may show a time twice, so that what is made of telegrams
// depends on which is which. Spans are of the clock's time, whatever it showed, if the
// zone does not tell two of them apart.
func (u *unfold) holds(p turn) bool {
	switch {
	case !p.own:
		return false
	case u.o.Every == 0:
		return p.floating || u.back.cover(p.at)
	case !p.floating:
		return false
	case u.o.Zone == nil:
		return u.o.Every >= time.Hour // all of the hour is in one span
	}
	_, often := telegram.Clock{Time: time.Unix(p.at, 0).UTC()}.In(u.o.Zone)
	return often == telegram.Twice
}

// take hands on a telegram, at once if its clock shows its time once.
func (u *unfold) take(p turn, from *record.Telegram) error {
	if p.at >= u.until || len(u.hour) == maxHour || !p.own { // one without a clock follows them
		if err := u.end(); err != nil {
			return err
		}
	}
	if !u.holds(p) {
		return u.rows.take(from)
	}
	if len(u.hour) == 0 {
		u.until = u.endOf(p)
	}
	var m moment
	m.read(from, nil)
	now := state(m, u.words)
	now.said = nil // takes more than all the rest
	u.hour = append(u.hour, now)
	return nil
}

// endOf is when that is over which is held from a telegram on.
func (u *unfold) endOf(p turn) int64 {
	last := p.at
	if p.floating {
		last += hour - 1 - (p.at%hour+hour)%hour
	}
	return u.back.reachOf(last, 0) + 1
}

// end hands on what is held.
func (u *unfold) end() error {
	for _, m := range u.sent() {
		if err := u.rows.take(m.from); err != nil {
			return err
		}
	}
	clear(u.hour)
	u.hour = u.hour[:0]
	return nil
}

// sent is what is held, in the order in which it was sent: meter by meter where the hour
// of one is repeated, else by the clock.
func (u *unfold) sent() []*statement {
	of := map[string][]*statement{}
	var meters []string
	for _, m := range u.hour {
		if of[m.meter] == nil {
			meters = append(meters, m.meter)
		}
		of[m.meter] = append(of[m.meter], m)
	}
	var list []*statement
	repeated := false
	for _, meter := range meters {
		passes, ok := twoPasses(of[meter])
		repeated = repeated || ok
		list = append(list, passes...)
	}
	if !repeated {
		return u.hour
	}
	return list
}

// twoPasses puts the telegrams of an hour, which are in the order of their clocks, in that
// of their registers, if the clock then runs through the hour twice.
func twoPasses(hour []*statement) (sent []*statement, ok bool) {
	sent = slices.Clone(hour)
	energy := energyOf(hour)
	slices.SortStableFunc(sent, func(a, b *statement) int { return cmp.Compare(energy[a], energy[b]) })
	back := 0
	for from, to := 0, 0; from < len(sent); from = to {
		for to = from; to < len(sent) && energy[sent[to]] == energy[sent[from]]; to++ {
		}
		if from > 0 {
			goOn(sent[from:to], sent[from-1].clock.Time)
		}
		for i := max(from, 1); i < to; i++ {
			if sent[i].clock.Time.Before(sent[i-1].clock.Time) {
				back++
			}
		}
	}
	if back != 1 {
		return hour, false
	}
	return sent, true
}

// energyOf is what the registers of each telegram show. One that lacks some of them, as a
// doubted line is left out, stands with the one before it.
func energyOf(hour []*statement) map[*statement]int64 {
	most := 0
	for _, m := range hour {
		most = max(most, len(m.counters))
	}
	of := map[*statement]int64{}
	last := int64(0)
	for _, m := range hour {
		if len(m.counters) == most {
			last = m.energy()
		}
		of[m] = last
	}
	return of
}

// goOn puts telegrams with the same registers, in which the second pass may have begun, so
// that they go on from a time.
func goOn(list []*statement, after time.Time) {
	first := slices.IndexFunc(list, func(m *statement) bool { return !m.clock.Time.Before(after) })
	if first > 0 {
		copy(list, append(slices.Clone(list[first:]), list[:first]...))
	}
}
