package tables

import (
	"strconv"
	"time"

	"p1/pkg/telegram"
)

// fold is what the rows of a span say of one column.
type fold struct {
	// A register, or a switch.
	last  string           // its last value, as it stands in the row
	value telegram.Decimal // the register's last value
	known bool             // there was one, in this span or before
	gain  telegram.Decimal
	grew  bool // gain is known

	// What is momentary.
	n        int64
	sum      telegram.Decimal
	min, max telegram.Decimal
	above    time.Duration // above the limit
	high     bool          // the last value is
	held     bool          // how long some value lasted is known
}

// take folds a row into the span. Its registers may be counted already, in the
// span that it ends.
func (p *period) take(s *everySink, cells []string, counted bool) {
	for i, r := range s.plan {
		f, cell := &p.folds[i], cells[r.from]
		if r.what == telegram.Switch {
			if cell != "" {
				f.last = cell
			}
			continue
		}
		d, ok := telegram.ParseDecimal(cell)
		switch {
		case !ok:
			f.high = false
		case r.what == telegram.Register && counted:
			f.last = cell
		case r.what == telegram.Register:
			f.register(d, cell)
		default:
			f.moment(d)
			f.high = r.volt && above(d, s.o.LimitVoltage)
		}
	}
}

// close folds the registers of a row at the very end of the span into it.
func (p *period) close(s *everySink, cells []string) {
	for i, r := range s.plan {
		if r.what != telegram.Register {
			continue
		}
		if d, ok := telegram.ParseDecimal(cells[r.from]); ok {
			p.folds[i].register(d, cells[r.from])
		}
	}
}

// begin empties the span but for what the next one goes on from. The row that
// comes next has the time t.
func (p *period) begin(t time.Time) {
	end := p.end
	p.telegrams, p.unverified = 0, 0
	for i := range p.folds {
		f := &p.folds[i]
		next := fold{value: f.value, known: f.known, high: f.high}
		if f.high && t.After(end) && t.Sub(p.last) <= maxGap && t.After(p.last) {
			next.above = t.Sub(end)
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
			if f.high {
				f.above += lasted
			}
		}
	}
}

// register takes the next value of a register. Where it fell, what was gained
// meanwhile is not known.
func (f *fold) register(d telegram.Decimal, cell string) {
	if f.known {
		if step, ok := minus(d, f.value); ok && step.Digits >= 0 {
			if sum, ok := plus(f.gain, step); ok {
				f.gain, f.grew = sum, true
			}
		}
	}
	f.last, f.value, f.known = cell, d, true
}

// moment takes the next momentary value.
func (f *fold) moment(d telegram.Decimal) {
	sum, ok := plus(f.sum, d)
	if !ok {
		return
	}
	if f.n == 0 || above(f.min, d) {
		f.min = d
	}
	if f.n == 0 || above(d, f.max) {
		f.max = d
	}
	f.sum = sum
	f.n++
}

// cells appends what the columns of a rule show.
func (f *fold) cells(cells []string, r rule) []string {
	if r.what == telegram.Switch {
		return append(cells, f.last)
	}
	if r.what == telegram.Register {
		cells = append(cells, f.last)
		if !f.grew {
			return append(cells, "")
		}
		return append(cells, f.gain.String())
	}
	if f.n == 0 {
		cells = append(cells, "", "", "")
	} else {
		mean := rounded(nil, f.sum, 1, telegram.Decimal{Digits: f.n})
		cells = append(cells, string(mean), f.min.String(), f.max.String())
	}
	if !r.volt {
		return cells
	}
	if !f.held {
		return append(cells, "")
	}
	return append(cells, strconv.FormatInt(int64(f.above/time.Second), 10))
}
