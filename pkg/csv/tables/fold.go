package tables

import (
	"time"

	"p1/pkg/telegram"
)

// fold is what the rows of a span say of one column.
type fold struct {
	// A register, or a switch.
	last  value            // its last value
	value telegram.Decimal // the register's last value
	known bool             // there was one, in this span or before
	gain  telegram.Decimal
	grew  bool // gain is known
	fell  fall
	at    readAt // of the register's last value
	bill  amount // what the gain costs or earns

	earlier bool // its last value is of an earlier span
	missed  bool // a telegram since then did not say it
	late    bool // some of the gain is of earlier spans

	n     int64            // how many values there were
	first telegram.Decimal // of them
	final telegram.Decimal // the last one of what is momentary
	begun time.Time        // when the first of a register was read
	ended time.Time        // and the last one that is in the span

	// What is momentary.
	sum      telegram.Decimal
	min, max telegram.Decimal
	above    time.Duration // above the limit
	high     bool          // the last value is
	below    time.Duration // below the lower limit
	low      bool          // the last value is
	held     bool          // how long some value lasted is known
}

// readAt is when a register was read, by the meter's clock.
type readAt struct {
	at       time.Time
	floating bool // its offset is not known
}

// instant is the moment that it was, zero where no offset is known.
func (r readAt) instant() time.Time {
	if r.floating {
		return time.Time{}
	}
	return r.at
}

// fall is that of a register which has not returned yet to the value before it. Where it
// does, it has not really fallen: a reading was wrong, or the clock was set back, so that
// what came before and after that is mixed. Where it does not, it counts on from where it
// fell to.
type fall struct {
	from  telegram.Decimal // the value before it
	since int              // readings since then, 0 where there is no fall
	at    readAt           // of that value
	bill  amount           // of the gain
	gain  telegram.Decimal // since then, which counts once it is known that it does not return
	late  bool             // some of that was gained in earlier spans
}

// Stays is how many readings after a fall tell that a register does not return.
const Stays = 60

// take folds a row into the span. Its registers may be counted already, in the
// span that it ends.
func (p *period) take(s *everySink, row []value, counted bool, at readAt) {
	for i, r := range s.plan {
		f, v := &p.folds[i], row[r.from]
		switch {
		case r.what == telegram.Switch:
			if v.form != absent {
				f.last = v
			}
		case v.form != numberForm:
			f.high, f.low, f.missed = false, false, true
		case r.what == telegram.Register:
			if f.n == 0 {
				f.first, f.begun = v.number, at.at
			}
			f.ended = at.at
			f.n++
			if counted {
				f.last = v
				continue
			}
			f.register(v, p, at, r.bill)
		default:
			f.moment(v.number)
			f.high = r.volt && above(v.number, s.o.LimitVoltage)
			f.low = r.volt && above(s.o.LowVoltage, v.number)
		}
	}
}

// close folds the registers of a row at the very end of the span into it.
func (p *period) close(s *everySink, row []value, at readAt) {
	for i, r := range s.plan {
		if v := row[r.from]; r.what == telegram.Register && v.form == numberForm {
			p.folds[i].register(v, p, at, r.bill)
		}
	}
}

// begin empties the span but for what the next one goes on from. The row that
// comes next has the time t.
func (p *period) begin(t time.Time) {
	end := p.end
	p.telegrams, p.unverified, p.repaired = 0, 0, 0
	p.peak.begin()
	for i := range p.folds {
		f := &p.folds[i]
		next := fold{value: f.value, known: f.known, high: f.high, low: f.low, fell: f.fell, earlier: true, missed: f.missed, at: f.at}
		next.fell.late = f.fell.gain.Digits > 0
		if t.After(end) && t.Sub(p.last) <= maxGap && t.After(p.last) {
			next.hold(t.Sub(end))
		}
		p.folds[i] = next
	}
}

// hold notes that the last row's voltages lasted until t, or until the span's end.
func (p *period) hold(s *everySink, t time.Time) {
	lasted := t.Sub(p.last)
	if lasted <= 0 || lasted > maxGap {
		return
	}
	if t.After(p.end) {
		lasted = p.end.Sub(p.last)
	}
	for i, r := range s.plan {
		if f := &p.folds[i]; r.volt && f.n > 0 {
			f.held = true
			f.hold(lasted)
		}
	}
}

// hold notes that the last value lasted for so long.
func (f *fold) hold(lasted time.Duration) {
	if f.high {
		f.above += lasted
	}
	if f.low {
		f.below += lasted
	}
}

// apart reports whether more than a quarter of an hour, or all of another span, lies between a
// reading before the span and one that counts in it: what was gained from the one to the other
// is not the span's alone.
func (p *period) apart(since, at readAt) bool {
	return since.at.Before(p.start) && since.floating == at.floating &&
		(at.at.Sub(since.at) > quarter || since.at.Before(p.start.Add(p.start.Sub(p.end))))
}

// quarter is the span that the power of meters is counted by.
const quarter = 15 * time.Minute

// register takes the next value of a register, read at a time in the span p, or at its end.
// Where it fell, what was gained meanwhile is not known.
func (f *fold) register(v value, p *period, at readAt, bill *billing) {
	if v.number == f.value && f.grew && f.fell.since == 0 && bill == nil {
		f.last, f.at, f.earlier, f.missed = v, at, false, false // as most do that stand still
		return
	}
	before, since := f.value, f.at
	if f.fell.since > 0 {
		f.fell.since++
		switch {
		case !above(f.fell.from, v.number): // it has returned
			before, since, f.fell = f.fell.from, f.fell.at, fall{}
		case f.fell.since > Stays:
			f.settle()
		}
	}
	if f.known {
		step, ok := minus(v.number, before)
		switch {
		case !ok:
		case f.fell.since > 0 && step.Digits > 0:
			if sum, ok := f.fell.gain.Plus(step); ok {
				f.fell.gain = sum
				f.fell.bill.add(bill.of(step, since.instant(), at.instant()))
			}
		case f.fell.since > 0:
		case step.Digits < 0:
			f.fell = fall{from: before, since: 1, at: since}
		default:
			f.add(step, bill.of(step, since.instant(), at.instant()))
			f.late = f.late || step.Digits > 0 && (f.earlier && f.missed || p.apart(since, at))
		}
	}
	f.last, f.value, f.known, f.at = v, v.number, true, at
	f.earlier, f.missed = false, false
}

// settle counts what was gained after a fall: the register does not return.
func (f *fold) settle() {
	if f.fell.gain.Digits > 0 {
		f.add(f.fell.gain, f.fell.bill)
		f.late = f.late || f.fell.late
	}
	f.fell = fall{}
}

// add adds a step to the gain, and what it costs or earns.
func (f *fold) add(step telegram.Decimal, bill amount) {
	if sum, ok := f.gain.Plus(step); ok {
		f.gain, f.grew = sum, true
		f.bill.add(bill)
	}
}

// moment takes the next momentary value.
func (f *fold) moment(d telegram.Decimal) {
	sum, ok := f.sum.Plus(d)
	if !ok {
		return
	}
	if f.n == 0 {
		f.first = d
	}
	f.final = d
	if f.n == 0 || above(f.min, d) {
		f.min = d
	}
	if f.n == 0 || above(d, f.max) {
		f.max = d
	}
	f.sum = sum
	f.n++
}

// values appends what the columns of a rule show.
func (f *fold) values(row []value, r rule, season byte) []value {
	if r.what == telegram.Switch {
		return append(row, f.last)
	}
	count := countValue(f.n)
	switch {
	case r.what == telegram.Register && r.ends:
		begun, ended := telegram.Clock{Time: f.begun, Season: season}, telegram.Clock{Time: f.ended, Season: season}
		return append(row, f.last, numberOr(f.gain, f.grew), numberOr(f.first, f.n > 0), count, clockValue(begun, f.n > 0), clockValue(ended, f.n > 0))
	case r.what == telegram.Register:
		return append(row, f.last, numberOr(f.gain, f.grew))
	case r.ends && f.n == 0:
		row = append(row, value{}, value{}, value{}, value{}, value{}, count)
	case r.ends:
		row = append(row, numberValue(f.min), numberValue(f.max), numberValue(f.first), numberValue(f.final), numberValue(f.sum), count)
	case f.n == 0:
		row = append(row, value{}, value{}, value{})
	default:
		mean := numberOr(rounded(f.sum, 1, telegram.Decimal{Digits: f.n}))
		row = append(row, mean, numberValue(f.min), numberValue(f.max))
	}
	if !r.volt {
		return row
	}
	row = append(row, numberOr(telegram.Decimal{Digits: int64(f.above / time.Second)}, f.held))
	if r.ends {
		row = append(row, numberOr(telegram.Decimal{Digits: int64(f.below / time.Second)}, f.held))
	}
	return row
}
